import { err, ok, type Result } from "../base/mod.ts"
import type { ConditionSpec } from "../katalog/mod.ts"
import { compileRegex, getPath, isRecord, parsePath } from "../kube/mod.ts"
import { type CompileContext, compileValue, type RenderFailure, type RenderScope, type ValueTemplate } from "./value.ts"

/** Conditions compiled: `when` all, `or` at least one; where both stand, both must pass. */
export interface Gate {
  readonly source: unknown
  readonly refs: readonly (readonly string[])[]
  /** True when there is anything to evaluate. */
  readonly conditional: boolean
  passes(scope: RenderScope): Result<boolean, readonly RenderFailure[]>
}

type Check = (scope: RenderScope) => Result<boolean, readonly RenderFailure[]>

/** Compiles the conditions of a block, an entry or a status field. */
export function compileGate(
  when: readonly ConditionSpec[],
  or: readonly ConditionSpec[],
  context: CompileContext,
): Gate {
  const refs: (readonly string[])[] = []
  const all = when.map((condition) => compileCondition(condition, context, refs))
  const any = or.map((condition) => compileCondition(condition, context, refs))
  return {
    source: { when: when.map(sourceOf), or: or.map(sourceOf) },
    refs,
    conditional: all.length + any.length > 0,
    passes(scope) {
      for (const check of all) {
        const result = check(scope)
        if (!result.ok || !result.value) return result
      }
      if (any.length === 0) return ok(true)
      for (const check of any) {
        const result = check(scope)
        if (!result.ok || result.value) return result
      }
      return ok(false)
    },
  }
}

/** A gate that passes when every one of `gates` does. */
export function bothGates(first: Gate, second: Gate): Gate {
  if (!first.conditional) return second
  return {
    source: [first.source, second.source],
    refs: [...first.refs, ...second.refs],
    conditional: true,
    passes(scope) {
      const result = first.passes(scope)
      return result.ok && result.value ? second.passes(scope) : result
    },
  }
}

function sourceOf(condition: ConditionSpec): unknown {
  const { at: _place, ...meaning } = condition
  return meaning
}

function compileCondition(spec: ConditionSpec, context: CompileContext, refs: (readonly string[])[]): Check {
  const subject = compileSubject(spec, context, refs)
  const value = compileValue(spec.value, `${spec.at}.value`, context)
  refs.push(...value.refs)
  if (spec.operator === "regex" && value.isStatic) checkRegex(spec, context)
  return (scope) => {
    const left = subject(scope)
    if (!left.ok) return left
    const right = value.render(scope)
    if (!right.ok) return right
    const result = compare(spec, left.value, right.value)
    return result.ok ? ok(result.value !== spec.negate) : result
  }
}

function compileSubject(
  spec: ConditionSpec,
  context: CompileContext,
  refs: (readonly string[])[],
): (scope: RenderScope) => Result<unknown, readonly RenderFailure[]> {
  if (spec.field.includes("{{")) {
    const template: ValueTemplate = compileValue(spec.field, `${spec.at}.field`, context)
    refs.push(...template.refs)
    return (scope) => template.render(scope)
  }
  const path = parsePath(spec.field.replace(/^\./, ""))
  refs.push(path.map(String))
  return (scope) => ok(getPath(scope.data, path))
}

function checkRegex(spec: ConditionSpec, context: CompileContext): void {
  const compiled = compileRegex(String(spec.value))
  if (compiled.ok) return
  const span = context.spans.locate(spec.at, "value")
  context.report({
    severity: "error",
    code: "ORK0402",
    message: `the regular expression ${compiled.error}`,
    path: spec.at,
    help: "use RE2 syntax, which has no back references and no look-around",
    ...(span ? { span } : {}),
  })
}

/** Applies one operator. A missing field makes every numeric operator false. */
export function compare(
  spec: Pick<ConditionSpec, "operator" | "valueType" | "field">,
  left: unknown,
  right: unknown,
): Result<boolean, readonly RenderFailure[]> {
  switch (spec.operator) {
    case "exists":
      return ok(!isEmpty(left))
    case "notExists":
      return ok(isEmpty(left))
    case "present":
      return ok(left !== undefined)
    case "equals":
      return ok(sameValue(left, right, spec.valueType))
    case "notEquals":
      return ok(!sameValue(left, right, spec.valueType))
    case "contains":
      return ok(contains(left, right))
    case "notContains":
      return ok(!contains(left, right))
    case "prefix":
      return ok(text(left).startsWith(text(right)))
    case "notPrefix":
      return ok(!text(left).startsWith(text(right)))
    case "suffix":
      return ok(text(left).endsWith(text(right)))
    case "notSuffix":
      return ok(!text(left).endsWith(text(right)))
    case "in":
      return ok(members(right).some((member) => sameValue(left, member, spec.valueType)))
    case "notIn":
      return ok(!members(right).some((member) => sameValue(left, member, spec.valueType)))
    case "typeOf":
      return ok(typeName(left) === text(right).toLowerCase())
    case "regex":
      return matches(spec, left, right)
    default:
      return ok(compareNumbers(spec.operator, left, right))
  }
}

function compareNumbers(
  operator: "gt" | "lt" | "gte" | "lte" | "between" | "notBetween",
  left: unknown,
  right: unknown,
): boolean {
  const subject = number(left)
  if (subject === undefined) return false
  if (operator === "between" || operator === "notBetween") {
    const [low, high] = members(right).map(number)
    if (low === undefined || high === undefined) return false
    return (subject >= low && subject <= high) === (operator === "between")
  }
  const bound = number(right)
  if (bound === undefined) return false
  if (operator === "gt") return subject > bound
  if (operator === "lt") return subject < bound
  return operator === "gte" ? subject >= bound : subject <= bound
}

function matches(
  spec: Pick<ConditionSpec, "field">,
  left: unknown,
  right: unknown,
): Result<boolean, readonly RenderFailure[]> {
  const expression = compileRegex(text(right))
  if (expression.ok) return ok(expression.value.test(text(left)))
  const message = `the regular expression ${expression.error}`
  return err([{ code: "template/type", where: spec.field, message }])
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === 0 || value === false) return true
  if (Array.isArray(value)) return value.length === 0
  return isRecord(value) && Object.keys(value).length === 0
}

// Typed when both sides parse to the same type, else text.
function sameValue(left: unknown, right: unknown, valueType: ConditionSpec["valueType"]): boolean {
  if (left === undefined || left === null) return right === undefined || right === null || right === ""
  if (valueType !== "string") {
    const [a, b] = [number(left), number(right)]
    if (a !== undefined && b !== undefined) return a === b
  }
  return text(left) === text(right)
}

function contains(left: unknown, right: unknown): boolean {
  return Array.isArray(left) ? left.some((item) => sameValue(item, right, "auto")) : text(left).includes(text(right))
}

function members(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  return text(value)
    .split(",")
    .map((part) => part.trim())
}

function number(value: unknown): number | undefined {
  if (typeof value === "number") return value
  if (typeof value !== "string" || value.trim() === "") return undefined
  const parsed = Number(value)
  return Number.isFinite(parsed) ? parsed : undefined
}

function text(value: unknown): string {
  if (value === undefined || value === null) return ""
  return typeof value === "object" ? JSON.stringify(value) : String(value)
}

function typeName(value: unknown): string {
  if (value === undefined || value === null) return "null"
  if (Array.isArray(value)) return "list"
  if (typeof value === "object") return "map"
  return typeof value === "boolean" ? "bool" : typeof value
}
