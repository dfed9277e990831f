import { isRecord } from "../../kube/mod.ts"
import { limits } from "../limits.ts"
import { budgetFailure, functionFailure, type Run, typeFailure } from "../run.ts"
import { field, isEmpty, kindOf, put, sameValue, sortedKeys, text } from "../values.ts"
import { int, list, map, str } from "./convert.ts"
import { Family } from "./define.ts"

const family = new Family("collections")
const first = { piped: "first" } as const

family.variadic("list(values...) list", "a list of the values", (run, values) => counted(run, [...values]))
family.variadic("dict(pairs...) map", "a map of keys and values in turn", (run, pairs) => dict(run, pairs))
family.fixed(
  "listHas(list, value) bool",
  "whether value is in list",
  (run, items, value) => includes(run, items, value),
  first,
)
family.fixed("has(value, list) bool", "whether value is in list", (run, value, items) => includes(run, items, value))
family.fixed(
  "listGet(list, index) any",
  "the item at index, from 0; nothing when out of range",
  (_, items, i) => list(items)[int(i)],
  first,
)
family.fixed("listLen(list) number", "how many items list has", (_, items) => list(items).length)
family.fixed("first(list) any", "the first item", (_, items) => list(items)[0])
family.fixed("last(list) any", "the last item", (_, items) => list(items).at(-1))
family.fixed("rest(list) list", "all items but the first", (run, items) => counted(run, list(items).slice(1)))
family.fixed("initial(list) list", "all items but the last", (run, items) => counted(run, list(items).slice(0, -1)))
family.fixed(
  "append(list, value) list",
  "list with value at its end",
  (run, items, value) => counted(run, [...list(items), value]),
  first,
)
family.fixed(
  "prepend(list, value) list",
  "list with value at its start",
  (run, items, value) => counted(run, [value, ...list(items)]),
  first,
)
family.fixed("reverse(list) list", "list from its end", (run, items) => counted(run, list(items).toReversed()))
family.fixed("uniq(list) list", "list without repeated items", (run, items) => uniq(run, list(items)))
family.fixed("compact(list) list", "list without empty items", (run, items) =>
  counted(
    run,
    list(items).filter((v) => !isEmpty(v, run)),
  ),
)
family.fixed("sortAlpha(list) list", "the items as texts, sorted", (run, items) => {
  const texts = list(items).map((v) => text(v, run))
  run.charge(texts.length) // sorting costs far more than copying
  return counted(run, texts.sort())
})
family.variadic(
  "without(list, values...) list",
  "list without the values",
  (run, [items, ...values]) => list(items).filter((item) => !values.some((v) => sameValue(item, v, run))),
  { piped: "first", min: 1 },
)
family.fixed("mapGet(map, key) any", "the value of key", (run, m, key) => field(m, str(run, key)), first)
family.fixed(
  "hasKey(map, key) bool",
  "whether map has key",
  (run, m, key) => Object.hasOwn(map(m), str(run, key)),
  first,
)
family.fixed("mapKeys(map) list", "the keys, sorted", (run, m) => counted(run, [...sortedKeys(map(m))]))
family.variadic(
  "keys(maps...) list",
  "the keys of the maps, each map's sorted",
  (run, maps) =>
    counted(
      run,
      maps.flatMap((m) => sortedKeys(map(m))),
    ),
  { min: 1 },
)
family.fixed("mapValues(map) list", "the values, in the order of their keys", (run, m) =>
  counted(
    run,
    sortedKeys(map(m)).map((key) => map(m)[key]),
  ),
)
family.variadic(
  "pluck(key, maps...) list",
  "the values of key in the maps that have it",
  (run, [key, ...maps]) => maps.filter((m) => Object.hasOwn(map(m), str(run, key))).map((m) => field(m, str(run, key))),
  { min: 1 },
)
family.variadic(
  "pick(map, keys...) map",
  "map with only these keys",
  (run, [m, ...keys]) => filtered(run, m, { keys, keep: true }),
  { piped: "first", min: 1 },
)
family.variadic(
  "omit(map, keys...) map",
  "map without these keys",
  (run, [m, ...keys]) => filtered(run, m, { keys, keep: false }),
  { piped: "first", min: 1 },
)
family.aliases({ values: "mapValues", mapPick: "pick", mapOmit: "omit", tuple: "list" })
family.variadic(
  "merge(maps...) map",
  "one map of all, in depth; the first map that has a key wins",
  (run, maps) => maps.map(map).reduce((a, b) => merged(run, { winner: a, other: b }, 0)),
  { min: 1 },
)
family.variadic(
  "mergeOverwrite(maps...) map",
  "one map of all, in depth; the last map that has a key wins",
  (run, maps) => maps.map(map).reduce((a, b) => merged(run, { winner: b, other: a }, 0)),
  { min: 1 },
)
family.variadic(
  "dig(keys..., fallback, map) any",
  "the value below the keys in map, or fallback",
  (run, args) => dig(run, args),
  { min: 3 },
)

family.fixed("set(map, key, value) map", "a new map like map, with key set to value", (run, m, key, value) => {
  const out = { ...map(m) }
  put(out, str(run, key), value ?? null)
  run.charge(Object.keys(out).length >> 5)
  return out
})
family.fixed("unset(map, key) map", "a new map like map, without key", (run, m, key) =>
  filtered(run, m, { keys: [key], keep: false }),
)
family.aliases({
  push: "append",
  mustPush: "append",
  mustAppend: "append",
  mustPrepend: "prepend",
  mustFirst: "first",
  mustRest: "rest",
  mustLast: "last",
  mustInitial: "initial",
  mustReverse: "reverse",
  mustUniq: "uniq",
  mustWithout: "without",
  mustHas: "has",
  mustCompact: "compact",
  mustMerge: "merge",
  mustMergeOverwrite: "mergeOverwrite",
})

function counted(run: Run, items: readonly unknown[]): readonly unknown[] {
  if (items.length > limits.iterationsMax) budgetFailure(`a list of more than ${limits.iterationsMax} items`)
  run.charge(items.length >> 5)
  return items
}

function dict(run: Run, pairs: readonly unknown[]): Readonly<Record<string, unknown>> {
  const out: Record<string, unknown> = {}
  for (let i = 0; i < pairs.length; i += 2)
    put(out, str(run, pairs[i]), pairs[i + 1] ?? (i + 1 < pairs.length ? null : ""))
  return out
}

function includes(run: Run, items: unknown, value: unknown): boolean {
  return list(items).some((item) => sameValue(item, value, run))
}

function uniq(run: Run, items: readonly unknown[]): readonly unknown[] {
  const seen = new Set<unknown>()
  const kept: unknown[] = []
  for (const item of items) {
    run.charge(1)
    if (seen.has(item)) continue
    seen.add(item)
    if (typeof item !== "object" || !kept.some((k) => sameValue(k, item, run))) kept.push(item)
  }
  return kept
}

function filtered(run: Run, source: unknown, want: { keys: readonly unknown[]; keep: boolean }): unknown {
  const names = new Set(want.keys.map((key) => str(run, key)))
  const out: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(map(source))) if (names.has(key) === want.keep) put(out, key, value)
  run.charge(Object.keys(out).length >> 5)
  return out
}

type Maps = { readonly winner: Readonly<Record<string, unknown>>; readonly other: Readonly<Record<string, unknown>> }

function merged(run: Run, { winner, other }: Maps, depth: number): Readonly<Record<string, unknown>> {
  if (depth > limits.valueDepthMax) budgetFailure(`a value nested deeper than ${limits.valueDepthMax}`)
  const out: Record<string, unknown> = {}
  for (const [key, value] of Object.entries({ ...other, ...winner })) {
    run.charge(1)
    const below = field(other, key)
    put(
      out,
      key,
      isRecord(value) && isRecord(below) && value !== below
        ? merged(run, { winner: value, other: below }, depth + 1)
        : value,
    )
  }
  return out
}

function dig(run: Run, args: readonly unknown[]): unknown {
  let at: unknown = args.at(-1)
  for (const key of args.slice(0, -2)) {
    if (!isRecord(at) || !Object.hasOwn(at, str(run, key))) return args.at(-2)
    at = field(at, str(run, key))
  }
  return at
}

/** Functions on lists and maps. */
export const collections = family.defs

const go = new Family("go")

go.variadic(
  "index(value, keys...) any",
  "the item or value below the keys; nothing when there is none",
  (run, [value, ...keys]) => walk(run, value, keys),
  { min: 1 },
)
go.variadic(
  "slice(value, bounds...) any",
  "the part of a list or text between two positions",
  (_, [value, ...bounds]) => part(value, bounds),
  { min: 1, max: 3 },
)

/** The value below keys and list positions; nothing when the way ends early. */
export function walk(run: Run, value: unknown, keys: readonly unknown[]): unknown {
  let at = value
  for (const key of keys)
    at = Array.isArray(at) ? at[typeof key === "number" ? key : Number(str(run, key))] : field(at, str(run, key))
  return at
}

function part(value: unknown, bounds: readonly unknown[]): unknown {
  if (typeof value !== "string" && !Array.isArray(value)) return typeFailure(`a ${kindOf(value)} cannot be cut`)
  const start = bounds[0] === undefined ? 0 : int(bounds[0])
  const end = bounds[1] === undefined ? value.length : int(bounds[1])
  if (start < 0 || end > value.length || start > end)
    functionFailure(`${start} to ${end} is outside of 0 to ${value.length}`)
  return value.slice(start, end)
}

go.aliases({ mustSlice: "slice" })

/** Go's own access functions. */
export const access = go.defs
