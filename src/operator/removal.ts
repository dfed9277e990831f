import { isOrkError } from "../base/mod.ts"
import { describeObject, type Gvr, gvkOf, type KubeObject, keyOf } from "../kube/mod.ts"
import type { Pass } from "./pass.ts"

/**
 * Deletes one child, bound to the UID and version that the decision was made on.
 *
 * A child that changed meanwhile is left for the next pass. Returns true when the server took the request or the child
 * was gone.
 */
export async function removeChild(pass: Pass, gvr: Gvr, child: KubeObject): Promise<boolean> {
  const resource = pass.ports.resourceOf(gvkOf(child))
  if (!resource) return true // the kind itself is gone, and its objects with it
  pass.signal.throwIfAborted()
  const { uid, resourceVersion } = child.metadata
  try {
    const existed = await pass.ports.client.delete(resource, keyOf(child), {
      propagation: "Background",
      signal: pass.signal,
      ...(uid ? { uid } : {}),
      ...(resourceVersion ? { resourceVersion } : {}),
    })
    if (existed) pass.marks.changes.push({ verb: "deleted", object: describeObject(child) })
    else pass.ports.cache.observeGone(gvr, child)
    return true
  } catch (error) {
    if (!isOrkError(error, "api/conflict")) throw error
    return false
  }
}
