import { didYouMean, err, ok, type Result, shorten } from "../../base/mod.ts"
import { isRecord, setMember } from "../object.ts"
import { formatPath } from "../path.ts"
import { parseQuantity } from "../quantity.ts"
import { anything, depthMax, type FieldError, memberOf, type Schema, type SchemaSet, schemaType } from "./schema.ts"

const errorsMax = 50

/** Where the walk is: `steps` grows and shrinks with it. */
interface Place {
  readonly steps: (string | number)[]
  readonly set: SchemaSet
  readonly errors: FieldError[]
}

/**
 * `value` with the types that `schema` asks for; or every reason why not, by path.
 *
 * Members that are undefined or null are left out, undefined list elements are dropped, and blank text for anything
 * but a string counts as nothing. Members that a closed schema does not have are errors. Without a schema the value
 * passes, only undefined is removed. `required` is not checked: a server-side apply may be partial.
 */
export function coerce(
  value: unknown,
  schema: Schema | undefined,
  set: SchemaSet,
): Result<unknown, readonly FieldError[]> {
  const errors: FieldError[] = []
  const coerced = walk(value, schema ?? anything, { steps: [], set, errors })
  return errors.length === 0 ? ok(coerced) : err(errors)
}

function walk(value: unknown, unresolved: Schema, place: Place): unknown {
  if (value === undefined) return undefined
  if (place.steps.length > depthMax) return fail(place, `is nested deeper than ${depthMax} levels`)
  const schema = place.set.resolve(unresolved)
  const type = schemaType(schema)
  if (value === null) return type === "any" || schema.nullable ? null : undefined
  if (type !== "string" && type !== "any" && typeof value === "string" && value.trim() === "") return undefined
  switch (type) {
    case "any":
      if (Array.isArray(value)) return list(value, anything, place)
      return isRecord(value) ? members(value, schema, place) : value
    case "object":
      return isRecord(value) ? members(value, schema, place) : cannot(place, "a map", value)
    case "array":
      return Array.isArray(value) ? list(value, schema.items ?? anything, place) : cannot(place, "a list", value)
    case "boolean":
      return toBoolean(value) ?? cannot(place, "a boolean", value)
    case "integer":
      return toNumber(value, Number.isSafeInteger) ?? cannot(place, "an integer", value)
    case "number":
      return toNumber(value, Number.isFinite) ?? cannot(place, "a number", value)
    case "string":
      return toText(value) ?? cannot(place, "text", value)
    case "quantity":
      return toQuantity(value) ?? cannot(place, "a quantity", value)
    case "int-or-string":
      return toIntOrString(value) ?? cannot(place, "an integer or text", value)
  }
}

function members(value: Readonly<Record<string, unknown>>, schema: Schema, place: Place): unknown {
  const kept: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    const child = value[key]
    if (child === undefined) continue
    const member = memberOf(schema, key)
    place.steps.push(key)
    const coerced = member === undefined ? unknownField(key, schema, place) : walk(child, member, place)
    place.steps.pop()
    // Null stays only where no schema speaks.
    if (coerced !== undefined && (coerced !== null || member === anything)) setMember(kept, key, coerced)
  }
  return kept
}

function list(value: readonly unknown[], items: Schema, place: Place): unknown {
  const kept: unknown[] = []
  for (const [index, element] of value.entries()) {
    place.steps.push(index)
    const coerced = walk(element, items, place)
    place.steps.pop()
    if (coerced !== undefined) kept.push(coerced)
  }
  return kept
}

function unknownField(key: string, schema: Schema, place: Place): undefined {
  const known = didYouMean(key, Object.keys(schema.properties ?? {}))
  return fail(place, known === undefined ? "unknown field" : `unknown field; did you mean "${known}"?`)
}

function toBoolean(value: unknown): boolean | undefined {
  if (typeof value === "boolean") return value
  const text = typeof value === "string" ? value.trim().toLowerCase() : ""
  return text === "true" ? true : text === "false" ? false : undefined
}

function toNumber(value: unknown, fits: (number: number) => boolean): number | undefined {
  const numeric = typeof value === "string" && /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(value.trim())
  const number = numeric ? Number(value) : value
  // More digits than a number holds would be changed without a word.
  if (numeric && /^[+-]?\d+$/.test(value.trim()) && !Number.isSafeInteger(number)) return undefined
  return typeof number === "number" && fits(number) ? number : undefined
}

function toText(value: unknown): string | undefined {
  if (typeof value === "string") return value
  return typeof value === "boolean" || Number.isFinite(value) ? String(value) : undefined
}

function toQuantity(value: unknown): string | undefined {
  const text = typeof value === "boolean" ? undefined : toText(value)?.trim()
  return parseQuantity(text) === undefined ? undefined : text
}

function toIntOrString(value: unknown): number | string | undefined {
  if (typeof value === "string") {
    // Numbers in their usual spelling only: "007" may be a name.
    return /^(0|-?[1-9]\d{0,14})$/.test(value.trim()) ? Number(value) : value
  }
  if (typeof value !== "number" || !Number.isFinite(value)) return undefined
  return Number.isSafeInteger(value) ? value : String(value)
}

function cannot(place: Place, wanted: string, value: unknown): undefined {
  const found = Array.isArray(value) ? "a list" : isRecord(value) ? "a map" : shorten(JSON.stringify(value) ?? "", 60)
  return fail(place, `cannot make ${wanted} of ${found}`)
}

function fail(place: Place, message: string): undefined {
  if (place.errors.length < errorsMax) place.errors.push({ path: formatPath(place.steps), message })
  return undefined
}
