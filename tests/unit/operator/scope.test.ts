import { describe, expect, test } from "bun:test"
import type { KubeObject } from "../../../src/kube/mod.ts"
import { entryAnnotation } from "../../../src/operator/ownership.ts"
import { childrenScope } from "../../../src/operator/scope.ts"
import { configMap, katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const child = (kind: string, name: string, entry?: string): KubeObject => ({
  ...configMap(name, {}, entry === undefined ? {} : { annotations: { [entryAnnotation]: entry } }),
  kind,
})

describe("the children that templates read", () => {
  test.each([
    ["Ingress", ["ingress", "Ingress", "ingresses"]],
    ["NetworkPolicy", ["networkPolicy", "networkpolicy", "networkPolicies", "networkpolicies"]],
    ["HorizontalPodAutoscaler", ["hpa", "hpas", "horizontalPodAutoscaler"]],
    ["PersistentVolumeClaim", ["pvc", "pvcs", "persistentvolumeclaims"]],
    ["Constructor", ["constructor", "constructors"]],
  ])("of kind %s are found under %j", (kind, keys) => {
    const object = child(kind, "a")
    const scope = childrenScope([object])
    const isPlural = (key: string) => key.endsWith("s") && key !== "ingress" && key !== "Ingress"
    for (const key of keys) expect<unknown>(scope[key]).toEqual(isPlural(key) ? { a: object } : object)
  })

  test("are found by the entry that made them, with forEach also by its key", () => {
    const [web, a, b] = [
      child("Deployment", "web", "web"),
      child("Secret", "a", "keys[a]"),
      child("Secret", "b", "keys[b]"),
    ]
    expect(childrenScope([web, a, b])["byId"]).toEqual({ web, "keys[a]": a, "keys[b]": b, keys: { a, b } })
  })
})

const at = (world: World, hours: number, minutes = 0) => {
  const now = world.clock.nowMs()
  const target = Math.floor(now / 86_400_000) * 86_400_000 + (hours * 60 + minutes) * 60_000
  return `${Math.ceil((target > now ? target - now : target + 86_400_000 - now) / 1_000)}s`
}

describe("an entry that depends on the time", () => {
  const daytime = (extra = "") =>
    katalog(
      `onReconcile:
  configMaps: [{ name: open, when: [{ time: { after: "08:00", before: "18:00" }${extra} }] }]
status:
  fields: [{ path: phase, value: Open, clearOnFalse: true, when: [{ time: { after: "09:00", before: "10:00" } }] }]`,
      "resync: 100h",
    )
  const exists = (world: World) => world.server.read("ConfigMap", "default/open") !== undefined
  const phase = (world: World) => world.server.read("Website", "default/shop")?.["status"] as { phase?: string } // by its Katalog

  test("exists exactly inside its window, without a resync", async () => {
    await using world = await World.start(daytime(), { objects: [website("shop")] })
    const seen: unknown[] = []
    for (const [hours, minutes] of [
      [7, 59],
      [8, 1],
      [9, 1],
      [10, 1],
      [17, 59],
      [18, 1],
      [23, 0],
      [8, 1],
    ] as const) {
      await world.advance(at(world, hours, minutes))
      seen.push([hours, exists(world), phase(world).phase])
    }
    expect(seen).toEqual([
      [7, false, ""],
      [8, true, ""],
      [9, true, "Open"],
      [10, true, ""],
      [17, true, ""],
      [18, false, ""],
      [23, false, ""],
      [8, true, ""],
    ])
  })

  test("costs one pass per change, not a watch on the clock", async () => {
    await using world = await World.start(daytime(), { objects: [website("shop")] })
    await world.advance(at(world, 12))
    world.server.takeWrites()
    await world.advance("24h")
    expect(world.server.takeWrites()).toEqual([
      "delete ConfigMap/default/open",
      "apply ConfigMap/default/open",
      "patch Website/default/shop/status",
      "patch Website/default/shop/status",
    ])
  })
})

describe("a unique value", () => {
  const hosts = katalog(`onReconcile:
  configMaps: [{ name: "{{ .metadata.name }}", when: [{ field: spec.host, unique: true }] }]`)

  test("belongs to one custom resource alone; who has none collides with nobody", async () => {
    const objects = [
      website("a", { host: "x" }),
      website("b", { host: "x" }),
      website("c", { host: "y" }),
      website("d"),
      website("e"),
    ]
    await using world = await World.start(hosts, { objects })
    const made = () => ["a", "b", "c", "d", "e"].filter((name) => world.server.read("ConfigMap", `default/${name}`))
    expect(made()).toEqual(["c", "d", "e"])
    world.server.edit("Website", "default/b", { spec: { host: "z" } })
    await world.advance("20m") // nobody touched a: its next resync looks again
    expect(made()).toEqual(["a", "b", "c", "d", "e"])
  })
})
