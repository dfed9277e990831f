/** A proxy between ork and an API server that plays bad weather. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Random } from "../../src/base/mod.ts"
import { pause } from "../cluster/processes.ts"

/** How bad it is. Shares are of all requests that are not watches. */
export interface Weather {
  /** Writes that are answered 409 without being made. */
  readonly conflict: number
  /** Requests that are answered 429 with Retry-After 1. */
  readonly throttled: number
  /** Requests that are answered 500, half of them after they were done. */
  readonly broken: number
  /** Watches are cut after this long. */
  readonly cutEveryMs: number
  /** Events of watches that are followed by 410, in mid-stream. */
  readonly gone: number
}

/** No trouble at all. */
export const calm: Weather = { conflict: 0, throttled: 0, broken: 0, cutEveryMs: 600_000, gone: 0 }

/** The storm that a release has to survive. */
export const storm: Weather = { conflict: 0.01, throttled: 0.01, broken: 0.005, cutEveryMs: 20_000, gone: 0.002 }

/** Where the proxy leads, and as whom. */
export interface Upstream {
  readonly server: string
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string }
}

const writes = new Set(["POST", "PUT", "PATCH", "DELETE"])

/** A proxy on loopback; its kubeconfig names it and no user: whoever comes is the upstream's identity. */
export class FaultProxy implements AsyncDisposable {
  weather: Weather = calm
  /** Faults that were played, by name. */
  readonly played: Record<string, number> = {}
  readonly #upstream: Upstream
  readonly #random: Random
  readonly #server: Bun.Server<undefined>
  readonly #dir = mkdtempSync(join(tmpdir(), "ork-faults-"))
  readonly #watches = new Set<AbortController>()
  #mute = 0

  constructor(upstream: Upstream, random: Random) {
    this.#upstream = upstream
    this.#random = random
    this.#server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      reusePort: false,
      idleTimeout: 0,
      fetch: (request) => this.#answer(request),
      error: () => new Response("proxy error", { status: 502 }),
    })
    const server = `http://127.0.0.1:${this.#server.port}`
    const config = {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "storm", cluster: { server } }],
      users: [{ name: "storm", user: {} }],
      contexts: [{ name: "storm", context: { cluster: "storm", user: "storm" } }],
      "current-context": "storm",
    }
    writeFileSync(this.kubeconfig, JSON.stringify(config))
  }

  get kubeconfig(): string {
    return join(this.#dir, "kubeconfig")
  }

  /** Watches that are open now get nothing more, and are not closed for `ms`: a half-open connection. */
  async halfOpen(ms: number): Promise<void> {
    this.#count("half-open")
    const open = [...this.#watches]
    this.#mute++
    const mine = this.#mute
    for (const watch of open) this.#muted.set(watch, mine)
    await pause(ms)
    for (const watch of open) watch.abort()
  }

  readonly #muted = new WeakMap<AbortController, number>()

  async [Symbol.asyncDispose](): Promise<void> {
    for (const watch of this.#watches) watch.abort()
    await this.#server.stop(true)
    rmSync(this.#dir, { recursive: true, force: true })
  }

  #count(name: string): void {
    this.played[name] = (this.played[name] ?? 0) + 1
  }

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url)
    if (url.searchParams.get("watch") === "true" || url.searchParams.get("watch") === "1")
      return this.#watch(request, url)
    const { conflict, throttled, broken } = this.weather
    const roll = this.#random.next()
    if (roll < throttled) return this.#refuse(429, "TooManyRequests", { "retry-after": "1" })
    if (roll < throttled + broken / 2) return this.#refuse(500, "InternalError")
    if (writes.has(request.method) && roll > 1 - conflict) return this.#refuse(409, "Conflict")
    const body = writes.has(request.method) ? await request.arrayBuffer() : undefined
    const answer = await this.#forward(request, url, { body })
    if (answer === undefined) return new Response("no upstream", { status: 502 })
    const headers = plainHeaders(answer)
    const content = await answer.arrayBuffer()
    // The work is done, and its answer is lost.
    if (roll < throttled + broken) return this.#refuse(500, "InternalError")
    return new Response(content, { status: answer.status, headers })
  }

  #refuse(code: number, reason: string, headers: Readonly<Record<string, string>> = {}): Response {
    this.#count(String(code))
    const status = { kind: "Status", apiVersion: "v1", status: "Failure", reason, code, message: "storm" }
    return Response.json(status, { status: code, headers })
  }

  async #forward(
    request: Request,
    url: URL,
    options: { readonly body?: ArrayBuffer | undefined; readonly signal?: AbortSignal },
  ): Promise<Response | undefined> {
    const headers = new Headers(request.headers)
    headers.delete("host")
    headers.delete("accept-encoding")
    try {
      return await fetch(`${this.#upstream.server}${url.pathname}${url.search}`, {
        method: request.method,
        headers,
        tls: this.#upstream.tls,
        timeout: false,
        ...(options.body === undefined ? {} : { body: options.body }),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      } as RequestInit) // Bun's own options
    } catch {
      return undefined
    }
  }

  async #watch(request: Request, url: URL): Promise<Response> {
    const life = new AbortController()
    request.signal.addEventListener("abort", () => life.abort())
    const answer = await this.#forward(request, url, { signal: life.signal })
    if (answer === undefined) return new Response("no upstream", { status: 502 })
    if (!answer.ok || answer.body === null) {
      return new Response(await answer.arrayBuffer(), { status: answer.status, headers: plainHeaders(answer) })
    }
    this.#watches.add(life)
    const stream = this.#weathered(answer.body, life)
    return new Response(stream, { status: answer.status, headers: plainHeaders(answer) })
  }

  #weathered(body: ReadableStream<Uint8Array>, life: AbortController): ReadableStream<Uint8Array> {
    const { cutEveryMs } = this.weather
    const cut = setTimeout(
      () => {
        this.#count("cut")
        life.abort()
      },
      cutEveryMs * (0.5 + this.#random.next()),
    )
    const reader = body.getReader()
    const end = () => {
      clearTimeout(cut)
      this.#watches.delete(life)
    }
    return new ReadableStream<Uint8Array>({
      start: async (controller) => {
        life.signal.addEventListener("abort", () => void reader.cancel().catch(() => undefined))
        try {
          for (;;) {
            const { done, value } = await reader.read()
            if (done) break
            if (this.#muted.has(life)) continue
            controller.enqueue(value)
            if (this.#random.next() < this.weather.gone && value.at(-1) === 10) {
              controller.enqueue(new TextEncoder().encode(expired))
              this.#count("410")
              break
            }
          }
          controller.close()
        } catch {
          try {
            controller.close()
          } catch {
            // ork closed it first
          }
        } finally {
          end()
          life.abort()
        }
      },
      cancel: () => {
        end()
        life.abort()
      },
    })
  }
}

const gone = { kind: "Status", apiVersion: "v1", status: "Failure", reason: "Expired", code: 410, message: "storm" }
const expired = `${JSON.stringify({ type: "ERROR", object: gone })}\n`

function plainHeaders(answer: Response): Headers {
  const headers = new Headers()
  for (const name of ["content-type", "retry-after", "warning"]) {
    const value = answer.headers.get(name)
    if (value !== null) headers.set(name, value)
  }
  return headers
}
