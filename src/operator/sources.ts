import type { Scope } from "../base/mod.ts"
import { formatGvk, type Gvk, type KubeObject, type ObjectKey, objectKey } from "../kube/mod.ts"
import {
  callsOf,
  type LabelQuery,
  type Look,
  type OperatorPlan,
  type SourceAnswer,
  type SourceRef,
} from "../plan/mod.ts"
import { type Informer, type InformerOptions, type StoreEvent, WatchBook } from "../runtime/mod.ts"
import type { Kinds } from "./kinds.ts"

/** What following other objects needs. */
export interface SourcesDeps {
  readonly kinds: Pick<Kinds, "resourceOf" | "served">
  readonly acquire: (options: InformerOptions) => Informer
  /** Something changed that a pass of this CR asked for. */
  readonly wake: (key: ObjectKey) => void
}

/** What one pass reads of other objects. */
export interface Reading extends Look {
  /** The pass is over: what it did not ask wakes its CR no longer. */
  commit(): void
}

interface WatchScope {
  readonly gvk: Gvk
  readonly namespace: string | undefined
}

interface Watched extends WatchScope {
  /** Undefined while the cluster does not serve the kind. */
  informer: Informer | undefined
}

/**
 * The objects that an operator reads beside its own: what its entries copy, and custom resources of others. Followed as
 * they change.
 *
 * Guarantees: as little is watched as the Katalog's fixed texts allow: one namespace where it is plain text, else the
 * kind everywhere. A CR is woken when something changes that its last pass asked for, whoever wrote it. A kind that the
 * cluster does not serve has no objects.
 */
export class Sources {
  readonly #deps: SourcesDeps
  readonly #self: string
  readonly #watched: readonly Watched[]
  readonly #book = new WatchBook()
  /** The queries by labels behind the questions of the book. */
  readonly #queries = new Map<string, LabelQuery>()

  constructor(deps: SourcesDeps, plan: OperatorPlan) {
    this.#deps = deps
    this.#self = formatGvk(plan.gvk)
    this.#watched = scopesOf(plan).map((scope) => ({ ...scope, informer: undefined }))
  }

  /** True once every kind that is served has been listed, or has said why it cannot be. */
  get isSettled(): boolean {
    return this.#watched.every(({ gvk, informer }) =>
      informer ? informer.hasSynced || informer.lastError !== undefined : !this.#deps.kinds.resourceOf(gvk),
    )
  }

  /** Starts to follow what the plan reads, kind by kind as the cluster serves it; ends with `life`. */
  follow(life: Scope): void {
    for (const watched of this.#watched) {
      life.run(`source ${formatGvk(watched.gvk)}`, (signal) => this.#start(watched, life, signal))
    }
  }

  /** What a pass of `cr` reads. */
  begin(cr: ObjectKey): Reading {
    const entry = this.#book.begin(cr)
    return {
      get: (ref) => {
        entry.on(idOf(ref.gvk, objectKey(ref.namespace, ref.name)))
        return this.#find(ref)
      },
      list: (query) => {
        const question = `${formatGvk(query.gvk)} ${JSON.stringify([query.namespace ?? null, query.labels])}`
        this.#queries.set(question, query)
        entry.on(question)
        return this.#list(query)
      },
      commit: () => entry.commit(),
    }
  }

  /** Forgets a CR that is gone. */
  forget(cr: ObjectKey): void {
    this.#book.forget(cr)
  }

  async #start(watched: Watched, life: Scope, signal: AbortSignal): Promise<void> {
    const { gvk, namespace } = watched
    const resource = await this.#deps.kinds.served(gvk, signal)
    const informer = this.#deps.acquire({ resource, namespace })
    watched.informer = informer
    const handler = informer.onEvent((event) => this.#hear(gvk, event), { ownWrites: true })
    life.defer(() => handler[Symbol.dispose]())
    await informer.synced(signal)
    for (const cr of this.#book.askersWhere((question) => question.startsWith(`${formatGvk(gvk)} `))) {
      this.#deps.wake(cr)
    }
  }

  #hear(gvk: Gvk, { key, object, before, initial }: StoreEvent): void {
    if (initial) return
    const woken = new Set(this.#book.askers(idOf(gvk, key)))
    for (const [question, query] of this.#queries) {
      if (formatGvk(query.gvk) !== formatGvk(gvk)) continue
      const askers = this.#book.askers(question)
      if (askers.length === 0) this.#queries.delete(question)
      else if ([object, before].some((one) => one && fits(query, one))) for (const cr of askers) woken.add(cr)
    }
    // Its own changes wake a CR anyway, and those that the operator itself wrote must not.
    if (formatGvk(gvk) === this.#self) woken.delete(key)
    for (const cr of woken) this.#deps.wake(cr)
  }

  #informers({ gvk, namespace: wanted }: WatchScope): readonly Informer[] {
    return this.#watched.flatMap(({ gvk: own, namespace, informer }) =>
      informer && formatGvk(own) === formatGvk(gvk) && (namespace === undefined || namespace === wanted)
        ? [informer]
        : [],
    )
  }

  #find(ref: SourceRef): SourceAnswer {
    if (!this.#deps.kinds.resourceOf(ref.gvk)) return "missing"
    const informers = this.#informers(ref)
    const key = objectKey(ref.namespace, ref.name)
    const found = informers.map(({ lister }) => lister.get(key)).find((object) => object !== undefined)
    return found ?? (informers.some(({ hasSynced }) => hasSynced) ? "missing" : "pending")
  }

  #list(query: LabelQuery): readonly KubeObject[] | "pending" {
    if (!this.#deps.kinds.resourceOf(query.gvk)) return []
    const informer = this.#informers(query).find(({ hasSynced }) => hasSynced)
    return informer?.lister.list(query.namespace).filter((object) => fits(query, object)) ?? "pending"
  }
}

function fits({ namespace, labels }: LabelQuery, { metadata }: KubeObject): boolean {
  if (namespace !== undefined && namespace !== metadata.namespace) return false
  return Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value)
}

function idOf(gvk: Gvk, key: string): string {
  return `${formatGvk(gvk)} ${key}`
}

const secretGvk = { group: "", version: "v1", kind: "Secret" } as const

/** One scope per kind and fixed namespace; a kind that is needed everywhere is watched everywhere, once. */
function scopesOf(plan: OperatorPlan): readonly WatchScope[] {
  const copied = [...plan.resources, ...plan.onDelete].flatMap(({ source }) => source ?? [])
  const wanted: readonly WatchScope[] = [
    ...copied.map(({ gvk, namespace }) => ({
      gvk,
      namespace: namespace?.isStatic ? String(namespace.source) : undefined,
    })),
    ...callsOf(plan.calls).flatMap(({ secret }) => (secret ? [{ gvk: secretGvk, namespace: secret.namespace }] : [])),
    // Everywhere, so that the cache of the operator whose custom resources they are serves both.
    ...plan.cross.map(({ gvk }) => ({ gvk, namespace: undefined })),
  ]
  const byKind = Map.groupBy(wanted, ({ gvk }) => formatGvk(gvk))
  return [...byKind.values()].flatMap((list): readonly WatchScope[] => {
    const [first] = list
    if (!first) return []
    const namespaces = new Set(list.map(({ namespace }) => namespace))
    if (namespaces.has(undefined)) return [{ gvk: first.gvk, namespace: undefined }]
    return [...namespaces].map((namespace) => ({ gvk: first.gvk, namespace }))
  })
}
