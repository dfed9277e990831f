import {
  isRecord,
  type KubeObject,
  type ObjectMeta,
  type OwnerReference,
  parseApiVersion,
  type StatusCause,
} from "../kube/mod.ts"
import { forbidden, invalidValue, labelValueProblems, nameProblems, qualifiedNameProblems, required } from "./names.ts"
import type { Resource } from "./resource.ts"

const annotationBytesMax = 262_144

/** Metadata with what an update of it must not lose: the server's own members that the new object leaves out. */
export function carriedOver(metadata: ObjectMeta, old: ObjectMeta): ObjectMeta {
  const kept = ["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation"] as const
  const result: Record<string, unknown> = { ...metadata }
  const before: Readonly<Record<string, unknown>> = { ...old }
  for (const key of kept) {
    const isServers = key === "generation" || result[key] === undefined || result[key] === null
    if (!isServers) continue
    if (before[key] === undefined) delete result[key]
    else result[key] = before[key]
  }
  delete result["selfLink"]
  return result
}

/** What is wrong with the metadata of an object that is about to be created. */
export function createProblems(resource: Resource, object: KubeObject): readonly StatusCause[] {
  const { metadata } = object
  const causes: StatusCause[] = []
  if (metadata.generateName !== undefined && metadata.generateName !== "") {
    for (const why of nameProblems(resource, metadata.generateName, true)) {
      causes.push(invalidValue("metadata.generateName", metadata.generateName, why))
    }
  }
  const { name = "" } = metadata
  if (name === "") causes.push(required("metadata.name", "name or generateName is required"))
  else for (const why of nameProblems(resource, name)) causes.push(invalidValue("metadata.name", name, why))
  return [...causes, ...commonProblems(metadata, isLenient(object))]
}

/** What is wrong with the metadata of an object that is about to replace another. */
export function updateProblems(object: KubeObject, old: KubeObject): readonly StatusCause[] {
  const { metadata } = object
  const before = old.metadata
  const causes: StatusCause[] = [...commonProblems(metadata, isLenient(object))]
  if (before.deletionTimestamp !== undefined) {
    const added = (metadata.finalizers ?? []).filter((name) => before.finalizers?.includes(name) !== true)
    if (added.length > 0) {
      const list = `[]string{${added.map((name) => JSON.stringify(name)).join(", ")}}`
      const why = `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`
      causes.push(forbidden("metadata.finalizers", why))
    }
  }
  const immutable = ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp"] as const
  for (const key of immutable) {
    if ((metadata[key] ?? "") === (before[key] ?? "")) continue
    causes.push(invalidValue(`metadata.${key}`, metadata[key] ?? null, "field is immutable"))
  }
  return causes
}

function commonProblems(metadata: ObjectMeta, isLenientKind: boolean): readonly StatusCause[] {
  const causes: StatusCause[] = []
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    for (const why of qualifiedNameProblems(key)) causes.push(invalidValue("metadata.labels", key, why))
    for (const why of labelValueProblems(value)) causes.push(invalidValue("metadata.labels", value, why))
  }
  let bytes = 0
  for (const [key, value] of Object.entries(metadata.annotations ?? {})) {
    for (const why of qualifiedNameProblems(key.toLowerCase())) {
      causes.push(invalidValue("metadata.annotations", key, why))
    }
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value)
  }
  if (bytes > annotationBytesMax) {
    const message = `Too long: may not be more than ${annotationBytesMax} bytes`
    causes.push({ reason: "FieldValueTooLong", message, field: "metadata.annotations" })
  }
  causes.push(...ownerProblems(metadata.ownerReferences ?? []))
  for (const [index, name] of (metadata.finalizers ?? []).entries()) {
    for (const why of finalizerProblems(name, isLenientKind))
      causes.push(invalidValue(`metadata.finalizers[${index}]`, name, why))
  }
  return causes
}

const bareFinalizers = new Set(["orphan", "foregroundDeletion", "kubernetes"])

// Kinds of these groups want a domain in the names of finalizers, custom resources and the others do not.
const strictGroups = new Set([
  ...["", "apps", "autoscaling", "batch", "policy"],
  ...["networking", "rbac.authorization", "storage", "scheduling", "node", "discovery"].map((name) => `${name}.k8s.io`),
])

function isLenient({ apiVersion }: KubeObject): boolean {
  return !strictGroups.has(parseApiVersion(apiVersion).group)
}

function finalizerProblems(name: string, isLenientKind: boolean): readonly string[] {
  const problems = qualifiedNameProblems(name)
  if (problems.length > 0) return problems
  return isLenientKind || name.includes("/") || bareFinalizers.has(name)
    ? []
    : ["name is neither a standard finalizer name nor is it fully qualified"]
}

function ownerProblems(owners: readonly OwnerReference[]): readonly StatusCause[] {
  const causes: StatusCause[] = []
  let controller: OwnerReference | undefined
  for (const owner of owners) {
    const at = "metadata.ownerReferences"
    const value = (field: string, text: string, why: string) =>
      text === "" ? [invalidValue(`${at}.${field}`, text, why)] : []
    causes.push(...value("apiVersion", owner.apiVersion ?? "", "version must not be empty"))
    causes.push(...value("kind", owner.kind ?? "", "must not be empty"))
    causes.push(...value("name", owner.name ?? "", "must not be empty"))
    causes.push(...value("uid", owner.uid ?? "", "must not be empty"))
    if (owner.apiVersion === "v1" && owner.kind === "Event") {
      causes.push(invalidValue(at, owner, "/v1, Kind=Event is disallowed from being an owner"))
    }
    if (owner.controller !== true) continue
    if (controller !== undefined) {
      const why = `Only one reference can have Controller set to true. Found "true" in references for ${controller.name} and ${owner.name}`
      causes.push(invalidValue(at, owners, why))
    }
    controller = owner
  }
  return causes
}

/** `object` with other metadata. */
export function withMetadata(object: KubeObject, metadata: ObjectMeta): KubeObject {
  return { ...object, metadata }
}

/** `metadata` without some members. */
export function withoutMembers(metadata: ObjectMeta, names: readonly string[]): ObjectMeta {
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => !names.includes(name)))
}

/** The member of an object that is a map, or an empty one. */
export function mapOf(object: KubeObject, member: string): Readonly<Record<string, unknown>> {
  const value = object[member]
  return isRecord(value) ? value : {}
}
