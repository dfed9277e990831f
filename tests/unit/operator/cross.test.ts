import { describe, expect, test } from "bun:test"
import { OrkError } from "../../../src/base/mod.ts"
import type { KubeObject } from "../../../src/kube/mod.ts"
import { crd, katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const databases = `    database:
      apiTypes: { group: demo.example, version: v1, kind: Database }
      resync: 100h
      operatorBox:
        status: { fields: [{ path: host, value: "{{ .spec.host }}.svc" }] }
`
const box = `onReconcile:
  configMaps:
    - name: "{{ .metadata.name }}"
      data: { host: "{{ .cross.db.status.host }}" }
      when: [{ field: cross.db.found, equals: "true" }]
status:
  fields: [{ path: host, value: "{{ if .cross.db.found }}{{ .cross.db.status.host }}{{ else }}none{{ end }}" }]`
const byName = 'cross: [{ crd: database, as: db, selector: { name: "{{ .spec.database }}" } }]'

const database = (name: string, host: string, metadata: Partial<KubeObject["metadata"]> = {}): KubeObject => {
  const made = website(name, { host }, { kind: "Database" })
  return { ...made, metadata: { ...made.metadata, ...metadata } }
}

const start = (cross: string, objects: readonly KubeObject[], body = box) =>
  World.start(`${katalog(`${cross}\n${body}`, "resync: 100h")}${databases}`, {
    crds: [crd("Website"), crd("Database")],
    objects,
  })

const hostOf = (world: World, name = "shop") =>
  Object(world.server.read("Website", `default/${name}`)?.["status"])["host"]

describe("a custom resource that reads another one", () => {
  test("finds nothing where the other entry, or the whole Katalog, lets nobody read", async () => {
    const world = (text: string) =>
      World.start(text, {
        crds: [crd("Website"), crd("Database")],
        objects: [website("shop", { database: "main" }), database("main", "one")],
      })
    const text = `${katalog(`${byName}\n${box}`)}${databases}`
    const closed = text.replace("kind: Database }", "kind: Database }\n      crossAccess: false")
    await using one = await world(closed)
    expect(hostOf(one)).toBe("none")
    const all = text.replace("spec:", "spec:\n  crossAccess: false")
    await using two = await world(all)
    expect(hostOf(two)).toBe("none")
    const open = all.replace("kind: Database }", "kind: Database }\n      crossAccess: true")
    await using three = await world(open)
    expect(hostOf(three)).toBe("one.svc")
  })

  test("sees it, and follows what the other operator of this process writes to it", async () => {
    await using world = await start(byName, [website("shop", { database: "main" }), database("main", "one")])
    expect(hostOf(world)).toBe("one.svc")
    world.server.put(database("main", "two"))
    await world.settle()
    expect(hostOf(world)).toBe("two.svc")
    expect(world.server.read("ConfigMap", "default/shop")?.["data"]).toEqual({ host: "two.svc" })
  })

  test("goes on without it, takes it up when it comes and lets it go with it", async () => {
    await using world = await start(byName, [website("shop", { database: "main" })])
    expect(hostOf(world)).toBe("none")
    expect(world.conditions()["Ready"]).toBe("True")
    world.server.put(database("main", "one"))
    await world.settle()
    expect(hostOf(world)).toBe("one.svc")
    world.server.remove("Database", "default/main")
    await world.settle()
    expect(hostOf(world)).toBe("none")
    expect(world.server.read("ConfigMap", "default/shop")).toBeUndefined()
  })

  test("is not woken by others, and no longer by what it does not read any more", async () => {
    await using world = await start(byName, [website("shop", { database: "main" }), database("main", "one")])
    const passes = () => world.operator().health.total
    const before = passes()
    world.server.put(database("other", "x"))
    await world.settle()
    expect(passes()).toBe(before)
    world.server.put(website("shop", { database: "other" }))
    await world.settle()
    expect(hostOf(world)).toBe("x.svc")
    const then = passes()
    world.server.put(database("main", "two"))
    await world.settle()
    expect(passes()).toBe(then)
  })

  test("writes nothing in steady state and after a restart", async () => {
    await using world = await start(byName, [website("shop", { database: "main" }), database("main", "one")])
    world.server.takeWrites()
    await world.restart()
    await world.advance("1h")
    expect(world.server.takeWrites()).toEqual([])
  })

  test("waits while the kind cannot be listed, rather than taking it for empty", async () => {
    await using world = await start(byName, [website("shop", { database: "main" }), database("main", "one")])
    world.server.takeWrites()
    await world.stop()
    const denied = new OrkError("api/forbidden", "databases: forbidden")
    world.server.faults.add(({ kind, verb }) => (kind === "Database" && /list|watch/.test(verb) ? denied : undefined))
    await world.restart()
    expect(world.conditions()["Ready"]).toBe("False")
    expect(world.server.read("ConfigMap", "default/shop")).toBeDefined()
    expect(hostOf(world)).toBe("one.svc")
  })
})

describe("reads by labels", () => {
  const labelled = (strategy: string) =>
    `cross: [{ crd: database, as: db, selector: { matchLabels: { for: "{{ .metadata.name }}" }, strategy: ${strategy} } }]`
  const labels = { for: "shop" }
  const objects = [
    website("shop"),
    database("b", "b", { labels }),
    database("a", "a", { labels, namespace: "shared" }),
    database("c", "c", { labels: { for: "other" } }),
  ]

  test("show the first by namespace and name", async () => {
    await using world = await start(labelled("first"), objects)
    expect(hostOf(world)).toBe("b.svc")
    world.server.put(database("b", "b", { labels: {} }))
    await world.settle()
    expect(hostOf(world)).toBe("a.svc")
  })

  test("show every one where all are asked for", async () => {
    const body = `status:
  fields: [{ path: host, value: "{{ .cross.db.count }}{{ range .cross.db.items }} {{ .metadata.name }}{{ end }}" }]`
    await using world = await start(labelled("all"), objects, body)
    expect(hostOf(world)).toBe("2 b a")
    world.server.put(database("d", "d", { labels }))
    await world.settle()
    expect(hostOf(world)).toBe("3 b d a")
  })
})

test("a kind that the cluster does not serve has no objects, until it does", async () => {
  const text = `${katalog(`${byName}\n${box}`, "resync: 100h")}${databases}`
  await using world = await World.start(text, { objects: [website("shop", { database: "main" })] })
  expect(hostOf(world)).toBe("none")
  world.server.put(crd("Database"))
  world.server.put(database("main", "one"))
  await world.advance("20s")
  expect(hostOf(world)).toBe("one.svc")
})

test("a kind that vanishes takes its objects with it, and is followed again when it is back", async () => {
  await using world = await start(byName, [website("shop", { database: "main" }), database("main", "one")])
  world.server.remove("CustomResourceDefinition", "databases.demo.example")
  await world.settle()
  expect(hostOf(world)).toBe("none")
  world.server.put(crd("Database"))
  world.server.put(database("main", "two"))
  await world.advance("2m")
  expect(hostOf(world)).toBe("two.svc")
})

test("a name that cannot be made is said on the custom resource, and nothing is pruned", async () => {
  const cross = 'cross: [{ crd: database, as: db, selector: { name: "{{ required \\"name it\\" .spec.database }}" } }]'
  await using world = await start(cross, [website("shop", { database: "main" }), database("main", "one")])
  world.server.put(website("shop", {}))
  await world.settle()
  expect(world.condition("Stalled")?.reason).toBe("TemplateError")
  expect(world.server.read("ConfigMap", "default/shop")).toBeDefined()
})
