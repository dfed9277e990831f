import { describe, expect, test } from "bun:test"
import { OrkError } from "../../../src/base/mod.ts"
import type { KubeObject } from "../../../src/kube/mod.ts"
import { cleanupFinalizer, ownerUidLabel } from "../../../src/operator/mod.ts"
import { configMap, crd, katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const finalizers = (world: World, key = "default/shop", kind = "Website") =>
  world.server.read(kind, key)?.metadata.finalizers ?? []

const same = katalog("onReconcile:\n  configMaps: [{ name: here }]")
const across = (extra = "") =>
  katalog(`onReconcile:
  configMaps:
    - name: here
    - name: there
      namespace: "{{ .spec.other }}"
      when: [{ field: spec.other, exists: true }]
      ${extra}`)
const shop = website("shop", { other: "far" })

describe("the finalizer is there exactly while deletion has work of its own", () => {
  test("never for children that the garbage collector takes", async () => {
    await using world = await World.start(same, { objects: [website("shop")] })
    expect(finalizers(world)).toEqual([])
    world.server.takeWrites()
    world.server.remove("Website", "default/shop")
    await world.settle()
    expect(world.server.read("ConfigMap", "default/here")).toBeUndefined()
    expect(world.server.takeWrites()).toEqual([])
  })

  test("before the first child in another namespace is made", async () => {
    await using world = await World.start(across(), { objects: [shop] })
    expect(finalizers(world)).toEqual([cleanupFinalizer])
    const writes = world.server.takeWrites()
    expect(writes.indexOf("patch Website/default/shop")).toBe(0)
    expect(writes).toHaveLength(4)
  })

  test("no longer when the need is gone", async () => {
    await using world = await World.start(across(), { objects: [shop] })
    world.server.edit("Website", "default/shop", { spec: { other: null } })
    await world.advance("11m")
    expect(world.server.read("ConfigMap", "far/there")).toBeUndefined()
    expect(finalizers(world)).toEqual([])
  })

  test("as long as an entry that may need it cannot be rendered", async () => {
    const text = katalog(`onReconcile:
  configMaps: [{ name: there, namespace: far, data: { a: '{{ required "no" .spec.must }}' } }]`)
    await using world = await World.start(text, { objects: [website("shop", { must: "x" })] })
    world.server.edit("Website", "default/shop", { spec: { must: null } })
    await world.settle()
    world.server.remove("ConfigMap", "far/there")
    await world.settle()
    expect(finalizers(world)).toEqual([cleanupFinalizer])
  })

  test("for a cluster-scoped child of a namespaced object, not for the children of a cluster-scoped one", async () => {
    const ns = katalog(
      'onReconcile:\n  manifests: [{ apiVersion: v1, kind: Namespace, metadata: { name: "{{ .metadata.name }}" } }]',
    )
    {
      await using world = await World.start(ns, { objects: [website("shop")] })
      expect(finalizers(world)).toEqual([cleanupFinalizer])
    }
    const cluster = [crd("Website", { scope: "Cluster" })]
    await using world = await World.start(ns, {
      crds: cluster,
      objects: [website("shop", {}, { namespace: undefined })],
    })
    expect(finalizers(world, "shop")).toEqual([])
    expect(world.server.read("Namespace", "shop")?.metadata.ownerReferences).toHaveLength(1)
  })

  test("not for a child that is to stay", async () => {
    await using world = await World.start(across("deletionPolicy: retain"), { objects: [shop] })
    expect(finalizers(world)).toEqual([])
    world.server.remove("Website", "default/shop")
    await world.settle()
    expect(world.server.read("ConfigMap", "far/there")).toBeDefined()
    expect(world.server.read("ConfigMap", "default/here")).toBeUndefined()
  })

  test("always when asked for, with the published label and annotation, in one write", async () => {
    const always = katalog("onReconcile:\n  configMaps: [{ name: here }]", "finalizer: always")
    await using world = await World.start(always, { objects: [website("shop")] })
    expect(finalizers(world)).toEqual([cleanupFinalizer])
    expect(world.server.read("Website", "default/shop")?.metadata).toMatchObject({
      labels: { "orkestra.orkspace.io/managed": "true" },
      annotations: { "orkestra.orkspace.io/managed-by": "demo" },
    })
    const own = world.server.takeWrites().filter((write) => write === "patch Website/default/shop")
    expect(own).toHaveLength(1)
    world.server.remove("Website", "default/shop")
    await world.settle()
    expect(world.server.read("Website", "default/shop")).toBeUndefined()
  })

  test("beside those of others, whose order and presence it leaves alone", async () => {
    const held: KubeObject = { ...shop, metadata: { ...shop.metadata, finalizers: ["example.io/theirs"] } }
    await using world = await World.start(across(), { objects: [held] })
    expect(finalizers(world)).toEqual(["example.io/theirs", cleanupFinalizer])
    world.server.remove("Website", "default/shop")
    await world.settle()
    expect(finalizers(world)).toEqual(["example.io/theirs"])
    expect(world.server.read("ConfigMap", "far/there")).toBeUndefined()
  })
})

describe("deletion", () => {
  test("removes by inventory what the garbage collector cannot reach, then lets go", async () => {
    await using world = await World.start(across(), { objects: [shop] })
    world.server.takeWrites()
    world.server.remove("Website", "default/shop")
    await world.settle()
    expect(world.server.takeWrites()).toEqual(["delete ConfigMap/far/there", "patch Website/default/shop"])
    expect(world.server.read("Website", "default/shop")).toBeUndefined()
    expect(world.server.all("ConfigMap")).toEqual([])
  })

  test("leaves what is retained, and what only a label says is ours", async () => {
    const both = katalog(`onReconcile:
  configMaps:
    - { name: there, namespace: far }
    - { name: kept, namespace: far, deletionPolicy: retain }`)
    await using world = await World.start(both, { objects: [shop] })
    const uid = world.server.read("Website", "default/shop")?.metadata.uid ?? ""
    world.server.put(configMap("labelled", {}, { namespace: "far", labels: { [ownerUidLabel]: uid } }))
    world.server.remove("Website", "default/shop")
    await world.settle()
    expect(world.server.read("Website", "default/shop")).toBeUndefined()
    expect(world.server.all("ConfigMap").map(({ metadata }) => metadata.name)).toEqual(["kept", "labelled"])
  })

  test("waits for a child that something else holds", async () => {
    await using world = await World.start(across(), { objects: [shop] })
    world.server.edit("ConfigMap", "far/there", { metadata: { finalizers: ["example.io/held"] } })
    world.server.remove("Website", "default/shop")
    await world.advance("1m")
    expect(finalizers(world)).toEqual([cleanupFinalizer])
    world.server.edit("ConfigMap", "far/there", { metadata: { finalizers: [] } })
    await world.settle()
    expect(world.server.read("Website", "default/shop")).toBeUndefined()
  })

  test("goes through although a template of the entries is broken", async () => {
    const broken = across(`data: { a: '{{ required "no" .spec.must }}' }`)
    await using world = await World.start(broken, { objects: [website("shop", { other: "far", must: "x" })] })
    world.server.edit("Website", "default/shop", { spec: { must: null } })
    await world.settle()
    world.server.remove("Website", "default/shop")
    await world.settle()
    expect(world.server.read("Website", "default/shop")).toBeUndefined()
    expect(world.server.all("ConfigMap")).toEqual([])
  })

  test("that was asked for while nothing ran is done at the next start", async () => {
    await using world = await World.start(across(), { objects: [shop] })
    await world.stop()
    world.server.remove("Website", "default/shop")
    expect(finalizers(world)).toEqual([cleanupFinalizer])
    await world.restart()
    expect(world.server.read("Website", "default/shop")).toBeUndefined()
    expect(world.server.all("ConfigMap")).toEqual([])
  })

  test("does not let go while the caches do not know what is there", async () => {
    await using world = await World.start(across(), { objects: [shop] })
    await world.stop()
    const outage = (call: { readonly verb: string; readonly kind: string }) =>
      call.kind === "ConfigMap" && call.verb !== "delete" ? new OrkError("api/unavailable", "down") : undefined
    world.server.faults.add(outage)
    world.server.remove("Website", "default/shop")
    await world.restart()
    expect(finalizers(world)).toEqual([cleanupFinalizer])
    world.server.faults.delete(outage)
    await world.advance("6m")
    expect(world.server.read("Website", "default/shop")).toBeUndefined()
    expect(world.server.all("ConfigMap")).toEqual([])
  })

  test("keeps its finalizer in such an outage, also when the need seems to be gone", async () => {
    await using world = await World.start(across(), { objects: [shop] })
    await world.stop()
    world.server.edit("Website", "default/shop", { spec: { other: null } })
    const outage = (call: { readonly verb: string; readonly kind: string }) =>
      call.kind === "ConfigMap" ? new OrkError("api/unavailable", "down") : undefined
    world.server.faults.add(outage)
    await world.restart()
    expect(finalizers(world)).toEqual([cleanupFinalizer])
  })
})

describe("onDelete", () => {
  const ordered = katalog(`onReconcile:
  configMaps: [{ name: last, namespace: far }]
  serviceAccounts: [{ name: first }]
onDelete:
  serviceAccounts: [{ name: first }]`)

  test("names children that go before the others", async () => {
    await using world = await World.start(ordered, { objects: [website("shop")] })
    expect(finalizers(world)).toEqual([cleanupFinalizer])
    world.server.edit("ServiceAccount", "default/first", { metadata: { finalizers: ["example.io/held"] } })
    world.server.takeWrites()
    world.server.remove("Website", "default/shop")
    await world.settle()
    const said = "patch Website/default/shop/status"
    expect(world.server.takeWrites()).toEqual(["delete ServiceAccount/default/first", said])
    world.server.edit("ServiceAccount", "default/first", { metadata: { finalizers: [] } })
    await world.settle()
    expect(world.server.takeWrites()).toEqual(["delete ConfigMap/far/last", "patch Website/default/shop"])
  })

  test("with a broken template is reported and does not hold the deletion up", async () => {
    const broken = katalog(`onReconcile:
  configMaps: [{ name: last, namespace: far }]
onDelete:
  serviceAccounts: [{ name: '{{ required "no name" .spec.name }}' }]`)
    await using world = await World.start(broken, { objects: [website("shop")] })
    const held = { metadata: { finalizers: [cleanupFinalizer, "example.io/held"] } }
    world.server.edit("Website", "default/shop", held)
    world.server.remove("Website", "default/shop")
    await world.settle()
    expect(finalizers(world)).toEqual(["example.io/held"])
    expect(world.server.all("ConfigMap")).toEqual([])
    expect(world.events().map(({ reason }) => reason)).toContain("TemplateError")
  })

  test("never removes what is not ours", async () => {
    await using world = await World.start(ordered, { objects: [website("shop")] })
    world.server.edit("ServiceAccount", "default/first", { metadata: { labels: null, annotations: null } })
    await world.stop()
    world.server.remove("Website", "default/shop")
    world.server.edit("ServiceAccount", "default/first", {
      metadata: { labels: null, annotations: null, ownerReferences: null },
    })
    await world.restart()
    expect(world.server.read("Website", "default/shop")).toBeUndefined()
    expect(world.server.read("ServiceAccount", "default/first")).toBeDefined()
  })
})

test("a child in another namespace without our annotation stays, and that is said once", async () => {
  await using world = await World.start(across(), { objects: [shop] })
  await world.stop()
  world.server.edit("ConfigMap", "far/there", { metadata: { annotations: null } })
  world.server.remove("Website", "default/shop")
  await world.restart()
  expect(world.server.read("Website", "default/shop")).toBeUndefined()
  expect(world.server.read("ConfigMap", "far/there")).toBeDefined()
  const said = world.lines.filter(({ message }) => message === "child left behind")
  expect(said.map(({ fields }) => fields["child"])).toEqual(["ConfigMap/far/there"])
})
