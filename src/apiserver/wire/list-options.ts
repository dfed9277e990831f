import type { StatusCause } from "../../kube/mod.ts"
import { invalidOption, isGiven } from "./query.ts"

/** Refuses options of a list or watch that contradict each other. */
export function mustBeListOptions(query: URLSearchParams, isWatch: boolean): void {
  const match = query.get("resourceVersionMatch") ?? ""
  const version = query.get("resourceVersion") ?? ""
  const forbid = (field: string, why: string, more: readonly StatusCause[] = []) => {
    const cause = { field, reason: "FieldValueForbidden", message: `Forbidden: ${why}` }
    throw invalidOption("ListOptions", [cause, ...more])
  }
  const field = "resourceVersionMatch"
  if (isWatch) {
    const initial = isGiven(query, "sendInitialEvents")
    const message = `Unsupported value: ${JSON.stringify(match)}: supported values: "NotOlderThan"`
    const strange =
      match === "" || match === "NotOlderThan" ? [] : [{ field, reason: "FieldValueNotSupported", message }]
    if (!initial && match !== "") {
      forbid(field, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided", strange)
    }
    if (initial && match !== "NotOlderThan") {
      forbid(field, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan", strange)
    }
    return
  }
  if (isGiven(query, "sendInitialEvents")) forbid("sendInitialEvents", "sendInitialEvents is forbidden for list")
  if (match === "") return
  if (version === "") forbid(field, "resourceVersionMatch is forbidden unless resourceVersion is provided")
  if ((query.get("continue") ?? "") !== "") {
    forbid(field, "resourceVersionMatch is forbidden when continue is provided")
  }
  if (match !== "Exact" && match !== "NotOlderThan") {
    const message = `Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan", ""`
    throw invalidOption("ListOptions", [{ field, reason: "FieldValueNotSupported", message }])
  }
  if (match === "Exact" && version === "0") {
    forbid(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"')
  }
}
