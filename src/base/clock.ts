import { type Ms, ms } from "./duration.ts"
import { onAbort } from "./signal.ts"

/** Time as an argument. Everything that waits asks one of these. */
export interface Clock {
  /** Milliseconds since the epoch, as the machine has them now: they may be set back or forth at any moment. */
  nowMs(): number
  /** Milliseconds since some moment, for lengths of time: nobody sets them. */
  steadyMs(): number
  /** Resolves after `duration`; rejects with `signal.reason` as soon as the signal aborts. */
  sleep(duration: Ms, signal?: AbortSignal): Promise<void>
  /** Calls `fire` once after `duration`, unless it is disposed of before: a deadline, which hardly ever comes. */
  after(duration: Ms, fire: () => void): Disposable
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

/** Runs `work` with a signal that aborts when `limit` has passed or `signal` aborts, whichever is first. */
export async function withDeadline<T>(
  clock: Clock,
  options: { readonly limit: Ms; readonly signal: AbortSignal | undefined; readonly timeoutError: () => Error },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  using _link = onAbort(options.signal, (reason) => controller.abort(reason))
  using _timer = clock.after(options.limit, () => controller.abort(options.timeoutError()))
  return await work(controller.signal)
}

/** No wait at all. */
export const ZERO: Ms = ms(0)
