import type { Clock } from "./clock.ts"

/** How long work goes on before the event loop gets a turn. */
const sliceMs = 1

/**
 * Shares the event loop: whoever works on and on asks now and then whether others should go first.
 *
 * Guarantees: timers, answers and requests get a turn after each slice; who waits here goes on one at a time, lanes in
 * turn, so that a lane with many who wait holds up another by one slice of work. What works without asking is not cut.
 */
export class Turns {
  readonly #clock: Clock
  readonly #lanes = new Map<string, (() => void)[]>()
  #sinceMs: number
  #isServing = false

  constructor(deps: { readonly clock: Clock }) {
    this.#clock = deps.clock
    this.#sinceMs = deps.clock.steadyMs()
  }

  /** Undefined while the slice lasts, else what to wait for. At most one wait of each caller, so its own bound holds. */
  next(lane: string): Promise<void> | undefined {
    if (this.#clock.steadyMs() - this.#sinceMs < sliceMs) return undefined
    const { promise, resolve } = Promise.withResolvers<void>()
    const waiting = this.#lanes.get(lane)
    if (waiting) waiting.push(resolve)
    else this.#lanes.set(lane, [resolve])
    // It ends by itself, a turn after the last of those who wait.
    if (!this.#isServing) void this.#serve()
    return promise
  }

  async #serve(): Promise<void> {
    this.#isServing = true
    for (let lane = this.#first(); lane !== undefined; lane = this.#first()) {
      await this.#clock.turn()
      this.#sinceMs = this.#clock.steadyMs()
      const waiting = this.#lanes.get(lane) ?? []
      const goOn = waiting.shift()
      this.#lanes.delete(lane)
      if (waiting.length > 0) this.#lanes.set(lane, waiting) // behind the others
      goOn?.()
    }
    this.#isServing = false
  }

  #first(): string | undefined {
    return this.#lanes.keys().next().value
  }
}
