import { expect, test } from "bun:test"
import { crd, group, katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const widget = (rest: string) => `onReconcile:
  custom:
    - apiVersion: ${group}/v1
      kind: Widget
      metadata: { name: gear }
      spec: { size: 1 }
      ${rest}`

const start = (rest: string, hasStatus = true) =>
  World.start(katalog(widget(rest)), {
    crds: [crd("Website"), crd("Widget", { hasStatus })],
    objects: [website("shop", { phase: "Open", on: false })],
  })
const status = (world: World): unknown => world.server.read("Widget", "default/gear")?.["status"]

test("a declared status is written on the child, and then nothing more", async () => {
  await using world = await start('status: { phase: "{{ .spec.phase }}", gone: "{{ .spec.none }}" }')
  expect(status(world)).toEqual({ phase: "Open" })
  expect(world.server.takeWrites()).toContain("patch Widget/default/gear/status")
  await world.advance("11m")
  expect(world.server.takeWrites()).toEqual([])
})

test("only the declared fields of a status are ours", async () => {
  await using world = await start('status: { phase: "{{ .spec.phase }}" }')
  world.server.edit("Widget", "default/gear", { status: { phase: "Shut", seen: 3 } })
  await world.settle()
  expect(status(world)).toEqual({ phase: "Open", seen: 3 })
})

test("hasStatus decides whether it is written", async () => {
  await using world = await start('status: { phase: Open }\n      hasStatus: "{{ .spec.on }}"')
  expect(status(world)).toBeUndefined()
})

test("a kind without the status subresource gets none, unless the entry says that it has one", async () => {
  await using world = await start("status: { phase: Open }", false)
  expect(status(world)).toBeUndefined()
  await using other = await start("status: { phase: Open }\n      hasStatus: true", false)
  expect(status(other)).toEqual({ phase: "Open" })
})
