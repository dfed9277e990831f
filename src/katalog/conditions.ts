import { didYouMean } from "../base/mod.ts"
import { formatPath, isRecord } from "../kube/mod.ts"
import { typeFlags, typeNameOf, uniqueFault, valueFault } from "./conditions-values.ts"
import type { Fault } from "./fault.ts"
import {
  anything,
  describe,
  flag,
  issuesOf,
  isTemplate,
  judge,
  judged,
  list,
  oneOf,
  type Report,
  readFlag,
  type Shape,
  scalar,
  scalars,
  seenAs,
  text,
} from "./shape.ts"
import type { ConditionSpec, Operator } from "./spec-conditions.ts"
import { isTimeOperator, judgeTimed, type TimeOperator, timedValue, timeFields } from "./timed.ts"

type Steps = readonly (string | number)[]

/** What an operator asks its value to be. */
type Operand = "scalar" | "list" | "flag"

const operands: Readonly<Record<Exclude<Operator, TimeOperator>, Operand>> = {
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
  unique: "flag",
}

/** Other published spellings of an operator. */
const operatorAliases: Readonly<Record<string, keyof typeof operands>> = {
  eq: "equals",
  neq: "notEquals",
  greaterThan: "gt",
  lessThan: "lt",
  min: "gte",
  greaterThanOrEqual: "gte",
  max: "lte",
  lessThanOrEqual: "lte",
}

const own: readonly string[] = ["field", "operator", "value", "valueType", "negate"]

interface Found {
  readonly operator: keyof typeof operands
  readonly typeName?: string
}

/** The operator behind any spelling, with the type name that a spelling such as `typeMap` implies. */
function operatorOf(word: string): Found | undefined {
  if (isOperator(word)) return { operator: word }
  const alias = Object.hasOwn(operatorAliases, word) ? operatorAliases[word] : undefined
  if (alias !== undefined) return { operator: alias }
  const typeName = Object.hasOwn(typeFlags, word) ? typeFlags[word] : undefined
  return typeName === undefined ? undefined : { operator: "typeOf", typeName }
}

function isOperator(word: string): word is keyof typeof operands {
  return Object.hasOwn(operands, word)
}

const words = [...Object.keys(operands), ...Object.keys(operatorAliases), ...Object.keys(typeFlags)]
const valueTypes = oneOf("auto", "string", "int", "float", "bool")
const example = 'write { field: spec.size, equals: "large" }'

/** One condition, long or short. */
export const condition: Shape = seenAs(judged(judgeCondition), {
  kind: "place",
  noun: "a condition",
  options: {
    fields: {
      field: text,
      operator: oneOf(...words),
      value: anything,
      valueType: valueTypes,
      negate: flag,
      ...Object.fromEntries(words.map((word) => [word, operandShape(word)])),
      ...timeFields,
    },
  },
})

function operandShape(word: string): Shape {
  const found = operatorOf(word)
  const operand = found === undefined || found.typeName !== undefined ? "flag" : operands[found.operator]
  return { flag, scalar, list: scalars }[operand]
}

/** Judges the keys of one condition; for places that have more keys than those of the condition. */
export function judgeCondition(...[record, report]: Parameters<Parameters<typeof judged>[0]>): void {
  const keys = Object.keys(record).filter((key) => record[key] !== null)
  const [timed, second] = keys.filter(isTimeOperator)
  const expected: readonly string[] = timed === undefined ? own : ["negate", ...Object.keys(timeFields)]
  for (const key of keys) {
    if (expected.includes(key)) continue
    if (timed !== undefined && (own.includes(key) || operatorOf(key) !== undefined))
      report.key(key, timedAlone(timed, key))
    else if (operatorOf(key) === undefined) report.key(key, unknownKey(key))
  }
  if (keys.includes("negate")) judge(flag, "negate", record, report)
  if (second !== undefined) report.key(second, twoOperators(String(timed), second))
  else if (timed !== undefined) judgeTimed(timed, record, report)
  else judgeComparison(record, keys, report)
}

function judgeComparison(record: Readonly<Record<string, unknown>>, keys: readonly string[], report: Report): void {
  if (keys.includes("field")) judge(text, "field", record, report)
  else if (!keys.some((key) => didYouMean(key, ["field"])))
    report.here({ code: "ORK0108", message: `"field" is missing in a condition`, help: example })
  if (keys.includes("valueType")) judge(valueTypes, "valueType", record, report)
  judgeOperator(record, keys, report)
}

function unknownKey(key: string): Fault {
  if (key === "duration" || key === "timeZone") {
    const help = "write a condition with time, dayOfWeek or cron"
    return { code: "ORK0112", message: `"${key}" belongs to a condition on the time`, help }
  }
  const near = didYouMean(key, [...own, ...words, ...Object.keys(timeFields)])
  const help = near === undefined ? example : `did you mean "${near}"?`
  return { code: "ORK0107", message: `unknown field "${key}" in a condition`, help }
}

function timedAlone(operator: string, key: string): Fault {
  const message = `"${operator}" is a condition of its own, without "${key}"`
  return { code: "ORK0112", message, help: "write two conditions" }
}

function twoOperators(first: string, second: string): Fault {
  const message = `expected one operator in a condition, found "${first}" and "${second}"`
  return { code: "ORK0112", message, help: "write two conditions" }
}

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
    return { key: second, fault: twoOperators(first, second) }
  }
  if (!long && keys.includes("value")) {
    const message = `"value" belongs to "operator"; "${first}" brings its own value`
    return { key: "value", fault: { code: "ORK0112", message, help: `remove "value"` } }
  }
  const word = long ? record["operator"] : first
  const found = typeof word === "string" ? operatorOf(word) : undefined
  if (found === undefined) return { key: "operator", part: "value", fault: unknownOperator(word) }
  const key = long ? "value" : first
  const value = record[key] ?? undefined
  const operand = found.typeName === undefined ? operands[found.operator] : "flag"
  const fault = found.operator === "unique" ? uniqueFault(record["field"]) : undefined
  if (fault !== undefined) return { key: "field", part: "value", fault }
  return operandProblem(value, { key, operand }) ?? valueProblem(value, key, found)
}

function unknownOperator(word: unknown): Fault {
  if (typeof word === "string" && isTimeOperator(word)) {
    return { code: "ORK0112", message: `"${word}" stands alone, without "operator"`, help: `write { ${word}: ... }` }
  }
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
  const [wanted, help] = (
    {
      flag: ["true or false", "write true or false"],
      scalar: ["a text or number", "write one value"],
      list: ["a list, or a text with commas", "write [a, b]"],
    } as const
  )[operand]
  const fault = { code: "ORK0106", message: `expected ${wanted}, found ${describe(value)}`, help }
  return { key, part: "value", fault }
}

function valueProblem(value: unknown, key: string, found: Found): OperatorProblem | undefined {
  if (isTemplate(value) || found.typeName !== undefined) return undefined
  const fault = valueFault(value, found.operator)
  return fault && { key, part: "value", fault }
}

/** A list of conditions: `when` or `or`. */
export const conditions: Shape = list(condition)

/** Reads conditions that passed their shape, in long form. */
export function readConditions(value: unknown, steps: Steps): readonly ConditionSpec[] {
  if (!Array.isArray(value)) return []
  return value.filter(isRecord).map((record, index) => readCondition(record, [...steps, index]))
}

/** Reads a list of conditions alone; undefined when its shape is wrong. */
export function readConditionList(value: unknown): readonly ConditionSpec[] | undefined {
  return issuesOf(conditions, value).length === 0 ? readConditions(value, []) : undefined
}

/** Reads one condition that passed its shape; other keys beside its own do not matter. */
export function readCondition(record: Readonly<Record<string, unknown>>, steps: Steps): ConditionSpec {
  const keys = Object.keys(record).filter((key) => record[key] !== null)
  const timed = keys.find(isTimeOperator)
  const negate = readFlag(record["negate"]) ?? false
  const at = formatPath(steps)
  if (timed !== undefined) {
    return { field: "", operator: timed, value: timedValue(timed, record), valueType: "auto", negate, at, valueAt: at }
  }
  const long = record["operator"] ?? undefined
  const word = typeof long === "string" ? long : keys.find((key) => operatorOf(key) !== undefined)
  const found = operatorOf(word ?? "") ?? { operator: "exists" as const }
  const key = long === undefined ? (word ?? "") : "value"
  const written = record[key] ?? undefined
  const isFlag = found.typeName !== undefined || operands[found.operator] === "flag"
  const typeName = found.operator === "typeOf" && !isTemplate(written) ? typeNameOf(written) : undefined
  return {
    field: String(record["field"] ?? ""),
    operator: found.operator,
    value: found.typeName ?? (isFlag ? undefined : (typeName ?? written)),
    valueType: valueTypeOf(record["valueType"]),
    negate: negate !== (isFlag && readFlag(written) === false),
    at,
    valueAt: formatPath([...steps, key]),
  }
}

function valueTypeOf(value: unknown): ConditionSpec["valueType"] {
  return value === "string" || value === "int" || value === "float" || value === "bool" ? value : "auto"
}
