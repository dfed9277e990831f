import type { Expr } from "./cel.ts"
import { type CelCall, celFunction } from "./cel-functions.ts"
import { macroOf } from "./cel-macros.ts"
import { int, mustBeBool, type Run } from "./cel-run.ts"
import {
  CelDuration,
  CelFault,
  CelOptional,
  CelStruct,
  CelTime,
  CelType,
  CelUint,
  celCompare,
  celEquals,
  concatLists,
  typeNameOf,
} from "./cel-values.ts"

const types = ["bool", "bytes", "double", "int", "list", "map", "null_type", "string", "type", "uint"]

/** The value of an expression; throws a `CelFault` where there is none. */
export function evaluate(expr: Expr, run: Run): unknown {
  run.budget.spend(1)
  switch (expr.op) {
    case "value":
      return expr.value
    case "name":
      return nameValue(expr.name, run)
    case "field":
      return fieldValue(evaluate(expr.of, run), expr.name, expr.isOptional)
    case "index":
      return indexValue(evaluate(expr.of, run), evaluate(expr.index, run), expr.isOptional)
    case "list":
      return expr.items.map((item) => evaluate(item, run))
    case "map":
      return new Map(expr.entries.map(([key, value]) => [evaluate(key, run), evaluate(value, run)]))
    case "struct":
      return new CelStruct(
        expr.type,
        expr.fields.map(([name, value]) => [name, evaluate(value, run)] as const),
      )
    case "if":
      return evaluate(expr.args[mustBeBool(evaluate(expr.args[0], run)) ? 1 : 2], run)
    case "and":
    case "or":
      return logic(expr, run)
    case "binary":
      return binary(expr.operator, evaluate(expr.args[0], run), evaluate(expr.args[1], run), run)
    case "unary":
      return unary(expr.operator, evaluate(expr.args[0], run))
    case "call":
      return callValue(expr, run)
  }
}

function nameValue(name: string, run: Run): unknown {
  for (let scope = run.scope; scope !== undefined; scope = scope.outer) if (scope.name === name) return scope.value
  if (types.includes(name)) return new CelType(name)
  throw new CelFault(`no such attribute(s): ${name}`)
}

/** A member of a map; of an optional one an optional. */
function fieldValue(of: unknown, name: string, isOptional: boolean): unknown {
  if (of instanceof CelOptional) {
    return of.value === undefined ? of : new CelOptional(memberOf(of.value, name))
  }
  const found = memberOf(of, name)
  if (isOptional) return new CelOptional(found)
  if (found === undefined) throw new CelFault(`no such key: ${name}`)
  return found
}

function memberOf(of: unknown, name: unknown): unknown {
  if (of instanceof Map) return of.get(name)
  throw new CelFault(`no such overload: ${typeNameOf(of)}.${String(name)}`)
}

function indexValue(of: unknown, index: unknown, isOptional: boolean): unknown {
  if (of instanceof CelOptional) return of.value === undefined ? of : indexValue(of.value, index, true)
  const found = Array.isArray(of) ? elementOf(of, index, isOptional) : entryOf(of, index, isOptional)
  return isOptional ? new CelOptional(found) : found
}

function elementOf(list: readonly unknown[], index: unknown, isOptional: boolean): unknown {
  const at = index instanceof CelUint ? index.value : index
  if (typeof at !== "bigint") throw new CelFault(`unsupported index type '${typeNameOf(index)}' in list`)
  const found = at >= 0n ? list[Number(at)] : undefined
  if (found === undefined && !isOptional) throw new CelFault(`index out of bounds: ${at}`)
  return found
}

function entryOf(of: unknown, key: unknown, isOptional: boolean): unknown {
  const found = memberOf(of, key)
  if (found === undefined && !isOptional) throw new CelFault(`no such key: ${String(key)}`)
  return found
}

// One side that decides is enough, even when the other side fails.
function logic(expr: Extract<Expr, { op: "and" | "or" }>, run: Run): boolean {
  const decisive = expr.op === "or"
  let fault: unknown
  for (const side of expr.args) {
    try {
      if (mustBeBool(evaluate(side, run)) === decisive) return decisive
    } catch (error) {
      if (!(error instanceof CelFault) || run.budget.isSpent) throw error
      fault ??= error
    }
  }
  if (fault !== undefined) throw fault
  return !decisive
}

function unary(operator: string, value: unknown): unknown {
  if (operator === "!") return !mustBeBool(value)
  if (typeof value === "bigint") return int(-value)
  if (typeof value === "number") return -value
  if (value instanceof CelDuration) return new CelDuration(-value.nanos)
  throw new CelFault("no such overload")
}

function uint(value: bigint): CelUint {
  if (value !== BigInt.asUintN(64, value)) throw new CelFault("unsigned integer overflow")
  return new CelUint(value)
}

function binary(operator: string, a: unknown, b: unknown, run: Run): unknown {
  switch (operator) {
    case "==":
      return celEquals(a, b)
    case "!=":
      return !celEquals(a, b)
    case "in":
      return contains(b, a, run)
    case "<":
    case "<=":
    case ">":
    case ">=": {
      const order = celCompare(a, b)
      if (order === undefined) throw new CelFault("no such overload")
      return { "<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0 }[operator]
    }
    default:
      return arithmetic(operator, a, b, run)
  }
}

function contains(of: unknown, value: unknown, run: Run): boolean {
  if (of instanceof Map) return of.has(value) || [...of.keys()].some((key) => celEquals(key, value))
  if (!Array.isArray(of)) throw new CelFault("no such overload")
  run.budget.spend(of.length)
  return of.some((item) => celEquals(item, value))
}

function arithmetic(operator: string, a: unknown, b: unknown, run: Run): unknown {
  if (typeof a === "bigint" && typeof b === "bigint") return int(whole(operator, a, b))
  if (a instanceof CelUint && b instanceof CelUint) return uint(whole(operator, a.value, b.value))
  if (typeof a === "number" && typeof b === "number" && operator !== "%") {
    return { "+": a + b, "-": a - b, "*": a * b, "/": a / b }[operator]
  }
  if (operator === "+" && typeof a === "string" && typeof b === "string") {
    run.budget.spend(Math.ceil((a.length + b.length) / 10))
    return a + b
  }
  if (operator === "+" && Array.isArray(a) && Array.isArray(b)) {
    run.budget.spend(a.length + b.length)
    return concatLists(a, b)
  }
  if (operator === "+" && a instanceof Uint8Array && b instanceof Uint8Array) {
    run.budget.spend(Math.ceil((a.length + b.length) / 10))
    return Uint8Array.from([...a, ...b])
  }
  const sum = times(operator, a, b)
  if (sum === undefined) throw new CelFault("no such overload")
  return sum
}

function whole(operator: string, a: bigint, b: bigint): bigint {
  if (b === 0n && operator === "/") throw new CelFault("division by zero")
  if (b === 0n && operator === "%") throw new CelFault("modulus by zero")
  switch (operator) {
    case "+":
      return a + b
    case "-":
      return a - b
    case "*":
      return a * b
    case "/":
      return a / b
    default:
      return a % b
  }
}

function times(operator: string, a: unknown, b: unknown): unknown {
  const sign = operator === "+" ? 1n : operator === "-" ? -1n : undefined
  if (sign === undefined) return undefined
  if (a instanceof CelTime && b instanceof CelDuration) return new CelTime(a.nanos + sign * b.nanos)
  if (a instanceof CelDuration && b instanceof CelTime && sign === 1n) return new CelTime(a.nanos + b.nanos)
  if (a instanceof CelTime && b instanceof CelTime && sign === -1n) return new CelDuration(a.nanos - b.nanos)
  if (a instanceof CelDuration && b instanceof CelDuration) return new CelDuration(a.nanos + sign * b.nanos)
  return undefined
}

function callValue(expr: Extract<Expr, { op: "call" }>, run: Run): unknown {
  const macro = macroOf(expr)
  if (macro !== undefined) return macro(expr, run, evaluate)
  const space = expr.target?.op === "name" && isFree(expr.target.name, run) ? expr.target.name : undefined
  const spaced = space === undefined ? undefined : celFunction(`${space}.${expr.name}`)
  const target = expr.target === undefined || spaced ? undefined : evaluate(expr.target, run)
  const call: CelCall = { target, args: expr.args.map((arg) => evaluate(arg, run)), budget: run.budget }
  const handler = spaced ?? celFunction(expr.target === undefined ? expr.name : `.${expr.name}`)
  const result = handler?.(call)
  if (result === undefined) throw new CelFault(`no such overload: ${expr.name}`)
  return result
}

function isFree(name: string, run: Run): boolean {
  for (let scope = run.scope; scope !== undefined; scope = scope.outer) if (scope.name === name) return false
  return true
}
