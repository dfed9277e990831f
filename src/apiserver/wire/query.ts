import { isRecord } from "../../kube/mod.ts"
import { badRequest, invalid, type Refusal } from "../refusal.ts"
import type { DeleteRequest } from "../verbs/delete.ts"

/** How the server treats fields that it does not know. */
export type FieldValidation = "Strict" | "Warn" | "Ignore"

/** `dryRun=All`; refuses another value. */
export function isDryRun(query: URLSearchParams, kind: string): boolean {
  const values = query.getAll("dryRun").filter((value) => value !== "")
  const wrong = values.find((value) => value !== "All")
  if (wrong === undefined) return values.length > 0
  throw invalidOption(kind, "dryRun", {
    reason: "FieldValueNotSupported",
    message: `Unsupported value: ${JSON.stringify(wrong)}: supported values: "All"`,
  })
}

/** `fieldValidation`, Warn when absent; refuses another value. */
export function fieldValidation(query: URLSearchParams, kind: string): FieldValidation {
  const value = query.get("fieldValidation") ?? ""
  if (value === "" || value === "Warn") return "Warn"
  if (value === "Strict" || value === "Ignore") return value
  throw invalidOption(kind, "fieldValidation", {
    reason: "FieldValueNotSupported",
    message: `Unsupported value: ${JSON.stringify(value)}: supported values: "Ignore", "Strict", "Warn"`,
  })
}

/** Who writes: the parameter, or the first word of the program's name. Refuses what is too long or unprintable. */
export function managerOf(request: Request, query: URLSearchParams, kind: string): string {
  const named = query.get("fieldManager") ?? ""
  if (named === "") return (request.headers.get("User-Agent") ?? "").split("/", 1)[0]?.slice(0, 128) || "unknown"
  if (named.length > 128) {
    throw invalidOption(kind, "fieldManager", {
      reason: "FieldValueTooLong",
      message: "Too long: may not be more than 128 bytes",
    })
  }
  return named
}

/** A boolean parameter; refuses what is none. */
export function booleanOf(query: URLSearchParams, name: string): boolean | undefined {
  const value = query.get(name)
  if (value === null || value === "") return undefined
  if (["1", "t", "T", "true", "TRUE", "True"].includes(value)) return true
  if (["0", "f", "F", "false", "FALSE", "False"].includes(value)) return false
  throw badRequest(`strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`)
}

/** A whole number; refuses what is none. */
export function integerOf(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name)
  if (value === null || value === "") return undefined
  if (/^-?\d{1,18}$/.test(value)) return Number(value)
  throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`)
}

/** The options of a deletion: of the body when there is one, else of the query. */
export function deleteRequest(query: URLSearchParams, body: unknown): DeleteRequest & { readonly isDryRun: boolean } {
  const options = isRecord(body) ? body : undefined
  const preconditions = isRecord(options?.["preconditions"]) ? options["preconditions"] : {}
  const text = (value: unknown) => (typeof value === "string" ? value : undefined)
  const policy = options === undefined ? query.get("propagationPolicy") : options["propagationPolicy"]
  const orphans = options === undefined ? booleanOf(query, "orphanDependents") : options["orphanDependents"]
  const grace = options === undefined ? integerOf(query, "gracePeriodSeconds") : options["gracePeriodSeconds"]
  const dryRun = options === undefined ? undefined : options["dryRun"]
  return {
    propagation: propagationOf(policy, orphans),
    graceSeconds: typeof grace === "number" ? grace : undefined,
    uid: text(preconditions["uid"]),
    resourceVersion: text(preconditions["resourceVersion"]),
    isDryRun: Array.isArray(dryRun) ? dryRun.includes("All") : isDryRun(query, "DeleteOptions"),
  }
}

function propagationOf(policy: unknown, orphans: unknown): DeleteRequest["propagation"] {
  if (typeof orphans === "boolean") return orphans ? "Orphan" : "Background"
  if (policy === undefined || policy === null || policy === "") return undefined
  if (policy === "Background" || policy === "Foreground" || policy === "Orphan") return policy
  throw invalidOption("DeleteOptions", "propagationPolicy", {
    reason: "FieldValueNotSupported",
    message: `Unsupported value: ${JSON.stringify(policy)}: supported values: "Foreground", "Background", "Orphan", "nil"`,
  })
}

/** 422 about an option of the request itself. */
export function invalidOption(
  kind: string,
  field: string,
  cause: { readonly reason: string; readonly message: string },
): Refusal {
  return invalid({ gvr: { group: "meta.k8s.io", version: "v1", resource: "" }, kind }, "", [{ ...cause, field }])
}
