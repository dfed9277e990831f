import { type Clock, Lru, ms } from "../base/mod.ts"
import { keyOf, type ObjectKey } from "../kube/mod.ts"
import { type GateVerdict, judgeGate, type OperatorPlan } from "../plan/mod.ts"
import { DelayQueue, type Reason } from "../runtime/mod.ts"
import type { Health } from "./health.ts"
import type { Pass } from "./pass.ts"
import { scopeOf } from "./scope.ts"
import { Sentinels } from "./sentinels.ts"

/** What gates may read about the operator itself: `.health` and `.metrics`. */
export interface Vitals {
  readonly health: Readonly<Record<string, unknown>>
  readonly metrics: Readonly<Record<string, unknown>>
}

/** What gates may read about an operator now. */
export function vitalsOf(
  health: Health,
  { crCount, queueDepth }: { readonly crCount: number; readonly queueDepth: number },
): Vitals {
  const { seen, failing, gated, total, failed } = health
  const status = health.stateOf(crCount)
  return {
    health: { status, phase: status, readyCount: seen - failing - gated, totalCount: crCount },
    metrics: { reconcileCount: total, errorCount: failed, queueDepth },
  }
}

/** Failures that are remembered, so that each is said once. */
const saidMax = 1_000
const farMs = ms("1d")
/** What a gate says that is not there. */
export const openGate: GateVerdict = { open: true, nextChangeMs: Number.POSITIVE_INFINITY, failures: [] }

/** The gates of one operator while it works, and what they know about changes. */
export class Gates {
  readonly sentinels: Sentinels
  readonly #plan: OperatorPlan["gates"]
  readonly #vitals: () => Vitals
  readonly #said = new Lru<string, true>(saidMax)

  constructor(plan: OperatorPlan["gates"], vitals: () => Vitals) {
    this.#plan = plan
    this.#vitals = vitals
    this.sentinels = new Sentinels(plan.sentinels)
  }

  /** What a gate says about the custom resource of `pass`; no gate is an open one. */
  judge(which: "enqueue" | "reconcile", pass: Pass): GateVerdict {
    const gate = this.#plan[which]
    if (gate === undefined) return openGate
    const scope = scopeOf(pass)
    const data = { ...scope.data, ...this.#vitals(), sentinels: this.#changes(which, pass) }
    const ask = (events: unknown) => judgeGate(gate, { ...scope, data: { ...data, events } })
    const verdict = this.#askAll(gate.eventAware, pass, ask)
    for (const { where, message } of verdict.failures) {
      const reason = `${which}Gate (${where}): ${message}`
      if (this.#said.get(reason)) continue
      this.#said.set(reason, true)
      pass.log.warn("gate cannot be evaluated", { reason, failPolicy: gate.failPolicy })
    }
    return verdict
  }

  // Gates see the Events that came since the last success. Each by itself, where that is asked for: one is enough.
  #askAll(eventAware: boolean, { ports, cr, plan }: Pass, ask: (events: unknown) => GateVerdict): GateVerdict {
    if (plan.observedEvents.length === 0) return ask(undefined)
    const events = eventAware ? ports.shelf.eachFresh(keyOf(cr)) : []
    const open = events
      .values()
      .map(ask)
      .find((verdict) => verdict.open)
    return open ?? ask(eventAware && events.length > 0 ? {} : ports.shelf.fresh(keyOf(cr)))
  }

  // What the operator has planned is reason enough for a pass: only the other conditions can hold it.
  #changes(which: "enqueue" | "reconcile", { reason, cr }: Pass): Readonly<Record<string, boolean>> {
    if (which === "enqueue" && isPlanned(reason))
      return Object.fromEntries(this.#plan.sentinels.map((name) => [name, true]))
    return this.sentinels.changes(cr)
  }
}

/** True for what the operator asked for itself: it did not come through the door. */
export function isPlanned(reason: Reason): boolean {
  return reason === "retry" || reason === "requeue"
}

/**
 * Stands before the queue: what the enqueueGate holds does not come in, and is not lost. A held key is told again when
 * time may have opened the gate, and the next resync asks for it anyway. Bounded by the number of custom resources.
 */
export class Door {
  readonly #clock: Clock
  readonly #judge: (key: ObjectKey) => GateVerdict
  readonly #held: DelayQueue<ObjectKey>

  constructor(deps: { readonly clock: Clock; readonly judge: (key: ObjectKey) => GateVerdict }) {
    this.#clock = deps.clock
    this.#judge = deps.judge
    this.#held = new DelayQueue(deps)
  }

  /** Whether `key` may come into the queue now. */
  lets(key: ObjectKey): boolean {
    const { open, nextChangeMs } = this.#judge(key)
    this.#held.remove(key)
    if (!open && Number.isFinite(nextChangeMs)) {
      this.#held.add(key, ms(Math.min(farMs, Math.max(1, Math.ceil(nextChangeMs - this.#clock.nowMs())))))
    }
    return open
  }

  /** Tells each held key again when it is time, until `signal` aborts. */
  async run(signal: AbortSignal, onDue: (key: ObjectKey) => void): Promise<void> {
    await this.#held.run(signal, onDue)
  }
}
