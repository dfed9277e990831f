import { isRecord, type StatusCause } from "../../kube/mod.ts"
import type { FieldValidation } from "../decode.ts"
import { goQuoted } from "../go-json.ts"
import { badRequest, invalid, type Refusal } from "../refusal.ts"
import type { DeleteRequest } from "../verbs/delete.ts"

/** `dryRun=All`; refuses another value. */
export function isDryRun(query: URLSearchParams, kind: string): boolean {
  return isDryRunOf(query.getAll("dryRun"), kind)
}

function isDryRunOf(given: unknown, kind: string): boolean {
  const values = Array.isArray(given) ? given : []
  if (values.every((value) => value === "All")) return values.length > 0
  const message = `Unsupported value: ${JSON.stringify(values)}: supported values: "All"`
  throw invalidOption(kind, [{ field: "dryRun", reason: "FieldValueNotSupported", message }])
}

/** `fieldValidation`, Warn when absent; refuses another value. */
export function fieldValidation(query: URLSearchParams, kind: string): FieldValidation {
  const value = query.get("fieldValidation") ?? ""
  if (value === "" || value === "Warn") return "Warn"
  if (value === "Strict" || value === "Ignore") return value
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: "", "Ignore", "Strict", "Warn"`
  throw invalidOption(kind, [{ field: "fieldValidation", reason: "FieldValueNotSupported", message }])
}

/** Who writes: the parameter, or the first word of the program's name. Refuses what is too long or unprintable. */
export function managerOf(request: Request, query: URLSearchParams, kind: string): string {
  const named = query.get("fieldManager") ?? ""
  if (named === "") return (request.headers.get("User-Agent") ?? "").split("/", 1)[0]?.slice(0, 128) || "unknown"
  if (named.length > 128) {
    const message = "Too long: may not be more than 128 bytes"
    throw invalidOption(kind, [{ field: "fieldManager", reason: "FieldValueTooLong", message }])
  }
  const at = [...named].findIndex((character) => /[\p{C}\p{Zl}\p{Zp}]/u.test(character))
  if (at !== -1) {
    const code = [...named][at]?.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0")
    const message = `Invalid value: ${goQuoted(named)}: invalid character U+${code} (at position ${at})`
    throw invalidOption(kind, [{ field: "fieldManager", reason: "FieldValueInvalid", message }])
  }
  return named
}

/** Whether a parameter is there at all. */
export function isGiven(query: URLSearchParams, name: string): boolean {
  return query.has(name)
}

/** A boolean parameter: everything but "false" and "0" is true. */
export function booleanOf(query: URLSearchParams, name: string): boolean | undefined {
  const value = query.get(name)
  return value === null ? undefined : value !== "0" && value.toLowerCase() !== "false"
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
  mustBeDeleteOptions(options)
  return {
    propagation: propagationOf(policy, orphans),
    graceSeconds: typeof grace === "number" ? grace : undefined,
    uid: text(preconditions["uid"]),
    resourceVersion: text(preconditions["resourceVersion"]),
    isDryRun: options === undefined ? isDryRun(query, "DeleteOptions") : isDryRunOf(options["dryRun"], "DeleteOptions"),
  }
}

function mustBeDeleteOptions(options: Readonly<Record<string, unknown>> | undefined): void {
  const { kind = "DeleteOptions", apiVersion = "v1" } = options ?? {}
  if (kind === "" || kind === "DeleteOptions") return
  const subject = `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`
  throw badRequest(`${subject} in scheme "pkg/runtime/scheme.go:111"`)
}

function propagationOf(policy: unknown, orphans: unknown): DeleteRequest["propagation"] {
  const field = "propagationPolicy"
  const isNamed = policy !== undefined && policy !== null && policy !== ""
  if (isNamed && typeof orphans === "boolean") {
    const message = `Invalid value: ${JSON.stringify(policy)}: orphanDependents and deletionPropagation cannot be both set`
    throw invalidOption("DeleteOptions", [{ field, reason: "FieldValueInvalid", message }])
  }
  if (typeof orphans === "boolean") return orphans ? "Orphan" : "Background"
  if (!isNamed) return undefined
  if (policy === "Background" || policy === "Foreground" || policy === "Orphan") return policy
  const message = `Unsupported value: ${JSON.stringify(policy)}: supported values: "Foreground", "Background", "Orphan", "nil"`
  throw invalidOption("DeleteOptions", [{ field, reason: "FieldValueNotSupported", message }])
}

/** 422 about options of the request itself. */
export function invalidOption(kind: string, causes: readonly StatusCause[]): Refusal {
  return invalid({ gvr: { group: "meta.k8s.io", version: "v1", resource: "" }, kind }, "", causes)
}
