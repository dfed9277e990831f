import { type Clock, type Logger, type Metrics, messageOf, ms, OrkError, type Random } from "../../base/mod.ts"
import { formatGvr, type KubeObject, type ObjectKey, type ResourceInfo } from "../../kube/mod.ts"
import type { Client, WatchEvent } from "../client/api.ts"
import { advance, initialReflectorState, type Question, question, type ReflectorInput } from "./reflector-machine.ts"
import type { Report } from "./store.ts"

/** Which objects a reflector follows. Undefined selectors: all. */
export interface ReflectorOptions {
  readonly resource: ResourceInfo
  /** Undefined: all. */
  readonly namespace?: string | undefined
  readonly labelSelector?: string | undefined
  readonly fieldSelector?: string | undefined
  /** A watch lasts a random time between these. Default 300 to 600. */
  readonly watchSecondsMin?: number
  readonly watchSecondsMax?: number
}

/** Where a reflector puts what it hears. */
export interface ReflectorSink {
  report(object: KubeObject): Report
  replace(reports: readonly Report[], resourceVersion: string): void
  upsert(report: Report): void
  delete(object: KubeObject): void
}

const pageSize = 500
/** Bookmarks come about once a minute; twice that without a word means that the other end is gone. */
const silenceMax = ms("2m")

/** Drives the reflector machine with a client and a clock: keeps a sink equal to the server's state. */
export class Reflector {
  readonly #client: Client
  readonly #clock: Clock
  readonly #random: Random
  readonly #log: Logger
  readonly #metrics: Metrics
  readonly #sink: ReflectorSink
  readonly #options: ReflectorOptions
  readonly #resource: string
  #state = initialReflectorState

  constructor(
    deps: { client: Client; clock: Clock; random: Random; log: Logger; metrics: Metrics; sink: ReflectorSink },
    options: ReflectorOptions,
  ) {
    this.#client = deps.client
    this.#clock = deps.clock
    this.#random = deps.random
    this.#resource = formatGvr(options.resource.gvr)
    this.#log = deps.log.with({ gvr: this.#resource })
    this.#metrics = deps.metrics
    this.#sink = deps.sink
    this.#options = options
  }

  /** The error of the running outage; undefined when all is well. */
  get lastError(): OrkError | undefined {
    return this.#state.error
  }

  /** Lists and watches until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const input = await this.#ask(question(this.#state), signal)
      if (signal.aborted) return
      if (input !== undefined) this.#step(input)
      const { waitMs } = this.#state
      if (waitMs > 0) await this.#clock.sleep(waitMs, signal).catch(() => undefined) // only the abort rejects it
    }
  }

  /** Asks one question; undefined when every input it led to has been taken already. */
  async #ask(asked: Question, signal: AbortSignal): Promise<ReflectorInput | undefined> {
    try {
      switch (asked.ask) {
        case "list":
          await this.#list(signal)
          return undefined
        case "watch-list":
          return await this.#watch({ sendInitialEvents: true }, signal)
        case "watch":
          return await this.#watch({ resourceVersion: asked.resourceVersion }, signal)
      }
    } catch (error) {
      return { kind: "failed", error: asOrkError(error) }
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const reports: Report[] = []
    let continueToken: string | undefined
    for (;;) {
      const page = await this.#client.list(this.#options.resource, {
        ...this.#scope(),
        limit: pageSize,
        ...(continueToken ? { continueToken } : {}),
        signal,
      })
      for (const item of page.items) reports.push(this.#sink.report(item))
      if (!page.continueToken) {
        if (!signal.aborted) this.#replace(reports, page.resourceVersion)
        return
      }
      continueToken = page.continueToken
    }
  }

  /** Reads one stream to its end. With initial events, nothing reaches the sink before they are complete. */
  async #watch(
    from: { readonly sendInitialEvents: true } | { readonly resourceVersion: string },
    signal: AbortSignal,
  ): Promise<ReflectorInput> {
    const startedMs = this.#clock.steadyMs()
    let initial: Map<ObjectKey, Report> | undefined = "sendInitialEvents" in from ? new Map() : undefined
    const options = { ...this.#scope(), ...from, timeoutSeconds: this.#watchSeconds(), silenceMax, signal }
    for await (const event of this.#client.watch(this.#options.resource, options)) {
      if (signal.aborted) break
      if (initial === undefined) this.#hear(event)
      else if (event.type !== "BOOKMARK") collect(initial, event.type, this.#sink.report(event.object))
      else if (event.initialEventsEnd) {
        this.#replace([...initial.values()], event.resourceVersion)
        initial = undefined
      }
    }
    return { kind: "ended", afterMs: this.#clock.steadyMs() - startedMs }
  }

  #hear(event: WatchEvent): void {
    if (event.type === "BOOKMARK") {
      this.#step({ kind: "progress", resourceVersion: event.resourceVersion })
      return
    }
    if (event.type === "DELETED") this.#sink.delete(event.object)
    else this.#sink.upsert(this.#sink.report(event.object))
    this.#step({ kind: "progress", resourceVersion: event.object.metadata.resourceVersion })
  }

  #replace(reports: readonly Report[], resourceVersion: string): void {
    this.#metrics.count("ork_informer_relist_total", { resource: this.#resource })
    this.#sink.replace(reports, resourceVersion)
    this.#step({ kind: "replaced", resourceVersion })
  }

  #step(input: ReflectorInput): void {
    const before = this.#state.error
    this.#state = advance(this.#state, input, this.#random)
    const now = this.#state.error
    if (input.kind === "failed") this.#metrics.count("ork_informer_error_total", { resource: this.#resource })
    if (now !== undefined && now !== before) {
      const level = before === undefined ? "warn" : "debug"
      this.#log[level]("watching failed, trying again", { code: now.code, error: now.message })
    }
    if (now === undefined && before !== undefined) this.#log.info("watching works again")
  }

  #scope(): { readonly namespace?: string; readonly labelSelector?: string; readonly fieldSelector?: string } {
    const { namespace, labelSelector, fieldSelector } = this.#options
    return {
      ...(namespace === undefined ? {} : { namespace }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
    }
  }

  /** Lengths differ, so that many watches do not end in the same second. */
  #watchSeconds(): number {
    const { watchSecondsMin = 300, watchSecondsMax = 600 } = this.#options
    return watchSecondsMin + Math.floor(this.#random.next() * (watchSecondsMax - watchSecondsMin + 1))
  }
}

function collect(initial: Map<ObjectKey, Report>, type: "ADDED" | "MODIFIED" | "DELETED", report: Report): void {
  if (type === "DELETED") initial.delete(report.key)
  else initial.set(report.key, report)
}

function asOrkError(error: unknown): OrkError {
  if (error instanceof OrkError) return error
  return new OrkError("api/unavailable", `watch failed: ${messageOf(error)}`, {}, { cause: error })
}
