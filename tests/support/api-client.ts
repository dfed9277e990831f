import { type ApiServer, type ApiServerOptions, createApiServer } from "../../src/apiserver/mod.ts"
import { seeded } from "../../src/base/mod.ts"
import type { KubeObject } from "../../src/kube/mod.ts"
import { configMaps, deployments, namespaces, pods } from "./api-resources.ts"
import { FakeClock } from "./clock.ts"

/** An answer, read to its end. */
export interface Answer {
  readonly code: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers as they please
  readonly body: any
  readonly headers: Headers
}

/** A server of its own, with a clock that stands still, and the ways to ask it. */
export class TestApi implements AsyncDisposable {
  readonly clock = new FakeClock()
  readonly server: ApiServer

  constructor(options: Partial<ApiServerOptions> = {}) {
    this.server = createApiServer({
      clock: this.clock,
      random: seeded(7),
      resources: [configMaps, namespaces, deployments, pods],
      ...options,
    })
  }

  /** A server in which the namespace `shop` exists. */
  static async start(options: Partial<ApiServerOptions> = {}): Promise<TestApi> {
    const api = new TestApi(options)
    await api.ask("POST", "/api/v1/namespaces", { metadata: { name: "shop" } })
    return api
  }

  /** One request, its answer read as JSON where it is JSON. */
  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const response = await this.send(method, path, body, headers)
    const text = await response.text()
    const isJson = response.headers.get("Content-Type")?.startsWith("application/json") === true
    return { code: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers }
  }

  /** One request, its answer unread. */
  send(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body)
    const init = {
      method,
      headers: { "User-Agent": "test/1", ...headers },
      ...(text === undefined ? {} : { body: text }),
    }
    return this.server.fetch(new Request(`http://api${path}`, init))
  }

  /** Opens a watch. */
  async watch(path: string): Promise<TestWatch> {
    const response = await this.send("GET", path)
    return new TestWatch(response)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close()
  }
}

/** An event of a watch. */
export interface TestEvent {
  readonly type: string
  readonly object: KubeObject & { readonly code?: number }
}

/** A watch that is read event by event. */
class TestWatch {
  readonly code: number
  readonly #reader: Pick<ReadableStreamDefaultReader<Uint8Array>, "read" | "cancel">
  readonly #text = new TextDecoder()
  #lines: string[] = []
  #rest = ""

  constructor(response: Response) {
    this.code = response.status
    if (response.body === null) throw new Error("the watch has no body")
    this.#reader = response.body.getReader()
  }

  /** The next event; undefined when the watch has ended. */
  async next(): Promise<TestEvent | undefined> {
    while (this.#lines.length === 0) {
      const { done, value } = await this.#reader.read()
      if (done) return undefined
      const lines = (this.#rest + this.#text.decode(value, { stream: true })).split("\n")
      this.#rest = lines.pop() ?? ""
      this.#lines = lines.filter((line) => line !== "")
    }
    return JSON.parse(this.#lines.shift() ?? "null")
  }

  /** The next events as `TYPE name`. */
  async names(count: number): Promise<readonly string[]> {
    const names: string[] = []
    for (let i = 0; i < count; i++) {
      const event = await this.next()
      if (event === undefined) return [...names, "end"]
      names.push(`${event.type} ${event.object.metadata.name}`)
    }
    return names
  }

  /** Hangs up. */
  async stop(): Promise<void> {
    await this.#reader.cancel()
  }
}
