import { isRecord, type Schema } from "../kube/mod.ts"
import { escapeName } from "./cel-values.ts"

/** What is known of a value before a rule runs. */
export type CelShape =
  | { readonly kind: "any" }
  | { readonly kind: "plain"; readonly name: string }
  | { readonly kind: "list"; readonly of: CelShape }
  | { readonly kind: "map"; readonly of: CelShape }
  | { readonly kind: "optional"; readonly of: CelShape }
  | { readonly kind: "object"; readonly fields: ReadonlyMap<string, Schema> }

/** Nothing is known. */
export const any: CelShape = { kind: "any" }

/** A shape without parts: `int`, `string` ... */
export function plain(name: string): CelShape {
  return { kind: "plain", name }
}

const text: Schema = { type: "string" }
const names: Schema = { type: "object", properties: { name: text, generateName: text } }

/** The shape of what a schema describes; undefined where rules cannot see it. */
export function shapeOf(schema: Schema, isRoot = false): CelShape | undefined {
  if (schema["x-kubernetes-int-or-string"] === true) return any
  switch (schema.type) {
    case "string":
      return plain(formats[schema.format ?? ""] ?? "string")
    case "integer":
      return plain("int")
    case "number":
      return plain("double")
    case "boolean":
      return plain("bool")
    case "array": {
      const of = schema.items && shapeOf(schema.items)
      return of && { kind: "list", of }
    }
    case "object":
      return objectShape(schema, isRoot)
    default:
      return undefined
  }
}

const formats: Readonly<Record<string, string>> = {
  byte: "bytes",
  date: "timestamp",
  "date-time": "timestamp",
  duration: "duration",
}

function objectShape(schema: Schema, isRoot: boolean): CelShape | undefined {
  const { additionalProperties } = schema
  if (isRecord(additionalProperties)) {
    const of = shapeOf(additionalProperties)
    return of && { kind: "map", of }
  }
  const fields = new Map<string, Schema>()
  const isObject = isRoot || schema["x-kubernetes-embedded-resource"] === true
  const header: Readonly<Record<string, Schema>> = isObject ? { apiVersion: text, kind: text, metadata: names } : {}
  for (const [key, member] of Object.entries({ ...schema.properties, ...header })) {
    const name = escapeName(key)
    if (name !== undefined && shapeOf(member) !== undefined) fields.set(name, member)
  }
  return { kind: "object", fields }
}

/** A shape as messages spell it. */
export function shapeName(shape: CelShape): string {
  switch (shape.kind) {
    case "any":
      return "dyn"
    case "plain":
      return shape.name
    case "list":
      return `list(${shapeName(shape.of)})`
    case "map":
      return `map(string, ${shapeName(shape.of)})`
    case "optional":
      return `optional_type(${shapeName(shape.of)})`
    case "object":
      return "object"
  }
}

/** Whether a value of one shape may be one of another. */
export function fits(a: CelShape, b: CelShape): boolean {
  if (a.kind === "any" || b.kind === "any") return true
  if (a.kind === "plain" && b.kind === "plain") return a.name === b.name
  if (a.kind === "list" && b.kind === "list") return fits(a.of, b.of)
  if (a.kind === "map" && b.kind === "map") return fits(a.of, b.of)
  if (a.kind === "optional" && b.kind === "optional") return fits(a.of, b.of)
  const isKeyed = (shape: CelShape) => shape.kind === "object" || shape.kind === "map"
  return isKeyed(a) && isKeyed(b)
}

// What the functions that are mistaken most take and give: target, arguments, result.
const table = `
string.startsWith(string):bool string.endsWith(string):bool string.contains(string):bool string.matches(string):bool
string.size():int bytes.size():int list.size():int map.size():int string.lowerAscii():string string.upperAscii():string
string.trim():string string.charAt(int):string string.substring(int):string string.substring(int,int):string
string.replace(string,string):string string.replace(string,string,int):string string.split(string):list
string.split(string,int):list string.indexOf(string):int string.indexOf(string,int):int string.lastIndexOf(string):int
list.indexOf(any):int list.lastIndexOf(any):int list.isSorted():bool list.join():string list.join(string):string
string.find(string):string string.findAll(string):list string.findAll(string,int):list string.format(list):string
isURL(string):bool isIP(string):bool isCIDR(string):bool isQuantity(string):bool matches(string,string):bool
string(any):string int(any):int double(any):double bool(any):bool uint(any):uint bytes(any):bytes
timestamp(any):timestamp duration(any):duration size(string):int size(bytes):int size(list):int size(map):int
`

interface Signature {
  readonly target: string | undefined
  readonly args: readonly string[]
  readonly result: CelShape
}

const signatures = new Map<string, Signature[]>()
for (const [, target, name = "", args = "", result = ""] of table.matchAll(/(?:(\w+)\.)?(\w+)\(([^)]*)\):(\w+)/g)) {
  const key = `${target === undefined ? "" : "."}${name}`
  const shape: CelShape = result === "list" ? { kind: "list", of: any } : plain(result)
  const one = { target, args: args === "" ? [] : args.split(","), result: shape }
  signatures.set(key, [...(signatures.get(key) ?? []), one])
}

/** What a function gives for these shapes: "unknown" when the table does not tell, undefined when it cannot take them. */
export function resultOf(name: string, target: CelShape | undefined, args: readonly CelShape[]): CelShape | undefined {
  const all = signatures.get(name)
  if (all === undefined) return any
  const isOne = (shape: CelShape, wanted: string): boolean => {
    if (shape.kind === "any" || wanted === "any") return true
    return shape.kind === "plain" ? shape.name === wanted : shape.kind === wanted
  }
  const found = all.find(
    (one) =>
      one.args.length === args.length &&
      (target === undefined || one.target === undefined || isOne(target, one.target)) &&
      args.every((arg, i) => isOne(arg, one.args[i] ?? "any")),
  )
  return found?.result
}
