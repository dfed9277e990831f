import { type Clock, type Middleware, type Ms, ms, type Random } from "../../../base/mod.ts"
import { retryAfterMs } from "../answers.ts"

/** The limits of waiting. */
export interface RetryAfterOptions {
  /** Sends of one request, the first included. */
  readonly triesMax?: number
  /** A longer wait is left to the caller, who finds it in the error's `retryAfterMs`. */
  readonly waitMax?: Ms
}

/**
 * Waits as the server asks and tries again: after a 429 for every verb, because a throttled request was not carried
 * out, and after a 503 for reads only. Without a Retry-After header the answer is the caller's.
 */
export function retryAfter(
  deps: { readonly clock: Clock; readonly random: Random },
  options: RetryAfterOptions = {},
): Middleware {
  const { triesMax = 8, waitMax = ms("30s") } = options
  return (next) => async (request) => {
    for (let tried = 1; ; tried++) {
      // The last try may use up the body; the others leave it for the next.
      const response = await next(tried < triesMax ? (request.clone() as Request) : request) // typed as undici's, in fact Bun's
      const askedMs = mayRetry(request, response) ? retryAfterMs(response, undefined, deps.clock.nowMs()) : undefined
      const waitMs =
        askedMs !== undefined && (await isStarting(response)) ? Math.min(askedMs, 10 * 2 ** tried) : askedMs
      if (waitMs === undefined || waitMs > waitMax || tried >= triesMax) return response
      await response.body?.cancel()
      // Up to a tenth more, so that many callers do not come back in the same moment.
      await deps.clock.sleep(ms(Math.round(waitMs * (1 + deps.random.next() / 10))), request.signal)
    }
  }
}

function mayRetry(request: Request, response: Response): boolean {
  return response.status === 429 || (response.status === 503 && request.method === "GET")
}

/**
 * A kind whose CRD is a moment old: the server names a second, but is ready within some ten milliseconds. Waiting the
 * whole second would be the longest part of an operator's start.
 */
async function isStarting(response: Response): Promise<boolean> {
  return response.status === 429 && (await response.clone().text()).includes("storage is (re)initializing")
}
