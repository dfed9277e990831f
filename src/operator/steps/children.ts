import { describeObject, readinessOf } from "../../kube/mod.ts"
import { childId } from "../inventory.ts"
import type { Pass } from "../pass.ts"

/** Marks every managed child that is not ready yet, with what exactly is waited for. */
export async function children(pass: Pass): Promise<"next"> {
  for (const item of pass.desired) {
    const live = pass.live.get(childId(item.resource.gvr, item.key))
    if (!live) continue // its apply failed or it is a finished `once` object; both are already accounted for
    const readiness = readinessOf(live)
    if (!readiness.ready) pass.marks.waits.push(`${describeObject(live)}: ${readiness.why}`)
  }
  return "next"
}
