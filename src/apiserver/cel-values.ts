import { isRecord, type Schema } from "../kube/mod.ts"
import { depthMax } from "./crd-complete.ts"

/** Something that went wrong while a rule ran; the message is what the API server's users read. */
export class CelFault extends Error {}

/** `uint`. */
export class CelUint {
  constructor(readonly value: bigint) {}
}

/** `google.protobuf.Timestamp`. */
export class CelTime {
  constructor(readonly nanos: bigint) {}
}

/** `google.protobuf.Duration`. */
export class CelDuration {
  constructor(readonly nanos: bigint) {}
}

/** `optional_type`; undefined is none. */
export class CelOptional {
  constructor(readonly value: unknown) {}
}

/** An object of a named type: `Object.spec`. */
export class CelStruct extends Map<unknown, unknown> {
  constructor(
    readonly type: string,
    fields: Iterable<readonly [string, unknown]>,
  ) {
    super(fields)
  }
}

/** A type as a value. */
export class CelType {
  constructor(readonly name: string) {}
}

/** A value of a library: `kubernetes.Quantity`, `net.IP` ...; equal when their texts are. */
export class CelOpaque {
  constructor(
    readonly type: string,
    readonly text: string,
    readonly data: unknown,
  ) {}
}

const listSchemas = new WeakMap<readonly unknown[], Schema>()

/** Names that cannot be written in a rule, as they are written there. */
export function escapeName(name: string): string | undefined {
  if (reserved.has(name)) return `__${name}__`
  const text = name
    .replace(/__/g, "__underscores__")
    .replace(/\./g, "__dot__")
    .replace(/-/g, "__dash__")
    .replace(/\//g, "__slash__")
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(text) ? text : undefined
}

const reserved = new Set(
  "true false null in as break const continue else for function if import let loop package namespace return var void while".split(
    " ",
  ),
)

/** A JSON value as rules see it under its schema. */
export function toCel(value: unknown, schema: Schema | undefined, depth = 0): unknown {
  if (depth > depthMax) throw new CelFault("the object is nested too deeply")
  if (typeof value === "number") {
    return schema?.type === "number" || !Number.isInteger(value) ? value : BigInt(value)
  }
  if (typeof value === "string") return fromText(value, schema)
  if (Array.isArray(value)) {
    const list = value.map((item) => toCel(item, schema?.items, depth + 1))
    if (schema !== undefined) listSchemas.set(list, schema)
    return list
  }
  if (!isRecord(value)) return value
  const { properties, additionalProperties } = schema ?? {}
  const map = new Map<unknown, unknown>()
  for (const [key, child] of Object.entries(value)) {
    const named = properties && Object.hasOwn(properties, key) ? properties[key] : undefined
    const extra = typeof additionalProperties === "object" ? additionalProperties : undefined
    const isDeclared = named !== undefined || schema?.type === undefined || properties !== undefined
    const name = named === undefined && extra !== undefined ? key : isDeclared ? escapeName(key) : key
    if (name !== undefined) map.set(name, toCel(child, named ?? extra, depth + 1))
  }
  return map
}

function fromText(value: string, schema: Schema | undefined): unknown {
  if (schema?.["x-kubernetes-int-or-string"] === true) return value
  switch (schema?.format) {
    case "date-time":
      return parseTime(value) ?? value
    case "date":
      return parseTime(`${value}T00:00:00Z`) ?? value
    case "duration":
      return parseGoDuration(value) ?? value
    case "byte":
      return Uint8Array.from(Buffer.from(value, "base64"))
    default:
      return value
  }
}

/** RFC 3339 to a time. */
export function parseTime(text: string): CelTime | undefined {
  const match = /^(\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2})(?:\.(\d{1,9})\d*)?([Zz]|[+-]\d{2}:\d{2})$/.exec(text)
  if (match === null) return undefined
  const ms = Date.parse(`${match[1]}${match[3]}`)
  if (Number.isNaN(ms)) return undefined
  return new CelTime(BigInt(ms) * 1_000_000n + BigInt((match[2] ?? "").padEnd(9, "0")))
}

const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}

/** `1h30m` to a length of time. */
export function parseGoDuration(text: string): CelDuration | undefined {
  const body = text.replace(/^[+-]/, "")
  if (body === "0") return new CelDuration(0n)
  if (!/^((\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h))+$/.test(body)) return undefined
  let nanos = 0n
  for (const [, whole = "", fraction = "", unit = ""] of body.matchAll(/(\d*)\.?(\d*)(ns|us|µs|ms|s|m|h)/g)) {
    const size = units[unit] ?? 0n
    nanos += BigInt(whole || "0") * size + (BigInt(fraction || "0") * size) / 10n ** BigInt(fraction.length)
  }
  return new CelDuration(text.startsWith("-") ? -nanos : nanos)
}

/** The name of a value's type, as CEL spells it. */
export function typeNameOf(value: unknown): string {
  if (value === null) return "null_type"
  switch (typeof value) {
    case "bigint":
      return "int"
    case "number":
      return "double"
    case "boolean":
      return "bool"
    case "string":
      return "string"
    default:
  }
  if (Array.isArray(value)) return "list"
  if (value instanceof CelStruct) return value.type
  if (value instanceof Map) return "map"
  if (value instanceof CelUint) return "uint"
  if (value instanceof Uint8Array) return "bytes"
  if (value instanceof CelTime) return "google.protobuf.Timestamp"
  if (value instanceof CelDuration) return "google.protobuf.Duration"
  if (value instanceof CelOptional) return "optional_type"
  return value instanceof CelOpaque ? value.type : "type"
}

/** Any whole or broken number as the one that is compared. */
export function numberOf(value: unknown): bigint | number | undefined {
  if (typeof value === "bigint" || typeof value === "number") return value
  return value instanceof CelUint ? value.value : undefined
}

/** Whether two values are the same; numbers of different types may be. */
export function celEquals(a: unknown, b: unknown): boolean {
  const [left, right] = [numberOf(a), numberOf(b)]
  // biome-ignore lint/suspicious/noDoubleEquals: 3 and 3.0 are equal in CEL
  if (left !== undefined && right !== undefined) return left == right
  if (Array.isArray(a) && Array.isArray(b)) return sameList(a, b)
  if (a instanceof Map && b instanceof Map) {
    return a.size === b.size && [...a].every(([key, value]) => b.has(key) && celEquals(value, b.get(key)))
  }
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0
  if (a instanceof CelTime && b instanceof CelTime) return a.nanos === b.nanos
  if (a instanceof CelDuration && b instanceof CelDuration) return a.nanos === b.nanos
  if (a instanceof CelType && b instanceof CelType) return a.name === b.name
  if (a instanceof CelOpaque && b instanceof CelOpaque) return a.type === b.type && a.text === b.text
  if (a instanceof CelOptional && b instanceof CelOptional) {
    if (a.value === undefined || b.value === undefined) return a.value === b.value
    return celEquals(a.value, b.value)
  }
  return a === b
}

// Lists that are sets or maps to the API server do not care about their order.
function sameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false
  const type = (listSchemas.get(a) ?? listSchemas.get(b))?.["x-kubernetes-list-type"]
  if (type === "set" || type === "map") return a.every((item) => b.some((other) => celEquals(item, other)))
  return a.every((item, i) => celEquals(item, b[i]))
}

/** Two lists as one: sets stay sets, and in lists that are maps the second wins. */
export function concatLists(a: readonly unknown[], b: readonly unknown[]): readonly unknown[] {
  const schema = listSchemas.get(a)
  const type = schema?.["x-kubernetes-list-type"]
  if (schema === undefined || (type !== "set" && type !== "map")) return [...a, ...b]
  const keys = schema["x-kubernetes-list-map-keys"] ?? []
  const isSame = (x: unknown, y: unknown) =>
    type === "set"
      ? celEquals(x, y)
      : x instanceof Map && y instanceof Map && keys.every((key) => celEquals(x.get(key), y.get(key)))
  const kept = a.map((item) => b.find((other) => isSame(item, other)) ?? item)
  const joined = [...kept, ...b.filter((item) => !a.some((other) => isSame(item, other)))]
  listSchemas.set(joined, schema)
  return joined
}

/** Below, equal, above; undefined where values have no order. */
export function celCompare(a: unknown, b: unknown): number | undefined {
  const [left, right] = [numberOf(a), numberOf(b)]
  if (left !== undefined && right !== undefined) return left < right ? -1 : left > right ? 1 : 0
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : a > b ? 1 : 0
  if (typeof a === "boolean" && typeof b === "boolean") return Number(a) - Number(b)
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b)
  const isTimes = a instanceof CelTime && b instanceof CelTime
  const isLengths = a instanceof CelDuration && b instanceof CelDuration
  if (isTimes || isLengths) return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0
  return undefined
}
