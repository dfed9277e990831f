import { describe, expect, test } from "bun:test"
import { isOrkError, silent } from "../../../src/base/mod.ts"
import type { KubeObject } from "../../../src/kube/mod.ts"
import { applySetup, ownsMore, type SetupResult, setupManager } from "../../../src/manager/mod.ts"
import { FakeClock } from "../../support/clock.ts"
import { EmbeddedServer } from "../../support/embedded-server.ts"
import { configMap, crd, website } from "../../support/makers.ts"

function setup() {
  const clock = new FakeClock(0)
  const server = new EmbeddedServer(clock)
  const deps = { client: server, discovery: server, clock, log: silent }
  const { signal } = new AbortController()
  const apply = (object: KubeObject, crds: readonly KubeObject[] = []) =>
    applySetup(deps, object, { namespace: "web", crds, signal })
  return { clock, server, apply }
}

const file: KubeObject = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { x: "1", y: "2" } }
const verbOf = async (result: Promise<SetupResult>) => (await result).verb

describe("an object of a file", () => {
  test("is created in the default namespace, as ork-setup", async () => {
    const { server, apply } = setup()
    expect(await apply(file)).toEqual({ verb: "created", object: "ConfigMap/web/a", detail: "" })
    expect(server.read("ConfigMap", "web/a")?.metadata.managedFields).toMatchObject([
      { manager: setupManager, operation: "Apply" },
    ])
  })

  test("goes to the namespace it names, and to none when it is cluster-scoped", async () => {
    const { server, apply } = setup()
    await apply(configMap("b", {}))
    await apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "n" } })
    expect(server.read("ConfigMap", "default/b")).toBeDefined()
    expect(server.read("Namespace", "n")).toBeDefined()
  })

  test("that equals the cluster writes nothing", async () => {
    const { server, apply } = setup()
    await apply(file)
    server.takeWrites()
    expect(await verbOf(apply(file))).toBe("unchanged")
    expect(server.takeWrites()).toEqual([])
  })

  test("that changed arrives", async () => {
    const { server, apply } = setup()
    await apply(file)
    expect(await verbOf(apply({ ...file, data: { x: "1", y: "3" } }))).toBe("updated")
    expect(server.read("ConfigMap", "web/a")?.["data"]).toEqual({ x: "1", y: "3" })
  })

  test("that no longer has a field takes it away", async () => {
    const { server, apply } = setup()
    await apply(file)
    expect(await verbOf(apply({ ...file, data: { x: "1" } }))).toBe("updated")
    expect(server.read("ConfigMap", "web/a")?.["data"]).toEqual({ x: "1" })
    expect(await verbOf(apply({ ...file, data: { x: "1" } }))).toBe("unchanged")
  })

  test("whose field was edited in the cluster is left, and the other manager is named", async () => {
    const { server, apply } = setup()
    await apply(file)
    server.edit("ConfigMap", "web/a", { data: { x: "theirs" } }, "kubectl-edit")
    const result = await apply(file)
    expect(result.verb).toBe("left")
    expect(result.detail).toContain("kubectl-edit")
    expect(result.detail).toContain(".data.x")
    expect(server.read("ConfigMap", "web/a")?.["data"]).toEqual({ x: "theirs", y: "2" })
  })

  test("beside which others wrote fields of their own is unchanged", async () => {
    const { server, apply } = setup()
    await apply(file)
    server.edit("ConfigMap", "web/a", { data: { z: "theirs" }, metadata: { labels: { team: "x" } } })
    expect(await verbOf(apply(file))).toBe("unchanged")
  })
})

describe("a kind that has just been defined", () => {
  test("is waited for, half a minute at most", async () => {
    const { clock, server, apply } = setup()
    const waiting = apply(website("shop"))
    await clock.advance("5s")
    server.put(crd("Website"))
    await clock.advance("1s")
    expect(await verbOf(waiting)).toBe("created")
  })

  test("that never comes is an error that names it", async () => {
    const { clock, apply } = setup()
    const waiting = apply(website("shop")).catch((error: unknown) => error)
    await clock.advance("31s")
    const error = await waiting
    expect(isOrkError(error, "api/unknown-kind")).toBe(true)
    expect(String(error)).toContain("Website.demo.example")
  })

  test("a CRD is done when it is Established", async () => {
    const { clock, server, apply } = setup()
    server.isEstablishing = false
    const { status, ...definition } = crd("Website")
    let result: SetupResult | undefined
    void apply(definition as KubeObject).then((done) => (result = done)) // an object without its status is one
    await clock.advance("2s")
    expect(result).toBeUndefined()
    server.edit("CustomResourceDefinition", "websites.demo.example", { status })
    await clock.advance("1s")
    expect(result?.verb).toBe("created")
  })

  test.each([
    [
      "is refused for its names",
      { conditions: [{ type: "NamesAccepted", status: "False", message: "taken" }] },
      "taken",
    ],
    ["is not Established in time", {}, "30 s"],
  ])("a CRD that %s is an error", async (_, status, text) => {
    const { clock, server, apply } = setup()
    server.isEstablishing = false
    const failing = apply(crd("Website")).catch((error: unknown) => error)
    await clock.advance("1s")
    server.edit("CustomResourceDefinition", "websites.demo.example", { status })
    await clock.advance("31s")
    expect(String(await failing)).toContain(text)
  })
})

describe("what ork-setup owns beyond the file", () => {
  const owns = (fieldsV1: unknown, object: KubeObject, manager = setupManager) =>
    ownsMore(configMap("a", {}, { managedFields: [{ manager, operation: "Apply", fieldsV1 }] }), object)
  const ports = (list: readonly object[]): KubeObject => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "a" },
    spec: { ports: list },
  })
  const port = (key: string) => ({ "f:spec": { "f:ports": { [`k:${key}`]: { ".": {}, "f:port": {} } } } })

  test.each([
    ["a field that the file has", { "f:data": { "f:x": {} } }, file, false],
    ["a field that it lacks", { "f:data": { "f:gone": {} } }, file, true],
    ["a map that it lacks", { "f:spec": { "f:a": {} } }, file, true],
    ["an item that it has", port('{"port":80,"protocol":"TCP"}'), ports([{ port: 80 }]), false],
    ["an item that it lacks", port('{"port":81,"protocol":"TCP"}'), ports([{ port: 80 }]), true],
    [
      "a field of an item that it lacks",
      { "f:spec": { "f:ports": { 'k:{"port":80}': { "f:name": {} } } } },
      ports([{ port: 80 }]),
      true,
    ],
    [
      "a member of a set that it has",
      { "f:metadata": { "f:finalizers": { 'v:"a"': {} } } },
      { ...file, metadata: { name: "a", finalizers: ["a"] } },
      false,
    ],
    [
      "a member of a set that it lacks",
      { "f:metadata": { "f:finalizers": { 'v:"b"': {} } } },
      { ...file, metadata: { name: "a", finalizers: ["a"] } },
      true,
    ],
    ["an item of a list that it no longer has", port('{"port":80}'), ports([]), true],
  ] as const)("is told: %s", (_, fields, object, more) => {
    expect(owns(fields, object)).toBe(more)
  })

  test("is nothing where another manager owns it", () => {
    expect(owns({ "f:data": { "f:gone": {} } }, file, "helm")).toBe(false)
    expect(ownsMore(configMap("a"), file)).toBe(false)
  })
})
