import { isOrkError, ms } from "../../base/mod.ts"
import {
  describeObject,
  formatGvr,
  hasFinalizer,
  isTerminating,
  type KubeObject,
  keyOf,
  objectKey,
} from "../../kube/mod.ts"
import { renderEntry } from "../../plan/mod.ts"
import type { Outcome } from "../../runtime/mod.ts"
import { isHeld, released } from "../finalizers.ts"
import { collectable, keepAnnotation, ownershipOf } from "../ownership.ts"
import { type Pass, revisitAt } from "../pass.ts"
import { removeChild } from "../removal.ts"
import { scopeOf } from "../scope.ts"

const revisitMs = ms("5s")

/**
 * Deletion by inventory: no template of a managed entry is evaluated.
 *
 * `onDelete` names children that go first. Then everything goes that the garbage collector cannot reach. The finalizer
 * is taken off when none of it is left, and never before every cache can say so.
 */
export async function remove(pass: Pass): Promise<"next" | Outcome> {
  if (!isTerminating(pass.cr)) return "next"
  if (!isHeld(pass.plan, pass.cr)) return { kind: "done" }
  const first = await removeAll(pass, firstToGo(pass))
  const rest = first > 0 ? 0 : await removeAll(pass, unreachable(pass))
  // What uses a volume may be ours too, and the garbage collector would take it only after the CR: neither would go.
  if (rest > 0 && unreachable(pass).some(isHeldInUse)) await removeAll(pass, ours(pass))
  if (first + rest > 0) {
    const on = `${first + rest} children are being deleted`
    return { kind: "waiting", on, afterMs: revisitMs }
  }
  const [unlisted] = pass.ports.cache.unlisted()
  if (unlisted) return { kind: "waiting", on: `the first list of ${formatGvr(unlisted)}`, afterMs: revisitMs }
  for (const { object } of claimed(pass)) reportLeft(pass, describeObject(object))
  await releaseFinalizer(pass)
  return { kind: "done" }
}

const inUse = ["kubernetes.io/pv-protection", "kubernetes.io/pvc-protection"]

function isHeldInUse({ object }: Child): boolean {
  return isTerminating(object) && inUse.some((finalizer) => hasFinalizer(object, finalizer))
}

interface Child {
  readonly gvr: { readonly group: string; readonly version: string; readonly resource: string }
  readonly object: KubeObject
}

/** How many of `children` are still there. */
async function removeAll(pass: Pass, children: readonly Child[]): Promise<number> {
  for (const { gvr, object } of children) if (!isTerminating(object)) await removeChild(pass, gvr, object)
  return children.filter(({ gvr, object }) => pass.ports.cache.get(gvr, keyOf(object)) !== undefined).length
}

function ours(pass: Pass): readonly Child[] {
  return pass.ports.cache
    .ownedBy(pass.cr.metadata.uid ?? "")
    .filter(({ object }) => ownershipOf(object, pass.cr, pass.plan.fieldManager) === "ours")
    .filter(({ object }) => object.metadata.annotations?.[keepAnnotation] !== "retain")
}

function unreachable(pass: Pass): readonly Child[] {
  return ours(pass).filter(({ object }) => !collectable(pass.cr, object))
}

// The label alone authorises no deletion: whoever took off the rest, or copied the label, is told what stays.
function claimed(pass: Pass): readonly Child[] {
  return pass.ports.cache
    .ownedBy(pass.cr.metadata.uid ?? "")
    .filter(({ object }) => ownershipOf(object, pass.cr, pass.plan.fieldManager) === "claimed")
    .filter(({ object }) => !collectable(pass.cr, object) && !isTerminating(object))
}

/** Our children that `onDelete` names. An entry that fails to render is reported and never blocks the deletion. */
function firstToGo(pass: Pass): readonly Child[] {
  const scope = scopeOf(pass)
  const named = new Set<string>()
  for (const resource of pass.plan.onDelete) {
    const result = renderEntry(resource, scope)
    revisitAt(pass, result.nextChangeMs)
    for (const failure of result.failures) reportFailure(pass, `${resource.id} (${failure.where}): ${failure.message}`)
    for (const { object } of result.rendered) {
      const info = pass.ports.resourceOf(resource.gvk)
      const namespace = info?.namespaced ? (object.metadata.namespace ?? pass.cr.metadata.namespace) : undefined
      named.add(`${resource.gvk.kind} ${objectKey(namespace, object.metadata.name ?? "")}`)
    }
  }
  return ours(pass).filter(({ object }) => named.has(`${object.kind} ${keyOf(object)}`))
}

function reportLeft(pass: Pass, child: string): void {
  const message = `${child} stays: it has our label, but not our annotation and field manager; delete it by hand`
  pass.log.warn("child left behind", { child })
  pass.ports.events.record({ regarding: pass.cr, type: "Warning", reason: "ChildLeft", action: "Delete", message })
}

function reportFailure(pass: Pass, message: string): void {
  pass.log.warn("onDelete entry left out", { reason: message })
  pass.ports.events.record({
    regarding: pass.cr,
    type: "Warning",
    reason: "TemplateError",
    action: "Delete",
    message: `${message}; the deletion goes on without it`,
  })
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
