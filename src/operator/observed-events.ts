import { isRecord, type KubeObject } from "../kube/mod.ts"
import type { ObservedEventPlan } from "../plan/mod.ts"
import type { EventValue } from "./event-shelf.ts"

/** The kind of Kubernetes Events. */
export const eventGvk = { group: "events.k8s.io", version: "v1", kind: "Event" } as const

const references = ["regarding", "related"] as const
const shown = ["reason", "type", "action", "note", "reportingController", "reportingInstance", ...references] as const

/** What is kept of an Event: what identifies it, what `keyFrom` may ask, and what templates see. */
export function keptOfEvent(event: KubeObject): KubeObject {
  const { managedFields: _managedFields, ...metadata } = event.metadata
  return { apiVersion: event.apiVersion, kind: event.kind, metadata, ...valueOfEvent(event) }
}

/** What templates see of an Event. */
export function valueOfEvent(event: KubeObject): EventValue {
  return Object.fromEntries(shown.flatMap((key) => (event[key] === undefined ? [] : [[key, event[key]]])))
}

/** What the server is asked to select, so that as few Events as possible are kept; undefined: nothing. */
export function selectorOfEvents({ fields, regarding }: ObservedEventPlan): string | undefined {
  const { reason, type, reportingController } = fields
  const wanted = Object.entries({
    ...{ reason, type, reportingController },
    ...Object.fromEntries(Object.entries(regarding).map(([key, value]) => [`regarding.${key}`, value])),
  })
  // A value that would need escaping is left to our own look at the Event.
  const parts = wanted.flatMap(([key, value]) => (value && !/[,=\\]/.test(value) ? [`${key}=${value}`] : []))
  return parts.length === 0 ? undefined : parts.join(",")
}

/** True when an Event says all that the Katalog asks for. */
export function isEventMeant(plan: ObservedEventPlan, event: KubeObject): boolean {
  if (plan.namespace !== undefined && event.metadata.namespace !== plan.namespace) return false
  if (!says(event, plan.fields)) return false
  return references.every((key) => says(isRecord(event[key]) ? event[key] : {}, plan[key]))
}

function says(value: Readonly<Record<string, unknown>>, wanted: Readonly<Record<string, string | undefined>>): boolean {
  return Object.entries(wanted).every(([key, text]) => text === undefined || value[key] === text)
}
