import { OrkError, onAbort } from "../../base/mod.ts"

/** How many requests may be in flight at once. */
export interface FlightSlots {
  /** Waits for a slot; dispose it when the answer's body has ended. Urgent calls go first and may use the reserve. */
  take(options: { readonly urgent: boolean; readonly signal: AbortSignal }): Promise<Disposable>
  readonly inFlight: number
  readonly waiting: number
  /** How many may be in flight. */
  readonly max: number
}

/** The numbers of the semaphore. */
export interface FlightSlotsOptions {
  /** Concurrent fetches of the process: 256 unless BUN_CONFIG_MAX_HTTP_REQUESTS raised it before the start. */
  readonly max?: number
  /** Slots that only urgent calls (watches, lease renewals) may use. */
  readonly reserved?: number
  /** One waiting call more than this is refused with `OrkError` "api/throttled". */
  readonly waitingMax?: number
}

interface Waiter {
  readonly urgent: boolean
  readonly start: () => void
}

/** A semaphore with a reserve. Bun lets the 257th fetch wait without a word, a lease renewal too; this one does not. */
export function flightSlots(options: FlightSlotsOptions = {}): FlightSlots {
  const { max = 256, reserved = 20, waitingMax = 10_000 } = options
  const urgentWaiters = new Set<Waiter>()
  const otherWaiters = new Set<Waiter>()
  let inFlight = 0
  const free = (urgent: boolean) => inFlight < (urgent ? max : max - reserved)

  function slot(): Disposable {
    inFlight++
    let held = true
    return {
      [Symbol.dispose]() {
        if (!held) return
        held = false
        inFlight--
        startNext()
      },
    }
  }

  function startNext(): void {
    for (const waiters of [urgentWaiters, otherWaiters]) {
      const [first] = waiters
      if (first === undefined || !free(first.urgent)) continue
      waiters.delete(first)
      first.start()
      return
    }
  }

  return {
    max,
    get inFlight() {
      return inFlight
    },
    get waiting() {
      return urgentWaiters.size + otherWaiters.size
    },
    take({ urgent, signal }) {
      if (signal.aborted) return Promise.reject(signal.reason)
      const waiters = urgent ? urgentWaiters : otherWaiters
      if (waiters.size === 0 && free(urgent)) return Promise.resolve(slot())
      if (waiters.size >= waitingMax) {
        return Promise.reject(new OrkError("api/throttled", `${waitingMax} requests wait for a connection already`))
      }
      return new Promise((resolve, reject) => {
        const waiter: Waiter = {
          urgent,
          start() {
            link[Symbol.dispose]()
            resolve(slot())
          },
        }
        const link = onAbort(signal, (reason) => {
          waiters.delete(waiter)
          reject(reason)
        })
        waiters.add(waiter)
      })
    },
  }
}
