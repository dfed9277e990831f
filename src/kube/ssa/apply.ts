import { err, ok, type Result } from "../../base/mod.ts"
import { semanticEqual } from "../equality.ts"
import { isRecord, type KubeObject } from "../object.ts"
import type { Schema, SchemaSet } from "../schema/schema.ts"
import type { StatusCause } from "../status.ts"
import { compareFields } from "./compare.ts"
import {
  difference,
  type FieldPath,
  type FieldSet,
  fieldPath,
  fieldSet,
  formatFieldPath,
  intersection,
  isEmptySet,
  noFields,
  pathsOf,
  union,
  withoutSubtrees,
} from "./field-set.ts"
import { hasLastApplied, lastAppliedFields, withLastApplied } from "./last-applied.ts"
import {
  capOwners,
  describeOwner,
  type ManagedEntry,
  managedFieldsOf,
  type Owner,
  type Owners,
  ownerId,
  ownersOf,
  withoutEmpty,
} from "./managers.ts"
import { dropNulls, mergeValues, removeFields, withNamedFields } from "./merge.ts"
import { emptyObject, reshapeFields, restoreFields } from "./reshape.ts"
import { rootShape, type Shape } from "./shape.ts"
import { fieldsOf, typeErrors } from "./walk.ts"

/** What an apply and an update have in common. */
export interface WriteOptions {
  /** The object as it is stored; undefined when there is none yet. */
  readonly live: KubeObject | undefined
  /** Who writes; an empty name becomes `unknown`. */
  readonly manager: string
  /** The schema of the whole object; without one everything is granular, and every list atomic. */
  readonly schema: Schema | undefined
  readonly set: SchemaSet
  /** The time of the write, RFC 3339 in seconds. */
  readonly now: string
  /** `status`, `scale` ...: writes through a subresource are owned apart. */
  readonly subresource?: string
  /** Fields that a write through this endpoint never changes; see `resetFields`. */
  readonly reset?: FieldSet
}

/** One server-side apply. */
export interface ApplyOptions extends WriteOptions {
  /** What the manager declares. */
  readonly config: KubeObject
  /** Take the fields that others own and that differ. */
  readonly force: boolean
  /** What the server makes of a merged object before it is stored: defaults, canonical spellings. */
  readonly complete?: (merged: KubeObject) => KubeObject
}

/** One create, update or patch. */
export interface UpdateOptions extends WriteOptions {
  /** The object that will be stored, with defaults. */
  readonly object: KubeObject
  /** What an object of the server's own type has before anybody fills it: members that are never absent. */
  readonly zeros?: Readonly<Record<string, unknown>>
}

/** The object to store, `metadata.managedFields` included, and these alone. */
export interface Written {
  readonly object: KubeObject
  readonly managedFields: readonly ManagedEntry[]
}

/** Why an apply was refused: others own what it changes (409), or it makes no sense (400), or it fits no schema (500). */
export type ApplyRefusal =
  | { readonly kind: "conflict"; readonly message: string; readonly causes: readonly StatusCause[] }
  | { readonly kind: "bad-request" | "untyped"; readonly message: string }

/** Fields that nobody owns: the identity of an object and what the server alone writes. */
const unowned = fieldSet([
  ...["apiVersion", "kind", "metadata"].map((name) => fieldPath(name)),
  ...[
    "clusterName",
    "creationTimestamp",
    "generation",
    "managedFields",
    "name",
    "namespace",
    "resourceVersion",
    "selfLink",
    "uid",
  ].map((name) => fieldPath("metadata", name)),
])

const firstManager = "before-first-apply"
const kubectl = "kubectl"

/**
 * Server-side apply: `live` with what `config` declares, without what the manager declared before and nobody else
 * owns; and who owns what afterwards.
 *
 * Guarantees: pure; a second apply of the same changes nothing, times included; equal values are shared, different
 * ones are conflicts unless forced. Not promised: owners that wrote in another apiVersion are read in this one's
 * schema; generation, resourceVersion and the like stay as in `live`.
 */
export function apply(options: ApplyOptions): Result<Written, ApplyRefusal> {
  const { config, live, manager } = options
  const refusal = configProblem(options)
  if (refusal !== undefined) return err(refusal)
  const first = applyOnce(options)
  const allowed = live !== undefined && manager === kubectl ? lastAppliedFields(live, shapeOf(options)) : undefined
  if (first.ok || allowed === undefined || first.error.kind !== "conflict") {
    return first.ok ? ok(finished(options, first.value)) : err(refusalOf(first.error))
  }
  const rest = first.error.conflicts.filter(([, path]) => isEmptySet(intersection(fieldSet([path]), allowed)))
  if (rest.length > 0) return err(conflictRefusal(rest))
  const forced = applyOnce({ ...options, config, force: true })
  return forced.ok ? ok(finished(options, forced.value)) : err(refusalOf(forced.error))
}

/**
 * The managed fields after a create, update or patch: what changed moves to the manager, what is gone is nobody's.
 *
 * An object that lost all its managed fields stays without; an empty list in `object` asks for that.
 */
export function update(options: UpdateOptions): Written {
  const { live, object, subresource } = options
  const before = ownersBefore(live, object, subresource)
  if (before.size === 0 && live?.metadata.uid !== undefined) return written(object, new Map())
  const shape = shapeOf(options)
  const owners = capOwners(updateOwners({ ...options, before, shape }))
  return withoutTimeChange(live, written(object, owners))
}

type Conflict = readonly [owner: Owner, path: FieldPath]
type Failure =
  | { readonly kind: "conflict"; readonly conflicts: readonly Conflict[] }
  | { readonly kind: "bad-request" | "untyped"; readonly message: string }

function shapeOf(options: WriteOptions): Shape {
  return rootShape(options.schema, options.set)
}

function configProblem({ config, live, schema, set }: ApplyOptions): ApplyRefusal | undefined {
  if (live !== undefined && config.apiVersion !== live.apiVersion) {
    const message = `Incorrect version specified in apply patch. Specified patch version: ${config.apiVersion}, expected: ${live.apiVersion}`
    return { kind: "bad-request", message }
  }
  if (config.metadata.managedFields !== undefined) {
    return { kind: "bad-request", message: "metadata.managedFields must be nil" }
  }
  const errors = typeErrors(config, rootShape(schema, set), { allowDuplicates: false })
  if (errors.length === 0) return undefined
  const { name = "", namespace = "" } = config.metadata
  const reasons = errors.length === 1 ? errors[0] : `errors:\n${errors.map((error) => `  ${error}`).join("\n")}`
  const version = config.apiVersion.includes("/") ? config.apiVersion : `/${config.apiVersion}`
  const subject = `${namespace}/${name}; ${version}, Kind=${config.kind}`
  return { kind: "untyped", message: `failed to create typed patch object (${subject}): ${reasons}` }
}

interface Applied {
  readonly object: unknown
  readonly owners: Owners
}

function applyOnce(options: ApplyOptions): Result<Applied, Failure> {
  const { config, live, now, reset = noFields } = options
  const shape = shapeOf(options)
  const decoded = ownersOf(live?.metadata.managedFields)
  if (!decoded.ok) return err({ kind: "untyped", message: `failed to decode managed fields: ${decoded.error}` })
  const stored = withoutManagedFields(live)
  let before = decoded.value
  if (before.size === 0 && live !== undefined) {
    const created = { ...options, live: undefined, object: live, manager: firstManager }
    before = updateOwners({ ...created, before, shape })
  }
  const self: Owner = {
    manager: options.manager || "unknown",
    operation: "Apply",
    apiVersion: config.apiVersion,
    subresource: options.subresource,
    time: undefined,
    fields: withoutSubtrees(fieldsOf(config, shape), reset),
  }
  const id = ownerId(self)
  const owners = new Map(reshaped(before, shape))
  const last = owners.get(id)
  owners.set(id, { ...self, time: last?.time })
  const merged = pruned(mergeValues(stored, config, shape), { owners, last: last?.fields ?? noFields, shape })
  const after = settle(owners, { id, changes: compareFields(stored, merged, shape, reset), force: options.force })
  if (!after.ok) return err({ kind: "conflict", conflicts: after.error })
  const mine = after.value.get(id)
  const result = new Map(after.value)
  if (mine !== undefined) {
    const isNoop = stored !== undefined && semanticEqual(stored, merged)
    result.set(id, { ...mine, fields: difference(mine.fields, unowned), time: isNoop ? mine.time : now })
  }
  return ok({ object: merged, owners: withoutEmpty(result) })
}

/** The merged object in the form that is stored. */
function finished(options: ApplyOptions, { object, owners }: Applied): Written {
  const { complete, config, live, manager, reset } = options
  // The merge of objects is an object: config has the header.
  const merged = dropNulls(object, shapeOf(options)) as KubeObject
  const synced = manager === kubectl && hasLastApplied(merged) ? withLastApplied(merged, config) : merged
  const result = withoutTimeChange(live, written(complete?.(synced) ?? synced, owners))
  return { ...result, object: restoreFields(result.object, live, reset ?? noFields) }
}

interface Settling {
  readonly id: string
  readonly changes: ReturnType<typeof compareFields>
  readonly force: boolean
}

/** What the others still own once the object changes; or the conflicts, unless forced. */
function settle(owners: Owners, at: Settling): Result<Owners, readonly Conflict[]> {
  const { changes } = at
  const changed = union(changes.modified, changes.added)
  const conflicts: Conflict[] = []
  const result = new Map<string, Owner>()
  for (const [id, owner] of owners) {
    if (id === at.id) {
      result.set(id, owner)
      continue
    }
    const contested = intersection(owner.fields, changed)
    for (const path of pathsOf(contested)) conflicts.push([owner, path])
    result.set(id, { ...owner, fields: difference(difference(owner.fields, contested), changes.removed) })
  }
  return at.force || conflicts.length === 0 ? ok(withoutEmpty(result)) : err(conflicts)
}

interface Pruning {
  readonly owners: Owners
  /** What the manager declared the last time. */
  readonly last: FieldSet
  readonly shape: Shape
}

/** `merged` without what the manager declared before, declares no more, and nobody else owns. */
function pruned(merged: unknown, { owners, last, shape }: Pruning): unknown {
  if (isEmptySet(last)) return merged
  const named = (fields: FieldSet) => withNamedFields(fields, shape)
  const all = named(fieldsOf(merged, shape))
  const bare = removeFields(merged, named(last), shape)
  let owned: FieldSet = noFields
  for (const owner of owners.values()) owned = union(owned, owner.fields)
  const kept = union(named(fieldsOf(bare, shape)), named(owned))
  const withOwned = removeFields(merged, difference(all, kept), shape)
  // What hangs below something removed but was never the manager's comes back.
  const gone = intersection(difference(all, named(fieldsOf(withOwned, shape))), named(last))
  return removeFields(merged, gone, shape)
}

interface Updating extends UpdateOptions {
  readonly before: Owners
  readonly shape: Shape
}

function updateOwners({ live, object, before, shape, ...options }: Updating): Owners {
  const reset = options.reset ?? noFields
  const old = withoutManagedFields(live) ?? withZeros(emptyObject(object, shape), options.zeros)
  const next = withoutManagedFields(object)
  const changes = compareFields(old, next, shape, reset)
  const settled = settle(reshaped(before, shape), { id: "", changes, force: true })
  const owners = new Map(settled.ok ? settled.value : before)
  const taken = difference(union(changes.modified, changes.added), unowned)
  if (isEmptySet(taken)) return owners
  const self: Omit<Owner, "fields"> = {
    manager: options.manager || "unknown",
    operation: "Update",
    apiVersion: object.apiVersion,
    subresource: options.subresource,
    time: options.now,
  }
  const id = ownerId(self)
  return owners.set(id, { ...self, fields: union(taken, owners.get(id)?.fields ?? noFields) })
}

function withZeros(empty: unknown, zeros: Readonly<Record<string, unknown>> | undefined): unknown {
  return zeros === undefined || !isRecord(empty) ? empty : { ...empty, ...zeros }
}

function ownersBefore(live: KubeObject | undefined, object: KubeObject, subresource: string | undefined): Owners {
  const entries = object.metadata.managedFields
  const stored = ownersOf(live?.metadata.managedFields)
  const known: Owners = stored.ok ? stored.value : new Map()
  if (subresource !== undefined || entries === undefined) return known
  const isReset = entries.length === 0 || (entries.length === 1 && Object.keys(entries[0] ?? {}).length === 0)
  if (isReset) return new Map()
  const given = ownersOf(entries)
  return given.ok && given.value.size > 0 ? given.value : known
}

function reshaped(owners: Owners, shape: Shape): Owners {
  if (owners.size === 0) return owners
  return new Map([...owners].map(([id, owner]) => [id, { ...owner, fields: reshapeFields(owner.fields, shape) }]))
}

function withoutManagedFields(object: KubeObject | undefined): KubeObject | undefined {
  if (object === undefined) return undefined
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata }
}

function written(object: KubeObject, owners: Owners): Written {
  const { managedFields: _, ...metadata } = object.metadata
  const managedFields = managedFieldsOf(owners)
  const all = managedFields.length === 0 ? metadata : { ...metadata, managedFields }
  return { object: { ...object, metadata: all }, managedFields }
}

/** When nothing but times would change, the old times stay. */
function withoutTimeChange(live: KubeObject | undefined, next: Written): Written {
  if (live === undefined) return next
  const before = live.metadata.managedFields ?? []
  const timeless = (entries: readonly unknown[]) =>
    entries.map((entry) => (isRecord(entry) ? { ...entry, time: undefined } : entry))
  const isSame =
    semanticEqual(timeless(before), timeless(next.managedFields)) &&
    semanticEqual(withoutManagedFields(live), withoutManagedFields(next.object))
  if (!isSame) return next
  const stored = ownersOf(before)
  return stored.ok ? written(next.object, stored.value) : next
}

function refusalOf(failure: Failure): ApplyRefusal {
  return failure.kind === "conflict" ? conflictRefusal(failure.conflicts) : failure
}

function conflictRefusal(conflicts: readonly Conflict[]): ApplyRefusal {
  const sorted = [...conflicts].sort(([a], [b]) => (ownerId(a) === ownerId(b) ? 0 : ownerId(a) < ownerId(b) ? -1 : 1))
  const causes = sorted.map(([owner, path]) => ({
    reason: "FieldManagerConflict",
    message: `conflict with ${describeOwner(owner)}`,
    field: formatFieldPath(path),
  }))
  const [only] = causes
  if (causes.length === 1 && only !== undefined) {
    return { kind: "conflict", message: `Apply failed with 1 conflict: ${only.message}: ${only.field}`, causes }
  }
  const lines = causes.flatMap(({ message, field }, index) => {
    const head = causes[index - 1]?.message === message ? [] : [`${message.replace("conflict", "conflicts")}:`]
    return [...head, `- ${field}`]
  })
  return { kind: "conflict", message: `Apply failed with ${causes.length} conflicts: ${lines.join("\n")}`, causes }
}
