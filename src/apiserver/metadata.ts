import {
  isRecord,
  type KubeObject,
  type ObjectMeta,
  type OwnerReference,
  parseApiVersion,
  type StatusCause,
  semanticEqual,
} from "../kube/mod.ts"
import {
  forbidden,
  invalidValue,
  labelValueProblems,
  nameProblems,
  pathSegmentProblems,
  qualifiedNameProblems,
  required,
} from "./names.ts"
import type { Resource } from "./resource.ts"

const annotationBytesMax = 262_144

/** Metadata with what an update of it must not lose: the server's own members that the new object leaves out. */
export function carriedOver(metadata: ObjectMeta, old: ObjectMeta): ObjectMeta {
  const kept = ["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation"] as const
  const result: Record<string, unknown> = { ...metadata }
  const before: Readonly<Record<string, unknown>> = { ...old }
  for (const key of kept) {
    const isServers = key === "generation" || key === "creationTimestamp" || result[key] === undefined
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

const immutable = ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"]

/** Kinds whose name is judged when they are made, and not again. */
const isMetaOnly = new Set([
  ...["ClusterRoleBinding", "CronJob", "CSIDriver", "DaemonSet", "Deployment", "Event", "HorizontalPodAutoscaler"],
  ...["Job", "Lease", "NetworkPolicy", "Pod", "PodDisruptionBudget", "PodTemplate", "PriorityClass", "ReplicaSet"],
  ...["ReplicationController", "ResourceQuota", "RuntimeClass", "StatefulSet", "StorageClass"],
])

/** What is wrong with the metadata of an object that is about to replace another. */
export function updateProblems(resource: Resource, object: KubeObject, old: KubeObject): readonly StatusCause[] {
  const { metadata } = object
  const before = old.metadata
  const causes: StatusCause[] = [...commonProblems(metadata, isLenient(object))]
  const { generateName = "" } = metadata
  const problems = isMetaOnly.has(object.kind)
    ? pathSegmentProblems(generateName, true)
    : nameProblems(resource, generateName, true)
  if (generateName !== "") {
    causes.push(...problems.map((why) => invalidValue("metadata.generateName", generateName, why)))
  }
  if ((metadata.generation ?? 0) < 0) {
    causes.push(invalidValue("metadata.generation", metadata.generation, "must be greater than or equal to 0"))
  }
  if (before.deletionTimestamp !== undefined) {
    const added = (metadata.finalizers ?? []).filter((name) => before.finalizers?.includes(name) !== true)
    if (added.length > 0) {
      const list = `[]string{${added.map((name) => JSON.stringify(name)).join(", ")}}`
      const why = `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`
      causes.push(forbidden("metadata.finalizers", why))
    }
  }
  const [now, was]: readonly Readonly<Record<string, unknown>>[] = [{ ...metadata }, { ...before }]
  for (const key of immutable) {
    if ((now?.[key] ?? "") === (was?.[key] ?? "")) continue
    causes.push(invalidValue(`metadata.${key}`, now?.[key] ?? null, "field is immutable"))
  }
  return causes
}

function commonProblems(metadata: ObjectMeta, isLenientKind: boolean): readonly StatusCause[] {
  const causes: StatusCause[] = []
  const { generation = 0 } = metadata
  if (generation < 0) {
    causes.push(invalidValue("metadata.generation", generation, "must be greater than or equal to 0"))
  }
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
  const { finalizers = [] } = metadata
  for (const [index, name] of finalizers.entries()) {
    for (const why of qualifiedNameProblems(name)) causes.push(invalidValue("metadata.finalizers", name, why))
    if (isLenientKind || name.includes("/") || bareFinalizers.has(name)) continue
    const why = "name is neither a standard finalizer name nor is it fully qualified"
    causes.push(invalidValue(`metadata.finalizers[${index}]`, name, why))
  }
  if (finalizers.includes("orphan") && finalizers.includes("foregroundDeletion")) {
    const why = "finalizer orphan and foregroundDeletion cannot be both set"
    causes.push(invalidValue("metadata.finalizers", finalizers, why))
  }
  return causes
}

/** What deserves a warning though it is allowed: names of new finalizers that could be anybody's. */
export function metadataWarnings(object: KubeObject, old: KubeObject | undefined): readonly string[] {
  if (!isLenient(object)) return []
  const before = old?.metadata.finalizers ?? []
  const plain = (object.metadata.finalizers ?? []).filter(
    (name) => !name.includes("/") && !bareFinalizers.has(name) && !before.includes(name),
  )
  const why = "prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers"
  return plain.map((name) => `metadata.finalizers: ${JSON.stringify(name)}: ${why}`)
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

function ownerProblems(owners: readonly OwnerReference[]): readonly StatusCause[] {
  const causes: StatusCause[] = []
  let controller: OwnerReference | undefined
  for (const [index, owner] of owners.entries()) {
    const at = `metadata.ownerReferences[${index}]`
    for (const field of ["apiVersion", "kind", "name", "uid"] as const) {
      if ((owner[field] ?? "") === "") causes.push(required(`${at}.${field}`, "must not be empty"))
    }
    const parts = (owner.apiVersion ?? "").split("/")
    if (parts.length > 2 || (parts.length === 2 && parts.includes(""))) {
      causes.push(invalidValue(`${at}.apiVersion`, owner.apiVersion, "must be <group>/<version> or <version>"))
    }
    if (owner.apiVersion === "v1" && owner.kind === "Event") {
      causes.push(invalidValue(at, owner, "/v1, Kind=Event is disallowed from being an owner"))
    }
    if (owner.controller !== true) continue
    if (controller !== undefined) {
      const why = `Only one reference can have Controller set to true. Found "true" in references for ${controller.kind}/${controller.name} and ${owner.kind}/${owner.name}`
      causes.push(invalidValue("metadata.ownerReferences", owners, why))
    }
    controller = owner
  }
  return causes
}

// A real server's words.
const ownersTwice =
  ".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed:"

/** `object` with each owner once; warns when one was there twice. */
export function withOwnersOnce(object: KubeObject, warn: (text: string) => void): KubeObject {
  const owners = object.metadata.ownerReferences ?? []
  if (owners.length < 2) return object
  const once = owners.filter((owner, index) => owners.findIndex((other) => semanticEqual(other, owner)) === index)
  if (once.length === owners.length) return object
  const uids = owners.filter((owner) => !once.includes(owner)).map(({ uid }) => uid)
  warn(`${ownersTwice} ${[...new Set(uids)].join(", ")}`)
  return withMetadata(object, { ...object.metadata, ownerReferences: once })
}

/** Members of metadata that are left out when they are empty. */
const omitted = ["annotations", "finalizers", "generateName", "labels", "ownerReferences"] as const

/** `object` without empty members in its metadata, as the server's own type leaves them out. */
export function tidied(object: KubeObject): KubeObject {
  const { metadata } = object
  const isEmpty = (value: unknown) =>
    value === "" || value === null || (typeof value === "object" && Object.keys(value).length === 0)
  const empty = omitted.filter((key) => isEmpty(metadata[key]))
  return empty.length === 0 ? object : { ...object, metadata: withoutMembers(object.metadata, empty) }
}

/** `object` with other metadata. */
export function withMetadata(object: KubeObject, metadata: ObjectMeta): KubeObject {
  return { ...object, metadata }
}

/** `metadata` without some members. */
export function withoutMembers(metadata: ObjectMeta, names: readonly string[]): ObjectMeta {
  if (!names.some((name) => name in metadata)) return metadata
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => !names.includes(name)))
}

/** The member of an object that is a map, or an empty one. */
export function mapOf(object: KubeObject, member: string): Readonly<Record<string, unknown>> {
  const value = object[member]
  return isRecord(value) ? value : {}
}
