import { compileRegex, isRecord, type Schema, type StatusCause, semanticEqual } from "../kube/mod.ts"
import { depthMax } from "./crd-complete.ts"
import { stringFormats } from "./crd-formats.ts"
import { elementOf } from "./crd-lists.ts"
import { invalidValue, required } from "./names.ts"

/** A place in a custom resource: its path as the server words it, and what stood there before an update. */
interface Place {
  readonly path: string
  readonly old: unknown
  readonly depth: number
}

/**
 * What is wrong with a custom resource under its schema, worded as a real server does. On an update (`old`), values
 * that did not change are not judged again.
 */
export function validateValue(value: unknown, schema: Schema, old: unknown): readonly StatusCause[] {
  return walk(value, schema, { path: "", old, depth: 0 })
}

function walk(value: unknown, schema: Schema, place: Place): readonly StatusCause[] {
  if (value === undefined || place.depth > depthMax) return []
  if (place.old !== undefined && semanticEqual(value, place.old)) return []
  return [
    ...typeCauses(value, schema, place.path),
    ...combinedCauses(value, schema, place),
    ...(typeof value === "string" ? textCauses(value, schema, place.path) : []),
    ...(typeof value === "number" ? numberCauses(value, schema, place.path) : []),
    ...(Array.isArray(value) ? listCauses(value, schema, place) : []),
    ...enumCauses(value, schema, place.path),
    ...(isRecord(value) ? mapCauses(value, schema, place) : []),
  ]
}

function typeCauses(value: unknown, schema: Schema, path: string): readonly StatusCause[] {
  const isEither = schema["x-kubernetes-int-or-string"] === true
  const wanted = isEither ? "integer,string" : schema.type
  const found = typeName(value)
  if (wanted === undefined || wanted === "") return []
  if (value === null && schema.nullable === true) return []
  const formatKnown = typeof value === "string" && wanted === "string" && schema.format !== undefined
  const fits = isEither ? found === "integer" || found === "string" : fitsType(found, wanted)
  if (!fits && found === "number" && wanted === "integer") {
    // A fraction for an integer is complained about twice, once without a field.
    const { format } = schema
    const first = format === undefined ? typeInvalid(path, wanted, found) : typeInvalid(path, format, "float64")
    return [first, unplaced(`${checked(format)} in ${path}`)]
  }
  if (!fits) return [typeInvalid(path, wanted, found)]
  if (formatKnown && !hasFormat(value, schema.format)) {
    return [typeInvalid(path, schema.format ?? "", value)]
  }
  if (found === "integer" && schema.format === "int32" && Number(value) !== (Number(value) | 0)) {
    return [unplaced(`Checked value must be of type ${schema.type} with format int32 in ${path}`)]
  }
  return []
}

function checked(format: string | undefined): string {
  return `Checked value must be of type integer ${format === undefined ? "(default format)" : `with format ${format}`}`
}

function fitsType(found: string, wanted: string): boolean {
  return found === wanted || (wanted === "number" && found === "integer")
}

function hasFormat(text: string, format: string | undefined): boolean {
  const test = format !== undefined && Object.hasOwn(stringFormats, format) ? stringFormats[format] : undefined
  return test === undefined || test(text)
}

function typeName(value: unknown): string {
  if (value === null) return "null"
  if (Array.isArray(value)) return "array"
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number"
  return typeof value
}

/** The first thing that is wrong with a text. */
function textCauses(value: string, schema: Schema, path: string): readonly StatusCause[] {
  const length = [...value].length
  const { maxLength, minLength, pattern } = schema
  if (maxLength !== undefined && length > maxLength) {
    const message = `Too long: may not be more than ${maxLength} ${maxLength === 1 ? "byte" : "bytes"}`
    return [{ reason: "FieldValueTooLong", message, field: path }]
  }
  if (minLength !== undefined && length < minLength) {
    return [invalidValue(path, value, `${path} in body should be at least ${minLength} chars long`)]
  }
  const expression = pattern === undefined || pattern === "" ? undefined : compileRegex(pattern)
  if (expression?.ok !== true || expression.value.test(value)) return []
  return [invalidValue(path, value, `${path} in body should match '${pattern}'`)]
}

function numberCauses(value: number, schema: Schema, path: string): readonly StatusCause[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema
  const causes: StatusCause[] = []
  if (multipleOf !== undefined) causes.push(...multipleCauses(value, multipleOf, path))
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
    const bound = exclusiveMaximum ? "less than" : "less than or equal to"
    causes.push(invalidValue(path, value, `${path} in body should be ${bound} ${maximum}`))
  }
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
    const bound = exclusiveMinimum ? "greater than" : "greater than or equal to"
    causes.push(invalidValue(path, value, `${path} in body should be ${bound} ${minimum}`))
  }
  return causes
}

// The server counts whole values in whole factors: 0.5 is 0 then, and refused.
function multipleCauses(value: number, multipleOf: number, path: string): readonly StatusCause[] {
  const factor = Number.isInteger(value) ? Math.trunc(multipleOf) : multipleOf
  if (factor <= 0)
    return [invalidValue(path, factor, `factor MultipleOf declared for ${path} must be positive: ${factor}`)]
  const times = factor < 1 ? (1 / factor) * value : value / factor
  if (Math.abs(times - Math.round(times)) < 1e-9) return []
  return [invalidValue(path, value, `${path} in body should be a multiple of ${multipleOf}`)]
}

function listCauses(value: readonly unknown[], schema: Schema, place: Place): readonly StatusCause[] {
  const { path, old, depth } = place
  const { minItems, maxItems, items } = schema
  const causes: StatusCause[] = []
  if (items !== undefined) {
    for (const [index, item] of value.entries()) {
      const before = elementOf(schema, old, item)
      causes.push(...walk(item, items, { path: `${path}[${index}]`, old: before, depth: depth + 1 }))
    }
  }
  if (minItems !== undefined && value.length < minItems) {
    causes.push(invalidValue(path, value.length, `${path} in body should have at least ${minItems} items`))
  }
  if (maxItems !== undefined && value.length > maxItems) causes.push(tooMany(path, value.length, maxItems))
  return causes
}

function mapCauses(value: Readonly<Record<string, unknown>>, schema: Schema, place: Place): readonly StatusCause[] {
  const { path, old, depth } = place
  const { properties, additionalProperties, required: needed, minProperties, maxProperties } = schema
  const causes: StatusCause[] = []
  const count = Object.keys(value).length
  if (minProperties !== undefined && count < minProperties) {
    causes.push(invalidValue(path, count, `${path} in body should have at least ${minProperties} properties`))
  }
  if (maxProperties !== undefined && count > maxProperties) causes.push(tooMany(path, count, maxProperties))
  for (const name of needed ?? []) {
    if (!Object.hasOwn(value, name)) causes.push(required(join(path, name)))
  }
  for (const [key, child] of Object.entries(value)) {
    const own = properties && Object.hasOwn(properties, key) ? properties[key] : undefined
    const member = own ?? (typeof additionalProperties === "object" ? additionalProperties : undefined)
    if (member === undefined) continue
    const before = isRecord(old) && Object.hasOwn(old, key) ? old[key] : undefined
    causes.push(...walk(child, member, { path: join(path, key), old: before, depth: depth + 1 }))
  }
  return causes
}

function enumCauses(value: unknown, schema: Schema, path: string): readonly StatusCause[] {
  if (schema.enum === undefined || schema.enum.length === 0) return []
  if (schema.enum.some((allowed) => semanticEqual(allowed, value))) return []
  if (value === null && schema.nullable === true) return []
  const allowed = schema.enum.map((one) => (typeof one === "string" ? JSON.stringify(one) : `"${JSON.stringify(one)}"`))
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${allowed.join(", ")}`
  return [{ reason: "FieldValueNotSupported", message, field: path }]
}

function combinedCauses(value: unknown, schema: Schema, place: Place): readonly StatusCause[] {
  const { path } = place
  const causes: StatusCause[] = []
  const results = (parts: readonly Schema[]) => parts.map((part) => walk(value, part, { ...place, old: undefined }))
  if (schema.anyOf !== undefined && schema.anyOf.length > 0) {
    const failures = results(schema.anyOf)
    if (failures.every((found) => found.length > 0)) {
      causes.push(unplaced(`"${path}" must validate at least one schema (anyOf)`), ...(failures[0] ?? []))
    }
  }
  if (schema.oneOf !== undefined && schema.oneOf.length > 0) {
    const failures = results(schema.oneOf)
    const valid = failures.filter((found) => found.length === 0).length
    const found = valid === 0 ? "Found none valid" : `Found ${valid} valid alternatives`
    if (valid !== 1) causes.push(unplaced(`"${path}" must validate one and only one schema (oneOf). ${found}`))
    if (valid === 0) causes.push(...(failures[0] ?? []))
  }
  if (schema.allOf !== undefined && schema.allOf.length > 0) {
    const failures = results(schema.allOf)
    causes.push(...failures.flat())
    if (failures.some((found) => found.length > 0)) {
      causes.push(unplaced(`"${path}" must validate all the schemas (allOf)`))
    }
  }
  if (schema.not !== undefined && walk(value, schema.not, { ...place, old: undefined }).length === 0) {
    causes.push(unplaced(`"${path}" must not validate the schema (not)`))
  }
  return causes
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`
}

function typeInvalid(path: string, wanted: string, found: string): StatusCause {
  const shown = JSON.stringify(found)
  return {
    reason: "FieldValueTypeInvalid",
    message: `Invalid value: ${shown}: ${path} in body must be of type ${wanted}: ${shown}`,
    field: path,
  }
}

function unplaced(why: string): StatusCause {
  return { reason: "FieldValueInvalid", message: `Invalid value: "": ${why}`, field: "<nil>" }
}

function tooMany(path: string, count: number, limit: number): StatusCause {
  const message = `Too many: ${count}: must have at most ${limit} ${limit === 1 ? "item" : "items"}`
  return { reason: "FieldValueTooMany", message, field: path }
}
