import { isOrkError, ms, type OrkError } from "../../base/mod.ts"
import { controllerOf, describeObject, type KubeObject, statusOf } from "../../kube/mod.ts"
import { childId } from "../inventory.ts"
import { isManagedBy } from "../ownership.ts"
import { type Desired, type Pass, revisit } from "../pass.ts"
import { removeChild } from "../removal.ts"

const revisitMs = ms("5s")

/** True when the declared spec is another one and the kind cannot take it: a Pod, a Job that its author wants renewed. */
export function mustReplace(item: Desired, paths: readonly string[]): boolean {
  return item.rendered.resource.updatePolicy === "replace" && paths.some((path) => !path.startsWith("metadata."))
}

/** Deletes an object of ours that cannot be changed; the pass that its end brings makes it anew. */
export async function replace(pass: Pass, item: Desired, live: KubeObject): Promise<false> {
  await removeChild(pass, { gvr: item.resource.gvr, object: live })
  pass.live.delete(childId(item.resource.gvr, live))
  pass.marks.waits.push(`${describeObject(live)}: it is being replaced`)
  revisit(pass, revisitMs)
  return false
}

/** Runs `work`; where the server says that a field cannot change, the object is replaced if its author allows that. */
export async function orReplace(
  pass: Pass,
  { item, live }: { readonly item: Desired; readonly live: KubeObject },
  work: () => Promise<boolean>,
): Promise<boolean> {
  try {
    return await work()
  } catch (error) {
    if (item.rendered.resource.onImmutable !== "recreate" || !isOrkError(error) || !isImmutable(error)) throw error
    return replace(pass, item, live)
  }
}

/** True when the server refused a change because a field never changes. */
export function isImmutable(error: OrkError): boolean {
  return error.code === "api/invalid" && saysImmutable(statusOf(error)?.message ?? "")
}

/** True for the several ways in which the server says that a field never changes. */
export function saysImmutable(message: string): boolean {
  return /immutable|may not (be )?change|cannot change|fields other than/i.test(message)
}

/** The part of an object that says whose it is: all that is written to an existing one that must stay as it is. */
export function headOf(object: KubeObject): KubeObject {
  return { apiVersion: object.apiVersion, kind: object.kind, metadata: object.metadata }
}

/**
 * Puts our marks on an object that an apply of ours once made, and leaves everything else.
 *
 * An apply of the marks alone would take away what the earlier one declared. Undefined when there was no such apply.
 */
export async function remark(pass: Pass, item: Desired, existing: KubeObject): Promise<KubeObject | undefined> {
  if (!isManagedBy(existing, pass.plan.fieldManager)) return undefined
  const { labels, annotations, ownerReferences } = item.object.metadata
  const { uid, resourceVersion } = existing.metadata
  const body = {
    metadata: { uid, resourceVersion, labels, annotations, ...(ownerReferences ? { ownerReferences } : {}) },
  }
  pass.signal.throwIfAborted()
  const options = { fieldManager: pass.plan.fieldManager, signal: pass.signal }
  return pass.ports.client.patch(item.resource, item.key, { type: "merge", body }, options)
}

/** `existing` without its controller, for who takes it by force: an object has one controller at most. */
export async function released(pass: Pass, item: Desired, existing: KubeObject): Promise<KubeObject> {
  const controller = controllerOf(existing)
  if (!controller || item.object.metadata.ownerReferences === undefined) return existing
  const { uid, resourceVersion } = existing.metadata
  const ownerReferences = existing.metadata.ownerReferences?.filter((owner) => owner.uid !== controller.uid) ?? []
  const body = { metadata: { uid, resourceVersion, ownerReferences } }
  pass.signal.throwIfAborted()
  const options = { fieldManager: pass.plan.fieldManager, signal: pass.signal }
  return await pass.ports.client.patch(item.resource, item.key, { type: "merge", body }, options)
}
