import { err, ok, type Result } from "../base/mod.ts"
import type { ConditionSpec, Operator } from "../katalog/mod.ts"
import { compileRegex, isRecord } from "../kube/mod.ts"
import type { RenderFailure } from "./value.ts"

/** Operators that compare a field with a value. */
export type Comparison = Exclude<Operator, "unique" | "time" | "dayOfWeek" | "cron">

/** A condition as `compare` needs it. */
export type Comparing = Pick<ConditionSpec, "valueType" | "field"> & { readonly operator: Comparison }

/** Applies one operator. A missing field makes every numeric operator false. */
export function compare(spec: Comparing, left: unknown, right: unknown): Result<boolean, readonly RenderFailure[]> {
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
  const [a, b] = [text(left), text(right)]
  switch (valueType) {
    case "string":
      return a === b
    case "bool":
      return /^(true|false)$/i.test(a) && a.toLowerCase() === b.toLowerCase()
    case "int":
      return isWhole(a) && isWhole(b) && sameNumber(a, b)
    case "float":
      return sameNumber(a, b)
    case "auto":
      return a === b || (isScalar(left) && isScalar(right) && sameNumber(a, b))
  }
}

function isScalar(value: unknown): boolean {
  return typeof value === "number" || typeof value === "string"
}

function isWhole(value: string): boolean {
  return Number.isInteger(number(value))
}

// Whole numbers that a double cannot tell apart are compared digit by digit.
function sameNumber(a: string, b: string): boolean {
  const [left, right] = [number(a), number(b)]
  if (left === undefined || left !== right) return false
  if (Number.isSafeInteger(left) || !Number.isInteger(left) || !/^[+-]?\d+$/.test(a) || !/^[+-]?\d+$/.test(b))
    return true
  return BigInt(a) === BigInt(b)
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
  if (typeof value !== "string" || !/^\s*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?\s*$/i.test(value)) return undefined
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
