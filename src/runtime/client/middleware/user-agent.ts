import type { Middleware } from "../../../base/mod.ts"

/** Tells the server who asks: `ork/1.2.3`. */
export function userAgent(product: string): Middleware {
  return (next) => (request) => {
    request.headers.set("user-agent", product)
    return next(request)
  }
}
