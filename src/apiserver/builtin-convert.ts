import { type KubeObject, parseApiVersion } from "../kube/mod.ts"
import { type Fields, listAt, mapAt, numberAt, specOf, statusOf, textAt, withMeta } from "./fields.ts"

type ConvertOne = (object: KubeObject, apiVersion: string) => KubeObject

/** Kinds that are kept once and served twice: where their objects are kept, in which version, and how they change. */
export interface SharedKind {
  readonly prefix: string
  readonly storageVersion: string
  readonly convert: (objects: readonly KubeObject[], apiVersion: string) => Promise<readonly KubeObject[]>
}

const shared: Readonly<Record<string, SharedKind>> = {
  Event: { prefix: "events", storageVersion: "v1", convert: each(convertEvent) },
  HorizontalPodAutoscaler: {
    prefix: "autoscaling/horizontalpodautoscalers",
    storageVersion: "v2",
    convert: each(convertScaler),
  },
}

/** How a kind is shared among versions, when it is. */
export function sharedKindOf(kind: string): SharedKind | undefined {
  return shared[kind]
}

function each(convert: ConvertOne): SharedKind["convert"] {
  return async (objects, apiVersion) =>
    objects.map((object) => (object.apiVersion === apiVersion ? object : convert(object, apiVersion)))
}

/** Members of events by their older and newer names. */
const eventMembers: readonly (readonly [string, string])[] = [
  ["involvedObject", "regarding"],
  ["message", "note"],
  ["source", "deprecatedSource"],
  ["firstTimestamp", "deprecatedFirstTimestamp"],
  ["lastTimestamp", "deprecatedLastTimestamp"],
  ["count", "deprecatedCount"],
  ["reportingComponent", "reportingController"],
]

/** A field of an event as it is called in the other group. */
export function otherEventField(field: string): string | undefined {
  const [head = "", ...rest] = field.split(".")
  const other = eventMembers.flatMap(([older, newer]) => (older === head ? [newer] : newer === head ? [older] : []))[0]
  return other && [other, ...rest].join(".")
}

function convertEvent(event: KubeObject, apiVersion: string): KubeObject {
  const isNew = apiVersion !== "v1"
  const names = new Map(eventMembers.map(([older, newer]) => (isNew ? [older, newer] : [newer, older])))
  const { apiVersion: _, kind, metadata, ...members } = event
  // The newer type leaves out empty text.
  const shown = Object.entries(members).filter(([, value]) => !isNew || value !== "")
  const renamed = shown.map(([name, value]) => [names.get(name) ?? name, value] as const)
  return { ...Object.fromEntries(renamed), apiVersion, kind, metadata }
}

const metricsAnnotation = "autoscaling.alpha.kubernetes.io/metrics"
const behaviorAnnotation = "autoscaling.alpha.kubernetes.io/behavior"

/** An autoscaler in another of its versions. */
export function convertScaler(scaler: KubeObject, apiVersion: string): KubeObject {
  return parseApiVersion(apiVersion).version === "v1" ? older(scaler, apiVersion) : newer(scaler, apiVersion)
}

function isPlainCpu(metric: Fields): boolean {
  const resource = mapAt(metric, "resource")
  return textAt(resource, "name") === "cpu" && mapAt(resource, "target")["averageUtilization"] !== undefined
}

// What the older version has no member for goes into annotations, and comes back from them.
function older(scaler: KubeObject, apiVersion: string): KubeObject {
  const { metrics: _, behavior, ...spec } = specOf(scaler)
  const { currentMetrics: __, conditions: ___, ...status } = statusOf(scaler)
  const metrics = listAt(specOf(scaler), "metrics")
  const cpu = metrics.find(isPlainCpu)
  const others = metrics.filter((metric) => metric !== cpu)
  const annotations = {
    ...scaler.metadata.annotations,
    ...(others.length > 0 ? { [metricsAnnotation]: JSON.stringify(others) } : {}),
    ...(behavior === undefined ? {} : { [behaviorAnnotation]: JSON.stringify(behavior) }),
  }
  const target = mapAt(cpu, "resource", "target")["averageUtilization"]
  const current = mapAt(listAt(statusOf(scaler), "currentMetrics").find(isCurrentCpu), "resource", "current")
  const used = current["averageUtilization"]
  return {
    ...(Object.keys(annotations).length > 0 ? withMeta(scaler, { annotations }) : scaler),
    apiVersion,
    spec: { ...spec, ...(target === undefined ? {} : { targetCPUUtilizationPercentage: target }) },
    status: {
      currentReplicas: 0,
      ...status,
      ...(used === undefined ? {} : { currentCPUUtilizationPercentage: used }),
    },
  }
}

function isCurrentCpu(metric: Fields): boolean {
  return textAt(mapAt(metric, "resource"), "name") === "cpu"
}

function newer(scaler: KubeObject, apiVersion: string): KubeObject {
  const { targetCPUUtilizationPercentage: target, ...spec } = specOf(scaler)
  const { currentCPUUtilizationPercentage: used, ...status } = statusOf(scaler)
  const {
    [metricsAnnotation]: others,
    [behaviorAnnotation]: behavior,
    ...annotations
  } = scaler.metadata.annotations ?? {}
  const cpu = {
    type: "Resource",
    resource: { name: "cpu", target: { type: "Utilization", averageUtilization: target } },
  }
  const metrics = [...parsed(others, []), ...(target === undefined ? [] : [cpu])]
  const current = { type: "Resource", resource: { name: "cpu", current: { averageUtilization: used } } }
  const { annotations: _, ...metadata } = scaler.metadata
  return {
    ...scaler,
    apiVersion,
    metadata: Object.keys(annotations).length > 0 ? { ...metadata, annotations } : metadata,
    spec: {
      ...spec,
      ...(metrics.length > 0 ? { metrics } : {}),
      ...(behavior === undefined ? {} : { behavior: parsed(behavior, {}) }),
    },
    status: {
      ...status,
      desiredReplicas: numberAt(status, "desiredReplicas"),
      currentMetrics: used === undefined ? null : [current],
    },
  }
}

// Somebody may have written an annotation by hand.
function parsed<T>(text: string | undefined, otherwise: T): T {
  try {
    const value: unknown = JSON.parse(text ?? "")
    return Array.isArray(value) === Array.isArray(otherwise) ? (value as T) : otherwise // as far as its shape is known
  } catch {
    return otherwise
  }
}
