import { type Clock, Heap, type Ms, ms, onAbort, type Random } from "../../base/mod.ts"
import type { ObjectKey } from "../../kube/mod.ts"
import type { Reason } from "../controller/reconciler.ts"
import { DelayQueue } from "./delay-queue.ts"
import { RateLimiter } from "./rate-limiter.ts"

/** How a queue orders its keys. */
export interface WorkqueueOptions {
  /** A key that waited this long goes before everything that came after it. Default 10 s. */
  readonly ageMax?: Ms
}

/** What a worker gets: the key and the most urgent reason it was added for. */
export interface WorkItem {
  readonly key: ObjectKey
  readonly reason: Reason
}

/** Where a key stands: with a worker, waiting for one, due later, or unknown to the queue. */
export type Place =
  | { readonly kind: "processing" }
  | { readonly kind: "queued"; readonly reason: Reason; readonly sinceMs: number }
  | { readonly kind: "delayed"; readonly reason: Reason; readonly atMs: number }
  | { readonly kind: "rest" }

interface Queued extends WorkItem {
  readonly atMs: number
  readonly sequence: number
}

interface Waiter {
  readonly resolve: (item: WorkItem | undefined) => void
}

/** Smaller is more urgent. Of two equally urgent reasons the newer one counts. */
const urgency: Readonly<Record<Reason, number>> = {
  deletion: 0,
  user: 1,
  child: 2,
  watch: 2,
  dependency: 2,
  retry: 3,
  requeue: 3,
  resync: 3,
  initial: 3,
}

/**
 * The keys one controller has to work on.
 *
 * Guarantees: a key waits at most once and is never handed to two workers at once; a key added while it is worked on is
 * queued again at `done`; urgent reasons go first, but what waited for `ageMax` goes before all that came later; the
 * earliest delay wins. Its size is bounded by the number of distinct keys.
 * The owner must run `run`, or nothing delayed ever comes.
 */
export class Workqueue {
  readonly #clock: Clock
  readonly #ageMaxMs: number
  readonly #queued = new Map<ObjectKey, Queued>()
  /** By level. May hold items that were taken, or moved to a more urgent level; `#queued` decides. */
  readonly #levels: readonly Heap<Queued>[] = [0, 1, 2].map(() => new Heap<Queued>((a, b) => a.sequence < b.sequence))
  /** Keys in work, with the reason they have to come again. */
  readonly #processing = new Map<ObjectKey, Reason | undefined>()
  readonly #delayed: DelayQueue<ObjectKey>
  readonly #delayedReasons = new Map<ObjectKey, Reason>()
  readonly #limiter: RateLimiter<ObjectKey>
  readonly #waiters = new Set<Waiter>()
  #added = 0
  #closed = false

  constructor(deps: { clock: Clock; random: Random }, options: WorkqueueOptions = {}) {
    this.#clock = deps.clock
    this.#ageMaxMs = options.ageMax ?? ms("10s")
    this.#delayed = new DelayQueue(deps)
    this.#limiter = new RateLimiter(deps)
  }

  /** Keys that wait for a worker. */
  get depth(): number {
    return this.#queued.size
  }

  /** Keys in work. */
  get processing(): number {
    return this.#processing.size
  }

  /** Keys that come later. */
  get delayed(): number {
    return this.#delayed.size
  }

  /** Where `key` stands now. */
  placeOf(key: ObjectKey): Place {
    if (this.#processing.has(key)) return { kind: "processing" }
    const queued = this.#queued.get(key)
    const nowMs = this.#clock.nowMs()
    if (queued) {
      return { kind: "queued", reason: queued.reason, sinceMs: nowMs - (this.#clock.steadyMs() - queued.atMs) }
    }
    const leftMs = this.#delayed.dueIn(key)
    if (leftMs === undefined) return { kind: "rest" }
    return { kind: "delayed", reason: this.#delayedReasons.get(key) ?? "requeue", atMs: nowMs + leftMs }
  }

  /** Queues `key` now. Ignored after `close`. */
  add(key: ObjectKey, reason: Reason): void {
    if (this.#closed) return
    if (this.#processing.has(key)) {
      this.#processing.set(key, moreUrgent(this.#processing.get(key), reason))
      return
    }
    this.#put(key, reason)
  }

  /** Queues `key` once `afterMs` has passed; an earlier pending time for the same key wins. Ignored after `close`. */
  addAfter(key: ObjectKey, afterMs: Ms, reason: Reason): void {
    if (this.#closed) return
    if (afterMs <= 0) {
      this.add(key, reason)
      return
    }
    this.#delayedReasons.set(key, moreUrgent(this.#delayedReasons.get(key), reason))
    this.#delayed.add(key, afterMs)
  }

  /** Queues `key` after its backoff (5 ms to 5 min, doubling), but not before `atLeastMs`. Returns the delay. */
  addRateLimited(key: ObjectKey, options: { readonly atLeastMs?: Ms | undefined } = {}): Ms {
    const afterMs = ms(Math.max(this.#limiter.next(key), options.atLeastMs ?? 0))
    this.addAfter(key, afterMs, "retry")
    return afterMs
  }

  /** Takes back what was planned for later: a pass that begins now sees all that was waited for, and plans anew. */
  unplan(key: ObjectKey): void {
    this.#delayed.remove(key)
    this.#delayedReasons.delete(key)
  }

  /** Resets the backoff of `key`. */
  forget(key: ObjectKey): void {
    this.#limiter.forget(key)
  }

  /** How often `key` was rate limited since it was forgotten. */
  failures(key: ObjectKey): number {
    return this.#limiter.failures(key)
  }

  /** The next key to work on, undefined once the queue is closed and drained. Rejects when `signal` aborts. */
  take(signal: AbortSignal): Promise<WorkItem | undefined> {
    if (signal.aborted) return Promise.reject(signal.reason)
    const item = this.#next()
    if (item !== undefined || this.#closed) return Promise.resolve(item)
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        resolve: (next) => {
          this.#waiters.delete(waiter)
          link[Symbol.dispose]()
          resolve(next)
        },
      }
      this.#waiters.add(waiter)
      const link = onAbort(signal, (reason) => {
        this.#waiters.delete(waiter)
        reject(reason)
      })
    })
  }

  /** Ends the work on `key`; if it was added meanwhile, it is queued again. */
  done(key: ObjectKey): void {
    const again = this.#processing.get(key)
    this.#processing.delete(key)
    if (again !== undefined) this.#put(key, again)
  }

  /** Takes nothing new. What is queued is still handed out; what is delayed is dropped. */
  close(): void {
    this.#closed = true
    for (const key of this.#delayedReasons.keys()) this.#delayed.remove(key)
    this.#delayedReasons.clear()
    for (const waiter of [...this.#waiters]) waiter.resolve(undefined)
  }

  /** The delay loop: moves keys that are due into the queue until `signal` aborts. One loop per queue. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#delayed.run(signal, (key) => {
      const reason = this.#delayedReasons.get(key) ?? "requeue"
      this.#delayedReasons.delete(key)
      this.add(key, reason)
    })
  }

  #put(key: ObjectKey, reason: Reason): void {
    const queued = this.#queued.get(key)
    const item: Queued = {
      key,
      reason: moreUrgent(queued?.reason, reason),
      atMs: queued?.atMs ?? this.#clock.steadyMs(),
      sequence: queued?.sequence ?? this.#added++,
    }
    if (queued !== undefined && levelOf(queued.reason) === levelOf(item.reason)) {
      this.#queued.set(key, { ...queued, reason: item.reason }) // its place in the level is kept
      return
    }
    this.#queued.set(key, item)
    this.#levels[levelOf(item.reason)]?.push(item)
    this.#serve()
  }

  #serve(): void {
    const [waiter] = this.#waiters
    if (waiter === undefined) return
    const item = this.#next()
    if (item !== undefined) waiter.resolve(item)
  }

  /** Takes the most urgent key; a key that waited for `ageMax` counts as most urgent. */
  #next(): WorkItem | undefined {
    const agedBeforeMs = this.#clock.steadyMs() - this.#ageMaxMs
    let best: { readonly level: number; readonly item: Queued } | undefined
    for (const [at, heap] of this.#levels.entries()) {
      const item = this.#head(heap)
      if (item === undefined) continue
      const level = item.atMs <= agedBeforeMs ? 0 : at
      if (best === undefined || level < best.level || (level === best.level && item.sequence < best.item.sequence)) {
        best = { level, item }
      }
    }
    if (best === undefined) return undefined
    const { key, reason } = best.item
    this.#queued.delete(key) // its entry in the heap is dropped by `#head`
    this.#processing.set(key, undefined)
    return { key, reason }
  }

  /** The first item of a level that is still queued, with its newest reason. If a more urgent level has it too, that one decides. */
  #head(heap: Heap<Queued>): Queued | undefined {
    for (let top = heap.peek(); top !== undefined; top = heap.peek()) {
      const queued = this.#queued.get(top.key)
      if (queued?.sequence === top.sequence) return queued
      heap.pop()
    }
    return undefined
  }
}

function levelOf(reason: Reason): number {
  return Math.max(0, urgency[reason] - 1)
}

function moreUrgent(old: Reason | undefined, added: Reason): Reason {
  return old === undefined || urgency[added] <= urgency[old] ? added : old
}
