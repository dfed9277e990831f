import { getPath, isTerminating, type KubeObject, parsePath } from "../kube/mod.ts"
import type { OperatorPlan } from "../plan/mod.ts"
import { isHeldByOwn } from "./finalizers.ts"

/**
 * True for a CR that the operator works on. One outside is not touched, except that a deletion which waits for our
 * finalizer is always seen through.
 *
 * Asked of objects, not of the server: a CR that leaves the selection must still be able to go.
 */
export function isSelected(plan: Pick<OperatorPlan, "selection" | "marks">, cr: KubeObject): boolean {
  return fits(plan.selection, cr) || (isTerminating(cr) && isHeldByOwn(plan, cr))
}

/** True when nothing is left out, so that no object needs to be asked. */
export function takesAll({ selection }: Pick<OperatorPlan, "selection">): boolean {
  const { namespace, allowedNamespaces, restrictedNamespaces, labels, fields } = selection
  const lists = [allowedNamespaces, restrictedNamespaces, Object.keys(labels), Object.keys(fields)]
  return namespace === undefined && lists.every((list) => list.length === 0)
}

function fits(selection: OperatorPlan["selection"], cr: KubeObject): boolean {
  const { namespace, allowedNamespaces, restrictedNamespaces, labels, fields } = selection
  const own = cr.metadata.namespace
  if (own !== undefined) {
    if (namespace !== undefined && own !== namespace) return false
    if (allowedNamespaces.length > 0 && !allowedNamespaces.includes(own)) return false
    if (restrictedNamespaces.includes(own)) return false
  }
  return (
    Object.entries(labels).every(([key, value]) => cr.metadata.labels?.[key] === value) &&
    Object.entries(fields).every(([path, value]) => textOf(getPath(cr, parsePath(path))) === value)
  )
}

// As in a field selector of the server: an absent field is an empty text.
function textOf(value: unknown): string {
  if (value === undefined || value === null) return ""
  return typeof value === "object" ? JSON.stringify(value) : String(value)
}

/** `cr` where the operator works on it. */
export function selected(plan: OperatorPlan, cr: KubeObject | undefined): KubeObject | undefined {
  return cr && isSelected(plan, cr) ? cr : undefined
}
