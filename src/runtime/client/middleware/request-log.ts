import { type Clock, isOrkError, type Logger, type Middleware } from "../../../base/mod.ts"

/** One debug line per request: method, path, status or code, duration. Never a body, a header or a query. */
export function requestLog(deps: { readonly clock: Clock; readonly log: Logger }): Middleware {
  if (!deps.log.hasDebug) return (next) => next
  return (next) => async (request) => {
    const startMs = deps.clock.steadyMs()
    const line = (fields: { readonly status?: number; readonly code?: string }) =>
      deps.log.debug("request", {
        method: request.method,
        path: pathOf(request.url),
        ...fields,
        durationMs: Math.round(deps.clock.steadyMs() - startMs),
      })
    try {
      const response = await next(request)
      line({ status: response.status })
      return response
    } catch (error) {
      line({ code: isOrkError(error) ? error.code : "aborted" })
      throw error
    }
  }
}

function pathOf(url: string): string {
  const query = url.indexOf("?")
  return url.slice(url.indexOf("/", url.indexOf("://") + 3), query === -1 ? undefined : query)
}
