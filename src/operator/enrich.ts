import { formatGroupKind, gvkOf, isRecord, type KubeObject, objectKey } from "../kube/mod.ts"
import { type EnrichPlan, enrichedKinds } from "../plan/mod.ts"
import type { FoundBy, SourceName } from "./enrich-sources.ts"
import { activeJobs, claimStems, ingressValues, ownerValue, scalingValues, selectorOf } from "./enrich-values.ts"

/** Answers from the caches; undefined while a cache knows nothing, so that the answer may be any. */
export type Look = (source: SourceName, by: FoundBy, value: string) => readonly KubeObject[] | undefined

type Target = EnrichPlan["target"]
type Values = Readonly<Record<string, unknown>>

/** Items of one list; what comes after is left out. */
export const listMax = 500
/** Warnings of one child, the newest first. */
export const warningsMax = 50

/** `child` with what `targets` add to its kind. A key whose cache knows nothing is left out. */
export function enrichChild(child: KubeObject, targets: readonly Target[], look: Look): KubeObject {
  const kind = formatGroupKind(gvkOf(child))
  const fitting = targets.filter((target) => enrichedKinds[target]?.has(kind) ?? true)
  if (fitting.length === 0) return child
  return Object.assign({ ...child }, ...fitting.map((target) => adders[target](child, look)))
}

const adders: Readonly<Record<Target, (child: KubeObject, look: Look) => Values>> = {
  pods: (child, look) => listed("_pods", podsOf(child, look)?.map(valueIn), byName),
  events: (child, look) => ({ ...optional("_warnings", warningsOf(child, look)) }),
  owner: (child) => optional("_owner", ownerValue(child)),
  replicasets: (child, look) => listed("_replicaSets", controlledBy("replicaSets", child, look)?.map(valueIn), newest),
  pvcs: (child, look) => listed("_pvcs", claimsOf(child, look)?.map(valueIn), byName),
  pvc: (child, look) => one("_pvc", look("claims", "key", claimOfVolume(child))),
  pv: (child, look) => one("_pv", look("volumes", "key", textAt(child, "volumeName"))),
  storageclass: (child, look) => one("_storageClass", look("storageClasses", "key", textAt(child, "storageClassName"))),
  backingpods: (child, look) => listed("_backingPods", podsBehind(child, look)?.map(valueIn), byName),
  endpoints: (child, look) => listed("_endpoints", endpointsOf(child, look), byAddress),
  node: (child, look) => one("_node", look("nodes", "key", textAt(child, "nodeName"))),
  hpa: (child) => scalingValues(child),
  cronjob: (child, look) => ({ _activeJobs: activeJobs(child), ...runsOf(child, look) }),
  ingress: (child) => ingressValues(child),
}

function optional(key: string, value: unknown): Values {
  return value === undefined ? {} : { [key]: value }
}

function valueIn(object: KubeObject): unknown {
  return object["value"]
}

/** A sorted list, so that one state of the cluster is one value. */
function listed(key: string, values: readonly unknown[] | undefined, order: (a: Values, b: Values) => number): Values {
  const records = values?.filter(isRecord).toSorted(order).slice(0, listMax)
  return optional(key, records)
}

function one(key: string, found: readonly KubeObject[] | undefined): Values {
  const [object] = found ?? []
  return object === undefined ? {} : { [key]: valueIn(object) }
}

function compare(a: unknown, b: unknown): number {
  const [left, right] = [String(a), String(b)]
  return left < right ? -1 : left > right ? 1 : 0
}

function byName(a: Values, b: Values): number {
  return compare(a["name"], b["name"])
}

function newest(a: Values, b: Values): number {
  return Number(b["revision"]) - Number(a["revision"]) || byName(a, b)
}

function byAddress(a: Values, b: Values): number {
  return compare(a["ip"], b["ip"]) || Number(a["port"] ?? 0) - Number(b["port"] ?? 0)
}

function controlledBy(
  source: SourceName,
  { metadata: { uid } }: KubeObject,
  look: Look,
): readonly KubeObject[] | undefined {
  return uid === undefined ? [] : look(source, "controller", uid)
}

/** The Pods of a workload: a Deployment has them through its ReplicaSets. */
function podsOf(child: KubeObject, look: Look): readonly KubeObject[] | undefined {
  if (child.kind !== "Deployment") return controlledBy("pods", child, look)
  const sets = controlledBy("replicaSets", child, look)?.map((set) => controlledBy("pods", set, look))
  return sets === undefined || sets.includes(undefined) ? undefined : sets.flatMap((pods) => pods ?? [])
}

/** The child, and what stands below it as far as it is known: a Pod that cannot start is its workload's trouble. */
function familyOf(child: KubeObject, look: Look): readonly KubeObject[] {
  const kind = formatGroupKind(gvkOf(child))
  const below = (source: SourceName, of: KubeObject) => controlledBy(source, of, look) ?? []
  if (kind === "CronJob.batch") {
    const jobs = below("jobs", child)
    return [child, ...jobs, ...jobs.flatMap((job) => below("pods", job))]
  }
  const sets = kind === "Deployment.apps" ? below("replicaSets", child) : []
  const pods = enrichedKinds.pods?.has(kind) ? (podsOf(child, look) ?? []) : []
  return [child, ...sets, ...pods]
}

function warningsOf(child: KubeObject, look: Look): readonly Values[] | undefined {
  const uids = familyOf(child, look).flatMap(({ metadata: { uid } }) => uid ?? [])
  const found = uids.map((uid) => look("events", "about", uid))
  if (found.includes(undefined)) return undefined
  return found
    .flatMap((events) => events ?? [])
    .map((event) => ({ name: event.metadata.name, value: valueIn(event) }))
    .toSorted((a, b) => lastOf(b.value) - lastOf(a.value) || byName(a, b))
    .slice(0, warningsMax)
    .map(({ value }) => (isRecord(value) ? value : {}))
}

function lastOf(warning: unknown): number {
  const time = isRecord(warning) ? Date.parse(String(warning["lastTimestamp"])) : Number.NaN
  return Number.isNaN(time) ? 0 : time
}

function claimsOf(child: KubeObject, look: Look): readonly KubeObject[] | undefined {
  const { namespace } = child.metadata
  const found = claimStems(child).map((stem) => look("claims", "stem", objectKey(namespace, stem)))
  return found.includes(undefined) ? undefined : found.flatMap((claims) => claims ?? [])
}

function claimOfVolume(volume: KubeObject): string {
  const ref = isRecord(volume["spec"]) ? volume["spec"]["claimRef"] : undefined
  return isRecord(ref) ? objectKey(String(ref["namespace"] ?? ""), String(ref["name"] ?? "")) : ""
}

function textAt(child: KubeObject, key: string): string {
  const spec = child["spec"]
  const value = isRecord(spec) ? spec[key] : undefined
  return typeof value === "string" ? value : ""
}

// Asked by one label, then judged by all.
function podsBehind(service: KubeObject, look: Look): readonly KubeObject[] | undefined {
  const selector = selectorOf(service)
  const [first] = selector
  if (first === undefined) return []
  const found = look("pods", "label", objectKey(service.metadata.namespace, first.join("=")))
  return found?.filter(({ metadata: { labels } }) => selector.every(([key, value]) => labels?.[key] === value))
}

function endpointsOf({ metadata }: KubeObject, look: Look): readonly unknown[] | undefined {
  const slices = look("slices", "service", objectKey(metadata.namespace, metadata.name ?? ""))
  return slices?.flatMap((slice) => {
    const value = valueIn(slice)
    return Array.isArray(value) ? value : []
  })
}

function runsOf(child: KubeObject, look: Look): Values {
  const jobs = controlledBy("jobs", child, look)?.toSorted(
    (a, b) =>
      compare(b.metadata.creationTimestamp, a.metadata.creationTimestamp) || compare(b.metadata.name, a.metadata.name),
  )
  const values = jobs?.map(valueIn).filter(isRecord)
  return {
    ...optional("_lastJob", values?.[0]),
    ...optional(
      "_lastSuccessfulJob",
      values?.find((job) => job["succeeded"] === true),
    ),
  }
}
