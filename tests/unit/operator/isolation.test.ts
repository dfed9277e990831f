/** Whatever happens to one operator, the other one goes on at once, and the trouble is named where it belongs. */
import { describe, expect, spyOn, test } from "bun:test"
import { statusError } from "../../../src/kube/mod.ts"
import { crd, indented, katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const healthy = 'onReconcile:\n  configMaps: [{ name: "{{ .metadata.name }}" }]'

/** Two operators: `website`, which is well, and `trouble`, whose operatorBox is `box`. */
async function worldOf(box: string, keys = ""): Promise<World> {
  const trouble = [
    "trouble:",
    "  apiTypes: { group: demo.example, version: v1, kind: Trouble }",
    ...(keys === "" ? [] : [indented(keys, 2)]),
    "  operatorBox:",
    indented(box, 4),
  ].join("\n")
  const text = `${katalog(healthy)}${indented(trouble, 4)}\n`
  return await World.start(text, { crds: [crd("Website"), crd("Trouble")] })
}

const put = (world: World, spec: Readonly<Record<string, unknown>> = {}, name = "bad") =>
  world.server.put(website(name, spec, { kind: "Trouble" }))

const ready = (world: World, name = "bad") => world.condition("Ready", `default/${name}`, "Trouble")

/** A new Website gets its child and is Ready within the moment that any takes. */
async function expectOthersGoOn(world: World, name = "shop"): Promise<void> {
  world.server.put(website(name))
  await world.clock.advance("50ms")
  await world.clock.settle()
  expect(world.server.read("ConfigMap", `default/${name}`)).toBeDefined()
  expect(world.conditions(`default/${name}`)).toEqual({ Ready: "True", Reconciling: "False", Stalled: "False" })
  expect(world.operator().health.failing).toBe(0)
}

describe("templates", () => {
  test.each([
    ["that fail", '{{ fail "not today" }}', "not today"],
    ["with endless loops", "{{ range until 40000 }}{{ range until 40000 }}x{{ end }}{{ end }}", "turns of range"],
    ["that make endless texts", '{{ repeat 40000 (repeat 40000 "x") }}', "more than 1048576 characters"],
    ["over values that are nested too deeply", "{{ toJson .spec.deep }}", "nested deeper than"],
  ])("%s are named on their custom resource, and others go on", async (_, template, message) => {
    let deep: unknown = {}
    for (let i = 0; i < 400; i++) deep = { deep }
    await using world = await worldOf(`onReconcile:\n  configMaps: [{ name: bad, data: { x: '${template}' } }]`)
    put(world, { deep })
    await expectOthersGoOn(world)
    expect(ready(world)).toMatchObject({ status: "False", reason: "TemplateError" })
    expect(ready(world)?.message).toContain(message)
    expect(world.operator("trouble").health.failing).toBe(1)
  })

  const many = `onReconcile:
  configMaps:
    - name: "{{ .metadata.name }}-{{ .item }}"
      forEach: { field: spec.list }
      data: { size: "{{ len (until .spec.count) }}", x: "{{ range until .spec.count }}{{ if . }}{{ end }}{{ end }}" }`
  const listOf = (length: number) => Array.from({ length }, (_, index) => `e${index}`)

  test("for more elements than the bound make nothing, and say how many there are", async () => {
    await using world = await worldOf(many)
    put(world, { list: listOf(1_000), count: 1 }, "fits")
    put(world, { list: listOf(10_000), count: 1 })
    await expectOthersGoOn(world)
    expect(ready(world)?.message).toContain("forEach has 10000 elements, the limit is 1000")
    await world.settle()
    expect(world.server.all("ConfigMap")).toHaveLength(1_001)
  }, 30_000)

  test("that are small each and too much together end with the pass", async () => {
    await using world = await worldOf(many)
    put(world, { list: listOf(500), count: 20_000 })
    await expectOthersGoOn(world)
    expect(ready(world)).toMatchObject({ status: "False", reason: "TemplateError" })
    expect(ready(world)?.message).toContain("all templates together take more than 1000000 steps")
  }, 30_000)

  test("for many elements let others go first in between", async () => {
    await using world = await worldOf(many)
    // Every look at the clock finds it a millisecond later.
    let aheadMs = world.clock.steadyMs()
    const now = spyOn(world.clock, "steadyMs").mockImplementation(() => ++aheadMs)
    const turn = spyOn(world.clock, "turn")
    put(world, { list: listOf(300), count: 1 })
    await world.settle()
    now.mockRestore()
    expect(turn.mock.calls.length).toBeGreaterThan(300)
  }, 30_000)
})

test("a thousand custom resources that come at once let one of another operator go first", async () => {
  await using world = await worldOf(healthy)
  for (let i = 0; i < 1_000; i++) put(world, {}, `many-${i}`)
  world.server.put(website("shop"))
  await world.settle()
  const applied = world.server.takeWrites().filter((write) => write.startsWith("apply ConfigMap/"))
  expect(applied).toHaveLength(1_001)
  // As many as there are workers, once or twice.
  expect(applied.indexOf("apply ConfigMap/default/shop")).toBeLessThan(10)
}, 60_000)

test("a custom resource of 1.4 MB is worked on like any other", async () => {
  const box = `onReconcile:
  configMaps: [{ name: "{{ .metadata.name }}", data: { size: "{{ len .spec.text }}" } }]
status: { fields: [{ path: size, value: "{{ len .spec.text }}" }] }`
  await using world = await worldOf(box)
  put(world, { text: "x".repeat(1_400_000) })
  await expectOthersGoOn(world)
  expect(ready(world)?.status).toBe("True")
})

test("a custom resource that is nested thousands of levels deep ends its own pass only", async () => {
  const box = `onReconcile:
  manifests: [{ apiVersion: demo.example/v1, kind: Website, metadata: { name: copy }, spec: "{{ .spec.deep }}" }]
status: { fields: [{ path: deep, value: "{{ .spec.deep }}" }] }`
  await using world = await worldOf(box)
  let deep: unknown = 1
  for (let i = 0; i < 9_000; i++) deep = { deep }
  put(world, { deep })
  await expectOthersGoOn(world)
  expect(ready(world)).toMatchObject({ status: "False", reason: "TemplateError" })
  expect(ready(world)?.message).toContain("nested deeper than 100 levels")
})

test("a status that says something else in each pass wakes nobody", async () => {
  const box = `${healthy}\nstatus: { fields: [{ path: n, value: "{{ add (default 0 .status.n) 1 }}" }] }`
  await using world = await worldOf(box, "resync: 10m")
  put(world)
  await expectOthersGoOn(world)
  await world.advance("1m")
  const writes = world.server.takeWrites().filter((write) => write.includes("Trouble"))
  expect(writes.length).toBeGreaterThan(0)
  expect(writes.length).toBeLessThan(4)
})

test("a kind that may not be listed or written is said, and others go on", async () => {
  await using world = await worldOf('onReconcile:\n  secrets: [{ name: bad, data: { a: "b" } }]')
  world.server.faults.add(({ verb, kind, object }) =>
    kind === "Secret"
      ? statusError(`${object}: ${verb}`, 403, { kind: "Status", reason: "Forbidden", message: "no" }, undefined)
      : undefined,
  )
  put(world)
  await expectOthersGoOn(world)
  expect(ready(world)).toMatchObject({ status: "False", reason: "Forbidden" })
  expect(world.operator("trouble").health.failing).toBe(1)
  world.server.takeWrites()
  await world.advance("10m")
  expect(world.server.takeWrites().length).toBeLessThan(30)
})

test("a CRD that vanishes stops its operator alone, and its return starts it", async () => {
  await using world = await worldOf(healthy)
  put(world)
  await world.settle()
  world.server.remove("CustomResourceDefinition", "troubles.demo.example")
  await expectOthersGoOn(world)
  await world.settle()
  expect(world.operator("trouble").isWorking).toBe(false)
  expect(world.operator("trouble").waitsFor).toContain("apply its CRD")
  world.server.put(crd("Trouble"))
  await world.settle()
  put(world, {}, "again")
  await expectOthersGoOn(world, "blog")
  await world.settle()
  expect(ready(world, "again")?.status).toBe("True")
})

test("what an external call throws is said on its custom resource", async () => {
  const box = `onReconcile:
  external: [{ name: quota, url: "https://api.example.com/x" }]
  configMaps: [{ name: bad, data: { left: "{{ .external.quota.left }}" } }]`
  await using world = await worldOf(box)
  world.external = () => Promise.reject(new TypeError("a surprise"))
  put(world)
  await expectOthersGoOn(world)
  expect(ready(world)).toMatchObject({ status: "False", reason: "ExternalFailed" })
})

test("an exception inside a pass is a panic of its own operator", async () => {
  await using world = await worldOf("onReconcile:\n  serviceAccounts: [{ name: bad }]")
  world.server.faults.add(({ kind }) => {
    if (kind === "ServiceAccount") throw new RangeError("Maximum call stack size exceeded")
    return undefined
  })
  put(world)
  await expectOthersGoOn(world)
  expect(world.operator("trouble").health.failing).toBe(1)
  expect(world.lines.filter(({ message }) => message.includes("panicked")).length).toBeGreaterThan(0)
})

test("an external call that answers nothing holds up its own operator only", async () => {
  const box = `onReconcile:
  external: [{ name: quota, url: "https://api.example.com/x", timeout: 60s }]
  configMaps: [{ name: bad }]`
  await using world = await worldOf(box)
  world.external = ({ signal }) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)))
  for (let i = 0; i < 10; i++) put(world, {}, `bad-${i}`)
  await expectOthersGoOn(world)
  expect(world.operator("trouble").workerStates).toEqual(["processing", "processing", "processing"])
})
