import { type Ms, ms, ok, parseDuration, type Result } from "../base/mod.ts"
import { type EntrySpec, readConditions } from "../katalog/mod.ts"
import { isRecord, parsePath } from "../kube/mod.ts"
import { compileGate, type Gate } from "./conditions.ts"
import { asText, memberOf } from "./entry.ts"
import { type CompileContext, compileValue, type RenderFailure, type RenderScope, type ValueTemplate } from "./value.ts"

/** How a workload is scaled by conditions, compiled. */
export interface AutoscalePlan {
  readonly min: ValueTemplate
  readonly max: ValueTemplate | undefined
  readonly cooldownMs: Ms
  readonly up: DirectionPlan | undefined
  readonly down: DirectionPlan | undefined
}

/** One direction: when, and by how much or to what. */
interface DirectionPlan {
  readonly gate: Gate
  readonly step: ValueTemplate
  readonly target: ValueTemplate | undefined
}

/** What the conditions ask for now. */
export interface ScaleWish {
  readonly min: number
  readonly max: number
  readonly cooldownMs: Ms
  /** Replicas more or fewer; 0: none of the directions is asked for. */
  readonly step: number
  /** The number of replicas to go to, in place of a step. */
  readonly target: number | undefined
}

const cooldownMs = ms("1m")

type Fields = Readonly<Record<string, unknown>>

/** The `autoscale` of a workload; undefined when it has none. */
export function compileAutoscale(entry: EntrySpec, compile: CompileContext): AutoscalePlan | undefined {
  const block = entry.fields["autoscale"]
  if (!isRecord(block)) return undefined
  const at = `${entry.at}.autoscale`
  const context = { ...compile, allowRandom: false }
  const max = memberOf(block, "max", at)
  return {
    min: compileValue(memberOf(block, "min", at) ?? 1, at, context),
    max: max && compileValue(max, at, context),
    cooldownMs: parseDuration(String(block["cooldown"])) ?? cooldownMs,
    up: compileDirection(block["scaleUp"], { at: `${at}.scaleUp`, step: "increment" }, context),
    down: compileDirection(block["scaleDown"], { at: `${at}.scaleDown`, step: "decrement" }, context),
  }
}

function compileDirection(
  block: unknown,
  place: { readonly at: string; readonly step: string },
  compile: CompileContext,
): DirectionPlan | undefined {
  if (!isRecord(block)) return undefined
  const { at } = place
  const conditions: Fields = isRecord(block["conditions"]) ? block["conditions"] : {}
  const read = (key: string) => readConditions(conditions[key], parsePath(`${at}.conditions.${key}`))
  const target = memberOf(block, "target", at)
  return {
    gate: compileGate(read("when"), read("or"), compile),
    step: compileValue(memberOf(block, place.step, at) ?? 1, at, compile),
    target: target && compileValue(target, at, compile),
  }
}

/** What the conditions ask for: up before down, so that a workload under pressure never shrinks. */
export function renderAutoscale(plan: AutoscalePlan, scope: RenderScope): Result<ScaleWish, readonly RenderFailure[]> {
  const min = numberOf(plan.min, scope)
  if (!min.ok) return min
  const max = plan.max ? numberOf(plan.max, scope) : ok(undefined)
  if (!max.ok) return max
  const bounds = {
    min: min.value ?? 1,
    max: Math.max(max.value ?? Number.POSITIVE_INFINITY, min.value ?? 1),
    cooldownMs: plan.cooldownMs,
  }
  for (const [direction, sign] of [[plan.up, 1] as const, [plan.down, -1] as const]) {
    const open = direction?.gate.passes(scope) ?? ok(false)
    if (!open.ok) return open
    if (!direction || !open.value) continue
    const step = numberOf(direction.step, scope)
    const target = direction.target ? numberOf(direction.target, scope) : ok(undefined)
    if (!step.ok) return step
    if (!target.ok) return target
    return ok({ ...bounds, step: sign * (step.value ?? 1), target: target.value })
  }
  return ok({ ...bounds, step: 0, target: undefined })
}

function numberOf(template: ValueTemplate, scope: RenderScope): Result<number | undefined, readonly RenderFailure[]> {
  const rendered = template.render(scope)
  if (!rendered.ok) return rendered
  const text = asText(rendered.value).trim()
  return ok(/^\d+$/.test(text) ? Number(text) : undefined)
}

/** Every template of an `autoscale`, for what it reads. */
export function autoscaleRefs(plan: AutoscalePlan | undefined): readonly (readonly string[])[] {
  if (!plan) return []
  const directions = [plan.up, plan.down].flatMap((direction) => direction ?? [])
  const templates = [plan.min, plan.max, ...directions.flatMap(({ step, target }) => [step, target])]
  return [...templates.flatMap((template) => template?.refs ?? []), ...directions.flatMap(({ gate }) => gate.refs)]
}

/** What the fingerprint takes of it. */
export function autoscaleSource(plan: AutoscalePlan | undefined): unknown {
  const direction = (of: DirectionPlan | undefined) => of && [of.gate.source, of.step.source, of.target?.source]
  return plan && [plan.min.source, plan.max?.source, plan.cooldownMs, direction(plan.up), direction(plan.down)]
}
