import { err, ok, type Result } from "../base/mod.ts"
import { type ConditionSpec, isTimeOperator } from "../katalog/mod.ts"
import { getPath, parsePath } from "../kube/mod.ts"
import { type Comparison, compare } from "./conditions-compare.ts"
import { compileSchedule, type Schedule, type Verdict } from "./schedule.ts"
import {
  type CompileContext,
  compileValue,
  type RenderFailure,
  type RenderScope,
  type ValueTemplate,
  whereOf,
} from "./value.ts"

type Failures = readonly RenderFailure[]

/** What a gate says now. */
export interface Judgement {
  readonly open: boolean
  /** The next moment at which the passing of time alone changes the answer; Infinity: never. */
  readonly nextChangeMs: number
}

/** Conditions compiled: `when` all, `or` at least one; where both stand, both must pass. */
export interface Gate {
  readonly source: unknown
  readonly refs: readonly (readonly string[])[]
  /** True when there is anything to evaluate. */
  readonly conditional: boolean
  /** Paths of the custom resource whose values are asked to be unique. */
  readonly uniques: readonly string[]
  /** Whether it is open at the scope's time, and until when at least. */
  verdict(scope: RenderScope): Result<Verdict, Failures>
  passes(scope: RenderScope): Result<boolean, Failures>
  judge(scope: RenderScope): Result<Judgement, Failures>
}

type Check = (scope: RenderScope) => Result<Verdict, Failures>

/** Compiles the conditions of a block, an entry or a status field. */
export function compileGate(
  when: readonly ConditionSpec[],
  or: readonly ConditionSpec[],
  context: CompileContext,
): Gate {
  const refs: (readonly string[])[] = []
  const all = when.map((condition) => compileCondition(condition, context, refs))
  const any = or.map((condition) => compileCondition(condition, context, refs))
  return gateOf(any.length === 0 ? allOf(all) : allOf([...all, anyOf(any)]), {
    source: { when: when.map(sourceOf), or: or.map(sourceOf) },
    refs,
    conditional: all.length + any.length > 0,
    uniques: [...when, ...or].filter(({ operator }) => operator === "unique").map(({ field }) => fieldPath(field)),
  })
}

/** A gate that passes when every one of `gates` does. */
export function bothGates(first: Gate, second: Gate): Gate {
  if (!first.conditional) return second
  return gateOf(allOf([first.verdict, second.verdict]), {
    source: [first.source, second.source],
    refs: [...first.refs, ...second.refs],
    conditional: true,
    uniques: [...first.uniques, ...second.uniques],
  })
}

function gateOf(verdict: Check, facts: Pick<Gate, "source" | "refs" | "conditional" | "uniques">): Gate {
  return {
    ...facts,
    verdict,
    passes(scope) {
      const result = verdict(scope)
      return result.ok ? ok(result.value.open) : result
    },
    judge: (scope) => judge(verdict, scope),
  }
}

const always: Verdict = { open: true, untilMs: Number.POSITIVE_INFINITY }

// Stops at the first closed one: until that opens, nothing else matters.
function allOf(checks: readonly Check[]): Check {
  return (scope) => {
    let untilMs = always.untilMs
    for (const check of checks) {
      const result = check(scope)
      if (!result.ok || !result.value.open) return result
      untilMs = Math.min(untilMs, result.value.untilMs)
    }
    return ok({ open: true, untilMs })
  }
}

function anyOf(checks: readonly Check[]): Check {
  return (scope) => {
    let untilMs = always.untilMs
    for (const check of checks) {
      const result = check(scope)
      if (!result.ok || result.value.open) return result
      untilMs = Math.min(untilMs, result.value.untilMs)
    }
    return ok({ open: false, untilMs })
  }
}

/** Beyond these the gate is looked at early, which changes nothing. */
const stepsMax = 100

// A verdict holds at least until its `untilMs`: step from there to there until the answer is another one.
function judge(verdict: Check, scope: RenderScope): Result<Judgement, Failures> {
  const now = verdict(scope)
  if (!now.ok) return now
  let nextChangeMs = now.value.untilMs
  for (let step = 0; step < stepsMax && Number.isFinite(nextChangeMs); step++) {
    const then = verdict({ ...scope, nowMs: nextChangeMs })
    if (!then.ok || then.value.open !== now.value.open) break
    nextChangeMs = then.value.untilMs
  }
  return ok({ open: now.value.open, nextChangeMs })
}

function sourceOf(condition: ConditionSpec): unknown {
  const { at: _place, valueAt: _valuePlace, ...meaning } = condition
  return meaning
}

function fieldPath(field: string): string {
  return field.replace(/^\./, "")
}

function compileCondition(spec: ConditionSpec, context: CompileContext, refs: (readonly string[])[]): Check {
  const { operator, negate } = spec
  const turn = (verdict: Verdict): Verdict => (negate ? { ...verdict, open: !verdict.open } : verdict)
  const check = isTimeOperator(operator)
    ? compileTimed(spec, context, refs)
    : operator === "unique"
      ? compileUnique(spec, refs)
      : compileComparison(spec, operator, { context, refs })
  return (scope) => {
    const result = check(scope)
    return result.ok ? ok(turn(result.value)) : result
  }
}

interface Compiling {
  readonly context: CompileContext
  readonly refs: (readonly string[])[]
}

function compileComparison(spec: ConditionSpec, operator: Comparison, { context, refs }: Compiling): Check {
  const subject = compileSubject(spec, context, refs)
  const value = compileValue(spec.value, spec.valueAt, context)
  refs.push(...value.refs)
  const { field, valueType } = spec
  return (scope) => {
    const left = subject(scope)
    if (!left.ok) return left
    const right = value.render(scope)
    if (!right.ok) return right
    const result = compare({ operator, valueType, field }, left.value, right.value)
    return result.ok ? ok({ ...always, open: result.value }) : result
  }
}

function compileSubject(
  spec: ConditionSpec,
  context: CompileContext,
  refs: (readonly string[])[],
): (scope: RenderScope) => Result<unknown, Failures> {
  if (spec.field.includes("{{")) {
    const template: ValueTemplate = compileValue(spec.field, `${spec.at}.field`, context)
    refs.push(...template.refs)
    return (scope) => template.render(scope)
  }
  const path = parsePath(fieldPath(spec.field))
  refs.push(path.map(String))
  return (scope) => ok(getPath(scope.data, path))
}

function compileUnique(spec: ConditionSpec, refs: (readonly string[])[]): Check {
  const name = fieldPath(spec.field)
  const path = parsePath(name)
  refs.push(path.map(String))
  return (scope) => {
    const key = uniqueKey(getPath(scope.data, path))
    return ok({ ...always, open: key === undefined || !(scope.isTaken?.(name, key) ?? false) })
  }
}

/** What two equal values of a `unique` field have in common; undefined for no value, which nobody else can have. */
export function uniqueKey(value: unknown): string | undefined {
  if (value === undefined || value === null || value === "") return undefined
  return typeof value === "object" ? JSON.stringify(value) : String(value)
}

function compileTimed(spec: ConditionSpec, context: CompileContext, refs: (readonly string[])[]): Check {
  const value = compileValue(spec.value, spec.valueAt, context)
  refs.push(...value.refs)
  const where = whereOf(context.spans, spec.at)
  const read = (rendered: unknown): Result<Schedule, Failures> => {
    const schedule = compileSchedule(rendered)
    return schedule.ok ? schedule : err([{ code: "template/type", where, message: schedule.error }])
  }
  const fixed = value.isStatic ? read(spec.value) : undefined
  return (scope) => {
    const rendered = value.render(scope)
    if (!rendered.ok) return rendered
    const schedule = fixed ?? read(rendered.value)
    return schedule.ok ? ok(schedule.value(scope.nowMs)) : schedule
  }
}
