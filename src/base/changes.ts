import { onAbort } from "./signal.ts"

/**
 * Wakes everybody who waits for "something changed".
 *
 * Use: `while (!condition()) await changes.next(signal)`. The condition is checked and the wait is registered in the
 * same turn, so no change can fall between them.
 */
export class Changes {
  readonly #waiting = new Set<() => void>()

  /** Wakes all who wait now. */
  notify(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const wake of waiting) wake()
  }

  /** Resolves at the next `notify`; rejects with `signal.reason` when the signal aborts. */
  next(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const wake = () => {
        abort[Symbol.dispose]()
        resolve()
      }
      this.#waiting.add(wake)
      const abort = onAbort(signal, (reason) => {
        this.#waiting.delete(wake)
        reject(reason)
      })
    })
  }
}
