import type { CrdSpec } from "../katalog/mod.ts"
import { compileGate, type Gate } from "./conditions.ts"
import { type CompileContext, compileValue, type ValueTemplate } from "./value.ts"

/** One Event that is sent when it has something new to say. */
export interface EmittedEventPlan {
  readonly name: string
  readonly type: "Normal" | "Warning"
  readonly reason: string
  readonly message: ValueTemplate
  readonly gate: Gate
}

/** When a custom resource is looked at again after a success. */
export interface RequeuePlan {
  readonly after: ValueTemplate
  readonly gate: Gate
}

/** Compiles the events that an operator sends. */
export function compileEvents(crd: CrdSpec, compile: CompileContext): readonly EmittedEventPlan[] {
  return crd.operatorBox.events.map(({ name, type, reason, message, when, or, at }) => ({
    name,
    type,
    reason,
    message: compileValue(message, `${at}.message`, compile),
    gate: compileGate(when, or, compile),
  }))
}

/** Compiles `requeue`. */
export function compileRequeue(crd: CrdSpec, compile: CompileContext): RequeuePlan | undefined {
  const { requeue } = crd.operatorBox
  if (!requeue) return undefined
  const { after, when, or, at } = requeue
  return { after: compileValue(after, `${at}.after`, compile), gate: compileGate(when, or, compile) }
}

/** What an event or a requeue reads. */
export function emittedRefs(part: EmittedEventPlan | RequeuePlan): readonly (readonly string[])[] {
  return [...("after" in part ? part.after : part.message).refs, ...part.gate.refs]
}

/** The meaning of an event or a requeue: part of a fingerprint. */
export function emittedSource(part: EmittedEventPlan | RequeuePlan): unknown {
  if ("after" in part) return [part.after.source, part.gate.source]
  return [part.name, part.type, part.reason, part.message.source, part.gate.source]
}
