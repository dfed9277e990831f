import { describe, expect, test } from "bun:test"
import { OrkError } from "../../../src/base/mod.ts"
import { crd, katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const page = katalog("onReconcile:\n  configMaps: [{ name: page }]")
const plural = "websites.demo.example"

describe("the CRD of an operator", () => {
  test("that comes late is noticed by a watch, and its objects are worked on", async () => {
    await using world = await World.start(page, { crds: [] })
    expect(world.operator().isWorking).toBe(false)
    expect(world.operator().waitsFor).toContain("apply its CRD")
    expect(world.manager.view.probes()).toMatchObject({ started: true, ready: true })
    world.server.put(crd("Website"))
    world.server.put(website("shop"))
    await world.settle()
    expect(world.operator().waitsFor).toBe("")
    expect(world.conditions()).toMatchObject({ Ready: "True" })
  })

  test("that goes stops only its operator, and its return starts it again", async () => {
    await using world = await World.start(page, { objects: [website("shop")] })
    expect(world.operator().isWorking).toBe(true)
    world.server.remove("CustomResourceDefinition", plural)
    await world.settle()
    expect(world.operator().isWorking).toBe(false)
    expect(world.operator().crs).toEqual([])
    expect(world.operator().waitsFor).toContain("does not serve")
    await world.advance("10m")
    world.server.put(crd("Website"))
    world.server.put(website("again"))
    await world.advance("2m") // the collector looks for the children of the old ones again
    expect(world.operator().isWorking).toBe(true)
    expect(world.condition("Ready", "default/again")?.status).toBe("True")
  })

  test("that goes and comes many times leaves one informer per kind behind", async () => {
    await using world = await World.start(page)
    for (let i = 0; i < 5; i++) {
      world.server.remove("CustomResourceDefinition", plural)
      await world.settle()
      world.server.put(crd("Website"))
      await world.settle()
    }
    world.server.put(website("shop"))
    await world.settle()
    expect(world.server.takeWrites()).toEqual(["apply ConfigMap/default/page", "patch Website/default/shop/status"])
  })

  test("that may not be watched is looked for every ten seconds", async () => {
    await using world = await World.start(page, { crds: [] })
    await world.stop()
    world.server.faults.add(({ verb, kind }) =>
      kind === "CustomResourceDefinition" && (verb === "watch" || verb === "list")
        ? new OrkError("api/forbidden", "no")
        : undefined,
    )
    await world.restart()
    world.server.put(crd("Website"))
    await world.advance("11s")
    expect(world.operator().isWorking).toBe(true)
  })
})

describe("the kind of a child", () => {
  const custom = katalog(`onReconcile:
  configMaps: [{ name: page }]
  custom:
    - apiVersion: demo.example/v1
      kind: Database
      metadata: { name: db }
      spec: { size: 3 }`)

  test("that is not served yet is waited for by name, while the others are made", async () => {
    await using world = await World.start(custom, { objects: [website("shop")] })
    expect(world.server.read("ConfigMap", "default/page")).toBeDefined()
    expect(world.condition("Ready")).toMatchObject({ status: "False", reason: "Waiting" })
    expect(world.condition("Ready")?.message).toContain("Database.demo.example")
    world.server.put(crd("Database"))
    await world.settle()
    expect(world.server.read("Database", "default/db")?.["spec"]).toEqual({ size: 3 })
    expect(world.condition("Ready")?.status).toBe("True")
  })

  test("is ready when its own Ready condition says so", async () => {
    await using world = await World.start(custom, {
      crds: [crd("Website"), crd("Database")],
      objects: [website("shop")],
    })
    const said = (status: string) => ({
      status: {
        conditions: [
          { type: "Ready", status, reason: "Said", message: "", lastTransitionTime: "2026-01-01T00:00:00Z" },
        ],
      },
    })
    world.server.edit("Database", "default/db", said("False"))
    await world.settle()
    expect(world.condition("Ready")).toMatchObject({ status: "False", reason: "Waiting" })
    world.server.edit("Database", "default/db", said("True"))
    await world.settle()
    expect(world.condition("Ready")?.status).toBe("True")
  })
})

test("an object that vanishes while it is worked on is forgotten without a complaint", async () => {
  await using world = await World.start(page)
  world.server.faults.add(({ verb, object }) => {
    if (verb === "patch" && object.endsWith("/status")) world.server.remove("Website", "default/shop")
    return undefined
  })
  world.server.put(website("shop"))
  await world.settle()
  expect(world.operator().health.failing).toBe(0)
  expect(world.lines.filter(({ level }) => level === "error" || level === "warn")).toEqual([])
})

test("what templates read of the process is there", async () => {
  const own = katalog(
    `onReconcile:\n  configMaps: [{ name: page, data: { v: "{{ .ork.version }} {{ .ork.namespace }}" } }]`,
  )
  await using world = await World.start(own, { objects: [website("shop")] })
  expect(world.server.read("ConfigMap", "default/page")?.["data"]).toEqual({ v: "test default" })
})
