import { type Clock, type Logger, Lru, type Random, type Scope } from "../base/mod.ts"
import {
  formatGroupKind,
  formatGvk,
  isRecord,
  type KubeObject,
  keyOf,
  type ObjectKey,
  objectKey,
  parseApiVersion,
} from "../kube/mod.ts"
import { type ObservedEventPlan, type OperatorPlan, type RoutePlan, routeOf, type WatchPlan } from "../plan/mod.ts"
import type { Informer, InformerOptions, StoreEvent } from "../runtime/mod.ts"
import { EventShelf } from "./event-shelf.ts"
import type { Kinds } from "./kinds.ts"
import { eventGvk, isEventMeant, keptOfEvent, selectorOfEvents, valueOfEvent } from "./observed-events.ts"
import { ownerAnnotation, parseOwner } from "./ownership.ts"

/** What following watched objects needs. */
export interface TriggersDeps {
  readonly kinds: Pick<Kinds, "served" | "resourceOf">
  readonly acquire: (options: InformerOptions) => Informer
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Resolves once it is known which children there are. */
  readonly childrenListed: (signal: AbortSignal) => Promise<void>
  /** The child that an Event is about, where this operator has made it. */
  readonly childOf: (reference: Readonly<Record<string, unknown>>) => KubeObject | undefined
  /** Something happened to an object that concerns this custom resource. */
  readonly wake: (key: ObjectKey) => void
  /** Something happened that may concern every custom resource. */
  readonly wakeAll: () => void
}

interface Followed {
  readonly plan: ObservedEventPlan
  /** Undefined while it is not asked for yet. */
  informer: Informer | undefined
}

/** Failures that are remembered, so that each is said once. */
const saidMax = 1_000
const happeningOf = { added: "create", updated: "update", deleted: "delete" } as const

/**
 * Objects of other kinds whose changes wake custom resources, and Kubernetes Events that do.
 *
 * Guarantees: one informer per kind and scope, shared with whoever else follows the same. What was there before the start
 * wakes nobody: every custom resource is looked at then anyway. An object that names no custom resource wakes its owner,
 * and one without such an owner wakes all.
 */
export class Triggers {
  /** The Events that concern each custom resource. */
  readonly shelf = new EventShelf()
  readonly #events: readonly Followed[]
  readonly #made: ReadonlySet<string>
  readonly #deps: TriggersDeps
  readonly #plan: OperatorPlan
  readonly #namespaced: boolean
  readonly #said = new Lru<string, true>(saidMax)

  constructor(deps: TriggersDeps, plan: OperatorPlan, options: { readonly namespaced: boolean }) {
    this.#deps = deps
    this.#plan = plan
    this.#namespaced = options.namespaced
    this.#events = plan.observedEvents.map((one) => ({ plan: one, informer: undefined }))
    this.#made = new Set([plan, ...plan.resources, ...plan.onDelete].map(({ gvk }) => formatGroupKind(gvk)))
  }

  /** True once the Events that were there before have been listed, or it is said why they cannot be. */
  get isSettled(): boolean {
    return this.#events.every(({ informer }) =>
      informer ? informer.hasSynced || informer.lastError !== undefined : !this.#deps.kinds.resourceOf(eventGvk),
    )
  }

  /** Starts to follow what the plan watches, kind by kind as the cluster serves it; ends with `life`. */
  follow(life: Scope): void {
    for (const watch of this.#plan.watches) {
      life.run(`watch ${formatGvk(watch.gvk)}`, (signal) => this.#start(watch, life, signal))
    }
    for (const followed of this.#events) {
      life.run(`events ${followed.plan.name}`, (signal) => this.#startEvents(followed, life, signal))
    }
  }

  // After the children, since an Event about one of them concerns its custom resource.
  async #startEvents(followed: Followed, life: Scope, signal: AbortSignal): Promise<void> {
    const { plan } = followed
    const resource = await this.#deps.kinds.served(eventGvk, signal)
    await this.#deps.childrenListed(signal)
    const { namespace } = plan
    const fieldSelector = selectorOfEvents(plan)
    const informer = this.#deps.acquire({ resource, namespace, fieldSelector, project: keptOfEvent })
    const handler = informer.onEvent((event) => this.#hearEvent(plan, event))
    followed.informer = informer
    life.defer(() => handler[Symbol.dispose]())
  }

  #hearEvent(plan: ObservedEventPlan, { initial, type, object }: StoreEvent): void {
    if (!isEventMeant(plan, object)) return
    const key = plan.route ? this.#named(plan.route, object) : this.#concerned(object)
    if (key === undefined) return
    const id = keyOf(object)
    if (type === "deleted") this.shelf.drop(plan.name, id)
    else {
      const version = object.metadata.resourceVersion
      this.shelf.put(plan.name, { id, version, value: valueOfEvent(object) }, key === "all" ? undefined : key)
    }
    if (initial || !plan.on.includes(happeningOf[type])) return
    if (key === "all") this.#deps.wakeAll()
    else this.#deps.wake(key)
  }

  // The custom resource itself, or the one whose child the Event is about; of kinds that are made here, no other.
  #concerned(event: KubeObject): ObjectKey | "all" | undefined {
    const about = event["regarding"]
    if (!isRecord(about)) return "all"
    const { group, kind } = this.#plan.gvk
    if (about["kind"] === kind && parseApiVersion(String(about["apiVersion"] ?? "")).group === group) {
      const namespace = this.#namespaced ? String(about["namespace"] ?? "") : undefined
      return objectKey(namespace, String(about["name"] ?? ""))
    }
    const made = { group: parseApiVersion(String(about["apiVersion"] ?? "")).group, kind: String(about["kind"] ?? "") }
    if (!this.#made.has(formatGroupKind(made))) return "all"
    const child = this.#deps.childOf(about)
    return child && ownerKey(this.#plan, child, this.#namespaced)
  }

  async #start(watch: WatchPlan, life: Scope, signal: AbortSignal): Promise<void> {
    const resource = await this.#deps.kinds.served(watch.gvk, signal)
    const { name, namespace } = watch
    const fieldSelector = name === undefined ? undefined : `metadata.name=${name}`
    const informer = this.#deps.acquire({ resource, namespace, fieldSelector })
    // Another operator of this process may write these objects, and its answers reach the shared cache first.
    const options = { ownWrites: formatGvk(watch.gvk) !== formatGvk(this.#plan.gvk) }
    const handler = informer.onEvent((event) => this.#hear(watch, event), options)
    life.defer(() => handler[Symbol.dispose]())
  }

  #hear(watch: WatchPlan, { initial, type, object }: StoreEvent): void {
    if (initial || !watch.on.includes(happeningOf[type]) || !isMeant(watch, object)) return
    if (watch.route) {
      const key = this.#named(watch.route, object)
      if (key !== undefined) this.#deps.wake(key)
      return
    }
    const owner = ownerKey(this.#plan, object, this.#namespaced)
    if (owner !== undefined) this.#deps.wake(owner)
    else this.#deps.wakeAll()
  }

  #named(route: RoutePlan, object: KubeObject): ObjectKey | undefined {
    const { clock, random } = this.#deps
    const found = routeOf(route, object, { nowMs: clock.nowMs(), random, namespaced: this.#namespaced })
    if (found.ok) return found.value
    for (const { where, message } of found.error) {
      const reason = `keyFrom (${where}): ${message}`
      if (this.#said.get(reason)) continue
      this.#said.set(reason, true)
      this.#deps.log.warn("a watched object cannot be led to its custom resource", { reason })
    }
    return undefined
  }
}

// The server selects too; here it costs nothing and holds for every server.
function isMeant({ namespace, name }: WatchPlan, { metadata }: KubeObject): boolean {
  return (namespace ?? metadata.namespace) === metadata.namespace && (name ?? metadata.name) === metadata.name
}

/** The custom resource that an object says it belongs to, by our annotation or an owner reference. */
function ownerKey(
  { gvk: { group, kind } }: Pick<OperatorPlan, "gvk">,
  { metadata }: KubeObject,
  namespaced: boolean,
): ObjectKey | undefined {
  const owner = parseOwner(metadata.annotations?.[ownerAnnotation])
  if (owner?.group === group && owner.kind === kind) return objectKey(owner.namespace, owner.name)
  const reference = metadata.ownerReferences?.find(
    (one) => one.kind === kind && parseApiVersion(one.apiVersion).group === group,
  )
  return reference && objectKey(namespaced ? metadata.namespace : undefined, reference.name)
}
