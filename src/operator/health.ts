import type { ObjectKey } from "../kube/mod.ts"
import type { PassReport } from "../runtime/mod.ts"

/** The states of an operator that works. */
export type HealthState = "started" | "healthy" | "degraded" | "gated"

// One bad CR among many is its own trouble; the operator is degraded when a fair share of its CRs fails.
const degradedShare = 0.2
const durationsMax = 256

/** A stalled CR is no error of the pass, but a CR that is not as declared. */
const failedOutcomes: ReadonlySet<PassReport["outcome"]> = new Set(["error", "terminal", "panic", "stalled"])

/** What an operator knows about how it is doing: per CR and in total. Bounded by the number of its CRs. */
export class Health {
  readonly #seen = new Set<ObjectKey>()
  readonly #failing = new Map<ObjectKey, number>()
  readonly #durations: number[] = []
  readonly #threshold: number
  #nextDuration = 0
  total = 0
  failed = 0
  consecutiveFails = 0
  lastError = ""
  lastReconcileMs: number | undefined
  #succeeded = false
  readonly #gated = new Set<ObjectKey>()

  constructor(options: { failureThreshold: number }) {
    this.#threshold = options.failureThreshold
  }

  /** Takes in the result of a pass. */
  record(report: PassReport, nowMs: number): void {
    this.total++
    this.#seen.add(report.key)
    this.lastReconcileMs = nowMs
    this.#durations[this.#nextDuration++ % durationsMax] = report.durationMs
    if (report.outcome === "gated") this.#gated.add(report.key)
    else this.#gated.delete(report.key)
    if (failedOutcomes.has(report.outcome)) {
      if (report.outcome !== "stalled") this.failed++
      this.consecutiveFails++
      this.lastError = report.why
      this.#failing.set(report.key, (this.#failing.get(report.key) ?? 0) + 1)
      return
    }
    this.consecutiveFails = 0
    this.#failing.delete(report.key)
    if (report.outcome !== "gated") this.#succeeded = true
  }

  /** A CR is held before the queue: looked at, and nothing to do. */
  hold(key: ObjectKey): void {
    this.#seen.add(key)
  }

  /** A CR is gone, and its troubles with it. */
  forget(key: ObjectKey): void {
    this.#seen.delete(key)
    this.#failing.delete(key)
    this.#gated.delete(key)
  }

  /** CRs that have had a pass. */
  get seen(): number {
    return this.#seen.size
  }

  /** CRs whose last pass failed. */
  get failing(): number {
    return this.#failing.size
  }

  /** CRs that a gate held at their last pass. */
  get gated(): number {
    return this.#gated.size
  }

  /** The CR that failed most often in a row. */
  get worstOffender(): ObjectKey | undefined {
    let worst: ObjectKey | undefined
    for (const [key, count] of this.#failing) if (count > (this.#failing.get(worst ?? key) ?? 0) || !worst) worst = key
    return worst
  }

  /** The published state; `resources` is the number of CRs in the cache. */
  stateOf(resources: number): HealthState {
    const share = this.#failing.size / Math.max(1, resources)
    if (this.consecutiveFails >= this.#threshold && share >= degradedShare) return "degraded"
    // Its gate holds all that do not fail: idle, not degraded.
    if (this.gated > 0 && this.gated + this.failing >= this.seen) return "gated"
    return this.#succeeded ? "healthy" : "started"
  }

  /** The 95th percentile of the last passes' durations. */
  get durationP95Ms(): number {
    const sorted = [...this.#durations].sort((a, b) => a - b)
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.95))] ?? 0
  }
}
