import { type Ms, ms } from "./duration.ts"

/** Time as an argument. Everything that waits asks one of these. */
export interface Clock {
  /** Milliseconds since the epoch, as the machine has them now: they may be set back or forth at any moment. */
  nowMs(): number
  /** Milliseconds since some moment, for lengths of time: nobody sets them. */
  steadyMs(): number
  /** Resolves after `duration`; rejects with `signal.reason` as soon as the signal aborts. */
  sleep(duration: Ms, signal?: AbortSignal): Promise<void>
  /** Resolves once the event loop has had a turn: what was ready before has run. */
  turn(): Promise<void>
}

/** The clock's time as RFC 3339 with seconds, the form of `metav1.Time`. */
export function rfc3339(nowMs: number): string {
  // A Date built from an explicit number is pure formatting; it never reads the machine's clock.
  return `${new Date(nowMs).toISOString().slice(0, 19)}Z`
}

/** The clock's time as RFC 3339 with microseconds, the form of `metav1.MicroTime`. */
export function rfc3339Micro(nowMs: number): string {
  return `${new Date(nowMs).toISOString().slice(0, 23)}000Z`
}

// One for all: an error made for each call would have to look at the stack each time.
const inTime = new Error("deadline no longer needed")

/** Runs `work` with a signal that aborts when `limit` has passed or `signal` aborts, whichever is first. */
export async function withDeadline<T>(
  clock: Clock,
  options: { readonly limit: Ms; readonly signal: AbortSignal | undefined; readonly timeoutError: () => Error },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { limit, signal, timeoutError } = options
  const controller = new AbortController()
  const timer = new AbortController()
  const onAbort = () => controller.abort(signal?.reason)
  if (signal?.aborted) onAbort()
  signal?.addEventListener("abort", onAbort, { once: true })
  const timeout = clock.sleep(limit, timer.signal).then(
    () => controller.abort(timeoutError()),
    () => undefined, // the work ended first and cancelled the timer
  )
  try {
    return await work(controller.signal)
  } finally {
    signal?.removeEventListener("abort", onAbort)
    timer.abort(inTime)
    await timeout
  }
}

/** No wait at all. */
export const ZERO: Ms = ms(0)
