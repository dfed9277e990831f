import { OrkError, parseJson, type Transport } from "../../base/mod.ts"
import { isKubeObject, isStatus, type KubeObject, type Status, statusError } from "../../kube/mod.ts"

/** Sends `request`; an answer that says no is thrown as `OrkError`, its message begun by `subject`. */
export async function ask(
  transport: Transport,
  request: Request,
  { subject, nowMs }: { readonly subject: string; readonly nowMs: () => number },
): Promise<Response> {
  const response = await transport(request)
  if (response.ok) return response
  throw await refusal(response, { subject, nowMs: nowMs() })
}

/** The error for an answer that says no. */
export async function refusal(
  response: Response,
  { subject, nowMs }: { readonly subject: string; readonly nowMs: number },
): Promise<OrkError> {
  const status = await statusFrom(response)
  // The server names the object that it misses; where it names none, it misses the kind itself.
  if (response.status === 404 && status.details?.name === undefined) {
    const message = `${subject}: the server does not serve this kind; is its CRD installed?`
    return new OrkError("api/unknown-kind", message, { httpStatus: 404 }, { cause: status })
  }
  return statusError(subject, response.status, status, retryAfterMs(response, status, nowMs))
}

/** The `Status` in an answer; a plain text becomes one. */
async function statusFrom(response: Response): Promise<Status> {
  const text = await response.text()
  try {
    const value = parseJson(text)
    if (isStatus(value)) return value
  } catch {
    // Plain text: unknown groups, proxies, and servers that are starting answer so.
  }
  const said = text.trim().slice(0, 200)
  return {
    kind: "Status",
    code: response.status,
    message: said === "" ? `the server answered ${response.status}` : said,
  }
}

/** How long the server asks to wait: the Retry-After header (seconds or a date), else the status's own seconds. */
export function retryAfterMs(response: Response, status: Status | undefined, nowMs: number): number | undefined {
  const header = response.headers.get("retry-after")?.trim()
  if (header !== undefined && /^\d+$/.test(header)) return Number(header) * 1000
  const date = header === undefined ? Number.NaN : Date.parse(header)
  if (!Number.isNaN(date)) return Math.max(0, date - nowMs)
  const seconds = status?.details?.retryAfterSeconds
  return seconds === undefined ? undefined : seconds * 1000
}

/** The answer's JSON; `OrkError` "api/unavailable" where it is none. */
export async function jsonOf(response: Response, subject: string): Promise<unknown> {
  try {
    return parseJson(await response.text())
  } catch (error) {
    throw new OrkError(
      "api/unavailable",
      `${subject}: the answer is not JSON; is this an API server?`,
      {},
      { cause: error },
    )
  }
}

/** The answer's object; `OrkError` "api/unavailable" where it is none. */
export async function objectOf(response: Response, subject: string): Promise<KubeObject> {
  const value = await jsonOf(response, subject)
  if (isKubeObject(value)) return value
  throw new OrkError("api/unavailable", `${subject}: the answer is not a Kubernetes object; is this an API server?`)
}
