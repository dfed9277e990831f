import { describe, expect, test } from "bun:test"
import { OrkError } from "../../../src/base/mod.ts"
import { statusError } from "../../../src/kube/mod.ts"
import { Breaker } from "../../../src/operator/breaker.ts"
import { FakeClock } from "../../support/clock.ts"
import type { Fault } from "../../support/embedded-server.ts"
import { katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const two = katalog(`onReconcile:
  configMaps: [{ name: "{{ .metadata.name }}", data: { title: "{{ .spec.title }}" } }]
  serviceAccounts: [{ name: "{{ .metadata.name }}" }]`)

const said = 'configmaps is forbidden: User "ork" cannot patch resource "configmaps"'
const no: Fault = ({ verb, kind, object }) =>
  verb === "apply" && kind === "ConfigMap"
    ? statusError(`${object}: apply`, 403, { kind: "Status", reason: "Forbidden", message: said }, undefined)
    : undefined

const tries = (world: World) => world.server.takeWrites().filter((write) => write.startsWith("apply ConfigMap"))

describe("a call that is forbidden", () => {
  test("is said on the object with verb and resource, and the other children are made", async () => {
    await using world = await World.start(two)
    world.server.faults.add(no)
    world.server.put(website("shop", { title: "a" }))
    await world.settle()
    expect(world.server.read("ServiceAccount", "default/shop")).toBeDefined()
    expect(world.condition("Ready")).toMatchObject({ status: "False", reason: "Forbidden" })
    expect(world.condition("Ready")?.message).toContain('cannot patch resource "configmaps"')
    expect(world.condition("Stalled")?.status).toBe("True")
    expect(world.events().map(({ reason }) => reason)).toContain("Forbidden")
    expect(world.operator().health.failing).toBe(1)
  })

  test("is made by nobody again until the next probe, and then by one", async () => {
    await using world = await World.start(two)
    world.server.faults.add(no)
    for (const name of ["a", "b", "c", "d"]) world.server.put(website(name, { title: "x" }))
    await world.settle()
    expect(tries(world).length).toBeLessThanOrEqual(3) // one per worker that was under way
    await world.advance("28s")
    expect(tries(world)).toEqual([])
    await world.advance("3s")
    expect(tries(world)).toHaveLength(1)
    await world.advance("50s")
    expect(tries(world)).toEqual([])
  })

  test("is made again after the grant, without anybody's help", async () => {
    await using world = await World.start(two)
    world.server.faults.add(no)
    for (const name of ["a", "b"]) world.server.put(website(name, { title: "x" }))
    await world.settle()
    world.server.faults.delete(no)
    await world.advance("2m")
    expect(world.server.all("ConfigMap")).toHaveLength(2)
    for (const name of ["a", "b"]) expect(world.condition("Ready", `default/${name}`)?.status).toBe("True")
    expect(world.operator().health.failing).toBe(0)
  })

  test("once granted, leaves no wait behind for the next call", async () => {
    await using world = await World.start(two)
    world.server.faults.add(no)
    world.server.put(website("a", { title: "x" }))
    await world.settle()
    world.server.faults.delete(no)
    await world.advance("31s")
    world.server.takeWrites()
    world.server.edit("Website", "default/a", { spec: { title: "y" } })
    await world.settle()
    expect(tries(world)).toHaveLength(1)
  })

  test("for one object leaves those alone that need no call", async () => {
    await using world = await World.start(two, { objects: [website("well", { title: "x" })] })
    world.server.faults.add(no)
    world.server.put(website("ill", { title: "x" }))
    await world.settle()
    await world.advance("11m")
    expect(world.condition("Ready", "default/ill")?.reason).toBe("Forbidden")
    expect(world.condition("Ready", "default/well")?.status).toBe("True")
    expect(tries(world).length).toBeLessThan(10)
  })

  test("to list a kind of child is said, and healed after the grant", async () => {
    const unlisted: Fault = ({ verb, kind }) =>
      kind === "ConfigMap" && (verb === "list" || verb === "watch")
        ? new OrkError("api/forbidden", "configmaps: cannot list")
        : undefined
    await using world = await World.start(two)
    await world.stop()
    world.server.faults.add(unlisted)
    world.server.put(website("shop", { title: "a" }))
    await world.restart()
    expect(world.condition("Ready")?.reason).toBe("Forbidden")
    expect(world.server.read("ServiceAccount", "default/shop")).toBeDefined()
    world.server.faults.delete(unlisted)
    await world.advance("12m")
    expect(world.condition("Ready")?.status).toBe("True")
  })
})

test("a deletion that is forbidden is said on the object, and done after the grant", async () => {
  const text = katalog("onReconcile:\n  configMaps: [{ name: page, when: [{ field: spec.on, equals: true }] }]")
  await using world = await World.start(text, { objects: [website("shop", { on: true })] })
  const refuse: Fault = ({ verb }) => (verb === "delete" ? new OrkError("api/forbidden", "cannot delete") : undefined)
  world.server.faults.add(refuse)
  world.server.edit("Website", "default/shop", { spec: { on: false } })
  await world.settle()
  expect(world.condition("Ready")).toMatchObject({ status: "False", reason: "Forbidden" })
  world.server.faults.delete(refuse)
  await world.advance("11m")
  expect(world.server.read("ConfigMap", "default/page")).toBeUndefined()
  expect(world.condition("Ready")?.status).toBe("True")
})

describe("a server that says no for a while", () => {
  test("is tried again with growing pauses, and the object says why", async () => {
    await using world = await World.start(two)
    const down: Fault = ({ verb, kind }) =>
      verb === "apply" && kind === "ConfigMap" ? new OrkError("api/unavailable", "etcd is away") : undefined
    world.server.faults.add(down)
    world.server.put(website("shop", { title: "a" }))
    await world.settle()
    expect(world.conditions()).toEqual({ Ready: "False", Reconciling: "True", Stalled: "False" })
    expect(world.condition("Ready")).toMatchObject({ reason: "ReconcileError" })
    world.server.takeWrites()
    await world.advance("1h")
    expect(tries(world).length).toBeLessThan(40)
    world.server.faults.delete(down)
    await world.advance("6m")
    expect(world.conditions()).toEqual({ Ready: "True", Reconciling: "False", Stalled: "False" })
  })

  test("in a race is asked again without a warning", async () => {
    await using world = await World.start(two)
    let races = 0
    world.server.faults.add(({ verb, object }) =>
      verb === "patch" && object.endsWith("/status") && races++ === 0
        ? new OrkError("api/conflict", "stale")
        : undefined,
    )
    world.server.put(website("shop", { title: "a" }))
    await world.settle()
    expect(world.condition("Ready")?.status).toBe("True")
    expect(world.operator().health.failed).toBe(0)
    expect(world.lines.filter(({ level }) => level === "warn" || level === "error")).toEqual([])
  })

  test("for good is not asked again until something changes", async () => {
    await using world = await World.start(two)
    const invalid: Fault = ({ verb, kind, object }) =>
      verb === "apply" && kind === "ConfigMap"
        ? statusError(
            object,
            422,
            { kind: "Status", reason: "Invalid", message: "data: field is immutable" },
            undefined,
          )
        : undefined
    world.server.faults.add(invalid)
    world.server.put(website("shop", { title: "a" }))
    await world.settle()
    expect(world.condition("Ready")).toMatchObject({ status: "False", reason: "ImmutableField" })
    world.server.takeWrites()
    await world.advance("8m")
    expect(tries(world)).toEqual([])
    world.server.faults.delete(invalid)
    world.server.edit("Website", "default/shop", { spec: { title: "b" } })
    await world.settle()
    expect(world.condition("Ready")?.status).toBe("True")
  })
})

describe("the breaker", () => {
  const error = new OrkError("api/forbidden", "no")
  const setup = () => {
    const clock = new FakeClock(0)
    return { clock, breaker: new Breaker({ clock }) }
  }

  test("lets one caller through when its time is over, then doubles the wait, up to five minutes", async () => {
    const { clock, breaker } = setup()
    const waits: number[] = []
    for (let i = 0; i < 6; i++) {
      breaker.trip("patch configmaps", error)
      waits.push(breaker.retryAfterMs("patch configmaps"))
      expect(breaker.check("patch configmaps")).toBe(error)
      await clock.advance(breaker.retryAfterMs("patch configmaps"))
      expect(breaker.check("patch configmaps")).toBeUndefined()
      expect(breaker.check("patch configmaps")).toBe(error)
    }
    expect(waits).toEqual([30_000, 60_000, 120_000, 240_000, 300_000, 300_000])
  })

  test("knows circuits apart and forgets what was closed", () => {
    const { breaker } = setup()
    breaker.trip("patch configmaps", error)
    expect(breaker.check("patch secrets")).toBeUndefined()
    expect(breaker.retryAfterMs("patch secrets")).toBe(0 as never)
    expect([breaker.close("patch configmaps"), breaker.close("patch configmaps")]).toEqual([true, false])
    expect(breaker.check("patch configmaps")).toBeUndefined()
  })
})
