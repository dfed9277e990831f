import { type Clock, Heap, type Ms, ms, onAbort } from "../../src/base/mod.ts"

interface Timer {
  /** Of the steady time. */
  readonly atMs: number
  readonly sequence: number
  readonly origin: Error
  readonly fire: () => void
}

/**
 * A clock that stands still until a test moves it.
 *
 * Guarantees: timers fire in (time, creation) order, each at its own moment, and the event loop gets a real turn after
 * each one, so whatever a timer sets off has run before the next. Time never goes backwards, unless a test sets it.
 */
export class FakeClock implements Clock {
  readonly #order = new Heap<Timer>((a, b) => a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence))
  readonly #live = new Set<Timer>()
  #steadyMs = 0
  /** When the steady time began. */
  #wallMs: number
  #created = 0

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#wallMs = startMs
  }

  nowMs(): number {
    return this.#wallMs + this.#steadyMs
  }

  steadyMs(): number {
    return this.#steadyMs
  }

  /** Somebody sets the machine's time forth or back; what sleeps is not touched by that. */
  set(byMs: number): void {
    this.#wallMs += byMs
  }

  async sleep(duration: Ms, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) throw signal.reason
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    using _timer = this.after(duration, resolve)
    using _link = onAbort(signal, reject)
    await promise
  }

  after(duration: Ms, fire: () => void): Disposable {
    const atMs = this.#steadyMs + Math.max(0, duration)
    const timer: Timer = { atMs, sequence: this.#created++, origin: new Error("sleep"), fire }
    this.#live.add(timer)
    this.#order.push(timer)
    return { [Symbol.dispose]: () => this.#live.delete(timer) }
  }

  /** Time stands still, and so no work ever takes long enough for others to be let go first. */
  async turn(): Promise<void> {}

  /** Moves time forward, firing what is due on the way. `0` fires what is due now. */
  async advance(duration: number | string): Promise<void> {
    const endMs = this.#steadyMs + Math.max(0, ms(duration))
    await turn() // work that was started just before gets to its own sleep
    for (let timer = this.#nextBy(endMs); timer !== undefined; timer = this.#nextBy(endMs)) {
      this.#steadyMs = Math.max(this.#steadyMs, timer.atMs)
      timer.fire()
      await turn()
    }
    this.#steadyMs = Math.max(this.#steadyMs, endMs)
  }

  /** Gives the event loop several turns without moving time. */
  async settle(turns = 10): Promise<void> {
    for (let i = 0; i < turns; i++) await turn()
  }

  /** The sleeps that are still waiting, soonest first, and where each was asked for. */
  get pending(): readonly { readonly atMs: number; readonly stack: string }[] {
    return [...this.#live]
      .sort((a, b) => a.atMs - b.atMs || a.sequence - b.sequence)
      .map((timer) => ({ atMs: this.#wallMs + timer.atMs, stack: timer.origin.stack ?? "" }))
  }

  /** Takes the next timer due by `endMs`; cancelled ones are dropped on the way. */
  #nextBy(endMs: number): Timer | undefined {
    for (let timer = this.#order.peek(); timer !== undefined && timer.atMs <= endMs; timer = this.#order.peek()) {
      this.#order.pop()
      if (this.#live.delete(timer)) return timer
    }
    return undefined
  }
}

/** One real turn of the event loop: everything that is ready runs. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
