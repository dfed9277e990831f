import { type Clock, type Middleware, ms } from "../../../base/mod.ts"

/** The rate of the token bucket. */
export interface ThrottleOptions {
  readonly requestsPerSecond: number
  /** Requests that may go at once after a pause. */
  readonly burst: number
}

/** A token bucket on the clock: requests over the rate wait in order; one whose signal aborts gives its place back. */
export function throttle(deps: { readonly clock: Clock }, options: ThrottleOptions): Middleware {
  const spacingMs = 1000 / options.requestsPerSecond
  const depthMs = spacingMs * Math.max(0, options.burst - 1)
  // The moment at which the next request may go if no burst were allowed.
  let nextMs = Number.NEGATIVE_INFINITY
  return (next) => async (request) => {
    const nowMs = deps.clock.steadyMs()
    const startMs = Math.max(nextMs, nowMs)
    nextMs = startMs + spacingMs
    const waitMs = Math.ceil(startMs - depthMs - nowMs)
    if (waitMs > 0) {
      try {
        await deps.clock.sleep(ms(waitMs), request.signal)
      } catch (error) {
        nextMs -= spacingMs
        throw error
      }
    }
    return next(request)
  }
}
