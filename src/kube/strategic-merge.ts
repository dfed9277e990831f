import { err, ok, type Result } from "../base/mod.ts"
import { semanticEqual } from "./equality.ts"
import { goText } from "./go-text.ts"
import { isRecord } from "./object.ts"
import { anything, depthMax, memberOf, type Schema, type SchemaSet } from "./schema/schema.ts"

const marker = "$patch"
const retainKeys = "$retainKeys"
const orderPrefix = "$setElementOrder/"
const deletePrefix = "$deleteFromPrimitiveList/"

type Members = Readonly<Record<string, unknown>>
type List = readonly unknown[]

interface Context {
  readonly set: SchemaSet
  readonly problems: string[]
  readonly depth: number
}

/**
 * `target` with a strategic merge patch applied: maps merge, null removes, lists merge or are replaced as the schema
 * says (`x-kubernetes-patch-strategy`, `-merge-key`), and the directives `$patch`, `$retainKeys`,
 * `$setElementOrder/…` and `$deleteFromPrimitiveList/…` are obeyed. An error tells why the patch makes no sense.
 */
export function strategicMergePatch(
  target: unknown,
  patch: unknown,
  schemas: { readonly schema: Schema | undefined; readonly set: SchemaSet },
): Result<unknown, string> {
  if (!isRecord(patch)) return err("a strategic merge patch is an object")
  const context: Context = { set: schemas.set, problems: [], depth: 0 }
  const schema = schemas.set.resolve(schemas.schema ?? anything)
  const merged = mergeMap(isRecord(target) ? target : {}, patch, { schema, context })
  const [problem] = context.problems
  return problem === undefined ? ok(merged) : err(problem)
}

interface Place {
  readonly schema: Schema
  readonly context: Context
}

function mergeMap(original: Members, patch: Members, at: Place): Members {
  const directive = patch[marker]
  if (directive === "replace") return without(patch, (key) => key === marker)
  if (directive === "delete") return {}
  if (directive !== undefined) return fail(at, unknownType(patch), original)
  if (at.context.depth > depthMax) return fail(at, `the patch is nested deeper than ${depthMax} levels`, original)
  const result = new Map(Object.entries(retained(original, patch, at)))
  const ordered = new Set<string>()
  for (const [key, order] of Object.entries(patch)) {
    if (!key.startsWith(orderPrefix)) continue
    const name = key.slice(orderPrefix.length)
    ordered.add(name)
    const list = orderedList(result.get(name), patch[name], { ...at, name, order })
    if (list !== undefined) result.set(name, list)
  }
  for (const [key, value] of Object.entries(patch)) {
    if (key === retainKeys || key.startsWith(orderPrefix) || ordered.has(key)) continue
    if (key.startsWith(deletePrefix)) {
      const name = key.slice(deletePrefix.length)
      const list = result.get(name)
      if (!Array.isArray(value)) fail(at, "invalid patch format of primitive list", undefined)
      else if (Array.isArray(list))
        result.set(
          name,
          list.filter((item) => !includes(value, item)),
        )
      continue
    }
    const merged = mergeMember(result.get(key), value, memberPlace(at, key))
    if (merged === undefined) result.delete(key)
    else result.set(key, merged)
  }
  return Object.fromEntries(result)
}

/** The members that `$retainKeys` leaves. */
function retained(original: Members, patch: Members, at: Place): Members {
  const keys = patch[retainKeys]
  if (keys === undefined) return original
  if (!Array.isArray(keys)) return fail(at, "invalid patch format of retainKeys", original)
  const isListed = (key: string) => keys.includes(key)
  const stray = Object.entries(patch).some(
    ([key, value]) => value !== null && !isListed(key) && key !== retainKeys && !isParallel(key),
  )
  if (stray) return fail(at, "invalid patch format of retainKeys", original)
  return without(original, (key) => !isListed(key))
}

function mergeMember(original: unknown, value: unknown, at: Place): unknown {
  if (value === null) return undefined
  if (isRecord(original) && isRecord(value)) {
    return strategyOf(at.schema) === "replace" ? value : mergeMap(original, value, at)
  }
  if (Array.isArray(original) && Array.isArray(value)) {
    return strategyOf(at.schema) === "merge" ? mergeList(original, value, at) : value
  }
  return withoutDirectives(value)
}

function unknownType(patch: Members): string {
  return `unknown patch type: ${goText(patch[marker])} in map: ${goText(patch)}`
}

function mergeList(original: List, patch: List, at: Place): List {
  if (original.length === 0 && patch.length === 0) return original
  const key = at.schema["x-kubernetes-patch-merge-key"]
  if (!isRecord(original[0] ?? patch[0])) {
    const merged = [...original, ...patch].filter((item, i, all) => all.findIndex((other) => same(other, item)) === i)
    return inOrder(merged, { order: patch, serverOrder: original, key: undefined })
  }
  if (key === undefined) return fail(at, "cannot merge lists without merge key", original)
  let kept = original
  let items: readonly Members[] = []
  let isReplaced = false
  for (const item of patch) {
    if (!isRecord(item)) return fail(at, "expected a map in a list of maps", original)
    const directive = item[marker]
    if (directive === "replace") isReplaced = true
    else if (item[key] === undefined)
      return fail(at, `map: ${goText(item)} does not contain declared merge key: ${key}`, original)
    else if (directive === "delete") kept = kept.filter((other) => !sameKey(other, item, key))
    else if (directive === undefined) items = [...items, item]
    else return fail(at, unknownType(item), original)
  }
  if (isReplaced) return items
  const itemAt = memberPlace(at, undefined)
  const merged = [...kept]
  for (const item of items) {
    const place = merged.findIndex((other) => sameKey(other, item, key))
    const found = merged[place]
    if (isRecord(found)) merged[place] = mergeMap(found, item, itemAt)
    else merged.push(withoutDirectives(item))
  }
  return inOrder(merged, { order: items, serverOrder: kept, key })
}

/** The list named by a `$setElementOrder`; undefined when neither side has one. */
function orderedList(
  original: unknown,
  patch: unknown,
  at: Place & { readonly name: string; readonly order: unknown },
): List | undefined {
  const place = memberPlace(at, at.name)
  const { order } = at
  if (!Array.isArray(order)) return fail(at, "invalid patch format of setElementOrder list", undefined)
  const old = Array.isArray(original) ? original : undefined
  const list = Array.isArray(patch) ? patch : undefined
  const key = place.schema["x-kubernetes-patch-merge-key"]
  if (list !== undefined && !followsOrder(list, order, key)) {
    const why = `The order in patch list:\n${goText(list)}\n doesn't match $setElementOrder list:\n${goText(order)}\n`
    return fail(at, why, undefined)
  }
  if (old === undefined && list === undefined) return undefined
  const merged = mergeMember(old ?? [], list ?? [], place)
  const added = old === undefined ? withoutDirectives(list) : list === undefined ? old : merged
  if (!Array.isArray(added)) return undefined
  return inOrder(added, { order, serverOrder: old ?? [], key })
}

/** Whether the items of a patch stand in the order that the patch itself asks for. */
function followsOrder(list: List, order: List, key: string | undefined): boolean {
  if (order.length === 0) return true
  let at = 0
  for (const item of list) {
    if (isRecord(item) && item[marker] !== undefined) continue
    while (at < order.length && !sameKey(order[at], item, key)) at++
    if (at === order.length) return false
    at++
  }
  return true
}

interface Order {
  readonly order: List
  readonly serverOrder: List
  readonly key: string | undefined
}

/** Items of the patch in its order, the others in the server's; where both meet, the server's order decides. */
function inOrder(merged: List, { order, serverOrder, key }: Order): List {
  const rank = (item: unknown, list: List) => list.findIndex((other) => sameKey(other, item, key))
  const sorted = (items: List, list: List) => [...items].sort((a, b) => rank(a, list) - rank(b, list))
  const mine = sorted(
    merged.filter((item) => rank(item, order) >= 0),
    order,
  )
  const others = sorted(
    merged.filter((item) => rank(item, order) < 0),
    serverOrder,
  )
  const result: unknown[] = []
  let [i, j] = [0, 0]
  while (i < others.length && j < mine.length) {
    const [left, right] = [rank(others[i], serverOrder), rank(mine[j], serverOrder)]
    // A new item has no rank there and goes first.
    if (left < right) result.push(others[i++])
    else result.push(mine[j++])
  }
  return [...result, ...others.slice(i), ...mine.slice(j)]
}

/** What a patch adds where nothing was: without nulls, directives, and the items that carry `$patch`. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined)
  if (!isRecord(value)) return value
  if (value[marker] !== undefined) return undefined
  const kept = without(value, (key) => value[key] === null || key === retainKeys || isParallel(key))
  const entries = Object.entries(kept).map(([key, child]) => [key, withoutDirectives(child)] as const)
  return Object.fromEntries(entries.filter(([, child]) => child !== undefined))
}

function memberPlace(at: Place, key: string | undefined): Place {
  const { set, depth } = at.context
  const unresolved = key === undefined ? at.schema.items : memberOf(at.schema, key)
  const schema = set.resolve(unresolved ?? anything)
  // A strategy beside a reference is not on the definition.
  const strategy = unresolved?.["x-kubernetes-patch-strategy"]
  const own = strategy === undefined ? schema : { ...schema, "x-kubernetes-patch-strategy": strategy }
  return { schema: own, context: { ...at.context, depth: depth + 1 } }
}

function strategyOf(schema: Schema): string | undefined {
  return schema["x-kubernetes-patch-strategy"]?.split(",").find((strategy) => strategy !== "retainKeys")
}

function sameKey(a: unknown, b: unknown, key: string | undefined): boolean {
  if (key === undefined) return same(a, b)
  return isRecord(a) && isRecord(b) && a[key] !== undefined && String(a[key]) === String(b[key])
}

function same(a: unknown, b: unknown): boolean {
  return semanticEqual(a, b)
}

function includes(list: List, item: unknown): boolean {
  return list.some((other) => same(other, item))
}

function isParallel(key: string): boolean {
  return key.startsWith(orderPrefix) || key.startsWith(deletePrefix)
}

function without(record: Members, isGone: (key: string) => boolean): Members {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !isGone(key)))
}

function fail<T>(at: Place, message: string, instead: T): T {
  at.context.problems.push(message)
  return instead
}
