import { parseQuantity } from "../../kube/mod.ts"
import { limits } from "../limits.ts"
import { budgetFailure, functionFailure, type Run, typeFailure } from "../run.ts"
import { int, lenient, num, str } from "./convert.ts"
import { Family } from "./define.ts"

const family = new Family("math")

family.variadic("add(numbers...) number", "the sum", (_, args) => args.reduce((sum: number, n) => sum + num(n), 0), {
  min: 1,
})
family.variadic(
  "mul(numbers...) number",
  "the product",
  (_, args) => args.reduce((product: number, n) => product * num(n), 1),
  { min: 1 },
)
family.fixed("add1(number) number", "one more", (_, n) => num(n) + 1)
family.fixed("sub(a, b) number", "a less b", (_, a, b) => num(a) - num(b))
family.fixed("div(a, b) number", "a divided by b; whole when both divide evenly", (_, a, b) => num(a) / nonZero(b))
family.fixed("mod(a, b) number", "what is left of a after division by b", (_, a, b) => int(a) % nonZero(int(b)))
family.variadic("min(numbers...) number", "the smallest", (_, args) => args.map(num).reduce((a, b) => Math.min(a, b)), {
  min: 1,
})
family.variadic("max(numbers...) number", "the largest", (_, args) => args.map(num).reduce((a, b) => Math.max(a, b)), {
  min: 1,
})
family.fixed(
  "clamp(value, low, high) number",
  "value, but not below low and not above high",
  (_, v, low, high) => Math.max(num(low), Math.min(num(high), num(v))),
  { piped: "first" },
)
family.fixed("abs(number) number", "the number without its sign", (_, n) => Math.abs(num(n)))
family.fixed("ceil(number) number", "the next whole number above", (_, n) => zero(Math.ceil(num(n))))
family.fixed("floor(number) number", "the next whole number below", (_, n) => zero(Math.floor(num(n))))
family.fixed(
  "round(number, digits?) number",
  "the number with so many digits after the point",
  (_, n, digits) => rounded(num(n), digits === undefined ? 0 : int(digits)),
  { piped: "first" },
)
family.fixed("until(count) list", "the whole numbers from 0 up to count, without it", (run, count) =>
  steps(run, [0, lenientInt(count), lenientInt(count) < 0 ? -1 : 1]),
)
family.fixed(
  "untilStep(start, end, step) list",
  "the whole numbers from start up to end, without it",
  (run, a, b, step) => steps(run, [int(a), int(b), int(step)]),
)
family.variadic(
  "seq(bounds...) string",
  "whole numbers with spaces between them: end; start, end; or start, step, end",
  (run, args) => seq(run, args.map(int)).join(" "),
  { min: 1, max: 3 },
)

family.fixed("divf(a, b) number", "a divided by b", (_, a, b) => num(a) / nonZero(b))
family.fixed("atoi(text) number", "the whole number that text spells, 0 when it spells none", (run, value) => {
  const spelled = str(run, value)
  return /^[+-]?\d{1,15}$/.test(spelled) ? zero(Number(spelled)) : 0
})
family.fixed("toDecimal(text) number", "the number behind octal digits, 0 when they are none", (run, value) => {
  const spelled = str(run, value)
  return /^[+-]?[0-7]{1,17}$/.test(spelled) ? zero(Number.parseInt(spelled, 8)) : 0
})
family.aliases({ addf: "add", add1f: "add1", subf: "sub", mulf: "mul", minf: "min", maxf: "max", biggest: "max" })

function lenientInt(value: unknown): number {
  return Math.trunc(lenient(value))
}

function nonZero(value: unknown): number {
  const number = num(value)
  return number === 0 ? functionFailure("division by zero") : number
}

function zero(value: number): number {
  return value === 0 ? 0 : value
}

function rounded(value: number, digits: number): number {
  const factor = 10 ** Math.max(0, Math.min(15, digits))
  return zero((Math.sign(value) * Math.round(Math.abs(value) * factor)) / factor)
}

function steps(run: Run, [start, end, step]: readonly [number, number, number]): readonly number[] {
  if (step === 0 || (end - start) * step <= 0) return []
  const count = Math.ceil((end - start) / step)
  if (count > limits.iterationsMax) budgetFailure(`a list of more than ${limits.iterationsMax} items`)
  run.charge(count >> 5)
  return Array.from({ length: count }, (_, i) => start + i * step)
}

function seq(run: Run, args: readonly number[]): readonly number[] {
  const end = args.at(-1) ?? 0
  const start = args.length === 1 ? 1 : (args[0] ?? 1)
  const step = args.length === 3 ? (args[1] ?? 1) : end < start ? -1 : 1
  return steps(run, [start, end + Math.sign(step), step])
}

/** Functions on numbers. */
export const math = family.defs

const quantities = new Family("quantity")

quantities.fixed("parseQuantity(text) number", "the number behind 100m, 1Gi or 2", (run, s) => quantity(run, s))
quantities.fixed("formatQuantity(number) string", "a number as a quantity: 500m, 2Gi, 3", (_, n) =>
  formatQuantity(num(n)),
)
quantities.fixed("sumQuantity(a, b) string", "the sum of two quantities", (run, a, b) =>
  formatQuantity(quantity(run, a) + quantity(run, b)),
)
quantities.fixed("subtractQuantity(a, b) string", "the quantity a less the quantity b", (run, a, b) =>
  formatQuantity(quantity(run, a) - quantity(run, b)),
)

/** No quantity is longer; the bound keeps the pattern behind it quick. */
const quantityLengthMax = 64

function quantity(run: Run, value: unknown): number {
  if (typeof value === "number") return value
  const spelled = str(run, value)
  const parsed = spelled.length <= quantityLengthMax ? parseQuantity(spelled) : undefined
  return parsed ?? typeFailure(`expected a quantity, got ${JSON.stringify(spelled.slice(0, 40))}`)
}

function formatQuantity(value: number): string {
  if (!Number.isInteger(value)) return `${Math.round(value * 1000)}m`
  for (const [i, suffix] of ["Ei", "Pi", "Ti", "Gi", "Mi", "Ki"].entries()) {
    const unit = 2 ** (10 * (6 - i))
    if (value !== 0 && value % unit === 0) return `${value / unit}${suffix}`
  }
  return String(value)
}

/** Functions on Kubernetes quantities. */
export const quantitative = quantities.defs
