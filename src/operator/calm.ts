import { type Clock, Lru, ms } from "../base/mod.ts"
import type { ObjectKey } from "../kube/mod.ts"
import { DelayQueue } from "../runtime/mod.ts"

/** A change so soon after a pass of its key may be one of many. */
const soonMs = 1_000
/** So many changes within a second, of whichever keys, are a burst. */
const burstMin = 16
const burstWithinMs = 1_000
/** So long a key must hold still, while there is no burst. */
const stillMs = 100
/** The same in a burst, or this many times as long as it took to come again. */
const burstStill = { leastMs: 800, times: 4 }
/** A key that never holds still is looked at after this long all the same. The more keys wait, the more waiting saves. */
const longestMs = { least: 1_000, perKey: 80, most: 8_000 }
/** A burst is over when nothing has changed for this many of its usual gaps, within these bounds. */
const pauseMs = { gaps: 40, least: 200, most: 500 }
/** Keys whose last change in a burst is remembered, to see how soon they come again. */
const editedMax = 4_096

/** Handed out by the queue when a burst may be over. */
const pause = Symbol("pause")

interface Held {
  readonly firstMs: number
  readonly lastMs: number
}

interface Edited {
  readonly atMs: number
  /** The longest that it took to come again; 0 when it has not yet. */
  readonly againMs: number
}

/**
 * Waits for custom resources that change again and again to hold still, so that many edits cost one pass.
 *
 * Two cases: a key that changes soon after its pass, and a burst, many changes of any keys in a short time. The first
 * changes after a quiet second never wait, and no key waits longer than eight seconds. Bounded by the number of custom
 * resources: whoever drops one calls `forget`.
 */
export class Calm {
  readonly #clock: Clock
  /** When each held key is looked at next: never later than it may go, often earlier. */
  readonly #looks: DelayQueue<ObjectKey | typeof pause>
  readonly #held = new Map<ObjectKey, Held>()
  #edited = new Lru<ObjectKey, Edited>(editedMax)
  /** The last changes of all keys, oldest first. */
  #recent: readonly number[] = []

  constructor(deps: { readonly clock: Clock }) {
    this.#clock = deps.clock
    this.#looks = new DelayQueue(deps)
  }

  /** Keys that wait. */
  get size(): number {
    return this.#held.size
  }

  /** When `key` is looked at next; undefined when it does not wait. */
  dueAt(key: ObjectKey): number | undefined {
    const leftMs = this.#held.has(key) ? this.#looks.dueIn(key) : undefined
    return leftMs === undefined ? undefined : this.#clock.nowMs() + leftMs
  }

  /** True when a change of `key`, whose last pass ended at `passedAtMs`, waits here until `run` hands it out. */
  holds(key: ObjectKey, passedAtMs: number | undefined): boolean {
    const nowMs = this.#clock.steadyMs()
    this.#note(key, nowMs)
    const held = this.#held.get(key)
    const isSoon = passedAtMs !== undefined && this.#clock.nowMs() - passedAtMs < soonMs
    if (!held && !isSoon && !this.#isBurst(nowMs)) return false
    this.#held.set(key, { firstMs: held?.firstMs ?? nowMs, lastMs: nowMs })
    this.#looks.add(key, ms(this.#leftMs(key, nowMs)))
    if (this.#isBurst(nowMs)) this.#looks.add(pause, ms(this.#untilPauseMs(nowMs)))
    return true
  }

  /** Hands out each key that holds still, and all of them when a burst is over, until `signal` aborts. */
  async run(signal: AbortSignal, onDue: (key: ObjectKey) => void): Promise<void> {
    while (!signal.aborted) {
      const key = this.#looks.takeDue()
      if (key !== undefined) this.#look(key, onDue)
      else {
        await this.#looks.waitForDue(signal)
        await this.#clock.turn() // changes that arrived while this process had no time come first
      }
    }
  }

  #look(key: ObjectKey | typeof pause, onDue: (key: ObjectKey) => void): void {
    const nowMs = this.#clock.steadyMs()
    const leftMs = key === pause ? this.#untilPauseMs(nowMs) : this.#leftMs(key, nowMs)
    if (leftMs > 0) this.#looks.add(key, ms(leftMs))
    else for (const due of key === pause ? this.#endBurst() : [key]) if (this.begin(due)) onDue(due)
  }

  /** A pass of `key` begins, which sees all that changed so far; true when the key has waited. */
  begin(key: ObjectKey): boolean {
    this.#looks.remove(key)
    return this.#held.delete(key)
  }

  /** A custom resource is gone. */
  forget(key: ObjectKey): void {
    this.begin(key)
    this.#edited.delete(key)
  }

  #note(key: ObjectKey, nowMs: number): void {
    this.#recent = [...this.#recent, nowMs].slice(-burstMin)
    if (!this.#isBurst(nowMs)) return
    const before = this.#edited.get(key)
    this.#edited.set(key, { atMs: nowMs, againMs: before ? Math.max(before.againMs, nowMs - before.atMs) : 0 })
  }

  #isBurst(nowMs: number): boolean {
    const [oldestMs = 0] = this.#recent
    return this.#recent.length === burstMin && nowMs - oldestMs <= burstWithinMs
  }

  #endBurst(): readonly ObjectKey[] {
    this.#recent = []
    this.#edited = new Lru(editedMax)
    return [...this.#held.keys()]
  }

  #leftMs(key: ObjectKey, nowMs: number): number {
    const { firstMs, lastMs } = this.#held.get(key) ?? { firstMs: nowMs, lastMs: nowMs }
    const againMs = this.#edited.get(key)?.againMs ?? 0
    const quietMs = this.#isBurst(nowMs) ? Math.max(burstStill.leastMs, burstStill.times * againMs) : stillMs
    const patienceMs = within(longestMs, longestMs.perKey * this.#held.size)
    return Math.max(0, Math.min(lastMs + quietMs, firstMs + patienceMs) - nowMs)
  }

  #untilPauseMs(nowMs: number): number {
    const newestMs = this.#recent.at(-1) ?? 0
    const gapMs = (newestMs - (this.#recent[0] ?? 0)) / (burstMin - 1)
    return Math.max(0, newestMs + within(pauseMs, pauseMs.gaps * gapMs) - nowMs)
  }
}

function within({ least, most }: { readonly least: number; readonly most: number }, value: number): number {
  return Math.min(most, Math.max(least, value))
}
