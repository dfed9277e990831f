import { Failure, type Run, typeFailure } from "../run.ts"
import { guarded, kindOf, text } from "../values.ts"

/** A scalar argument as text; nothing is the empty text, a list or map is refused. */
export function str(run: Run, value: unknown): string {
  if (typeof value === "string" && value.length < 256) return value // by far the most common case
  const kind = kindOf(value)
  if (kind === "list" || kind === "map") typeFailure(`expected text, got a ${kind}`)
  const result = text(value, run)
  run.chargeText(result)
  return result
}

/** A number argument: a number, a text that is one, true as 1. Nothing and everything else are refused. */
export function num(value: unknown): number {
  if (typeof value === "number") return value
  if (typeof value === "boolean") return value ? 1 : 0
  if (value === undefined || value === null) throw new Failure("template/missing", "expected a number, got nothing")
  const parsed = typeof value === "string" ? parseNumber(value) : undefined
  if (parsed === undefined)
    typeFailure(
      `expected a number, got ${typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : `a ${kindOf(value)}`}`,
    )
  return parsed
}

/** The number a text spells, if it does. */
function parseNumber(value: string): number | undefined {
  const trimmed = value.trim()
  if (!/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/.test(trimmed)) return undefined
  const number = Number(trimmed)
  return Number.isFinite(number) ? number : undefined
}

/** A whole number argument; fractions are cut off. */
export function int(value: unknown): number {
  const whole = Math.trunc(num(value))
  return whole === 0 ? 0 : whole
}

/** A number from anything, zero when it is none: Sprig's conversion. */
export function lenient(value: unknown): number {
  if (typeof value === "number") return value
  if (typeof value === "boolean") return value ? 1 : 0
  return typeof value === "string" ? (parseNumber(value) ?? 0) : 0
}

/** A list argument; nothing is the empty list. */
export function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (value === undefined || value === null) return []
  return typeFailure(`expected a list, got a ${kindOf(value)}`)
}

/** A map argument; nothing is the empty map. */
export function map(value: unknown): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {}
  if (typeof value !== "object" || Array.isArray(value)) return typeFailure(`expected a map, got a ${kindOf(value)}`)
  return value as Readonly<Record<string, unknown>> // a non-null object that is no list
}

/** A text result that is not too long. */
export function result(run: Run, value: string): string {
  return guarded(value, run)
}
