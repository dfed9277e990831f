import { describe, expect, test } from "bun:test"
import { ms, OrkError } from "../../../src/base/mod.ts"
import { getPath, type KubeObject, keyOf } from "../../../src/kube/mod.ts"
import { lastApplied, Rollbacks } from "../../../src/operator/rollback.ts"
import { FakeClock } from "../../support/clock.ts"
import type { ServerCall } from "../../support/embedded-server.ts"
import { configMap, katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const text = katalog(`rollBackOnError: true
onReconcile:
  configMaps:
    - { name: first, data: { title: "{{ .spec.title }}" } }
    - { name: second, when: [{ field: spec.title, equals: two }] }
  deployments:
    - { name: web, image: "{{ required \\"no image\\" .spec.image }}" }`)

const title = (world: World) => getPath(world.server.read("ConfigMap", "default/first"), ["data", "title"])
const edit = async (world: World, spec: Readonly<Record<string, unknown>>) => {
  world.server.takeWrites()
  world.server.edit("Website", "default/shop", { spec })
  await world.settle()
}

async function good(): Promise<World> {
  const world = await World.start(text, { objects: [website("shop", { title: "one", image: "a" })] })
  expect(title(world)).toBe("one")
  return world
}

/** The server refuses to change the Deployment; `late`: only when it is no dry run. */
function refuse(world: World, late = false): () => void {
  const fault = ({ verb, kind, dryRun }: ServerCall) =>
    verb === "apply" && kind === "Deployment" && !(late && dryRun) ? new OrkError("api/invalid", "no good") : undefined
  world.server.faults.add(fault)
  return () => void world.server.faults.delete(fault)
}

describe("rollBackOnError", () => {
  test("changes nothing when the server would refuse a part of it, and says why", async () => {
    await using world = await good()
    refuse(world)
    await edit(world, { title: "two", image: "b" })
    expect(world.server.takeWrites()).toEqual(["patch Website/default/shop/status"])
    expect(title(world)).toBe("one")
    expect(world.condition("Ready")).toMatchObject({ status: "False", reason: "Invalid" })
    expect(world.condition("RolledBack")?.message).toContain("the last good state is kept: Deployment/default/web")
  })

  test("changes nothing when an entry cannot be rendered", async () => {
    await using world = await good()
    await edit(world, { title: "two", image: null })
    expect(title(world)).toBe("one")
    expect(world.condition("RolledBack")?.status).toBe("True")
  })

  test("puts back what was changed when the server refuses later, and removes what was made", async () => {
    await using world = await good()
    const before = world.server.read("ConfigMap", "default/first")
    const allow = refuse(world, true)
    await edit(world, { title: "two", image: "b" })
    const after = world.server.read("ConfigMap", "default/first")
    expect(after?.["data"]).toEqual(before?.["data"])
    expect(after?.metadata.annotations).toEqual(before?.metadata.annotations ?? {})
    expect(after?.metadata.ownerReferences).toEqual(before?.metadata.ownerReferences ?? [])
    expect(world.server.read("ConfigMap", "default/second")).toBeUndefined()
    expect(world.condition("RolledBack")?.status).toBe("True")
    allow()
    await edit(world, { image: "c" })
    expect(title(world)).toBe("two")
    expect(world.server.read("ConfigMap", "default/second")).toBeDefined()
    expect(world.condition("RolledBack")).toBeUndefined()
  })

  test("is tried again after a while, and not all the time", async () => {
    await using world = await good()
    const allow = refuse(world, true)
    await edit(world, { title: "two", image: "b" })
    world.server.takeWrites()
    for (let times = 0; times < 5; times++) {
      world.server.edit("ConfigMap", "default/first", { metadata: { labels: { n: `${times}` } } })
      await world.settle()
    }
    expect(world.server.takeWrites()).toEqual([])
    allow()
    await world.advance("11m")
    expect(title(world)).toBe("two")
  })

  test("is no obstacle when all goes well: the same writes as without", async () => {
    await using world = await good()
    await edit(world, { title: "two", image: "b" })
    const writes = world.server.takeWrites().filter((write) => write.startsWith("apply"))
    expect(writes.toSorted()).toEqual([
      "apply ConfigMap/default/first",
      "apply ConfigMap/default/second",
      "apply Deployment/default/web",
    ])
  })

  test("is off without being asked for", async () => {
    await using world = await World.start(text.replace("rollBackOnError: true", ""), {
      objects: [website("shop", { title: "one", image: "a" })],
    })
    refuse(world)
    await edit(world, { title: "two", image: "b" })
    expect(title(world)).toBe("two")
  })
})

test("what was applied is read from what is owned: fields, items by key, members of sets", () => {
  const fieldsV1 = {
    "f:metadata": { "f:labels": { "f:ours": {} } },
    "f:spec": {
      "f:replicas": {},
      "f:containers": { 'k:{"name":"web"}': { ".": {}, "f:image": {} } },
      "f:tags": { 'v:"a"': {} },
    },
  }
  const managedFields = [{ manager: "ork", operation: "Apply" as const, fieldsV1 }]
  const object: KubeObject = {
    ...configMap("page", {}, { labels: { ours: "1", theirs: "2" }, managedFields }),
    spec: {
      replicas: 2,
      other: 1,
      containers: [{ name: "web", image: "a", args: ["x"] }, { name: "side" }],
      tags: ["a", "b"],
    },
  }
  expect(lastApplied(object, "ork")).toEqual({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "page", namespace: "default", labels: { ours: "1" } },
    spec: { replicas: 2, containers: [{ name: "web", image: "a" }], tags: ["a"] },
  })
  expect(lastApplied(object, "somebody")).toBeUndefined()
})

test("a failed intent is remembered for its CR, for ten minutes, until it changes or the CR goes", async () => {
  const clock = new FakeClock()
  const rollbacks = new Rollbacks(clock)
  const key = keyOf(website("shop"))
  rollbacks.failed(key, "a", [])
  expect(rollbacks.of(key, "a")?.leftMs === ms("10m")).toBe(true)
  await clock.advance("11m")
  expect(rollbacks.of(key, "a")).toBeUndefined()
  rollbacks.failed(key, "a", [])
  expect(rollbacks.of(key, "b")).toBeUndefined()
  rollbacks.failed(key, "a", [])
  rollbacks.forget(key)
  expect(rollbacks.size).toBe(0)
})
