import { isOrkError, type Logger, ms } from "../base/mod.ts"
import {
  describeObject,
  isTerminating,
  type KubeObject,
  keyOf,
  type ObjectKey,
  type ResourceInfo,
} from "../kube/mod.ts"
import type { OperatorPlan } from "../plan/mod.ts"
import type { Outcome, Reason, Reconciler } from "../runtime/mod.ts"
import type { Calm } from "./calm.ts"
import type { Echoes } from "./echoes.ts"
import { isNews } from "./emit.ts"
import { finalize, writeVerdict } from "./finalize.ts"
import { type FlightRecorder, flightOf } from "./flight.ts"
import type { Rest } from "./loops.ts"
import { noMarks } from "./marks.ts"
import { type Pass, type Ports, revisit, type Step } from "./pass.ts"
import { apply } from "./steps/apply.ts"
import { childStatus } from "./steps/child-status.ts"
import { children } from "./steps/children.ts"
import { gate } from "./steps/gate.ts"
import { maintain } from "./steps/maintain.ts"
import { observe } from "./steps/observe.ts"
import { prepare, prepareDeletion } from "./steps/prepare.ts"
import { prune } from "./steps/prune.ts"
import { remove } from "./steps/remove.ts"
import { render } from "./steps/render.ts"
import { scale } from "./steps/scale.ts"

/**
 * The reconcile page: what happens to one CR, in order.
 *
 * 1 load      the CR from the lister; gone: nothing to do
 * 2 remove    deletion asked for: what `onDelete` names, then by inventory, then the finalizer
 * 3 gate      the author's gates: closed, the pass ends here and nothing is written
 * 4 prepare   normalised, mutated, validated, in memory: what the templates see; denied, nothing is applied
 * 5 observe   custom resources of other entries, external calls: what cannot be known yet ends the pass
 * 6 render    templates to typed, stamped objects; a failing entry is left out and said
 * 7 maintain  the finalizer, only where deletion has work of its own
 * 8 apply     compare with the caches; apply only what differs, wave by wave
 * 9 scale     workloads whose conditions ask for more or fewer replicas
 * 10 status   what entries declare for the status of what they make
 * 11 prune    what nothing declares any more; only when all of the above went well
 * 12 children  which of them are ready, and what the others wait for
 * 13 finalize  marks to status (one patch), events, outcome
 */
const steps: readonly (readonly [string, Step])[] = [
  ["prepare deletion", prepareDeletion],
  ["remove", remove],
  ["gate", gate],
  ["prepare", prepare],
  ["observe", observe],
  ["render", render],
  ["maintain", maintain],
  ["apply", apply],
  ["scale", scale],
  ["status of a child", childStatus],
  ["prune", prune],
  ["children", children],
]

const forbiddenRevisitMs = ms("60s")

/** What the reconciler of one operator is made of. */
export interface ReconcilerDeps {
  readonly plan: OperatorPlan
  readonly resource: ResourceInfo
  readonly ports: Ports
  /** The CR as its cache has it. */
  readonly load: (key: ObjectKey) => KubeObject | undefined
  /** Asks for another pass of a key that nothing else would wake. */
  readonly revisit: (key: ObjectKey, afterMs: NonNullable<Pass["marks"]["revisitMs"]>) => void
  /** Something changed while a pass ran. */
  readonly wake: (key: ObjectKey, reason: Reason) => void
  readonly flights: Pick<FlightRecorder, "record">
  readonly echoes: Pick<Echoes, "begin" | "end">
  readonly calm: Pick<Calm, "begin">
}

/** The reconciler of one operator. */
export function reconciler(deps: ReconcilerDeps): Reconciler {
  return {
    async reconcile(key, context) {
      const cr = deps.load(key)
      if (!cr) return { kind: "done" }
      const pass = begin(deps, cr, context)
      deps.echoes.begin(key)
      deps.calm.begin(key)
      const startedMs = deps.ports.clock.nowMs()
      const rest = deps.ports.loops.resting(cr)
      let outcome: Outcome | undefined
      let error: unknown
      try {
        outcome = rest ? await takeRest(pass, rest) : await run(pass)
        pass.reads.commit()
        if (outcome.kind === "done" || outcome.kind === "again") passed(deps, pass)
        return outcome
      } catch (thrown) {
        error = thrown
        throw thrown
      } finally {
        if (deps.load(key)) deps.flights.record(key, flightOf(pass, { startedMs, outcome, error }))
        else deps.ports.sources.forget(key)
        deps.ports.loops.note(cr, pass.marks.changes)
        // It began to rest with this pass: the next one says so.
        if (!rest && deps.ports.loops.resting(cr)) revisit(pass, ms(1))
        const heard = deps.echoes.end(key)
        const now = pass.isOvertaken ? deps.load(key) : undefined
        const news = now ? (isTerminating(now) ? "deletion" : "user") : heard
        if (news !== undefined) deps.wake(key, news)
        const { revisitMs } = pass.marks
        if (revisitMs !== undefined) deps.revisit(key, revisitMs)
      }
    },
  }
}

// A custom resource that is gone or going has no more changes to ask for.
function passed({ load, ports }: ReconcilerDeps, { cr, eventMark }: Pass): void {
  if (isTerminating(cr) || !load(keyOf(cr))) return
  ports.gates.sentinels.passed(cr)
  ports.shelf.passed(keyOf(cr), eventMark)
}

/** A pass at its start, with nothing found out yet. */
export function begin(
  deps: Pick<ReconcilerDeps, "plan" | "resource" | "ports">,
  cr: KubeObject,
  context: { readonly signal: AbortSignal; readonly reason: Reason; readonly log: Logger },
): Pass {
  const { plan, resource, ports } = deps
  const reads = ports.sources.begin(keyOf(cr))
  const found = {
    marks: noMarks(),
    desired: [],
    complete: true,
    live: new Map<string, KubeObject>(),
    external: {},
    made: new Map(),
    spent: { steps: 0 },
  }
  return { plan, resource, ports, ...context, cr, reads, eventMark: ports.shelf.mark, ...found }
}

/** What goes round is said, and nothing else is done. */
async function takeRest(pass: Pass, { why, leftMs }: Rest): Promise<Outcome> {
  const message = `stopped for a while, since its passes only follow from each other: ${why}`
  pass.marks.problems.push({ reason: "HotLoop", message, terminal: true, condition: "HotLoop" })
  revisit(pass, leftMs)
  await writeVerdict(pass, { reason: "HotLoop", message, isStalled: true })
  if (isNews(pass, "HotLoop", message)) {
    pass.log.warn("hot loop", { why })
    pass.ports.events.record({ regarding: pass.cr, type: "Warning", reason: "HotLoop", action: "Reconcile", message })
  }
  return { kind: "stalled", why: message }
}

async function run(pass: Pass): Promise<Outcome> {
  for (const [name, step] of steps) {
    try {
      const result = await step(pass)
      if (result !== "next") return result
    } catch (error) {
      // A no that belongs to the whole pass: say it on the CR, then let the worker decide about the retry.
      if (pass.isFinal || !isOrkError(error) || pass.signal.aborted || error.code === "api/conflict") throw error
      pass.complete = false
      const message = error.message.includes(describeObject(pass.cr)) ? error.message : `${name}: ${error.message}`
      const reason = error.code === "api/forbidden" ? "Forbidden" : "ReconcileError"
      if (error.code === "api/forbidden") revisit(pass, forbiddenRevisitMs)
      pass.marks.problems.push({ reason, message, terminal: !error.retryable, error })
      return await finalize(pass)
    }
  }
  return await finalize(pass)
}
