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
  declare("counter", "orkestra_external_call_total", ["crd", "name", "result"], "External calls."),
  declare("histogram", "orkestra_external_call_duration_seconds", ["crd", "name"], "Duration of external calls."),
  declare("gauge", "ork_leader", ["lease"], "1 while this process leads."),
]

type Prom = typeof import("prom-client")

interface Registered {
  readonly declaration: MetricDeclaration
  readonly metric: Counter | Gauge | Histogram
  /** Every label set that was written. */
  readonly series: Map<string, Series>
}

/** One label set; `value` is what the registry has not been told yet: an increase, or the state of a gauge. */
interface Series {
  readonly labels: Record<string, string>
  value: number | undefined
}

/**
 * Metrics in a registry of their own, printed in Prometheus' text format; process metrics included.
 *
 * Guarantees: an unknown name, kind or label is a `Bug`. `extra` declares what other layers write. Counters and gauges
 * are plain numbers until somebody asks for the text: a pass writes several.
 */
export function prometheusMetrics(extra: readonly MetricDeclaration[] = []): Metrics & { text(): Promise<string> } {
  // Loaded at the first use: it is dear, and most commands import this folder without ever counting anything.
  const prom: Prom = require("prom-client")
  const registry = new prom.Registry()
  prom.collectDefaultMetrics({ register: registry })
  const metrics = new Map([...runtimeMetrics, ...extra].map((d) => [d.name, register(prom, d, registry)]))
  const find = (kind: MetricDeclaration["kind"], name: string): Registered => {
    const found = metrics.get(name)
    assert(found?.declaration.kind === kind, `no ${kind} is called ${name}`)
    return found
  }
  return {
    count(name, labels, by = 1) {
      const series = seriesOf(find("counter", name), labels)
      series.value = (series.value ?? 0) + by
    },
    gauge(name, labels, value) {
      seriesOf(find("gauge", name), labels).value = value
    },
    observe(name, labels, value) {
      const found = find("histogram", name)
      if (found.metric instanceof prom.Histogram) found.metric.observe(seriesOf(found, labels).labels, value)
    },
    forget(labels) {
      for (const { metric, series } of metrics.values()) {
        for (const [id, own] of series) {
          if (!Object.entries(labels).every(([label, value]) => own.labels[label] === value)) continue
          metric.remove(own.labels)
          series.delete(id)
        }
      }
    },
    async text() {
      for (const { metric, series } of metrics.values()) {
        for (const own of series.values()) {
          if (own.value === undefined) continue
          if (metric instanceof prom.Counter) metric.inc(own.labels, own.value)
          else if (metric instanceof prom.Gauge) metric.set(own.labels, own.value)
          own.value = undefined
        }
      }
      return await registry.metrics()
    },
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

function seriesOf({ declaration, series }: Registered, labels: Labels): Series {
  const id = idOf(declaration.labels, labels)
  const known = series.get(id)
  if (known) return known
  const given = Object.keys(labels)
  if (given.length !== declaration.labels.length || !declaration.labels.every((label) => given.includes(label))) {
    throw new Bug(`${declaration.name} has the labels ${declaration.labels.join(", ")}, not ${given.join(", ")}`)
  }
  const fresh: Series = { labels: { ...labels }, value: undefined }
  series.set(id, fresh)
  return fresh
}

function idOf(names: readonly string[], labels: Labels): string {
  const [only, ...more] = names
  if (only !== undefined && more.length === 0) return labels[only] ?? ""
  return names.map((name) => labels[name]).join("\u0000")
}
