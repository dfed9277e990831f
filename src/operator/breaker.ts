import { type Clock, type Ms, ms, type OrkError } from "../base/mod.ts"

interface Open {
  readonly error: OrkError
  readonly delayMs: number
  untilMs: number
  /** A caller was let through and has not answered yet. */
  isProbed: boolean
}

const firstDelayMs = ms("30s")
const longestDelayMs = ms("5m")

/**
 * Stops calls that a permanent no has answered: one probe per interval instead of a retry storm.
 *
 * A circuit is one verb on one resource in one namespace. It opens at the first 403, lets one caller through when its
 * time is over, and closes when that call succeeds.
 */
export class Breaker {
  readonly #open = new Map<string, Open>()
  readonly #clock: Clock
  readonly #onClosed: () => void

  /** `onClosed`: a circuit that was open works again; whoever it held back can go on. */
  constructor(deps: { clock: Clock; onClosed?: () => void }) {
    this.#clock = deps.clock
    this.#onClosed = deps.onClosed ?? (() => undefined)
  }

  /** The error that keeps `circuit` open; undefined when the caller may go ahead. */
  check(circuit: string): OrkError | undefined {
    const open = this.#open.get(circuit)
    if (!open) return undefined
    if (this.#clock.steadyMs() < open.untilMs) return open.error
    open.untilMs = this.#clock.steadyMs() + open.delayMs // this caller probes; the others wait for its answer
    open.isProbed = true
    return undefined
  }

  /** Opens `circuit`; each failed probe doubles the wait, a caller that was under way before does not. */
  trip(circuit: string, error: OrkError): void {
    const before = this.#open.get(circuit)
    if (before && !before.isProbed) return
    const delayMs = before ? Math.min(before.delayMs * 2, longestDelayMs) : firstDelayMs
    this.#open.set(circuit, { error, delayMs, untilMs: this.#clock.steadyMs() + delayMs, isProbed: false })
  }

  /** Closes `circuit`. True when it was open. */
  close(circuit: string): boolean {
    const wasOpen = this.#open.delete(circuit)
    if (wasOpen) this.#onClosed()
    return wasOpen
  }

  /** When the next probe is allowed. */
  retryAfterMs(circuit: string): Ms {
    const open = this.#open.get(circuit)
    return ms(open ? Math.max(0, open.untilMs - this.#clock.steadyMs()) : 0)
  }
}
