import { semanticEqual } from "./equality.ts"
import { isRecord } from "./object.ts"

/** `target` with a JSON merge patch (RFC 7386) applied: null removes, maps merge, everything else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch
  // A Map and fromEntries, so that a key "__proto__" stays a key.
  const merged = new Map(isRecord(target) ? Object.entries(target) : [])
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key)
    else if (value !== undefined) merged.set(key, mergePatch(merged.get(key), value))
  }
  return Object.fromEntries(merged)
}

/** The merge patch that turns `before` into `after`; undefined when they are equal. A null in `after` counts as absent. */
export function diffToMergePatch(before: unknown, after: unknown): unknown {
  if (semanticEqual(before, after)) return undefined
  if (!isRecord(after)) return after
  const old = isRecord(before) ? before : {}
  const entries: [string, unknown][] = []
  for (const [key, value] of Object.entries(after)) {
    if (value === undefined || value === null) continue
    const patch = Object.hasOwn(old, key) ? diffToMergePatch(old[key], value) : withoutNulls(value)
    if (patch !== undefined) entries.push([key, patch])
  }
  for (const key of Object.keys(old)) {
    const kept = Object.hasOwn(after, key) && after[key] !== undefined && after[key] !== null
    if (!kept && old[key] !== undefined && old[key] !== null) entries.push([key, null])
  }
  // Only nulls differed: there is nothing to say, unless a map replaces something else.
  if (entries.length === 0 && isRecord(before)) return undefined
  return Object.fromEntries(entries)
}

function withoutNulls(value: unknown): unknown {
  if (!isRecord(value)) return value
  const kept = Object.entries(value).filter(([, child]) => child !== undefined && child !== null)
  return Object.fromEntries(kept.map(([key, child]) => [key, withoutNulls(child)]))
}
