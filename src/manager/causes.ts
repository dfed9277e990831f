import { type Clock, isOrkError, messageOf, ms, OrkError, plural, shorten, withDeadline } from "../base/mod.ts"
import {
  conditionOf,
  describeObject,
  formatMatchLabels,
  type Gvk,
  getPath,
  isRecord,
  type KubeObject,
  type ResourceInfo,
  readinessOf,
} from "../kube/mod.ts"
import type { Client } from "../runtime/mod.ts"
import type { CauseView } from "./view.ts"

/** What asking for causes needs. */
export interface CausesDeps {
  readonly client: Client
  readonly clock: Clock
  readonly resourceOf: (gvk: Gvk) => ResourceInfo | undefined
}

const askMs = ms("2s")
const podsMax = 50
const eventsMax = 20
const causesMax = 5
const messageMax = 300

const podGvk: Gvk = { group: "", version: "v1", kind: "Pod" }
const eventGvk: Gvk = { group: "", version: "v1", kind: "Event" }

/**
 * What is behind a child that is not ready: its Pods, and the latest warnings about it and about the first of them.
 * Asked for at this moment, within two seconds; what may not be read is said instead. At most a handful.
 */
export async function causesOf(deps: CausesDeps, child: KubeObject): Promise<readonly CauseView[]> {
  const limit = {
    limit: askMs,
    signal: undefined,
    timeoutError: () => new OrkError("net/timeout", "no answer in time"),
  }
  try {
    return await withDeadline(deps.clock, limit, async (signal) => {
      const pods = (await podsOf(deps, child, signal)).filter((pod) => !readinessOf(pod).ready)
      const [first] = pods
      const about = [child, ...(first ? [first] : [])]
      const warnings = await Promise.all(about.map((object) => warningsOf(deps, object, signal)))
      return [...failureOf(child), ...grouped(pods), ...warnings.flat()].slice(0, causesMax)
    })
  } catch (error) {
    if (!isOrkError(error)) throw error
    return [{ object: describeObject(child), why: `its Pods and Events could not be read: ${messageOf(error)}` }]
  }
}

/** Its controller could not make Pods: a quota, a policy. */
function failureOf(child: KubeObject): readonly CauseView[] {
  const failure = conditionOf(child["status"], "ReplicaFailure")
  return failure?.status === "True" ? [{ object: describeObject(child), why: failure.message }] : []
}

async function podsOf(deps: CausesDeps, child: KubeObject, signal: AbortSignal): Promise<readonly KubeObject[]> {
  const selector = getPath(child, ["spec", "selector"])
  const labels = isRecord(selector) && selector["matchExpressions"] === undefined ? selector["matchLabels"] : undefined
  const resource = deps.resourceOf(podGvk)
  if (!isRecord(labels) || !resource || child.metadata.namespace === undefined) return []
  const labelSelector = formatMatchLabels(Object.fromEntries(Object.entries(labels).map(([k, v]) => [k, String(v)])))
  const { items } = await deps.client.list(resource, {
    namespace: child.metadata.namespace,
    labelSelector,
    limit: podsMax,
    signal,
  })
  return items
}

/** One line for all Pods that wait for the same. */
function grouped(pods: readonly KubeObject[]): readonly CauseView[] {
  const whyOf = (pod: KubeObject) => {
    const readiness = readinessOf(pod)
    return readiness.ready ? "" : readiness.why
  }
  return [...Map.groupBy(pods, whyOf)].flatMap(([why, [first, ...more]]) => {
    if (!first) return []
    const others = more.length > 0 ? ` (and ${plural(more.length, "more Pod")})` : ""
    const sinceMs = timeOf(conditionOf(first["status"], "Ready")?.lastTransitionTime)
    return [{ object: describeObject(first), why: `${why}${others}`, sinceMs }]
  })
}

async function warningsOf(deps: CausesDeps, object: KubeObject, signal: AbortSignal): Promise<readonly CauseView[]> {
  const resource = deps.resourceOf(eventGvk)
  const { uid, namespace = "default" } = object.metadata
  if (!resource || uid === undefined) return []
  const fieldSelector = `involvedObject.uid=${uid},type=Warning`
  const { items } = await deps.client.list(resource, { namespace, fieldSelector, limit: eventsMax, signal })
  const last = items
    .map((event) => ({ event, sinceMs: lastSeenMs(event) }))
    .toSorted((a, b) => (b.sinceMs ?? 0) - (a.sinceMs ?? 0))[0]
  if (last === undefined) return []
  const why = `${String(last.event["reason"])}: ${shorten(String(last.event["message"] ?? ""), messageMax)}`
  return [{ object: describeObject(object), why, sinceMs: last.sinceMs }]
}

function lastSeenMs(event: KubeObject): number | undefined {
  const times = [getPath(event, ["series", "lastObservedTime"]), event["lastTimestamp"], event["eventTime"]]
  return timeOf(times.find((time) => typeof time === "string")) ?? timeOf(event.metadata.creationTimestamp)
}

function timeOf(text: unknown): number | undefined {
  const atMs = typeof text === "string" ? Date.parse(text) : Number.NaN
  return Number.isNaN(atMs) ? undefined : atMs
}
