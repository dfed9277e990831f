import { expect, test } from "bun:test"
import { InformerSet } from "../../../../src/runtime/mod.ts"
import { widget, widgets } from "../support.ts"
import { informerDeps } from "./setup.ts"

function setup() {
  const deps = informerDeps()
  return { ...deps, set: new InformerSet(deps) }
}

test("equal needs share one informer, started at the first use", async () => {
  const { set, client, clock } = setup()
  const one = set.acquire({ resource: widgets }, "a")
  const two = set.acquire({ resource: widgets }, "b")
  await clock.settle()
  expect(two).toBe(one)
  expect([set.running, client.streams.length]).toEqual([1, 1])
})

test("another namespace, selector or projection is another informer", () => {
  const { set } = setup()
  const all = [
    {},
    { namespace: "shop" },
    { labelSelector: "a=b" },
    { fieldSelector: "a=b" },
    { project: () => undefined },
    { resource: { ...widgets, gvr: { ...widgets.gvr, resource: "gadgets" } } },
  ].map((more) => set.acquire({ resource: widgets, ...more }, "a"))
  expect(new Set(all).size).toBe(6)
})

test("indexes of a later owner cover what is there already", async () => {
  const { set, client, clock } = setup()
  const informer = set.acquire({ resource: widgets }, "a")
  await clock.settle()
  client.stream.added(widget("x", 1))
  client.stream.bookmark("5", true)
  await clock.settle()
  set.acquire({ resource: widgets, indexes: { name: (object) => [object.metadata.name ?? ""] } }, "b")
  expect(informer.lister.byIndex("name", "x").length).toBe(1)
})

test("an informer lives until its last owner lets go, and then leaves nothing behind", async () => {
  const { set, client, clock } = setup()
  set.acquire({ resource: widgets }, "a")
  set.acquire({ resource: widgets }, "b")
  set.acquire({ resource: widgets, namespace: "shop" }, "a")
  await clock.settle()
  await set.release("a")
  expect(set.running).toBe(1)
  expect(client.streams.map((stream) => stream.closed)).toEqual([false, true])
  await set.release("nobody")
  await set.release("b")
  expect([set.running, client.streams.every((stream) => stream.closed), clock.pending.length]).toEqual([0, true, 0])
})

test("a new owner after the end gets a new informer", async () => {
  const { set, clock } = setup()
  const old = set.acquire({ resource: widgets }, "a")
  const released = set.release("a")
  const fresh = set.acquire({ resource: widgets }, "a")
  await released
  await clock.settle()
  expect(fresh).not.toBe(old)
  expect(set.running).toBe(1)
  await set.stop()
  expect(set.running).toBe(0)
})
