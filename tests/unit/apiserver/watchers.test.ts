import { expect, test } from "bun:test"
import { History } from "../../../src/apiserver/history.ts"
import type { Change } from "../../../src/apiserver/storage.ts"
import { Watchers, wholeEvent } from "../../../src/apiserver/watchers.ts"
import { weightOf } from "../../../src/apiserver/weight.ts"
import { EventLines } from "../../../src/apiserver/wire/event-lines.ts"
import { Scope, silent } from "../../../src/base/mod.ts"
import { TestApi } from "../../support/api-client.ts"
import { FakeClock } from "../../support/clock.ts"

const prefix = "configmaps"
const all = { prefix, namespace: "", selects: undefined, wantsBookmarks: false, since: 0 }

function change(revision: number, filling = 0): Change {
  const metadata = { name: `m${revision}`, namespace: "shop", resourceVersion: String(revision) }
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata, data: { a: "x".repeat(filling) } }
  return { type: "ADDED", prefix, namespace: "shop", name: metadata.name, revision, object, previous: undefined }
}

test("many watches are told in turns, and what comes meanwhile is taken together", async () => {
  const clock = new FakeClock()
  await using scope = new Scope({ log: silent })
  const watchers = new Watchers()
  watchers.takeTurns(scope, clock)
  const seen: number[] = []
  const opened = Array.from({ length: 80 }, () => watchers.open(all))
  const done = opened.map(async (watcher) => seen.push((await watcher.take())?.length ?? 0))
  watchers.tell(change(1))
  await Promise.resolve()
  await Promise.resolve()
  expect(seen.length).toBe(32)
  watchers.tell(change(2))
  await clock.settle()
  await Promise.all(done)
  expect(seen.filter((count) => count === 1)).toHaveLength(32)
  expect(seen.filter((count) => count === 2)).toHaveLength(48)
})

test("every one of many watches gets everything", async () => {
  await using api = await TestApi.start()
  const maps = "/api/v1/namespaces/shop/configmaps"
  const watches = await Promise.all(Array.from({ length: 100 }, () => api.watch(`${maps}?watch=true`)))
  for (const name of ["one", "two", "three"]) await api.ask("POST", maps, { metadata: { name } })
  for (const watch of watches) expect(await watch.names(3)).toEqual(["ADDED one", "ADDED two", "ADDED three"])
})

test("what waits for a slow reader has a bound in bytes; one byte more ends its watch", () => {
  const bytesMax = 3 * weightOf(change(1, 100).object)
  for (const [last, isEnded] of [
    [100, false],
    [101, true],
  ] as const) {
    const watcher = new Watchers({ bytesMax }).open(all)
    for (const one of [change(1, 100), change(2, 100), change(3, last)]) watcher.offer(one, wholeEvent(one))
    expect(watcher.isEnded).toBe(isEnded)
  }
})

test("one object that is larger than the bound is still told", async () => {
  const watcher = new Watchers({ bytesMax: 10 }).open(all)
  const large = change(1, 1000)
  watcher.offer(large, wholeEvent(large))
  expect(await watcher.take()).toMatchObject([{ revision: 1 }])
})

test("a reader takes 256 events at once and no more, in order", async () => {
  const watcher = new Watchers().open(all)
  for (let i = 1; i <= 257; i++) watcher.offer(change(i), wholeEvent(change(i)))
  const revisions = (events: Awaited<ReturnType<typeof watcher.take>>) => events?.map(({ revision }) => revision)
  expect(revisions(await watcher.take())).toEqual(Array.from({ length: 256 }, (_, i) => i + 1))
  expect(revisions(await watcher.take())).toEqual([257])
})

test("what is remembered of a kind has a bound in bytes", () => {
  const bytesMax = 3 * weightOf(change(1, 100).object)
  const history = new History({ beginning: 0, bytesMax })
  for (let i = 1; i <= 3; i++) history.add(change(i, 100))
  expect(history.since(prefix, 0)).toHaveLength(3)
  history.add(change(4, 100))
  expect(history.since(prefix, 0)).toBe("expired")
  expect(history.since(prefix, 1)).toHaveLength(3)
  history.add(change(5, 1000))
  expect(history.since(prefix, 4)).toBe("expired")
  expect(history.since(prefix, 5)).toEqual([])
})

test("remembered lines are bounded in number and bytes", () => {
  const lines = new EventLines()
  const changes = Array.from({ length: 1025 }, (_, i) => change(i))
  for (const one of changes) lines.set(one, "ADDED", new Uint8Array(1))
  expect(lines.size).toEqual({ lines: 1024, bytes: 1024 })
  expect([changes[0], changes[1]].map((one) => one && lines.get(one, "ADDED") !== undefined)).toEqual([false, true])
  lines.set(change(2000), "ADDED", new Uint8Array(8 * 1024 * 1024))
  expect(lines.size).toEqual({ lines: 1, bytes: 8 * 1024 * 1024 })
  lines.set(change(2001), "ADDED", new Uint8Array(1))
  expect(lines.size).toEqual({ lines: 1, bytes: 1 })
})

test("an object's weight is never less than a sixth of its text", () => {
  const values = [
    null,
    true,
    -1.5e-300,
    "",
    "\u0000\u0001",
    [],
    [[[]]],
    {},
    { "\u0000": "\u0000" },
    { a: [1, "é", {}] },
  ]
  for (const value of values) expect(6 * weightOf(value)).toBeGreaterThanOrEqual(JSON.stringify(value).length)
})
