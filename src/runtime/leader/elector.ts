import {
  assert,
  type Clock,
  isOrkError,
  type Logger,
  type Metrics,
  type Ms,
  messageOf,
  ms,
  noMetrics,
  OrkError,
  onAbort,
  type Random,
  Stopped,
  withDeadline,
} from "../../base/mod.ts"
import type { Client } from "../client/api.ts"
import { Alarm } from "../queue/alarm.ts"
import { type HeldLease, LeaseLock } from "./lease-lock.ts"
import { LeadershipLost } from "./lost.ts"

/** Which Lease, in whose name, and the three times of the election. */
export interface LeaderElectorOptions {
  readonly namespace: string
  readonly name: string
  /** Unique per process. */
  readonly identity: string
  /** On a Lease that is made. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** How long others wait after they saw a renewal. Default 15 s. */
  readonly leaseMs?: Ms
  /** How long we lead after we asked for the last renewal that worked. Default 10 s; shorter than `leaseMs`. */
  readonly renewDeadlineMs?: Ms
  /** Between two tries. Default 2 s. */
  readonly retryMs?: Ms
}

/**
 * At most one of several processes leads at a time, by a Lease.
 *
 * Guarantees: only local time is trusted, measured by sleeping, so that a wall clock that jumps makes no second leader. A
 * foreign lease is taken only after it was seen unchanged for its whole duration. We stop believing at `renewDeadlineMs` after the last renewal was *asked for*, so before anybody
 * else may begin. Source: client-go's leader election.
 * Not promised: fencing. A write that the server has already taken in cannot be called back.
 */
export class LeaderElector {
  readonly #clock: Clock
  readonly #random: Random
  readonly #log: Logger
  readonly #metrics: Metrics
  readonly #lock: LeaseLock
  readonly #options: Required<Omit<LeaderElectorOptions, "labels">>
  /** The Lease as last seen, and for how long we slept without seeing it change. */
  #seen: HeldLease | undefined
  #unchangedMs = 0
  /** When the last write that worked was asked for. */
  #renewedAtMs = 0
  /** Rings at every renewal, so that the deadline is slept from then on. */
  readonly #renewed: Alarm
  #leading = false
  /** The error last warned about. */
  #complaint: string | undefined

  constructor(
    deps: { client: Client; clock: Clock; random: Random; log: Logger; metrics?: Metrics },
    options: LeaderElectorOptions,
  ) {
    this.#clock = deps.clock
    this.#random = deps.random
    this.#log = deps.log.with({ lease: `${options.namespace}/${options.name}` })
    this.#metrics = deps.metrics ?? noMetrics
    this.#lock = new LeaseLock(deps, options)
    this.#renewed = new Alarm(deps)
    this.#options = { leaseMs: ms("15s"), renewDeadlineMs: ms("10s"), retryMs: ms("2s"), ...options }
    assert(this.#options.leaseMs > this.#options.renewDeadlineMs, "a lease must outlive the renew deadline")
    assert(this.#options.renewDeadlineMs > this.#options.retryMs, "the renew deadline must allow a second try")
  }

  /** True while we lead by our own clock, even if no timer has noticed yet that the time is over. */
  get isLeader(): boolean {
    return this.#leading && this.#clock.nowMs() < this.#renewedAtMs + this.#options.renewDeadlineMs
  }

  /** Who holds the Lease, as last seen. */
  get holder(): string | undefined {
    return this.#seen?.record.holder || undefined
  }

  /**
   * Waits for the lease, runs `lead`, and waits again when the lease was lost; returns when `signal` aborts or `lead`
   * returns, after the lease was released.
   *
   * `leading` aborts on a stop (with its reason) and on loss (with `LeadershipLost`). `lost` aborts on loss only, also
   * while `lead` still drains after a stop: it is for the requests in flight.
   */
  async run(signal: AbortSignal, lead: (leading: AbortSignal, lost: AbortSignal) => Promise<void>): Promise<void> {
    while (!signal.aborted) {
      if (!(await this.#acquire(signal))) return
      const kept = await this.#reign(signal, lead)
      if (kept) return await this.#release()
    }
  }

  /** True when the lease is ours, false when `signal` aborted first. */
  async #acquire(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      if (await this.#try(signal)) return true
      await this.#pause(signal)
    }
    return false
  }

  /** Runs `lead` while the lease is kept; false when it was lost. Renewals go on until `lead` has ended. */
  async #reign(
    signal: AbortSignal,
    lead: (leading: AbortSignal, lost: AbortSignal) => Promise<void>,
  ): Promise<boolean> {
    const leading = new AbortController()
    const lost = new AbortController()
    const ended = new AbortController()
    using _stop = onAbort(signal, (reason) => leading.abort(reason))
    using _lost = onAbort(lost.signal, (reason) => {
      this.#setLeading(false)
      this.#log.warn("leadership lost", { reason: messageOf(reason) })
      leading.abort(reason)
    })
    this.#setLeading(true)
    this.#log.info("leading", { identity: this.#options.identity })
    const loops = [this.#renew(lost, ended.signal), this.#watchDeadline(lost, ended.signal)]
    try {
      await lead(leading.signal, lost.signal)
    } catch (error) {
      if (!leading.signal.aborted) {
        ended.abort()
        await Promise.all(loops)
        await this.#release()
        throw error
      }
    }
    ended.abort()
    await Promise.all(loops)
    return !lost.signal.aborted
  }

  async #renew(lost: AbortController, ended: AbortSignal): Promise<void> {
    const over = AbortSignal.any([lost.signal, ended])
    for (;;) {
      await this.#clock.sleep(this.#options.retryMs, over).catch(() => undefined) // only `over` rejects it
      if (over.aborted) return
      await this.#try(over)
      const holder = this.holder
      if (!over.aborted && holder !== this.#options.identity) {
        lost.abort(new LeadershipLost(`the lease is held by ${holder ?? "nobody"}`))
      }
    }
  }

  /** Needs no answer of anybody, so a request that hangs cannot keep us in office; nor can a wall clock that is set back. */
  async #watchDeadline(lost: AbortController, ended: AbortSignal): Promise<void> {
    const over = AbortSignal.any([lost.signal, ended])
    const { renewDeadlineMs } = this.#options
    while (!over.aborted) {
      const leftMs = Math.min(renewDeadlineMs, this.#renewedAtMs + renewDeadlineMs - this.#clock.nowMs())
      const renewed = await this.#renewed.wait(ms(Math.max(0, leftMs)), over)
      if (!renewed && !over.aborted) lost.abort(new LeadershipLost("the lease could not be renewed in time"))
    }
  }

  /** One try to take or renew the lease, with a deadline of its own. True when the lease is ours afterwards. */
  async #try(signal: AbortSignal): Promise<boolean> {
    const limit = ms(this.#options.renewDeadlineMs / 2)
    const late = () => new OrkError("net/timeout", `Lease: no answer within ${limit} ms`)
    try {
      return await withDeadline(this.#clock, { limit, signal, timeoutError: late }, (deadline) =>
        this.#takeOrRenew(deadline),
      )
    } catch (error) {
      if (!signal.aborted) this.#refused(error)
      return false
    }
  }

  async #takeOrRenew(signal: AbortSignal): Promise<boolean> {
    const renewed = this.#leading && (await this.#renewUnread(signal))
    if (renewed) return true
    this.#see(await this.#lock.read({ signal }))
    if (this.#isForeign()) return false
    await this.#write(signal)
    return true
  }

  /** While we lead, our own last write is usually the newest state. False when it is not: then it must be read. */
  async #renewUnread(signal: AbortSignal): Promise<boolean> {
    if (this.holder !== this.#options.identity) return false
    try {
      await this.#write(signal)
      return true
    } catch (error) {
      if (isOrkError(error, "api/conflict", "api/not-found")) return false
      throw error
    }
  }

  async #write(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const nowMs = this.#clock.nowMs()
    const before = this.#seen?.record
    const stays = before?.holder === this.#options.identity
    const record = {
      holder: this.#options.identity,
      durationMs: this.#options.leaseMs,
      renewedAtMs: nowMs,
      acquiredAtMs: stays ? before.acquiredAtMs : nowMs,
      transitions: before === undefined ? 0 : before.transitions + (stays ? 0 : 1),
    }
    this.#see(await this.#lock.write(record, this.#seen, { signal }))
    this.#renewedAtMs = nowMs
    this.#renewed.ring()
    this.#complaint = undefined
  }

  /** Held by somebody else, and not yet seen unchanged for its whole duration. */
  #isForeign(): boolean {
    const record = this.#seen?.record
    if (record === undefined || record.holder === "" || record.holder === this.#options.identity) return false
    return this.#unchangedMs < record.durationMs
  }

  #see(lease: HeldLease | undefined): void {
    const changed = lease?.object.metadata.resourceVersion !== this.#seen?.object.metadata.resourceVersion
    if (lease?.record.holder !== this.#seen?.record.holder) {
      this.#log.info("lease holder changed", { holder: lease?.record.holder })
    }
    this.#seen = lease
    if (changed) this.#unchangedMs = 0
  }

  /** Says what is wrong once; the tries go on. */
  #refused(error: unknown): void {
    const complaint = isOrkError(error) ? error.code : messageOf(error)
    const level = complaint === this.#complaint || complaint === "api/conflict" ? "debug" : "warn"
    this.#complaint = complaint
    this.#log[level]("lease not written, trying again", { code: complaint, error: messageOf(error) })
  }

  async #pause(signal: AbortSignal): Promise<void> {
    const jittered = Math.round(this.#options.retryMs * (1 + 1.2 * this.#random.next()))
    // Not longer than the lease can still live: whoever waits should notice its end when it comes.
    const leftMs = (this.#seen?.record.durationMs ?? 0) - this.#unchangedMs
    const pauseMs = ms(leftMs > 0 ? Math.min(jittered, leftMs) : jittered)
    await this.#clock.sleep(pauseMs, signal).catch(() => undefined) // only `signal` rejects it
    this.#unchangedMs += pauseMs
  }

  /** Lets the next one begin at once. Best effort: an error means that they wait for the lease to run out. */
  async #release(): Promise<void> {
    this.#setLeading(false)
    const before = this.#seen
    if (before === undefined) return
    const nowMs = this.#clock.nowMs()
    const record = { ...before.record, holder: "", durationMs: 1_000, renewedAtMs: nowMs, acquiredAtMs: nowMs }
    const timeoutError = () => new Stopped("the lease was not released in time")
    const options = { limit: this.#options.retryMs, signal: undefined, timeoutError }
    try {
      const write = (signal: AbortSignal) => this.#lock.write(record, before, { signal })
      this.#see(await withDeadline(this.#clock, options, write))
      this.#log.info("lease released")
    } catch (error) {
      this.#log.warn("lease not released", { error: messageOf(error) })
    }
  }

  #setLeading(leading: boolean): void {
    this.#leading = leading
    this.#metrics.gauge("ork_leader", { lease: this.#options.name }, leading ? 1 : 0)
  }
}
