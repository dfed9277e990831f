import { type KubeObject, semanticEqual } from "../../kube/mod.ts"
import { type Call, type Core, refOf, servedOne, storable } from "../core.ts"
import { deletionOf, type Propagation } from "../deletion.ts"
import { withMetadata, withoutMembers } from "../metadata.ts"
import { conflict, notFound, Refusal } from "../refusal.ts"

/** `metav1.DeleteOptions`, as far as they matter. */
export interface DeleteRequest {
  readonly propagation?: Propagation | undefined
  readonly graceSeconds?: number | undefined
  readonly uid?: string | undefined
  readonly resourceVersion?: string | undefined
}

/** What is left of an object. */
export interface Deleted {
  readonly object: KubeObject
  /** False when something still holds it. */
  readonly isGone: boolean
}

const attemptsMax = 16
const orphan = "orphan"
const foreground = "foregroundDeletion"

/** Deletes an object, or marks it when finalizers, a grace period or its kind hold it. */
export async function deleteObject(core: Core, call: Call, request: DeleteRequest): Promise<Deleted> {
  const { resource, name, context } = call
  const ref = refOf(call, name)
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const stored = core.storage.get(ref)
    if (stored === undefined) throw notFound(resource, name)
    const live = await servedOne(resource, stored)
    if (resource.prefix === "namespaces" && immortal.has(name)) throw mayNotBeDeleted(call)
    mustMeet(call, live, request)
    await core.admission?.validate({ ...call, operation: "DELETE", object: undefined, old: live })
    const marked = mark(call, live, request)
    const expected = stored.metadata.resourceVersion ?? ""
    if (marked === undefined) {
      if (context.dryRun) return { object: ended(call, live), isGone: true }
      const last = core.storage.remove(ref, expected)
      if (last !== undefined) return { object: ended(call, await servedOne(resource, last)), isGone: true }
      continue
    }
    if (context.dryRun || semanticEqual(marked, live)) return { object: marked, isGone: false }
    const kept = core.storage.put(ref, await storable(resource, marked), expected)
    if (kept !== undefined) return { object: await servedOne(resource, kept), isGone: false }
  }
  throw new Refusal(409, "Conflict", `too many writes of ${resource.gvr.resource} "${name}" at the same time`)
}

/** Namespaces that a cluster is nothing without. */
const immortal = new Set(["default", "kube-public", "kube-system"])

function mayNotBeDeleted({ resource, name }: Call): Refusal {
  const kind = resource.gvr.resource
  const why = "this namespace may not be deleted"
  return new Refusal(403, "Forbidden", `${kind} ${JSON.stringify(name)} is forbidden: ${why}`, { name, kind })
}

function mustMeet({ resource, name }: Call, live: KubeObject, { uid, resourceVersion }: DeleteRequest): void {
  const { uid: actual = "", resourceVersion: version = "" } = live.metadata
  // Here the kind stands where elsewhere the resource does.
  const named = { ...resource, gvr: { ...resource.gvr, resource: resource.kind } }
  if (uid !== undefined && uid !== actual) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${actual}). The object might have been deleted and then recreated`
    throw conflict(named, name, why)
  }
  if (resourceVersion !== undefined && resourceVersion !== version) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${version}). The object might have been modified`
    throw conflict(named, name, why)
  }
}

/** 409: the object is not the one that was meant. */
export function wrongUid({ resource, name, namespace }: Call, uid: string, actual: string): Refusal {
  const { group, resource: plural } = resource.gvr
  const place = [...(resource.isCustom ? [group] : []), plural, ...(namespace === "" ? [] : [namespace]), name]
  const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${actual}`
  const error = `StorageError: invalid object, Code: 4, Key: /registry/${place.join("/")}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`
  return conflict(resource, name, error)
}

/** The object as it waits for its end; undefined when nothing holds it. */
function mark({ resource, context }: Call, live: KubeObject, request: DeleteRequest): KubeObject | undefined {
  const rules = deletionOf(resource)
  const finalizers = finalizersFor(live, request.propagation, rules.propagation)
  const grace = rules.graceSeconds?.(live, request.graceSeconds) ?? 0
  const isHeld = finalizers.length > 0 || rules.isHeld?.(live) === true
  if (!isHeld && grace === 0) return undefined
  const metadata = {
    ...withoutMembers(live.metadata, ["finalizers"]),
    ...(finalizers.length > 0 ? { finalizers } : {}),
  }
  const { deletionTimestamp } = live.metadata
  const already = { deletionGracePeriodSeconds: undefined, ...live.metadata }.deletionGracePeriodSeconds
  if (deletionTimestamp !== undefined) {
    // A shorter grace period counts, a longer one does not.
    const isShorter = typeof already === "number" && grace < already
    if (isShorter && grace === 0 && !isHeld) return undefined
    // It counts from when the deletion was first asked for.
    const end = after(deletionTimestamp, isShorter ? grace - already : 0)
    const shorter = isShorter ? { deletionGracePeriodSeconds: grace, deletionTimestamp: end } : {}
    return withMetadata(live, { ...metadata, ...shorter })
  }
  const generation = live.metadata.generation === undefined ? {} : { generation: live.metadata.generation + 1 }
  const times = { deletionTimestamp: after(context.now, grace), deletionGracePeriodSeconds: grace }
  const marked = withMetadata(live, { ...metadata, ...generation, ...times })
  return rules.mark?.(marked) ?? marked
}

/** What a deletion answers with: kinds that end gracefully are shown as ended, though nobody stored that. */
function ended({ resource, context }: Call, last: KubeObject): KubeObject {
  if (deletionOf(resource).graceSeconds === undefined) return last
  const { deletionTimestamp = context.now, generation } = last.metadata
  const isNew = last.metadata.deletionTimestamp === undefined && generation !== undefined
  const grown = isNew ? { generation: generation + 1 } : {}
  return withMetadata(last, { ...last.metadata, ...grown, ...{ deletionTimestamp, deletionGracePeriodSeconds: 0 } })
}

/** The finalizers that the garbage collector shall see. */
function finalizersFor(
  live: KubeObject,
  asked: Propagation | undefined,
  usual: Propagation | undefined,
): readonly string[] {
  const before = live.metadata.finalizers ?? []
  const others = before.filter((name) => name !== orphan && name !== foreground)
  const kept = before.includes(orphan) ? "Orphan" : before.includes(foreground) ? "Foreground" : undefined
  switch (asked ?? kept ?? usual) {
    case "Orphan":
      return [...others, orphan]
    case "Foreground":
      return [...others, foreground]
    default:
      return others
  }
}

function after(now: string, seconds: number): string {
  if (seconds === 0) return now
  return `${new Date(Date.parse(now) + seconds * 1000).toISOString().slice(0, 19)}Z`
}
