import { describeObject, formatGvr, isTerminating, type KubeObject, keyOf } from "../../kube/mod.ts"
import { childId } from "../inventory.ts"
import { keepAnnotation, lifecycleAnnotation, ownershipOf } from "../ownership.ts"
import type { Pass } from "../pass.ts"
import { removeChild } from "../removal.ts"

/** Deletes managed children that nothing declares any more. Only when every entry rendered and was applied. */
export async function prune(pass: Pass): Promise<"next"> {
  if (!pass.complete) return "next"
  const wanted = new Set(pass.desired.map((item) => childId(item.resource.gvr, item.key)))
  for (const { gvr, object } of pass.ports.cache.ownedBy(pass.cr.metadata.uid ?? "")) {
    if (wanted.has(childId(gvr, keyOf(object))) || isTerminating(object) || !isManaged(object)) continue
    if (ownershipOf(object, pass.cr, pass.plan.fieldManager) !== "ours") {
      pass.log.debug("not pruned: label without our annotation and field manager", {
        object: describeObject(object),
        gvr: formatGvr(gvr),
      })
      continue
    }
    await removeChild(pass, { gvr, object })
    pass.live.delete(childId(gvr, keyOf(object)))
  }
  return "next"
}

function isManaged(object: KubeObject): boolean {
  const annotations = object.metadata.annotations
  return annotations?.[lifecycleAnnotation] === "managed" && annotations[keepAnnotation] === undefined
}
