import { inParallel, isOrkError, messageOf, ms, OrkError } from "../../base/mod.ts"
import {
  controllerOf,
  describeObject,
  formatGroupKind,
  formatGvr,
  isTerminating,
  type KubeObject,
  statusOf,
} from "../../kube/mod.ts"
import { childId } from "../inventory.ts"
import type { Change, Problem } from "../marks.ts"
import { createdEntries, recordCreated } from "../once.ts"
import { isFormerLife, isManagedBy, otherManagers, ownerNamed, ownershipOf, ownerUidLabel } from "../ownership.ts"
import { type Desired, type Pass, revisit } from "../pass.ts"
import { allOrNothing } from "./all-or-nothing.ts"
import { generated, isDue } from "./generate.ts"
import { headOf, isImmutable, mustReplace, orReplace, released, remark, replace } from "./replace.ts"
import { answered, differences, hasSameIntent, refused, settledBefore, tookBack, uncontested } from "./settled.ts"

const parallelMax = 8
const conflictRevisitMs = ms("60s")

/** Compares every desired object with the cache and applies only what differs, wave by wave. */
export async function apply(pass: Pass): Promise<"next"> {
  await (pass.plan.rollBackOnError ? allOrNothing(pass, applyAll) : applyAll(pass))
  return "next"
}

async function applyAll(pass: Pass): Promise<void> {
  const created = createdEntries(pass.cr)
  const newlyCreated: string[] = []
  for (const wave of [0, 1, 2]) {
    const items = pass.desired.filter((item) => item.rendered.resource.wave === wave)
    await inParallel(items, parallelMax, async (item) => {
      await pass.ports.turn()
      const once = item.rendered.resource.lifecycle === "once"
      if (once && created.has(onceId(item))) return keepOnce(pass, item)
      const exists = await guarded(pass, item, () => applyOne(pass, item))
      if (once && exists) newlyCreated.push(onceId(item))
    })
  }
  if (newlyCreated.length > 0) await recordCreated(pass, [...created, ...newlyCreated.sort()])
  if (pass.marks.race) throw pass.marks.race
}

function onceId(item: Desired): string {
  const { group, kind } = item.resource.gvk
  return `${formatGroupKind({ group, kind })}/${item.key}`
}

// A finished and removed `once` object stays away; one that is there still counts as a child.
function keepOnce(pass: Pass, item: Desired): void {
  const live = pass.ports.cache.get(item.resource.gvr, item.key)
  if (live) pass.live.set(childId(item.resource.gvr, live), live)
}

/** Runs the work on one object; a no of the world becomes a mark, so that the other objects are still applied. */
async function guarded(pass: Pass, item: Desired, work: () => Promise<boolean>): Promise<boolean> {
  const problem = pass.ports.cache.problem(item.resource.gvr)
  if (problem === "syncing") {
    pass.marks.waits.push(`${describeObject(item.object)}: its kind is still being listed`)
    revisit(pass, ms("1s"))
    return false
  }
  if (problem) {
    markError(pass, item, problem)
    revisit(pass, conflictRevisitMs)
    return false
  }
  try {
    return await work()
  } catch (error) {
    if (!isOrkError(error) || pass.signal.aborted) throw error
    if (error.code === "api/conflict") {
      pass.marks.race ??= error
      return false
    }
    if (error.code === "api/forbidden") {
      revisit(pass, pass.ports.breaker.retryAfterMs(circuitOf(item)) || conflictRevisitMs)
    }
    markError(pass, item, error)
    return false
  }
}

function circuitOf(item: Desired): string {
  return `patch ${formatGvr(item.resource.gvr)} ${item.object.metadata.namespace ?? ""}`
}

/** One apply, unless the breaker knows the answer. An object that needs no call is never held up by it. */
async function send(pass: Pass, item: Desired, object: KubeObject, force: boolean) {
  const { breaker, client } = pass.ports
  pass.signal.throwIfAborted()
  const known = breaker.check(circuitOf(item))
  if (known) throw sameAnswer(known, item)
  const { signal } = pass
  const options = { fieldManager: pass.plan.fieldManager, force, fieldValidation: "Strict" as const, signal }
  try {
    const answer = await client.apply(item.resource, object, options)
    breaker.close(circuitOf(item))
    return answer
  } catch (error) {
    if (isOrkError(error, "api/forbidden")) breaker.trip(circuitOf(item), error)
    else if (isOrkError(error, "api/conflict", "api/field-conflict")) breaker.close(circuitOf(item))
    throw error
  }
}

/** What the server said about another object of this kind and namespace, in the words it would use for this one. */
function sameAnswer(known: OrkError, item: Desired): OrkError {
  const why = /is forbidden: (.*)/s.exec(known.message)?.[1] ?? known.message
  const { group, resource } = item.resource.gvr
  const named = `${resource}${group ? `.${group}` : ""} "${item.object.metadata.name}"`
  const message = `${describeObject(item.object)}: apply: ${named} is forbidden: ${why}`
  return new OrkError(known.code, message, known.context, { cause: known })
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
  const reason = isImmutable(error) ? "ImmutableField" : (reasons[error.code] ?? "ReconcileError")
  const subject = describeObject(item.object)
  const message = error.message.includes(subject) ? error.message : `${subject}: ${error.message}`
  pass.marks.problems.push({ reason, message, terminal: !error.retryable, error })
}

/** True when the object exists as ours afterwards. */
async function applyOne(pass: Pass, item: Desired): Promise<boolean> {
  const live = pass.ports.cache.get(item.resource.gvr, item.key)
  if (!live) return create(pass, item)
  const ownership = ownershipOf(live, pass.cr, pass.plan.fieldManager)
  if (ownership === "other") return adopt(pass, item, live)
  if (isTerminating(live)) {
    pass.marks.waits.push(`${describeObject(live)}: the old one is still being deleted`)
    return false
  }
  pass.live.set(childId(item.resource.gvr, live), live)
  if (item.rendered.resource.lifecycle === "once") return true
  if (item.rendered.resource.updatePolicy === "create") return renew(pass, item, live)
  const sameIntent = hasSameIntent(item, live)
  const differing = differences(pass, item, live)
  const paths = sameIntent ? uncontested(pass, item, live, differing) : differing
  if (paths.length === 0) return true
  if (!sameIntent && mustReplace(item, paths)) return replace(pass, item, live)
  if (settledBefore(pass, item, live, differing)) return true
  const path = paths.find((candidate) => !candidate.startsWith("metadata.annotations")) ?? paths[0] ?? ""
  const by = sameIntent ? otherManagers(live, path, pass.plan.fieldManager) : ""
  const detail = by ? `${path} was changed by ${by}` : path
  const change = { verb: sameIntent ? "corrected" : "updated", object: describeObject(live), detail } as const
  const work = () => write(pass, item, live, change)
  if (!sameIntent) return orReplace(pass, { item, live }, work)
  // The same intent was taken once: making the object anew would end where it is now.
  const exists = await work()
  if (pass.marks.changes.includes(change)) tookBack(pass, item, live, differing)
  return exists
}

// What is only ever created is written again when what was generated has served its time.
async function renew(pass: Pass, item: Desired, live: KubeObject): Promise<boolean> {
  if (!isDue(pass, item, live)) return true
  const change: Change = { verb: "updated", object: describeObject(live), detail: "generated anew" }
  return write(pass, generated(pass, item, live), live, change)
}

/** First apply: resourceVersion "1" makes the server answer 409 when somebody has the object already. */
async function create(pass: Pass, item: Desired): Promise<boolean> {
  const { object: fresh } = generated(pass, item)
  const probe = { ...fresh, metadata: { ...fresh.metadata, resourceVersion: "1" } }
  try {
    const { object } = await send(pass, item, probe, true)
    landed(pass, item, { object, before: undefined, change: { verb: "created", object: describeObject(object) } })
    answered(pass, { ...item, object: fresh }, object)
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

/** Decides about an object that exists and does not name this CR as its owner. */
async function adopt(pass: Pass, item: Desired, existing: KubeObject): Promise<boolean> {
  if (isTerminating(existing)) {
    pass.marks.waits.push(`${describeObject(existing)}: the old one is still being deleted`)
    revisit(pass, ms("5s"))
    return false
  }
  const { fieldManager } = pass.plan
  const labelled = ownershipOf(existing, pass.cr, fieldManager) !== "other"
  const ours = labelled || (isFormerLife(existing, pass.cr) && isManagedBy(existing, fieldManager))
  const { adoption, lifecycle, updatePolicy } = item.rendered.resource
  const free = adoption === "force" || (adoption === "ifUnowned" && isFree(existing, pass.cr))
  if (!ours && !free) return conflict(pass, existing)
  if (lifecycle === "once" && adoption !== "force") return leave(pass, item, existing)
  const change: Change = { verb: ours ? "updated" : "adopted", object: describeObject(existing) }
  if (updatePolicy === "create") return mark(pass, item, existing, change)
  if (!ours) return write(pass, item, await released(pass, item, existing), change)
  return orReplace(pass, { item, live: existing }, () => write(pass, item, existing, change))
}

// What is only ever created stays as it is; it is marked as ours, so that it is watched, and goes when it should.
async function mark(pass: Pass, item: Desired, existing: KubeObject, change: Change): Promise<boolean> {
  if (ownershipOf(existing, pass.cr, pass.plan.fieldManager) === "ours") {
    landed(pass, item, { object: existing, before: existing, change: undefined })
    return true
  }
  const marked = await remark(pass, item, existing)
  if (!marked) return write(pass, { ...item, object: headOf(item.object) }, existing, change)
  landed(pass, item, { object: marked, before: existing, change })
  return true
}

// `once` is never compared, so what exists is never overwritten; unless the end of its owner is about to take it away.
function leave(pass: Pass, item: Desired, existing: KubeObject): boolean {
  const controller = controllerOf(existing)
  if (controller && controller.uid !== pass.cr.metadata.uid) {
    pass.marks.waits.push(`${describeObject(existing)}: the old one is still being deleted`)
    revisit(pass, ms("5s"))
    return false
  }
  pass.live.set(childId(item.resource.gvr, existing), existing)
  return true
}

// Nobody controls it: no controller, no other CR of ours. A former life of this CR counts as this CR.
function isFree(existing: KubeObject, cr: KubeObject): boolean {
  const controller = controllerOf(existing)
  if (controller && controller.uid !== cr.metadata.uid && !isFormerLife(existing, cr)) return false
  return existing.metadata.labels?.[ownerUidLabel] === undefined || isFormerLife(existing, cr)
}

function conflict(pass: Pass, existing: KubeObject): false {
  const owner = ownerNamed(existing)
  const advice = owner === "nobody" ? "set adoption: ifUnowned or force" : "rename one of them or set adoption: force"
  const message = `${describeObject(existing)} exists and belongs to ${owner}; ${advice}`
  pass.complete = false
  pass.marks.problems.push({ reason: "Conflict", message, terminal: true, condition: "Conflict" })
  revisit(pass, conflictRevisitMs)
  return false
}

/** Applies over an existing object, bound to its UID so that nothing that took its place is touched. */
async function write(pass: Pass, item: Desired, existing: KubeObject, change: Change): Promise<boolean> {
  const { uid } = existing.metadata
  const bound = { ...item.object, metadata: { ...item.object.metadata, ...(uid ? { uid } : {}) } }
  try {
    const { object } = await send(pass, item, bound, item.rendered.resource.forceConflict)
    const wrote = object.metadata.resourceVersion !== existing.metadata.resourceVersion
    landed(pass, item, { object, before: existing, change: wrote ? change : undefined })
    answered(pass, item, object)
    return true
  } catch (error) {
    if (!isOrkError(error, "api/field-conflict")) throw error
    refused(pass, item, existing)
    pass.marks.problems.push(fieldConflict(existing, error))
    return true
  }
}

interface Landed {
  readonly object: KubeObject
  /** As it was when the write was decided: the cache may know more by now. */
  readonly before: KubeObject | undefined
  readonly change: Change | undefined
}

function landed(pass: Pass, item: Desired, { object, before, change }: Landed): void {
  if (change) pass.journal?.push({ item, before, object, verb: change.verb })
  pass.ports.cache.observe(item.resource.gvr, object)
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
