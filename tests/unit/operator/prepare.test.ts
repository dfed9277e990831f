import { describe, expect, test } from "bun:test"
import { silent } from "../../../src/base/mod.ts"
import { builtinSchemas } from "../../../src/kube/mod.ts"
import { cleanupFinalizer } from "../../../src/operator/mod.ts"
import type { Ports } from "../../../src/operator/pass.ts"
import { begin } from "../../../src/operator/reconcile.ts"
import { Said } from "../../../src/operator/said.ts"
import { prepare } from "../../../src/operator/steps/prepare.ts"
import { prometheusMetrics } from "../../../src/runtime/mod.ts"
import { FakeClock } from "../../support/clock.ts"
import { crd, katalog, resource, website } from "../../support/makers.ts"
import { planOf, World } from "../../support/world.ts"

const page = `onReconcile:
  configMaps:
    - name: page
      data: { title: "{{ .spec.title }}", size: "{{ .spec.size }}", tier: "{{ .metadata.labels.tier }}" }`

const start = (keys: string, spec: Readonly<Record<string, unknown>> = { title: "Hi" }, box = page) =>
  World.start(katalog(box, keys), { objects: [website("shop", spec)] })

const dataOf = (world: World): unknown => world.server.read("ConfigMap", "default/page")?.["data"]
const reasons = (world: World) => world.events().map(({ reason }) => reason)

describe("normalize", () => {
  test("changes what templates read and not the custom resource", async () => {
    await using world = await start('normalize: { spec: { title: "{{ lower .spec.title }}" } }')
    expect(dataOf(world)).toMatchObject({ title: "hi" })
    expect(world.server.read("Website", "default/shop")?.["spec"]).toEqual({ title: "Hi" })
    expect(world.server.takeWrites()).toEqual(["apply ConfigMap/default/page", "patch Website/default/shop/status"])
  })

  test("shows every expression the custom resource as it is written", async () => {
    await using world = await start('normalize: { spec: { title: "{{ .spec.size }}", size: "{{ .spec.title }}" } }', {
      title: "a",
      size: "b",
    })
    expect(dataOf(world)).toMatchObject({ title: "b", size: "a" })
  })

  test("leaves what is written where its template yields nothing", async () => {
    await using world = await start('normalize: { spec: { title: "{{ .spec.nothing }}" } }')
    expect(dataOf(world)).toMatchObject({ title: "Hi" })
  })

  test("that fails applies nothing and prunes nothing", async () => {
    await using world = await start('normalize: { spec: { title: "{{ required \\"no title\\" .spec.title }}" } }')
    expect(dataOf(world)).toMatchObject({ title: "Hi" })
    world.server.edit("Website", "default/shop", { spec: { title: null } })
    await world.settle()
    expect(dataOf(world)).toMatchObject({ title: "Hi" })
    expect(world.condition("Stalled")).toMatchObject({ status: "True", reason: "TemplateError" })
  })

  test("gives a value the type that the schema of the kind has at its place", async () => {
    const properties = { size: { type: "integer" }, title: { type: "string" } }
    const definition = crd("Website")
    const versions = [
      {
        name: "v1",
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec: { type: "object", properties },
              status: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
            },
          },
        },
      },
    ]
    const typed = { ...definition, spec: { ...Object(definition["spec"]), versions } }
    const box = 'onReconcile: { configMaps: [{ name: page, data: { size: "{{ add .spec.size 1 }}" } }] }'
    await using world = await World.start(katalog(box, 'normalize: { spec: { size: "4{{ .spec.title }}" } }'), {
      crds: [typed],
      objects: [website("shop", { title: "2" })],
    })
    expect(dataOf(world)).toMatchObject({ size: "43" })
    world.server.edit("Website", "default/shop", { spec: { title: "x" } })
    await world.settle()
    expect(world.condition("Ready")).toMatchObject({ status: "False", reason: "TemplateError" })
    expect(world.condition("Ready")?.message).toContain("spec.size")
  })
})

describe("mutation", () => {
  const rules = (text: string) => `mutation: { rules: [${text}] }`

  test("sets a default only where nothing is written, an override always", async () => {
    const keys = rules(
      '{ field: spec.title, default: none }, { field: spec.size, default: 3 }, { field: metadata.labels.tier, override: "{{ .spec.size }}" }',
    )
    await using world = await start(keys)
    expect(dataOf(world)).toEqual({ title: "Hi", size: "3", tier: "3" })
    const shop = world.server.read("Website", "default/shop")
    expect([shop?.["spec"], shop?.metadata.labels]).toEqual([{ title: "Hi" }, undefined])
  })

  test("does not take 0 and false for nothing", async () => {
    await using world = await start(rules("{ field: spec.size, default: 3 }"), { title: false, size: 0 })
    expect(dataOf(world)).toMatchObject({ title: "false", size: "0" })
  })

  test("counts only while its conditions hold", async () => {
    await using world = await start(
      rules("{ field: spec.size, override: 9, when: [{ field: spec.title, equals: big }] }"),
      { title: "small", size: 1 },
    )
    expect(dataOf(world)).toMatchObject({ size: "1" })
    world.server.edit("Website", "default/shop", { spec: { title: "big" } })
    await world.settle()
    expect(dataOf(world)).toMatchObject({ size: "9" })
  })

  test("sees what normalize has made, and comes before validation", async () => {
    const keys = `normalize: { spec: { title: "{{ upper .spec.title }}" } }
mutation: { mutateFirst: false, rules: [{ field: spec.size, default: "{{ .spec.title }}" }] }
validation: { rules: [{ field: spec.size, equals: HI, message: "wrong" }] }`
    await using world = await start(keys)
    expect(dataOf(world)).toMatchObject({ title: "HI", size: "HI" })
  })

  test("refuses a rendered path outside of what it may set", async () => {
    await using world = await start(rules('{ field: "{{ .spec.title }}", override: 1 }'), { title: "status.phase" })
    expect(dataOf(world)).toBeUndefined()
    expect(world.condition("Ready")?.reason).toBe("TemplateError")
    const [write, ...more] = world.server.takeWrites()
    expect([write, more]).toEqual(["patch Website/default/shop/status", []])
  })

  test("makes a steady state that writes nothing", async () => {
    await using world = await start(rules('{ field: spec.size, default: "{{ len .spec.title }}" }'))
    world.server.takeWrites()
    await world.advance("1h")
    await world.restart()
    expect(world.server.takeWrites()).toEqual([])
  })
})

describe("validation", () => {
  const small = `validation:
  rules:
    - { field: spec.size, max: 5, message: "size {{ .spec.size }} is too big" }`

  test("that denies makes nothing, and says why, once", async () => {
    await using world = await start(`resync: 20m\n${small}`, { size: 7 }) // later than repetitions are counted as one
    expect(dataOf(world)).toBeUndefined()
    const said = { status: "True", reason: "ValidationFailed", message: "size 7 is too big" }
    expect(world.condition("Stalled")).toMatchObject(said)
    expect(world.condition("Ready")).toMatchObject({ ...said, status: "False" })
    world.server.takeWrites()
    await world.advance("2h")
    expect(world.server.takeWrites()).toEqual([])
    expect(world.events().map(({ reason, message }) => [reason, message])).toEqual([
      ["ValidationFailed", "size 7 is too big"],
    ])
  })

  test("neither changes nor prunes what is there, until the custom resource is right again", async () => {
    await using world = await start(small, { title: "a", size: 1 })
    world.server.edit("Website", "default/shop", { spec: { title: "b", size: 9 } })
    await world.settle()
    expect(dataOf(world)).toMatchObject({ title: "a", size: "1" })
    world.server.edit("Website", "default/shop", { spec: { size: 2 } })
    await world.settle()
    expect(dataOf(world)).toMatchObject({ title: "b", size: "2" })
    expect(world.conditions()).toEqual({ Ready: "True", Reconciling: "False", Stalled: "False" })
    world.server.edit("Website", "default/shop", { spec: { size: 9 } })
    await world.settle()
    expect(reasons(world).filter((reason) => reason === "ValidationFailed")).toHaveLength(1) // counted as one
    world.server.edit("Website", "default/shop", { spec: { size: 2 } })
    await world.advance("15m")
    world.server.edit("Website", "default/shop", { spec: { size: 9 } })
    await world.settle()
    expect(reasons(world).filter((reason) => reason === "ValidationFailed")).toHaveLength(2)
    expect(world.condition("Stalled")?.reason).toBe("ValidationFailed")
  })

  test.each([
    ["a broken rule", { size: 9 }],
    ["a failing template", { title: null }],
  ])("never holds up a deletion: %s", async (_what, spec) => {
    const keys = `normalize: { spec: { title: "{{ required \\"none\\" .spec.title }}" } }\n${small}`
    const box = `${page}\nonDelete: { configMaps: [{ name: "{{ .spec.title }}" }] }`
    await using world = await start(keys, { title: "page", size: 1 }, box)
    expect(world.server.read("Website", "default/shop")?.metadata.finalizers).toEqual([cleanupFinalizer])
    world.server.edit("Website", "default/shop", { spec })
    await world.settle()
    expect(world.condition("Stalled")?.status).toBe("True")
    world.server.remove("Website", "default/shop")
    await world.advance("1m")
    expect(world.server.read("Website", "default/shop")).toBeUndefined()
    expect(dataOf(world)).toBeUndefined()
  })

  test("does not hide from onDelete what is normalised", async () => {
    const box = `${page}\nonDelete: { configMaps: [{ name: "{{ .spec.first }}" }] }`
    await using world = await start("normalize: { spec: { first: page } }", { size: 1 }, box)
    world.server.takeWrites()
    world.server.remove("Website", "default/shop")
    await world.advance("1m")
    expect(world.server.takeWrites()).toContain("delete ConfigMap/default/page")
    expect(world.server.read("Website", "default/shop")).toBeUndefined()
  })

  test("that warns goes on, and says it once per change", async () => {
    await using world = await start(small.replace("message:", "action: warn, message:"), { size: 7 })
    expect(dataOf(world)).toMatchObject({ size: "7" })
    expect(world.condition("Ready")?.status).toBe("True")
    await world.advance("1h")
    const warnings = () => world.events().filter(({ reason }) => reason === "ValidationWarning")
    expect(warnings().map(({ message }) => message)).toEqual(["size 7 is too big"])
    world.server.edit("Website", "default/shop", { spec: { size: 8 } })
    await world.settle()
    expect(warnings().map(({ message }) => message)).toEqual(["size 7 is too big", "size 8 is too big"])
  })

  test("applies a rule only while its conditions hold, and names every broken one", async () => {
    const keys = `validation:
  rules:
    - { field: spec.size, max: 5, message: big, when: [{ field: spec.title, equals: a }] }
    - { field: "{{ len .spec.title }}", lessThan: 3, message: long }
    - { field: spec.none, exists: true, message: absent, or: [{ field: spec.title, equals: a }] }`
    await using world = await start(keys, { title: "a", size: 7 })
    expect(world.condition("Ready")?.message).toBe("big; absent")
    world.server.edit("Website", "default/shop", { spec: { title: "abcd" } })
    await world.settle()
    expect(world.condition("Ready")?.message).toBe("long")
    world.server.edit("Website", "default/shop", { spec: { title: "b" } })
    await world.settle()
    expect(world.condition("Ready")?.status).toBe("True")
  })

  test("keeps a unique value to one custom resource", async () => {
    const keys = 'validation: { rules: [{ field: spec.host, unique: true, message: "taken" }] }'
    const box = 'onReconcile: { configMaps: [{ name: "{{ .metadata.name }}" }] }'
    await using world = await World.start(katalog(box, keys), { objects: [website("a", { host: "x" })] })
    world.server.put(website("b", { host: "x" }))
    await world.settle()
    expect(world.server.read("ConfigMap", "default/b")).toBeUndefined()
    expect(world.condition("Stalled", "default/b")?.message).toBe("taken")
    world.server.edit("Website", "default/b", { spec: { host: "y" } })
    await world.settle()
    expect(world.server.read("ConfigMap", "default/b")).toBeDefined()
  })
})

test("what is checked and set is counted under the published names", async () => {
  const keys = `validation: { rules: [{ field: spec.size, max: 5, message: big, action: warn }] }
mutation: { rules: [{ field: spec.size, default: 3 }] }`
  const [plan] = planOf(katalog(page, keys)).operators
  if (!plan) throw new Error("no operator")
  const metrics = prometheusMetrics()
  const clock = new FakeClock()
  const sources = { begin: () => ({ commit() {} }) }
  const shelf = { mark: 0, newest: () => ({}) }
  const calls = { make: async () => ({ kind: "made" }) }
  const ports = {
    clock,
    metrics,
    sources,
    shelf,
    calls,
    said: new Said(),
    schemas: builtinSchemas(),
    events: { record() {} },
  }
  const pass = (spec: Readonly<Record<string, unknown>>) =>
    begin(
      { plan, resource: resource("demo.example", "Website"), ports: ports as unknown as Ports },
      website("a", spec),
      {
        signal: new AbortController().signal,
        reason: "user",
        log: silent,
      },
    ) // what this step uses of its ports
  for (const spec of [{}, { size: 2 }, { size: 9 }]) expect(await prepare(pass(spec))).toBe("next")
  const lines = (await metrics.text()).split("\n").filter((line) => /^controller_(admission|mutation)/.test(line))
  const crd = 'crd="demo.example/v1, Kind=Website"'
  expect(lines).toEqual([
    `controller_admission_validation_total{${crd},result="allowed",source="reconcile"} 2`,
    `controller_admission_validation_total{${crd},result="warned",source="reconcile"} 1`,
    `controller_mutation_total{${crd}} 1`,
  ])
})
