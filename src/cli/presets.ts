import { formatDuration, isOrkError, type Logger, ms, OrkError } from "../base/mod.ts"
import { type Connection, connect, loadKubeconfig } from "../runtime/mod.ts"
import type { Parsed } from "./parse.ts"
import { requestsMaxOf } from "./request-ceiling.ts"
import type { Terminal } from "./terminal.ts"

/** The cluster that kubectl would talk to with the same flags and environment. */
export async function clusterConnection(terminal: Terminal, parsed: Parsed, log: Logger): Promise<Connection> {
  const { clock, random, files, env, home, version } = terminal
  const endpoint = await loadKubeconfig(
    { files, clock },
    { path: parsed.text("kubeconfig"), context: parsed.text("context"), env, home },
  )
  return connect(endpoint, { clock, random, log }, { version, slots: { max: requestsMaxOf(env) } })
}

const firstRetryMs = 1_000
const longestRetryMs = 30_000

/** Waits until the server answers. Says once what is wrong, tries again with backoff, gives up only when told. */
export async function untilReachable(
  terminal: Terminal,
  connection: Connection,
  options: { readonly log: Logger; readonly signal: AbortSignal },
): Promise<void> {
  let delayMs = firstRetryMs
  let said = ""
  for (;;) {
    try {
      await connection.client.raw("/version", { signal: options.signal })
      return
    } catch (error) {
      if (isOrkError(error, "api/unauthorized") && error.context["httpStatus"] === 401) throw refused(connection, error)
      const passing = isOrkError(
        error,
        "net/refused",
        "net/timeout",
        "net/closed",
        "net/tls",
        "api/unavailable",
        "api/throttled",
      )
      if (!passing || options.signal.aborted) throw error
      if (error.message !== said) {
        options.log.warn(
          `${error.message}; trying again every ${formatDuration(longestRetryMs)} at most, Ctrl-C gives up`,
        )
      }
      said = error.message
      await terminal.clock.sleep(ms(delayMs), options.signal)
      delayMs = Math.min(delayMs * 2, longestRetryMs)
    }
  }
}

// An exec plugin that fails says more than this; only the server's own no is translated.
function refused({ server, user }: Connection, cause: OrkError): OrkError {
  return new OrkError(
    cause.code,
    `${server}: the credentials of user "${user}" were refused (401 Unauthorized)`,
    {},
    { cause },
  )
}
