import { type Clock, isOrkError, type Ms, OrkError, type Transport, withDeadline } from "../base/mod.ts"

/** One HTTP call. */
export interface Call {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  readonly timeoutMs: Ms
  /** 0: everything below 400 is a success. */
  readonly expectedStatus: number
  /** Whether the host of an address may be reached. */
  readonly mayReach: (url: URL) => boolean
}

/** What came back; also of a call that failed by its status. */
export interface Answer {
  readonly status: number
  readonly body: string
  /** Undefined: it is what was asked for. */
  readonly error: OrkError | undefined
}

/** The longest answer that is read. */
export const answerBytesMax = 1024 * 1024
const redirectsMax = 5
const retryAfterMaxSeconds = 300

/**
 * Makes one call.
 *
 * Guarantees: it ends within `timeoutMs`, and reads at most `answerBytesMax`; only hosts that `mayReach` allows are
 * asked, and a redirect is followed for GET alone and to the same origin alone, so that what is sent never goes elsewhere.
 * Errors: "external/failed" for everything that another try may mend, "external/refused" for an address that may not be
 * reached. Messages say method, origin and path; never the query, headers or a body.
 */
export async function callExternal(
  transport: Transport,
  call: Call,
  options: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Answer> {
  const url = addressOf(call)
  const timeoutError = () => failed(call, url, `did not answer within ${call.timeoutMs / 1_000} s`)
  const { clock, signal } = options
  return await withDeadline(clock, { limit: call.timeoutMs, signal, timeoutError }, async (inner) => {
    try {
      return await exchange(transport, { ...call, url }, inner)
    } catch (error) {
      if (inner.aborted) throw inner.reason
      if (isOrkError(error, "external/failed", "external/refused")) throw error
      throw failed(call, url, `could not be reached${reasonOf(error)}`, error)
    }
  })
}

const untrusted =
  "its certificate is not signed by an authority that is trusted here; start ork with NODE_EXTRA_CA_CERTS=ca.pem, a file with that authority"
const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody listens there",
  ENOTFOUND: "there is no such host; check the name",
  EPROTO: "the TLS handshake failed; does it speak https on this port?",
  CERT_HAS_EXPIRED: "its certificate has expired; whoever runs it has to renew it",
  CERT_NOT_YET_VALID: "its certificate is not valid yet; check the time on both sides",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name; call it by a name that stands in it",
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
}

// The error's own text may hold the whole address.
function reasonOf(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined
  if (typeof code !== "string" || !/^\w+$/.test(code)) return ""
  const text = Object.hasOwn(reasons, code) ? reasons[code] : undefined
  return text === undefined ? ` (${code})` : `: ${text} (${code})`
}

function addressOf(call: Call): URL {
  if (!URL.canParse(call.url)) throw refused(`${call.method}: the address is none`)
  const url = new URL(call.url)
  if (url.protocol !== "http:" && url.protocol !== "https:") throw refused(`${call.method} ${url.protocol}: not HTTP`)
  if (url.username !== "" || url.password !== "") throw refused(`${named(call, url)}: credentials stand in the address`)
  if (!call.mayReach(url)) throw refused(`${named(call, url)}: the host is not allowed`)
  return url
}

async function exchange(
  transport: Transport,
  call: Omit<Call, "url"> & { readonly url: URL },
  signal: AbortSignal,
): Promise<Answer> {
  const { method, body, expectedStatus } = call
  // The host is that of the address, whatever a template says.
  const { host: _host, "content-length": _length, ...headers } = call.headers
  let { url } = call
  for (let redirects = 0; ; redirects++) {
    const request = requestOf(call, url, {
      method,
      headers,
      signal,
      redirect: "manual",
      ...(body !== undefined && { body }),
    })
    const response = await transport(request)
    const next = method === "GET" ? redirectOf(response, url) : undefined
    if (!next) {
      const { status } = response
      const text = await textOf(response, () => failed(call, url, `answered more than ${answerBytesMax} bytes`))
      const isGood = expectedStatus === 0 ? status < 400 : status === expectedStatus
      return { status, body: text, error: isGood ? undefined : failedBy(call, url, response) }
    }
    await response.body?.cancel()
    if (next.origin !== url.origin) throw refused(`${named(call, url)}: it redirects to another host`)
    if (redirects === redirectsMax) throw failed(call, url, "redirects without end")
    url = next
  }
}

function requestOf(call: { readonly method: string }, url: URL, init: RequestInit): Request {
  try {
    return new Request(url.href, init)
  } catch {
    throw refused(`${named(call, url)}: a header cannot be sent`) // its text may be a secret
  }
}

function redirectOf(response: Response, url: URL): URL | undefined {
  const to = response.headers.get("location")
  if (![301, 302, 303, 307, 308].includes(response.status) || to === null) return undefined
  return URL.canParse(to, url.href) ? new URL(to, url.href) : undefined
}

async function textOf(response: Response, tooLong: () => OrkError): Promise<string> {
  const reader = response.body?.getReader()
  if (!reader) return ""
  const decoder = new TextDecoder()
  let size = 0
  let text = ""
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    size += value.byteLength
    if (size > answerBytesMax) {
      await reader.cancel()
      throw tooLong()
    }
    text += decoder.decode(value, { stream: true })
  }
}

// Queries carry tokens often enough.
function named({ method }: { readonly method: string }, url: URL): string {
  return `${method} ${url.origin}${url.pathname}`
}

function failedBy(call: { readonly method: string }, url: URL, { status, headers }: Response): OrkError {
  const seconds = Number(headers.get("retry-after") ?? "")
  const retryAfterMs = seconds > 0 ? Math.min(seconds, retryAfterMaxSeconds) * 1_000 : undefined
  return new OrkError(
    "external/failed",
    `${named(call, url)}: answered ${status}`,
    { host: url.host },
    { retryAfterMs },
  )
}

function failed(call: { readonly method: string }, url: URL, what: string, cause?: unknown): OrkError {
  return new OrkError("external/failed", `${named(call, url)}: ${what}`, { host: url.host }, { cause })
}

function refused(message: string): OrkError {
  return new OrkError("external/refused", message)
}
