import {
  type Clock,
  isOrkError,
  type Logger,
  Lru,
  type Metrics,
  type Ms,
  messageOf,
  ms,
  type OrkError,
  onAbort,
  Stopped,
} from "../../base/mod.ts"
import type { ObjectKey } from "../../kube/mod.ts"
import { LeadershipLost } from "../leader/lost.ts"
import type { WorkItem, Workqueue } from "../queue/workqueue.ts"
import type { Outcome, Reason, Reconciler } from "./reconciler.ts"

/** What became of one pass, in one word: the label of `ork_reconcile_outcome_total`. */
export type PassOutcome = "success" | "requeue" | "waiting" | "gated" | "stalled" | "error" | "terminal" | "panic"

/** One finished pass. */
export interface PassReport {
  readonly key: ObjectKey
  readonly reason: Reason
  readonly outcome: PassOutcome
  readonly durationMs: number
  /** What was thrown: set for `error`, `terminal` and `panic`. */
  readonly error?: unknown
  /** Why it is not simply done; "" when it is. */
  readonly why: string
}

/** How a controller works. */
export interface ControllerOptions {
  readonly name: string
  /** The label `crd` of the metrics. */
  readonly gvk: string
  readonly workers: number
  /** How long running passes may go on after a stop. Default 20 s. */
  readonly drainMs?: Ms
  /** Aborts running passes at once, also while they drain: the right to write is lost. */
  readonly lost?: AbortSignal | undefined
  readonly onPass?: (report: PassReport) => void
  /** What to wait for before the next key, so that passes without an answer to wait for let others go on; none. */
  readonly turn?: () => Promise<void> | undefined
}

/** The published counter knows two results; an outcome that is no error is a success. */
const resultOf: Readonly<Record<PassOutcome, "success" | "error">> = {
  success: "success",
  requeue: "success",
  waiting: "success",
  gated: "success",
  stalled: "success",
  error: "error",
  terminal: "error",
  panic: "error",
}

type Verdict = Pick<PassReport, "outcome" | "why" | "error">

/**
 * N workers between a queue and a reconciler.
 *
 * Guarantees: the outcome table of the architecture, exactly; whatever a reconciler throws ends here; a stop takes no
 * new key, lets running passes finish within `drainMs`, then aborts them. `LeadershipLost` as the reason aborts at once.
 * Not promised: the delay loop of the queue; its owner runs that.
 */
export class Controller {
  readonly #queue: Workqueue
  readonly #reconciler: Reconciler
  readonly #clock: Clock
  readonly #log: Logger
  readonly #metrics: Metrics
  readonly #options: ControllerOptions
  readonly #states: ("idle" | "processing" | "stopped")[]
  /** What was last said at `info` or `warn` about a key, so that it is said on change only. */
  readonly #said = new Lru<ObjectKey, string>(10_000)
  /** Starts the worker of an index; while it runs only. */
  #start: ((index: number) => void) | undefined
  /** Ends a worker that waits for a key. */
  readonly #idle: (AbortController | undefined)[] = []
  #wanted: number
  #passes = 0

  constructor(
    deps: { queue: Workqueue; reconciler: Reconciler; clock: Clock; log: Logger; metrics: Metrics },
    options: ControllerOptions,
  ) {
    this.#queue = deps.queue
    this.#reconciler = deps.reconciler
    this.#clock = deps.clock
    this.#log = deps.log.with({ operator: options.name })
    this.#metrics = deps.metrics
    this.#options = options
    this.#wanted = options.workers
    this.#states = Array.from({ length: options.workers }, () => "stopped")
  }

  /** Makes `workers` what works, from now on: more begin at once, of too many the last ones end after their pass. */
  resize(workers: number): void {
    this.#wanted = workers
    for (const idle of this.#idle.slice(workers)) idle?.abort(new Stopped("fewer workers are wanted"))
    for (let index = 0; index < workers; index++) if (!this.#idle[index]) this.#start?.(index)
  }

  /** What each worker does now. */
  get workerStates(): readonly ("idle" | "processing" | "stopped")[] {
    return [...this.#states]
  }

  /** Works until `signal` aborts or the queue is closed and drained; returns when no pass runs any more. */
  async run(signal: AbortSignal): Promise<void> {
    const passes = new AbortController()
    const timer = new AbortController()
    let draining: Promise<void> | undefined
    using _lost = onAbort(this.#options.lost, (reason) => passes.abort(reason))
    using _link = onAbort(signal, (reason) => {
      const drainMs = reason instanceof LeadershipLost ? ms(0) : (this.#options.drainMs ?? ms("20s"))
      if (drainMs <= 0) passes.abort(reason)
      else {
        draining = this.#clock.sleep(drainMs, timer.signal).then(
          () => passes.abort(new Stopped("drain deadline")),
          () => undefined, // all passes ended in time
        )
      }
    })
    const working = new Set<Promise<void>>()
    this.#start = (index) => {
      const work = this.#work(index, signal, passes.signal).finally(() => working.delete(work))
      working.add(work)
    }
    for (let index = 0; index < this.#wanted; index++) this.#start(index)
    while (working.size > 0) await Promise.all(working)
    this.#start = undefined
    timer.abort()
    await draining
  }

  async #work(index: number, taking: AbortSignal, passes: AbortSignal): Promise<void> {
    const idle = new AbortController()
    using _link = onAbort(taking, (reason) => idle.abort(reason))
    this.#idle[index] = idle
    this.#states[index] = "idle"
    for (;;) {
      await this.#options.turn?.()
      const item = idle.signal.aborted ? undefined : await this.#take(idle.signal)
      if (item === undefined) break
      this.#states[index] = "processing"
      this.#gauges()
      await this.#pass(item, passes)
      this.#queue.done(item.key)
      this.#states[index] = "idle"
      this.#gauges()
    }
    this.#idle[index] = undefined
    this.#states[index] = "stopped"
    // Wanted again while it ended: nobody else would begin it.
    if (index < this.#wanted && idle.signal.aborted && !taking.aborted) this.#start?.(index)
    if (this.#wanted < this.#states.length)
      this.#states.length = Math.max(this.#wanted, this.#idle.findLastIndex(Boolean) + 1)
  }

  async #take(signal: AbortSignal): Promise<WorkItem | undefined> {
    try {
      return await this.#queue.take(signal)
    } catch {
      return undefined // it rejects only when `signal` aborts
    }
  }

  async #pass({ key, reason }: WorkItem, signal: AbortSignal): Promise<void> {
    const log = this.#log.with({ key, reason, reconcileId: `${this.#options.name}-${++this.#passes}` })
    const startedMs = this.#clock.steadyMs()
    this.#queue.unplan(key)
    const verdict = await this.#try({ key, reason }, signal, log)
    if (verdict === undefined) return
    const durationMs = this.#clock.steadyMs() - startedMs
    const crd = this.#options.gvk
    this.#metrics.count("controller_reconcile_total", { crd, result: resultOf[verdict.outcome] })
    this.#metrics.count("ork_reconcile_outcome_total", { crd, outcome: verdict.outcome })
    this.#metrics.observe("controller_reconcile_duration_seconds", { crd }, durationMs / 1_000)
    try {
      this.#options.onPass?.({ key, reason, durationMs, ...verdict })
    } catch (error) {
      log.error("pass listener failed", { error })
    }
  }

  /** Undefined when the pass was cut short by a stop: that is neither a success nor a failure. */
  async #try({ key, reason }: WorkItem, signal: AbortSignal, log: Logger): Promise<Verdict | undefined> {
    try {
      return this.#settle(key, await this.#reconciler.reconcile(key, { signal, reason, log }), log)
    } catch (error) {
      if (signal.aborted) {
        this.#queue.add(key, reason) // unfinished: whoever works on this queue next does it again
        return undefined
      }
      if (error instanceof LeadershipLost) {
        this.#queue.addRateLimited(key) // the stop is on its way; until it is here, nothing may spin
        return undefined
      }
      return isOrkError(error) ? this.#refused(key, error, log) : this.#panicked(key, error, log)
    }
  }

  #settle(key: ObjectKey, outcome: Outcome, log: Logger): Verdict {
    this.#queue.forget(key)
    switch (outcome.kind) {
      case "done":
        this.#said.delete(key)
        log.debug("reconciled")
        return { outcome: "success", why: "" }
      case "again":
        this.#said.delete(key)
        this.#queue.addAfter(key, outcome.afterMs, "requeue")
        log.debug("reconciled, planned again", { why: outcome.why, afterMs: outcome.afterMs })
        return { outcome: "requeue", why: outcome.why }
      case "waiting":
        this.#queue.addAfter(key, outcome.afterMs, "requeue")
        log[this.#isNews(key, `waiting ${outcome.on}`) ? "info" : "debug"]("waiting", { on: outcome.on })
        return { outcome: "waiting", why: outcome.on }
      case "gated":
        log.debug("held by its gate", { why: outcome.why })
        return { outcome: "gated", why: outcome.why }
      case "stalled":
        log[this.#isNews(key, `stalled ${outcome.why}`) ? "warn" : "debug"]("stalled", { why: outcome.why })
        return { outcome: "stalled", why: outcome.why }
    }
  }

  #refused(key: ObjectKey, error: OrkError, log: Logger): Verdict {
    const why = error.message
    if (!error.retryable) {
      this.#queue.forget(key)
      log.error("reconcile failed for good", { code: error.code, error: why })
      return { outcome: "terminal", why, error }
    }
    const atLeastMs = error.retryAfterMs === undefined ? undefined : ms(error.retryAfterMs)
    const afterMs = this.#queue.addRateLimited(key, { atLeastMs })
    if (error.code === "api/conflict") {
      log.debug("somebody else was faster", { code: error.code, afterMs })
      return { outcome: "requeue", why }
    }
    log.warn("reconcile failed", { code: error.code, error: why, afterMs })
    return { outcome: "error", why, error }
  }

  #panicked(key: ObjectKey, error: unknown, log: Logger): Verdict {
    const afterMs = this.#queue.addRateLimited(key)
    const stack = error instanceof Error ? error.stack : undefined
    log.error("reconcile panicked: please report this", { error: messageOf(error), stack, afterMs })
    return { outcome: "panic", why: messageOf(error), error }
  }

  #isNews(key: ObjectKey, said: string): boolean {
    if (this.#said.get(key) === said) return false
    this.#said.set(key, said)
    return true
  }

  #gauges(): void {
    const crd = this.#options.gvk
    this.#metrics.gauge("controller_queue_depth", { crd }, this.#queue.depth)
    this.#metrics.gauge("controller_workers_processing", { crd }, this.#states.filter((s) => s === "processing").length)
  }
}
