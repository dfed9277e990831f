import { describe, expect, test } from "bun:test"
import { OrkError } from "../../../src/base/mod.ts"
import { type KubeObject, keyOf } from "../../../src/kube/mod.ts"
import { Sentinels } from "../../../src/operator/sentinels.ts"
import { indented, katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const entries = `onReconcile:
  configMaps: [{ name: page, data: { title: "{{ .spec.title }}", tag: '{{ .metadata.annotations.tag | default "" }}' } }]`

const isOpen = "{ field: spec.paused, notEquals: true }"
const start = (gates: string, spec: Readonly<Record<string, unknown>> = {}, more = "resync: 1h") =>
  World.start(katalog(`gates:\n  ${gates.replaceAll("\n", "\n  ")}\n${entries}`, more), {
    objects: [website("shop", { title: "a", ...spec })],
  })

const edit = (world: World, spec: Readonly<Record<string, unknown>>) =>
  world.server.edit("Website", "default/shop", { spec })

function titleOf(world: World): unknown {
  return data(world)?.["title"]
}

function data(world: World): Readonly<Record<string, unknown>> | undefined {
  const page = world.server.read("ConfigMap", "default/page")
  return page && Object(page["data"])
}

const state = (world: World) => world.operator().health.stateOf(world.operator().crs.length)

describe.each(["enqueueGate", "reconcileGate"])("a custom resource that its %s holds", (gate) => {
  const paused = `${gate}: { when: [${isOpen}] }`

  test("is not touched, also not by a resync, and goes on when the gate opens", async () => {
    await using world = await start(paused, { paused: true })
    await world.advance("3h")
    expect(world.server.takeWrites()).toEqual([])
    edit(world, { paused: false })
    await world.settle()
    expect(titleOf(world)).toBe("a")
    expect(world.conditions()).toMatchObject({ Ready: "True" })
    world.server.takeWrites()
    edit(world, { title: "b", paused: true })
    await world.advance("3h")
    expect(world.server.takeWrites().filter((write) => !write.includes("Event"))).toEqual([])
    edit(world, { paused: false })
    await world.settle()
    expect(titleOf(world)).toBe("b")
  })

  test("is deleted all the same", async () => {
    await using world = await start(`${paused}\n`, {}, "resync: 1h\nfinalizer: always")
    edit(world, { paused: true })
    await world.settle()
    expect(world.server.read("Website", "default/shop")?.metadata.finalizers).toHaveLength(1)
    world.server.remove("Website", "default/shop")
    await world.settle()
    expect(world.server.read("Website", "default/shop")).toBeUndefined()
  })

  test("waits for its time window, which opens by itself, without a resync", async () => {
    // The clock of a world begins at a full hour, so the first pass is in the window.
    const window = `${gate}: { when: [{ cron: "0 * * * *", duration: 1m }] }`
    await using world = await start(window, {}, "resync: 100h")
    await world.advance("2m")
    const before = titleOf(world)
    edit(world, { title: "later" })
    await world.advance("30s")
    expect(titleOf(world)).toBe(before)
    await world.advance("1h")
    expect(titleOf(world)).toBe("later")
  })

  test("writes nothing in the steady state, and nothing twice after a restart", async () => {
    await using world = await start(
      `sentinels: [generationChanged]\n${gate}: { when: [{ field: "{{ generationChanged }}", equals: true }] }`,
    )
    expect(titleOf(world)).toBe("a")
    world.server.takeWrites()
    await world.advance("5h")
    await world.restart()
    await world.advance("5h")
    expect(world.server.takeWrites().filter((write) => /Website|ConfigMap/.test(write))).toEqual([])
  })
})

const whenChanged = (gate: string, sentinel = "generationChanged") =>
  `sentinels: [${sentinel}]\n${gate}: { when: [{ field: "{{ ${sentinel} }}", equals: "true" }] }`

describe.each(["enqueueGate", "reconcileGate"])("generationChanged in the %s", (gate) => {
  test("lets edits of the spec through, and nothing else", async () => {
    await using world = await start(whenChanged(gate))
    world.server.takeWrites()
    world.server.edit("Website", "default/shop", { status: { note: "x" } })
    world.server.edit("Website", "default/shop", { metadata: { annotations: { tag: "x" } } })
    await world.advance("3h")
    expect(world.server.takeWrites()).toEqual([])
    expect(data(world)).toEqual({ title: "a", tag: "" })
    edit(world, { title: "b" })
    await world.settle()
    expect(data(world)).toEqual({ title: "b", tag: "x" })
  })

  test("stays true until a pass succeeds", async () => {
    await using world = await start(whenChanged(gate))
    const refuse = () => new OrkError("api/unavailable", "no")
    world.server.faults.add(refuse)
    edit(world, { title: "b" })
    await world.advance("10s")
    world.server.faults.clear()
    await world.advance("10m")
    expect(titleOf(world)).toBe("b")
  })

  test("is true for everything after a restart", async () => {
    await using world = await start(whenChanged(gate))
    world.server.edit("Website", "default/shop", { metadata: { annotations: { tag: "x" } } })
    await world.settle()
    expect(data(world)?.["tag"]).toBe("")
    await world.restart()
    expect(data(world)?.["tag"]).toBe("x")
  })
})

test("labelsChanged lets an edit of the labels through, in a template with a choice too", async () => {
  const gates =
    'sentinels: [labelsChanged]\nreconcileGate: { when: [{ field: "{{ if labelsChanged }}go{{ end }}", equals: go }] }'
  await using world = await start(gates)
  edit(world, { title: "b" })
  await world.settle()
  expect(titleOf(world)).toBe("a")
  world.server.edit("Website", "default/shop", { metadata: { labels: { team: "red" } } })
  await world.settle()
  expect(titleOf(world)).toBe("b")
})

describe("the operator's health", () => {
  const paused = (gate: string) => `${gate}: { when: [${isOpen}] }`

  test("is gated while its only custom resource is held by the reconcileGate, until a pass succeeds", async () => {
    await using world = await start(paused("reconcileGate"), { paused: true })
    expect(state(world)).toBe("gated")
    expect(world.conditions()).toEqual({})
    edit(world, { paused: false })
    await world.settle()
    expect(state(world)).toBe("healthy")
  })

  test("stays as it is when the enqueueGate holds one, which counts as looked at", async () => {
    await using world = await start(paused("enqueueGate"), { paused: true })
    expect([state(world), world.operator().health.total, world.operator().health.seen]).toEqual(["started", 0, 1])
  })

  test("is healthy when one of several is held", async () => {
    await using world = await start(paused("reconcileGate"))
    world.server.put(website("other", { title: "o", paused: true }))
    await world.settle()
    expect([state(world), world.operator().health.gated]).toEqual(["healthy", 1])
    world.server.remove("Website", "default/other")
    await world.settle()
    expect(world.operator().health.gated).toBe(0)
  })
})

describe("a gate that cannot be evaluated", () => {
  const broken = (gate: string, policy = "") =>
    `${gate}: { ${policy}when: [{ field: '{{ required "no" .spec.must }}', exists: true }] }`

  test.each([
    ["enqueueGate", "", "a"],
    ["enqueueGate", "failPolicy: closed, ", undefined],
    ["reconcileGate", "", undefined],
    ["reconcileGate", "failPolicy: open, ", "a"],
  ])("%s with %p", async (gate, policy, title) => {
    await using world = await start(broken(gate, policy))
    await world.advance("3h")
    expect(titleOf(world)).toBe(title)
    const said = world.lines.filter(({ message }) => message === "gate cannot be evaluated")
    expect(said).toHaveLength(1)
    edit(world, { must: "x", title: "b" })
    await world.settle()
    expect(titleOf(world)).toBe("b")
  })
})

test("what an entry planned for a time comes, although nothing was edited, but not while the gate is closed", async () => {
  const gate = `sentinels: [generationChanged]
enqueueGate: { when: [{ field: "{{ generationChanged }}", equals: true }, ${isOpen}] }`
  const text = (hour: string) => entries.replace("name: page,", `name: page, when: [{ time: { after: "${hour}" } }],`)
  const box = (hour: string) => katalog(`gates:\n${indented(gate, 2)}\n${text(hour)}`, "resync: 1h")
  await using world = await World.start(box("02:30"), { objects: [website("shop", { title: "a" })] })
  await world.advance("2h")
  expect(titleOf(world)).toBeUndefined()
  await world.advance("31m")
  expect(titleOf(world)).toBe("a")
  await world.restart(box("05:30"))
  expect(titleOf(world)).toBeUndefined()
  edit(world, { paused: true })
  await world.advance("4h")
  expect(titleOf(world)).toBeUndefined()
  edit(world, { paused: false })
  await world.settle()
  expect(titleOf(world)).toBe("a")
})

test("a try after a failure goes through the enqueueGate", async () => {
  await using world = await start(`enqueueGate: { when: [${isOpen}] }`)
  world.server.faults.add(({ kind }) => (kind === "ConfigMap" ? new OrkError("api/unavailable", "no") : undefined))
  edit(world, { title: "b" })
  await world.settle()
  edit(world, { paused: true })
  await world.advance("10m")
  world.server.faults.clear()
  world.server.takeWrites()
  await world.advance("3h")
  expect(world.server.takeWrites()).toEqual([])
  edit(world, { paused: false })
  await world.settle()
  expect(titleOf(world)).toBe("b")
})

test("gates see the custom resource as it is written, before it is normalised", async () => {
  const gates = "reconcileGate: { when: [{ field: spec.title, equals: a }] }"
  await using world = await start(gates, {}, "resync: 1h\nnormalize:\n  spec: { title: b }")
  expect(titleOf(world)).toBe("b")
})

test("gates read the health and the counts of the operator, and the children", async () => {
  const gates = `enqueueGate: { when: [{ field: health.totalCount, gte: 1 }, { field: metrics.errorCount, equals: 0 }] }
reconcileGate:
  when: [{ field: health.status, in: [started, healthy] }]
  or: [{ field: children.configMap, notExists: true }, { field: children.configMap.data.title, equals: a }]`
  await using world = await start(gates)
  expect(titleOf(world)).toBe("a")
  edit(world, { title: "b" })
  await world.settle()
  expect(titleOf(world)).toBe("b")
  edit(world, { title: "c" })
  await world.settle()
  expect(titleOf(world)).toBe("b")
})

describe("sentinels", () => {
  const full = { ...website("shop"), metadata: { name: "shop", namespace: "default", uid: "1", generation: 1 } }
  const changed = (metadata: Readonly<Record<string, unknown>>): KubeObject => ({
    ...full,
    metadata: { ...full.metadata, ...metadata },
  })

  test.each([
    ["generationChanged", { generation: 2 }],
    ["labelsChanged", { labels: { a: "b" } }],
    ["annotationsChanged", { annotations: { a: "b" } }],
    ["deletionStarted", { deletionTimestamp: "2026-01-01T00:00:00Z" }],
    ["finalizersChanged", { finalizers: ["a"] }],
    ["generateNameChanged", { generateName: "a-" }],
    ["uidChanged", { uid: "2" }],
    ["resourceVersionChanged", { resourceVersion: "2" }],
    ["creationTimestampChanged", { creationTimestamp: "2026-01-01T00:00:00Z" }],
    ["deletionGracePeriodSecondsChanged", { deletionGracePeriodSeconds: 3 }],
    ["ownerReferenceChanged", { ownerReferences: [{ apiVersion: "v1", kind: "A", name: "a", uid: "3" }] }],
    ["managedFieldsChanged", { managedFields: [{ manager: "a" }] }],
  ] as const)("%s", (name, metadata) => {
    const sentinels = new Sentinels([name, "nameChanged", "namespaceChanged"])
    expect(sentinels.changes(full)[name]).toBe(name !== "deletionStarted")
    sentinels.passed(full)
    const others = { nameChanged: name === "uidChanged", namespaceChanged: name === "uidChanged" }
    expect(sentinels.changes(full)).toEqual({ [name]: false, nameChanged: false, namespaceChanged: false })
    expect(sentinels.changes(changed(metadata))).toEqual({ [name]: true, ...others })
  })

  test("forget what is gone, and keep nothing that no gate asks for", async () => {
    await using world = await start(whenChanged("enqueueGate"))
    const sentinels = new Sentinels(["generationChanged"])
    sentinels.passed(full)
    expect(sentinels.size).toBe(1)
    sentinels.forget(keyOf(full))
    expect([sentinels.size, sentinels.changes(full)]).toEqual([0, { generationChanged: true }])
    const none = new Sentinels([])
    none.passed(full)
    expect(none.size).toBe(0)
    world.server.remove("Website", "default/shop")
    await world.settle()
    world.server.put(website("shop", { title: "again" }))
    await world.settle()
    expect(titleOf(world)).toBe("again")
  })
})
