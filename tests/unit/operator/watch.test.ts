import { describe, expect, test } from "bun:test"
import type { KubeObject } from "../../../src/kube/mod.ts"
import { configMap, crd, katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const start = (watch: string, objects: readonly KubeObject[] = [website("shop"), website("other")]) =>
  World.start(katalog(`watch:\n  - ${watch}`, "resync: 100h"), { objects })

/** Custom resources that had a pass while `act` and its echo ran. */
async function woken(world: World, act: () => void): Promise<readonly string[]> {
  const before = new Set(world.lines)
  act()
  await world.settle()
  const passes = world.lines.filter((line) => !before.has(line) && line.message === "reconciled")
  return [...new Set(passes.map(({ fields }) => String(fields["key"])))].sort()
}

describe("a watched object", () => {
  test("wakes the custom resource that its label names, in its namespace", async () => {
    await using world = await start("{ apiVersion: v1, kind: ConfigMap, keyFrom: { label: site } }")
    const flags = configMap("flags", {}, { labels: { site: "shop" } })
    expect(await woken(world, () => world.server.put(flags))).toEqual(["default/shop"])
    const strange = configMap("strange", {}, { labels: { site: "nobody" } })
    expect(await woken(world, () => world.server.put(strange))).toEqual([])
  })

  test("wakes the one that its annotation names in any namespace", async () => {
    await using world = await start("{ apiVersion: v1, kind: ConfigMap, keyFrom: { annotation: for } }")
    const flags = configMap("flags", {}, { namespace: "shared", annotations: { for: "default/other" } })
    expect(await woken(world, () => world.server.put(flags))).toEqual(["default/other"])
  })

  test("wakes the one whose name a template makes of it", async () => {
    const name = '{{ .metadata.name | trimSuffix "-flags" }}'
    await using world = await start(
      `{ apiVersion: v1, kind: ConfigMap, keyFrom: { name: '${name}', namespace: default } }`,
    )
    const flags = configMap("shop-flags", {}, { namespace: "shared" })
    expect(await woken(world, () => world.server.put(flags))).toEqual(["default/shop"])
  })

  test("wakes its owner, and without an owner of the kind all custom resources", async () => {
    await using world = await start("{ apiVersion: v1, kind: ConfigMap }")
    const cr = world.server.read("Website", "default/shop")
    const owner = { apiVersion: String(cr?.apiVersion), kind: "Website", name: "shop", uid: String(cr?.metadata.uid) }
    const owned = configMap("owned", {}, { ownerReferences: [owner] })
    expect(await woken(world, () => world.server.put(owned))).toEqual(["default/shop"])
    expect(await woken(world, () => world.server.put(configMap("free")))).toEqual(["default/other", "default/shop"])
  })

  test("wakes on what is asked for alone, and only where it is asked for", async () => {
    await using world = await start("{ apiVersion: v1, kind: ConfigMap, namespace: shared, name: flags, on: [delete] }")
    const flags = configMap("flags", {}, { namespace: "shared" })
    expect(await woken(world, () => world.server.put(flags))).toEqual([])
    expect(await woken(world, () => world.server.put(configMap("flags")))).toEqual([])
    expect(await woken(world, () => world.server.remove("ConfigMap", "default/flags"))).toEqual([])
    expect(await woken(world, () => world.server.remove("ConfigMap", "shared/flags"))).toHaveLength(2)
  })

  test("wakes nobody by having been there before the start", async () => {
    const objects = [website("shop"), configMap("flags")]
    await using world = await start("{ apiVersion: v1, kind: ConfigMap }", objects)
    expect(world.operator().health.total).toBe(1)
  })

  test("of a kind that comes late is followed from then on", async () => {
    await using world = await start("{ apiVersion: demo.example/v1, kind: Tenant }", [website("shop")])
    world.server.put(crd("Tenant"))
    await world.advance("20s")
    const tenant = website("a", {}, { kind: "Tenant" })
    expect(await woken(world, () => world.server.put(tenant))).toEqual(["default/shop"])
  })

  test("passes the enqueueGate like everything that happens", async () => {
    const gate = "gates:\n  enqueueGate: { when: [{ field: spec.on, equals: true }] }"
    const watch = "watch: [{ apiVersion: v1, kind: ConfigMap }]"
    const objects = [website("shop"), website("other", { on: true })]
    await using world = await World.start(katalog(`${gate}\n${watch}`, "resync: 100h"), { objects })
    expect(await woken(world, () => world.server.put(configMap("free")))).toEqual(["default/other"])
  })

  test("that cannot be led anywhere is said once, and wakes nobody", async () => {
    await using world = await start(
      `{ apiVersion: v1, kind: ConfigMap, keyFrom: { name: '{{ required "who" .data.site }}' } }`,
    )
    world.server.put(configMap("one"))
    world.server.put(configMap("two"))
    await world.settle()
    const said = world.lines.filter(
      ({ message }) => message === "a watched object cannot be led to its custom resource",
    )
    expect(said).toHaveLength(1)
    expect(world.operator().health.total).toBe(2)
  })
})

test("a watched custom resource of another operator wakes also when this process writes its status", async () => {
  const entry = `    tenant:
      apiTypes: { group: demo.example, version: v1, kind: Tenant }
      operatorBox:
        status: { fields: [{ path: seen, value: "{{ .spec.name }}" }] }`
  const text = `${katalog(
    "watch: [{ apiVersion: demo.example/v1, kind: Tenant, keyFrom: { name: shop } }]",
    "resync: 100h",
  )}${entry}\n`
  const crds = [crd("Website"), crd("Tenant")]
  await using world = await World.start(text, { crds, objects: [website("shop")] })
  world.server.put(website("a", { name: "one" }, { kind: "Tenant" }))
  await world.settle()
  const before = world.operator().health.total
  const statusWrites = () => world.server.takeWrites().filter((write) => write.startsWith("patch Tenant")).length
  statusWrites()
  world.server.put(website("a", { name: "two" }, { kind: "Tenant" }))
  await world.settle()
  expect(statusWrites()).toBe(1)
  // The edit, then our status: the event and the answer may both come.
  expect(world.operator().health.total - before).toBeGreaterThanOrEqual(2)
  expect(world.operator().health.total - before).toBeLessThanOrEqual(3)
})
