import { apiVersionOf, isRecord, type KubeObject, prune } from "../kube/mod.ts"
import { badRequest, Refusal } from "./refusal.ts"
import type { Resource } from "./resource.ts"
import type { FieldValidation } from "./wire/query.ts"

/** What a decoded body is checked against. */
export interface Decoding {
  readonly resource: Pick<Resource, "gvr" | "kind" | "isCustom" | "schema" | "set">
  readonly validation: FieldValidation
  readonly warn: (text: string) => void
}

/** A value that came with a request, as an object of its kind: with a header, without unknown fields. */
export function decodeObject(value: unknown, { resource, validation, warn }: Decoding): KubeObject {
  const { kind } = resource
  if (!isRecord(value)) {
    throw badRequest(`the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind`)
  }
  mustBeOfKind(value, resource)
  const apiVersion = apiVersionOf(resource.gvr)
  const metadata = isRecord(value["metadata"]) ? value["metadata"] : {}
  const whole = { ...value, apiVersion, kind, metadata }
  if (resource.schema === undefined) return whole
  const pruned = prune(whole, resource.schema, resource.set)
  report(
    pruned.dropped.map((path) => `unknown field ${JSON.stringify(path)}`),
    { resource, validation, warn },
  )
  return pruned.value as KubeObject // pruning only takes members away, and the header is in every schema
}

const handled = "cannot be handled as a"

/** Refuses or warns about what was dropped, as the request asked. */
export function report(problems: readonly string[], { resource, validation, warn }: Decoding): void {
  if (problems.length === 0 || validation === "Ignore") return
  if (validation === "Warn") {
    for (const problem of problems) warn(problem)
    return
  }
  const { kind, gvr } = resource
  const subject = `${kind} in version ${JSON.stringify(gvr.version)} ${handled} ${kind}`
  throw new Refusal(400, "BadRequest", `${subject}: strict decoding error: ${problems.join(", ")}`)
}

function mustBeOfKind(value: Readonly<Record<string, unknown>>, { gvr, kind, isCustom }: Decoding["resource"]): void {
  const { apiVersion: given = "", kind: called = "" } = value
  const wanted = apiVersionOf(gvr)
  if (!isCustom && given === "" && called === "") return
  if ((given === wanted || (!isCustom && given === "")) && (called === kind || (!isCustom && called === ""))) return
  if (isCustom && (called === "" || given === "")) {
    throw badRequest(`Object '${called === "" ? "Kind" : "apiVersion"}' is missing in '${JSON.stringify(value)}'`)
  }
  const subject = `${called || kind} in version ${JSON.stringify(gvr.version)} ${handled} ${kind}`
  throw badRequest(`${subject}: no kind ${JSON.stringify(called)} is registered for version ${JSON.stringify(given)}`)
}
