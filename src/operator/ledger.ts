import { type Clock, isOrkError, type Logger, messageOf, ms, OrkError, rfc3339, withDeadline } from "../base/mod.ts"
import { isRecord, type KubeObject, objectKey } from "../kube/mod.ts"
import { type CallOptions, type Client, leaseResource } from "../runtime/mod.ts"

/** What a Katalog has ever made, so that a start need not look for it. */
export interface LedgerState {
  /** When every kind was last looked at; undefined: never, so what is not in here may exist all the same. */
  readonly sweptAtMs: number | undefined
  /** Owner (see `ownerId`) to the kinds of which it made children, as `Deployment.apps`, sorted. */
  readonly made: Readonly<Record<string, readonly string[]>>
  /** Whether admission policies were kept; undefined: not known. */
  readonly guards: boolean | undefined
}

/** A change of the ledger. May be asked more than once. */
export type LedgerChange = (state: LedgerState) => LedgerState

const annotation = "orkestra.orkspace.io/made"
/** All annotations of an object share 256 KiB. */
const bytesMax = 64 * 1024
const triesMax = 5
const retryMs = ms("500ms")
const answerMs = ms("5s")
const empty: LedgerState = { sweptAtMs: undefined, made: {}, guards: undefined }

/**
 * A record beside the Lease of a Katalog, in one of its annotations: it is there with and without election, and survives
 * this process.
 *
 * Guarantees: changes meet the newest state, also when others write; what stands already is not written again. Whoever
 * may not read or write it gets an empty state: it only saves work.
 */
export class Ledger {
  readonly #deps: { readonly client: Client; readonly clock: Clock; readonly log: Logger }
  readonly #place: { readonly namespace: string; readonly name: string } | undefined
  #reading: Promise<KubeObject | undefined> | undefined
  #lease: KubeObject | undefined
  #pending: LedgerChange[] = []
  #writing: Promise<void> | undefined

  /** Without a `place` nothing is kept. */
  constructor(
    deps: { client: Client; clock: Clock; log: Logger },
    place: { readonly namespace: string; readonly name: string } | undefined,
  ) {
    this.#deps = deps
    this.#place = place
  }

  /** What the server says now. Who asks in the same moment shares the answer. */
  async read(): Promise<LedgerState> {
    try {
      await this.#refresh()
      return stateOf(this.#lease)
    } catch (error) {
      this.#complain("what was made before is not known", error)
      return empty
    }
  }

  /** Resolves when `change` is written, or cannot be. Changes of the same moment are one write. */
  async update(client: Client, change: LedgerChange): Promise<void> {
    if (this.#place === undefined) return
    this.#pending.push(change)
    this.#writing ??= this.#writeAll(client).finally(() => {
      this.#writing = undefined
    })
    await this.#writing
  }

  async #refresh(): Promise<void> {
    if (this.#place === undefined) return
    const { namespace, name } = this.#place
    const key = objectKey(namespace, name)
    this.#reading ??= this.#inTime((options) => this.#deps.client.get(leaseResource, key, options)).finally(() => {
      this.#reading = undefined
    })
    this.#lease = await this.#reading
  }

  async #writeAll(client: Client): Promise<void> {
    await Promise.resolve() // others of this moment join
    while (this.#pending.length > 0) {
      const changes = this.#pending
      this.#pending = []
      await this.#write(client, (state) => changes.reduce((before, change) => change(before), state))
    }
  }

  async #write(client: Client, change: LedgerChange): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        const before = stateOf(this.#lease)
        const text = textOf(change(before))
        if (text === textOf(before) || text.length > bytesMax) return
        this.#lease = await this.#put(client, text)
        return
      } catch (error) {
        if (!isOrkError(error)) throw error
        // A new Lease that is refused so: its namespace is missing.
        const isHopeless = !error.retryable || (error.code === "api/not-found" && this.#lease === undefined)
        if (isHopeless || tries === triesMax) return this.#complain("what is made is not noted", error)
        if (tries > 1) await this.#deps.clock.sleep(retryMs)
        await this.#refresh().catch(() => undefined) // the next try says what is wrong
      }
    }
  }

  async #put(client: Client, text: string): Promise<KubeObject> {
    const { namespace, name } = this.#place ?? { namespace: "", name: "" }
    const lease = this.#lease ?? { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { namespace, name } }
    const annotations = { ...lease.metadata.annotations, [annotation]: text }
    const object: KubeObject = { ...lease, metadata: { ...lease.metadata, annotations } }
    return await this.#inTime((options) =>
      this.#lease ? client.update(leaseResource, object, options) : client.create(leaseResource, object, options),
    )
  }

  async #inTime<T>(call: (options: CallOptions) => Promise<T>): Promise<T> {
    const timeoutError = () => new OrkError("net/timeout", "Lease: no answer in time")
    const options = { limit: answerMs, signal: undefined, timeoutError }
    return await withDeadline(this.#deps.clock, options, (signal) => call({ signal }))
  }

  #complain(what: string, error: unknown): void {
    if (!isOrkError(error)) throw error
    this.#deps.log.debug(what, { code: error.code, error: messageOf(error) })
  }
}

function textOf({ sweptAtMs, made, guards }: LedgerState): string {
  const sweptAt = sweptAtMs === undefined ? undefined : rfc3339(sweptAtMs)
  const sorted = Object.fromEntries(Object.entries(made).sort(([a], [b]) => (a < b ? -1 : 1)))
  return JSON.stringify({ sweptAt, guards, made: sorted })
}

/** What somebody else wrote into the annotation counts as nothing. */
function stateOf(lease: KubeObject | undefined): LedgerState {
  const text = lease?.metadata.annotations?.[annotation]
  if (text === undefined) return empty
  try {
    const value: unknown = JSON.parse(text)
    if (!isRecord(value) || !isRecord(value["made"])) return empty
    const { sweptAt, guards, made } = value
    const kinds = Object.entries(made).map(([owner, list]) => [owner, Array.isArray(list) ? list.map(String) : []])
    return {
      sweptAtMs: Date.parse(String(sweptAt)) || undefined,
      guards: typeof guards === "boolean" ? guards : undefined,
      made: Object.fromEntries(kinds),
    }
  } catch {
    return empty
  }
}
