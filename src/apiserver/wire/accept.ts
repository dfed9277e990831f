import { Refusal } from "../refusal.ts"

/** The form in which objects are answered. */
export interface Form {
  readonly as: "" | "Table" | "PartialObjectMetadata" | "PartialObjectMetadataList"
  /** The version of a form that is no object of its own: `v1` or `v1beta1` of `meta.k8s.io`. */
  readonly version: string
  readonly isYaml: boolean
}

const plain: Form = { as: "", version: "v1", isYaml: false }
const served = "application/json, application/yaml, application/vnd.kubernetes.protobuf"

/** What a watch is served in. */
const streamed = "application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch"

/** The first form of an Accept header that is served here; refuses with 406 when there is none. */
export function parseAccept(header: string | null, isWatch = false): Form {
  if (header === null || header === "" || header === "*/*" || header === "application/json") return plain
  let isTypeServed = false
  for (const part of ranked(header)) {
    const [type = "", ...parameters] = part.split(";").map((piece) => piece.trim())
    const isYaml = type === "application/yaml"
    if (!isYaml && type !== "application/json" && type !== "*/*") continue
    isTypeServed = true
    if (isYaml && isWatch) continue
    const form = formOf(parameters, isWatch)
    if (form !== undefined) return { ...form, isYaml }
  }
  if (isTypeServed) throw unacceptable(isWatch ? streamed : served)
  const all = isWatch ? `${served}, ${streamed}` : served
  throw new Refusal(406, "NotAcceptable", `406: Not Acceptable\n\nAvailable representations: ${all}`, {})
}

/** Refuses with 406 what a discovery document cannot be answered in. */
export function mustAcceptDocument(header: string | null): void {
  try {
    parseAccept(header)
  } catch {
    throw unacceptable(served)
  }
}

function unacceptable(types: string): Refusal {
  return new Refusal(406, "NotAcceptable", `only the following media types are accepted: ${types}`)
}

function ranked(header: string): readonly string[] {
  const parts = header.split(",").map((part) => ({ part, weight: Number(/;\s*q=([\d.]+)/.exec(part)?.[1] ?? "1") }))
  return parts.sort((a, b) => b.weight - a.weight).map(({ part }) => part)
}

/** Undefined for a form that is not served. */
function formOf(parameters: readonly string[], isWatch: boolean): Pick<Form, "as" | "version"> | undefined {
  const named = new Map(parameters.map((text) => text.split("=", 2) as [string, string])) // a pair, since a parameter has one "="
  const as = named.get("as")
  const stream = named.get("stream")
  if (stream !== undefined && !(isWatch && stream === "watch")) return undefined
  if (as === undefined) return { as: "", version: "v1" }
  const version = named.get("v") ?? ""
  if (named.get("g") !== "meta.k8s.io" || (version !== "v1" && version !== "v1beta1")) return undefined
  if (as !== "Table" && as !== "PartialObjectMetadata" && as !== "PartialObjectMetadataList") return undefined
  return { as, version }
}
