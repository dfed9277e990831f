import { type Clock, type Ms, ms, OrkError, type Transport, withDeadline } from "../../base/mod.ts"
import type { Endpoint, Material } from "./endpoint.ts"
import { type FlightSlots, flightSlots } from "./flight-slots.ts"
import { netError } from "./net-error.ts"

/** Limits of one call. */
export interface FetchTransportOptions {
  /** Limit for a whole call, its body included; for a watch, until its headers. */
  readonly timeoutMs?: Ms
  /** A longer answer is `OrkError` "api/too-large"; watches have a limit per line instead. */
  readonly bodyBytesMax?: number
}

/** A transport that holds connections; dispose it to close the idle ones. */
export type ClosableTransport = Transport & Disposable

/**
 * HTTP to one endpoint: the only caller of fetch.
 *
 * Guarantees: answers other than running watches are read whole before they are returned; a 401 renews the credentials and is
 * tried once more; an abort rejects with the signal's reason; every other failure is `OrkError` "net/…".
 * Not promised: ending a watch when its signal aborts after the headers came; whoever reads the body cancels it.
 */
export function fetchTransport(
  endpoint: Endpoint,
  deps: { readonly clock: Clock; readonly slots?: FlightSlots },
  options: FetchTransportOptions = {},
): ClosableTransport {
  const slots = deps.slots ?? flightSlots()
  const sessions = sessionKeeper(endpoint)
  const limits: Limits = {
    timeoutMs: options.timeoutMs ?? ms("30s"),
    bodyBytesMax: options.bodyBytesMax ?? 512 * 1024 * 1024,
  }
  async function transport(request: Request): Promise<Response> {
    const { watch, urgent } = classify(request.url)
    const slot = await slots.take({ urgent, signal: request.signal })
    let handedOver = false
    try {
      // Never asked for its `body`: that would make a stream of it.
      const bytes = await request.arrayBuffer()
      const body = bytes.byteLength === 0 ? undefined : bytes
      const send = (material: Material) => {
        const call = { endpoint, material, session: sessions.for(material), body, watch }
        return exchange(call, request, { clock: deps.clock, limits })
      }
      const material = await endpoint.material({ signal: request.signal })
      let response = await send(material)
      if (response.status === 401 && endpoint.renewable) {
        await response.body?.cancel()
        response = await send(await endpoint.material({ signal: request.signal, rejected: material }))
      }
      if (!watch || !response.ok || response.body === null) return response
      handedOver = true
      return tracked(response, response.body, { server: endpoint.server, onEnd: () => slot[Symbol.dispose]() })
    } finally {
      if (!handedOver) slot[Symbol.dispose]()
    }
  }
  return Object.assign(transport, { [Symbol.dispose]: () => sessions.close() })
}

/**
 * HTTP to any server, trusting whom the system trusts: for what a Katalog calls. Nothing is followed, added or tried again,
 * and whoever calls bounds the time and the bytes.
 */
export function openTransport(): Transport {
  return async (request) => {
    const { url, method, headers, signal } = request
    const body = request.body === null ? {} : { body: await request.arrayBuffer() }
    const init = { method, headers, signal, redirect: "manual", timeout: false, ...body }
    return await fetch(url, init as BunFetchRequestInit) // `timeout` is documented by Bun but absent from its types
  }
}

interface Limits {
  readonly timeoutMs: Ms
  readonly bodyBytesMax: number
}

interface Call {
  readonly endpoint: Endpoint
  readonly material: Material
  readonly session: Bun.FetchSession
  readonly body: ArrayBuffer | undefined
  readonly watch: boolean
}

/** Watches live long and lease renewals must not wait: both are known by their address. */
function classify(url: string): { readonly watch: boolean; readonly urgent: boolean } {
  const watch = /[?&]watch=true(&|$)/.test(url)
  return { watch, urgent: watch || url.includes("/apis/coordination.k8s.io/") }
}

async function exchange(
  call: Call,
  request: Request,
  { clock, limits }: { readonly clock: Clock; readonly limits: Limits },
): Promise<Response> {
  const { server } = call.endpoint
  const seconds = limits.timeoutMs / 1000
  const timeoutError = () => new OrkError("net/timeout", `${server}: no answer within ${seconds} s`, { server })
  return withDeadline(clock, { limit: limits.timeoutMs, signal: request.signal, timeoutError }, async (signal) => {
    try {
      const response = await call.session.fetch(request.url, {
        method: request.method,
        headers: headersOf(request, call.material),
        signal,
        redirect: "manual", // credentials never follow a redirect
        timeout: false,
        ...(call.body === undefined ? {} : { body: call.body }),
      } as BunFetchRequestInit) // `timeout` is documented by Bun but absent from its types
      return call.watch && response.ok ? response : await buffered(response, server, limits.bodyBytesMax)
    } catch (error) {
      if (signal.aborted) throw signal.reason
      throw netError(server, error)
    }
  })
}

function headersOf(request: Request, material: Material): Headers {
  const headers = new Headers(request.headers)
  if (material.authorization !== undefined) headers.set("authorization", material.authorization)
  for (const [name, value] of Object.entries(material.headers)) headers.set(name, value)
  return headers
}

async function buffered(response: Response, server: string, bytesMax: number): Promise<Response> {
  const { status, statusText, headers } = response
  const bytes = await readAll(response, server, bytesMax)
  return new Response(bytes.length === 0 ? null : bytes, { status, statusText, headers })
}

async function readAll(response: Response, server: string, bytesMax: number): Promise<Uint8Array<ArrayBuffer>> {
  const announced = response.headers.get("content-length")
  const encoded = response.headers.has("content-encoding")
  if (announced !== null && !encoded && Number(announced) <= bytesMax)
    return new Uint8Array(await response.arrayBuffer())
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > bytesMax) throw new OrkError("api/too-large", `${server}: the answer exceeds ${bytesMax} bytes`)
    chunks.push(chunk)
  }
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

/** The same answer, whose body tells when it ends and whose errors are `OrkError`. */
function tracked(
  response: Response,
  body: ReadableStream<Uint8Array>,
  { server, onEnd }: { readonly server: string; readonly onEnd: () => void },
): Response {
  const reader = body.getReader()
  const source = {
    async pull(controller: ReadableStreamDefaultController<Uint8Array>) {
      try {
        const { done, value } = await reader.read()
        if (!done) return controller.enqueue(value)
        onEnd()
        controller.close()
      } catch (error) {
        onEnd()
        controller.error(netError(server, error))
      }
    },
    async cancel(reason: unknown) {
      onEnd()
      await reader.cancel(reason)
    },
  }
  const { status, statusText, headers } = response
  return new Response(new ReadableStream(source, { highWaterMark: 0 }), { status, statusText, headers })
}

/** One session per identity: connections are never shared between two, and a renewed certificate gets a new one. */
function sessionKeeper(endpoint: Endpoint) {
  let current: { readonly material: Material; readonly session: Bun.FetchSession } | undefined
  return {
    for(material: Material): Bun.FetchSession {
      if (current && sameTls(current.material, material)) return current.session
      current?.session.close()
      const session = new Bun.FetchSession({
        tls: {
          ...(material.ca === undefined ? {} : { ca: material.ca }),
          ...(material.cert === undefined ? {} : { cert: material.cert }),
          ...(material.key === undefined ? {} : { key: material.key }),
          ...(endpoint.serverName === undefined ? {} : { serverName: endpoint.serverName }),
          rejectUnauthorized: !endpoint.insecure,
        },
        ...(endpoint.proxy === undefined ? {} : { proxy: endpoint.proxy }),
      })
      current = { material, session }
      return session
    },
    close(): void {
      current?.session.close()
      current = undefined
    },
  }
}

function sameTls(a: Material, b: Material): boolean {
  return a.ca === b.ca && a.cert === b.cert && a.key === b.key
}
