import {
  type Clock,
  isOrkError,
  type Logger,
  Lru,
  type Metrics,
  type Ms,
  messageOf,
  ms,
  OrkError,
  type Random,
  Ring,
  Stopped,
  withDeadline,
} from "../../base/mod.ts"
import type { Client } from "../client/api.ts"
import { DelayQueue } from "../queue/delay-queue.ts"
import {
  eventName,
  eventObject,
  eventResource,
  newSeries,
  type RecordedEvent,
  type Series,
  seriesPatch,
} from "./event-object.ts"

/** One line of the recorder's own history. Times are milliseconds since the epoch. */
export interface EventEntry {
  readonly uid: string
  readonly type: "Normal" | "Warning"
  readonly reason: string
  readonly action: string
  readonly message: string
  readonly firstAtMs: number
  readonly atMs: number
  readonly count: number
}

/** In whose name a recorder speaks, and how fast. */
export interface EventRecorderOptions {
  /** `reportingController`. */
  readonly component: string
  /** `reportingInstance`. */
  readonly instance: string
  /** Default 50. */
  readonly perSecondMax?: number
}

const historyMax = 2_000
const recentMax = 100
const seriesMax = 4_000
/** Series that wait to be sent; what comes above it stays in the history only. */
const pendingMax = 2_000
const seriesIdleMs = ms("10m")
const heartbeatMs = ms("1m")
const retryMs = ms("5s")
const triesMax = 3
/** Requests that leave together, and are paused for together. */
const togetherMax = 10
/** How long a namespace that refused an event is left alone. */
const refusedMs = ms("5m")
const requestMs = ms("10s")
/** The server is left to the work while something was recorded so short a time ago. */
const quietMs = 250
/** But what is recorded waits no longer than this, or until so much waits. */
const patienceMs = 10_000
const patienceMax = 750

/**
 * Events behind the work: while much goes on they wait for it, ten seconds at most, unless a Warning is among them.
 *
 * Guarantees: `record` never blocks and never throws; a repetition within 10 minutes becomes a series, written at most
 * once a minute; at most `perSecondMax` requests a second; every buffer is bounded.
 * Not promised: that an event reaches the server. What does not is counted and stays in the history.
 */
export class EventRecorder {
  readonly #client: Client
  readonly #clock: Clock
  readonly #random: Random
  readonly #log: Logger
  readonly #metrics: Metrics
  readonly #options: EventRecorderOptions
  readonly #paceMs: Ms
  readonly #history = new Ring<Series>(historyMax)
  readonly #series = new Lru<string, Series>(seriesMax)
  readonly #due: DelayQueue<Series>
  readonly #refused = new Lru<string, number>(1_000)
  #recordedAtMs = Number.NEGATIVE_INFINITY
  /** Since when something waits to be sent, and whether a Warning is among it. */
  #waitsSinceMs: number | undefined
  #isUrgent = false

  constructor(
    deps: { client: Client; clock: Clock; random: Random; log: Logger; metrics: Metrics },
    options: EventRecorderOptions,
  ) {
    this.#client = deps.client
    this.#clock = deps.clock
    this.#random = deps.random
    this.#log = deps.log
    this.#metrics = deps.metrics
    this.#options = options
    this.#paceMs = ms(Math.ceil(1_000 / (options.perSecondMax ?? 50)))
    this.#due = new DelayQueue(deps)
  }

  /** Notes an event; it is sent later. */
  record(event: RecordedEvent): void {
    const nowMs = this.#clock.nowMs()
    const { uid = "", namespace, name } = event.regarding.metadata
    const id = JSON.stringify([uid, namespace, name, event.type, event.reason, event.action, event.message])
    const known = this.#series.get(id)
    if (known !== undefined && nowMs - known.lastAtMs < seriesIdleMs) {
      known.count++
      known.lastAtMs = nowMs
      this.#schedule(known, heartbeatMs)
      return
    }
    const series = newSeries(event, nowMs)
    this.#series.set(id, series)
    this.#history.push(series)
    this.#recordedAtMs = this.#clock.steadyMs()
    this.#waitsSinceMs ??= this.#recordedAtMs
    if (event.type === "Warning") this.#isUrgent = true
    this.#schedule(series, ms(0))
  }

  /** Sends what is recorded until `signal` aborts. One loop per recorder. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const restMs = this.#restMs()
      const together = restMs > 0 ? [] : this.#takeDue()
      if (together.length > 0) await Promise.all(together.map((series) => this.#send(series, signal)))
      else if (restMs === 0) {
        this.#waitsSinceMs = undefined
        this.#isUrgent = false
        await this.#due.waitForDue(signal)
        continue
      }
      const pauseMs = ms(together.length > 0 ? this.#paceMs * together.length : restMs)
      await this.#clock.sleep(pauseMs, signal).catch(() => undefined) // only the abort rejects it
    }
  }

  /** Some at once: a process that wakes for each of a thousand events is busy with waking. */
  #takeDue(): readonly Series[] {
    const due: Series[] = []
    while (due.length < togetherMax) {
      const series = this.#due.takeDue()
      if (series === undefined) break
      due.push(series)
    }
    return due
  }

  /** How long the server is left to the work that goes on. */
  #restMs(): number {
    if (this.#waitsSinceMs === undefined || this.#isUrgent || this.#due.size >= patienceMax) return 0
    const untilMs = Math.min(this.#recordedAtMs + quietMs, this.#waitsSinceMs + patienceMs)
    return Math.max(0, untilMs - this.#clock.steadyMs())
  }

  /** Sends all that waits, counts of series too; gives up after `limit`. For the end of a process. */
  async flush(limit: Ms): Promise<void> {
    const late = () => new Stopped("events not flushed in time")
    await withDeadline(this.#clock, { limit, signal: undefined, timeoutError: late }, async (signal) => {
      while (!signal.aborted) {
        const series = this.#due.takeDue(Number.POSITIVE_INFINITY)
        if (series === undefined) return
        await this.#send(series, signal)
        if (this.#due.size > 0) await this.#clock.sleep(this.#paceMs, signal).catch(() => undefined)
      }
    })
  }

  /** What was recorded about the object with `uid`, newest first, at most 100. */
  recent(uid: string): readonly EventEntry[] {
    return this.#history
      .toArray()
      .filter((series) => series.regarding.uid === uid)
      .reverse()
      .sort((a, b) => b.lastAtMs - a.lastAtMs)
      .slice(0, recentMax)
      .map(({ type, reason, action, message, firstAtMs, lastAtMs, count }) => {
        return { uid, type, reason, action, message, firstAtMs, atMs: lastAtMs, count }
      })
  }

  #schedule(series: Series, afterMs: Ms): void {
    if (this.#due.size >= pendingMax) this.#count("dropped")
    else this.#due.add(series, afterMs)
  }

  async #send(series: Series, signal: AbortSignal): Promise<void> {
    const namespace = series.regarding.namespace ?? "default"
    if (this.#isRefused(namespace)) {
      this.#count("dropped")
      return
    }
    const late = () => new OrkError("net/timeout", "Event: no answer in time")
    try {
      await withDeadline(this.#clock, { limit: requestMs, signal, timeoutError: late }, (deadline) =>
        this.#write(series, namespace, deadline),
      )
      series.tries = 0
      this.#count("sent")
    } catch (error) {
      if (signal.aborted) this.#due.add(series, ms(0))
      else this.#failed(series, namespace, error)
    }
  }

  async #write(series: Series, namespace: string, signal: AbortSignal): Promise<void> {
    if (series.name !== undefined && series.count > 1) {
      try {
        const { key, body } = seriesPatch(series, namespace)
        await this.#client.patch(eventResource, key, { type: "merge", body }, { signal })
        return
      } catch (error) {
        if (!isOrkError(error, "api/not-found")) throw error // the server forgets events after an hour
      }
    }
    const name = eventName(series.regarding.name, this.#random)
    await this.#client.create(eventResource, eventObject(series, { ...this.#options, name, namespace }), { signal })
    series.name = name
  }

  #failed(series: Series, namespace: string, error: unknown): void {
    const code = isOrkError(error) ? error.code : undefined
    this.#log.debug("event not sent", { code, error: messageOf(error) })
    if (code === "api/forbidden") {
      if (!this.#isRefused(namespace))
        this.#log.warn("events are refused, trying again later", { namespace, error: messageOf(error) })
      this.#refused.set(namespace, this.#clock.steadyMs() + refusedMs)
    }
    series.tries++
    if (isOrkError(error) && error.retryable && series.tries < triesMax) {
      this.#due.add(series, ms(Math.max(retryMs, error.retryAfterMs ?? 0)))
      return
    }
    series.tries = 0
    this.#count("dropped")
  }

  #isRefused(namespace: string): boolean {
    return (this.#refused.get(namespace) ?? 0) > this.#clock.steadyMs()
  }

  #count(result: "sent" | "dropped"): void {
    this.#metrics.count("ork_events_total", { result })
  }
}
