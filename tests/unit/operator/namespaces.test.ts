import { describe, expect, test } from "bun:test"
import type { KubeObject } from "../../../src/kube/mod.ts"
import { cleanupFinalizer } from "../../../src/operator/mod.ts"
import { katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const box = 'onReconcile: { configMaps: [{ name: "{{ .metadata.name }}" }] }'
const objects: readonly KubeObject[] = [
  { ...website("a", { size: "big" }), metadata: { name: "a", namespace: "one", labels: { team: "x", tier: "1" } } },
  { ...website("b", { size: "small" }), metadata: { name: "b", namespace: "two", labels: { team: "x" } } },
  { ...website("c", { size: "big" }), metadata: { name: "c", namespace: "three" } },
]

const made = (world: World) =>
  ["one/a", "two/b", "three/c"].filter((key) => world.server.read("ConfigMap", key) !== undefined)

describe("an operator works only on the custom resources that its entry selects", () => {
  test.each([
    ["", ["one/a", "two/b", "three/c"]],
    ["namespace: two", ["two/b"]],
    ["allowedNamespaces: [one, three]", ["one/a", "three/c"]],
    ["allowedNamespaces: one", ["one/a"]],
    ["restrictedNamespaces: [one]", ["two/b", "three/c"]],
    ["allowedNamespaces: [one, two]\nrestrictedNamespaces: [one]", ["two/b"]],
    ["labelSelector: { team: x }", ["one/a", "two/b"]],
    ["labelSelector: { team: x, tier: 1 }", ["one/a"]],
    ["fieldSelector: { spec.size: big, metadata.name: c }", ["three/c"]],
  ])("%j", async (keys, expected) => {
    await using world = await World.start(katalog(box, keys), { objects })
    await world.advance("1h")
    expect(made(world)).toEqual(expected)
    const outside = objects.filter(({ metadata: { namespace, name } }) => !expected.includes(`${namespace}/${name}`))
    for (const { metadata } of outside) {
      const key = `${metadata.namespace}/${metadata.name}`
      expect([key, world.server.read("Website", key)?.["status"]]).toEqual([key, undefined])
    }
    expect(world.operator().crs).toHaveLength(expected.length)
    expect(world.operator().health.seen).toBe(expected.length)
  })
})

describe("a custom resource that leaves the selection", () => {
  const across =
    'onReconcile: { configMaps: [{ name: "{{ .metadata.name }}", namespace: far, data: { size: "{{ .spec.size }}" } }] }'
  const start = () => World.start(katalog(across, "labelSelector: { team: x }"), { objects: objects.slice(0, 1) })
  const leave = async (world: World) => {
    world.server.edit("Website", "one/a", { metadata: { labels: { team: "y" } }, spec: { size: "new" } })
    await world.settle()
  }

  test("is not touched any more, and taken up again when it comes back", async () => {
    await using world = await start()
    const { total } = world.operator().health
    await leave(world)
    expect(world.operator().health).toMatchObject({ seen: 0, total })
    world.server.takeWrites()
    world.server.remove("ConfigMap", "far/a")
    await world.advance("1h")
    expect(world.server.takeWrites()).toEqual([])
    expect(world.operator().health.total).toBe(total)
    world.server.edit("Website", "one/a", { metadata: { labels: { team: "x" } } })
    await world.settle()
    expect(world.server.read("ConfigMap", "far/a")?.["data"]).toEqual({ size: "new" })
  })

  test("is still deleted with all that our finalizer stands for", async () => {
    await using world = await start()
    expect(world.server.read("Website", "one/a")?.metadata.finalizers).toEqual([cleanupFinalizer])
    await leave(world)
    world.server.remove("Website", "one/a")
    await world.advance("1m")
    expect(world.server.read("ConfigMap", "far/a")).toBeUndefined()
    expect(world.server.read("Website", "one/a")).toBeUndefined()
  })
})
