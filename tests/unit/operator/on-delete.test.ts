import { describe, expect, test } from "bun:test"
import { OrkError } from "../../../src/base/mod.ts"
import { cleanupFinalizer } from "../../../src/operator/mod.ts"
import { crd, katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const gone = (world: World) => world.server.read("Website", "default/shop") === undefined
const job = (world: World, name = "shop-drain") => world.server.read("Job", `default/${name}`)
const end = (world: World, type: "Complete" | "Failed", name = "shop-drain") =>
  world.server.edit("Job", `default/${name}`, { status: { conditions: [{ type, status: "True", reason: "Test" }] } })
const warnings = (world: World) =>
  world.lines.flatMap(({ message, fields }) => (message === "onDelete" ? [fields["reason"]] : []))

const steps = (extra = "") =>
  katalog(`onReconcile:
  services: [{ name: web, port: 80, selector: { a: b } }]
  configMaps: [{ name: last }, { name: far, namespace: far }]
  serviceAccounts: [{ name: account }]
onDelete:
  ordered: true
  timeout: 10m
${extra}
  groups:
    - { name: traffic, services: [{ name: web }] }
    - { name: drain, jobs: [{ name: "{{ .metadata.name }}-drain", image: busybox }] }
    - { name: data, configMaps: [{ name: last }], when: [{ field: spec.keep, notEquals: true }] }`)

async function deleted(text: string, spec: Readonly<Record<string, unknown>> = {}): Promise<World> {
  const world = await World.start(text, { objects: [website("shop", spec)] })
  world.server.takeWrites()
  world.server.remove("Website", "default/shop")
  await world.settle()
  return world
}

describe("an ordered onDelete", () => {
  test("goes on only when a step is over, then lets go and leaves nothing", async () => {
    await using world = await World.start(steps(), { objects: [website("shop")] })
    world.server.edit("Service", "default/web", { metadata: { finalizers: ["example.io/held"] } })
    world.server.remove("Website", "default/shop")
    await world.settle()
    expect(job(world)).toBeUndefined()
    expect(world.condition("Ready")).toMatchObject({ status: "False", reason: "Deleting" })
    expect(world.condition("Ready")?.message).toBe("step traffic: Service/default/web: is being deleted")
    world.server.edit("Service", "default/web", { metadata: { finalizers: [] } })
    await world.settle()
    expect(job(world)?.metadata.ownerReferences).toBeUndefined()
    expect(world.server.read("ConfigMap", "default/last")).toBeDefined()
    end(world, "Complete")
    await world.settle()
    expect(gone(world)).toBe(true)
    expect([...world.server.all("Job"), ...world.server.all("ConfigMap")]).toEqual([])
  })

  test("uses foreground deletion, so that a step ends with the Pods of its workloads", async () => {
    await using world = await deleted(steps())
    const call = world.server.calls.find(({ verb, kind }) => verb === "delete" && kind === "Service")
    expect(call?.body).toMatchObject({ propagation: "Foreground" })
  })

  test("goes on after a restart where it was, without a step or a Job again", async () => {
    await using world = await deleted(steps())
    expect(job(world)).toBeDefined()
    await world.restart()
    world.server.takeWrites()
    end(world, "Complete")
    await world.settle()
    expect(gone(world)).toBe(true)
    expect(world.server.takeWrites().filter((write) => write.startsWith("apply"))).toEqual([])
  })

  test("does not run a Job again that has run and is removed by its own ttl", async () => {
    await using world = await World.start(steps(), { objects: [website("shop")] })
    world.server.edit("ConfigMap", "default/last", { metadata: { finalizers: ["example.io/held"] } })
    world.server.remove("Website", "default/shop")
    await world.settle()
    end(world, "Complete")
    await world.settle()
    world.server.remove("Job", "default/shop-drain")
    await world.restart()
    await world.advance("1m")
    expect(job(world)).toBeUndefined()
    world.server.edit("ConfigMap", "default/last", { metadata: { finalizers: [] } })
    await world.settle()
    expect(gone(world)).toBe(true)
  })

  test("passes over a step whose condition is false", async () => {
    await using world = await World.start(steps(), { objects: [website("shop", { keep: true })] })
    world.server.edit("ConfigMap", "default/last", { metadata: { finalizers: ["example.io/held"] } })
    world.server.remove("Website", "default/shop")
    await world.settle()
    end(world, "Complete")
    await world.settle()
    expect(gone(world)).toBe(true)
  })

  test("stays when the time is over and says what holds it; it goes on when that is gone", async () => {
    await using world = await deleted(steps())
    await world.advance("11m")
    expect(gone(world)).toBe(false)
    expect(world.condition("Stalled")).toMatchObject({ status: "True", reason: "DeletionTimeout" })
    end(world, "Complete")
    await world.settle()
    expect(gone(world)).toBe(true)
  })

  test("counts the time from the start of the deletion, also over restarts", async () => {
    await using world = await deleted(steps())
    await world.advance("6m")
    await world.restart()
    await world.advance("5m")
    expect(world.condition("Stalled")).toMatchObject({ status: "True", reason: "DeletionTimeout" })
  })

  test("with onFailure: continue goes on without what is not over in time", async () => {
    await using world = await deleted(steps("  onFailure: continue"))
    await world.advance("9m")
    expect(gone(world)).toBe(false)
    await world.advance("2m")
    expect(gone(world)).toBe(true)
    expect(warnings(world)).toContain("DeletionTimeout")
    expect([...world.server.all("Job"), ...world.server.all("ConfigMap")]).toEqual([])
  })

  test("keeps no worker: another CR is worked on meanwhile", async () => {
    const one = steps().replace("      operatorBox:", "      workers: 1\n      operatorBox:")
    await using world = await deleted(one)
    world.server.put(website("other"))
    await world.settle()
    expect(world.condition("Ready", "default/other")).toBeDefined()
  })
})

describe("a Job of onDelete", () => {
  const drain = (more = "", job = "name: shop-drain, image: busybox") =>
    katalog(`onReconcile:
  configMaps: [{ name: page }]
onDelete:
${more}
  jobs: [{ ${job} }]`)

  test("runs before the CR goes, without an order too", async () => {
    await using world = await deleted(drain())
    expect(job(world)).toBeDefined()
    await world.advance("3m")
    expect(gone(world)).toBe(false)
    end(world, "Complete")
    await world.settle()
    expect(gone(world)).toBe(true)
    expect(job(world)).toBeUndefined()
  })

  test("that fails holds the deletion; deleted, it runs again", async () => {
    await using world = await deleted(drain())
    end(world, "Failed")
    await world.settle()
    expect(world.condition("Stalled")).toMatchObject({ status: "True", reason: "JobFailed" })
    const first = job(world)?.metadata.uid
    world.server.remove("Job", "default/shop-drain")
    await world.settle()
    expect(job(world)?.metadata.uid).not.toBe(first)
    end(world, "Complete")
    await world.settle()
    expect(gone(world)).toBe(true)
  })

  test("that fails is passed over with onFailure: continue", async () => {
    await using world = await deleted(drain("  onFailure: continue"))
    end(world, "Failed")
    await world.settle()
    expect(gone(world)).toBe(true)
    expect(warnings(world)).toContain("JobFailed")
  })

  test("stays with deletionPolicy: retain; the next CR of this name replaces it", async () => {
    const text = drain("", "name: shop-drain, image: busybox, deletionPolicy: retain")
    await using world = await deleted(text)
    end(world, "Complete")
    await world.settle()
    expect(gone(world)).toBe(true)
    const first = job(world)?.metadata.uid
    expect(first).toBeDefined()
    world.server.put(website("shop"))
    await world.settle()
    world.server.remove("Website", "default/shop")
    await world.settle()
    expect(job(world)?.metadata.uid).not.toBe(first)
  })

  test("never takes the Job of somebody else; the deletion goes on when the time is over", async () => {
    await using world = await World.start(drain("  timeout: 2m"), { objects: [website("shop")] })
    world.server.put({ apiVersion: "batch/v1", kind: "Job", metadata: { name: "shop-drain", namespace: "default" } })
    world.server.remove("Website", "default/shop")
    await world.advance("1m")
    expect(gone(world)).toBe(false)
    await world.advance("2m")
    expect(gone(world)).toBe(true)
    expect(job(world)).toBeDefined()
    expect(warnings(world)).toContain("DeletionTimeout")
  })

  test("that cannot be rendered is said, tried until the time is over, and then left out", async () => {
    await using world = await deleted(
      drain("  timeout: 2m", `name: shop-drain, image: '{{ required "no image" .spec.image }}'`),
    )
    expect(warnings(world)).toContain("TemplateError")
    expect(gone(world)).toBe(false)
    await world.advance("2m")
    expect(gone(world)).toBe(true)
  })

  test("that cannot be rendered runs once it can", async () => {
    await using world = await deleted(drain("", `name: shop-drain, image: '{{ required "no image" .spec.image }}'`))
    world.server.edit("Website", "default/shop", { spec: { image: "busybox" } })
    await world.settle()
    expect(job(world)).toBeDefined()
  })

  test("that the server refuses is left out when the time is over", async () => {
    await using world = await World.start(drain("  timeout: 2m"), { objects: [website("shop")] })
    world.server.faults.add(({ verb, kind }) =>
      verb === "apply" && kind === "Job" ? new OrkError("api/invalid", "no") : undefined,
    )
    world.server.remove("Website", "default/shop")
    await world.settle()
    expect(gone(world)).toBe(false)
    await world.advance("3m")
    expect(gone(world)).toBe(true)
  })
})

test("a child whose kind is no longer served holds no deletion", async () => {
  const text = katalog(`onReconcile:
  custom: [{ apiVersion: demo.example/v1, kind: Part, metadata: { name: part, namespace: far }, spec: {} }]
onDelete:
  ordered: true
  groups: [{ custom: [{ apiVersion: demo.example/v1, kind: Part, metadata: { name: part, namespace: far } }] }]`)
  await using world = await World.start(text, { objects: [website("shop")], crds: [crd("Website"), crd("Part")] })
  expect(world.server.read("Part", "far/part")).toBeDefined()
  expect(world.server.read("Website", "default/shop")?.metadata.finalizers).toEqual([cleanupFinalizer])
  world.server.remove("CustomResourceDefinition", "parts.demo.example")
  world.server.remove("Website", "default/shop")
  await world.settle()
  expect(gone(world)).toBe(true)
})

test("a closed onDelete block is no work at all", async () => {
  const text = katalog(`onDelete:
  when: [{ field: spec.drain, equals: true }]
  jobs: [{ name: shop-drain, image: busybox }]`)
  await using world = await deleted(text)
  expect(gone(world)).toBe(true)
  expect(job(world)).toBeUndefined()
})
