import { expect, test } from "bun:test"
import { leaderClient, leaseResource } from "../../../../src/runtime/mod.ts"
import { ScriptedClient } from "../../../support/scenario.ts"

const lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: "a", namespace: "b" } }

test("writes pass while we lead and fail without a call once we do not; reads always pass", async () => {
  let isLeader = true
  const server = new ScriptedClient()
  for (const verb of ["get", "create", "delete", "apply", "patch"] as const) server.always(verb, () => lease)
  const client = leaderClient(server, () => isLeader)
  const key = "b/a" as never // the key that objectKey("b", "a") gives
  const writes = [
    () => client.create(leaseResource, lease),
    () => client.delete(leaseResource, key),
    () => client.apply(leaseResource, lease, { fieldManager: "test" } as never), // other options do not matter here
    () => client.patch(leaseResource, key, { type: "merge", body: {} }),
  ]
  for (const write of writes) await write()
  expect(server.calls).toHaveLength(4)
  isLeader = false
  for (const write of writes) await expect(write()).rejects.toMatchObject({ name: "LeadershipLost" })
  expect(server.calls).toHaveLength(4)
  await client.get(leaseResource, key)
  expect(server.calls).toHaveLength(5)
})
