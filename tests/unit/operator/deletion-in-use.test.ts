import { expect, test } from "bun:test"
import { katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const box = katalog(`onReconcile:
  clusterRoles: [{ name: volume, rules: [{ resources: pods, verbs: get }] }]
  configMaps: [{ name: user }]`)

test.each([
  ["kubernetes.io/pv-protection", undefined],
  ["example.com/other", "user"],
])("a cluster-scoped child held by %s takes along what may use it", async (finalizer, left) => {
  await using world = await World.start(box, { objects: [website("shop")] })
  world.server.edit("ClusterRole", "volume", { metadata: { finalizers: [finalizer] } })
  world.server.remove("Website", "default/shop")
  await world.advance("20s")
  expect(world.server.read("ConfigMap", "default/user")?.metadata.name).toBe(left)
  expect(world.server.read("Website", "default/shop")).toBeDefined()
  world.server.edit("ClusterRole", "volume", { metadata: { finalizers: null } })
  await world.advance("20s")
  expect(world.server.all("Website")).toEqual([])
})
