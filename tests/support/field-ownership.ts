import { isRecord, type KubeObject, type ManagedFieldsEntry, semanticEqual } from "../../src/kube/mod.ts"

/** A leaf of an object: a path of keys. Lists are leaves of their own here. */
export type Leaf = readonly string[]

const header: ReadonlySet<string> = new Set(["apiVersion", "kind", "status"])
const identity: ReadonlySet<string> = new Set(["name", "namespace", "uid", "resourceVersion", "managedFields"])

/** The leaves that a manager of `object` owns: everything but what the server itself keeps. */
export function leavesOf(object: KubeObject): readonly Leaf[] {
  const leaves: Leaf[] = []
  const walk = (value: unknown, path: Leaf): void => {
    const [top, second = ""] = path
    if (path.length === 1 && header.has(top ?? "")) return
    if (path.length === 2 && top === "metadata" && identity.has(second)) return
    const isMap = isRecord(value) && Object.keys(value).length > 0
    if (isMap) for (const [key, child] of Object.entries(value)) walk(child, [...path, key])
    else if (path.length > 0) leaves.push(path)
  }
  walk(object, [])
  return leaves
}

/** `leaves` as `fieldsV1`. */
export function fieldsOf(leaves: readonly Leaf[]): Readonly<Record<string, unknown>> {
  type Tree = { [key: string]: Tree }
  const root: Tree = {}
  for (const leaf of leaves) {
    let at = root
    for (const key of leaf) {
      at[`f:${key}`] ??= {}
      at = at[`f:${key}`] ?? {}
    }
  }
  return root
}

/** The leaves behind a `fieldsV1`. */
export function leavesOfFields(fields: unknown, path: Leaf = []): readonly Leaf[] {
  if (!isRecord(fields) || Object.keys(fields).length === 0) return path.length > 0 ? [path] : []
  return Object.entries(fields).flatMap(([key, below]) => leavesOfFields(below, [...path, key.slice(2)]))
}

/** The value at a leaf. */
export function valueAt(object: unknown, leaf: Leaf): unknown {
  let at = object
  for (const key of leaf) at = isRecord(at) ? at[key] : undefined
  return at
}

/** `object` with `value` at a leaf; undefined removes it, and maps that become empty with it. */
export function withValue(object: unknown, leaf: Leaf, value: unknown): unknown {
  const [key, ...rest] = leaf
  if (key === undefined) return value
  const record = isRecord(object) ? object : {}
  const child = withValue(record[key], rest, value)
  const { [key]: _old, ...others } = record
  const isGone = child === undefined || (value === undefined && isRecord(child) && Object.keys(child).length === 0)
  return isGone ? others : { ...others, [key]: child }
}

/** `entries` after `manager` has taken `leaves` with `operation`; others lose what they no longer share. */
export function withManager(
  entries: readonly ManagedFieldsEntry[],
  taken: { readonly manager: string; readonly operation: "Apply" | "Update"; readonly leaves: readonly Leaf[] },
  lost: readonly Leaf[] = [],
): readonly ManagedFieldsEntry[] {
  const { manager, operation, leaves } = taken
  const lostIds = new Set(lost.map((leaf) => leaf.join("\0")))
  const isMine = (entry: ManagedFieldsEntry) => entry.manager === manager && entry.operation === operation
  const others = entries
    .filter((entry) => !isMine(entry))
    .map((entry) => {
      const kept = leavesOfFields(entry.fieldsV1).filter((leaf) => !lostIds.has(leaf.join("\0")))
      return { ...entry, fieldsV1: fieldsOf(kept) }
    })
    .filter((entry) => Object.keys(entry.fieldsV1).length > 0)
  const mine = operation === "Apply" ? leaves : [...ownedBy(entries, manager, operation), ...leaves]
  return [...others, { manager, operation, fieldsV1: fieldsOf(mine) }]
}

function ownedBy(entries: readonly ManagedFieldsEntry[], manager: string, operation: string): readonly Leaf[] {
  const entry = entries.find((candidate) => candidate.manager === manager && candidate.operation === operation)
  return leavesOfFields(entry?.fieldsV1)
}

/** Result of a server-side apply on values. */
export interface Applied {
  readonly object: KubeObject
  /** Leaves that others own and that differ, with their owners. */
  readonly conflicts: readonly { readonly leaf: Leaf; readonly manager: string }[]
}

/** Server-side apply of `config` over `live`, as the field manager's share of it. */
export function applied(live: KubeObject, config: KubeObject, manager: string): Applied {
  const entries = live.metadata.managedFields ?? []
  const wanted = leavesOf(config)
  const ids = new Set(wanted.map((leaf) => leaf.join("\0")))
  const changed = wanted.filter((leaf) => !semanticEqual(valueAt(live, leaf), valueAt(config, leaf)))
  const others = entries.filter((entry) => entry.manager !== manager || entry.operation !== "Apply")
  const conflicts = changed.flatMap((leaf) =>
    others.filter((entry) => owns(entry, leaf)).map((entry) => ({ leaf, manager: entry.manager ?? "" })),
  )
  const dropped = ownedBy(entries, manager, "Apply").filter(
    (leaf) => !ids.has(leaf.join("\0")) && !others.some((entry) => owns(entry, leaf)),
  )
  let object: unknown = live
  for (const leaf of dropped) object = withValue(object, leaf, undefined)
  for (const leaf of changed) object = withValue(object, leaf, valueAt(config, leaf))
  const merged = object as KubeObject // live with some leaves replaced
  const managedFields = withManager(entries, { manager, operation: "Apply", leaves: wanted }, changed)
  return { object: { ...merged, metadata: { ...merged.metadata, managedFields } }, conflicts }
}

function owns(entry: ManagedFieldsEntry, leaf: Leaf): boolean {
  const id = leaf.join("\0")
  return leavesOfFields(entry.fieldsV1).some((other) => other.join("\0") === id)
}
