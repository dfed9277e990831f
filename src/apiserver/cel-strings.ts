import { compileRegex, isRecord } from "../kube/mod.ts"
import type { CelBudget } from "./cel-run.ts"
import { CelFault, CelUint, numberOf, typeNameOf } from "./cel-values.ts"

interface Call {
  readonly target: unknown
  readonly args: readonly unknown[]
  readonly budget: CelBudget
}
type Function = (call: Call) => unknown

const resultMax = 1_000_000

/** A function of a text; its length is paid for. */
function ofText(read: (text: string, args: readonly unknown[], budget: CelBudget) => unknown): Function {
  return ({ target, args, budget }) => {
    if (typeof target !== "string") return undefined
    budget.spend(Math.ceil(target.length / 10))
    return read(target, args, budget)
  }
}

/** The functions of texts. */
export const stringFunctions: Readonly<Record<string, Function>> = {
  ".startsWith": ofText((text, [other]) => (typeof other === "string" ? text.startsWith(other) : undefined)),
  ".endsWith": ofText((text, [other]) => (typeof other === "string" ? text.endsWith(other) : undefined)),
  ".contains": ofText((text, [other]) => (typeof other === "string" ? text.includes(other) : undefined)),
  ".charAt": ofText((text, [index]) => {
    const characters = [...text]
    const at = position(index, characters.length)
    return characters[at] ?? ""
  }),
  ".indexOf": ofText((text, [other, from]) => indexOf(text, other, from ?? 0n)),
  ".lastIndexOf": ofText((text, [other]) => {
    if (typeof other !== "string") return undefined
    const found = text.lastIndexOf(other)
    return BigInt(found < 0 ? found : [...text.slice(0, found)].length)
  }),
  ".substring": ofText((text, [from, to]) => {
    const characters = [...text]
    const start = position(from, characters.length)
    const end = to === undefined ? characters.length : position(to, characters.length)
    if (end < start) throw new CelFault(`invalid substring range. start: ${start}, end: ${end}`)
    return characters.slice(start, end).join("")
  }),
  ".replace": ofText((text, [from, to, count], budget) => {
    if (typeof from !== "string" || typeof to !== "string") return undefined
    const limit = count === undefined || Number(count) < 0 ? Number.POSITIVE_INFINITY : Number(count)
    if (text.length * Math.max(1, to.length) > resultMax) throw new CelFault("the result is too long")
    budget.spend(Math.ceil((text.length * Math.max(1, to.length)) / 10))
    return replaced(text, { from, to, limit })
  }),
  ".split": ofText((text, [separator, count]) => {
    if (typeof separator !== "string") return undefined
    const parts = separator === "" ? [...text] : text.split(separator)
    const limit = count === undefined ? -1 : Number(count)
    if (limit === 0) return []
    if (limit < 0 || parts.length <= limit) return parts
    return [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(separator)]
  }),
  ".lowerAscii": ofText((text) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())),
  ".upperAscii": ofText((text) => text.replace(/[a-z]/g, (letter) => letter.toUpperCase())),
  ".trim": ofText((text) => text.trim()),
  ".find": ofText((text, [pattern], budget) => findAll(text, pattern, { limit: 1, budget })?.[0] ?? ""),
  ".findAll": ofText((text, [pattern, count], budget) =>
    findAll(text, pattern, { limit: count === undefined ? -1 : Number(count), budget }),
  ),
  ".format": ofText((text, [values]) => (Array.isArray(values) ? formatted(text, values) : undefined)),
  ".join": ({ target, args: [separator = ""], budget }) => {
    if (!Array.isArray(target) || typeof separator !== "string") return undefined
    if (!target.every((item) => typeof item === "string")) return undefined
    budget.spend(Math.ceil(target.reduce((total, item) => total + item.length + separator.length, 0) / 10))
    return target.join(separator)
  },
  "strings.quote": ({ args: [text] }) => (typeof text === "string" ? JSON.stringify(text) : undefined),
}

function position(index: unknown, size: number): number {
  const at = Number(numberOf(index) ?? Number.NaN)
  if (!(at >= 0 && at <= size)) throw new CelFault(`index out of range: ${String(index)}`)
  return at
}

function indexOf(text: string, other: unknown, from: unknown): bigint | undefined {
  if (typeof other !== "string") return undefined
  const characters = [...text]
  const start = characters.slice(0, position(from, characters.length)).join("").length
  const found = text.indexOf(other, start)
  return BigInt(found < 0 ? found : [...text.slice(0, found)].length)
}

function replaced(text: string, { from, to, limit }: { from: string; to: string; limit: number }): string {
  const parts = from === "" ? ["", ...text, ""] : text.split(from)
  const kept = Math.min(limit, parts.length - 1)
  return (
    parts
      .slice(0, kept)
      .map((piece) => piece + to)
      .join("") + parts.slice(kept).join(from)
  )
}

function findAll(
  text: string,
  pattern: unknown,
  { limit, budget }: { readonly limit: number; readonly budget: CelBudget },
): readonly string[] | undefined {
  if (typeof pattern !== "string") return undefined
  const expression = compileRegex(pattern)
  if (!expression.ok) throw new CelFault(`error parsing regexp: ${expression.error}`)
  const found: string[] = []
  for (let from = 0; from <= text.length && (limit < 0 || found.length < limit); ) {
    budget.spend(Math.ceil(text.length / 10) + 1)
    const match = expression.value.find(text, from)
    if (match === undefined) break
    found.push(text.slice(match.start, match.end))
    from = match.end > match.start ? match.end : match.end + 1
  }
  return found
}

function formatted(text: string, values: readonly unknown[]): string {
  let next = 0
  return text.replace(
    /%(?:%|(?:\.(\d+))?([sdfeboxX]))/g,
    (whole, digits: string | undefined, verb: string | undefined) => {
      if (verb === undefined) return whole === "%%" ? "%" : whole
      if (next >= values.length) throw new CelFault(`index ${next} out of range`)
      return one(values[next++], verb, digits === undefined ? 6 : Number(digits))
    },
  )
}

function one(value: unknown, verb: string, digits: number): string {
  const number = numberOf(value)
  if (verb === "s") return shown(value)
  if (number === undefined) throw new CelFault(`no such overload: %${verb} of ${typeNameOf(value)}`)
  if (verb === "f") return Number(number).toFixed(digits)
  if (verb === "e") return Number(number).toExponential(digits)
  const base = { b: 2, o: 8, x: 16, X: 16 }[verb] ?? 10
  const digitsText = number.toString(base)
  return verb === "X" ? digitsText.toUpperCase() : digitsText
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(shown).join(", ")}]`
  if (value instanceof Map)
    return `{${[...value]
      .map(([key, item]) => `${shown(key)}: ${shown(item)}`)
      .sort()
      .join(", ")}}`
  if (value instanceof CelUint) return String(value.value)
  if (isRecord(value) && typeof value["text"] === "string") return value["text"]
  return String(value)
}
