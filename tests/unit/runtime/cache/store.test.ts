import { expect, test } from "bun:test"
import { Bug, type Random, seeded } from "../../../../src/base/mod.ts"
import { type KubeObject, objectKey } from "../../../../src/kube/mod.ts"
import { type Change, Store } from "../../../../src/runtime/cache/store.ts"
import { widget } from "../support.ts"

const put = (store: Store, ...objects: KubeObject[]) =>
  objects.flatMap((object) => store.upsert(store.report(object))).map((change) => change.type)
const names = (objects: readonly KubeObject[]) => objects.map((object) => object.metadata.name).sort()

test("objects are found by key, by namespace and by index, and indexes follow every change", () => {
  const store = new Store()
  put(store, widget("a", 1, { labels: { owner: "x" } }), widget("b", 2, { namespace: "other", labels: { owner: "x" } }))
  store.addIndex("owner", (object) => [object.metadata.labels?.["owner"] ?? ""])
  expect(names(store.byIndex("owner", "x"))).toEqual(["a", "b"])
  expect(names(store.list("other"))).toEqual(["b"])
  put(store, widget("a", 3, { labels: { owner: "y" } }))
  expect(names(store.byIndex("owner", "x"))).toEqual(["b"])
  expect(store.byIndex("owner", "y")[0]).toBe(store.get(objectKey("shop", "a"))!)
  store.delete(widget("b", 4, { namespace: "other" }))
  expect(names(store.byIndex("owner", "x"))).toEqual([])
  expect([store.size, store.list().length, store.list("other").length]).toEqual([1, 1, 0])
})

test("an object may stand under several values of an index, and under one value once", () => {
  const store = new Store()
  put(store, widget("a", 1, { finalizers: ["x", "y", "x"] }))
  store.addIndex("finalizer", (object) => object.metadata.finalizers ?? [])
  expect([names(store.byIndex("finalizer", "x")), names(store.byIndex("finalizer", "y"))]).toEqual([["a"], ["a"]])
})

test("an index that nobody declared is a bug, a value that nobody has is empty", () => {
  const store = new Store()
  expect(() => store.byIndex("owner", "x")).toThrow(Bug)
  expect(store.byIndex("namespace", "nowhere")).toEqual([])
})

test("a list makes the store equal to it", () => {
  const store = new Store()
  put(store, widget("stays", 1), widget("changes", 2), widget("goes", 3), widget("reborn", 4))
  const listed = [widget("stays", 1), widget("changes", 12), widget("comes", 13), widget("reborn", 14, { uid: "new" })]
  const changes = store.replace(
    listed.map((object) => store.report(object)),
    "20",
  )
  expect(changes.map((change) => `${change.type} ${change.object.metadata.name}`)).toEqual([
    "updated changes",
    "added comes",
    "deleted reborn",
    "added reborn",
    "deleted goes",
  ])
  expect(names(store.list())).toEqual(["changes", "comes", "reborn", "stays"])
})

test("what a list no longer has does not come back through a late answer", () => {
  const store = new Store()
  put(store, widget("gone", 3), widget("reborn", 4))
  store.replace([store.report(widget("reborn", 14, { uid: "new" }))], "20")
  store.delete(widget("reborn", 21, { uid: "new" }))
  expect(put(store, widget("gone", 3), widget("reborn", 4))).toEqual([])
})

test("an end that is heard of twice counts from its latest version", () => {
  const store = new Store()
  store.delete(widget("a", 110))
  store.delete(widget("a", 50))
  expect(put(store, widget("a", 100))).toEqual([])
  expect(put(store, widget("a", 111))).toEqual(["added"])
})

test("ten thousand ends are remembered; the one before may come back", () => {
  const store = new Store()
  const gone = (i: number, version: number) => widget(`w${i}`, version)
  for (let i = 0; i < 10_000; i++) store.delete(gone(i, 5))
  expect(put(store, gone(0, 4))).toEqual([])
  store.delete(gone(10_000, 5)) // the bound + 1: the end heard of longest ago, w1, makes room
  expect(put(store, gone(1, 4))).toEqual(["added"])
  expect(put(store, gone(2, 4))).toEqual([])
})

/** A server's history of some names: each state has a version of its own. */
function history(random: Random, length: number): { readonly type: "put" | "delete"; readonly object: KubeObject }[] {
  const live = new Map<string, string>()
  return Array.from({ length }, (_, i) => {
    const name = `w${Math.floor(random.next() * 4)}`
    const uid = live.get(name) ?? `uid-${i}`
    const type = live.has(name) && random.next() < 0.3 ? "delete" : "put"
    if (type === "delete") live.delete(name)
    else live.set(name, uid)
    return { type, object: widget(name, 100 + i, { uid }) } as const
  })
}

test.each([1, 2, 3, 4, 5, 6])("whatever echoes come in between, the store follows the stream (seed %d)", (seed) => {
  const random = seeded(seed)
  const steps = history(random, 400)
  const store = new Store()
  const truth = new Map<string, KubeObject>()
  const told = new Map<string, KubeObject>()
  const tell = (changes: readonly Change[]) => {
    for (const { type, key, object } of changes) type === "deleted" ? told.delete(key) : told.set(key, object)
  }
  for (const [at, step] of steps.entries()) {
    if (step.type === "delete") {
      truth.delete(step.object.metadata.name!)
      tell(store.delete(step.object))
    } else {
      truth.set(step.object.metadata.name!, step.object)
      tell(store.upsert(store.report(step.object)))
    }
    const echo = steps[Math.floor(random.next() * at)] // an old event once more: a repeat, or a late answer
    if (echo?.type === "put") tell(store.upsert(store.report(echo.object)))
    if (echo?.type === "delete") tell(store.delete(echo.object))
    const versions = (objects: Iterable<KubeObject>) => [...objects].map((o) => o.metadata.resourceVersion).sort()
    expect(versions(store.list())).toEqual(versions(truth.values()))
    expect(versions(told.values())).toEqual(versions(truth.values()))
  }
})
