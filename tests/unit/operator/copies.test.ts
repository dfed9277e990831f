import { describe, expect, test } from "bun:test"
import type { KubeObject } from "../../../src/kube/mod.ts"
import { katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const shop = website("shop", { title: "one", source: "base" })

const configMap = (name: string, namespace: string, data: object): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace, labels: { private: "yes" } },
  data,
})

const base = configMap("base", "platform", { color: "red", size: "small" })

const start = (lists: string, objects: readonly KubeObject[]) =>
  World.start(katalog(`onReconcile:\n  ${lists}`), { objects })

const copy = "configMaps: [{ name: settings, fromConfigMap: base, fromNamespace: platform, data: { size: large } }]"
const dataOf = (world: World, key = "default/settings") => world.server.read("ConfigMap", key)?.["data"]

describe("a copy", () => {
  test("has what its source has, what the entry declares on top, and nothing of the source's labels", async () => {
    await using world = await start(copy, [shop, base])
    expect(dataOf(world)).toEqual({ color: "red", size: "large" })
    expect(world.server.read("ConfigMap", "default/settings")?.metadata.labels).not.toHaveProperty("private")
    expect(world.condition("Ready")?.status).toBe("True")
  })

  test("follows its source at once, and writes nothing while that rests", async () => {
    await using world = await start(copy, [shop, base])
    world.server.edit("ConfigMap", "platform/base", { data: { color: "blue" } })
    await world.settle()
    expect(dataOf(world)).toEqual({ color: "blue", size: "large" })
    world.server.takeWrites()
    await world.advance("1h")
    await world.restart()
    expect(world.server.takeWrites()).toEqual([])
  })

  test("waits for its source, says so, and is made when that comes", async () => {
    await using world = await start(copy, [shop])
    expect(dataOf(world)).toBeUndefined()
    expect(world.condition("Ready")).toMatchObject({ status: "False" })
    expect(world.condition("Ready")?.message).toContain("ConfigMap/platform/base")
    world.server.put(base)
    await world.settle()
    expect(dataOf(world)).toEqual({ color: "red", size: "large" })
    expect(world.condition("Ready")?.status).toBe("True")
  })

  test("stays when its source goes", async () => {
    await using world = await start(copy, [shop, base])
    world.server.remove("ConfigMap", "platform/base")
    await world.settle()
    expect(dataOf(world)).toEqual({ color: "red", size: "large" })
    expect(world.condition("Ready")?.status).toBe("False")
  })

  test("from the namespace of the custom resource is the default, with a name from its spec", async () => {
    const lists = 'configMaps: [{ name: settings, fromConfigMap: "{{ .spec.source }}" }]'
    await using world = await start(lists, [
      shop,
      configMap("base", "default", { a: "1" }),
      configMap("b", "default", { a: "2" }),
    ])
    expect(dataOf(world)).toEqual({ a: "1" })
    world.server.edit("Website", "default/shop", { spec: { source: "b" } })
    await world.settle()
    expect(dataOf(world)).toEqual({ a: "2" })
    world.server.edit("ConfigMap", "default/base", { data: { a: "3" } })
    await world.settle()
    expect(dataOf(world)).toEqual({ a: "2" })
  })

  test("in several namespaces leaves out its own source", async () => {
    const lists =
      "configMaps: [{ name: base, fromConfigMap: base, fromNamespace: platform, toNamespaces: [platform, x, y] }]"
    await using world = await start(lists, [shop, base])
    expect(dataOf(world, "x/base")).toEqual({ color: "red", size: "small" })
    expect(dataOf(world, "y/base")).toBeDefined()
    expect(
      world.server
        .read("ConfigMap", "platform/base")
        ?.metadata.managedFields?.some(({ manager }) => manager?.startsWith("ork/")),
    ).not.toBe(true)
  })

  test("onto its source is refused", async () => {
    await using world = await start("configMaps: [{ name: base, fromConfigMap: base }]", [
      shop,
      configMap("base", "default", { a: "1" }),
    ])
    expect(world.condition("Ready")).toMatchObject({ status: "False", reason: "TemplateError" })
    expect(dataOf(world, "default/base")).toEqual({ a: "1" })
  })

  test("of a secret takes its type along", async () => {
    const login: KubeObject = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "pull", namespace: "platform" },
      type: "kubernetes.io/dockerconfigjson",
      data: { ".dockerconfigjson": "e30=" },
    }
    await using world = await start("secrets: [{ fromSecret: pull, fromNamespace: platform }]", [shop, login])
    expect(world.server.read("Secret", "default/shop-secret")).toMatchObject({
      type: "kubernetes.io/dockerconfigjson",
      data: { ".dockerconfigjson": "e30=" },
    })
  })
})
