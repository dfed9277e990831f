import { hasFinalizer, type KubeObject } from "../kube/mod.ts"
import type { OperatorPlan } from "../plan/mod.ts"
import { cleanupFinalizer } from "./ownership.ts"

/** The server's own way to say how children go: it takes them off itself. */
const ofTheCollector: readonly string[] = ["foregroundDeletion", "orphan"]

/** The finalizers that an operator sets, and takes off when the deletion is done. */
function ownFinalizers({ marks }: Pick<OperatorPlan, "marks">): readonly string[] {
  return [cleanupFinalizer, ...marks.finalizers]
}

/** True while a custom resource waits for us. */
export function isHeld(plan: Pick<OperatorPlan, "marks">, cr: KubeObject): boolean {
  return released(plan, cr).length < (cr.metadata.finalizers ?? []).length
}

/** True while a custom resource has a finalizer that an operator of this plan has set. */
export function isHeldByOwn(plan: Pick<OperatorPlan, "marks">, cr: KubeObject): boolean {
  return ownFinalizers(plan).some((name) => hasFinalizer(cr, name))
}

/** The finalizers of a custom resource that operators set: what is taken off when nobody of us runs any more. */
export function ownFinalizersOf(plans: readonly Pick<OperatorPlan, "marks">[], cr: KubeObject): readonly string[] {
  const own = new Set([cleanupFinalizer, ...plans.flatMap(ownFinalizers)])
  return (cr.metadata.finalizers ?? []).filter((name) => own.has(name))
}

/** The finalizers that are left when the deletion is done. */
export function released(plan: Pick<OperatorPlan, "marks">, cr: KubeObject): readonly string[] {
  const own = ownFinalizers(plan)
  return (cr.metadata.finalizers ?? []).filter((name) =>
    plan.marks.removesFinalizers ? ofTheCollector.includes(name) : !own.includes(name),
  )
}
