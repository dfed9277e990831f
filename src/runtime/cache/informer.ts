import { type Clock, type Logger, type Metrics, type OrkError, onAbort, type Random } from "../../base/mod.ts"
import { formatGvr, isNewer, type KubeObject, keyOf } from "../../kube/mod.ts"
import type { Client } from "../client/api.ts"
import type { IndexFunction } from "./indexer.ts"
import type { Lister } from "./lister.ts"
import { Reflector, type ReflectorOptions } from "./reflector.ts"
import { type Change, type Project, type Report, Store } from "./store.ts"

/** One change of the cache, as handlers see it. `initial`: part of the first complete state, or of a late replay. */
export interface StoreEvent extends Change {
  readonly initial: boolean
}

/** Which objects an informer follows, and what it keeps of them. */
export interface InformerOptions extends ReflectorOptions {
  /** What is kept of an object, undefined: nothing. Name, namespace, uid and resourceVersion must stay. */
  readonly project?: Project | undefined
  readonly indexes?: Readonly<Record<string, IndexFunction>> | undefined
}

/** What an informer needs. */
export interface InformerDeps {
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly metrics: Metrics
}

/**
 * A cache of one resource that follows the server, and tells handlers what changed.
 *
 * Guarantees: events come in order per key, one handler at a time; a handler that throws is logged and harms nothing; a
 * late handler first gets all that is there. Errors of the server cost time only.
 * Not promised: every intermediate state; an event for what `observe` and `observeGone` put in, unless asked for.
 */
export class Informer {
  readonly #store: Store
  readonly #reflector: Reflector
  readonly #log: Logger
  readonly #metrics: Metrics
  readonly #resource: string
  readonly #namespace: string | undefined
  readonly #handlers = new Set<(event: StoreEvent) => void>()
  readonly #ownWriteHandlers = new Set<(event: StoreEvent) => void>()
  readonly #waiting = new Set<() => void>()
  #hasSynced = false

  constructor(deps: InformerDeps, options: InformerOptions) {
    this.#resource = formatGvr(options.resource.gvr)
    this.#log = deps.log.with({ gvr: this.#resource })
    this.#metrics = deps.metrics
    this.#namespace = options.namespace
    this.#store = new Store(options)
    this.addIndexes(options.indexes ?? {})
    const sink = {
      report: (object: KubeObject) => this.#store.report(object),
      upsert: (report: Report) => this.#tell(this.#store.upsert(report)),
      delete: (object: KubeObject) => this.#tell(this.#store.delete(object)),
      replace: (reports: readonly Report[], resourceVersion: string) => {
        this.#tell(this.#store.replace(reports, resourceVersion))
        this.#synced()
      },
    }
    this.#reflector = new Reflector({ ...deps, sink }, options)
  }

  get lister(): Lister {
    return this.#store
  }

  /** True once the first complete state is in the store. */
  get hasSynced(): boolean {
    return this.#hasSynced
  }

  /** The error of the running outage; undefined when all is well. */
  get lastError(): OrkError | undefined {
    return this.#reflector.lastError
  }

  /** Adds indexes; a name that exists is left as it is. */
  addIndexes(indexes: Readonly<Record<string, IndexFunction>>): void {
    for (const [name, values] of Object.entries(indexes)) this.#store.addIndex(name, values)
  }

  /** Resolves once `hasSynced`; rejects when `signal` aborts. */
  async synced(signal: AbortSignal): Promise<void> {
    if (this.#hasSynced) return
    const waiting = Promise.withResolvers<void>()
    this.#waiting.add(waiting.resolve)
    using _link = onAbort(signal, waiting.reject)
    try {
      await waiting.promise
    } finally {
      this.#waiting.delete(waiting.resolve)
    }
  }

  /**
   * Calls `handler` for every change from now on, after all that is in the store as `added`, `initial`. With `ownWrites`
   * also for the answers that `observe` puts in: for whoever follows what another part of this process writes.
   */
  onEvent(handler: (event: StoreEvent) => void, options: { readonly ownWrites?: boolean } = {}): Disposable {
    const own = (event: StoreEvent) => handler(event) // registering one function twice makes two handlers
    for (const change of this.#store.snapshot()) this.#call(own, { ...change, initial: true })
    this.#handlers.add(own)
    if (options.ownWrites) this.#ownWriteHandlers.add(own)
    return { [Symbol.dispose]: () => this.#handlers.delete(own) && this.#ownWriteHandlers.delete(own) }
  }

  /** Follows the server until `signal` aborts. Once per informer. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#reflector.run(signal)
  }

  /**
   * Puts the answer to one of our own writes into the store, if it is newer than what is known. Of the handlers only those
   * are called that asked for own writes.
   * The object must match the informer's selectors; another namespace is ignored.
   */
  observe(object: KubeObject): void {
    if (this.#namespace !== undefined && object.metadata.namespace !== this.#namespace) return
    const known = this.#store.get(keyOf(object))
    if (known === undefined || isNewer(object.metadata.resourceVersion, known.metadata.resourceVersion)) {
      this.#tell(this.#store.upsert(this.#store.report(object)), this.#ownWriteHandlers)
    }
  }

  /** Takes `object` out of the store, if nothing newer is there; no handler is called. */
  observeGone(object: KubeObject): void {
    this.#store.delete(object)
  }

  #synced(): void {
    this.#hasSynced = true
    for (const resolve of this.#waiting) resolve()
  }

  #tell(changes: readonly Change[], handlers = this.#handlers): void {
    for (const change of changes) {
      for (const handler of [...handlers]) this.#call(handler, { ...change, initial: !this.#hasSynced })
    }
    if (changes.length > 0) this.#metrics.gauge("ork_informer_objects", { resource: this.#resource }, this.#store.size)
  }

  #call(handler: (event: StoreEvent) => void, event: StoreEvent): void {
    try {
      handler(event)
    } catch (error) {
      this.#log.error("event handler failed", { key: event.key, error })
    }
  }
}
