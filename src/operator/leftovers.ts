import { Changes, type Clock, inParallel, isOrkError, type Logger, ms } from "../base/mod.ts"
import { builtinSchemas, formatGvr, type Gvk, type KubeObject, type ResourceInfo } from "../kube/mod.ts"
import type { OperatorPlan } from "../plan/mod.ts"
import { type Client, listPages } from "../runtime/mod.ts"
import type { Kinds } from "./kinds.ts"
import { isManagedBy, ownerAnnotation, ownerUidLabel, parseOwner } from "./ownership.ts"

const parallelMax = 8
const pageSize = 500
const retryMs = ms("2s")
const triesMax = 3

/** Built-in kinds that no entry makes. */
const foreignGroups = new Set(["apiextensions.k8s.io", "coordination.k8s.io"])

/**
 * Finds children of kinds that no entry makes any more: left by an earlier version of the Katalog.
 *
 * One labelled list per built-in kind that entries can make, once per process. A kind that this process may not list,
 * or that does not answer, is left out.
 * Not promised: children of custom kinds that no entry names any more.
 */
export class Leftovers {
  readonly #deps: { readonly client: Client; readonly clock: Clock; readonly log: Logger }
  readonly #found = new Map<string, { readonly resource: ResourceInfo; readonly owners: Set<string> }>()
  readonly #swept = new Changes()
  #isSwept = false

  constructor(deps: { client: Client; clock: Clock; log: Logger }) {
    this.#deps = deps
  }

  /** Looks once, as soon as it is known what the cluster serves. */
  async run(kinds: Kinds, signal: AbortSignal): Promise<void> {
    while (!kinds.isKnown) await kinds.changes.next(signal)
    await inParallel(kinds.resources.filter(isMakeable), parallelMax, (resource) => this.#look(resource, signal))
    this.#isSwept = true
    this.#swept.notify()
  }

  /** Resolves when all has been looked at. */
  async swept(signal: AbortSignal): Promise<void> {
    while (!this.#isSwept) await this.#swept.next(signal)
  }

  /** The resources of which an operator left children: those of its CRs' kind, applied by its field manager. */
  of(gvk: Gvk, fieldManager: string): readonly ResourceInfo[] {
    const owner = ownerId(gvk, fieldManager)
    return [...this.#found.values()].filter((entry) => entry.owners.has(owner)).map((entry) => entry.resource)
  }

  /** Notes the kinds that a plan makes, so that whoever takes its place looks after what it made. */
  remember(plan: OperatorPlan, kinds: Pick<Kinds, "resourceOf">): void {
    for (const { gvk } of [...plan.resources, ...plan.onDelete]) {
      const resource = kinds.resourceOf(gvk)
      if (resource) this.#entry(resource).owners.add(ownerId(plan.gvk, plan.fieldManager))
    }
  }

  #entry(resource: ResourceInfo): { readonly resource: ResourceInfo; readonly owners: Set<string> } {
    const id = formatGvr(resource.gvr)
    const entry = this.#found.get(id) ?? { resource, owners: new Set() }
    this.#found.set(id, entry)
    return entry
  }

  async #look(resource: ResourceInfo, signal: AbortSignal): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        const options = { labelSelector: ownerUidLabel, limit: pageSize, resourceVersion: "0", signal }
        for await (const page of listPages(this.#deps.client, resource, options)) {
          for (const object of page.items) this.#note(resource, object)
        }
        return
      } catch (error) {
        if (!isOrkError(error) || signal.aborted) throw error
        if (!error.retryable || error.code === "api/not-found" || tries === triesMax) {
          this.#deps.log.debug("not looked for leftovers", { gvr: formatGvr(resource.gvr), error: error.message })
          return
        }
        await this.#deps.clock.sleep(retryMs, signal)
      }
    }
  }

  #note(resource: ResourceInfo, object: KubeObject): void {
    const owner = parseOwner(object.metadata.annotations?.[ownerAnnotation])
    if (!owner) return
    const entry = this.#entry(resource)
    for (const { manager } of object.metadata.managedFields ?? []) {
      if (manager && isManagedBy(object, manager)) entry.owners.add(ownerId(owner, manager))
    }
  }
}

function isMakeable({ gvk, verbs }: ResourceInfo): boolean {
  const makeable = builtinSchemas().root(gvk) !== undefined && !foreignGroups.has(gvk.group)
  return makeable && verbs.includes("list") && verbs.includes("delete")
}

function ownerId(gvk: { readonly group: string; readonly kind: string }, fieldManager: string): string {
  return `${gvk.group}/${gvk.kind} ${fieldManager}`
}
