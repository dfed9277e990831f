import { expect, test } from "bun:test"
import { storeRecorded } from "../../../src/apiserver/bootstrap-objects.ts"
import { builtinResources } from "../../../src/apiserver/mod.ts"
import { MemoryStorage } from "../../../src/apiserver/storage-memory.ts"
import { seeded } from "../../../src/base/mod.ts"
import { FakeClock } from "../../support/clock.ts"

const deps = { clock: new FakeClock(), random: seeded(1) }
const roles = "rbac.authorization.k8s.io/clusterroles"
const admin = { prefix: roles, namespace: "", name: "admin" }

test("a new cluster has what a real one has, each object as one of a kind that is served", () => {
  const storage = new MemoryStorage()
  storeRecorded(storage, deps)
  const served = builtinResources()
  const stored = served.flatMap(({ prefix, kind }) => storage.list(prefix).map((object) => [object.kind, kind]))
  expect(stored.length).toBeGreaterThan(150)
  expect(stored.every(([own, kind]) => own === kind)).toBe(true)
  expect(storage.get(admin)?.metadata.uid).toHaveLength(36)
})

test("what is there already stays as it is", () => {
  const storage = new MemoryStorage()
  storeRecorded(storage, deps)
  const metadata = storage.get(admin)?.metadata ?? {}
  const mine = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata, rules: [] }
  storage.put(admin, mine, metadata.resourceVersion)
  const { revision } = storage
  storeRecorded(storage, deps)
  expect(storage.revision).toBe(revision)
  expect(storage.get(admin)?.["rules"]).toEqual([])
})
