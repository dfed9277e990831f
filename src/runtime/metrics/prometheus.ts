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
  declare(
    "gauge",
    "ork_client_requests",
    ["state"],
    "Requests to the API server: in flight, waiting, and their bound.",
  ),
  declare("gauge", "ork_leader", ["lease"], "1 while this process leads."),
]

/** Upper bounds of a histogram's buckets, in seconds. */
const bounds: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
/** How often the process looks how late it is. Often would be most of what it does while nothing happens. */
const lagEveryMs = 1_000

interface Registered {
  readonly declaration: MetricDeclaration
  /** Every label set that was written. */
  readonly series: Map<string, Series>
}

/** One label set: a counter's sum, a gauge's state, a histogram's sum and how many fell under each bound. */
interface Series {
  readonly labels: Labels
  value: number
  count: number
  readonly buckets: number[]
}

/**
 * Metrics printed in Prometheus' text format; process metrics included.
 *
 * Guarantees: an unknown name, kind or label is a `Bug`. `extra` declares what other layers write. All of them are plain
 * numbers until somebody asks for the text: a pass writes several.
 */
export function prometheusMetrics(extra: readonly MetricDeclaration[] = []): Metrics & { text(): Promise<string> } {
  const metrics = new Map<string, Registered>()
  for (const declaration of [...runtimeMetrics, ...extra]) {
    metrics.set(declaration.name, { declaration, series: new Map() })
  }
  const find = (kind: MetricDeclaration["kind"], name: string): Registered => {
    const found = metrics.get(name)
    assert(found?.declaration.kind === kind, `no ${kind} is called ${name}`)
    return found
  }
  const processText = processMetrics()
  return {
    count(name, labels, by = 1) {
      seriesOf(find("counter", name), labels).value += by
    },
    gauge(name, labels, value) {
      seriesOf(find("gauge", name), labels).value = value
    },
    observe(name, labels, value) {
      const series = seriesOf(find("histogram", name), labels)
      series.value += value
      series.count++
      const bucket = bounds.findIndex((bound) => value <= bound)
      if (bucket !== -1) series.buckets[bucket] = (series.buckets[bucket] ?? 0) + 1
    },
    forget(labels) {
      const own = Object.entries(labels)
      for (const { series } of metrics.values()) {
        for (const [id, one] of series)
          if (own.every(([label, value]) => one.labels[label] === value)) series.delete(id)
      }
    },
    async text() {
      const printed = [...metrics.values()].map(print)
      return `${printed.join("\n\n")}\n\n${await processText()}`
    },
  }
}

/** The text of `process_*` and `nodejs_*`. The package is dear: it is loaded when somebody asks for the first time. */
function processMetrics(): () => Promise<string> {
  let registry: import("prom-client").Registry | undefined
  return async () => {
    if (registry === undefined) {
      const { Registry, collectDefaultMetrics } = await import("prom-client")
      registry = new Registry()
      collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: lagEveryMs })
    }
    return registry.metrics()
  }
}

function print({ declaration, series }: Registered): string {
  const { name, help, kind } = declaration
  const lines = [...series.values()].flatMap((one) =>
    kind === "histogram" ? histogram(name, one) : [gauge(name, one)],
  )
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`, ...lines].join("\n")
}

function gauge(name: string, { labels, value }: Pick<Series, "labels" | "value">): string {
  const shown = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`)
  return `${name}${shown.length === 0 ? "" : `{${shown.join(",")}}`} ${value}`
}

function histogram(name: string, { labels, value, count, buckets }: Series): readonly string[] {
  let under = 0
  const lines = bounds.map((bound, index) => {
    under += buckets[index] ?? 0
    return gauge(`${name}_bucket`, { labels: { le: String(bound), ...labels }, value: under })
  })
  return [
    ...lines,
    gauge(`${name}_bucket`, { labels: { le: "+Inf", ...labels }, value: count }),
    gauge(`${name}_sum`, { labels, value }),
    gauge(`${name}_count`, { labels, value: count }),
  ]
}

function escaped(text: string): string {
  return text.replace(/[\\"\n]/g, (character) => (character === "\n" ? "\\n" : `\\${character}`))
}

function seriesOf({ declaration, series }: Registered, labels: Labels): Series {
  const id = idOf(declaration.labels, labels)
  const known = series.get(id)
  if (known) return known
  const given = Object.keys(labels)
  if (given.length !== declaration.labels.length || !declaration.labels.every((label) => given.includes(label))) {
    throw new Bug(`${declaration.name} has the labels ${declaration.labels.join(", ")}, not ${given.join(", ")}`)
  }
  const fresh: Series = { labels: { ...labels }, value: 0, count: 0, buckets: [] }
  series.set(id, fresh)
  return fresh
}

function idOf(names: readonly string[], labels: Labels): string {
  const [only, ...more] = names
  if (only !== undefined && more.length === 0) return labels[only] ?? ""
  return names.map((name) => labels[name]).join("\u0000")
}
