import { describe, expect, test } from "bun:test"
import { objectKey } from "../../../src/kube/mod.ts"
import { Said } from "../../../src/operator/said.ts"
import { katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const start = (box: string, spec: Readonly<Record<string, unknown>> = { title: "a" }) =>
  World.start(katalog(box), { objects: [website("shop", spec)] })

const said = (world: World, reason = "Told") =>
  world
    .events()
    .filter((event) => event.reason === reason)
    .map(({ message }) => message)

describe("a declared event", () => {
  const told = (more = "") =>
    `events: { titled: { type: Normal, reason: Told, message: "title {{ .spec.title }}"${more} } }`

  test("is sent when its text changes, and not again before", async () => {
    await using world = await start(told())
    await world.advance("2h")
    expect(said(world)).toEqual(["title a"])
    world.server.edit("Website", "default/shop", { spec: { title: "b", other: 1 } })
    await world.settle()
    world.server.edit("Website", "default/shop", { spec: { other: 2 } })
    await world.settle()
    expect(said(world)).toEqual(["title a", "title b"])
  })

  test("is sent when its condition turns true, each time", async () => {
    await using world = await start(told(", when: [{ field: spec.on, equals: true }]"))
    const counts: number[] = []
    for (const on of [true, true, false, true]) {
      world.server.edit("Website", "default/shop", { spec: { on, n: counts.length } })
      await world.advance("15m") // a repetition so late is an event of its own
      counts.push(said(world).length)
    }
    expect(counts).toEqual([1, 1, 1, 2])
  })

  test("is new for a custom resource that is new", async () => {
    await using world = await start(told())
    world.server.remove("Website", "default/shop")
    await world.settle()
    world.server.put(website("shop", { title: "a" }))
    await world.settle()
    expect(said(world)).toEqual(["title a"])
  })

  test("reads the status that this pass has written", async () => {
    const status = 'status: { fields: [{ path: phase, value: "{{ .spec.title }}" }] }'
    await using world = await start(
      `${status}\nevents: { phase: { type: Warning, reason: Told, message: "{{ .status.phase }}" } }`,
    )
    expect(said(world)).toEqual(["a"])
  })

  test("reads children that no other template reads", async () => {
    const children = "onReconcile: { configMaps: [{ name: page }] }"
    await using world = await start(
      `${children}\nevents: { made: { type: Normal, reason: Told, message: "made {{ .children.configMap.metadata.name }}" } }`,
    )
    expect(said(world)).toEqual(["made page"])
  })

  test("without conditions is about successes; with them it may be about failures", async () => {
    const broken = `onReconcile: { configMaps: [{ name: a, data: { b: '{{ fail "no" }}' } }] }
events:
  good: { type: Normal, reason: Told, message: fine }
  bad: { type: Warning, reason: Failed, message: bad, when: [{ field: spec.title, exists: true }] }`
    await using world = await start(broken)
    expect([said(world), said(world, "Failed")]).toEqual([[], ["bad"]])
  })

  test("whose text cannot be made fails nothing", async () => {
    await using world = await start(
      `events: { a: { type: Normal, reason: Told, message: '{{ required "no" .spec.nothing }}' } }`,
    )
    await world.advance("1h")
    expect(world.condition("Ready")?.status).toBe("True")
    expect(world.lines.filter(({ level, message }) => level === "warn" && message.includes("event a"))).toHaveLength(1)
  })
})

describe("requeue", () => {
  const passes = async (world: World, duration: string) => {
    const before = world.operator().health.total
    await world.advance(duration)
    return world.operator().health.total - before
  }
  const box = (requeue: string, more = "") => katalog(`requeue: ${requeue}${more}`, "resync: 100h")

  test.each([
    ['{ after: "10s" }', 6],
    ['{ after: "{{ .spec.every }}" }', 3],
    ['{ after: "" }', 0],
    ['{ after: "0s" }', 0],
    ['{ after: "{{ .spec.title }}" }', 0],
    ['{ after: "10s", when: [{ field: spec.title, equals: b }] }', 0],
  ])("%s", async (requeue, expected) => {
    await using world = await World.start(box(requeue), {
      objects: [website("shop", { title: "a", every: "20s" })],
    })
    expect(await passes(world, "60s")).toBe(expected)
    expect(world.condition("Ready")?.status).toBe("True")
  })

  test("does not follow a failure", async () => {
    const text = box('{ after: "10s" }', `\nonReconcile: { configMaps: [{ name: a, data: { b: '{{ fail "no" }}' } }] }`)
    await using world = await World.start(text, { objects: [website("shop")] })
    expect(await passes(world, "60s")).toBe(0)
  })

  test("writes nothing by itself", async () => {
    const text = box('{ after: "10s" }', "\nonReconcile: { configMaps: [{ name: a }] }")
    await using world = await World.start(text, { objects: [website("shop")] })
    world.server.takeWrites()
    await world.advance("5m")
    expect(world.server.takeWrites()).toEqual([])
  })
})

test("what was said takes no room when there is nothing to say, or nobody", () => {
  const memory = new Said()
  const [a, b] = [objectKey("default", "a"), objectKey("default", "b")]
  expect([memory.isNews(a, "x", "1"), memory.isNews(a, "x", "1"), memory.isNews(b, "x", "1")]).toEqual([
    true,
    false,
    true,
  ])
  memory.isNews(a, "x", undefined)
  memory.forget(b)
  expect(memory.size).toBe(0)
})
