import { describe, expect, test } from "bun:test"
import { getPath } from "../../../src/kube/mod.ts"
import { Contests } from "../../../src/operator/contests.ts"
import { isNormalForm } from "../../../src/operator/normal-form.ts"
import { FakeClock } from "../../support/clock.ts"
import { configMap, katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const page = katalog('onReconcile:\n  configMaps: [{ name: page, data: { title: "{{ .spec.title }}", other: x } }]')
const title = (world: World) => getPath(world.server.read("ConfigMap", "default/page"), ["data", "title"])

/** Somebody who answers each of our writes. Returns how to stop them. */
function fighter(world: World, value: () => string): () => void {
  const reaction = ({ verb, kind }: { readonly verb: string; readonly kind: string }) => {
    if (verb === "apply" && kind === "ConfigMap") {
      world.server.edit("ConfigMap", "default/page", { data: { title: value() } }, "rival")
    }
  }
  world.server.reactions.add(reaction)
  return () => void world.server.reactions.delete(reaction)
}

async function fought(value: () => string = () => "theirs"): Promise<{ world: World; stop: () => void }> {
  const world = await World.start(page, { objects: [website("shop", { title: "ours" })] })
  const stop = fighter(world, value)
  world.server.edit("ConfigMap", "default/page", { data: { title: value() } }, "rival")
  await world.advance("1m")
  return { world, stop }
}

describe("a field that somebody sets back each time", () => {
  test("is left to them after a while, and named", async () => {
    const { world } = await fought()
    await using _world = world
    expect(title(world)).toBe("theirs")
    const { status, message } = world.condition("FieldContested") ?? {}
    expect(status).toBe("True")
    expect(message).toMatch(/^ConfigMap\/default\/page: \.data\.title was set back by rival 20 times in /)
    expect(world.condition("Ready")).toMatchObject({ status: "False", reason: "FieldContested" })
    world.server.takeWrites()
    await world.advance("1h")
    expect(world.server.takeWrites()).toEqual([])
  })

  test("is left to them also when they take their time", async () => {
    await using world = await World.start(page, { objects: [website("shop", { title: "ours" })] })
    for (let times = 0; times < 12; times++) {
      world.server.edit("ConfigMap", "default/page", { data: { title: "theirs" } }, "rival")
      await world.advance("20s")
    }
    expect(title(world)).toBe("theirs")
    expect(world.condition("FieldContested")?.message).toContain("rival 10 times")
  })

  test("does not keep the other fields from being corrected", async () => {
    const { world, stop } = await fought()
    await using _world = world
    stop()
    world.server.edit("ConfigMap", "default/page", { data: { other: "drift" } })
    await world.settle()
    expect(world.server.read("ConfigMap", "default/page")?.["data"]).toMatchObject({ other: "x" })
  })

  test("is ours again when they give it back", async () => {
    const { world, stop } = await fought()
    await using _world = world
    stop()
    world.server.edit("ConfigMap", "default/page", { data: { title: "ours" } }, "rival")
    await world.settle()
    expect(world.condition("FieldContested")).toBeUndefined()
    world.server.edit("ConfigMap", "default/page", { data: { title: "drift" } }, "rival")
    await world.settle()
    expect(title(world)).toBe("ours")
  })

  test("is tried again when the declared value changes", async () => {
    const { world, stop } = await fought()
    await using _world = world
    stop()
    world.server.edit("Website", "default/shop", { spec: { title: "new" } })
    await world.settle()
    expect(title(world)).toBe("new")
    expect(world.condition("FieldContested")).toBeUndefined()
  })

  test("is left to them also when they set another value each time", async () => {
    let count = 0
    const { world } = await fought(() => `theirs-${count++}`)
    await using _world = world
    expect(world.condition("FieldContested")?.message).toMatch(/ 100 times /)
    expect(count).toBeLessThan(110)
  })

  test("is corrected each time while people try things out", async () => {
    await using world = await World.start(page, { objects: [website("shop", { title: "ours" })] })
    for (let count = 0; count < 50; count++) {
      world.server.edit("ConfigMap", "default/page", { data: { title: `try ${count}` } })
      await world.settle()
      expect(title(world)).toBe("ours")
    }
  })

  test("is remembered for a bounded number of children and fields", () => {
    const contests = new Contests(new FakeClock())
    const field = (path: string) => ({ path, by: "rival", value: "x" })
    for (let child = 0; child <= 1_000; child++) contests.corrected(`child ${child}`, "a", [field("data.x")])
    for (let times = 1; times < 20; times++) contests.corrected("child 0", "a", [field("data.x")])
    expect(contests.of("child 0", "a", ["data.x"]).size).toBe(0) // the first correction was dropped
    const many = Array.from({ length: 21 }, (_, index) => `data.${index}`)
    for (let times = 0; times < 20; times++) contests.corrected("wide", "a", many.map(field))
    expect(contests.of("wide", "a", many).size).toBe(20)
  })
})

describe("what the server makes of a declared value", () => {
  const cpu = (object: { readonly kind: string }) => object.kind === "ConfigMap"

  test("is the declared value: no call after the first", async () => {
    const world = await World.start(page)
    await using _world = world
    world.server.normalize = (object) =>
      cpu(object) ? { ...object, data: { ...(object["data"] as object), title: "1" } } : object // data of a ConfigMap
    world.server.put(website("shop", { title: "1000m" }))
    await world.settle()
    expect(world.condition("Ready")?.status).toBe("True")
    world.server.takeWrites()
    world.server.edit("ConfigMap", "default/page", { metadata: { labels: { team: "a" } } })
    await world.advance("1h")
    await world.restart()
    expect(world.server.takeWrites()).toEqual([])
  })

  test("may be nothing: what the server drops is asked for once", async () => {
    const world = await World.start(page)
    await using _world = world
    world.server.normalize = (object) => (cpu(object) ? { ...object, data: { other: "x" } } : object)
    world.server.put(website("shop", { title: "gone" }))
    await world.settle()
    world.server.takeWrites()
    for (const team of ["a", "b"]) {
      world.server.edit("ConfigMap", "default/page", { metadata: { labels: { team } } })
      await world.settle()
    }
    await world.advance("1h")
    expect(world.server.takeWrites()).toEqual([])
  })

  test("is not what somebody else has set", async () => {
    await using world = await World.start(page, { objects: [website("shop", { title: "1000m" })] })
    world.server.edit("ConfigMap", "default/page", { data: { title: "1" } })
    await world.settle()
    expect(title(world)).toBe("1000m")
  })

  const owned = (fieldsV1: unknown) =>
    configMap("page", {}, { managedFields: [{ manager: "ork", operation: "Apply", fieldsV1 }] })
  const ports = { "f:spec": { "f:ports": { 'k:{"port":80,"protocol":"TCP"}': { ".": {}, "f:name": {} } } } }
  const desired = { ...configMap("page"), spec: { ports: [{ port: 80, name: "web" }], args: ["a"], set: ["x"] } }

  test.each([
    ["a field", { "f:data": { "f:title": {} } }, "data.title", true],
    ["another field", { "f:data": { "f:other": {} } }, "data.title", false],
    ["a map of which others may own parts", { "f:data": { "f:title": {} } }, "data", false],
    ["an item by its keys, one of them a default", ports, "spec.ports[0].name", true],
    ["a field of an item that is not owned", ports, "spec.ports[0].nodePort", false],
    ["a part of a list that is owned as a whole", { "f:spec": { "f:args": {} } }, "spec.args[0]", true],
    ["a member of a set", { "f:spec": { "f:set": { 'v:"x"': {} } } }, "spec.set[0]", true],
    ["nothing", undefined, "data.title", false],
  ])("is told by the owner of %s", (_name, fields, path, expected) => {
    expect(isNormalForm(owned(fields), "ork", { path, desired })).toBe(expected)
    expect(isNormalForm(owned(fields), "somebody", { path, desired })).toBe(false)
  })
})
