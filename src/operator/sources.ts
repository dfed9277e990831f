import type { Scope } from "../base/mod.ts"
import { formatGvk, type Gvk, type KubeObject, type ObjectKey, objectKey, type ResourceInfo } from "../kube/mod.ts"
import type { OperatorPlan, SourceAnswer, SourcePlan, SourceRef } from "../plan/mod.ts"
import type { Informer, InformerOptions } from "../runtime/mod.ts"
import type { Kinds } from "./kinds.ts"

/** What following the sources of copies needs. */
export interface SourcesDeps {
  readonly kinds: Pick<Kinds, "resourceOf" | "changes">
  readonly acquire: (options: InformerOptions) => Informer
  /** A source changed that the last pass of this CR asked for. */
  readonly wake: (key: ObjectKey) => void
}

interface Watched {
  readonly gvk: Gvk
  readonly namespace: string | undefined
  readonly informer: Informer
}

/**
 * The objects that an operator's entries copy, followed as they change.
 *
 * Guarantees: as little is watched as the Katalog's fixed texts allow: one namespace where `fromNamespace` is plain text,
 * else the kind everywhere. A CR is woken when something changes that its last pass asked for.
 */
export class Sources {
  readonly #deps: SourcesDeps
  readonly #watched: Watched[] = []
  readonly #asked = new Map<ObjectKey, Set<string>>()

  constructor(deps: SourcesDeps) {
    this.#deps = deps
  }

  /** Starts to follow what `plan` copies, kind by kind as the cluster serves it; ends with `life`. */
  follow(plan: OperatorPlan, life: Scope): void {
    const scopes = scopesOf([...plan.resources, ...plan.onDelete].flatMap(({ source }) => source ?? []))
    for (const { gvk, namespace } of scopes) {
      life.run(`source ${formatGvk(gvk)}`, (signal) => this.#start({ gvk, namespace, life }, signal))
    }
  }

  /** What a pass of `cr` reads: its earlier questions are forgotten. */
  reader(cr: ObjectKey): (ref: SourceRef) => SourceAnswer {
    const asked = new Set<string>()
    this.#asked.set(cr, asked)
    return (ref) => {
      asked.add(idOf(ref.gvk, objectKey(ref.namespace, ref.name)))
      return this.#find(ref)
    }
  }

  /** Forgets a CR that is gone. */
  forget(cr: ObjectKey): void {
    this.#asked.delete(cr)
  }

  async #start(
    { gvk, namespace, life }: { readonly gvk: Gvk; readonly namespace: string | undefined; readonly life: Scope },
    signal: AbortSignal,
  ): Promise<void> {
    const resource = await this.#served(gvk, signal)
    const informer = this.#deps.acquire({ resource, namespace })
    this.#watched.push({ gvk, namespace, informer })
    const handler = informer.onEvent(({ key }) => this.#wake(idOf(gvk, key)))
    life.defer(() => handler[Symbol.dispose]())
    await informer.synced(signal)
    for (const [cr, asked] of this.#asked) {
      if ([...asked].some((id) => id.startsWith(`${formatGvk(gvk)} `))) this.#deps.wake(cr)
    }
  }

  async #served(gvk: Gvk, signal: AbortSignal): Promise<ResourceInfo> {
    for (;;) {
      const resource = this.#deps.kinds.resourceOf(gvk)
      if (resource) return resource
      await this.#deps.kinds.changes.next(signal)
    }
  }

  #wake(id: string): void {
    for (const [cr, asked] of this.#asked) if (asked.has(id)) this.#deps.wake(cr)
  }

  #find(ref: SourceRef): SourceAnswer {
    const key = objectKey(ref.namespace, ref.name)
    const fitting = this.#watched.filter(
      ({ gvk, namespace }) =>
        formatGvk(gvk) === formatGvk(ref.gvk) && (namespace === undefined || namespace === ref.namespace),
    )
    const found = fitting.map(({ informer }) => informer.lister.get(key)).find(isThere)
    if (found) return found
    return fitting.some(({ informer }) => informer.hasSynced) ? "missing" : "pending"
  }
}

function isThere(object: KubeObject | undefined): object is KubeObject {
  return object !== undefined && object.metadata.deletionTimestamp === undefined
}

function idOf(gvk: Gvk, key: string): string {
  return `${formatGvk(gvk)} ${key}`
}

interface WatchScope {
  readonly gvk: Gvk
  readonly namespace: string | undefined
}

/** One scope per kind and fixed namespace; a kind that is needed everywhere is watched everywhere, once. */
function scopesOf(sources: readonly SourcePlan[]): readonly WatchScope[] {
  const byKind = Map.groupBy(sources, ({ gvk }) => formatGvk(gvk))
  return [...byKind.values()].flatMap((list): readonly WatchScope[] => {
    const [first] = list
    if (!first) return []
    const namespaces = new Set(list.map(fixedNamespace))
    if (namespaces.has(undefined)) return [{ gvk: first.gvk, namespace: undefined }]
    return [...namespaces].map((namespace) => ({ gvk: first.gvk, namespace }))
  })
}

function fixedNamespace({ namespace }: SourcePlan): string | undefined {
  return namespace?.isStatic ? String(namespace.source) : undefined
}
