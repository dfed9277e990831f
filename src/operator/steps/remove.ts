import { isOrkError, ms } from "../../base/mod.ts"
import { describeObject, formatGvr, hasFinalizer, isTerminating, keyOf } from "../../kube/mod.ts"
import type { Outcome } from "../../runtime/mod.ts"
import { writeVerdict } from "../finalize.ts"
import { isHeld, released } from "../finalizers.ts"
import { summarize } from "../marks.ts"
import { collectable, ownershipOf } from "../ownership.ts"
import { type Pass, revisit } from "../pass.ts"
import { type Child, removable, removeChild } from "../removal.ts"
import { type Standing, sequence } from "./sequence.ts"

const revisitMs = ms("5s")
const blockedRevisitMs = ms("1m")

/**
 * Deletion by inventory: no template of a managed entry is evaluated.
 *
 * First comes what `onDelete` asks for. Then everything goes that the garbage collector cannot reach. The finalizer is
 * taken off when none of it is left, and never before every cache can say so.
 */
export async function remove(pass: Pass): Promise<"next" | Outcome> {
  if (!isTerminating(pass.cr)) return "next"
  if (!isHeld(pass.plan, pass.cr)) return { kind: "done" }
  const outcome = await goOn(pass)
  const { changes } = pass.marks
  if (changes.length > 0) {
    const message = summarize(changes)
    pass.log.info("deleting", { changes: message })
    pass.ports.events.record({ regarding: pass.cr, type: "Normal", reason: "Deleting", action: "Delete", message })
  }
  return outcome
}

async function goOn(pass: Pass): Promise<Outcome> {
  const standing = await sequence(pass)
  if (standing.kind !== "done") return await hold(pass, standing)
  const rest = await removeAll(pass, unreachable(pass))
  // What uses a volume may be ours too, and the garbage collector would take it only after the CR: neither would go.
  if (rest > 0 && unreachable(pass).some(isHeldInUse)) await removeAll(pass, removable(pass))
  if (rest > 0) return { kind: "waiting", on: `${rest} children are being deleted`, afterMs: revisitMs }
  const [unlisted] = pass.ports.cache.unlisted()
  if (unlisted) return { kind: "waiting", on: `the first list of ${formatGvr(unlisted)}`, afterMs: revisitMs }
  for (const { object } of claimed(pass)) reportLeft(pass, describeObject(object))
  await releaseFinalizer(pass)
  return { kind: "done" }
}

/** What is waited for is said on the CR, but not while it may be over in a moment. */
async function hold(pass: Pass, standing: Exclude<Standing, { kind: "done" }>): Promise<Outcome> {
  const message = standing.on.join("; ")
  if (standing.kind === "waiting") {
    const isSlow = pass.marks.changes.length === 0
    if (isSlow) await writeVerdict(pass, { reason: "Deleting", message, isStalled: false })
    return { kind: "waiting", on: message, afterMs: revisitMs }
  }
  const { reason } = standing
  await writeVerdict(pass, { reason, message, isStalled: true })
  revisit(pass, blockedRevisitMs)
  return { kind: "stalled", why: `${reason}: ${message}` }
}

const inUse = ["kubernetes.io/pv-protection", "kubernetes.io/pvc-protection"]

function isHeldInUse({ object }: Child): boolean {
  return isTerminating(object) && inUse.some((finalizer) => hasFinalizer(object, finalizer))
}

/** How many of `children` are still there. */
async function removeAll(pass: Pass, children: readonly Child[]): Promise<number> {
  for (const child of children) if (!isTerminating(child.object)) await removeChild(pass, child)
  return children.filter(({ gvr, object }) => pass.ports.cache.get(gvr, keyOf(object)) !== undefined).length
}

// Without an owner reference the garbage collector does not know it: other namespaces, and Jobs of `onDelete`.
function unreachable(pass: Pass): readonly Child[] {
  const { uid } = pass.cr.metadata
  return removable(pass).filter(({ object }) => !object.metadata.ownerReferences?.some((owner) => owner.uid === uid))
}

// The label alone authorises no deletion: whoever took off the rest, or copied the label, is told what stays.
function claimed(pass: Pass): readonly Child[] {
  return pass.ports.cache
    .ownedBy(pass.cr.metadata.uid ?? "")
    .filter(({ object }) => ownershipOf(object, pass.cr, pass.plan.fieldManager) === "claimed")
    .filter(({ object }) => !collectable(pass.cr, object) && !isTerminating(object))
}

function reportLeft(pass: Pass, child: string): void {
  const message = `${child} stays: it has our label, but not our annotation and field manager; delete it by hand`
  pass.log.warn("child left behind", { child })
  pass.ports.events.record({ regarding: pass.cr, type: "Warning", reason: "ChildLeft", action: "Delete", message })
}

async function releaseFinalizer(pass: Pass): Promise<void> {
  pass.signal.throwIfAborted()
  const finalizers = released(pass.plan, pass.cr)
  const body = { metadata: { resourceVersion: pass.cr.metadata.resourceVersion, finalizers } }
  const options = { fieldManager: pass.plan.fieldManager, signal: pass.signal }
  try {
    const cr = await pass.ports.client.patch(pass.resource, keyOf(pass.cr), { type: "merge", body }, options)
    pass.ports.observeCr(cr)
  } catch (error) {
    if (!isOrkError(error, "api/not-found")) throw error
    pass.log.debug("the object was gone before its finalizer", { key: describeObject(pass.cr) })
  }
}
