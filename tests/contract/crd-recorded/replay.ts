import { crdResources } from "../../../src/apiserver/crd.ts"
import { isRecord, type KubeObject, type StatusCause } from "../../../src/kube/mod.ts"
import { type Case, crdOf, type Row } from "./cases.ts"

/** What a server says to one row: the causes of a refusal in order of field and text, or what it stored. */
export interface Answer {
  readonly causes: readonly StatusCause[]
  readonly stored?: Readonly<Record<string, unknown>>
}

/** The answer of our own rules. */
export function replay(of: Pick<Case, "schema" | "version">, row: Row): Answer {
  const [resource] = crdResources(established(crdOf(of, 0)))
  if (resource === undefined) throw new Error("the CRD is not served")
  const { strategy } = resource
  const header = { apiVersion: "recorded.example.com/v1", kind: "Probe0", metadata: { name: "x" } }
  const context = { user: { name: "me", groups: [] }, now: "2026-01-01T00:00:00Z", subresource: "", dryRun: true }
  const old = row.old && strategy.prepareCreate(strategy.complete({ ...row.old, ...header }), context)
  const given = strategy.complete({ ...row.value, ...header })
  const object = old ? strategy.prepareUpdate(given, old, context) : strategy.prepareCreate(given, context)
  const causes = sorted(strategy.validate(object, old, context))
  return causes.length > 0 ? { causes } : { causes, stored: bodyOf(object) }
}

/** `crd` as it reads once the server has accepted its names. */
export function established(crd: ReturnType<typeof crdOf>): KubeObject {
  const { plural, kind } = crd.spec.names
  const acceptedNames = { plural, kind, singular: kind.toLowerCase(), listKind: `${kind}List` }
  return { ...crd, status: { acceptedNames, conditions: [{ type: "Established", status: "True" }] } }
}

/** An object without its header. */
export function bodyOf(object: unknown): Readonly<Record<string, unknown>> {
  if (!isRecord(object)) return {}
  const { apiVersion: _version, kind: _kind, metadata: _metadata, ...body } = object
  return body
}

/** Causes in an order that does not depend on that of a map in Go. */
export function sorted(causes: readonly StatusCause[]): readonly StatusCause[] {
  const text = (cause: StatusCause) => `${cause.field} ${cause.message}`
  return [...causes].sort((a, b) => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0))
}
