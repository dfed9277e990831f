import { describe, expect, test } from "bun:test"
import { type Random, seeded } from "../../../src/base/mod.ts"
import { isKubeObject, jsonPatch, type KubeObject } from "../../../src/kube/mod.ts"
import { statusPatch } from "../../../src/operator/status-patch.ts"
import { katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const cr = (status?: unknown, more: object = {}): KubeObject => {
  const { metadata, ...rest } = website("shop", { size: 1 })
  const identity = { ...metadata, uid: "u1", resourceVersion: "5", generation: 1, ...more }
  return { ...rest, metadata: identity, ...(status === undefined ? {} : { status }) }
}
const on = (type: string, status = "True") => ({ type, status })
const statusOf = (object: KubeObject | undefined) => object?.["status"]

/** What a server makes of the patch when `live` is there; undefined when it refuses. */
function patched(live: KubeObject, before: KubeObject, wanted: Readonly<Record<string, unknown>>) {
  const result = jsonPatch(live, statusPatch(before, wanted)?.operations ?? [])
  return result.ok && isKubeObject(result.value) ? result.value : undefined
}

describe("the patch of a status", () => {
  test("is none when nothing differs", () => {
    expect(statusPatch(cr({ a: 1, conditions: [on("Ready")] }), { conditions: [on("Ready")], a: 1 })).toBeUndefined()
    expect(statusPatch(cr(), {})).toBeUndefined()
  })

  test.each(Array.from({ length: 200 }, (_, seed) => seed))(
    "makes what is wanted of what is there, seed %i",
    (seed) => {
      const random = seeded(seed)
      const before = random.next() < 0.2 ? cr() : cr(anyStatus(random))
      const wanted = anyStatus(random)
      const after = patched(before, before, wanted) ?? before
      expect(statusOf(after) ?? {}).toEqual(wanted)
    },
  )

  test("needs no version: it fits an object that was edited meanwhile", () => {
    const before = cr({ conditions: [on("Ready", "False")] })
    const live = { ...before, spec: { size: 2 }, metadata: { ...before.metadata, resourceVersion: "6", generation: 2 } }
    const after = patched(live, before, { conditions: [on("Ready")] })
    expect(after).toMatchObject({ spec: { size: 2 }, status: { conditions: [on("Ready")] } })
  })

  test("keeps a condition that somebody else has added or changed meanwhile", () => {
    const before = cr({ conditions: [on("Ready", "False"), on("Theirs", "False"), on("Conflict")] })
    const conditions = [on("Ready", "False"), on("Theirs"), on("Conflict"), on("New")]
    const after = patched(cr({ conditions }, { resourceVersion: "6" }), before, {
      conditions: [on("Ready"), on("Theirs", "False")],
    })
    expect(statusOf(after)).toEqual({ conditions: [on("Ready"), on("Theirs"), on("New")] })
  })

  test("adds a condition only while nothing at all has changed: it may be there already, by an answer that was lost", () => {
    const before = cr({ conditions: [on("Theirs")] })
    const wanted = { conditions: [on("Theirs"), on("Ready")] }
    const after = patched(before, before, wanted) ?? before
    expect(statusOf(after)).toEqual(wanted)
    expect(patched({ ...after, metadata: { ...after.metadata, resourceVersion: "6" } }, before, wanted)).toBeUndefined()
  })

  test.each([
    ["another object of the name", cr({ conditions: [on("Ready", "False")] }, { uid: "u2" })],
    ["an object whose conditions have moved", cr({ conditions: [on("First"), on("Ready", "False")] })],
    ["an object without the status", cr()],
  ])("does not fit %s", (_, live) => {
    expect(patched(live, cr({ conditions: [on("Ready", "False")] }), { conditions: [on("Ready")] })).toBeUndefined()
  })

  test("that is the first one does not fit a status that somebody else has begun", () => {
    const theirs = cr({ conditions: [on("Theirs")] })
    expect(patched(theirs, cr(), { conditions: [on("Ready")] })).toBeUndefined()
    expect(patched(theirs, cr({ a: 1 }), { a: 1, conditions: [on("Ready")] })).toBeUndefined()
  })

  test.each([
    ["a type twice", [on("Ready", "False"), on("Theirs"), on("Theirs")]],
    ["an entry without a type", [on("Ready", "False"), { note: "theirs" }]],
  ])("replaces a list with %s as a whole, and only while nothing at all has changed", (_, conditions) => {
    const before = cr({ conditions })
    expect(statusOf(patched(before, before, { conditions: [on("Ready")] }))).toEqual({ conditions: [on("Ready")] })
    const later = { ...before, metadata: { ...before.metadata, resourceVersion: "6" } }
    expect(patched(later, before, { conditions: [on("Ready")] })).toBeUndefined()
  })
})

describe("an answer to the patch of a status", () => {
  const before = cr({ note: "theirs", conditions: [on("Ready", "False"), on("Theirs")] })
  const wanted = { note: "theirs", url: "here", conditions: [on("Ready"), on("Theirs")] }
  const overtaken = (answer: KubeObject) => statusPatch(before, wanted)?.isOvertaken(answer)

  test("that shows only what was written is not overtaken, whatever the server makes of it", () => {
    expect(overtaken(cr(wanted, { resourceVersion: "6" }))).toBe(false)
    expect(overtaken(cr({ ...wanted, url: "HERE" }, { resourceVersion: "6", managedFields: [{}] }))).toBe(false)
  })

  test("of the version that was read has nobody in between", () => {
    expect(overtaken(cr({}, { generation: 2 }))).toBe(false)
  })

  test.each([
    ["an edit", cr(wanted, { resourceVersion: "7", generation: 2 })],
    ["a label", cr(wanted, { resourceVersion: "7", labels: { a: "b" } })],
    ["a deletion", cr(wanted, { resourceVersion: "7", deletionTimestamp: "2026-01-01T00:00:00Z" })],
    ["a field of somebody else", cr({ ...wanted, note: "new" }, { resourceVersion: "7" })],
    [
      "a condition of somebody else",
      cr({ ...wanted, conditions: [on("Ready"), on("Theirs", "False")] }, { resourceVersion: "7" }),
    ],
  ])("is overtaken by %s", (_, answer) => {
    expect(overtaken(answer)).toBe(true)
  })
})

function anyStatus(random: Random): Readonly<Record<string, unknown>> {
  const pick = <T>(...values: readonly T[]) => values[Math.floor(random.next() * values.length)]
  const types = ["Ready", "Stalled", "Theirs", "Other"].filter(() => random.next() < 0.6)
  if (random.next() < 0.2) types.reverse()
  const conditions = types.map((type) => on(type, pick("True", "False")))
  const fields = {
    "a/b": pick(1, 2),
    "c~d": pick({ x: 1 }, { x: 2, y: [1] }, { y: { z: pick(1, 2) } }),
    e: pick("p", "q"),
  }
  const kept = Object.entries(fields).filter(() => random.next() < 0.6)
  return { ...Object.fromEntries(kept), ...(random.next() < 0.8 && { conditions }) }
}

const page = katalog(`onReconcile:
  configMaps: [{ name: page, data: { title: "{{ .spec.title }}", team: "{{ .metadata.labels.team }}" } }]`)

/** Runs `act` at the moment at which the next status is written. */
async function meanwhile(world: World, act: () => void): Promise<void> {
  const once = ({ verb, kind }: { readonly verb: string; readonly kind: string }) => {
    if (verb !== "patch" || kind !== "Website") return undefined
    world.server.faults.delete(once)
    act()
    return undefined
  }
  world.server.faults.add(once)
  world.server.edit("Website", "default/shop", { spec: { title: "second" } })
  await world.settle()
}

describe("while a status is written", () => {
  test.each([
    ["an edit", { spec: { title: "third" } }, { title: "third" }],
    ["a label", { metadata: { labels: { team: "b" } } }, { title: "second", team: "b" }],
  ])("%s is no conflict, and the next pass is about it", async (_, patch, data) => {
    await using world = await World.start(page, { objects: [website("shop", { title: "first" })] })
    const answered: string[] = []
    world.server.reactions.add(({ verb, object }) => answered.push(`${verb} ${object}`))
    world.server.takeWrites()
    await meanwhile(world, () => world.server.edit("Website", "default/shop", patch))
    expect(world.server.read("ConfigMap", "default/page")?.["data"]).toEqual(data)
    const { metadata } = world.server.read("Website", "default/shop") ?? cr()
    expect(world.condition("Ready")).toMatchObject({ status: "True", observedGeneration: metadata.generation })
    const writes = world.server.takeWrites()
    expect(answered).toEqual([...writes]) // none was refused
  })

  test("an edit is seen in the answer, though its event comes later than that", async () => {
    await using world = await World.start(page, { objects: [website("shop", { title: "first" })] })
    const late = Promise.withResolvers<void>()
    await meanwhile(world, () => {
      world.server.eventsWait = late.promise
      world.server.edit("Website", "default/shop", { spec: { title: "third" } })
    })
    expect(world.server.read("ConfigMap", "default/page")?.["data"]).toEqual({ title: "third" })
    late.resolve()
    await world.settle()
    expect(world.condition("Ready")).toMatchObject({ status: "True", observedGeneration: 3 })
  })

  test("a deletion goes on", async () => {
    const far = katalog("onReconcile:\n  configMaps: [{ name: far, namespace: far, data: { t: '{{ .spec.title }}' } }]")
    await using world = await World.start(far, { objects: [website("shop")] })
    await meanwhile(world, () => world.server.remove("Website", "default/shop"))
    expect(world.server.read("Website", "default/shop")).toBeUndefined()
    expect(world.server.read("ConfigMap", "far/far")).toBeUndefined()
  })

  test("another one of the name takes its place, and gets a status of its own", async () => {
    await using world = await World.start(page, { objects: [website("shop", { title: "first" })] })
    await meanwhile(world, () => {
      world.server.remove("Website", "default/shop")
      world.server.put(website("shop", { title: "new" }))
    })
    expect(world.condition("Ready")).toMatchObject({ status: "True", observedGeneration: 1 })
    expect(world.server.read("ConfigMap", "default/page")?.["data"]).toMatchObject({ title: "new" })
  })
})
