import { Changes, type Clock, type Logger, type Metrics, type Ms, ms, type Random, Scope } from "../base/mod.ts"
import type { Gvk } from "../kube/mod.ts"
import { Kinds, Leftovers, Operator } from "../operator/mod.ts"
import type { Plan } from "../plan/mod.ts"
import { type Client, type Discovery, EventRecorder, InformerSet, LeaderElector, leaderClient } from "../runtime/mod.ts"
import { Fleet } from "./fleet.ts"
import type { View } from "./view.ts"
import { viewOf } from "./view-of.ts"

/** Everything a manager is made of. The only place that sees the whole environment is the one that builds this. */
export interface ManagerDeps {
  readonly client: Client
  readonly discovery: Discovery
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly metrics: Metrics & { text(): Promise<string> }
}

/** What a manager is told about its process and its Katalog. */
export interface ManagerOptions {
  /** Name of this process among its replicas: host name and a suffix. */
  readonly identity: string
  readonly version: string
  readonly inCluster: boolean
  /** Where the process itself lives; also the place of the Lease. */
  readonly namespace: string
  /** Undefined: no election, this process leads from the start. */
  readonly leaseName: string | undefined
  readonly documents: { readonly raw: unknown; readonly enriched: unknown }
  readonly katalog: View["katalog"]
}

const flushMs: Ms = ms("2s")

/** Runs the operators of one Katalog: shared infrastructure first, then the fleet; stopped in reverse. */
export class Manager {
  readonly view: View
  readonly fleet: Fleet
  readonly #deps: ManagerDeps
  readonly #kinds: Kinds
  readonly #informers: InformerSet
  readonly #events: EventRecorder
  readonly #leftovers: Leftovers
  readonly #elector: LeaderElector | undefined
  readonly #changes = new Changes()
  #phase: "starting" | "running" | "stopping" = "starting"

  constructor(deps: ManagerDeps, plan: Plan, options: ManagerOptions) {
    this.#deps = deps
    const { operators } = plan
    const wanted = operators.flatMap((o) => [o.gvk, ...[...o.resources, ...o.onDelete, ...o.watches].map((r) => r.gvk)])
    const shipped = operators.flatMap((o) => (o.crd ? [o.crd] : []))
    this.#kinds = new Kinds(deps, { wanted: uniqueKinds(wanted), shipped })
    this.#informers = new InformerSet(deps)
    this.#events = new EventRecorder(deps, { component: "orkestra-runtime", instance: options.identity })
    const { leaseName, namespace, identity } = options
    const process = { inCluster: options.inCluster, namespace: options.namespace, version: options.version }
    this.#leftovers = new Leftovers(deps)
    const shared = {
      ...deps,
      informers: this.#informers,
      kinds: this.#kinds,
      events: this.#events,
      process,
      leftovers: this.#leftovers,
    }
    const elector = leaseName ? new LeaderElector(deps, { namespace, name: leaseName, identity }) : undefined
    const client = elector ? leaderClient(deps.client, () => elector.isLeader) : deps.client
    const made = operators.map((o) => new Operator({ ...shared, client, changes: this.#changes }, o))
    this.fleet = new Fleet({ log: deps.log, clock: deps.clock, changes: this.#changes }, made)
    this.#elector = elector
    this.view = viewOf({
      fleet: this.fleet,
      clock: deps.clock,
      events: this.#events,
      metrics: () => deps.metrics.text(),
      phase: () => this.#phase,
      leadership: () => ({
        isLeader: this.fleet.isLeading,
        holder: this.#elector ? this.#elector.holder : identity,
      }),
      katalog: options.katalog,
      documents: options.documents,
    })
  }

  /** Resolves at the next change of any operator's state. */
  changed(signal: AbortSignal): Promise<void> {
    return this.#changes.next(signal)
  }

  /** Runs until `signal` aborts; returns when everything has stopped and the lease is released. */
  async run(signal: AbortSignal): Promise<void> {
    const infrastructure = new Scope({ log: this.#deps.log })
    infrastructure.defer(() => this.#informers.stop())
    infrastructure.run("kinds", (inner) => this.#kinds.run(inner))
    infrastructure.run("leftovers", (inner) => this.#leftovers.run(this.#kinds, inner))
    infrastructure.run("events", (inner) => this.#events.run(inner))
    const follow = new Scope({ log: this.#deps.log })
    for (const operator of this.fleet.operators) {
      follow.run(`follow ${operator.plan.name}`, (inner) => operator.follow(inner))
    }
    this.#phase = "running"
    try {
      if (this.#elector) await this.#elector.run(signal, (leading, lost) => this.fleet.lead(leading, lost))
      else await this.fleet.lead(signal)
    } finally {
      this.#phase = "stopping"
      await follow.stop()
      await this.#events.flush(flushMs)
      await infrastructure.stop()
    }
  }
}

function uniqueKinds(kinds: readonly Gvk[]): readonly Gvk[] {
  return [...new Map(kinds.map((gvk) => [JSON.stringify(gvk), gvk])).values()]
}
