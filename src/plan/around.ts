import type { CrdSpec } from "../katalog/mod.ts"
import type { Gate } from "./conditions.ts"
import { type CrossPlan, compileCross, crossRefs, crossSource } from "./cross.ts"
import {
  compileEvents,
  compileRequeue,
  type EmittedEventPlan,
  emittedRefs,
  emittedSource,
  type RequeuePlan,
} from "./emitted-events.ts"
import { type CallsPlan, callRefs, callsOf, callsSource, compileCalls } from "./external.ts"
import { compileMarks, type MarksPlan, marksRefs, marksSource } from "./marks.ts"
import type { Contexts } from "./notes.ts"
import {
  compileObservedEvents,
  compileWatches,
  type ObservedEventPlan,
  type WatchPlan,
  watchesSource,
} from "./observe.ts"
import { compilePrepare, type PreparePlan, prepareGates, prepareRefs, prepareSource } from "./prepare.ts"

/** What stands around the entries of an operator: what comes before them, and what is told after. */
export interface Around {
  readonly prepare: PreparePlan
  readonly marks: MarksPlan
  readonly events: readonly EmittedEventPlan[]
  readonly requeue: RequeuePlan | undefined
  readonly watches: readonly WatchPlan[]
  readonly cross: readonly CrossPlan[]
  readonly observedEvents: readonly ObservedEventPlan[]
  readonly calls: CallsPlan
}

/** Compiles it, with what it reads, its gates and its meaning; `crds` are all entries of the Katalog. */
export function compileAround(
  crd: CrdSpec,
  crds: readonly CrdSpec[],
  contexts: Contexts,
): {
  readonly around: Around
  readonly refs: readonly (readonly string[])[]
  readonly gates: readonly Gate[]
  readonly source: unknown
} {
  const compile = contexts.of(undefined, false)
  const prepare = compilePrepare(crd, contexts)
  const marks = compileMarks(crd, compile)
  const events = compileEvents(crd, compile)
  const requeue = compileRequeue(crd, compile)
  const watches = compileWatches(crd, compile)
  const observedEvents = compileObservedEvents(crd, compile)
  const cross = compileCross(crd, crds, compile)
  const calls = compileCalls(crd, compile)
  const told = [...events, ...(requeue ? [requeue] : [])]
  return {
    around: { prepare, marks, events, requeue, watches, cross, observedEvents, calls },
    refs: [
      ...prepareRefs(prepare),
      ...marksRefs(marks),
      ...crossRefs(cross),
      ...callRefs(calls),
      ...told.flatMap(emittedRefs),
    ],
    gates: [...prepareGates(prepare), ...callsOf(calls).map(({ gate }) => gate), ...told.map(({ gate }) => gate)],
    source: [
      ...[prepareSource(prepare), marksSource(marks), told.map(emittedSource)],
      ...[watchesSource(watches), watchesSource(observedEvents), crossSource(cross), callsSource(calls)],
    ],
  }
}
