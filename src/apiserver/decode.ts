import {
  apiVersionOf,
  builtinSchemas,
  type Gvr,
  isRecord,
  type KubeObject,
  parseApiVersion,
  prune,
} from "../kube/mod.ts"
import { decodeTyped } from "./decode-typed.ts"
import { fieldsOf } from "./duplicates.ts"
import { internalType } from "./go-text.ts"
import { tidied } from "./metadata.ts"
import { invalidValue } from "./names.ts"
import { badRequest, invalid } from "./refusal.ts"
import type { Resource } from "./resource.ts"

/** How the server treats fields that it does not know. */
export type FieldValidation = "Strict" | "Warn" | "Ignore"

/** The kind that a value should be of. */
export type Target = Pick<Resource, "gvr" | "kind" | "isCustom" | "schema" | "set">

/** A value read as an object of its kind, or why it is none. */
export type Decoded =
  | { readonly ok: true; readonly object: KubeObject; readonly problems: readonly string[] }
  | { readonly ok: false; readonly error: string }

/** Reads a map as an object of a kind, without what the kind does not have; `problems` names that. `isTyped`: the kind is known whatever the map says. */
export function decode(value: Readonly<Record<string, unknown>>, target: Target, isTyped = false): Decoded {
  const wrongKind = isTyped ? undefined : kindProblem(value, target)
  if (wrongKind !== undefined) return { ok: false, error: wrongKind }
  const { kind, schema, set } = target
  const metadata = isRecord(value["metadata"]) || !isEmpty(value["metadata"]) ? value["metadata"] : {}
  const whole = { ...value, apiVersion: sharedApiVersion(target.gvr), kind, metadata }
  if (target.isCustom) return decodeCustom(whole, target)
  if (schema === undefined) return found(whole, [])
  const typed = decodeTyped(whole, schema, { set, struct: kind })
  if (typed.error !== undefined) return { ok: false, error: typed.error }
  return found(typed.value, typed.unknown)
}

const apiVersions = new WeakMap<Gvr, string>()

/** One text for all objects of a resource. */
function sharedApiVersion(gvr: Gvr): string {
  const known = apiVersions.get(gvr)
  if (known !== undefined) return known
  const text = apiVersionOf(gvr)
  apiVersions.set(gvr, text)
  return text
}

function decodeCustom(whole: Readonly<Record<string, unknown>>, { schema, set }: Target): Decoded {
  const metadata = decodeTyped(
    whole["metadata"],
    { $ref: "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta" },
    { set, struct: "ObjectMeta" },
  )
  if (metadata.error !== undefined) return { ok: false, error: metadata.error }
  const strange = metadata.unknown.map((path) => `metadata.${path}`)
  const own = { ...whole, metadata: metadata.value }
  if (schema === undefined) return found(own, strange)
  const pruned = prune(own, schema, set)
  return found(pruned.value, [...strange, ...pruned.dropped].sort())
}

function found(value: unknown, unknown: readonly string[]): Decoded {
  const problems = unknown.map((path) => `unknown field ${JSON.stringify(path)}`)
  const object = value as KubeObject // the header was set, and members were only taken away
  return { ok: true, object: tidied(object), problems }
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null
}

/** Reads the body of a create or update; refuses what is no object of the kind. */
export function decodeBody(
  given: unknown,
  { target, text, ...strictness }: Strictness & { readonly target: Target; readonly text: string },
): KubeObject {
  // Go's decoder reads null as an empty object.
  const value = given === null ? {} : given
  mustHaveReadableHeader(value, target.kind, text)
  if (target.isCustom) mustHaveHeader(value, target, text)
  const decoded = decode(value, target)
  const said = subjectOf(value, target)
  if (!decoded.ok) throw badRequest(`${said}: ${decoded.error}`)
  report(strictProblems(text, decoded.problems), {
    ...strictness,
    refuse: (list) => badRequest(`${said}: strict decoding error: ${list}`),
  })
  return decoded.object
}

/** Everything that a strict decoder has to say about a text, in the order in which it stands there. */
export function strictProblems(text: string, unknown: readonly string[]): readonly string[] {
  const fields = fieldsOf(text)
  if (fields.duplicates.length === 0) return unknown
  const twice = fields.duplicates.map((path) => `duplicate field ${JSON.stringify(path)}`)
  const place = (problem: string) => fields.order.indexOf(/"(.*)"$/.exec(problem)?.[1] ?? "")
  return [...twice, ...unknown].sort((a, b) => place(a) - place(b))
}

/** Refuses what is no object, or whose kind is no text. */
function mustHaveReadableHeader(
  value: unknown,
  kind: string,
  text: string,
): asserts value is Readonly<Record<string, unknown>> {
  const subject = `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind`
  const go = (wrong: unknown) => (Array.isArray(wrong) ? "array" : typeof wrong)
  if (!isRecord(value)) {
    const type = `struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`
    throw badRequest(
      `${subject}; json parse error: json: cannot unmarshal ${go(value)} into Go value of type ${type} (${shortText(text)})`,
    )
  }
  for (const field of ["apiVersion", "kind"]) {
    if (isEmpty(value[field]) || typeof value[field] === "string") continue
    const error = `json: cannot unmarshal ${go(value[field])} into Go struct field .${field} of type string`
    throw badRequest(`${subject}; json parse error: ${error} (${shortText(text)})`)
  }
}

/** How strictly a request is read. */
export interface Strictness {
  readonly validation: FieldValidation
  readonly warn: (text: string) => void
}

/** Refuses what was dropped, or warns about it, as the request asked. */
export function report(
  problems: readonly string[],
  { validation, warn, refuse }: Strictness & { readonly refuse: (list: string) => Error },
): void {
  if (problems.length === 0 || validation === "Ignore") return
  if (validation === "Strict") throw refuse(problems.join(", "))
  for (const problem of problems) warn(problem)
}

const handled = "cannot be handled as a"

function subjectOf(value: Readonly<Record<string, unknown>>, { gvr, kind }: Target): string {
  const called = typeof value["kind"] === "string" && value["kind"] !== "" ? value["kind"] : kind
  const given = typeof value["apiVersion"] === "string" && value["apiVersion"] !== "" ? value["apiVersion"] : undefined
  const version = given === undefined ? gvr.version : parseApiVersion(given).version
  return `${called} in version ${JSON.stringify(version)} ${handled} ${kind}`
}

/** The beginning of a body in an error. */
export function shortText(text: string): string {
  if (text === "") return "<empty>"
  if (!text.startsWith("{")) {
    const hex = Buffer.from(text).toString("hex")
    return hex.length > 60 ? `${hex.slice(0, 60)} ...` : hex
  }
  return text.length > 30 ? `${text.slice(0, 30)} ...` : text
}

/** Custom resources say what they are. */
function mustHaveHeader(value: Readonly<Record<string, unknown>>, { gvr, kind }: Target, text: string): void {
  const missing = isEmpty(value["kind"]) || value["kind"] === "" ? "Kind" : undefined
  if (missing !== undefined) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind}): Object 'Kind' is missing in '${text}' (${shortText(text)})`,
    )
  }
  const wanted = apiVersionOf(gvr)
  const given = value["apiVersion"] ?? ""
  if (given !== wanted) {
    throw badRequest(`the API version in the data (${given}) does not match the expected API version (${wanted})`)
  }
  const called = String(value["kind"])
  if (called === kind) return
  const { metadata } = value
  const name = isRecord(metadata) && typeof metadata["name"] === "string" ? metadata["name"] : ""
  throw invalid({ gvr, kind: called }, name, [invalidValue("kind", called, `must be ${kind}`)])
}

function kindProblem(value: Readonly<Record<string, unknown>>, { gvr, kind, isCustom }: Target): string | undefined {
  const wanted = apiVersionOf(gvr)
  const given = isEmpty(value["apiVersion"]) || value["apiVersion"] === "" ? wanted : value["apiVersion"]
  const called = isEmpty(value["kind"]) || value["kind"] === "" ? kind : value["kind"]
  if (given === wanted && called === kind) return undefined
  if (given !== wanted || isCustom) {
    return `no kind ${JSON.stringify(called)} is registered for version ${JSON.stringify(given)} in scheme "pkg/runtime/scheme.go:111"`
  }
  const isKnown = builtinSchemas().root({ ...gvr, kind: String(called).replace(/List$/, "") }) !== undefined
  if (!isKnown) {
    return `no kind ${JSON.stringify(called)} is registered for version ${JSON.stringify(given)} in scheme "pkg/runtime/scheme.go:111"`
  }
  return `converting (${gvr.version}.${called}) to (${internalType({ gvr, isCustom, kind })}): unknown conversion`
}
