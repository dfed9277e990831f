import {
  type Changes,
  type Clock,
  type Logger,
  Lru,
  type Metrics,
  type Ms,
  ms,
  type Random,
  Scope,
  type Transport,
  type Turns,
} from "../base/mod.ts"
import {
  formatGvk,
  isTerminating,
  type KubeObject,
  keyOf,
  type ObjectKey,
  objectKey,
  type ResourceInfo,
} from "../kube/mod.ts"
import type { GateVerdict, OperatorPlan } from "../plan/mod.ts"
import {
  type Client,
  Controller,
  type EventRecorder,
  type InformerSet,
  type Place,
  type Reason,
  type StoreEvent,
  Workqueue,
} from "../runtime/mod.ts"
import { attach } from "./attach.ts"
import { type Attached, isSettled, waitUntil } from "./attached.ts"
import { operatorMetrics, Pace } from "./autoscaler.ts"
import { Breaker } from "./breaker.ts"
import { Calls } from "./calls.ts"
import { Calm } from "./calm.ts"
import { Contests } from "./contests.ts"
import { Echoes } from "./echoes.ts"
import { type Flight, FlightRecorder } from "./flight.ts"
import { Door, Gates, openGate, vitalsOf } from "./gates.ts"
import { Health } from "./health.ts"
import type { Kinds } from "./kinds.ts"
import type { Leftovers } from "./leftovers.ts"
import { Loops } from "./loops.ts"
import { ownerAnnotation, parseOwner } from "./ownership.ts"
import type { Ports } from "./pass.ts"
import { begin, reconciler } from "./reconcile.ts"
import { Rollbacks } from "./rollback.ts"
import { Said } from "./said.ts"
import { isSelected, selected, takesAll } from "./selection.ts"
import { uniqueIndex } from "./uniques.ts"

/** What an operator shares with the others. */
export interface OperatorDeps {
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly metrics: Metrics
  /** How the operators share the event loop. */
  readonly turns: Turns
  readonly informers: InformerSet
  readonly kinds: Kinds
  readonly leftovers: Leftovers
  readonly events: EventRecorder
  readonly process: Ports["process"]
  /** Where external calls go. */
  readonly external: Transport
  /** Wakes whoever waits for this operator's state to change. */
  readonly changes: Changes
}

/** Why an operator waits right after the start: nothing is wrong, the first answers are on their way. */
export const starting = "starting"

/** Less than the process has for its stop, so that events and the lease come after. */
const drainMs = ms("12s")
/** Children whose last answer is remembered; one that falls out is asked about once more. */
const settledMax = 10_000

/**
 * Everything one CRD needs: informers, a work queue, workers, health. One operator's trouble stays its own.
 *
 * `follow` keeps the caches warm, also on a follower; `lead` works on the queue while this process leads. Both end when
 * their signal aborts. When the CRD vanishes the operator goes back to waiting for it; nothing else is touched.
 */
export class Operator {
  readonly plan: OperatorPlan
  readonly health: Health
  readonly #deps: OperatorDeps
  readonly #log: Logger
  readonly #settled = new Lru<string, string>(settledMax)
  readonly #said = new Said()
  readonly #contests: Contests
  readonly #loops: Loops
  readonly #rollbacks: Rollbacks
  readonly #calls: Calls
  readonly #flights = new FlightRecorder()
  readonly #echoes: Echoes
  readonly #calm: Calm
  #attached: Attached | undefined
  #queue: Workqueue | undefined
  #gates: Gates | undefined
  #door: Door | undefined
  #controller: Controller | undefined
  #startedAtMs: number | undefined

  constructor(deps: OperatorDeps, plan: OperatorPlan) {
    this.plan = plan
    this.#deps = deps
    this.#log = deps.log.with({ operator: plan.name })
    this.#calls = new Calls({ ...deps, transport: deps.external })
    this.#echoes = new Echoes(plan.fieldManager)
    this.#calm = new Calm(deps)
    this.health = new Health({ failureThreshold: plan.failureThreshold })
    this.#contests = new Contests(deps.clock)
    this.#loops = new Loops(deps.clock)
    this.#rollbacks = new Rollbacks(deps.clock)
  }

  get gvk(): string {
    return formatGvk(this.plan.gvk)
  }

  /** The resource while the cluster serves the CRD. */
  get resource(): ResourceInfo | undefined {
    return this.#attached?.resource
  }

  get startedAtMs(): number | undefined {
    return this.#startedAtMs
  }

  /** True when workers run. */
  get isWorking(): boolean {
    return this.#controller !== undefined
  }

  get workerStates(): readonly ("idle" | "processing" | "stopped")[] {
    return this.#controller?.workerStates ?? Array.from({ length: this.plan.workers }, () => "stopped" as const)
  }

  get queueDepth(): number {
    return this.#queue?.depth ?? 0
  }

  /** The CRs in the cache that this operator works on. */
  get crs(): readonly KubeObject[] {
    const all = this.#attached?.crs.lister.list() ?? []
    return takesAll(this.plan) ? all : all.filter((cr) => isSelected(this.plan, cr))
  }

  /** How many they are. Asked after every pass, so it must not cost a walk over all of them. */
  get crCount(): number {
    return takesAll(this.plan) ? (this.#attached?.crs.lister.size ?? 0) : this.crs.length
  }

  cr(key: ObjectKey): KubeObject | undefined {
    return selected(this.plan, this.#attached?.crs.lister.get(key))
  }

  childrenOf(cr: KubeObject): readonly KubeObject[] {
    return this.#attached?.cache.ownedBy(cr.metadata.uid ?? "").map(({ object }) => object) ?? []
  }

  /** The last passes of one custom resource, oldest first. */
  flightsOf(key: ObjectKey): readonly Flight[] {
    return this.#flights.of(key)
  }

  /** Where a custom resource stands in the queue: in work, next, planned for a moment, held by a gate, or at rest. */
  placeOf(key: ObjectKey): Place {
    const place = this.#queue?.placeOf(key) ?? { kind: "rest" }
    const atMs = place.kind === "rest" ? this.#calm.dueAt(key) : undefined
    return atMs === undefined ? place : { kind: "delayed", reason: "user", atMs }
  }

  /** The kinds of children whose caches run. */
  get childResources(): readonly { readonly gvr: ResourceInfo["gvr"] }[] {
    return [...(this.#attached?.children.values() ?? [])]
  }

  /** Why the operator does not work yet, in one line. */
  get waitsFor(): string {
    if (!this.#deps.kinds.isKnown) return starting
    if (!this.#attached) return `the cluster does not serve ${this.gvk}; apply its CRD`
    if (!this.#attached.crs.hasSynced) return this.#attached.crs.lastError?.message ?? starting
    return ""
  }

  /** Keeps the caches of the CRs and of the children warm, as long as the cluster serves the CRD. */
  async follow(signal: AbortSignal): Promise<void> {
    for (;;) {
      const resource = await this.#deps.kinds.served(this.plan.gvk, signal)
      const life = new Scope({ log: this.#log }, { parent: signal })
      try {
        this.#attach(resource, life)
        await this.#deps.kinds.gone(this.plan.gvk, life.signal)
        this.#log.warn("the CRD is gone, waiting for it to come back", { gvk: this.gvk })
      } finally {
        this.#attached = undefined
        await life.stop()
        this.#deps.changes.notify()
      }
    }
  }

  /**
   * Works on the CRs until `signal` aborts; drains its workers before it returns. `mayStart` is asked each time the CRD
   * has come; `lost` ends running passes at once.
   */
  async lead(mayStart: () => boolean, signal: AbortSignal, lost?: AbortSignal): Promise<void> {
    const settling = this.#deps.leftovers.settle(this.plan, this.#deps, signal)
    settling.catch(() => undefined) // told below, unless something else comes first
    for (;;) {
      const attached = await this.#ready(mayStart, signal)
      await settling
      await this.#work(attached, AbortSignal.any([signal, attached.signal]), lost)
      signal.throwIfAborted()
    }
  }

  /** Puts a key into the queue, if this process works on it and the enqueueGate lets it. */
  enqueue(key: ObjectKey, reason: Reason, afterMs: Ms = ms(0)): void {
    const cr = this.#attached?.crs.lister.get(key)
    if (cr && !isSelected(this.plan, cr)) return
    if (this.#door?.lets(key)) this.#queue?.addAfter(key, afterMs, reason)
  }

  #attach(resource: ResourceInfo, life: Scope): void {
    const { attached, follow } = attach(
      {
        ...this.#deps,
        log: this.#log,
        enqueue: (key, reason, afterMs) => this.enqueue(key, reason, afterMs),
        wakeAll: (reason, afterMs) => this.#wakeAll(reason, afterMs),
        onCr: (event) => this.#onCr(event),
        onChild: (event) => this.#onChild(event),
      },
      this.plan,
      { resource, life },
    )
    this.#attached = attached
    follow()
  }

  #onCr(event: StoreEvent): void {
    const { key, object, type } = event
    if (type === "deleted") this.#forget(key)
    const reason = event.initial ? "initial" : isTerminating(object) ? "deletion" : "user"
    if (!this.#echoes.holds(key, event, reason)) this.#changed(key, reason, type === "updated")
    const count = this.#attached?.crs.lister.size ?? 0
    this.#deps.metrics.gauge("controller_resource_count", { crd: this.gvk }, count)
  }

  /** A custom resource changed. An edit may be one of many, and wait for the others. */
  #changed(key: ObjectKey, reason: Reason, isEdit = true): void {
    const cr = this.#attached?.crs.lister.get(key)
    if (cr && !isSelected(this.plan, cr)) this.#forget(key)
    else if (!(isEdit && reason === "user" && this.#waits(key))) this.enqueue(key, reason)
  }

  // What waits for a worker comes soon, and then sees this change too.
  #waits(key: ObjectKey): boolean {
    const isNext = this.#queue?.placeOf(key).kind === "queued"
    return this.#queue !== undefined && !isNext && this.#calm.holds(key, this.#flights.of(key).at(-1)?.atMs)
  }

  #forget(key: ObjectKey): void {
    const { sources, enrichment, triggers } = this.#attached ?? {}
    const own = [
      this.health,
      this.#said,
      this.#loops,
      this.#rollbacks,
      this.#calls,
      this.#flights,
      this.#calm,
      this.#gates?.sentinels,
    ]
    for (const memory of [...own, sources, enrichment, triggers?.shelf]) memory?.forget(key)
    this.#deps.changes.notify()
  }

  #onChild(event: StoreEvent): void {
    if (event.initial) return // every CR is queued once at the start anyway
    // The state before, when somebody took our annotation off: that is drift like any other.
    const named = [event.object, event.before].map((object) => object?.metadata.annotations?.[ownerAnnotation])
    const owner = parseOwner(named.find((text) => text !== undefined))
    if (owner?.group !== this.plan.gvk.group || owner.kind !== this.plan.gvk.kind) return
    const key = objectKey(owner.namespace, owner.name)
    if (!this.#echoes.holds(key, event, "child")) this.enqueue(key, "child")
  }

  async #ready(mayStart: () => boolean, signal: AbortSignal): Promise<Attached> {
    for (;;) {
      const attached = this.#attached
      if (attached?.isComplete && !attached.signal.aborted && attached.crs.hasSynced && mayStart()) {
        await this.#settleChildren(attached, signal)
        if (this.#attached === attached) return attached
      }
      await this.#deps.changes.next(signal)
    }
  }

  async #settleChildren(attached: Attached, signal: AbortSignal): Promise<void> {
    const isGone = () => this.#deps.kinds.resourceOf(this.plan.gvk) === undefined
    await waitUntil(() => isGone() || isSettled(attached), this.#deps.clock, signal)
  }

  async #work(attached: Attached, signal: AbortSignal, lost: AbortSignal | undefined): Promise<void> {
    const { clock, random, metrics } = this.#deps
    const queue = new Workqueue({ clock, random })
    const { plan } = this
    const gates = new Gates(plan.gates, () => vitalsOf(this.health, this))
    const ports = this.#ports(attached, gates)
    const door = this.#makeDoor(attached, ports, signal)
    const load = (key: ObjectKey) => selected(plan, attached.crs.lister.get(key))
    const worker = reconciler({
      plan,
      resource: attached.resource,
      ports,
      load,
      revisit: (key, afterMs) => queue.addAfter(key, afterMs, "requeue"),
      wake: (key, reason) => this.#changed(key, reason),
      calm: this.#calm,
      flights: this.#flights,
      echoes: this.#echoes,
    })
    const controller = new Controller(
      { queue, reconciler: worker, clock, log: this.#deps.log, metrics },
      {
        name: plan.name,
        gvk: this.gvk,
        workers: plan.workers,
        drainMs,
        lost,
        turn: ports.turn,
        onPass: (report) => {
          this.health.record(report, clock.nowMs())
          if (!load(report.key)) this.health.forget(report.key)
          this.#deps.changes.notify()
        },
      },
    )
    const life = new Scope({ log: this.#log }, { parent: signal })
    this.#queue = queue
    this.#gates = gates
    this.#door = door
    this.#controller = controller
    this.#startedAtMs = clock.nowMs()
    for (const cr of this.crs) this.enqueue(keyOf(cr), "initial")
    this.#log.info("operator started", { gvk: this.gvk, workers: plan.workers, resources: attached.crs.lister.size })
    this.#deps.changes.notify()
    try {
      life.run("queue", (inner) => queue.run(inner))
      life.run("changes that hold still", (inner) => this.#calm.run(inner, (key) => this.enqueue(key, "user")))
      life.run("held by the enqueueGate", (inner) => door.run(inner, (key) => this.enqueue(key, "requeue")))
      const pace = this.#pace(controller)
      life.run("resync", (inner) => pace.resync(inner, () => this.#wakeAll("resync")))
      life.run("autoscale", (inner) => pace.autoscale(inner))
      await controller.run(signal)
    } finally {
      this.#queue = undefined
      this.#gates = undefined
      this.#door = undefined
      this.#controller = undefined
      queue.close()
      await life.stop()
      this.#log.info("operator stopped", { gvk: this.gvk })
      this.#deps.changes.notify()
    }
  }

  #pace(controller: Controller): Pace {
    const { clock, random } = this.#deps
    const metrics = () => operatorMetrics(this.health, this)
    return new Pace({ clock, random, log: this.#log, metrics, resize: (n) => controller.resize(n) }, this.plan)
  }

  #makeDoor({ crs, resource }: Attached, ports: Ports, signal: AbortSignal): Door {
    const { plan } = this
    const judge = (key: ObjectKey): GateVerdict => {
      const isAskedInPass = plan.calls.gates.length + plan.calls.enqueueGate.length > 0
      const cr = !isAskedInPass && plan.gates.enqueue && crs.lister.get(key)
      if (!cr || isTerminating(cr)) return openGate
      const log = this.#log.with({ key })
      const verdict = ports.gates.judge(
        "enqueue",
        begin({ plan, resource, ports }, cr, { signal, reason: "user", log }),
      )
      if (!verdict.open) this.health.hold(key)
      return verdict
    }
    return new Door({ clock: this.#deps.clock, judge })
  }

  #ports(attached: Attached, gates: Gates): Ports {
    const { client, clock, random, events, kinds, process, metrics, turns } = this.#deps
    const lane = `${this.plan.katalog}/${this.plan.name}`
    return {
      client: this.#echoes.over(client),
      metrics,
      clock,
      random,
      turn: () => turns.next(lane),
      events,
      process,
      breaker: new Breaker({ clock, onClosed: () => this.#wakeAll("dependency") }),
      resourceOf: (gvk) => kinds.resourceOf(gvk),
      schemas: kinds.schemas,
      cache: attached.cache,
      sources: attached.sources,
      enrichment: attached.enrichment,
      shelf: attached.triggers.shelf,
      calls: this.#calls,
      gates,
      observeCr: (cr) => attached.crs.observe(cr),
      isTaken: (cr, path, key) =>
        attached.crs.lister.byIndex(uniqueIndex(path), key).some((other) => keyOf(other) !== keyOf(cr)),
      settled: this.#settled,
      contests: this.#contests,
      loops: this.#loops,
      rollbacks: this.#rollbacks,
      said: this.#said,
    }
  }

  #wakeAll(reason: Reason, afterMs: Ms = ms(0)): void {
    for (const cr of this.crs) this.enqueue(keyOf(cr), reason, afterMs)
  }
}
