import { expect, test } from "bun:test"
import { OrkError } from "../../../src/base/mod.ts"
import { objectKey, type ResourceInfo } from "../../../src/kube/mod.ts"
import type { WatchEvent } from "../../../src/runtime/client/api.ts"
import { FakeClock } from "../../support/clock.ts"
import { hang, ScriptedClient } from "../../support/scenario.ts"

const pods: ResourceInfo = {
  gvk: { group: "", version: "v1", kind: "Pod" },
  gvr: { group: "", version: "v1", resource: "pods" },
  namespaced: true,
  singular: "pod",
  shortNames: ["po"],
  verbs: ["get"],
  subresources: [],
}
const key = objectKey("shop", "a")

test("a call takes the next answer in line, then the standing one, else the server is unreachable", async () => {
  const client = new ScriptedClient()
  await expect(client.get(pods, key)).rejects.toMatchObject({ code: "net/refused" })
  client.always("get", () => undefined)
  client.next("get", new OrkError("api/throttled", "slowly"))
  await expect(client.get(pods, key)).rejects.toMatchObject({ code: "api/throttled" })
  expect(await client.get(pods, key)).toBeUndefined()
  expect(client.of("get").map((call) => call.key)).toEqual([key, key, key])
})

test("every call ends promptly when its signal aborts, with the signal's reason", async () => {
  const client = new ScriptedClient()
  client.always("get", hang)
  const stop = new AbortController()
  const reason = new Error("enough")
  const asked = client.get(pods, key, { signal: stop.signal })
  const watched = Array.fromAsync(client.watch(pods, { signal: stop.signal }))
  await new FakeClock().settle()
  stop.abort(reason)
  const answers = await Promise.allSettled([asked, watched])
  expect<unknown>(answers).toEqual([1, 2].map(() => ({ status: "rejected", reason })))
  expect(client.stream.closed).toBe(true)
})

test("a stream gives what the test sends, in order, and ends as the test says", async () => {
  const client = new ScriptedClient()
  const clock = new FakeClock()
  const seen: WatchEvent["type"][] = []
  const read = async () => {
    for await (const event of client.watch(pods)) seen.push(event.type)
  }
  const [first, second] = [read(), read()]
  await clock.settle()
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "a" } }
  client.streams[0]?.added(pod)
  client.streams[0]?.deleted(pod)
  client.streams[0]?.bookmark("5")
  client.streams[0]?.end()
  await first
  expect(seen).toEqual(["ADDED", "DELETED", "BOOKMARK"])
  client.stream.fail(new OrkError("api/expired", "too old"))
  await expect(second).rejects.toMatchObject({ code: "api/expired" })
})
