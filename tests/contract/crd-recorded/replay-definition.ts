import { crdKindStrategy } from "../../../src/apiserver/crd-kind.ts"
import { isKubeObject, type KubeObject, type StatusCause } from "../../../src/kube/mod.ts"
import type { Definition } from "./definitions.ts"
import { sorted } from "./replay.ts"

/** What a server says to a definition. */
export interface DefinitionAnswer {
  readonly name: string
  readonly causes: readonly StatusCause[]
  readonly stored?: unknown
  readonly warnings?: readonly string[]
}

/** The answer of our own rules. */
export function replayDefinition({ name, crd, next }: Definition): DefinitionAnswer {
  const context = { user: { name: "me", groups: [] }, now: "2026-01-01T00:00:00Z", subresource: "", dryRun: true }
  const made = crdKindStrategy.prepareCreate(crdKindStrategy.complete(objectOf(crd)), context)
  const old = next === undefined ? undefined : withAcceptedNames(made)
  const given = next === undefined ? undefined : crdKindStrategy.complete(objectOf(next))
  const object = old && given ? crdKindStrategy.prepareUpdate(given, old, context) : made
  const causes = sorted(crdKindStrategy.validate(object, old, context))
  const texts = crdKindStrategy.warnings(object, old)
  const warnings = texts.length > 0 ? { warnings: texts } : {}
  return causes.length > 0 ? { name, causes } : { name, causes, stored: storedOf(object), ...warnings }
}

/** What is compared of a stored CRD: times and who wrote it are not. */
export function storedOf({ metadata, spec, status }: KubeObject): unknown {
  const timeless = JSON.stringify(status).replace(/"lastTransitionTime":"[^"]*",?/g, "")
  return { spec, status: JSON.parse(timeless), generation: metadata.generation, finalizers: metadata.finalizers }
}

function withAcceptedNames(crd: KubeObject): KubeObject {
  const spec: Readonly<Record<string, unknown>> = Object(crd["spec"])
  const conditions = [
    { type: "NamesAccepted", status: "True", reason: "NoConflicts", message: "no conflicts found" },
    {
      type: "Established",
      status: "True",
      reason: "InitialNamesAccepted",
      message: "the initial names have been accepted",
    },
  ]
  const status: object = Object(crd["status"])
  return { ...crd, status: { ...status, conditions, acceptedNames: spec["names"] } }
}

function objectOf(value: unknown): KubeObject {
  if (!isKubeObject(value)) throw new Error("a definition has no header")
  return value
}

/** An answer without the words of syntax errors: parsers have each their own. */
export function comparable(answer: DefinitionAnswer | undefined): unknown {
  const causes = answer?.causes.map((cause) => ({
    ...cause,
    message: cause.message?.replace(/Syntax error:[\s\S]*/, ""),
  }))
  return JSON.parse(JSON.stringify({ ...answer, causes }))
}
