import { type Changes, type Clock, type Logger, ms, onAbort } from "../base/mod.ts"
import type { Operator } from "../operator/mod.ts"
import type { DependencyPlan } from "../plan/mod.ts"
import { LeadershipLost } from "../runtime/mod.ts"
import type { DependencyView, OperatorState } from "./view.ts"

const restartMs = ms("5s")

/** What a fleet needs. */
export interface FleetDeps {
  readonly log: Logger
  readonly clock: Clock
  /** Wakes when the state of any operator changed. */
  readonly changes: Changes
}

/**
 * All operators of a Katalog: started when what they depend on is there, stopped in reverse.
 *
 * A missing CRD or an unhealthy dependency holds back only its dependents. Once started, an operator keeps running.
 */
export class Fleet {
  readonly #deps: FleetDeps
  /** Dependencies before dependents. */
  readonly #operators: readonly Operator[]
  readonly #byName: ReadonlyMap<string, Operator>
  #leading = false

  constructor(deps: FleetDeps, operators: readonly Operator[]) {
    this.#deps = deps
    this.#operators = operators
    this.#byName = new Map(operators.map((operator) => [operator.plan.name, operator]))
  }

  get operators(): readonly Operator[] {
    return this.#operators
  }

  operator(name: string): Operator | undefined {
    return this.#byName.get(name)
  }

  get isLeading(): boolean {
    return this.#leading
  }

  /** Runs every operator until `signal` aborts, then stops them, dependents first. `lost`: writes must end now. */
  async lead(signal: AbortSignal, lost?: AbortSignal): Promise<void> {
    this.#leading = true
    this.#deps.changes.notify()
    const running = this.#operators.map((operator) => {
      const stop = new AbortController()
      return { stop, ended: this.#leadOne(operator, stop.signal, lost) }
    })
    await new Promise<void>((resolve) => onAbort(signal, () => resolve()))
    // Losing the lease leaves no time for order: every write must end now.
    if (signal.reason instanceof LeadershipLost) for (const { stop } of running) stop.abort(signal.reason)
    for (const { stop, ended } of running.toReversed()) {
      stop.abort(signal.reason)
      await ended
    }
    this.#leading = false
    this.#deps.changes.notify()
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
    const operator = this.#byName.get(dependency.name)
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
    if (!this.#leading) return { state: "pending", why: "another process leads" }
    const open = operator.plan.dependsOn.find((dependency) => !this.isSatisfied(dependency))
    return { state: "pending", why: open ? `depends on ${open.name} being ${open.condition}` : "" }
  }

  /** What an operator depends on, and how that stands. */
  dependenciesOf(operator: Operator): readonly DependencyView[] {
    return operator.plan.dependsOn.map((dependency) => {
      const target = this.#byName.get(dependency.name)
      const state = target ? this.stateOf(target).state : "missing"
      return { ...dependency, state, satisfied: this.isSatisfied(dependency) }
    })
  }
}
