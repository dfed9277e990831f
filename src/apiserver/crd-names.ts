import { isRecord, type KubeObject } from "../kube/mod.ts"
import { listOf } from "./fields.ts"

type Names = Readonly<Record<string, unknown>>

/** Which names of a CRD are its own, and which it may not have since another CRD of the group has them. */
export interface AcceptedNames {
  readonly names: Names
  /** The last name that is taken; undefined when none is. */
  readonly conflict: { readonly reason: string; readonly message: string } | undefined
}

/** Compares the names that a CRD asks for with those that others of its group have. */
export function acceptNames(crd: KubeObject, all: readonly KubeObject[]): AcceptedNames {
  const wanted = namesIn(crd["spec"], "names")
  const had = namesIn(crd["status"], "acceptedNames")
  const others = all.filter((other) => other.metadata.name !== crd.metadata.name && groupOf(other) === groupOf(crd))
  const taken = others.map((other) => namesIn(other["status"], "acceptedNames"))
  const resources = new Set(
    taken.flatMap((names) => [names["plural"], names["singular"], ...listOf(names["shortNames"])]),
  )
  const kinds = new Set(taken.flatMap((names) => [names["kind"], names["listKind"]]))
  const accepted: Record<string, unknown> = { plural: "", kind: "" }
  let conflict: AcceptedNames["conflict"]
  const check = (key: string, reason: string, used: ReadonlySet<unknown>) => {
    const value = wanted[key]
    const clash = (Array.isArray(value) ? value : [value]).filter((one) => one !== undefined && used.has(one))
    if (clash.length > 0) conflict = { reason, message: clash.map((one) => `"${one}" is already in use`).join(", ") }
    const kept = clash.length > 0 ? had[key] : value
    if (kept !== undefined) accepted[key] = kept
  }
  check("plural", "PluralConflict", resources)
  check("singular", "SingularConflict", resources)
  check("shortNames", "ShortNamesConflict", resources)
  check("kind", "KindConflict", kinds)
  check("listKind", "ListKindConflict", kinds)
  if (wanted["categories"] !== undefined) accepted["categories"] = wanted["categories"]
  return { names: accepted, conflict }
}

/** The API group that a CRD serves. */
export function groupOf(crd: KubeObject): string {
  return isRecord(crd["spec"]) ? String(crd["spec"]["group"]) : ""
}

function namesIn(holder: unknown, key: string): Names {
  const names = isRecord(holder) ? holder[key] : undefined
  return isRecord(names) ? names : {}
}
