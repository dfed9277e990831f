import { type Clock, messageOf, ms, withDeadline } from "../base/mod.ts"
import { isRecord } from "../kube/mod.ts"

/** Sends a request to a webhook; `caBundle` (base64 of PEM) is what its certificate is checked with. */
export type WebhookSend = (request: Request, tls: { readonly caBundle: string | undefined }) => Promise<Response>

/** A Service as a webhook's address names it. */
export interface WebhookService {
  readonly namespace: string
  readonly name: string
  readonly port: number
}

/** How webhooks are reached. */
export interface WebhookDeps {
  readonly clock: Clock
  readonly send: WebhookSend
  /** Where a Service is, `https://host:port`; undefined where there is none. */
  readonly serviceUrl: (service: WebhookService) => string | undefined
}

/** A webhook did not answer as it should; the message goes into the answer to the user. */
export class WebhookFailure extends Error {}

const answerBytesMax = 16 * 1024 * 1024

/** Posts a review and reads the answer. Throws a `WebhookFailure` for everything else. */
export async function postReview(
  deps: WebhookDeps,
  clientConfig: unknown,
  { review, timeoutSeconds, signal }: { review: unknown; timeoutSeconds: number; signal?: AbortSignal },
): Promise<Readonly<Record<string, unknown>>> {
  const config = isRecord(clientConfig) ? clientConfig : {}
  const { shown, url } = addressOf(deps, config, timeoutSeconds)
  const fail = (why: string) => new WebhookFailure(`Post ${JSON.stringify(shown)}: ${why}`)
  if (url === undefined) throw fail(`service ${JSON.stringify(serviceOf(config)?.name ?? "")} not found`)
  const caBundle = typeof config["caBundle"] === "string" ? config["caBundle"] : undefined
  const timeoutError = () => fail("context deadline exceeded")
  return withDeadline(deps.clock, { limit: ms(timeoutSeconds * 1000), signal, timeoutError }, async (limited) => {
    const headers = { "content-type": "application/json", accept: "application/json" }
    const request = new Request(url, { method: "POST", headers, body: JSON.stringify(review), signal: limited })
    let response: Response
    try {
      response = await deps.send(request, { caBundle })
    } catch (error) {
      if (limited.aborted) throw limited.reason
      throw error instanceof WebhookFailure ? error : fail(messageOf(error))
    }
    return read(response)
  })
}

async function read(response: Response): Promise<Readonly<Record<string, unknown>>> {
  const text = await response.text()
  if (text.length > answerBytesMax) throw new WebhookFailure("the answer is too long")
  if (!response.ok) {
    const said = JSON.stringify(text.slice(0, 500))
    throw new WebhookFailure(`an error on the server (${said}) has prevented the request from succeeding`)
  }
  try {
    const body: unknown = JSON.parse(text)
    if (isRecord(body)) return body
  } catch {
    // said below
  }
  throw new WebhookFailure("couldn't get version/kind; json parse error: the answer is no JSON object")
}

function serviceOf(config: Readonly<Record<string, unknown>>) {
  const { service } = config
  if (!isRecord(service)) return undefined
  const { namespace, name, port, path } = service
  return {
    namespace: String(namespace),
    name: String(name),
    port: typeof port === "number" ? port : 443,
    path: typeof path === "string" ? path : "",
  }
}

/** The address as messages name it, and the one that is called. */
function addressOf(
  deps: WebhookDeps,
  config: Readonly<Record<string, unknown>>,
  timeoutSeconds: number,
): { readonly shown: string; readonly url: string | undefined } {
  const query = `timeout=${timeoutSeconds}s`
  const service = serviceOf(config)
  if (service === undefined) {
    const url = String(config["url"])
    const full = `${url}${url.includes("?") ? "&" : "?"}${query}`
    return { shown: full, url: URL.canParse(full) ? full : undefined }
  }
  const { namespace, name, port, path } = service
  const rest = `${path === "" ? "/" : path}?${query}`
  const base = deps.serviceUrl(service)
  return { shown: `https://${name}.${namespace}.svc:${port}${rest}`, url: base && `${base}${rest}` }
}
