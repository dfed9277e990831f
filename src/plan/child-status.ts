import { ok, type Result } from "../base/mod.ts"
import type { EntrySpec } from "../katalog/mod.ts"
import { isTrue, memberOf } from "./entry.ts"
import { type CompileContext, compileValue, type RenderFailure, type RenderScope, type ValueTemplate } from "./value.ts"

/** The status that an entry writes on the object it makes. */
export interface ChildStatusPlan {
  readonly value: ValueTemplate
  /** Whether it is written; undefined: where the kind has a status. */
  readonly hasStatus: ValueTemplate | undefined
}

/** That status for one custom resource. */
export interface ChildStatus {
  readonly value: unknown
  readonly hasStatus: boolean | undefined
}

/** The `status` of a custom entry; undefined for one without. */
export function compileChildStatus(
  { kind, fields, at }: EntrySpec,
  compile: CompileContext,
): ChildStatusPlan | undefined {
  const value = kind === "custom" ? memberOf(fields, "status", at) : undefined
  if (value === undefined) return undefined
  const hasStatus = memberOf(fields, "hasStatus", at)
  const context = { ...compile, allowRandom: false }
  return {
    value: compileValue(value, at, context),
    hasStatus: hasStatus && compileValue(hasStatus, at, context),
  }
}

/** What it reads. */
export function childStatusRefs(plan: ChildStatusPlan | undefined): readonly (readonly string[])[] {
  return plan ? [...plan.value.refs, ...(plan.hasStatus?.refs ?? [])] : []
}

/** Its meaning: part of a fingerprint. */
export function childStatusSource(plan: ChildStatusPlan | undefined): unknown {
  return plan && [plan.value.source, plan.hasStatus?.source]
}

/** Renders it. */
export function renderChildStatus(
  plan: ChildStatusPlan,
  scope: RenderScope,
): Result<ChildStatus, readonly RenderFailure[]> {
  const value = plan.value.render(scope)
  if (!value.ok) return value
  const hasStatus = plan.hasStatus?.render(scope)
  if (hasStatus && !hasStatus.ok) return hasStatus
  const isGiven = hasStatus !== undefined && hasStatus.value !== undefined && hasStatus.value !== ""
  return ok({ value: value.value, hasStatus: isGiven ? isTrue(hasStatus.value) : undefined })
}
