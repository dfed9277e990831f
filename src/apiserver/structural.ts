import { compileRegex, isRecord, type StatusCause } from "../kube/mod.ts"
import { depthMax } from "./crd-complete.ts"
import { forbidden, invalidValue, required, unsupported } from "./names.ts"
import { listShapeCauses } from "./structural-lists.ts"

type Node = Readonly<Record<string, unknown>>

interface Place {
  readonly path: string
  /** What the place is: the root, a member, the items of a list ... */
  readonly role: "root" | "member" | "items" | "values"
  readonly depth: number
}

const types = ["array", "boolean", "integer", "number", "object", "string"]
const unknownWords = ["$ref", "$schema", "additionalItems", "definitions", "dependencies", "id", "patternProperties"]
const mustBeEmpty = ["type", "description", "title"]
const mustBeUndefined = ["default", "additionalProperties"]
const mustBeFalse = [
  "nullable",
  "x-kubernetes-preserve-unknown-fields",
  "x-kubernetes-embedded-resource",
  "x-kubernetes-int-or-string",
]
const combined = ["allOf", "anyOf", "oneOf"]

/** What keeps a schema from being structural, in the words of a real server; `path` leads to the schema. */
export function structuralCauses(schema: unknown, path: string): readonly StatusCause[] {
  return isRecord(schema) ? [...nodeCauses(schema, { path, role: "root", depth: 0 })] : []
}

function* nodeCauses(schema: Node, place: Place): Generator<StatusCause> {
  const { path, depth } = place
  if (depth > depthMax) {
    yield forbidden(path, `must not be nested deeper than ${depthMax}`)
    return
  }
  for (const word of unknownWords)
    if (schema[word] !== undefined) yield forbidden(`${path}.${word}`, `${word} is not supported`)
  yield* typeCauses(schema, place)
  yield* extensionCauses(schema, place)
  yield* listShapeCauses(schema, path)
  if (place.role === "root") yield* rootCauses(schema, path)
  if (schema["uniqueItems"] === true) {
    yield forbidden(
      `${path}.uniqueItems`,
      "uniqueItems cannot be set to true since the runtime complexity becomes quadratic",
    )
  }
  yield* patternCauses(schema, path)
  for (const word of combined) {
    const parts = schema[word]
    if (!Array.isArray(parts) || isLongForm(schema, word, parts)) continue
    for (const [index, part] of parts.entries()) {
      if (isRecord(part)) yield* partCauses(part, { ...place, path: `${path}.${word}[${index}]` })
    }
  }
  if (isRecord(schema["not"])) yield* partCauses(schema["not"], { ...place, path: `${path}.not` })
  yield* childCauses(schema, place)
}

// int-or-string may say so once more: anyOf integer and string, by itself or as the first of allOf.
function isLongForm(schema: Node, word: string, parts: readonly unknown[]): boolean {
  if (schema["x-kubernetes-int-or-string"] !== true) return false
  const form = JSON.stringify([{ type: "integer" }, { type: "string" }])
  const [first] = parts
  if (word === "anyOf") return JSON.stringify(parts) === form
  return word === "allOf" && parts.length === 1 && isRecord(first) && JSON.stringify(first["anyOf"]) === form
}

function* typeCauses(schema: Node, { path, role }: Place): Generator<StatusCause> {
  const { type } = schema
  const isOpen =
    schema["x-kubernetes-int-or-string"] === true || schema["x-kubernetes-preserve-unknown-fields"] === true
  if (type === undefined || type === "") {
    if (schema["$ref"] !== undefined || (isOpen && role !== "root")) return
    const where = {
      root: "at the root",
      member: "for specified object fields",
      items: "for specified array items",
      values: "for specified object fields",
    }[role]
    yield required(`${path}.type`, `must not be empty ${where}`)
    return
  }
  if (type === "null") yield forbidden(`${path}.type`, "type cannot be set to null, use nullable as an alternative")
  if (!types.includes(String(type))) yield unsupported(`${path}.type`, type, types)
  else if (type === "array" && schema["items"] === undefined) yield required(`${path}.items`, "must be specified")
}

function* rootCauses(schema: Node, path: string): Generator<StatusCause> {
  const { type, nullable, additionalProperties, properties } = schema
  if (type !== undefined && type !== "object") yield invalidValue(`${path}.type`, type, "must be object at the root")
  if (nullable === true) yield forbidden(`${path}.nullable`, "nullable cannot be true at the root")
  if (additionalProperties !== undefined)
    yield forbidden(`${path}.additionalProperties`, "must not be used at the root")
  if (!isRecord(properties)) return
  for (const name of ["apiVersion", "kind"]) {
    const member = properties[name]
    if (isRecord(member) && member["type"] !== "string" && member["type"] !== undefined) {
      yield invalidValue(`${path}.properties[${name}].type`, member["type"], "must be string")
    }
  }
  if (isRecord(properties["metadata"])) yield* metadataCauses(properties["metadata"], `${path}.properties[metadata]`)
}

function* metadataCauses(metadata: Node, path: string): Generator<StatusCause> {
  const { type, properties } = metadata
  if (type !== undefined && type !== "object") yield invalidValue(`${path}.type`, type, "must be object")
  if (!isRecord(properties)) return
  if (Object.keys(properties).some((key) => key !== "name" && key !== "generateName")) {
    yield forbidden(
      path,
      "must not specify anything other than name and generateName, but metadata is implicitly specified",
    )
  }
  for (const [key, member] of Object.entries(properties)) {
    if (isRecord(member) && member["default"] !== undefined) {
      yield forbidden(`${path}.properties[${key}].default`, "must not be set in top-level metadata")
    }
  }
}

function* extensionCauses(schema: Node, { path }: Place): Generator<StatusCause> {
  const preserve = schema["x-kubernetes-preserve-unknown-fields"]
  if (preserve === false) {
    yield invalidValue(`${path}.x-kubernetes-preserve-unknown-fields`, false, "must be true or undefined")
  }
  if (schema["x-kubernetes-embedded-resource"] === true) {
    const { type, properties } = schema
    if (type !== "object") {
      yield invalidValue(`${path}.type`, type ?? "", "must be object if x-kubernetes-embedded-resource is true")
    }
    if (preserve !== true && (!isRecord(properties) || Object.keys(properties).length === 0)) {
      yield required(
        `${path}.properties`,
        "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields",
      )
    }
  }
}

function* patternCauses(schema: Node, path: string): Generator<StatusCause> {
  const { pattern } = schema
  if (typeof pattern !== "string") return
  const expression = compileRegex(pattern)
  if (expression.ok) return
  const why = expression.error.replace(/^is not valid: /, "error parsing regexp: ")
  yield invalidValue(`${path}.pattern`, pattern, `must be a valid regular expression, but isn't: ${why}`)
}

// Inside of allOf, anyOf, oneOf and not there is validation and nothing else.
function* partCauses(schema: Node, place: Place): Generator<StatusCause> {
  const { path, depth } = place
  if (depth > depthMax) return
  for (const word of mustBeEmpty) {
    if (schema[word] !== undefined && schema[word] !== "") {
      yield forbidden(`${path}.${word}`, "must be empty to be structural")
    }
  }
  for (const word of mustBeUndefined) {
    if (schema[word] !== undefined) yield forbidden(`${path}.${word}`, "must be undefined to be structural")
  }
  for (const word of mustBeFalse) {
    if (schema[word] === true) yield forbidden(`${path}.${word}`, "must be false to be structural")
  }
  yield* patternCauses(schema, path)
  for (const word of combined) {
    const parts = schema[word]
    if (!Array.isArray(parts)) continue
    for (const [index, part] of parts.entries()) {
      if (isRecord(part)) yield* partCauses(part, { ...place, depth: depth + 1, path: `${path}.${word}[${index}]` })
    }
  }
  if (isRecord(schema["not"])) yield* partCauses(schema["not"], { ...place, depth: depth + 1, path: `${path}.not` })
  if (isRecord(schema["items"]))
    yield* partCauses(schema["items"], { ...place, depth: depth + 1, path: `${path}.items` })
  for (const [key, member] of Object.entries(isRecord(schema["properties"]) ? schema["properties"] : {})) {
    if (isRecord(member)) yield* partCauses(member, { ...place, depth: depth + 1, path: `${path}.properties[${key}]` })
  }
}

function* childCauses(schema: Node, { path, depth }: Place): Generator<StatusCause> {
  const { properties, items, additionalProperties } = schema
  if (isRecord(properties)) {
    if (isRecord(additionalProperties) || additionalProperties === true) {
      yield forbidden(`${path}.additionalProperties`, "additionalProperties and properties are mutual exclusive")
    }
    for (const [key, member] of Object.entries(properties)) {
      const at: Place = { path: `${path}.properties[${key}]`, role: "member", depth: depth + 1 }
      if (isRecord(member)) yield* nodeCauses(member, at)
    }
  }
  if (Array.isArray(items)) yield forbidden(`${path}.items`, "items must be a schema object and not an array")
  else if (isRecord(items)) yield* nodeCauses(items, { path: `${path}.items`, role: "items", depth: depth + 1 })
  if (isRecord(additionalProperties)) {
    yield* nodeCauses(additionalProperties, { path: `${path}.additionalProperties`, role: "values", depth: depth + 1 })
  }
}
