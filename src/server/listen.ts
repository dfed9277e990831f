import { messageOf, OrkError, type Transport } from "../base/mod.ts"
import { problem } from "./reply.ts"

/** A listening server. */
export interface Listener {
  readonly url: string
  readonly port: number
  /** Takes no new connection; resolves when the requests under way are answered. Twice is once. */
  stop(): Promise<void>
}

/** The API only reads: a request has no body worth more. */
const bodyBytesMax = 65_536
const idleSeconds = 30

/**
 * Serves `app` on `hostname`; port 0 picks a free one.
 *
 * Errors: `config/port` when the port cannot be had.
 */
export function listen(
  app: Transport,
  options: { readonly hostname: string; readonly port: number; readonly flag?: string },
): Listener {
  const { hostname, port, flag = "--port" } = options
  const server = serve(app, { hostname, port, flag })
  // The type allows a Unix socket, which has no port; we never ask for one.
  const actual = server.port ?? port
  const host = hostname.includes(":") ? `[${hostname}]` : hostname
  return { url: `http://${host}:${actual}`, port: actual, stop: () => server.stop() }
}

function serve(app: Transport, options: { readonly hostname: string; readonly port: number; readonly flag: string }) {
  const { hostname, port, flag } = options
  try {
    return Bun.serve({
      hostname,
      port,
      idleTimeout: idleSeconds,
      maxRequestBodySize: bodyBytesMax,
      // `development: false` alone shares the port: a second `ork` would take half of the requests.
      reusePort: false,
      // Without these two, a throw answers with a page that prints source.
      development: false,
      error: () => problem(500, { error: "internal error", help: "the log of ork names the reason" }),
      fetch: app,
    })
  } catch (error) {
    const reason =
      error instanceof Error && "code" in error && error.code === "EADDRINUSE" ? "in use" : messageOf(error)
    throw new OrkError(
      "config/port",
      `port ${port} on ${hostname}: ${reason}; choose another with ${flag} (0 picks a free one)`,
      { port, hostname },
      { cause: error },
    )
  }
}
