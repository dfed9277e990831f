import type { Counter, Gauge, Histogram, Registry } from "prom-client"
import { assert, Bug, type Labels, type Metrics } from "../../base/mod.ts"

/** One metric that may be written. */
export interface MetricDeclaration {
  readonly name: string
  readonly kind: "counter" | "gauge" | "histogram"
  readonly help: string
  readonly labels: readonly string[]
}

function declare(
  kind: MetricDeclaration["kind"],
  name: string,
  labels: readonly string[],
  help: string,
): MetricDeclaration {
  return { kind, name, labels, help }
}

/** What the runtime writes: the five published metrics, and our own. */
const runtimeMetrics: readonly MetricDeclaration[] = [
  declare("counter", "controller_reconcile_total", ["crd", "result"], "Finished reconciles."),
  declare("histogram", "controller_reconcile_duration_seconds", ["crd"], "Duration of reconciles."),
  declare("gauge", "controller_queue_depth", ["crd"], "Keys that wait for a worker."),
  declare("gauge", "controller_workers_processing", ["crd"], "Workers that are busy."),
  declare("gauge", "controller_resource_count", ["crd"], "Custom resources in the informer's cache."),
  declare("counter", "ork_reconcile_outcome_total", ["crd", "outcome"], "Finished reconciles by outcome."),
  declare("counter", "ork_informer_relist_total", ["resource"], "Complete states that were read."),
  declare("counter", "ork_informer_error_total", ["resource"], "Lists and watches that failed."),
  declare("gauge", "ork_informer_objects", ["resource"], "Objects in the cache of one resource."),
  declare("counter", "ork_events_total", ["result"], "Events sent, and dropped for a bound or an error."),
  declare("counter", "controller_admission_validation_total", ["crd", "result", "source"], "Outcomes of validation."),
  declare("counter", "controller_mutation_total", ["crd"], "Fields that mutation set, in memory."),
  declare("gauge", "ork_leader", ["lease"], "1 while this process leads."),
]

type Prom = typeof import("prom-client")

interface Registered {
  readonly declaration: MetricDeclaration
  readonly metric: Counter | Gauge | Histogram
  /** Every label set that was written, to be able to forget. */
  readonly series: Map<string, Record<string, string>>
}

/**
 * Metrics in a registry of their own, printed in Prometheus' text format; process metrics included.
 *
 * Guarantees: an unknown name, kind or label is a `Bug`. `extra` declares what other layers write.
 */
export function prometheusMetrics(extra: readonly MetricDeclaration[] = []): Metrics & { text(): Promise<string> } {
  // Loaded at the first use: it is dear, and most commands import this folder without ever counting anything.
  const prom: Prom = require("prom-client")
  const registry = new prom.Registry()
  prom.collectDefaultMetrics({ register: registry })
  const metrics = new Map([...runtimeMetrics, ...extra].map((d) => [d.name, register(prom, d, registry)]))
  const find = (kind: MetricDeclaration["kind"], name: string, labels: Labels): Registered["metric"] => {
    const found = metrics.get(name)
    assert(found?.declaration.kind === kind, `no ${kind} is called ${name}`)
    remember(found, labels)
    return found.metric
  }
  return {
    count(name, labels, by = 1) {
      const metric = find("counter", name, labels)
      if (metric instanceof prom.Counter) metric.inc({ ...labels }, by)
    },
    gauge(name, labels, value) {
      const metric = find("gauge", name, labels)
      if (metric instanceof prom.Gauge) metric.set({ ...labels }, value)
    },
    observe(name, labels, value) {
      const metric = find("histogram", name, labels)
      if (metric instanceof prom.Histogram) metric.observe({ ...labels }, value)
    },
    forget(labels) {
      for (const { metric, series } of metrics.values()) {
        for (const [id, own] of series) {
          if (!Object.entries(labels).every(([label, value]) => own[label] === value)) continue
          metric.remove(own)
          series.delete(id)
        }
      }
    },
    text: () => registry.metrics(),
  }
}

function register(prom: Prom, declaration: MetricDeclaration, registry: Registry): Registered {
  const { name, help, kind } = declaration
  const options = { name, help, labelNames: [...declaration.labels], registers: [registry] }
  const metric =
    kind === "counter"
      ? new prom.Counter(options)
      : kind === "gauge"
        ? new prom.Gauge(options)
        : new prom.Histogram(options)
  return { declaration, metric, series: new Map() }
}

function remember({ declaration, series }: Registered, labels: Labels): void {
  const id = declaration.labels.map((label) => labels[label]).join("\u0000")
  if (series.has(id)) return
  const given = Object.keys(labels)
  if (given.length !== declaration.labels.length || !declaration.labels.every((label) => given.includes(label))) {
    throw new Bug(`${declaration.name} has the labels ${declaration.labels.join(", ")}, not ${given.join(", ")}`)
  }
  series.set(id, { ...labels })
}
