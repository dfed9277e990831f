import { type Labels, type LogLevel, logger, type Metrics, type Random } from "../../../src/base/mod.ts"
import type { KubeObject, ResourceInfo } from "../../../src/kube/mod.ts"

/** A resource of no importance. */
export const widgets: ResourceInfo = {
  gvk: { group: "example.com", version: "v1", kind: "Widget" },
  gvr: { group: "example.com", version: "v1", resource: "widgets" },
  namespaced: true,
  singular: "widget",
  shortNames: [],
  verbs: ["get", "list", "watch"],
  subresources: [],
}

/** A stored widget in namespace `shop`; its uid is `uid-<name>` unless told. */
export function widget(name: string, version: number | string, more: Partial<KubeObject["metadata"]> = {}): KubeObject {
  const metadata = { name, namespace: "shop", uid: `uid-${name}`, resourceVersion: String(version), ...more }
  return { apiVersion: "example.com/v1", kind: "Widget", metadata }
}

/** Draws that add no jitter. */
export const noJitter: Random = { next: () => 0 }

/** A logger that keeps its lines. */
export function recordingLog() {
  const lines: {
    readonly level: LogLevel
    readonly message: string
    readonly fields: Readonly<Record<string, unknown>>
  }[] = []
  const log = logger((level, message, fields) => lines.push({ level, message, fields }))
  const levels = () => lines.map((line) => line.level)
  return { log, lines, levels }
}

/** Metrics that keep the newest gauge values, the sums of counters and the observed values, by `name{labels}`. */
export function recordingMetrics() {
  const values = new Map<string, number>()
  const id = (name: string, labels: Labels) => `${name}{${Object.values(labels).join(",")}}`
  const metrics: Metrics = {
    count: (name, labels, by = 1) => values.set(id(name, labels), (values.get(id(name, labels)) ?? 0) + by),
    gauge: (name, labels, value) => values.set(id(name, labels), value),
    observe: (name, labels, value) => values.set(id(name, labels), value),
    forget() {},
  }
  return { metrics, values }
}
