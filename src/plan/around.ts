import type { CrdSpec } from "../katalog/mod.ts"
import type { Gate } from "./conditions.ts"
import {
  compileEvents,
  compileRequeue,
  type EmittedEventPlan,
  emittedRefs,
  emittedSource,
  type RequeuePlan,
} from "./emitted-events.ts"
import { compileMarks, type MarksPlan, marksRefs, marksSource } from "./marks.ts"
import { compileWatches, type WatchPlan, watchesSource } from "./observe.ts"
import { compilePrepare, type PreparePlan, prepareGates, prepareRefs, prepareSource } from "./prepare.ts"
import type { CompileContext } from "./value.ts"

/** What stands around the entries of an operator: what comes before them, and what is told after. */
export interface Around {
  readonly prepare: PreparePlan
  readonly marks: MarksPlan
  readonly events: readonly EmittedEventPlan[]
  readonly requeue: RequeuePlan | undefined
  readonly watches: readonly WatchPlan[]
}

/** Compiles it, with what it reads, its gates and its meaning. */
export function compileAround(
  crd: CrdSpec,
  compile: CompileContext,
): {
  readonly around: Around
  readonly refs: readonly (readonly string[])[]
  readonly gates: readonly Gate[]
  readonly source: unknown
} {
  const prepare = compilePrepare(crd, compile)
  const marks = compileMarks(crd, compile)
  const events = compileEvents(crd, compile)
  const requeue = compileRequeue(crd, compile)
  const watches = compileWatches(crd, compile)
  const told = [...events, ...(requeue ? [requeue] : [])]
  return {
    around: { prepare, marks, events, requeue, watches },
    refs: [...prepareRefs(prepare), ...marksRefs(marks), ...told.flatMap(emittedRefs)],
    gates: [...prepareGates(prepare), ...told.map(({ gate }) => gate)],
    source: [prepareSource(prepare), marksSource(marks), told.map(emittedSource), watchesSource(watches)],
  }
}
