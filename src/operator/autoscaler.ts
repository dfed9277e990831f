import { type Clock, type Logger, type Ms, ms, type Random } from "../base/mod.ts"
import type { OperatorPlan } from "../plan/mod.ts"

/** What the conditions of an operator's autoscale read, under `.metrics`. */
export interface OperatorMetrics {
  readonly queueDepth: number
  readonly workersBusyPercent: number
  readonly workersIdlePercent: number
  readonly reconcileDurationP95Ms: number
}

/** What the pace of an operator needs. */
export interface PaceDeps {
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly metrics: () => OperatorMetrics
  readonly resize: (workers: number) => void
}

/**
 * How fast an operator works: its workers and its resync, and both again while the conditions of its `autoscale` hold.
 * They go back to what is declared once the conditions have not held for the cooldown.
 */
export class Pace {
  readonly #deps: PaceDeps
  readonly #plan: Pick<OperatorPlan, "workers" | "resync" | "autoscale">
  #resyncMs: Ms
  #retime = new AbortController()

  constructor(deps: PaceDeps, plan: Pick<OperatorPlan, "workers" | "resync" | "autoscale">) {
    this.#deps = deps
    this.#plan = plan
    this.#resyncMs = plan.resync
  }

  /** Asks for a look at everything, again and again, until `signal` aborts. */
  async resync(signal: AbortSignal, all: () => void): Promise<void> {
    const { clock, random } = this.#deps
    for (;;) {
      // Up to a tenth earlier, so that operators that started together do not come back together.
      const pauseMs = ms(this.#resyncMs * (1 - 0.1 * random.next()))
      const retimed = this.#retime.signal
      try {
        await clock.sleep(pauseMs, AbortSignal.any([signal, retimed]))
      } catch (error) {
        if (signal.aborted || !retimed.aborted) throw error
        continue // another resync holds now
      }
      all()
    }
  }

  /** Asks the conditions until `signal` aborts; nothing to do without an autoscale. */
  async autoscale(signal: AbortSignal): Promise<void> {
    const { autoscale: plan, workers, resync } = this.#plan
    if (!plan) return
    const { clock, random, log, metrics } = this.#deps
    let activeUntilMs: number | undefined
    let said = ""
    for (;;) {
      await clock.sleep(plan.interval, signal)
      const nowMs = clock.nowMs()
      const judged = plan.gate.judge({ nowMs, random, data: { metrics: metrics() } })
      const problem = judged.ok ? "" : judged.error.map(({ where, message }) => `${where}: ${message}`).join("; ")
      if (problem !== said && problem !== "") log.warn("autoscale is left out", { error: problem })
      said = problem
      if (judged.ok && judged.value.open) {
        if (activeUntilMs === undefined) this.#set("begins", plan.workers, plan.resync ?? resync)
        activeUntilMs = nowMs + plan.cooldown
      } else if (activeUntilMs !== undefined && nowMs >= activeUntilMs) {
        activeUntilMs = undefined
        this.#set("ends", workers, resync)
      }
    }
  }

  #set(what: "begins" | "ends", workers: number, resyncMs: Ms): void {
    this.#deps.log.info(`autoscale ${what}`, { workers, ...this.#deps.metrics() })
    this.#deps.resize(workers)
    if (resyncMs === this.#resyncMs) return
    this.#resyncMs = resyncMs
    this.#retime.abort()
    this.#retime = new AbortController()
  }
}

/** What the conditions read, of an operator now. */
export function operatorMetrics(
  health: { readonly durationP95Ms: number },
  at: { readonly queueDepth: number; readonly workerStates: readonly string[] },
): OperatorMetrics {
  const busy = at.workerStates.filter((state) => state === "processing").length
  const workersBusyPercent = Math.round((100 * busy) / Math.max(1, at.workerStates.length))
  return {
    queueDepth: at.queueDepth,
    workersBusyPercent,
    workersIdlePercent: 100 - workersBusyPercent,
    reconcileDurationP95Ms: health.durationP95Ms,
  }
}
