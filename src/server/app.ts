import { isOrkError, type Logger, messageOf, silent, type Transport } from "../base/mod.ts"
import type { View } from "../manager/view.ts"
import { httpStatus } from "./errors.ts"
import { isAllowedHost, loopbackHosts } from "./host.ts"
import { listed, problem } from "./reply.ts"
import { probeRoutes, type Route, routes } from "./routes.ts"

/** `hosts`: the `Host` names that are answered; by default those of loopback. `"any"` switches the check off. */
export interface AppOptions {
  readonly hosts?: readonly string[] | "any"
  readonly log?: Logger
}

/** ork's HTTP API over `view`. Reads only. Never rejects, never shows a stack. */
export function createApp(view: View, options: AppOptions = {}): Transport {
  return appOf(routes, view, options)
}

/** The three probes alone, for a port that others may reach: under any `Host`, since a kubelet asks by address. */
export function createProbeApp(view: View, options: Pick<AppOptions, "log"> = {}): Transport {
  return appOf(probeRoutes, view, { ...options, hosts: "any" })
}

const urlLengthMax = 2_048

function appOf(table: readonly Route[], view: View, options: AppOptions): Transport {
  const { hosts = loopbackHosts, log = silent } = options
  return async (request) => {
    if (hosts !== "any" && !isAllowedHost(request.headers.get("host"), hosts)) return misdirected(hosts)
    try {
      const response = await answer(table, view, request)
      return request.method === "HEAD" ? await withoutBody(response) : response
    } catch (error) {
      log.error("request failed", { reason: messageOf(error), code: isOrkError(error) ? error.code : undefined })
      return failure(error)
    }
  }
}

async function answer(table: readonly Route[], view: View, request: Request): Promise<Response> {
  if (request.url.length > urlLengthMax) {
    return problem(414, { error: `address longer than ${urlLengthMax} characters`, help: "shorten the query" })
  }
  // A request without Host (HTTP/1.0) has a path for its URL.
  const url = new URL(request.url, "http://localhost")
  const segments = segmentsOf(url.pathname)
  if (segments === undefined) {
    return problem(400, { error: "the path is not percent-encoded UTF-8", help: "encode % as %25" })
  }
  for (const route of table) {
    const params = match(route, segments)
    if (params === undefined) continue
    if (request.method !== "GET" && request.method !== "HEAD") return notAllowed(request.method)
    return await route.answer({ view, params, query: url.searchParams })
  }
  return problem(404, {
    error: `no such path: ${url.pathname}`,
    help: `there is ${listed(table.map((route) => route.path))}`,
  })
}

function segmentsOf(pathname: string): readonly string[] | undefined {
  try {
    // A slash at the end changes nothing.
    return pathname.replace(/\/$/, "").split("/").map(decodeURIComponent)
  } catch {
    return undefined
  }
}

function match(route: Route, segments: readonly string[]): Readonly<Record<string, string>> | undefined {
  for (const path of [route.path, ...(route.aliases ?? [])]) {
    const pattern = path.split("/")
    if (pattern.length !== segments.length) continue
    const params: Record<string, string> = {}
    const fits = pattern.every((step, i) => {
      const segment = segments[i] ?? ""
      if (!step.startsWith("{")) return step === segment
      params[step.slice(1, -1)] = segment
      return segment !== ""
    })
    if (fits) return params
  }
  return undefined
}

function misdirected(hosts: readonly string[]): Response {
  return problem(421, {
    error: "this Host is not served here",
    help: `ask by ${hosts.join(", ")}: other names are refused, so that no web page can reach this port`,
  })
}

function notAllowed(method: string): Response {
  const body = { error: `${method} is not allowed`, help: "this API only reads: use GET or HEAD" }
  return problem(405, body, { allow: "GET, HEAD" })
}

function failure(error: unknown): Response {
  if (isOrkError(error)) {
    return problem(httpStatus[error.code], {
      error: error.message,
      help: `code ${error.code}; the log of ork has more`,
    })
  }
  return problem(500, { error: "internal error", help: "the log of ork names the reason" })
}

async function withoutBody(response: Response): Promise<Response> {
  const headers = new Headers(response.headers)
  headers.set("content-length", String((await response.arrayBuffer()).byteLength))
  return new Response(null, { status: response.status, headers })
}
