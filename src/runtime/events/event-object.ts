import { type Random, rfc3339Micro, suffix } from "../../base/mod.ts"
import { type KubeObject, nameProblem, type ObjectKey, objectKey, type ResourceInfo } from "../../kube/mod.ts"

/** What happened, to which object. */
export interface RecordedEvent {
  readonly regarding: KubeObject
  readonly type: "Normal" | "Warning"
  readonly reason: string
  readonly action: string
  readonly message: string
}

/** One event and its repetitions. Of the object only what names it is kept. */
export interface Series {
  readonly regarding: {
    readonly apiVersion: string
    readonly kind: string
    readonly name: string | undefined
    readonly namespace: string | undefined
    readonly uid: string | undefined
    readonly resourceVersion: string | undefined
  }
  readonly type: "Normal" | "Warning"
  readonly reason: string
  readonly action: string
  readonly message: string
  readonly firstAtMs: number
  lastAtMs: number
  count: number
  /** Name of the object on the server, once it exists. */
  name: string | undefined
  /** Failures in a row. */
  tries: number
}

/** A series of one, cut to the server's limits. */
export function newSeries({ regarding, type, ...event }: RecordedEvent, nowMs: number): Series {
  const { apiVersion, kind, metadata } = regarding
  const { name, namespace, uid, resourceVersion } = metadata
  return {
    regarding: { apiVersion, kind, name, namespace, uid, resourceVersion },
    type,
    reason: cutBytes(event.reason, 128),
    action: cutBytes(event.action, 128),
    message: cutBytes(event.message, 1_024),
    firstAtMs: nowMs,
    lastAtMs: nowMs,
    count: 1,
    name: undefined,
    tries: 0,
  }
}

/** `events.k8s.io/v1` Event: every server has it, so it needs no discovery. */
export const eventResource: ResourceInfo = {
  gvk: { group: "events.k8s.io", version: "v1", kind: "Event" },
  gvr: { group: "events.k8s.io", version: "v1", resource: "events" },
  namespaced: true,
  singular: "event",
  shortNames: ["ev"],
  verbs: ["get", "list", "watch", "create", "update", "patch", "delete"],
  subresources: [],
}

/** A new name for an event about the object called `regarding`: that and a suffix, where it is a valid name. */
export function eventName(regarding: string | undefined, random: Random): string {
  const unique = suffix(random, 12)
  const name = `${regarding}.${unique}`
  return nameProblem(name) === undefined ? name : `ork-event.${unique}`
}

/** The event as the server wants it. A series is told from its second occurrence on. */
export function eventObject(
  series: Series,
  from: { readonly component: string; readonly instance: string; readonly name: string; readonly namespace: string },
): KubeObject {
  return {
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    metadata: { name: from.name, namespace: from.namespace },
    eventTime: rfc3339Micro(series.firstAtMs),
    reportingController: from.component,
    reportingInstance: cutBytes(from.instance, 128),
    type: series.type,
    reason: series.reason,
    action: series.action,
    note: series.message,
    regarding: series.regarding,
    ...(series.count > 1 ? { series: seriesOf(series) } : {}),
  }
}

/** The patch that brings an event on the server up to date. */
export function seriesPatch(series: Series, namespace: string): { readonly key: ObjectKey; readonly body: unknown } {
  return { key: objectKey(namespace, series.name ?? ""), body: { series: seriesOf(series) } }
}

/** `text` with at most `limit` bytes of UTF-8, the unit of the server's limits; the cut is marked by `…`. */
function cutBytes(text: string, limit: number): string {
  if (text.length * 3 <= limit) return text // no character of UTF-16 has more bytes
  const bytes = new TextEncoder().encode(text)
  if (bytes.length <= limit) return text
  const whole = new TextDecoder().decode(bytes.subarray(0, limit - 3), { stream: true }) // drops half a character
  return `${whole}…`
}

function seriesOf(series: Series): { readonly count: number; readonly lastObservedTime: string } {
  return { count: series.count, lastObservedTime: rfc3339Micro(series.lastAtMs) }
}
