import { err, Lru, ok, type Result } from "../../base/mod.ts"
import { isRecord } from "../object.ts"
import { type FieldSet, fromFieldsV1, isEmptySet, noFields, toFieldsV1, union } from "./field-set.ts"

/** Who wrote a set of fields, how and when; one entry of `metadata.managedFields`. */
export interface Owner {
  readonly manager: string
  readonly operation: "Apply" | "Update"
  readonly apiVersion: string
  readonly subresource: string | undefined
  /** RFC 3339, in seconds. */
  readonly time: string | undefined
  readonly fields: FieldSet
}

/** The owners of an object, each under its identity. */
export type Owners = ReadonlyMap<string, Owner>

/** An entry of `metadata.managedFields` as it is stored. */
export interface ManagedEntry {
  readonly manager?: string
  readonly operation: string
  readonly apiVersion: string
  readonly time?: string
  readonly fieldsType: string
  readonly fieldsV1: Readonly<Record<string, unknown>>
  readonly subresource?: string
}

/** More owners by update than this are folded together. */
const updateOwnersMax = 10

/** What makes two entries the same owner: an applier stays itself across versions, an updater does not. */
export function ownerId(owner: Omit<Owner, "fields" | "time">): string {
  const { manager, operation, apiVersion, subresource } = owner
  return JSON.stringify([manager, operation, operation === "Apply" ? "" : apiVersion, subresource ?? ""])
}

/** Lists that were read lately: a controller writes the same objects, or objects of the same owners, again and again. */
const readLately = new Lru<readonly unknown[], Result<Owners, string>>(256)

/** Reads `metadata.managedFields`; absent is nobody. */
export function ownersOf(managedFields: unknown): Result<Owners, string> {
  if (!Array.isArray(managedFields)) return ok(new Map())
  const known = readLately.get(managedFields)
  if (known !== undefined) return known
  const read = readOwners(managedFields)
  readLately.set(managedFields, read)
  return read
}

function readOwners(entries: readonly unknown[]): Result<Owners, string> {
  const owners = new Map<string, Owner>()
  for (const [index, entry] of entries.entries()) {
    const owner = ownerOf(entry, index)
    if (!owner.ok) return owner
    owners.set(ownerId(owner.value), owner.value)
  }
  return ok(owners)
}

function ownerOf(entry: unknown, index: number): Result<Owner, string> {
  if (!isRecord(entry)) return err(`managed fields entry ${index} is no object`)
  const { operation, apiVersion, fieldsType, fieldsV1 } = entry
  if (operation !== "Apply" && operation !== "Update") return err("operation must be `Apply` or `Update`")
  if (typeof apiVersion !== "string" || apiVersion === "") return err("apiVersion must not be empty")
  if (fieldsType === undefined || fieldsType === "") return err(`missing fieldsType in managed fields entry ${index}`)
  if (fieldsType !== "FieldsV1")
    return err(`invalid fieldsType ${JSON.stringify(fieldsType)} in managed fields entry ${index}`)
  const fields = fieldsV1 === undefined ? ok(noFields) : fromFieldsV1(fieldsV1)
  if (!fields.ok) return fields
  const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined)
  return ok({
    manager: text(entry["manager"]) ?? "",
    operation,
    apiVersion,
    subresource: text(entry["subresource"]),
    time: text(entry["time"]),
    fields: fields.value,
  })
}

/** `metadata.managedFields` of these owners, in the server's order: appliers first, then by time and name. */
export function managedFieldsOf(owners: Owners): readonly ManagedEntry[] {
  return [...owners.values()].sort(compareOwners).map((owner) => ({
    ...(owner.manager === "" ? {} : { manager: owner.manager }),
    operation: owner.operation,
    apiVersion: owner.apiVersion,
    ...(owner.time === undefined ? {} : { time: owner.time }),
    fieldsType: "FieldsV1",
    fieldsV1: toFieldsV1(owner.fields),
    ...(owner.subresource === undefined ? {} : { subresource: owner.subresource }),
  }))
}

function compareOwners(a: Owner, b: Owner): number {
  return (
    compareText(a.operation, b.operation) ||
    secondsOf(a) - secondsOf(b) ||
    compareText(a.manager, b.manager) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.subresource ?? "", b.subresource ?? "")
  )
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}

function secondsOf(owner: Owner): number {
  return Math.floor(Date.parse(owner.time ?? "1970-01-01T00:00:00Z") / 1000)
}

/** The owners that still own something. */
export function withoutEmpty(owners: Owners): Owners {
  return new Map([...owners].filter(([, owner]) => !isEmptySet(owner.fields)))
}

/** At most ten owners by update: beyond that the oldest of each version become one, `ancient-changes`. */
export function capOwners(owners: Owners): Owners {
  const updaters = [...owners].filter(([, owner]) => owner.operation === "Update")
  let count = updaters.length
  if (count <= updateOwnersMax) return owners
  updaters.sort(([idA, a], [idB, b]) => secondsOf(a) - secondsOf(b) || compareText(idA, idB))
  const result = new Map(owners)
  const firstOf = new Map<string, string>()
  for (const [id, owner] of updaters) {
    if (count <= updateOwnersMax) break
    const first = firstOf.get(owner.apiVersion)
    if (first === undefined) {
      firstOf.set(owner.apiVersion, id)
      continue
    }
    const identity = { manager: "ancient-changes", operation: "Update", apiVersion: owner.apiVersion } as const
    const bucketId = ownerId({ ...identity, subresource: undefined })
    const older = result.get(bucketId) ?? result.get(first)
    if (!result.has(bucketId)) result.delete(first)
    result.delete(id)
    const fields = union(owner.fields, older?.fields ?? noFields)
    result.set(bucketId, { ...identity, subresource: undefined, time: owner.time, fields })
    count--
  }
  return result
}

/** An owner in the words of a conflict: `"kubectl-edit" with subresource "status" using apps/v1`. */
export function describeOwner(owner: Owner): string {
  const name = JSON.stringify(owner.manager)
  const through =
    owner.subresource === undefined ? name : `${name} with subresource ${JSON.stringify(owner.subresource)}`
  return owner.operation === "Update" ? `${through} using ${owner.apiVersion}` : through
}
