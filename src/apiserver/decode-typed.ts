import { isRecord, memberOf, type Schema, type SchemaSet, schemaType } from "../kube/mod.ts"
import { base64Problem, intOrTextProblem, plainTime, quantityProblem, timeProblem } from "./go-formats.ts"

/** One step of the way to a value; linked upwards, so that paths cost nothing until something is wrong. */
interface Place {
  readonly up: Place | undefined
  readonly step: string | number
  /** The struct that the step is a field of; undefined for keys of maps and places in lists. */
  readonly struct: string | undefined
}

interface Walk {
  readonly set: SchemaSet
  readonly unknown: string[]
  error: string | undefined
}

/** A value read as a type of the server itself. */
export interface TypedValue {
  readonly value: unknown
  /** Paths of members that the type does not have; they are left out. */
  readonly unknown: readonly string[]
  /** Why the value is not of the type, in the words of Go's decoder. */
  readonly error: string | undefined
}

/** Reads a value as Go's decoder would: nulls and unknown members go, a wrong type is an error. `struct` names the type. */
export function decodeTyped(
  value: unknown,
  schema: Schema,
  { set, struct }: { readonly set: SchemaSet; readonly struct: string },
): TypedValue {
  const walk: Walk = { set, unknown: [], error: undefined }
  const typed = read(value, { schema, struct, place: undefined }, walk)
  return { value: typed, unknown: walk.unknown, error: walk.error }
}

interface At {
  readonly schema: Schema
  readonly struct: string
  readonly place: Place | undefined
}

function read(value: unknown, { schema, struct, place }: At, walk: Walk): unknown {
  const resolved = walk.set.resolve(schema)
  const type = schemaType(resolved)
  if (type === "any" || value === null || value === undefined) return value
  if (structName(schema) === "RawExtension") return value
  // Types that read themselves take whatever is given and say in their own words what is wrong.
  if (type === "quantity") return quantity(value, walk)
  if (type === "int-or-string" && typeof value !== "string") {
    walk.error ??= intOrTextProblem(value)
    return value
  }
  if (Array.isArray(value)) {
    if (type !== "array") return wrong(value, { schema, place }, walk)
    const items = resolved.items
    if (items === undefined) return value
    const name = structName(items) ?? struct
    return value.map((item, step) => {
      const at = { schema: items, struct: name, place: { up: place, step, struct: undefined } }
      return read(item, at, walk) ?? zeroOf(walk.set.resolve(items))
    })
  }
  if (isRecord(value)) {
    if (type !== "object") return wrong(value, { schema, place }, walk)
    return members(value, { schema: resolved, struct, place }, walk)
  }
  if (!fits(value, type, resolved)) return wrong(value, { schema, place }, walk)
  return typeof value === "string" ? text(value, schema, walk) : value
}

function quantity(value: unknown, walk: Walk): unknown {
  walk.error ??= quantityProblem(typeof value === "string" ? value : JSON.stringify(value))
  return value
}

function text(value: string, schema: Schema, walk: Walk): string {
  const { format } = walk.set.resolve(schema)
  if (format === "byte") walk.error ??= base64Problem(value)
  if (format !== "date-time") return value
  const isMicro = structName(schema) === "MicroTime"
  walk.error ??= timeProblem(value, isMicro)
  return plainTime(value, isMicro)
}

function members(value: Readonly<Record<string, unknown>>, { schema, struct, place }: At, walk: Walk): unknown {
  const kept: [string, unknown][] = []
  const isStruct = schema.properties !== undefined
  for (const key of Object.keys(value)) {
    const member = memberOf(schema, key)
    const below: Place = { up: place, step: key, struct: isStruct ? struct : undefined }
    if (member === undefined) {
      walk.unknown.push(pathOf(below))
      continue
    }
    const child = read(value[key], { schema: member, struct: structName(member) ?? struct, place: below }, walk)
    if (child !== null && child !== undefined) kept.push([key, child])
    else if (!isStruct && value[key] === null) kept.push([key, zeroOf(walk.set.resolve(member))])
  }
  return Object.fromEntries(kept)
}

/** What a null in a list or map becomes. */
function zeroOf(schema: Schema): unknown {
  const type = schemaType(schema)
  return type === "string" ? "" : type === "integer" || type === "number" ? 0 : type === "boolean" ? false : {}
}

function fits(value: unknown, type: ReturnType<typeof schemaType>, schema: Schema): boolean {
  switch (type) {
    case "string":
      return typeof value === "string"
    case "boolean":
      return typeof value === "boolean"
    case "integer": {
      if (typeof value !== "number" || !Number.isInteger(value)) return false
      return schema.format !== "int32" || value === (value | 0)
    }
    case "number":
      return typeof value === "number"
    case "int-or-string":
      return typeof value === "string"
    default:
      return false
  }
}

function wrong(value: unknown, { schema, place }: Omit<At, "struct">, walk: Walk): undefined {
  if (walk.error !== undefined) return undefined
  const resolved = walk.set.resolve(schema)
  const fields: string[] = []
  let struct: string | undefined
  for (let at = place; at !== undefined; at = at.up) {
    if (at.struct === undefined) continue
    struct ??= at.struct
    fields.unshift(String(at.step))
  }
  const found = describe(value, resolved)
  const type = goType(schema, resolved, walk.set)
  // Times read themselves: they do not know where they are.
  const where =
    struct === undefined || resolved.format === "date-time"
      ? "Go value"
      : `Go struct field ${[struct, ...fields].join(".")}`
  walk.error = `json: cannot unmarshal ${found} into ${where} of type ${type}`
  return undefined
}

function describe(value: unknown, schema: Schema): string {
  if (Array.isArray(value)) return "array"
  if (typeof value === "boolean") return "bool"
  if (typeof value !== "number") return typeof value
  // A number that does not fit into its type is shown.
  return schemaType(schema) === "integer" ? `number ${value}` : "number"
}

function goType(schema: Schema, resolved: Schema, set: SchemaSet): string {
  switch (schemaType(resolved)) {
    case "string":
    case "quantity":
    case "int-or-string":
      return resolved.format === "byte" ? "[]uint8" : "string"
    case "boolean":
      return "bool"
    case "integer":
      return resolved.format === "int32" ? "int32" : "int64"
    case "number":
      return "float64"
    case "array": {
      const items = resolved.items ?? {}
      return `[]${goType(items, set.resolve(items), set)}`
    }
    default: {
      const name = refOf(schema)
      if (name !== undefined) return name.split(".").slice(-2).join(".")
      const values = typeof resolved.additionalProperties === "object" ? resolved.additionalProperties : undefined
      return values === undefined ? "map[string]interface {}" : `map[string]${goType(values, set.resolve(values), set)}`
    }
  }
}

/** `DeploymentSpec` of a reference to `io.k8s.api.apps.v1.DeploymentSpec`. */
function structName(schema: Schema): string | undefined {
  return refOf(schema)?.split(".").at(-1)
}

function refOf(schema: Schema): string | undefined {
  return schema.$ref ?? schema.allOf?.find((part) => part.$ref !== undefined)?.$ref
}

function pathOf(place: Place): string {
  let path = ""
  for (let at: Place | undefined = place; at !== undefined; at = at.up) {
    const step = typeof at.step === "number" ? `[${at.step}]` : at.up === undefined ? at.step : `.${at.step}`
    path = `${step}${path}`
  }
  return path
}
