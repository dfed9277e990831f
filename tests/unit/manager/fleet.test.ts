import { describe, expect, test } from "bun:test"
import { OrkError } from "../../../src/base/mod.ts"
import { LeadershipLost } from "../../../src/runtime/mod.ts"
import type { Fault } from "../../support/embedded-server.ts"
import { crd, group, website } from "../../support/makers.ts"
import { planOf, World } from "../../support/world.ts"

/** A Katalog of entries `name: dependsOn`, each with a CRD of its own and one ConfigMap per object. */
function chain(entries: Readonly<Record<string, string>>): string {
  const lines = Object.entries(entries).map(([name, dependsOn]) => {
    const kind = kindOf(name)
    const box = `{ onReconcile: { configMaps: [{ name: "{{ .metadata.name }}-${name}" }] } }`
    return `    ${name}:
      apiTypes: { group: ${group}, version: v1, kind: ${kind} }
      dependsOn: ${dependsOn}
      operatorBox: ${box}`
  })
  return `apiVersion: orkestra.orkspace.io/v1\nkind: Katalog\nmetadata: { name: demo }\nspec:\n  crds:\n${lines.join("\n")}\n`
}

const kindOf = (name: string) => `${name.charAt(0).toUpperCase()}${name.slice(1)}`
const crds = (...names: readonly string[]) => names.map((name) => crd(kindOf(name)))
const cr = (name: string, kind: string) => website(name, {}, { kind: kindOf(kind) })
const said = (world: World, message: string) =>
  world.lines.filter((line) => line.message === message).map((line) => String(line.fields["operator"]))
const states = (world: World) =>
  Object.fromEntries(
    world.manager.view.operators().map(({ name, state, why }) => [name, why ? `${state}: ${why}` : state]),
  )

const three = chain({ shop: "{ database: started }", database: "[tenant]", tenant: "[]" })

describe("operators", () => {
  test("start after what they depend on, and stop before it", async () => {
    await using world = await World.start(three, { crds: crds("tenant", "database", "shop") })
    expect(said(world, "operator started")).toEqual(["tenant", "database", "shop"])
    expect(world.manager.view.operators().map(({ name }) => name)).toEqual(["tenant", "database", "shop"])
    await world.stop()
    expect(said(world, "operator stopped")).toEqual(["shop", "database", "tenant"])
    expect(world.manager.fleet.operators.some(({ isWorking }) => isWorking)).toBe(false)
  })

  test("whose dependency waits for its CRD wait too, and say for whom", async () => {
    await using world = await World.start(three, { crds: crds("database", "shop") })
    expect(said(world, "operator started")).toEqual([])
    expect(states(world)["tenant"]).toContain("apply its CRD")
    expect(states(world)["database"]).toBe("pending: depends on tenant being started")
    expect(states(world)["shop"]).toBe("pending: depends on database being started")
    expect(world.manager.view.probes()).toMatchObject({ alive: true, ready: true })
    world.server.put(crd("Tenant"))
    await world.settle()
    expect(said(world, "operator started")).toEqual(["tenant", "database", "shop"])
  })

  test("that do not depend on each other are not held back", async () => {
    await using world = await World.start(chain({ a: "[]", b: "[]" }), { crds: crds("b") })
    expect(said(world, "operator started")).toEqual(["b"])
  })

  test("keep running when what they depend on goes away", async () => {
    await using world = await World.start(chain({ b: "[a]", a: "[]" }), { crds: crds("a", "b") })
    world.server.remove("CustomResourceDefinition", `as.${group}`)
    world.server.put(cr("x", "b"))
    await world.settle()
    expect(world.operator("a").isWorking).toBe(false)
    expect(world.server.read("ConfigMap", "default/x-b")).toBeDefined()
    expect(world.manager.view.operator("b")?.dependencies).toMatchObject([{ name: "a", satisfied: false }])
  })

  test("that end with a mistake of ours leave the others alone", async () => {
    await using world = await World.start(chain({ a: "[]", b: "[]" }), { crds: [] })
    await world.stop()
    const broken = world.restart()
    Object.assign(world.operator("a"), { lead: () => Promise.reject(new TypeError("oops")) })
    await broken
    for (const definition of crds("a", "b")) world.server.put(definition)
    world.server.put(cr("x", "b"))
    await world.settle()
    expect(world.operator("b").isWorking).toBe(true)
    expect(world.server.read("ConfigMap", "default/x-b")).toBeDefined()
  })
})

describe("a healthy dependency", () => {
  const healthy = chain({ shop: "{ database: healthy }", database: "[]" })
  const no: Fault = ({ verb, object }) =>
    verb === "apply" && object.endsWith("-database") ? new OrkError("api/invalid", "no") : undefined

  test("is one without objects", async () => {
    await using world = await World.start(healthy, { crds: crds("database", "shop") })
    expect(said(world, "operator started")).toEqual(["database", "shop"])
  })

  test("is one whose objects have all had a pass that went well", async () => {
    await using world = await World.start(healthy, {
      crds: crds("database", "shop"),
      objects: [cr("a", "database"), cr("b", "database")],
    })
    expect(said(world, "operator started")).toEqual(["database", "shop"])
  })

  test("is not one with a failing object, until that is well", async () => {
    await using world = await World.start(healthy, { crds: crds("shop") })
    world.server.faults.add(no)
    world.server.put(crd("Database"))
    world.server.put(cr("a", "database"))
    world.server.put(cr("b", "database"))
    await world.settle()
    expect(states(world)["shop"]).toBe("pending: depends on database being healthy")
    expect(world.manager.view.operator("database")).toMatchObject({ failing: 2, worstOffender: "default/a" })
    world.server.faults.delete(no)
    world.server.edit("Database", "default/a", { spec: { again: true } })
    await world.settle()
    expect(world.operator("shop").isWorking).toBe(false)
    world.server.edit("Database", "default/b", { spec: { again: true } })
    await world.settle()
    expect(world.operator("shop").isWorking).toBe(true)
  })

  test("is not one whose failing object is gone for ever", async () => {
    await using world = await World.start(healthy, { crds: crds("shop") })
    world.server.faults.add(no)
    world.server.put(crd("Database"))
    world.server.put(cr("a", "database"))
    await world.settle()
    expect(world.operator("shop").isWorking).toBe(false)
    world.server.remove("Database", "default/a")
    await world.settle()
    expect(world.operator("shop").isWorking).toBe(true)
  })
})

describe("the view", () => {
  test("shows objects in order, their children and events", async () => {
    await using world = await World.start(chain({ a: "[]" }), {
      crds: crds("a"),
      objects: [cr("y", "a"), cr("x", "a")],
    })
    const { view } = world.manager
    expect(view.list("a").map(({ metadata }) => metadata.name)).toEqual(["x", "y"])
    expect(view.children("a", "default", "x").map(({ metadata }) => metadata.name)).toEqual(["x-a"])
    expect(view.events("a", "default", "x")).toMatchObject([{ type: "Normal", reason: "Reconciled" }])
    expect(view.get("a", "default", "z")).toBeUndefined()
    expect([view.list("nobody"), view.children("a", "default", "z"), view.events("a", "default", "z")]).toEqual([
      [],
      [],
      [],
    ])
  })

  test("shows each operator's numbers and permissions", async () => {
    await using world = await World.start(chain({ a: "[]" }), { crds: crds("a"), objects: [cr("x", "a")] })
    expect(world.manager.view.operator("a")).toMatchObject({
      name: "a",
      gvk: "demo.example/v1, Kind=A",
      state: "healthy",
      why: "",
      workers: 3,
      workersSource: "default",
      workerStates: ["idle", "idle", "idle"],
      queueDepth: 0,
      resourceCount: 1,
      failedReconciles: 0,
    })
    const permissions = world.manager.view.operator("a")?.permissions.map(({ resource }) => resource)
    expect(permissions).toEqual(["as", "as/finalizers", "as/status", "configmaps"])
    expect(world.manager.view.operator("nobody")).toBeUndefined()
  })

  test("says that it leads, and after the stop that it does not", async () => {
    await using world = await World.start(chain({ a: "[]" }), { crds: crds("a") })
    expect(world.manager.view.leadership()).toEqual({ isLeader: true, holder: "test" })
    await world.stop()
    expect(world.manager.view.leadership().isLeader).toBe(false)
    expect(world.manager.view.probes()).toMatchObject({ ready: false, why: "stopping" })
  })
})

test("a fleet that loses the lease ends all its operators", async () => {
  await using world = await World.start(three, { crds: crds("tenant", "database", "shop") })
  const lost = new AbortController()
  await world.stop()
  const leading = world.manager.fleet.lead(lost.signal)
  lost.abort(new LeadershipLost("late"))
  await world.advance("1s")
  await leading
  expect(world.manager.fleet.isLeading).toBe(false)
})

test("a Katalog without entries that are enabled runs nothing and is ready", async () => {
  const text = chain({ a: "[]" }).replace("dependsOn: []", "enabled: false")
  expect(planOf(text).operators).toEqual([])
  await using world = await World.start(text, { crds: crds("a") })
  expect(world.manager.view.probes().ready).toBe(true)
})
