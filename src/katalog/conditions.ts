import { didYouMean } from "../base/mod.ts"
import { formatPath, isRecord } from "../kube/mod.ts"
import type { Fault } from "./fault.ts"
import { describe, flag, judge, judged, list, notYet, oneOf, type Report, readFlag, type Shape, text } from "./shape.ts"
import type { ConditionSpec, Operator } from "./spec.ts"

type Steps = readonly (string | number)[]

/** What an operator asks its value to be. */
type Operand = "scalar" | "list" | "flag"

const operands: Readonly<Record<Operator, Operand>> = {
  equals: "scalar",
  notEquals: "scalar",
  contains: "scalar",
  notContains: "scalar",
  prefix: "scalar",
  notPrefix: "scalar",
  suffix: "scalar",
  notSuffix: "scalar",
  regex: "scalar",
  exists: "flag",
  notExists: "flag",
  present: "flag",
  gt: "scalar",
  lt: "scalar",
  gte: "scalar",
  lte: "scalar",
  between: "list",
  notBetween: "list",
  in: "list",
  notIn: "list",
  typeOf: "scalar",
}

/** Other published spellings of an operator. */
export const operatorAliases: Readonly<Record<string, Operator>> = {
  eq: "equals",
  neq: "notEquals",
  greaterThan: "gt",
  lessThan: "lt",
  min: "gte",
  greaterThanOrEqual: "gte",
  max: "lte",
  lessThanOrEqual: "lte",
}

const typeFlags: Readonly<Record<string, string>> = {
  typeMap: "map",
  typeList: "list",
  typeString: "string",
  typeNumber: "number",
  typeBool: "bool",
  typeNull: "null",
}

const later: readonly string[] = ["unique", "time", "dayOfWeek", "cron", "timeZone"]
const own: readonly string[] = ["field", "operator", "value", "valueType", "negate"]

/** The operator behind any spelling, with the type name that a spelling such as `typeMap` implies. */
function operatorOf(word: string): { readonly operator: Operator; readonly typeName?: string } | undefined {
  if (isOperator(word)) return { operator: word }
  const alias = Object.hasOwn(operatorAliases, word) ? operatorAliases[word] : undefined
  if (alias !== undefined) return { operator: alias }
  const typeName = Object.hasOwn(typeFlags, word) ? typeFlags[word] : undefined
  return typeName === undefined ? undefined : { operator: "typeOf", typeName }
}

function isOperator(word: string): word is Operator {
  return Object.hasOwn(operands, word)
}

const words = [...Object.keys(operands), ...Object.keys(operatorAliases), ...Object.keys(typeFlags)]
const valueTypes = oneOf("auto", "string", "int", "float", "bool")
const example = 'write { field: spec.size, equals: "large" }'

/** One condition, long or short. */
export const condition: Shape = judged((record, report) => {
  const keys = Object.keys(record).filter((key) => record[key] !== null)
  const timed = keys.filter((key) => later.includes(key))
  for (const key of timed) report.key(key, notYet(`"${key}" in a condition`))
  if (timed.length > 0) return
  for (const key of keys) {
    if (own.includes(key) || operatorOf(key) !== undefined) continue
    const near = didYouMean(key, [...own, ...words])
    const help = near === undefined ? example : `did you mean "${near}"?`
    report.key(key, { code: "ORK0107", message: `unknown field "${key}" in a condition`, help })
  }
  if (keys.includes("field")) judge(text, "field", record, report)
  else if (!keys.some((key) => didYouMean(key, ["field"])))
    report.here({ code: "ORK0108", message: `"field" is missing in a condition`, help: example })
  if (keys.includes("valueType")) judge(valueTypes, "valueType", record, report)
  if (keys.includes("negate")) judge(flag, "negate", record, report)
  judgeOperator(record, keys, report)
})

/** What is wrong with the operator, and at which key; at the condition as a whole without one. */
interface OperatorProblem {
  readonly fault: Fault
  readonly key?: string
  readonly part?: "key" | "value"
}

function judgeOperator(record: Readonly<Record<string, unknown>>, keys: readonly string[], report: Report): void {
  const problem = operatorProblem(record, keys)
  if (problem?.key === undefined) {
    if (problem !== undefined) report.here(problem.fault)
  } else if (problem.part === "value") report.value(problem.key, problem.fault)
  else report.key(problem.key, problem.fault)
}

function operatorProblem(
  record: Readonly<Record<string, unknown>>,
  keys: readonly string[],
): OperatorProblem | undefined {
  const short = keys.filter((key) => operatorOf(key) !== undefined)
  const long = keys.includes("operator")
  const [first, second] = long ? ["operator", short[0]] : short
  if (first === undefined) {
    if (keys.some((key) => !own.includes(key))) return undefined // a misspelt operator is reported already
    return { fault: { code: "ORK0112", message: "expected an operator in a condition, found none", help: example } }
  }
  if (second !== undefined) {
    const message = `expected one operator in a condition, found "${first}" and "${second}"`
    return { key: second, fault: { code: "ORK0112", message, help: "write two conditions" } }
  }
  if (!long && keys.includes("value")) {
    const message = `"value" belongs to "operator"; "${first}" brings its own value`
    return { key: "value", fault: { code: "ORK0112", message, help: `remove "value"` } }
  }
  const word = long ? record["operator"] : first
  const found = typeof word === "string" ? operatorOf(word) : undefined
  if (found === undefined) return { key: "operator", part: "value", fault: unknownOperator(word) }
  return operandProblem(record[long ? "value" : first] ?? undefined, {
    key: long ? "value" : first,
    operand: found.typeName === undefined ? operands[found.operator] : "flag",
  })
}

function unknownOperator(word: unknown): Fault {
  if (word === "unique") return notYet(`operator "unique"`)
  const near = typeof word === "string" ? didYouMean(word, words) : undefined
  const help = near === undefined ? `write one of ${Object.keys(operands).join(", ")}` : `did you mean "${near}"?`
  return { code: "ORK0106", message: `expected an operator, found ${describe(word)}`, help }
}

function operandProblem(
  value: unknown,
  { key, operand }: { readonly key: string; readonly operand: Operand },
): OperatorProblem | undefined {
  if (value === undefined) {
    if (operand === "flag") return undefined
    return {
      fault: { code: "ORK0112", message: "expected a value to compare with, found none", help: `add "${key}:"` },
    }
  }
  const isScalar = typeof value !== "object"
  const isList = operand === "list" && Array.isArray(value) && value.every((item) => typeof item !== "object")
  if (operand === "flag" ? readFlag(value) !== undefined : isScalar || isList) return undefined
  const wanted = { flag: "true or false", scalar: "a text or number", list: "a list, or a text with commas" }[operand]
  return { key, part: "value", fault: { code: "ORK0106", message: `expected ${wanted}, found ${describe(value)}` } }
}

/** A list of conditions: `when` or `or`. */
export const conditions: Shape = list(condition)

/** Reads conditions that passed their shape, in long form. */
export function readConditions(value: unknown, steps: Steps): readonly ConditionSpec[] {
  if (!Array.isArray(value)) return []
  return value.filter(isRecord).map((record, index) => readCondition(record, [...steps, index]))
}

function readCondition(record: Readonly<Record<string, unknown>>, steps: Steps): ConditionSpec {
  const long = record["operator"] ?? undefined
  const word =
    typeof long === "string" ? long : Object.keys(record).find((key) => record[key] !== null && operatorOf(key))
  const found = operatorOf(word ?? "") ?? { operator: "exists" }
  const written = record[long === undefined ? (word ?? "") : "value"] ?? undefined
  const isFlag = found.typeName !== undefined || operands[found.operator] === "flag"
  const negate = (readFlag(record["negate"]) ?? false) !== (isFlag && readFlag(written) === false)
  return {
    field: String(record["field"] ?? ""),
    operator: found.operator,
    value: found.typeName ?? (isFlag ? undefined : written),
    valueType: valueTypeOf(record["valueType"]),
    negate,
    at: formatPath(steps),
  }
}

function valueTypeOf(value: unknown): ConditionSpec["valueType"] {
  return value === "string" || value === "int" || value === "float" || value === "bool" ? value : "auto"
}
