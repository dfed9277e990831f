import { type Clock, type Ms, ms } from "../base/mod.ts"
import { type KubeObject, keyOf, type ObjectKey } from "../kube/mod.ts"
import { type Change, summarize } from "./marks.ts"

const windowMs = ms("1m")
/** What a CR may cost in a minute without an edit. A change of what is declared counts more than a child made anew. */
const budgetMax = 60
const costOf = (change: Change): number => (change.verb === "updated" ? 3 : change.verb === "corrected" ? 0 : 1)
/** After a rest there is less patience. */
const budgetAfterRest = 6
const patienceMs = ms("10m")
const firstRestMs = ms("30s")
const longestRestMs = ms("5m")

interface Trace {
  readonly uid: string | undefined
  readonly generation: number | undefined
  passes: readonly { readonly atMs: number; readonly cost: number; readonly first: Change }[]
  rests: number
  untilMs: number
  why: string
}

/** A CR whose passes follow from its own writes: what goes round, and when it is looked at again. */
export interface Rest {
  readonly why: string
  readonly leftMs: Ms
}

/**
 * Stops a CR whose passes only follow from what they have written: a template that says something else each time, a
 * child that is lost as soon as it is made. It rests, longer each time, until it is edited.
 *
 * In memory. Bounded by the number of CRs that write: whoever drops one calls `forget`.
 */
export class Loops {
  readonly #clock: Clock
  readonly #traces = new Map<ObjectKey, Trace>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** CRs that are remembered. */
  get size(): number {
    return this.#traces.size
  }

  /** Why a CR must not be worked on now; undefined when it may. */
  resting(cr: KubeObject): Rest | undefined {
    const trace = this.#of(cr)
    if (!trace || trace.rests === 0) return undefined
    const leftMs = trace.untilMs - this.#clock.steadyMs()
    return leftMs > 0 ? { why: trace.why, leftMs: ms(leftMs) } : undefined
  }

  /** Notes what a pass has written to the children of a CR. */
  note(cr: KubeObject, changes: readonly Change[]): void {
    const cost = Math.max(0, ...changes.map(costOf))
    const first = changes.find((change) => costOf(change) === cost)
    const nowMs = this.#clock.steadyMs()
    const trace = this.#of(cr)
    if (cost === 0 || !first) {
      const isOld = trace && nowMs - Math.max(trace.untilMs, trace.passes.at(-1)?.atMs ?? 0) > patienceMs
      if (isOld) this.#traces.delete(keyOf(cr))
      return
    }
    const { uid, generation } = cr.metadata
    const now: Trace = trace ?? { uid, generation, passes: [], rests: 0, untilMs: 0, why: "" }
    this.#traces.set(keyOf(cr), now)
    now.passes = [...now.passes.filter(({ atMs }) => atMs > nowMs - windowMs), { atMs: nowMs, cost, first }]
    const spent = now.passes.reduce((sum, pass) => sum + pass.cost, 0)
    if (spent < (now.rests > 0 ? budgetAfterRest : budgetMax)) return
    // What came most often is what goes round; the first time says it best, since later there are few.
    if (now.rests === 0) now.why = whatGoesRound(now.passes)
    now.untilMs = nowMs + Math.min(firstRestMs * 2 ** now.rests, longestRestMs)
    now.rests++
    now.passes = []
  }

  /** A CR is gone. */
  forget(key: ObjectKey): void {
    this.#traces.delete(key)
  }

  // An edit, a deletion, or another object of the name: what was before counts no more.
  #of(cr: KubeObject): Trace | undefined {
    const trace = this.#traces.get(keyOf(cr))
    const { uid, generation } = cr.metadata
    if (trace && (trace.uid !== uid || trace.generation !== generation)) {
      this.#traces.delete(keyOf(cr))
      return undefined
    }
    return trace
  }
}

function whatGoesRound(passes: Trace["passes"]): string {
  const kinds = Map.groupBy(passes, ({ first }) => summarize([first]))
  const [most] = [...kinds].sort(([, a], [, b]) => b.length - a.length)
  return `${most?.[0]}, ${most?.[1].length} times within a minute and nobody edited the custom resource`
}
