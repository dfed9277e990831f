import type { Diagnostic } from "../base/mod.ts"
import { type ConditionSpec, type CrdSpec, type GateSpec, isSentinel, type Sentinel } from "../katalog/mod.ts"
import type { Schema } from "../kube/mod.ts"
import { defineFunctions, type FunctionLookup } from "../template/mod.ts"
import { compileGate, type Gate } from "./conditions.ts"
import type { CompileContext, RenderFailure, RenderScope } from "./value.ts"

/** What holds custom resources back, compiled. */
export interface GatesPlan {
  /** What the gates may ask about changes. Their values stand under `sentinels` in the data. */
  readonly sentinels: readonly Sentinel[]
  readonly enqueue: GatePlan | undefined
  readonly reconcile: GatePlan | undefined
}

/** One gate, and whether it is open when it cannot be evaluated. */
export interface GatePlan {
  readonly gate: Gate
  readonly failPolicy: "open" | "closed"
  /** Each new Event is asked for by itself. */
  readonly eventAware: boolean
}

/** What a gate says about one custom resource now. */
export interface GateVerdict {
  readonly open: boolean
  /** When the passing of time alone changes the answer; Infinity: never. */
  readonly nextChangeMs: number
  /** Why it could not be evaluated; then its `failPolicy` has answered. */
  readonly failures: readonly RenderFailure[]
}

/** Compiles the gates of a CRD entry; `compile` is a context of `gateContext`. */
export function compileGates({ operatorBox: { gates } }: CrdSpec, compile: CompileContext): GatesPlan {
  const one = (gate: GateSpec | undefined): GatePlan | undefined =>
    gate && { gate: compileGate(gate.when, gate.or, compile), failPolicy: gate.failPolicy, eventAware: gate.eventAware }
  return { sentinels: gates.sentinels, enqueue: one(gates.enqueue), reconcile: one(gates.reconcile) }
}

/** Both gates, where they stand. */
export function gatesOf({ enqueue, reconcile }: GatesPlan): readonly Gate[] {
  return [enqueue, reconcile].flatMap((plan) => plan?.gate ?? [])
}

/** What the gates mean: part of a fingerprint. */
export function gatesSource({ sentinels, enqueue, reconcile }: GatesPlan): unknown {
  return [
    sentinels,
    ...[enqueue, reconcile].map((plan) => plan && [plan.gate.source, plan.failPolicy, plan.eventAware]),
  ]
}

const text: Schema = { type: "string" }
const count: Schema = { type: "integer" }

/** What gates may read beside what everything may read: how the operator does. */
export const gateNames: Readonly<Record<string, Schema>> = {
  health: { type: "object", properties: { status: text, phase: text, readyCount: count, totalCount: count } },
  metrics: { type: "object", properties: { reconcileCount: count, errorCount: count, queueDepth: count } },
}

/** Every condition of the gates of a CRD entry. */
export function gateConditions({ operatorBox: { gates } }: CrdSpec): readonly ConditionSpec[] {
  return [gates.enqueue, gates.reconcile].flatMap((gate) => (gate ? [...gate.when, ...gate.or] : []))
}

/** `base` where gates stand: the declared sentinels are functions, and one that is not declared is said to be missing. */
export function gateContext({ operatorBox: { gates } }: CrdSpec, base: CompileContext): CompileContext {
  const declared: ReadonlySet<string> = new Set(gates.sentinels)
  const { functions: own } = defineFunctions(
    gates.sentinels.map((name) => ({ name, expression: `{{ .sentinels.${name} }}` })),
  )
  const others = base.functions ?? own
  const lookupOf = (name: string) => (declared.has(name) ? own : others)
  const functions: FunctionLookup = {
    get: (name) => lookupOf(name).get(name),
    names: () => [...declared, ...others.names()],
    readBy: (name) => lookupOf(name).readBy(name),
  }
  return { ...base, functions, report: (diagnostic) => base.report(withDeclaration(diagnostic)) }
}

function withDeclaration(diagnostic: Diagnostic): Diagnostic {
  const { code, span } = diagnostic
  const name = code === "ORK0302" && span ? span.file.text.slice(span.start, span.end) : undefined
  return isSentinel(name) ? { ...diagnostic, help: `declare it: sentinels: [${name}]` } : diagnostic
}

/** What a gate says; one that cannot be evaluated follows its `failPolicy`. */
export function judgeGate({ gate, failPolicy }: GatePlan, scope: RenderScope): GateVerdict {
  const judged = gate.judge(scope)
  if (judged.ok) return { ...judged.value, failures: [] }
  return { open: failPolicy === "open", nextChangeMs: Infinity, failures: judged.error }
}
