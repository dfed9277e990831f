import { isRecord, type Schema } from "../kube/mod.ts"
import { escapeName } from "./cel-values.ts"
import { depthMax } from "./crd-complete.ts"

/** What a schema says about the values of a rule, as far as their size goes. */
export interface Declaration {
  readonly kind: "list" | "map" | "object" | "text" | "bytes" | "dyn" | "scalar" | "opaque"
  /** The fewest bytes that one takes as JSON. */
  readonly bytesMin: number
  /** The most items, members or characters. */
  readonly sizeMax: number
  /** Of lists and maps. */
  readonly of?: Declaration
  /** Of objects, by the names that rules use. */
  readonly fields?: ReadonlyMap<string, Declaration>
}

/** Bytes of the largest object that rules are reckoned with. */
export const requestBytesMax = 3 * 1024 * 1024

const key: Declaration = { kind: "text", bytesMin: 2, sizeMax: 0 }
const times: Readonly<Record<string, readonly [bytesMin: number, sizeMax: number]>> = {
  date: [12, 12],
  "date-time": [21, 32],
  duration: [4, 32],
}

/** The declaration of a schema; undefined where rules see nothing. */
export function declarationOf(schema: Schema, isRoot = false, depth = 0): Declaration | undefined {
  if (depth > depthMax) return undefined
  if (schema["x-kubernetes-int-or-string"] === true) {
    return { kind: "dyn", bytesMin: 1, sizeMax: textMax(schema) }
  }
  switch (schema.type) {
    case "array":
      return listDeclaration(schema, depth)
    case "object":
      return isRecord(schema.additionalProperties)
        ? mapDeclaration(schema, schema.additionalProperties, depth)
        : objectDeclaration(schema, isRoot || schema["x-kubernetes-embedded-resource"] === true, depth)
    case "string":
      return textDeclaration(schema)
    case "boolean":
      return { kind: "scalar", bytesMin: 4, sizeMax: 0 }
    case "number":
    case "integer":
      return { kind: "scalar", bytesMin: 1, sizeMax: 0 }
    default:
      return undefined
  }
}

function listDeclaration({ items, maxItems }: Schema, depth: number): Declaration | undefined {
  const of = items && declarationOf(items, false, depth + 1)
  if (of === undefined) return undefined
  const sizeMax = maxItems ?? Math.floor((requestBytesMax - 2) / (of.bytesMin + 1))
  return { kind: "list", bytesMin: 2, sizeMax, of }
}

function mapDeclaration({ maxProperties }: Schema, members: Schema, depth: number): Declaration | undefined {
  const of = declarationOf(members, false, depth + 1)
  if (of === undefined) return undefined
  const sizeMax = maxProperties ?? Math.floor((requestBytesMax - 2) / (of.bytesMin + 6))
  return { kind: "map", bytesMin: 2, sizeMax, of }
}

function objectDeclaration(schema: Schema, isObject: boolean, depth: number): Declaration {
  const text: Schema = { type: "string" }
  const metadata: Schema = { type: "object", properties: { name: text, generateName: text } }
  const header: Readonly<Record<string, Schema>> = isObject ? { apiVersion: text, kind: text, metadata } : {}
  const fields = new Map<string, Declaration>()
  let bytesMin = 2
  for (const [name, member] of Object.entries({ ...schema.properties, ...header })) {
    const declared = declarationOf(member, false, depth + 1)
    if (declared === undefined) continue
    const escaped = escapeName(name)
    if (escaped !== undefined) fields.set(escaped, declared)
    const isNeeded = schema.required?.includes(name) === true && member.default === undefined
    if (isNeeded) bytesMin += name.length + declared.bytesMin + 4
  }
  return { kind: "object", bytesMin, sizeMax: 0, fields }
}

function textDeclaration(schema: Schema): Declaration {
  const { format = "", enum: values, maxLength } = schema
  const time = Object.hasOwn(times, format) ? times[format] : undefined
  if (time !== undefined) return { kind: "scalar", bytesMin: time[0], sizeMax: time[1] }
  if (format === "byte") return { kind: "bytes", bytesMin: 2, sizeMax: maxLength ?? requestBytesMax - 2 }
  const longest = maxLength === undefined && Array.isArray(values) && values.length > 0
  const sizeMax = longest ? Math.max(...values.map((value) => String(value).length)) : textMax(schema)
  return { kind: "text", bytesMin: 2, sizeMax }
}

// Of a character, four bytes are the most.
function textMax({ maxLength }: Schema): number {
  return maxLength === undefined ? requestBytesMax - 2 : Math.max(0, maxLength) * 4
}

/** What is at the end of a path, whose first step is the root; undefined where nothing is declared. */
export function declaredAt(root: Declaration, path: readonly string[]): Declaration | undefined {
  let at: Declaration | undefined = root
  for (const step of path.slice(1)) {
    if (at === undefined) return undefined
    if (step === "@keys") at = at.kind === "map" ? key : undefined
    else at = step === "@items" || step === "@values" ? at.of : at.fields?.get(step)
  }
  return at
}

/** How often something may be there that is in a list or a map without a bound. */
export function repetitions({ bytesMin }: Declaration): number {
  return Math.floor(requestBytesMax / (bytesMin + 1))
}
