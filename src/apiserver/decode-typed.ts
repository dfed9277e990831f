import { isRecord, memberOf, parseQuantity, type Schema, type SchemaSet, schemaType } from "../kube/mod.ts"

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
  if (typeof value === "string") walk.error ??= textProblem(value, resolved, type)
  return value
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
    case "quantity":
      return typeof value === "string" || typeof value === "number"
    case "int-or-string":
      return typeof value === "string" || (typeof value === "number" && Number.isInteger(value))
    default:
      return false
  }
}

/** What Go's decoders of texts with a meaning say. */
function textProblem(value: string, { format }: Schema, type: ReturnType<typeof schemaType>): string | undefined {
  if (format === "date-time" && !timePattern.test(value)) {
    return `parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(value)} as "2006"`
  }
  if (format === "byte") {
    const at = value.search(/[^A-Za-z0-9+/=\r\n]/)
    if (at !== -1) return `illegal base64 data at input byte ${at}`
  }
  if (type === "quantity" && value !== "" && parseQuantity(value) === undefined) {
    return "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
  }
  return undefined
}

const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/

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
  const where = struct === undefined ? "Go value" : `Go struct field ${[struct, ...fields].join(".")}`
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
