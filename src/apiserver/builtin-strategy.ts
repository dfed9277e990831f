import {
  apiVersionOf,
  isRecord,
  type KubeObject,
  type Schema,
  type SchemaSet,
  type StatusCause,
  semanticEqual,
} from "../kube/mod.ts"
import { completeBuiltin } from "./builtin-complete.ts"
import { builtinDefaults, definitionName } from "./builtin-data.ts"
import { kindRulesOf } from "./builtin-kinds.ts"
import { podEndpointCauses } from "./builtin-pod-endpoints.ts"
import { ruleCauses } from "./builtin-rules.ts"
import { takenCauses } from "./builtin-services.ts"
import { statusCauses, statusMetadata } from "./builtin-status.ts"
import { kindCauses } from "./builtin-validate.ts"
import { builtinWarnings } from "./builtin-warnings.ts"
import { headerOf } from "./fields.ts"
import type { RequestContext, Strategy } from "./resource.ts"

/** What a strategy knows of its kind. */
export interface StrategyKind {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly hasStatus: boolean
  readonly schema: Schema | undefined
  readonly set: SchemaSet
}

/** Endpoints that write the status: approval is that of CertificateSigningRequests. */
const statusEndpoints = new Set(["approval", "status"])

/** Kinds of which an update is judged only by what must stay. */
const changesOnly = new Set(["PriorityClass"])

/** Endpoints that change of a Pod what nobody else may. */
const openEndpoints = new Set(["binding", "ephemeralcontainers", "resize"])

/** The rules of one built-in kind. */
export function builtinStrategy(kind: StrategyKind): Strategy {
  const apiVersion = apiVersionOf(kind)
  const rules = kindRulesOf(apiVersion, kind.kind)
  const name = definitionName(apiVersion, kind.kind)
  const hasSpec = kind.schema?.properties?.["spec"] !== undefined
  const { generation = false, status } = builtinDefaults().kinds[`${apiVersion}/${kind.kind}`] ?? {}
  return {
    complete(object) {
      const { schema, set } = kind
      // A spec is never absent.
      const whole = hasSpec && object["spec"] === undefined ? { ...object, spec: {} } : object
      const filled = schema === undefined ? object : completeBuiltin(whole, schema, set, name)
      // The walk keeps the header.
      const completed = isRecord(filled) ? (filled as KubeObject) : object
      return rules.complete?.(completed) ?? completed
    },
    prepareCreate(object, context) {
      const fresh = kind.hasStatus ? withStatus(object, status) : object
      const created = rules.create?.(fresh, context) ?? fresh
      return generation ? withGeneration(created, 1) : created
    },
    prepareUpdate(object, old, context) {
      const isStatus = statusEndpoints.has(context.subresource)
      const next = isStatus ? statusUpdate(object, old) : specUpdate(object, old, { ...kind, ...context })
      const updated = isStatus ? next : (rules.update?.(next, old, context) ?? next)
      const before = old.metadata.generation
      // Neither what a controller reports nor the choice of a node is work that somebody asks for.
      const isReport = context.subresource === "status" || context.subresource === "binding"
      const isCounted = before !== undefined || kind.kind === "CSIDriver"
      const isSame = !isCounted || kind.kind === "PriorityClass" || isReport || isSameWork(updated, old)
      return withGeneration(updated, isSame ? before : (before ?? 0) + 1)
    },
    validate(object, old, context) {
      const { subresource } = context
      const { schema, set } = kind
      if (schema === undefined) return []
      if (statusEndpoints.has(subresource)) return statusCauses(object)
      const byEndpoint = kind.kind === "Pod" ? podEndpointCauses(object, old, subresource) : undefined
      if (byEndpoint !== undefined && byEndpoint.length > 0) return byEndpoint
      const before = openEndpoints.has(subresource) ? undefined : old
      const byKind = kindCauses(object, before)
      const taken = kind.kind === "Service" && byKind.length === 0 ? takenCauses(object, old, context) : []
      const isJudged = before === undefined || !changesOnly.has(kind.kind)
      return inOrder(isJudged ? ruleCauses(object, schema, { set, name }) : [], [...byKind, ...taken])
    },
    ...(rules.isTaken ? { isTaken: rules.isTaken } : {}),
    warnings: builtinWarnings,
  }
}

// As a real server tells them: what is wrong with the spec itself, then what only the kind knows, then what is deeper.
function inOrder(byType: readonly StatusCause[], byKind: readonly StatusCause[]): readonly StatusCause[] {
  const isShallow = ({ field = "" }: StatusCause) => !field.includes("[") && field.split(".").length < 3
  return onceEach([...byType.filter(isShallow), ...byKind, ...byType.filter((cause) => !isShallow(cause))])
}

/** What two rules find is told once. */
export function onceEach(causes: readonly StatusCause[]): readonly StatusCause[] {
  const text = ({ field, message }: StatusCause) => `${field}: ${message}`
  const seen = new Set<string>()
  return causes.filter((cause) => !seen.has(text(cause)) && seen.add(text(cause)))
}

function statusUpdate(object: KubeObject, old: KubeObject): KubeObject {
  const { status: _, ...kept } = old
  return { ...withStatus({ ...kept, ...headerOf(old) }, object["status"]), metadata: statusMetadata(object, old) }
}

function specUpdate(
  object: KubeObject,
  old: KubeObject,
  { kind, hasStatus, subresource }: Pick<StrategyKind, "kind" | "hasStatus"> & Pick<RequestContext, "subresource">,
): KubeObject {
  // The choice of a node is told in the status as well.
  if (kind === "Pod" && subresource === "binding") return object
  return hasStatus ? withStatus(object, old["status"]) : object
}

function withStatus(object: KubeObject, status: unknown): KubeObject {
  const { status: _, ...rest } = object
  return { ...rest, ...headerOf(object), ...(status === undefined ? {} : { status }) }
}

// Annotations of a Deployment are copied to its ReplicaSets: they count.
function isSameWork(object: KubeObject, old: KubeObject): boolean {
  const work = ({ apiVersion: _, metadata, status: __, ...rest }: KubeObject) =>
    object.kind === "Deployment" ? { ...rest, annotations: metadata.annotations ?? {} } : rest
  return semanticEqual(work(object), work(old))
}

function withGeneration(object: KubeObject, generation: number | undefined): KubeObject {
  const { generation: _, ...metadata } = object.metadata
  return { ...object, metadata: generation === undefined ? metadata : { ...metadata, generation } }
}
