import { compileRegex } from "../kube/mod.ts"
import { authorizerFunctions } from "./cel-authorizer.ts"
import { libraryFunctions } from "./cel-library.ts"
import { type CelBudget, int } from "./cel-run.ts"
import { stringFunctions } from "./cel-strings.ts"
import {
  CelDuration,
  CelFault,
  CelOpaque,
  CelOptional,
  CelTime,
  CelType,
  CelUint,
  celCompare,
  celEquals,
  numberOf,
  parseGoDuration,
  parseTime,
  typeNameOf,
} from "./cel-values.ts"

/** One call of a function: what stands before the dot, and the arguments. */
export interface CelCall {
  readonly target: unknown
  readonly args: readonly unknown[]
  readonly budget: CelBudget
}

/** A function over values; undefined: not with these types. Throws a `CelFault` for values that it cannot take. */
export type CelFunction = (call: CelCall) => unknown

/** The function of a name: `size`, `.size` after a value, `sets.contains` in a namespace. */
export function celFunction(name: string): CelFunction | undefined {
  return Object.hasOwn(functions, name) ? functions[name] : undefined
}

/** Whether rules may name a namespace before a function. */
export function isCelNamespace(name: string): boolean {
  return Object.keys(functions).some((key) => key.startsWith(`${name}.`))
}

const intMax = 2 ** 63

const conversions: Readonly<Record<string, CelFunction>> = {
  dyn: ({ args }) => args[0],
  type: ({ args }) => new CelType(typeNameOf(args[0])),
  bool: ({ args: [value] }) => {
    if (typeof value === "boolean") return value
    if (value === "true" || value === "false") return value === "true"
    return undefined
  },
  int: ({ args: [value] }) => {
    if (typeof value === "bigint") return value
    if (value instanceof CelUint) return int(value.value)
    if (value instanceof CelTime) return value.nanos / 1_000_000_000n
    if (typeof value === "number") {
      if (!(value > -intMax && value < intMax)) throw new CelFault("integer overflow")
      return BigInt(Math.trunc(value))
    }
    if (typeof value !== "string") return undefined
    if (!/^[+-]?\d+$/.test(value))
      throw new CelFault(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`)
    return int(BigInt(value.replace("+", "")))
  },
  uint: ({ args: [value] }) => {
    const number = typeof value === "string" && /^\d+$/.test(value) ? BigInt(value) : numberOf(value)
    if (number === undefined) return undefined
    if (number < 0) throw new CelFault("unsigned integer overflow")
    return new CelUint(typeof number === "bigint" ? number : BigInt(Math.trunc(number)))
  },
  double: ({ args: [value] }) => {
    const number = numberOf(value)
    if (number !== undefined) return Number(number)
    return typeof value === "string" && value.trim() !== "" && !Number.isNaN(Number(value)) ? Number(value) : undefined
  },
  string: ({ args: [value] }) => textOf(value),
  bytes: ({ args: [value] }) => {
    if (value instanceof Uint8Array) return value
    return typeof value === "string" ? Uint8Array.from(Buffer.from(value)) : undefined
  },
  timestamp: ({ args: [value] }) => {
    if (value instanceof CelTime) return value
    if (typeof value === "bigint") return new CelTime(value * 1_000_000_000n)
    return typeof value === "string"
      ? (parseTime(value) ?? fail(`invalid timestamp ${JSON.stringify(value)}`))
      : undefined
  },
  duration: ({ args: [value] }) => {
    if (value instanceof CelDuration) return value
    return typeof value === "string"
      ? (parseGoDuration(value) ?? fail(`time: invalid duration ${JSON.stringify(value)}`))
      : undefined
  },
  size: ({ args: [value] }) => sizeOf(value),
  ".size": ({ target }) => sizeOf(target),
  matches: ({ args: [text, pattern], budget }) => matches(text, pattern, budget),
  ".matches": ({ target, args: [pattern], budget }) => matches(target, pattern, budget),
}

function fail(message: string): never {
  throw new CelFault(message)
}

/** A value as `string()` gives it. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value
  if (typeof value === "bigint" || typeof value === "boolean" || typeof value === "number") return String(value)
  if (value instanceof CelUint) return String(value.value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString()
  if (value instanceof CelTime) return timeText(value.nanos)
  if (value instanceof CelDuration) return `${Number(value.nanos) / 1e9}s`
  return value instanceof CelOpaque ? value.text : undefined
}

function timeText(nanos: bigint): string {
  const date = new Date(Number(nanos / 1_000_000n)).toISOString().slice(0, 19)
  const rest = String(nanos % 1_000_000_000n)
    .padStart(9, "0")
    .replace(/0+$/, "")
  return `${date}${rest === "" ? "" : `.${rest}`}Z`
}

function sizeOf(value: unknown): bigint | undefined {
  if (typeof value === "string") return BigInt([...value].length)
  if (Array.isArray(value) || value instanceof Uint8Array) return BigInt(value.length)
  return value instanceof Map ? BigInt(value.size) : undefined
}

function matches(text: unknown, pattern: unknown, budget: CelBudget): boolean | undefined {
  if (typeof text !== "string" || typeof pattern !== "string") return undefined
  budget.spend(Math.ceil(text.length / 10) * Math.ceil(pattern.length / 4) + 1)
  const expression = compileRegex(pattern)
  if (!expression.ok) throw new CelFault(`error parsing regexp: ${expression.error}`)
  return expression.value.test(text)
}

function part(read: (date: Date) => number): CelFunction {
  return ({ target, args: [zone] }) => {
    if (!(target instanceof CelTime)) return undefined
    return BigInt(read(new Date(Number(target.nanos / 1_000_000n) + offsetOf(zone))))
  }
}

// Zones are read as offsets; names of places are not known here.
function offsetOf(zone: unknown): number {
  if (zone === undefined || zone === "" || zone === "UTC") return 0
  const match = /^([+-]?)(\d{2}):(\d{2})$/.exec(String(zone))
  if (match === null) throw new CelFault(`unknown time zone ${String(zone)}`)
  return (match[1] === "-" ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3])) * 60_000
}

function length(unit: bigint, ofTime: (date: Date) => number): CelFunction {
  const read = part(ofTime)
  return (call) => (call.target instanceof CelDuration ? call.target.nanos / unit : read(call))
}

const dayMs = 86_400_000
const times: Readonly<Record<string, CelFunction>> = {
  ".getFullYear": part((date) => date.getUTCFullYear()),
  ".getMonth": part((date) => date.getUTCMonth()),
  ".getDate": part((date) => date.getUTCDate()),
  ".getDayOfMonth": part((date) => date.getUTCDate() - 1),
  ".getDayOfWeek": part((date) => date.getUTCDay()),
  ".getDayOfYear": part((date) => Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0)) / dayMs)),
  ".getHours": length(3_600_000_000_000n, (date) => date.getUTCHours()),
  ".getMinutes": length(60_000_000_000n, (date) => date.getUTCMinutes()),
  ".getSeconds": length(1_000_000_000n, (date) => date.getUTCSeconds()),
  ".getMilliseconds": length(1_000_000n, (date) => date.getUTCMilliseconds()),
}

const optionals: Readonly<Record<string, CelFunction>> = {
  "optional.of": ({ args }) => new CelOptional(args[0]),
  "optional.none": () => new CelOptional(undefined),
  "optional.ofNonZeroValue": ({ args: [value] }) => new CelOptional(isZero(value) ? undefined : value),
  ".hasValue": ({ target }) => (target instanceof CelOptional ? target.value !== undefined : undefined),
  ".value": ({ target }) => {
    if (!(target instanceof CelOptional)) return undefined
    return target.value ?? fail("optional.none() dereference")
  },
}

function isZero(value: unknown): boolean {
  if (value === null || value === false || value === "") return true
  if (numberOf(value) !== undefined) return Number(numberOf(value)) === 0
  return sizeOf(value) === 0n
}

/** A function of a list; the list's length is paid for. */
function ofList(read: (list: readonly unknown[], args: readonly unknown[], budget: CelBudget) => unknown): CelFunction {
  return ({ target, args, budget }) => {
    if (!Array.isArray(target)) return undefined
    budget.spend(target.length)
    return read(target, args, budget)
  }
}

function order(a: unknown, b: unknown): number {
  return celCompare(a, b) ?? fail("no such overload")
}

function sum(list: readonly unknown[]): unknown {
  if (list.every((item) => item instanceof CelDuration)) {
    return new CelDuration(list.reduce((total, { nanos }) => total + nanos, 0n))
  }
  if (list.every((item) => typeof item === "bigint")) return int(list.reduce((total, item) => total + item, 0n))
  return list.reduce<number>((total, item) => total + Number(numberOf(item) ?? fail("no such overload")), 0)
}

function extreme(sign: number): CelFunction {
  return ofList((list) => {
    if (list.length === 0) throw new CelFault(`${sign < 0 ? "min" : "max"} called on empty list`)
    return list.reduce((best, item) => (order(item, best) * sign > 0 ? item : best))
  })
}

const lists: Readonly<Record<string, CelFunction>> = {
  ".isSorted": ofList((list) => list.every((item, i) => i === 0 || order(list[i - 1], item) <= 0)),
  ".sum": ofList(sum),
  ".min": extreme(-1),
  ".max": extreme(1),
  ".indexOf": ofList((list, [value]) => BigInt(list.findIndex((item) => celEquals(item, value)))),
  ".lastIndexOf": ofList((list, [value]) => BigInt(list.findLastIndex((item) => celEquals(item, value)))),
  ".slice": ofList((list, [from, to]) => {
    const [start, end] = [Number(from), Number(to)]
    if (start < 0 || end < start || end > list.length) throw new CelFault(`cannot slice(${start}, ${end})`)
    return list.slice(start, end)
  }),
  ".flatten": ofList((list, [depth], budget) => {
    const flat = list.flat(depth === undefined ? 1 : Number(depth))
    budget.spend(flat.length)
    return flat
  }),
  ".distinct": ofList((list, _, budget) => {
    budget.spend(list.length * list.length)
    return list.filter((item, i) => list.findIndex((other) => celEquals(other, item)) === i)
  }),
  ".sort": ofList((list) => [...list].sort(order)),
  ".reverse": ofList((list) => [...list].reverse()),
  "lists.range": ({ args: [count], budget }) => {
    if (typeof count !== "bigint") return undefined
    budget.spend(Number(count))
    return Array.from({ length: Number(count) }, (_, i) => BigInt(i))
  },
  "sets.contains": ({ args: [a, b], budget }) => subset(b, a, budget),
  "sets.equivalent": ({ args: [a, b], budget }) => subset(a, b, budget) && subset(b, a, budget),
  "sets.intersects": ({ args: [a, b], budget }) => {
    if (!Array.isArray(a) || !Array.isArray(b)) return undefined
    budget.spend(a.length * b.length)
    return a.some((item) => b.some((other) => celEquals(item, other)))
  },
}

function subset(part: unknown, whole: unknown, budget: CelBudget): boolean | undefined {
  if (!Array.isArray(part) || !Array.isArray(whole)) return undefined
  budget.spend(part.length * whole.length)
  return part.every((item) => whole.some((other) => celEquals(item, other)))
}

const functions: Readonly<Record<string, CelFunction>> = merged([
  conversions,
  times,
  optionals,
  lists,
  stringFunctions,
  libraryFunctions,
  authorizerFunctions,
])

// A name that several families have belongs to the first whose types fit.
function merged(families: readonly Readonly<Record<string, CelFunction>>[]): Readonly<Record<string, CelFunction>> {
  const all: Record<string, CelFunction> = {}
  for (const [name, handler] of families.flatMap((family) => Object.entries(family))) {
    const first = all[name]
    all[name] = first === undefined ? handler : (call) => first(call) ?? handler(call)
  }
  return all
}
