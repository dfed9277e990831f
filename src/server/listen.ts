import { messageOf, OrkError, type Transport } from "../base/mod.ts"
import { problem } from "./reply.ts"

/** A listening server. */
export interface Listener {
  readonly url: string
  readonly port: number
  /**
   * Takes no new connection; resolves when the requests under way are answered, or at once where they are cut off.
   * Twice is once.
   */
  stop(options?: { readonly cutOff: boolean }): Promise<void>
}

/** How to listen. */
export interface ListenOptions {
  readonly hostname: string
  /** 0 picks a free one. */
  readonly port: number
  /** What a user changes when the port cannot be had; `--port`. */
  readonly flag?: string
  /** HTTPS with this certificate, PEM; without it HTTP. */
  readonly tls?: { readonly certificate: string; readonly key: string }
  /** A longer body is refused; without it 64 KiB. */
  readonly bodyBytesMax?: number
  /** Requests whose answers may be silent for long: watches. */
  readonly isStream?: (request: Request) => boolean
}

/** The API only reads: a request has no body worth more. */
const defaultBodyBytesMax = 65_536
const idleSeconds = 30

/**
 * Serves `app` on `hostname`; port 0 picks a free one.
 *
 * Errors: `config/port` when the port cannot be had.
 */
export function listen(app: Transport, options: ListenOptions): Listener {
  const { hostname, port, tls } = options
  const server = serve(app, options)
  // The type allows a Unix socket, which has no port; we never ask for one.
  const actual = server.port ?? port
  const host = hostname.includes(":") ? `[${hostname}]` : hostname
  const url = `${tls ? "https" : "http"}://${host}:${actual}`
  return { url, port: actual, stop: ({ cutOff } = { cutOff: false }) => server.stop(cutOff) }
}

function serve(app: Transport, options: ListenOptions) {
  const { hostname, port, flag = "--port", tls, isStream, bodyBytesMax = defaultBodyBytesMax } = options
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
      ...(tls ? { tls: { cert: tls.certificate, key: tls.key } } : {}),
      fetch: (request, server) => {
        if (isStream?.(request)) server.timeout(request, 0)
        return app(request)
      },
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
