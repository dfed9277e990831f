import { inParallel, isOrkError, messageOf, ms, OrkError } from "../../base/mod.ts"
import {
  controllerOf,
  covers,
  describeObject,
  formatGvr,
  isTerminating,
  type KubeObject,
  statusOf,
} from "../../kube/mod.ts"
import { childId } from "../inventory.ts"
import type { Change, Problem } from "../marks.ts"
import { createdEntries, recordCreated } from "../once.ts"
import { hashAnnotation, otherManagers, ownerAnnotation, ownershipOf, ownerText, ownerUidLabel } from "../ownership.ts"
import { type Desired, type Pass, revisit } from "../pass.ts"

const parallelMax = 8
const conflictRevisitMs = ms("60s")

/** Compares every desired object with the cache and applies only what differs, wave by wave. */
export async function apply(pass: Pass): Promise<"next"> {
  const created = createdEntries(pass.cr)
  const newlyCreated: string[] = []
  for (const wave of [0, 1, 2]) {
    const items = pass.desired.filter((item) => item.rendered.resource.wave === wave)
    await inParallel(items, parallelMax, async (item) => {
      const once = item.rendered.resource.lifecycle === "once"
      if (once && created.has(onceId(item))) return keepOnce(pass, item)
      const exists = await guarded(pass, item, () => applyOne(pass, item))
      if (once && exists) newlyCreated.push(onceId(item))
    })
  }
  if (newlyCreated.length > 0) await recordCreated(pass, [...created, ...newlyCreated.sort()])
  return "next"
}

function onceId(item: Desired): string {
  return describeObject(item.object)
}

// A finished and removed `once` object stays away; one that is there still counts as a child.
function keepOnce(pass: Pass, item: Desired): void {
  const live = pass.ports.cache.get(item.resource.gvr, item.key)
  if (live) pass.live.set(childId(item.resource.gvr, live), live)
}

/** Runs the work on one object; a no of the world becomes a mark, so that the other objects are still applied. */
async function guarded(pass: Pass, item: Desired, work: () => Promise<boolean>): Promise<boolean> {
  const circuit = `patch ${formatGvr(item.resource.gvr)}`
  const problem = pass.ports.cache.problem(item.resource.gvr)
  const blocked = pass.ports.breaker.check(circuit) ?? (problem === "syncing" ? undefined : problem)
  if (blocked) {
    markError(pass, item, blocked)
    revisit(pass, pass.ports.breaker.retryAfterMs(circuit) || conflictRevisitMs)
    return false
  }
  if (problem === "syncing") {
    pass.marks.waits.push(`${describeObject(item.object)}: its kind is still being listed`)
    revisit(pass, ms("1s"))
    return false
  }
  try {
    const exists = await work()
    pass.ports.breaker.close(circuit)
    return exists
  } catch (error) {
    if (!isOrkError(error) || pass.signal.aborted) throw error
    if (isOrkError(error, "api/forbidden")) {
      pass.ports.breaker.trip(circuit, error)
      revisit(pass, pass.ports.breaker.retryAfterMs(circuit))
    }
    markError(pass, item, error)
    return false
  }
}

const reasons: Readonly<Partial<Record<OrkError["code"], string>>> = {
  "api/forbidden": "Forbidden",
  "api/invalid": "Invalid",
  "api/bad-request": "Invalid",
  "api/too-large": "TooLarge",
  "api/not-found": "Waiting",
}

function markError(pass: Pass, item: Desired, error: OrkError): void {
  pass.complete = false
  const reason = immutable(error) ? "ImmutableField" : (reasons[error.code] ?? "ReconcileError")
  const subject = describeObject(item.object)
  const message = error.message.includes(subject) ? error.message : `${subject}: ${error.message}`
  pass.marks.problems.push({ reason, message, terminal: !error.retryable, error })
}

function immutable(error: OrkError): boolean {
  return error.code === "api/invalid" && /immutable/i.test(statusOf(error)?.message ?? "")
}

/** True when the object exists as ours afterwards. */
async function applyOne(pass: Pass, item: Desired): Promise<boolean> {
  const live = pass.ports.cache.get(item.resource.gvr, item.key)
  if (!live) return create(pass, item)
  const ownership = ownershipOf(live, pass.cr, pass.plan.fieldManager)
  if (ownership === "other") return conflict(pass, live)
  if (isTerminating(live)) {
    pass.marks.waits.push(`${describeObject(live)}: the old one is still being deleted`)
    return false
  }
  pass.live.set(childId(item.resource.gvr, live), live)
  if (item.rendered.resource.lifecycle === "once") return true
  const sameIntent = live.metadata.annotations?.[hashAnnotation] === item.object.metadata.annotations?.[hashAnnotation]
  const schemas = pass.ports.schemas
  const paths = covers(live, item.object, schemas.root(item.rendered.resource.gvk), schemas)
  if (paths.length === 0) return true
  if (settledBefore(pass, item, live, paths)) return true
  const path = paths.find((candidate) => !candidate.startsWith("metadata.annotations")) ?? paths[0] ?? ""
  const by = sameIntent ? otherManagers(live, path, pass.plan.fieldManager) : ""
  const detail = by ? `${path} was changed by ${by}` : path
  return write(pass, item, live, { verb: sameIntent ? "corrected" : "updated", object: describeObject(live), detail })
}

/** First apply: resourceVersion "1" makes the server answer 409 when somebody has the object already. */
async function create(pass: Pass, item: Desired): Promise<boolean> {
  pass.signal.throwIfAborted()
  const probe = { ...item.object, metadata: { ...item.object.metadata, resourceVersion: "1" } }
  try {
    const { object } = await pass.ports.client.apply(item.resource, probe, options(pass, true))
    landed(pass, item, object, { verb: "created", object: describeObject(object) })
    return true
  } catch (error) {
    if (!isOrkError(error, "api/conflict", "api/already-exists")) throw error
  }
  const existing = await pass.ports.client.get(item.resource, item.key, { signal: pass.signal })
  if (!existing) {
    throw new OrkError("api/conflict", `${describeObject(item.object)}: it was deleted while it was being created`)
  }
  return adopt(pass, item, existing)
}

/** Decides about an object that exists and is not in our cache. */
async function adopt(pass: Pass, item: Desired, existing: KubeObject): Promise<boolean> {
  if (isTerminating(existing)) {
    pass.marks.waits.push(`${describeObject(existing)}: the old one is still being deleted`)
    revisit(pass, ms("5s"))
    return false
  }
  const ours = ownershipOf(existing, pass.cr, pass.plan.fieldManager) !== "other"
  const { adoption } = item.rendered.resource
  const free = adoption === "force" || (adoption === "ifUnowned" && isFree(existing, pass.cr))
  if (!ours && !free) return conflict(pass, existing)
  return write(pass, item, existing, { verb: ours ? "updated" : "adopted", object: describeObject(existing) })
}

// Nobody controls it: no controller, no other CR of ours. A former life of this CR counts as this CR.
function isFree(existing: KubeObject, cr: KubeObject): boolean {
  const controller = controllerOf(existing)
  if (controller && controller.uid !== cr.metadata.uid && !isFormerLife(existing, cr)) return false
  return existing.metadata.labels?.[ownerUidLabel] === undefined || isFormerLife(existing, cr)
}

function isFormerLife(existing: KubeObject, cr: KubeObject): boolean {
  return existing.metadata.annotations?.[ownerAnnotation] === ownerText(cr)
}

function conflict(pass: Pass, existing: KubeObject): false {
  const controller = controllerOf(existing)
  const owner =
    existing.metadata.annotations?.[ownerAnnotation] ??
    (controller ? `${controller.kind}/${controller.name}` : "nobody")
  const advice = owner === "nobody" ? "set adoption: ifUnowned or force" : "rename one of them or set adoption: force"
  const message = `${describeObject(existing)} exists and belongs to ${owner}; ${advice}`
  pass.complete = false
  pass.marks.problems.push({ reason: "Conflict", message, terminal: true, condition: "Conflict" })
  revisit(pass, conflictRevisitMs)
  return false
}

/** Applies over an existing object, bound to its UID so that nothing that took its place is touched. */
async function write(pass: Pass, item: Desired, existing: KubeObject, change: Change): Promise<boolean> {
  pass.signal.throwIfAborted()
  const { uid } = existing.metadata
  const bound = { ...item.object, metadata: { ...item.object.metadata, ...(uid ? { uid } : {}) } }
  try {
    const { object } = await pass.ports.client.apply(
      item.resource,
      bound,
      options(pass, item.rendered.resource.forceConflict),
    )
    const wrote = object.metadata.resourceVersion !== existing.metadata.resourceVersion
    landed(pass, item, object, wrote ? change : undefined)
    if (!wrote) pass.ports.settled.set(settledKey(item), settledState(item, object))
    return true
  } catch (error) {
    if (!isOrkError(error, "api/field-conflict")) throw error
    pass.ports.settled.set(settledKey(item), settledState(item, existing))
    pass.marks.problems.push(fieldConflict(existing, error))
    return true
  }
}

function options(pass: Pass, force: boolean) {
  return { fieldManager: pass.plan.fieldManager, force, fieldValidation: "Strict" as const, signal: pass.signal }
}

function landed(pass: Pass, item: Desired, object: KubeObject, change: Change | undefined): void {
  pass.ports.cache.observe(item.resource.gvr, object)
  pass.ports.settled.delete(settledKey(item))
  pass.live.set(childId(item.resource.gvr, object), object)
  if (change) pass.marks.changes.push(change)
}

function fieldConflict(existing: KubeObject, error: OrkError): Problem {
  const causes = statusOf(error)?.details?.causes ?? []
  const fields = causes.map((cause) => `${cause.field ?? "a field"} (${cause.message ?? "another manager"})`)
  const what = fields.length > 0 ? fields.join(", ") : messageOf(error)
  const message = `${describeObject(existing)}: left alone, ${what}; set forceConflict: true or drop the field`
  return { reason: "FieldConflict", message, terminal: true, condition: "FieldConflict" }
}

function settledKey(item: Desired): string {
  return childId(item.resource.gvr, item.key)
}

function settledState(item: Desired, live: KubeObject): string {
  const { uid, generation, resourceVersion } = live.metadata
  return `${uid} ${generation ?? resourceVersion} ${item.object.metadata.annotations?.[hashAnnotation]}`
}

/**
 * True when the server has answered for exactly this pair of intent and object, so that asking again is useless: it
 * refused (a field conflict), or it took the apply and changed nothing (its normal form differs from the written one).
 */
function settledBefore(pass: Pass, item: Desired, live: KubeObject, paths: readonly string[]): boolean {
  if (pass.ports.settled.get(settledKey(item)) !== settledState(item, live)) return false
  if (item.rendered.resource.forceConflict) return true
  const by = otherManagers(live, paths[0] ?? "", pass.plan.fieldManager) || "another manager"
  const message = `${describeObject(live)}: left alone, .${paths[0]} is managed by ${by}; set forceConflict: true or drop the field`
  pass.marks.problems.push({ reason: "FieldConflict", message, terminal: true, condition: "FieldConflict" })
  return true
}
