import { type Changes, type Clock, type Logger, ms, onAbort, Scope } from "../base/mod.ts"
import type { Operator } from "../operator/mod.ts"
import type { DependencyPlan, OperatorPlan } from "../plan/mod.ts"
import { LeadershipLost } from "../runtime/mod.ts"
import type { DependencyView, OperatorState } from "./view.ts"

const restartMs = ms("5s")
const everything = Symbol("all operators")

/** What a fleet needs. */
export interface FleetDeps {
  readonly log: Logger
  readonly clock: Clock
  /** Wakes when the state of any operator changed. */
  readonly changes: Changes
  readonly make: (plan: OperatorPlan) => Operator
  /** Whether another process leads an operator; never, unless each has a lease of its own. */
  readonly leadsElsewhere?: (name: string) => boolean
}

/** For how long operators may work. `lost` aborts when writes must end now. */
interface Term {
  readonly signal: AbortSignal
  readonly lost: AbortSignal | undefined
}

/** What became of the operators when the plan changed, by name. */
export interface FleetChange {
  readonly added: readonly string[]
  readonly replaced: readonly string[]
  readonly removed: readonly string[]
  readonly kept: readonly string[]
}

/** One operator and what it does here. */
interface Member {
  readonly operator: Operator
  /** Keeps its caches warm. */
  readonly following: Scope
  working: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined
}

/**
 * All operators of a Katalog: started when what they depend on is there, stopped in reverse; replaced when their plan
 * changes, and only then.
 *
 * A missing CRD or an unhealthy dependency holds back only its dependents. Once started, an operator keeps running.
 */
export class Fleet {
  readonly #deps: FleetDeps
  /** Dependencies before dependents. */
  #members: readonly Member[]
  /** By operator; `everything` is all of them. */
  readonly #terms = new Map<string | typeof everything, Term>()
  #isFollowing = false
  #changing: Promise<unknown> = Promise.resolve()

  constructor(deps: FleetDeps, plans: readonly OperatorPlan[]) {
    this.#deps = deps
    this.#members = plans.map((plan) => this.#member(plan))
  }

  get operators(): readonly Operator[] {
    return this.#members.map(({ operator }) => operator)
  }

  operator(name: string): Operator | undefined {
    return this.operators.find((operator) => operator.plan.name === name)
  }

  /** Whether any operator may work here. */
  get isLeading(): boolean {
    return this.#terms.size > 0
  }

  /** Begins to keep the caches of all operators warm, until `stop`. */
  follow(): void {
    this.#isFollowing = true
    for (const member of this.#members) this.#follow(member)
  }

  /** Gives up the caches. Comes after `lead` has ended. */
  async stop(): Promise<void> {
    this.#isFollowing = false
    await this.#changing
    await Promise.all(this.#members.map(({ following }) => following.stop()))
  }

  /** Runs every operator until `signal` aborts, then stops them, dependents first. `lost`: writes must end now. */
  async lead(signal: AbortSignal, lost?: AbortSignal): Promise<void> {
    await this.#reign(everything, { signal, lost }, () => this.#members)
  }

  /** The same for one operator, whichever runs under this name. */
  async leadOne(name: string, signal: AbortSignal, lost?: AbortSignal): Promise<void> {
    await this.#reign(name, { signal, lost }, () => this.#members.filter(({ operator }) => operator.plan.name === name))
  }

  async #reign(over: string | typeof everything, term: Term, members: () => readonly Member[]): Promise<void> {
    const { signal } = term
    this.#terms.set(over, term)
    this.#deps.changes.notify()
    for (const member of members()) this.#work(member)
    await new Promise<void>((resolve) => onAbort(signal, () => resolve()))
    // Losing the lease leaves no time for order: every write must end now.
    if (signal.reason instanceof LeadershipLost) {
      for (const { working } of members()) working?.stop.abort(signal.reason)
    }
    await this.#changing
    for (const member of members().toReversed()) await rest(member, signal.reason)
    this.#terms.delete(over)
    this.#deps.changes.notify()
  }

  /**
   * Makes `plans` what runs: an operator whose plan means the same stays untouched, the others are stopped, dependents
   * first, before those that take their place begin. The newcomers take over the informers that both use.
   */
  async want(plans: readonly OperatorPlan[]): Promise<FleetChange> {
    const change = this.#changing.then(() => this.#want(plans))
    this.#changing = change.catch(() => undefined) // told to whoever asked for it
    return await change
  }

  async #want(plans: readonly OperatorPlan[]): Promise<FleetChange> {
    const before = this.#members
    const same = (plan: OperatorPlan) =>
      before.find(({ operator }) => operator.plan.name === plan.name && operator.plan.fingerprint === plan.fingerprint)
    const next = plans.map((plan) => same(plan) ?? this.#member(plan))
    const fresh = next.filter((member) => !before.includes(member))
    const gone = before.filter((member) => !next.includes(member))
    if (this.#isFollowing) for (const member of fresh) this.#follow(member)
    for (const member of gone.toReversed()) await rest(member, undefined)
    this.#members = next
    for (const member of fresh) this.#work(member)
    for (const { following } of gone) await following.stop()
    this.#deps.changes.notify()
    const names = (members: readonly Member[]) => members.map(({ operator }) => operator.plan.name)
    const were = new Set(names(before))
    const are = new Set(names(next))
    return {
      added: names(fresh).filter((name) => !were.has(name)),
      replaced: names(fresh).filter((name) => were.has(name)),
      removed: names(gone).filter((name) => !are.has(name)),
      kept: names(next.filter((member) => before.includes(member))),
    }
  }

  #member(plan: OperatorPlan): Member {
    return { operator: this.#deps.make(plan), following: new Scope({ log: this.#deps.log }), working: undefined }
  }

  #follow({ operator, following }: Member): void {
    following.run(`follow ${operator.plan.name}`, (signal) => operator.follow(signal))
  }

  #work(member: Member): void {
    const term = this.#termOf(member.operator.plan.name)
    if (term === undefined || term.signal.aborted) return
    const stop = new AbortController()
    member.working = { stop, ended: this.#leadOne(member.operator, stop.signal, term.lost) }
  }

  #termOf(name: string): Term | undefined {
    return this.#terms.get(everything) ?? this.#terms.get(name)
  }

  async #leadOne(operator: Operator, signal: AbortSignal, lost: AbortSignal | undefined): Promise<void> {
    const mayStart = () => operator.plan.dependsOn.every((dependency) => this.isSatisfied(dependency))
    while (!signal.aborted) {
      try {
        await operator.lead(mayStart, signal, lost)
      } catch (error) {
        if (signal.aborted) return
        this.#deps.log.error("operator failed, starting it again", { operator: operator.plan.name, error })
        await this.#deps.clock.sleep(restartMs, signal).catch(() => undefined) // only the abort rejects it
      }
    }
  }

  /** True when a dependency's condition holds now. */
  isSatisfied(dependency: DependencyPlan): boolean {
    const operator = this.operator(dependency.name)
    // Of an operator in another process nothing is known but that it is led: its lease is held.
    if (operator && this.#deps.leadsElsewhere?.(dependency.name)) return true
    if (!operator?.isWorking) return false
    if (dependency.condition === "started") return true
    // Every object has had its pass. An idle queue would not do: a pass is told before its key is given back.
    return operator.health.failing === 0 && operator.health.seen >= operator.crCount
  }

  /** The published state of an operator, and why it waits. */
  stateOf(operator: Operator): { readonly state: OperatorState; readonly why: string } {
    if (operator.isWorking) {
      const state = operator.health.stateOf(operator.crCount)
      return { state, why: state === "degraded" ? operator.health.lastError : "" }
    }
    if (operator.waitsFor !== "") return { state: "pending", why: operator.waitsFor }
    if (!this.#termOf(operator.plan.name)) return { state: "pending", why: "another process leads" }
    const open = operator.plan.dependsOn.find((dependency) => !this.isSatisfied(dependency))
    return { state: "pending", why: open ? `depends on ${open.name} being ${open.condition}` : "" }
  }

  /** What an operator depends on, and how that stands. */
  dependenciesOf(operator: Operator): readonly DependencyView[] {
    return operator.plan.dependsOn.map((dependency) => {
      const target = this.operator(dependency.name)
      const state = target ? this.stateOf(target).state : "missing"
      return { ...dependency, state, satisfied: this.isSatisfied(dependency) }
    })
  }
}

/** Stops the work of an operator and waits until its passes have ended. */
async function rest(member: Member, reason: unknown): Promise<void> {
  member.working?.stop.abort(reason)
  await member.working?.ended
  member.working = undefined
}
