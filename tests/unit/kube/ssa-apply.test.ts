import { describe, expect, test } from "bun:test"
import { type Result, seeded } from "../../../src/base/mod.ts"
import {
  type ApplyRefusal,
  apply,
  builtinSchemas,
  deepFreeze,
  fromFieldsV1,
  gvkOf,
  intersection,
  isEmptySet,
  isRecord,
  type KubeObject,
  update,
  type Written,
  withCrds,
} from "../../../src/kube/mod.ts"
import { widgetCrd } from "../../contract/ssa-recorded/widget.ts"

const set = withCrds(builtinSchemas(), [widgetCrd])
const widget = (spec: object): KubeObject =>
  deepFreeze({ apiVersion: "test.example/v1", kind: "Widget", metadata: { name: "w" }, spec })
const early = "2026-01-01T00:00:00Z"
const late = "2026-01-02T00:00:00Z"

interface Write {
  readonly live?: KubeObject | undefined
  readonly config: KubeObject
  readonly manager?: string
  readonly force?: boolean
  readonly now?: string
}

function tryApply({ live, config, manager = "a", force = false, now = early }: Write): Result<Written, ApplyRefusal> {
  return apply({ live, config, manager, force, now, set, schema: set.root(gvkOf(config)) })
}

function applied(write: Write): KubeObject {
  const result = tryApply(write)
  if (!result.ok) throw new Error(result.error.message)
  return deepFreeze(result.value.object)
}

const managers = (object: KubeObject) => (object.metadata.managedFields ?? []).map((entry) => entry.manager ?? "")
const fieldsOf = (object: KubeObject, manager: string) =>
  object.metadata.managedFields?.find((entry) => entry.manager === manager)?.fieldsV1

/** A spec drawn from a seed; every value ends in `mark`, so that managers with different marks never agree. */
function drawSpec(seed: number, { mark, keys }: { readonly mark: string; readonly keys: readonly string[] }): object {
  const random = seeded(seed)
  const some = () => keys.filter(() => random.next() < 0.5).sort(() => random.next() - 0.5)
  const map = () => Object.fromEntries(some().map((key) => [key, `${key}${mark}`]))
  const parts = some().map((name) => ({
    name,
    ...(random.next() < 0.5 ? { value: mark } : {}),
    sub: { ...map(), [`k${name}`]: mark },
  }))
  const ports = some().map((key) => ({ port: key.charCodeAt(0), ...(random.next() < 0.5 ? { title: mark } : {}) }))
  // A list that loses all of its items to an empty one turns null, which no server stores.
  const lists = Object.fromEntries(Object.entries({ parts, ports, tags: some() }).filter(([, list]) => list.length > 0))
  return { flags: { ...map(), [`f${mark}`]: mark }, ...lists, groups: { [`g${mark}`]: { x: mark } } }
}
const seeds = Array.from({ length: 200 }, (_, i) => [Number(process.env["ORK_SEED"] ?? i + 1)] as const)
const first = { mark: "1", keys: ["a", "b", "c", "d"] }
const second = { mark: "2", keys: ["p", "q", "r"] }

describe.each(seeds)("any object, seed %d,", (seed) => {
  const mine = widget(drawSpec(seed, first))
  const next = widget(drawSpec(seed + 1000, first))
  const other = widget(drawSpec(seed, second))

  test("is the same after a second apply, times included", () => {
    const once = applied({ live: applied({ config: mine }), config: next })
    expect(applied({ live: once, config: next, now: late })).toEqual(once)
  })

  test("does not tell in which order disjoint managers applied", () => {
    const ab = applied({ live: applied({ config: mine }), config: other, manager: "b" })
    const ba = applied({ live: applied({ config: other, manager: "b" }), config: mine })
    expect(unordered(ab)).toEqual(unordered(ba))
  })

  test("belongs to whom forces it", () => {
    const live = applied({ live: applied({ config: mine }), config: other, manager: "b" })
    const taken = applied({ live, config: next, manager: "c", force: true })
    const again = tryApply({ live: taken, config: next, manager: "c" })
    expect(again.ok).toBe(true)
    expect(fieldsOf(taken, "c")).toEqual(fieldsOf(applied({ config: next, manager: "c" }), "c"))
  })

  test("is nobody's when its managers apply nothing", () => {
    const live = applied({ live: applied({ config: mine }), config: other, manager: "b" })
    const empty = widget({})
    const { spec: _, ...nothing } = empty
    const left = applied({ live: applied({ live, config: nothing }), config: nothing, manager: "b" })
    expect(managers(left)).toEqual([])
  })

  test("is shared where an update agrees and the updater's where it does not", () => {
    const live = applied({ config: mine })
    const object = { ...next, metadata: live.metadata }
    const { object: updated } = update({ live, object, manager: "u", now: late, set, schema: set.root(gvkOf(live)) })
    const sets = ["a", "u"].map((manager) => fromFieldsV1(fieldsOf(updated, manager) ?? {}))
    const [a, u] = sets.map((result) => (result.ok ? result.value : new Map()))
    expect(isEmptySet(intersection(a ?? new Map(), u ?? new Map()))).toBe(true)
  })
})

/** The object with all lists sorted. */
function unordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unordered).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, unordered(value[key])]),
  )
}

describe("an apply", () => {
  test("is refused with causes when another manager owns a different value", () => {
    const live = applied({ config: widget({ color: "red" }) })
    const result = tryApply({ live, config: widget({ color: "blue" }), manager: "b" })
    expect(result).toEqual({
      ok: false,
      error: {
        kind: "conflict",
        message: 'Apply failed with 1 conflict: conflict with "a": .spec.color',
        causes: [{ reason: "FieldManagerConflict", message: 'conflict with "a"', field: ".spec.color" }],
      },
    })
  })

  test("never owns identity and what the server keeps", () => {
    const config = {
      ...widget({ color: "red" }),
      metadata: { name: "w", namespace: "n", uid: "u", labels: { l: "1" } },
    }
    expect(fieldsOf(applied({ config }), "a")).toEqual({
      "f:metadata": { "f:labels": { "f:l": {} } },
      "f:spec": { "f:color": {} },
    })
  })

  test("keeps its time when only the spelling differed", () => {
    const complete = (merged: KubeObject) => ({ ...merged, spec: { limit: "1" } })
    const options = { config: widget({ limit: "1000m" }), manager: "a", force: false, set, complete }
    const schema = set.root(gvkOf(options.config))
    const live = apply({ ...options, live: undefined, now: early, schema })
    if (!live.ok) throw new Error(live.error.message)
    expect(apply({ ...options, live: live.value.object, now: late, schema })).toEqual(live)
  })

  test("reads fields of a map that has become atomic as the whole map", () => {
    const live = applied({ config: widget({ whole: { x: "1" } }) })
    const old = { ...live.metadata.managedFields?.[0], fieldsV1: { "f:spec": { "f:whole": { ".": {}, "f:x": {} } } } }
    const stored = { ...live, metadata: { ...live.metadata, managedFields: [old] } }
    const result = applied({ live: stored, config: widget({ color: "red" }), manager: "b" })
    expect(fieldsOf(result, "a")).toEqual({ "f:spec": { "f:whole": {} } })
  })

  test("of managed fields is refused", () => {
    const config = { ...widget({}), metadata: { name: "w", managedFields: [] } }
    expect(tryApply({ config })).toMatchObject({ ok: false, error: { kind: "bad-request" } })
  })

  test("without a name of a manager is by unknown", () => {
    expect(managers(applied({ config: widget({ color: "red" }), manager: "" }))).toEqual(["unknown"])
  })

  test("without a schema treats every map as granular and every list as one", () => {
    const config: KubeObject = {
      apiVersion: "x/v1",
      kind: "X",
      metadata: { name: "x" },
      spec: { m: { k: 1 }, l: [{ name: "n" }] },
    }
    const result = apply({ live: undefined, config, manager: "a", force: false, now: early, set, schema: undefined })
    expect(result.ok && result.value.managedFields[0]?.fieldsV1).toEqual({
      "f:spec": { ".": {}, "f:l": {}, "f:m": { ".": {}, "f:k": {} } },
    })
  })

  test("of an object nested deeper than 100 levels ends", () => {
    let deep: unknown = "x"
    for (let i = 0; i < 2_000; i++) deep = { a: deep }
    expect(tryApply({ config: widget({ anything: deep }) })).toMatchObject({ ok: false, error: { kind: "untyped" } })
  })
})
