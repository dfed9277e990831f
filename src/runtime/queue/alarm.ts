import { type Clock, type Ms, onAbort } from "../../base/mod.ts"

/**
 * A wait that can be cut short, for loops with one waiter.
 *
 * Guarantees: a `ring` between two waits is not lost; the next wait returns at once.
 */
export class Alarm {
  readonly #clock: Clock
  #rung = false
  #wake: (() => void) | undefined

  constructor(deps: { clock: Clock }) {
    this.#clock = deps.clock
  }

  /** Ends the wait, or the next one. */
  ring(): void {
    this.#rung = true
    this.#wake?.()
  }

  /** Returns after `duration` (never, when undefined), at the next `ring`, or when `signal` aborts. True: it was a ring. */
  async wait(duration: Ms | undefined, signal: AbortSignal): Promise<boolean> {
    if (!this.#rung && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      using _link = onAbort(signal, () => resolve())
      using _timer = duration === undefined ? undefined : this.#clock.after(duration, resolve)
      await promise
    }
    const rung = this.#rung
    this.#wake = undefined
    this.#rung = false
    return rung
  }
}
