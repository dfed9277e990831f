import { isRecord } from "../kube/mod.ts"
import { limits } from "./limits.ts"
import { budgetFailure, type Run, typeFailure } from "./run.ts"

/** What a JSON value can be. */
export type Kind = "null" | "bool" | "number" | "string" | "list" | "map"

/** The kind of a JSON value; everything that is no JSON counts as null. */
export function kindOf(value: unknown): Kind {
  switch (typeof value) {
    case "string":
      return "string"
    case "number":
      return "number"
    case "boolean":
      return "bool"
    case "object":
      return value === null ? "null" : Array.isArray(value) ? "list" : "map"
    default:
      return "null"
  }
}

/** The own property `name` of a map; nothing for anything else. */
export function field(value: unknown, name: string): unknown {
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

/** Go's truth: everything but nothing, false, zero, and the empty text, list or map. */
export function truthy(value: unknown, run: Run): boolean {
  if (typeof value !== "object") return Boolean(value) && typeof value !== "function" && typeof value !== "symbol"
  if (value === null) return false
  return Array.isArray(value) ? value.length > 0 : run.hasKeys(value)
}

/** The format's emptiness: not true in Go, or the text `<no value>`. */
export function isEmpty(value: unknown, run: Run): boolean {
  return !truthy(value, run) || value === "<no value>"
}

/** A map's keys in order of their UTF-16 units. */
export function sortedKeys(map: Readonly<Record<string, unknown>>): readonly string[] {
  const keys = Object.keys(map)
  return keys.length > insertionMax ? keys.sort() : insertionSorted(keys)
}

/** Maps of labels and the like are this small, and for them this is twice as fast as the general way. */
const insertionMax = 16

function insertionSorted(keys: string[]): readonly string[] {
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i] ?? ""
    let at = i
    for (let before = keys[at - 1]; before !== undefined && before > key; before = keys[at - 1]) keys[at--] = before
    keys[at] = key
  }
  return keys
}

/** Sets an own property, also for names such as `__proto__`. Only for maps made in the same function. */
export function put(map: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__")
    Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true })
  else map[key] = value
}

/** A number as Go prints it: whole numbers without a point, exponents with two digits. */
export function numberText(value: number): string {
  if (value === 0) return "0"
  if (Number.isNaN(value)) return "NaN"
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf"
  const size = Math.abs(value)
  if (size >= 1e21 || size < 1e-4) return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2")
  return String(value)
}

/** Any value as an action prints it. Nothing is the empty text; lists and maps look as in Go. */
export function text(value: unknown, run: Run): string {
  switch (typeof value) {
    case "string":
      return value
    case "number":
      return numberText(value)
    case "boolean":
      return value ? "true" : "false"
    case "object":
      return value === null ? "" : goText(value, run, 0)
    default:
      return ""
  }
}

function goText(value: unknown, run: Run, depth: number): string {
  visit(run, depth)
  if (Array.isArray(value)) return guarded(`[${value.map((item) => goText(item, run, depth + 1)).join(" ")}]`, run)
  if (isRecord(value)) {
    const parts = sortedKeys(value).map((key) => `${key}:${goText(value[key], run, depth + 1)}`)
    return guarded(`map[${parts.join(" ")}]`, run)
  }
  return kindOf(value) === "null" ? "<nil>" : text(value, run)
}

/** Counts one visited value and refuses nests that no real object has. */
export function visit(run: Run, depth: number): void {
  if (depth > limits.valueDepthMax) budgetFailure(`a value nested deeper than ${limits.valueDepthMax}`)
  run.charge(1)
}

/** `value` when it is not too long. */
export function guarded(value: string, run: Run): string {
  run.fits(value.length)
  run.chargeText(value)
  return value
}

/** Visits all of a value, so that no later reader meets one that is too large or too deep. */
export function measure(value: unknown, run: Run, depth = 0): void {
  if (typeof value !== "object" || value === null) return
  visit(run, depth)
  for (const child of Object.values(value)) measure(child, run, depth + 1)
}

/** Structural equality; a missing value equals null. */
export function sameValue(a: unknown, b: unknown, run: Run, depth = 0): boolean {
  visit(run, depth)
  if (typeof a === "string" && typeof b === "string") return sameText(a, b, run)
  if (a === b) return true
  if (kindOf(a) !== kindOf(b)) return false
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => sameValue(item, b[i], run, depth + 1))
  }
  if (isRecord(a) && isRecord(b)) {
    const keys = Object.keys(a)
    if (keys.length !== Object.keys(b).length) return false
    return keys.every((key) => Object.hasOwn(b, key) && sameValue(a[key], b[key], run, depth + 1))
  }
  return kindOf(a) === "null"
}

/** Go's `eq`: scalars of one kind. Whole and broken numbers compare; nothing equals only nothing. */
export function equalScalars(a: unknown, b: unknown, run: Run): boolean {
  if (typeof a === "string" && typeof b === "string") return sameText(a, b, run)
  if (a === b && typeof a !== "object") return true
  const kinds = [kindOf(a), kindOf(b)]
  for (const kind of kinds) {
    if (kind === "list" || kind === "map") typeFailure(`a ${kind} cannot be compared`)
  }
  if (kinds[0] === kinds[1]) return kinds[0] === "null" || a === b
  if (kinds.includes("null")) return false
  return typeFailure(`cannot compare a ${kinds[0]} with a ${kinds[1]}`)
}

function sameText(a: string, b: string, run: Run): boolean {
  if (a.length === b.length) run.chargeText(a)
  return a === b
}
