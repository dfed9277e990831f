import type { EntrySpec } from "../katalog/mod.ts"
import { childPath, type Written, written } from "./value.ts"

/** A tree for `compileValue`: plain data with `written` and `derived` nodes. */
export type Skeleton = Readonly<Record<string, unknown>>

/** One field of an entry with its place in the document; undefined when it is not written. */
export function field(entry: EntrySpec, key: string): Written | undefined {
  const value = entry.fields[key]
  return value === undefined ? undefined : written(value, childPath(entry.at, key))
}
