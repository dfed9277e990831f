import type { Logger, Scope } from "../base/mod.ts"
import { formatGvk, type KubeObject, type ObjectKey, type ResourceInfo, semanticEqual } from "../kube/mod.ts"
import type { OperatorPlan } from "../plan/mod.ts"
import { type Informer, type InformerOptions, type StoreEvent, WatchBook } from "../runtime/mod.ts"
import type { Look } from "./enrich.ts"
import { type EnrichWatch, enrichSources, questionOf, questionsAbout, watchesOf } from "./enrich-sources.ts"
import type { Kinds } from "./kinds.ts"

/** What following the objects behind `enrich` needs. */
export interface EnrichmentDeps {
  readonly kinds: Pick<Kinds, "resourceOf" | "changes">
  readonly acquire: (options: InformerOptions) => Informer
  readonly log: Logger
  /** Something changed that the last pass of this CR asked for. */
  readonly wake: (key: ObjectKey) => void
  /** A kind has been listed for the first time. */
  readonly wakeAll: () => void
}

interface Watched {
  readonly watch: EnrichWatch
  /** Undefined while the cluster does not serve the kind. */
  informer: Informer | undefined
  hasComplained: boolean
}

/**
 * The objects that children are enriched from, followed as they change.
 *
 * Guarantees: only what the plan's targets need is watched, and only the fields that are read are kept; nothing for a
 * plan without `enrich`. A CR is woken when an answer changes that its last pass got. A kind that may not be read costs
 * one warning, never a pass.
 */
export class Enrichment {
  readonly #deps: EnrichmentDeps
  readonly #watched: readonly Watched[]
  readonly #book = new WatchBook()

  constructor(deps: EnrichmentDeps, plan: OperatorPlan) {
    this.#deps = deps
    this.#watched = watchesOf(plan).map((watch) => ({ watch, informer: undefined, hasComplained: false }))
  }

  /** True once every kind that is served has been listed, or has said why it cannot be. */
  get isSettled(): boolean {
    return this.#watched.every(({ informer }) => !informer || informer.hasSynced || informer.lastError !== undefined)
  }

  /** Starts to follow what the plan needs, kind by kind as the cluster serves it; ends with `life`. */
  follow(life: Scope): void {
    for (const watched of this.#watched) {
      const { gvk } = enrichSources[watched.watch.source]
      const resource = this.#deps.kinds.resourceOf(gvk)
      if (resource) this.#start(watched, resource, life)
      else life.run(`enrich ${formatGvk(gvk)}`, (signal) => this.#startLater(watched, life, signal))
    }
  }

  /** What a pass of `cr` asks: its earlier questions are forgotten. */
  reader(cr: ObjectKey): Look {
    this.forget(cr)
    const entry = this.#book.begin(cr)
    return (source, by, value) => {
      entry.on(questionOf(source, by, value))
      const fitting = this.#watched.filter(({ watch }) => watch.source === source)
      return fitting.length > 0 && fitting.every((watched) => this.#isKnown(watched))
        ? fitting.flatMap(({ informer }) => find(informer, by, value))
        : undefined
    }
  }

  /** Forgets a CR that is gone. */
  forget(cr: ObjectKey): void {
    this.#book.forget(cr)
  }

  #isKnown(watched: Watched): boolean {
    const { informer, watch } = watched
    if (informer?.hasSynced) return true
    const error = informer?.lastError
    if (error && !watched.hasComplained) {
      watched.hasComplained = true
      const gvk = formatGvk(enrichSources[watch.source].gvk)
      this.#deps.log.warn("enrich goes without a kind that cannot be read", {
        gvk,
        code: error.code,
        error: error.message,
      })
    }
    return false
  }

  #start(watched: Watched, resource: ResourceInfo, life: Scope): void {
    const { source, labelSelector, indexes } = watched.watch
    const { project, indexes: all, fieldSelector } = enrichSources[source]
    const wanted = Object.entries(all).filter(([name]) => indexes.some((index) => index === name))
    const options = { resource, project, indexes: Object.fromEntries(wanted), labelSelector, fieldSelector }
    const informer = this.#deps.acquire(options)
    watched.informer = informer
    const handler = informer.onEvent((event) => this.#hear(watched.watch, event))
    life.defer(() => handler[Symbol.dispose]())
    life.run(`listed ${source}`, async (signal) => {
      await informer.synced(signal)
      this.#deps.wakeAll()
    })
  }

  async #startLater(watched: Watched, life: Scope, signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#deps.kinds.changes.next(signal)
      const resource = this.#deps.kinds.resourceOf(enrichSources[watched.watch.source].gvk)
      if (resource) return this.#start(watched, resource, life)
    }
  }

  #hear(watch: EnrichWatch, { type, initial, object, before }: StoreEvent): void {
    // A heartbeat changes nothing that is kept.
    if (initial || (type === "updated" && before && isSame(before, object))) return
    const questions = new Set([object, ...(before ? [before] : [])].flatMap((one) => questionsAbout(watch, one)))
    const woken = new Set([...questions].flatMap((question) => this.#book.askers(question)))
    for (const cr of woken) this.#deps.wake(cr)
  }
}

function find(informer: Informer | undefined, by: Parameters<Look>[1], value: string): readonly KubeObject[] {
  if (!informer) return []
  if (by !== "key") return informer.lister.byIndex(by, value)
  const object = informer.lister.get(value as ObjectKey) // made by objectKey, or the name of a cluster-scoped object
  return object ? [object] : []
}

function isSame(before: KubeObject, after: KubeObject): boolean {
  return semanticEqual(withoutVersion(before), withoutVersion(after))
}

function withoutVersion({ metadata, ...rest }: KubeObject): unknown {
  const { resourceVersion: _version, ...kept } = metadata
  return { metadata: kept, ...rest }
}
