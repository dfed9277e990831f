import { describe, expect, test } from "bun:test"
import { cleanupFinalizer } from "../../../src/operator/mod.ts"
import { katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const page = "onReconcile:\n  configMaps: [{ name: page }]"
const start = (keys: string, box = page, more = {}) =>
  World.start(katalog(box, keys), { objects: [{ ...website("shop", { team: "blue" }), ...more }] })
const read = (world: World) => world.server.read("Website", "default/shop")?.metadata

describe("labels of custom resources", () => {
  const labels = 'labels: { example.com/team: "{{ .spec.team }}", tier: web, empty: "{{ .spec.none }}" }'

  test("are written with what their templates yield, and then nothing more", async () => {
    await using world = await start(labels)
    expect(read(world)?.labels).toEqual({ "example.com/team": "blue", tier: "web" })
    world.server.takeWrites()
    await world.advance("11m")
    expect(world.server.takeWrites()).toEqual([])
  })

  test("are written again when somebody changes them, and others stay", async () => {
    await using world = await start(labels)
    world.server.edit("Website", "default/shop", { metadata: { labels: { tier: "db", mine: "yes" } } })
    await world.settle()
    expect(read(world)?.labels).toEqual({ "example.com/team": "blue", tier: "web", mine: "yes" })
  })

  test("that cannot be made are said and hold up nothing", async () => {
    await using world = await start('labels: { team: "a b", tier: "{{ required \\"no\\" .spec.none }}" }')
    expect(read(world)?.labels).toBeUndefined()
    expect(world.server.read("ConfigMap", "default/page")).toBeDefined()
    expect(world.condition("Stalled")).toMatchObject({ status: "True", reason: "TemplateError" })
  })

  test("one wrong value leaves the right ones", async () => {
    await using world = await start('labels: { team: "{{ .spec.team }}", bad: "a b" }')
    expect(read(world)?.labels).toEqual({ team: "blue" })
    expect(world.condition("Ready")).toMatchObject({ status: "False", reason: "TemplateError" })
  })
})

describe("declared finalizers", () => {
  const held = `finalizers: [example.com/a, example.com/b]\n${page}`

  test("stand on every custom resource and go with its deletion", async () => {
    await using world = await start("", held)
    expect(read(world)?.finalizers).toEqual(["example.com/a", "example.com/b"])
    world.server.remove("Website", "default/shop")
    await world.settle()
    expect(read(world)).toBeUndefined()
  })

  test("leave those of others, which hold the custom resource longer", async () => {
    await using world = await start("", held)
    world.server.edit("Website", "default/shop", {
      metadata: { finalizers: ["example.com/a", "example.com/b", "other.example/x"] },
    })
    world.server.remove("Website", "default/shop")
    await world.settle()
    expect(read(world)?.finalizers).toEqual(["other.example/x"])
  })

  test("of the Katalog hold where the operatorBox names none", async () => {
    const all = (box: string) => katalog(box).replace("spec:", "spec:\n  finalizers: [example.com/all]")
    await using world = await World.start(all(page), { objects: [website("shop")] })
    expect(read(world)?.finalizers).toEqual(["example.com/all"])
    await using other = await World.start(all(`finalizers: [example.com/own]\n${page}`), { objects: [website("shop")] })
    expect(read(other)?.finalizers).toEqual(["example.com/own"])
  })

  test("stand beside our own", async () => {
    const far = "finalizers: [example.com/a]\nonReconcile:\n  configMaps: [{ name: page, namespace: far }]"
    await using world = await start("", far)
    expect(read(world)?.finalizers).toEqual([cleanupFinalizer, "example.com/a"])
    world.server.remove("Website", "default/shop")
    await world.settle()
    await world.advance("10s")
    expect(read(world)).toBeUndefined()
    expect(world.server.read("ConfigMap", "far/page")).toBeUndefined()
  })
})

test("removeFinalizers takes off those of others too, but not how the server collects", async () => {
  await using world = await start("removeFinalizers: true")
  world.server.isCollecting = false
  world.server.edit("Website", "default/shop", { metadata: { finalizers: ["other.example/x", "foregroundDeletion"] } })
  world.server.remove("Website", "default/shop")
  await world.settle()
  expect(read(world)?.finalizers).toEqual(["foregroundDeletion"])
})

describe("sleep", () => {
  const box = "onReconcile:\n  configMaps: [{ name: page, sleep: 5m }, { name: now }]"

  test("makes an object so long after its custom resource, and nobody waits for it", async () => {
    await using world = await start("", box)
    expect(world.server.read("ConfigMap", "default/now")).toBeDefined()
    expect(world.server.read("ConfigMap", "default/page")).toBeUndefined()
    expect(world.condition("Ready")).toMatchObject({ status: "False", reason: "Waiting" })
    await world.advance("5m")
    expect(world.server.read("ConfigMap", "default/page")).toBeDefined()
    expect(world.condition("Ready")).toMatchObject({ status: "True" })
  })

  test("does not count again after a restart", async () => {
    await using world = await start("", box)
    await world.advance("6m")
    world.server.remove("ConfigMap", "default/page")
    await world.restart()
    expect(world.server.read("ConfigMap", "default/page")).toBeDefined()
  })
})

test("a mutation that fires at admission only changes nothing in a pass", async () => {
  const rule = (fires: string) => `mutation: { rules: [{ field: spec.team, override: red${fires} }] }`
  const shown = 'onReconcile:\n  configMaps: [{ name: page, data: { team: "{{ .spec.team }}" } }]'
  const team = (world: World) => world.server.read("ConfigMap", "default/page")?.["data"]
  await using world = await start(rule(", fires: { reconcile: false }"), shown)
  expect(team(world)).toEqual({ team: "blue" })
  await using other = await start(rule(""), shown)
  expect(team(other)).toEqual({ team: "red" })
})
