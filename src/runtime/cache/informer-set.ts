import { Scope } from "../../base/mod.ts"
import { formatGvr } from "../../kube/mod.ts"
import { Informer, type InformerDeps, type InformerOptions } from "./informer.ts"

interface Shared {
  readonly id: string
  readonly project: InformerOptions["project"]
  readonly informer: Informer
  readonly scope: Scope
  readonly owners: Set<string>
}

/**
 * One informer per resource and scope, shared by all who need it.
 *
 * Guarantees: an informer runs while it has an owner. Indexes of later owners are added under their names; the same name
 * must mean the same index. Different projections are different informers.
 */
export class InformerSet {
  readonly #deps: InformerDeps
  readonly #shared = new Set<Shared>()

  constructor(deps: InformerDeps) {
    this.#deps = deps
  }

  /** Informers that run. */
  get running(): number {
    return this.#shared.size
  }

  /** The informer for `options`, started if it is the first use, kept for `owner` until `release`. */
  acquire(options: InformerOptions, owner: string): Informer {
    const shared = this.#find(options) ?? this.#start(options)
    shared.owners.add(owner)
    shared.informer.addIndexes(options.indexes ?? {})
    return shared.informer
  }

  /** Gives up everything that `owner` holds; what nobody holds is stopped. */
  async release(owner: string): Promise<void> {
    const unused = [...this.#shared].filter((shared) => shared.owners.delete(owner) && shared.owners.size === 0)
    await this.#stop(unused)
  }

  /** Stops all informers. */
  async stop(): Promise<void> {
    await this.#stop([...this.#shared])
  }

  async #stop(unused: readonly Shared[]): Promise<void> {
    for (const shared of unused) this.#shared.delete(shared)
    await Promise.all(unused.map((shared) => shared.scope.stop()))
  }

  #find(options: InformerOptions): Shared | undefined {
    const id = idOf(options)
    return [...this.#shared].find((shared) => shared.id === id && shared.project === options.project)
  }

  #start(options: InformerOptions): Shared {
    const informer = new Informer(this.#deps, options)
    const scope = new Scope({ log: this.#deps.log })
    const id = idOf(options)
    const shared = { id, project: options.project, informer, scope, owners: new Set<string>() }
    this.#shared.add(shared)
    scope.run(`informer ${id}`, (signal) => informer.run(signal))
    return shared
  }
}

function idOf({ resource, namespace, labelSelector, fieldSelector }: InformerOptions): string {
  return JSON.stringify([formatGvr(resource.gvr), namespace ?? "", labelSelector ?? "", fieldSelector ?? ""])
}
