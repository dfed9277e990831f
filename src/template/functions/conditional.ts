import { Failure, functionFailure, type Run, typeFailure } from "../run.ts"
import { equalScalars, isEmpty, sameValue, text, truthy } from "../values.ts"
import { str } from "./convert.ts"
import { Family } from "./define.ts"

const family = new Family("conditional")
const first = { piped: "first" } as const
const fallback = { piped: "first", fallback: true } as const

family.fixed(
  "default(value, fallback) any",
  "value, or fallback when value is empty",
  (run, value, other) => (isEmpty(value, run) ? other : value),
  fallback,
)
family.aliases({ getOr: "default" })
family.variadic(
  "coalesce(values...) any",
  "the first value that is not empty",
  (run, values) => values.find((v) => !isEmpty(v, run)),
  { min: 1 },
)
family.fixed("empty(value) bool", "whether value is missing, false, zero, or has nothing in it", (run, value) =>
  isEmpty(value, run),
)
family.aliases({ isEmpty: "empty", Empty: "empty" })
family.fixed("notEmpty(value) bool", "the opposite of empty", (run, value) => !isEmpty(value, run))
family.fixed(
  "ternary(condition, yes, no) any",
  "yes when condition is true, else no",
  (run, on, yes, no) => (truthy(on, run) ? yes : no),
  { piped: "first", unlikeHelm: true },
)
family.fixed(
  "boolTernary(condition, yes, no) any",
  "yes when condition is the boolean true, else no",
  (_, on, yes, no) => (on === true ? yes : no),
  first,
)
family.fixed(
  "boolDefault(value, fallback) any",
  "value when it is a boolean, else fallback",
  (_, value, other) => (typeof value === "boolean" ? value : other),
  first,
)
family.variadic(
  "eqTernary(value, target, yes, no) any",
  "yes when value and target print the same, else no",
  (run, args) => (text(args[0], run) === text(args[1], run) ? args[2] : args[3]),
  { piped: "first", min: 4, max: 4 },
)
family.fixed(
  "getStringOr(value, fallback) any",
  "value when it is a text with something in it, else fallback",
  (_, value, other) => (typeof value === "string" && value !== "" ? value : other),
  first,
)
family.fixed(
  "getIntOr(value, fallback) any",
  "value as a whole number when it is a number, else fallback",
  (_, value, other) => (typeof value === "number" ? Math.trunc(value) : other),
  first,
)
family.fixed(
  "getBoolOr(value, fallback) any",
  "value when it is a boolean, else fallback",
  (_, value, other) => (typeof value === "boolean" ? value : other),
  first,
)
family.fixed(
  "required(message, value) any",
  "value; fails with message when it is missing or the empty text",
  (run, message, value) => {
    if (value === undefined || value === null || value === "") throw new Failure("template/missing", str(run, message))
    return value
  },
)
family.fixed("fail(message) never", "fails with message", (run, message) => functionFailure(str(run, message)))

/** Functions that choose between values. */
export const conditional = family.defs

const go = new Family("go")
const comparison = "numbers, or texts"

go.variadic("and(values...) any", "the first value that is not true, else the last", (_, values) => values.at(-1), {
  min: 1,
  max: 100,
})
go.variadic("or(values...) any", "the first value that is true, else the last", (_, values) => values.at(-1), {
  min: 1,
  max: 100,
})
go.fixed("not(value) bool", "whether value is not true", (run, value) => !truthy(value, run))
go.variadic(
  "eq(value, candidates...) bool",
  "whether value equals one of the candidates",
  (run, values) => equalsOne(run, values),
  { min: 2 },
)
go.fixed("ne(a, b) bool", "whether a and b differ", (run, a, b) => !equalScalars(a, b, run))
go.fixed("lt(a, b) bool", `whether a is less than b: ${comparison}`, (run, a, b) => order(run, a, b) < 0)
go.fixed("le(a, b) bool", `whether a is at most b: ${comparison}`, (run, a, b) => order(run, a, b) <= 0)
go.fixed("gt(a, b) bool", `whether a is more than b: ${comparison}`, (run, a, b) => order(run, a, b) > 0)
go.fixed("ge(a, b) bool", `whether a is at least b: ${comparison}`, (run, a, b) => order(run, a, b) >= 0)
go.fixed("deepEqual(a, b) bool", "whether a and b are the same through and through", (run, a, b) =>
  sameValue(a, b, run),
)

function equalsOne(run: Run, values: readonly unknown[]): boolean {
  for (let i = 1; i < values.length; i++) if (equalScalars(values[0], values[i], run)) return true
  return false
}

function order(run: Run, a: unknown, b: unknown): number {
  if (typeof a === "number" && typeof b === "number") return a - b
  if (typeof a === "string" && typeof b === "string") {
    run.chargeText(a)
    return a < b ? -1 : a > b ? 1 : 0
  }
  if (a === undefined || a === null || b === undefined || b === null) {
    throw new Failure("template/missing", "nothing cannot be put in order; give it a default")
  }
  return typeFailure("only two numbers or two texts can be put in order")
}

/** Go's own comparisons and logic. */
export const logic = go.defs
