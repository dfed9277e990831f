import type { StatusCause } from "../../kube/mod.ts"
import { invalidOption, isGiven } from "./query.ts"

/** Refuses options of a list or watch that contradict each other. */
export function mustBeListOptions(query: URLSearchParams, isWatch: boolean): void {
  const match = query.get("resourceVersionMatch") ?? ""
  const version = query.get("resourceVersion") ?? ""
  const forbidden = (on: string, why: string): StatusCause => ({
    ...{ field: on, reason: "FieldValueForbidden", message: `Forbidden: ${why}` },
  })
  const forbid = (on: string, why: string, more: readonly StatusCause[] = []) => {
    throw invalidOption("ListOptions", [forbidden(on, why), ...more])
  }
  const field = "resourceVersionMatch"
  if (isWatch) {
    if ((query.get("continue") ?? "") !== "") {
      forbid(field, "resourceVersionMatch is forbidden when continue is provided")
    }
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
  const causes: StatusCause[] = []
  if (match !== "" && version === "") {
    causes.push(forbidden(field, "resourceVersionMatch is forbidden unless resourceVersion is provided"))
  }
  if (match !== "" && (query.get("continue") ?? "") !== "") {
    causes.push(forbidden(field, "resourceVersionMatch is forbidden when continue is provided"))
  }
  if (isGiven(query, "sendInitialEvents")) {
    causes.push(forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"))
  }
  if (causes.length > 0) throw invalidOption("ListOptions", causes)
  if (match === "") return
  if (match !== "Exact" && match !== "NotOlderThan") {
    const message = `Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan", ""`
    throw invalidOption("ListOptions", [{ field, reason: "FieldValueNotSupported", message }])
  }
  if (match === "Exact" && version === "0") {
    forbid(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"')
  }
}
