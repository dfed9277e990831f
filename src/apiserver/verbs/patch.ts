import {
  goText,
  isRecord,
  jsonPatch,
  type KubeObject,
  mergePatch,
  patchOperationsMax,
  strategicMergePatch,
} from "../../kube/mod.ts"
import type { Call, Core } from "../core.ts"
import { type Decoded, decode, report, type Strictness, strictProblems, type Target } from "../decode.ts"
import { badRequest, internal, Refusal } from "../refusal.ts"
import { mustHaveName, placed, type Updated, updateObject } from "../write.ts"

/** The kinds of patches that change what is there. */
export type PatchType = "json" | "merge" | "strategic"

/** A patch, read. */
export interface PatchRequest extends Strictness {
  readonly type: PatchType
  readonly value: unknown
  /** Its JSON text. */
  readonly text: string
}

/** Patches an object; the object must be there. */
export function patch(core: Core, call: Call, request: PatchRequest): Promise<Updated> {
  mustBePatch(request)
  return updateObject(core, call, {
    next: (live) => {
      const object = patched(live, call.resource, request)
      mustHaveName(call, object.metadata.name)
      return { object: placed(call, object), isOwned: false }
    },
  })
}

/** Refuses a patch whose form is wrong, before anything is read. */
export function mustBePatch({ type, value }: PatchRequest): void {
  if (type === "json") {
    if (!Array.isArray(value)) {
      throw badRequest(
        `error decoding patch: json: cannot unmarshal ${goKind(value)} into Go value of type []handlers.jsonPatchOp`,
      )
    }
    if (value.length <= patchOperationsMax) return
    const text = `The allowed maximum operations in a JSON patch is ${patchOperationsMax}, got ${value.length}`
    throw new Refusal(413, "RequestEntityTooLarge", `Request entity too large: ${text}`)
  }
  if (isRecord(value)) return
  if (type === "merge" && value === null) throw badRequest("Invalid JSON Patch")
  const prefix = type === "merge" ? "error decoding patch: " : ""
  throw badRequest(`${prefix}json: cannot unmarshal ${goKind(value)} into Go value of type map[string]interface {}`)
}

/** `live` with a patch applied, as an object of its kind; refuses what makes no sense. */
export function patched(live: KubeObject, target: Target, request: PatchRequest): KubeObject {
  const value = applied(live, target, request)
  const said = request.type === "strategic" ? goText(request.value) : sortedText(value, request.value)
  const refuse = (why: string) => wrongPatch(said, why)
  if (!isRecord(value)) throw refuse("json: cannot unmarshal into Go value")
  const decoded: Decoded = decode(value, target, request.type === "strategic")
  if (!decoded.ok) throw refuse(request.type === "strategic" ? conversionText(decoded.error) : decoded.error)
  report(strictProblems(request.text, decoded.problems), {
    ...request,
    refuse: (list) => refuse(`strict decoding error: ${list}`),
  })
  return decoded.object
}

function applied(live: KubeObject, { schema, set }: Target, { type, value }: PatchRequest): unknown {
  switch (type) {
    case "json": {
      const result = jsonPatch(live, value)
      if (result.ok) return result.value
      throw new Refusal(422, "Invalid", "the server rejected our request due to an error in our request", {})
    }
    case "merge":
      return mergePatch(live, value)
    case "strategic": {
      const result = strategicMergePatch(live, value, { schema, set })
      if (result.ok) return result.value
      throw /^invalid patch format/.test(result.error) ? badRequest(result.error) : internal(result.error)
    }
  }
}

function wrongPatch(value: string, why: string): Refusal {
  const message = `Invalid value: ${JSON.stringify(value)}: ${why}`
  const causes = [{ reason: "FieldValueInvalid", message, field: "patch" }]
  return new Refusal(422, "Invalid", ` "" is invalid: patch: ${message}`, { causes })
}

/** The error of a strategic patch, which converts maps instead of decoding text. */
function conversionText(error: string): string {
  // Types that read themselves do so from text all the same.
  if (/^illegal base64/.test(error)) return `error decoding from json: ${error}`
  if (/^json: .* Go value of/.test(error)) return error
  const match = /^json: cannot unmarshal (\w+)(?: ([\d.eE+-]+))?.* of type (.*)$/.exec(error)
  if (match === null) return error
  const [, found = "", digits = "", wanted = ""] = match
  const number = /[.eE]/.test(digits) ? "float64" : "int64"
  const from = { number, array: "slice", object: "map" }[found] ?? found
  if (wanted.startsWith("[]")) return `cannot restore slice from ${from}`
  if (wanted.startsWith("map[")) return `cannot restore map from ${from}`
  if (wanted.includes(".")) return `cannot restore struct from: ${from}`
  // Numbers are converted to one another and to texts, and to nothing else.
  return found === "number" && wanted !== "bool"
    ? `cannot convert ${from} to ${wanted}`
    : `unrecognized type: ${wanted}`
}

function goKind(value: unknown): string {
  if (Array.isArray(value)) return "array"
  return typeof value === "boolean" ? "bool" : value === null ? "null" : typeof value
}

function sortedText(value: unknown, patch: unknown): string {
  if (!isRecord(value)) return JSON.stringify(value)
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify(Object.fromEntries(sorted.map(([key, member]) => [key, shownMember(key, member, patch)])))
}

/** The members of metadata as Go's type has them. */
const metadataOrder = ["name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation"]

/** What a merge has touched is in order of its names; the rest of metadata in that of its type. */
function shownMember(key: string, value: unknown, patch: unknown): unknown {
  if (key !== "metadata" || !isRecord(value)) return value
  const isTouched = isRecord(patch) && patch["metadata"] !== undefined
  const place = (name: string) => (metadataOrder.includes(name) ? metadataOrder.indexOf(name) : metadataOrder.length)
  const byName = (a: string, b: string) => (isTouched ? (a < b ? -1 : 1) : place(a) - place(b))
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => byName(a, b)))
}
