import { type Clock, ms } from "../base/mod.ts"
import type { ObjectKey } from "../kube/mod.ts"
import { DelayQueue } from "../runtime/mod.ts"

/** A change so soon after a pass may be one of many. */
const soonMs = 1_000
/** So long a key must hold still. */
const stillMs = 100
/** A key that never holds still is looked at after this long all the same. */
const longestMs = 1_000

/**
 * Waits for custom resources that change again and again to hold still, so that ten edits in a row cost one pass.
 *
 * The first change after a quiet second never waits. Bounded by the number of custom resources: whoever drops one calls
 * `forget`.
 */
export class Calm {
  readonly #clock: Clock
  readonly #waiting: DelayQueue<ObjectKey>
  readonly #since = new Map<ObjectKey, number>()

  constructor(deps: { readonly clock: Clock }) {
    this.#clock = deps.clock
    this.#waiting = new DelayQueue(deps)
  }

  /** True when a change of `key`, whose last pass ended at `passedAtMs`, waits here until `run` hands it out. */
  holds(key: ObjectKey, passedAtMs: number | undefined): boolean {
    const nowMs = this.#clock.nowMs()
    const since = this.#since.get(key)
    if (since === undefined && (passedAtMs === undefined || nowMs - passedAtMs >= soonMs)) return false
    const firstMs = since ?? nowMs
    this.#since.set(key, firstMs)
    this.#waiting.remove(key)
    this.#waiting.add(key, ms(Math.max(0, Math.min(stillMs, firstMs + longestMs - nowMs))))
    return true
  }

  /** Hands out each key that holds still, until `signal` aborts. */
  async run(signal: AbortSignal, onDue: (key: ObjectKey) => void): Promise<void> {
    await this.#waiting.run(signal, (key) => {
      this.#since.delete(key)
      onDue(key)
    })
  }

  /** A custom resource is gone. */
  forget(key: ObjectKey): void {
    this.#since.delete(key)
    this.#waiting.remove(key)
  }
}
