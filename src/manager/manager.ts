import {
  Changes,
  type Clock,
  type Logger,
  type Metrics,
  type Ms,
  ms,
  type Random,
  Scope,
  type Transport,
  Turns,
} from "../base/mod.ts"
import { type Gvk, type KubeObject, shortenName, shortHash } from "../kube/mod.ts"
import { Kinds, Ledger, Leftovers, Operator } from "../operator/mod.ts"
import type { OperatorPlan, Plan } from "../plan/mod.ts"
import {
  type Client,
  type Discovery,
  EventRecorder,
  InformerSet,
  LeaderElector,
  LeaseShares,
  leaderClient,
} from "../runtime/mod.ts"
import { Fleet, type FleetChange } from "./fleet.ts"
import { GuardKeeper } from "./guards.ts"
import { Notifier, type SendMessage, type Watched } from "./notifier.ts"
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
  /** Sends messages to teams; without it nobody is told. */
  readonly send?: SendMessage
  /** Where external calls of Katalogs go. */
  readonly external: Transport
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
  /** The Lease beside which is noted what was made; the same with and without election. Undefined: nothing is noted. */
  readonly ledgerName?: string | undefined
  /** A lease for each operator, `<leaseName>-<operator>`, spread over all processes. */
  readonly perCrd?: boolean
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
  readonly #shares: LeaseShares | undefined
  readonly #guards: GuardKeeper
  /** The operator whose leader keeps the guards. */
  readonly #guardedBy: string | undefined
  readonly #changes = new Changes()
  #notifications: Plan["notifications"]
  #shown: Pick<ManagerOptions, "documents" | "katalog">
  #phase: "starting" | "running" | "stopping" = "starting"

  constructor(deps: ManagerDeps, plan: Plan, options: ManagerOptions) {
    this.#deps = deps
    this.#notifications = plan.notifications
    this.#shown = options
    this.#kinds = new Kinds(deps, kindsOf(plan))
    this.#informers = new InformerSet(deps)
    this.#events = new EventRecorder(deps, { component: "orkestra-runtime", instance: options.identity })
    const { leaseName, namespace, identity } = options
    const process = { inCluster: options.inCluster, namespace: options.namespace, version: options.version }
    const ledger = new Ledger(
      deps,
      options.ledgerName === undefined ? undefined : { namespace, name: options.ledgerName },
    )
    this.#leftovers = new Leftovers(deps, ledger)
    const shared = {
      ...deps,
      informers: this.#informers,
      kinds: this.#kinds,
      events: this.#events,
      process,
      leftovers: this.#leftovers,
      turns: new Turns(deps),
    }
    const { perCrd = false } = options
    const elector = leaseName && !perCrd ? new LeaderElector(deps, { namespace, name: leaseName, identity }) : undefined
    const shares = leaseName && perCrd ? sharesOf(deps, { namespace, identity, leaseName, plan }) : undefined
    const changes = this.#changes
    const make = (one: OperatorPlan) => {
      const leads = shares ? () => shares.isLeader(one.name) : elector && (() => elector.isLeader)
      const client = leads ? leaderClient(deps.client, leads) : deps.client
      return new Operator({ ...shared, client, changes }, one)
    }
    const leadsElsewhere = (name: string) => ![undefined, identity].includes(shares?.holder(name))
    this.fleet = new Fleet({ log: deps.log, clock: deps.clock, changes, make, leadsElsewhere }, plan.operators)
    this.#elector = elector
    this.#shares = shares
    // With a Lease for each operator, whoever leads the first one keeps them all.
    const [first] = plan.operators
    const leads = shares && first ? () => shares.isLeader(first.name) : elector && (() => elector.isLeader)
    const client = leads ? leaderClient(deps.client, leads) : deps.client
    this.#guards = new GuardKeeper({ ...deps, client, kinds: this.#kinds, informers: this.#informers, ledger }, plan)
    this.#guardedBy = first?.name
    this.view = viewOf({
      fleet: this.fleet,
      client: deps.client,
      clock: deps.clock,
      resourceOf: (gvk) => this.#kinds.resourceOf(gvk),
      events: this.#events,
      metrics: () => deps.metrics.text(),
      phase: () => this.#phase,
      leadership: () => ({
        isLeader: this.fleet.isLeading,
        holder: this.#elector ? this.#elector.holder : identity,
      }),
      shown: () => this.#shown,
    })
  }

  /**
   * Makes `plan` what runs, without a restart: only operators whose plan means something else are replaced. The name of
   * the Katalog is its identity and must stay.
   */
  async want(plan: Plan, shown: Pick<ManagerOptions, "documents" | "katalog">): Promise<FleetChange> {
    this.#kinds.want(kindsOf(plan))
    this.#guards.want(plan)
    const change = await this.fleet.want(plan.operators)
    this.#shares?.want(plan.operators.map(({ name }) => name))
    this.#shown = shown
    this.#notifications = plan.notifications
    return change
  }

  /** Resolves at the next change of any operator's state. */
  changed(signal: AbortSignal): Promise<void> {
    return this.#changes.next(signal)
  }

  /** Runs `work`, with the guards kept meanwhile. */
  async #guarded(work: () => Promise<void>, signal: AbortSignal, lost?: AbortSignal): Promise<void> {
    const guarding = new Scope({ log: this.#deps.log }, { parent: signal })
    guarding.run("guards", (inner) => this.#guards.run(inner))
    try {
      await work()
    } finally {
      await guarding.stop()
      if (!lost?.aborted) await this.#guards.cleanUp(AbortSignal.any(lost ? [lost] : []))
    }
  }

  #notify(send: SendMessage, signal: AbortSignal): Promise<void> {
    const watched = (operator: Operator): Watched => {
      const { lastError, worstOffender } = operator.health
      const { name, katalog } = operator.plan
      return { name, katalog, state: this.fleet.stateOf(operator).state, lastError, worstOffender }
    }
    const look = () => ({ plans: this.#notifications, operators: this.fleet.operators.map(watched) })
    return new Notifier({ ...this.#deps, send }).run(look, signal)
  }

  /** Runs until `signal` aborts; returns when everything has stopped and the lease is released. */
  async run(signal: AbortSignal): Promise<void> {
    const infrastructure = new Scope({ log: this.#deps.log })
    infrastructure.defer(() => this.#informers.stop())
    infrastructure.run("kinds", (inner) => this.#kinds.run(inner))
    infrastructure.run("leftovers", (inner) => this.#leftovers.run(this.#kinds, inner))
    infrastructure.run("events", (inner) => this.#events.run(inner))
    const { send } = this.#deps
    if (send) infrastructure.run("notifications", (inner) => this.#notify(send, inner))
    this.fleet.follow()
    this.#phase = "running"
    try {
      if (this.#shares) {
        await this.#shares.run(signal, (name, leading, lost) => {
          const work = () => this.fleet.leadOne(name, leading, lost)
          return name === this.#guardedBy ? this.#guarded(work, leading, lost) : work()
        })
      } else if (this.#elector) {
        await this.#elector.run(signal, (leading, lost) =>
          this.#guarded(() => this.fleet.lead(leading, lost), leading, lost),
        )
      } else await this.#guarded(() => this.fleet.lead(signal), signal)
    } finally {
      this.#phase = "stopping"
      await this.fleet.stop()
      await this.#events.flush(flushMs)
      await infrastructure.stop()
    }
  }
}

/** The kinds that a plan's operators follow or make, each once, and the CRDs that it ships. */
function kindsOf({ operators }: Plan): { readonly wanted: readonly Gvk[]; readonly shipped: readonly KubeObject[] } {
  const kinds = operators.flatMap((o) => [
    o.gvk,
    ...[...o.resources, ...o.onDelete, ...o.watches, ...o.cross].map((r) => r.gvk),
  ])
  const wanted = [...new Map(kinds.map((gvk) => [JSON.stringify(gvk), gvk])).values()]
  return { wanted, shipped: operators.flatMap((o) => (o.crd ? [o.crd] : [])) }
}

/** The labels of the Leases of one Katalog whose operators are led apart. */
export function leaseLabels(leaseName: string): Readonly<Record<string, string>> {
  return { "orkestra.orkspace.io/leases": shortenName(leaseName, 63) }
}

function sharesOf(
  deps: ManagerDeps,
  options: { readonly namespace: string; readonly identity: string; readonly leaseName: string; readonly plan: Plan },
): LeaseShares {
  const { namespace, identity, leaseName, plan } = options
  const shared = {
    namespace,
    identity,
    leaseName: (name: string) => partName(leaseName, name),
    memberName: partName(leaseName, `member-${shortHash(identity)}`),
    labels: leaseLabels(leaseName),
  }
  return new LeaseShares(
    deps,
    shared,
    plan.operators.map(({ name }) => name),
  )
}

/** An entry may be called what no Lease can be. */
function partName(leaseName: string, part: string): string {
  const plain = part.toLowerCase().replace(/[^a-z0-9-]+/g, "-")
  return shortenName(`${leaseName}-${plain === part ? part : `${plain}-${shortHash(part)}`}`, 253)
}
