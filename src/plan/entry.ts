import type { EntrySpec } from "../katalog/mod.ts"
import { isRecord, shortenName } from "../kube/mod.ts"
import { childPath, derived, type Written, written } from "./value.ts"

/** A tree for `compileValue`: plain data with `written` and `derived` nodes. */
export type Skeleton = Readonly<Record<string, unknown>>

/** The fixed label that a workload selects its Pods by: selectors cannot change, so a user's label never serves. */
export const workloadLabel = "orkestra.orkspace.io/workload"

/** One field of an entry with its place in the document; undefined when it is not written. */
export function field(entry: EntrySpec, key: string): Written | undefined {
  return memberOf(entry.fields, key, entry.at)
}

/** One member of a map that stands at `at`; undefined when it is not written. */
export function memberOf(map: Readonly<Record<string, unknown>>, key: string, at: string): Written | undefined {
  const value = map[key] ?? undefined
  return value === undefined ? undefined : written(value, childPath(at, key))
}

/** A block of an entry as a map; an empty one when it is not written or a template. */
export function blockOf(entry: EntrySpec, key: string): Readonly<Record<string, unknown>> {
  const value = entry.fields[key]
  return isRecord(value) ? value : {}
}

/** A field that is a list, also when the author wrote its one item bare. */
export function listField(entry: EntrySpec, key: string): unknown {
  return asList(field(entry, key))
}

/** A written value as a list: one that is none becomes the list of it. */
export function asList(value: Written | undefined): unknown {
  if (value === undefined || Array.isArray(value.value)) return value
  return derivedFrom(value, (item) => (item === undefined || Array.isArray(item) ? item : [item]))
}

/** A value that `compute` makes of one rendered node. */
export function derivedFrom(node: unknown, compute: (value: unknown) => unknown): unknown {
  return derived([node ?? null], (input) => compute(Array.isArray(input) ? (input[0] ?? undefined) : undefined))
}

/** The label that Pods of the workload called `name` have. */
export function workloadLabels(name: Written): Skeleton {
  return { [workloadLabel]: derivedFrom(name, (value) => shortenName(asText(value), 63)) }
}

/** A rendered value as text. */
export function asText(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value ?? "")
}

/** True for the boolean and for its text. */
export function isTrue(value: unknown): boolean {
  return value === true || value === "true"
}
