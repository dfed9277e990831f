import { expect, test } from "bun:test"
import { katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const rules = 'rules: [{ field: spec.size, default: 2 }, { field: metadata.labels.tier, override: "{{ .spec.tier }}" }]'
const page = 'onReconcile:\n  configMaps: [{ name: page, data: { size: "{{ .spec.size }}" } }]'
const start = (keys: string, spec: object = { tier: "web", title: " hi " }) =>
  World.start(katalog(page, keys), { objects: [website("shop", { ...spec })] })
const read = (world: World) => world.server.read("Website", "default/shop")

test("with persist what mutation sets is written to the custom resource, once", async () => {
  await using world = await start(`mutation: { persist: true, ${rules} }`)
  expect(read(world)?.["spec"]).toEqual({ tier: "web", title: " hi ", size: 2 })
  expect(read(world)?.metadata.labels).toEqual({ tier: "web" })
  world.server.takeWrites()
  await world.advance("11m")
  expect(world.server.takeWrites()).toEqual([])
  expect(world.condition("Ready")).toMatchObject({ status: "True" })
})

test("what is only normalised stays in memory", async () => {
  await using world = await start(
    `mutation: { persist: true, ${rules} }\nnormalize: { spec: { title: "{{ trimSpace .spec.title }}" } }`,
  )
  expect(read(world)?.["spec"]).toEqual({ tier: "web", title: " hi ", size: 2 })
})

test("a denied custom resource is not written", async () => {
  const denied = `mutation: { persist: true, ${rules} }\nvalidation: { rules: [{ field: spec.size, max: 1, message: big }] }`
  await using world = await start(denied)
  expect(read(world)?.["spec"]).toEqual({ tier: "web", title: " hi " })
})

test("without persist the custom resource stays as its user wrote it", async () => {
  await using world = await start(`mutation: { ${rules} }`)
  expect(read(world)?.["spec"]).toEqual({ tier: "web", title: " hi " })
  expect(world.server.read("ConfigMap", "default/page")?.["data"]).toEqual({ size: "2" })
})
