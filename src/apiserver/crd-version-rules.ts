import { builtinSchemas, isRecord, prune, type Schema, type StatusCause, semanticEqual } from "../kube/mod.ts"
import { depthMax } from "./crd-complete.ts"
import { stringFormats } from "./crd-formats.ts"
import { validateValue } from "./crd-validate.ts"
import { invalidValue, required } from "./names.ts"

type Node = Readonly<Record<string, unknown>>

const columnTypes = ["boolean", "date", "integer", "number", "string"]
const columnFormats = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"]
const simplePath = "must be a simple json path starting with ."

/** What is wrong with the printer columns of a version. */
export function* columnCauses(columns: readonly unknown[], path: string): Generator<StatusCause> {
  for (const [index, column] of columns.entries()) {
    if (!isRecord(column)) continue
    const at = `${path}[${index}]`
    const { name, type, format, jsonPath } = column
    if (isEmpty(name)) yield required(`${at}.name`)
    if (isEmpty(type)) yield required(`${at}.type`)
    else if (!columnTypes.includes(String(type))) {
      yield invalidValue(`${at}.type`, type, `must be one of ${columnTypes.join(",")}`)
    }
    if (!isEmpty(format) && !columnFormats.includes(String(format))) {
      yield invalidValue(`${at}.format`, format, `must be one of ${columnFormats.join(",")}`)
    }
    if (isEmpty(jsonPath)) yield required(`${at}.JSONPath`)
    else if (!String(jsonPath).startsWith(".")) yield invalidValue(`${at}.JSONPath`, jsonPath, simplePath)
  }
}

/** What is wrong with the scale subresource of a version. */
export function* scaleCauses(scale: unknown, path: string): Generator<StatusCause> {
  if (!isRecord(scale)) return
  const rows = [
    ["specReplicasPath", /^\.spec\./, "should be a json path under .spec"],
    ["statusReplicasPath", /^\.status\./, "should be a json path under .status"],
    ["labelSelectorPath", /^\.(spec|status)\./, "should be a json path under either .spec or .status"],
  ] as const
  for (const [key, allowed, why] of rows) {
    const at = `${path}.scale.${key}`
    const value = scale[key]
    if (isEmpty(value)) {
      if (key !== "labelSelectorPath") yield required(at)
    } else if (!String(value).startsWith(".")) yield invalidValue(at, value, simplePath)
    else if (!allowed.test(String(value))) yield invalidValue(at, value, why)
  }
}

/** What is wrong with the selectable fields of a version. */
export function* selectableCauses(fields: readonly unknown[], schema: unknown, path: string): Generator<StatusCause> {
  for (const [index, field] of fields.entries()) {
    if (!isRecord(field)) continue
    const { jsonPath } = field
    const at = `${path}[${index}].jsonPath`
    if (isEmpty(jsonPath)) {
      yield required(at)
      continue
    }
    const found = schemaAt(schema, String(jsonPath).replace(/^\./, "").split("."))
    if (found === undefined) yield invalidValue(at, jsonPath, "is an invalid path: does not refer to a valid field")
    else if (!["string", "boolean", "integer"].includes(String(found["type"]))) {
      const why =
        "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed."
      yield invalidValue(at, jsonPath, why)
    }
  }
}

function schemaAt(schema: unknown, steps: readonly string[]): Node | undefined {
  let at = schema
  for (const step of steps) {
    const properties = isRecord(at) ? at["properties"] : undefined
    if (!isRecord(properties) || !Object.hasOwn(properties, step) || step === "metadata") return undefined
    at = properties[step]
  }
  return isRecord(at) ? at : undefined
}

/** Defaults that their own schemas refuse. */
export function* defaultCauses(schema: unknown, path: string, depth = 0): Generator<StatusCause> {
  if (!isRecord(schema) || depth > depthMax) return
  const value = schema["default"]
  if (value !== undefined) yield* oneDefaultCauses(value, schema, { path: `${path}.default`, isRoot: depth === 0 })
  const { properties, items, additionalProperties } = schema
  if (isRecord(properties)) {
    for (const [key, member] of Object.entries(properties)) {
      yield* defaultCauses(member, `${path}.properties[${key}]`, depth + 1)
    }
  }
  yield* defaultCauses(items, `${path}.items`, depth + 1)
  yield* defaultCauses(additionalProperties, `${path}.additionalProperties`, depth + 1)
}

function* oneDefaultCauses(
  value: unknown,
  schema: Schema,
  { path, isRoot }: { readonly path: string; readonly isRoot: boolean },
): Generator<StatusCause> {
  if (isRoot && isRecord(value)) {
    for (const key of ["apiVersion", "kind"]) if (isEmpty(value[key])) yield required(`${path}.${key}`)
    return
  }
  const pruned = prune(value, schema, builtinSchemas()).value
  if (!semanticEqual(pruned, value)) {
    yield invalidValue(path, value, "must not have unknown fields")
    return
  }
  for (const cause of validateValue(value, schema, undefined)) {
    const { field } = cause
    yield { ...cause, field: field === "" || field === "<nil>" ? path : `${path}.${field}` }
  }
}

/** What a server warns of in the schema of a version. */
export function* schemaWarnings(schema: unknown, depth = 0): Generator<string> {
  if (!isRecord(schema) || depth > depthMax) return
  const { type, format, properties, items, additionalProperties } = schema
  if (type === "string" && typeof format === "string" && format !== "" && !isKnownFormat(format)) {
    yield `unrecognized format ${JSON.stringify(format)}`
  }
  const itemType = isRecord(items) ? items["type"] : undefined
  if (schema["x-kubernetes-list-type"] === "set" && (itemType === "object" || itemType === "array")) {
    const why = "is not supported by server-side apply or CEL validation rules"
    yield `x-kubernetes-list-type: set for items of type "${itemType}" ${why}`
  }
  if (isRecord(properties)) for (const member of Object.values(properties)) yield* schemaWarnings(member, depth + 1)
  yield* schemaWarnings(items, depth + 1)
  yield* schemaWarnings(additionalProperties, depth + 1)
}

function isKnownFormat(format: string): boolean {
  return Object.hasOwn(stringFormats, format) || ["int32", "int64", "float", "double"].includes(format)
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === ""
}
