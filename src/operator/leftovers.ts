import { Changes, type Clock, inParallel, isOrkError, type Logger, ms } from "../base/mod.ts"
import { builtinSchemas, formatGroupKind, formatGvr, type KubeObject, type ResourceInfo } from "../kube/mod.ts"
import type { OperatorPlan } from "../plan/mod.ts"
import { type Client, LeadershipLost, listPages } from "../runtime/mod.ts"
import type { Kinds } from "./kinds.ts"
import type { Ledger, LedgerState } from "./ledger.ts"
import { isManagedBy, ownerAnnotation, ownerUidLabel, parseOwner } from "./ownership.ts"

const parallelMax = 8
const pageSize = 500
const retryMs = ms("2s")
const triesMax = 3
/** An older ledger is still believed, and checked when all is quiet. */
const believedMs = ms("24h")
const quietMs = ms("1m")
const pauseMs = ms("1s")

/** Built-in kinds that no entry makes. */
const foreignGroups = new Set(["apiextensions.k8s.io", "coordination.k8s.io"])

/** What leftovers are asked with: the writes of whoever leads, and what the cluster serves. */
export interface SettleDeps {
  readonly client: Client
  readonly kinds: Pick<Kinds, "isKnown" | "changes" | "resources">
}

/**
 * Knows of which kinds an operator has children that no entry makes any more: left by an earlier version of the Katalog.
 *
 * The ledger says which kinds were ever made: one list for each of them that the plan does not name. Without a ledger one
 * labelled list per built-in kind that entries can make, and then there is one. A kind that this process may not list, or
 * that does not answer, is left out.
 * Guarantees: a kind is in the ledger before the first child of it is made, and leaves it when none was found.
 * Not promised: children of custom kinds from before the ledger.
 */
export class Leftovers {
  /** Wakes whoever waits for more kinds. */
  readonly changes = new Changes()
  readonly #deps: { readonly client: Client; readonly clock: Clock; readonly log: Logger }
  readonly #ledger: Ledger
  /** Owner to the kinds of which there are children, or may be: made here, or found. */
  readonly #known = new Map<string, Set<string>>()
  readonly #settled = new Set<string>()
  #sweep: "unasked" | "asked" | "done" = "unasked"
  /** Set when the ledger is old: who may write it. */
  #doubted: Client | undefined

  constructor(deps: { client: Client; clock: Clock; log: Logger }, ledger: Ledger) {
    this.#deps = deps
    this.#ledger = ledger
  }

  /**
   * Finds out what `plan`'s operator left behind, and notes what it will make. Comes before its first pass, each time it
   * begins to lead.
   */
  async settle(plan: OperatorPlan, { client, kinds }: SettleDeps, signal: AbortSignal): Promise<void> {
    while (!kinds.isKnown) await kinds.changes.next(signal)
    const owner = ownerId(plan.gvk, plan.fieldManager)
    const planned = plannedKinds(plan)
    const state = await this.#ledger.read()
    const isNew = state.sweptAtMs === undefined
    const sweptAtMs = state.sweptAtMs ?? this.#deps.clock.nowMs()
    if (Math.abs(this.#deps.clock.nowMs() - sweptAtMs) > believedMs) this.#doubted = client
    if (isNew) await this.#swept(signal)
    for (const kind of planned) this.#note(owner, kind)
    const gone = isNew ? [] : await this.#lookAt(owner, state.made[owner] ?? [], { kinds, signal })
    const made = isNew ? this.#madeBy(plan.katalog) : { [owner]: [...this.#kindsOf(owner)] }
    await this.#ledger.update(client, (now) => {
      const kept = without(now, owner, gone)
      return { ...withMade(kept, made), sweptAtMs: Math.max(now.sweptAtMs ?? 0, sweptAtMs) }
    })
    signal.throwIfAborted()
    this.#settled.add(owner)
    this.changes.notify()
  }

  /** Resolves when it is known what the operator of `plan` left behind. */
  async settled(plan: OperatorPlan, signal: AbortSignal): Promise<void> {
    while (!this.#settled.has(ownerId(plan.gvk, plan.fieldManager))) await this.changes.next(signal)
  }

  /** The resources of which the operator of `plan` may have children although its entries make none. */
  of(plan: OperatorPlan, kinds: Pick<Kinds, "resources">): readonly ResourceInfo[] {
    const planned = plannedKinds(plan)
    const left = this.#kindsOf(ownerId(plan.gvk, plan.fieldManager))
    return kinds.resources.filter(({ gvk }) => left.has(formatGroupKind(gvk)) && !planned.has(formatGroupKind(gvk)))
  }

  /** Looks at all kinds where `settle` asks for it, until `signal` aborts. */
  async run(kinds: Pick<Kinds, "resources">, signal: AbortSignal): Promise<void> {
    await Promise.all([this.#sweepWhenAsked(kinds, signal), this.#checkWhenDoubted(kinds, signal)])
  }

  async #sweepWhenAsked(kinds: Pick<Kinds, "resources">, signal: AbortSignal): Promise<void> {
    while (this.#sweep !== "asked") await this.changes.next(signal)
    await inParallel(kinds.resources.filter(isMakeable), parallelMax, async (resource) => {
      await this.#look(resource, signal)
    })
    this.#sweep = "done"
    this.changes.notify()
  }

  async #swept(signal: AbortSignal): Promise<void> {
    if (this.#sweep === "unasked") {
      this.#sweep = "asked"
      this.changes.notify()
    }
    while (this.#sweep !== "done") await this.changes.next(signal)
  }

  /** An older version may have run since the last look, or a process with another ledger: looks again, slowly. */
  async #checkWhenDoubted(kinds: Pick<Kinds, "resources">, signal: AbortSignal): Promise<void> {
    while (this.#doubted === undefined) await this.changes.next(signal)
    const { clock } = this.#deps
    await clock.sleep(quietMs, signal)
    for (const resource of kinds.resources.filter(isMakeable)) {
      await this.#look(resource, signal)
      await clock.sleep(pauseMs, signal)
    }
    this.changes.notify()
    const made = Object.fromEntries([...this.#settled].map((owner) => [owner, [...this.#kindsOf(owner)]]))
    try {
      await this.#ledger.update(this.#doubted, (now) => ({ ...withMade(now, made), sweptAtMs: clock.nowMs() }))
    } catch (error) {
      if (!(error instanceof LeadershipLost)) throw error
    }
  }

  #kindsOf(owner: string): ReadonlySet<string> {
    return this.#known.get(owner) ?? new Set()
  }

  #madeBy(katalog: string): LedgerState["made"] {
    const own = [...this.#known].filter(([owner]) => owner.includes(` ork/${katalog}/`))
    return Object.fromEntries(own.map(([owner, kinds]) => [owner, [...kinds]]))
  }

  /** Looks at remembered kinds; returns those of which nothing is left. */
  async #lookAt(
    owner: string,
    remembered: readonly string[],
    { kinds, signal }: { readonly kinds: SettleDeps["kinds"]; readonly signal: AbortSignal },
  ): Promise<readonly string[]> {
    const open = kinds.resources.filter(
      ({ gvk }) => remembered.includes(formatGroupKind(gvk)) && !this.#kindsOf(owner).has(formatGroupKind(gvk)),
    )
    const gone: string[] = []
    await inParallel(open, parallelMax, async (resource) => {
      const kind = formatGroupKind(resource.gvk)
      const isSeen = await this.#look(resource, signal)
      if (!isSeen) this.#note(owner, kind)
      else if (!this.#kindsOf(owner).has(kind)) gone.push(kind)
    })
    return gone
  }

  /** Notes the owners of all children of a kind; false when it could not be looked at. */
  async #look(resource: ResourceInfo, signal: AbortSignal): Promise<boolean> {
    for (let tries = 1; ; tries++) {
      try {
        const options = { labelSelector: ownerUidLabel, limit: pageSize, signal }
        for await (const page of listPages(this.#deps.client, resource, options)) {
          for (const object of page.items) this.#noteOwner(formatGroupKind(resource.gvk), object)
        }
        return true
      } catch (error) {
        if (!isOrkError(error) || signal.aborted) throw error
        if (!error.retryable || error.code === "api/not-found" || tries === triesMax) {
          this.#deps.log.debug("not looked for leftovers", { gvr: formatGvr(resource.gvr), error: error.message })
          return false
        }
        await this.#deps.clock.sleep(retryMs, signal)
      }
    }
  }

  #noteOwner(kind: string, object: KubeObject): void {
    const owner = parseOwner(object.metadata.annotations?.[ownerAnnotation])
    if (!owner) return
    for (const { manager } of object.metadata.managedFields ?? []) {
      if (manager && isManagedBy(object, manager)) this.#note(ownerId(owner, manager), kind)
    }
  }

  #note(owner: string, kind: string): void {
    const kinds = this.#known.get(owner) ?? new Set()
    this.#known.set(owner, kinds.add(kind))
  }
}

function without(state: LedgerState, owner: string, gone: readonly string[]): LedgerState {
  const left = (state.made[owner] ?? []).filter((kind) => !gone.includes(kind))
  return { ...state, made: { ...state.made, [owner]: left } }
}

function withMade(state: LedgerState, made: LedgerState["made"]): LedgerState {
  const all = new Map(Object.entries(state.made))
  for (const [owner, kinds] of Object.entries(made)) {
    all.set(owner, [...new Set([...(all.get(owner) ?? []), ...kinds])].sort())
  }
  return { ...state, made: Object.fromEntries([...all].filter(([, kinds]) => kinds.length > 0)) }
}

function plannedKinds(plan: OperatorPlan): ReadonlySet<string> {
  return new Set([...plan.resources, ...plan.onDelete].map(({ gvk }) => formatGroupKind(gvk)))
}

function isMakeable({ gvk, verbs }: ResourceInfo): boolean {
  const makeable = builtinSchemas().root(gvk) !== undefined && !foreignGroups.has(gvk.group)
  return makeable && verbs.includes("list") && verbs.includes("delete")
}

function ownerId(gvk: { readonly group: string; readonly kind: string }, fieldManager: string): string {
  return `${gvk.group}/${gvk.kind} ${fieldManager}`
}
