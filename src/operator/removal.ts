import { isOrkError } from "../base/mod.ts"
import { describeObject, type Gvr, gvkOf, type KubeObject, keyOf } from "../kube/mod.ts"
import { keepAnnotation, ownershipOf } from "./ownership.ts"
import type { Pass } from "./pass.ts"

/** One child and the resource it is an instance of. */
export interface Child {
  readonly gvr: Gvr
  readonly object: KubeObject
}

/** Children of the CR that may be deleted with it: all proofs agree, the kind is still served, nothing asks to keep them. */
export function removable(pass: Pass): readonly Child[] {
  return pass.ports.cache
    .ownedBy(pass.cr.metadata.uid ?? "")
    .filter(({ object }) => ownershipOf(object, pass.cr, pass.plan.fieldManager) === "ours")
    .filter(({ object }) => object.metadata.annotations?.[keepAnnotation] !== "retain")
    .filter(({ object }) => pass.ports.resourceOf(gvkOf(object)) !== undefined)
}

/**
 * Deletes one child, bound to the UID and version that the decision was made on.
 *
 * A child that changed meanwhile is left for the next pass. Returns true when the server took the request or the child
 * was gone.
 */
export async function removeChild(
  pass: Pass,
  { gvr, object }: Child,
  propagation: "Background" | "Foreground" = "Background",
): Promise<boolean> {
  const resource = pass.ports.resourceOf(gvkOf(object))
  if (!resource) return true // the kind itself is gone, and its objects with it
  pass.signal.throwIfAborted()
  const { uid, resourceVersion } = object.metadata
  try {
    const existed = await pass.ports.client.delete(resource, keyOf(object), {
      propagation,
      signal: pass.signal,
      ...(uid ? { uid } : {}),
      ...(resourceVersion ? { resourceVersion } : {}),
    })
    if (existed) pass.marks.changes.push({ verb: "deleted", object: describeObject(object) })
    else pass.ports.cache.observeGone(gvr, object)
    return true
  } catch (error) {
    if (!isOrkError(error, "api/conflict")) throw error
    return false
  }
}
