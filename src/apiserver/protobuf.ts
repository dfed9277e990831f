import { definitionName } from "./builtin-data.ts"
import messagesText from "./data/protobuf.json" with { type: "text" }
import { type Message, ProtobufReader } from "./protobuf-reader.ts"

const magic = [0x6b, 0x38, 0x73, 0x00] // "k8s" and a zero
const depthMax = 100

/** How a field is read: into which member, as what, how often. */
interface Field {
  readonly name: string
  readonly type: string
  readonly form: "inline" | "map" | "one" | "repeated"
}

type Fields = ReadonlyMap<number, Field>

interface Messages {
  readonly names: readonly string[]
  readonly byName: ReadonlyMap<string, Fields>
}

let messages: Messages | undefined

const forms: Readonly<Record<string, Field["form"]>> = { "[": "repeated", "{": "map", "^": "inline" }

function known(): Messages {
  messages ??= parse(JSON.parse(String(messagesText)))
  return messages
}

function parse(rows: readonly (readonly string[])[]): Messages {
  const byName = rows.map(([name = "", ...fields]) => {
    const parsed = fields.map((text): [number, Field] => {
      const [number, member = "", type = ""] = text.split(" ")
      const form = forms[type.charAt(0)]
      return [Number(number), { name: member, type: form === undefined ? type : type.slice(1), form: form ?? "one" }]
    })
    return [name, new Map(parsed)] as const
  })
  return { names: rows.map(([name = ""]) => name), byName: new Map(byName) }
}

/** Kinds of bodies that no resource stores. */
const sent: Readonly<Record<string, string>> = {
  DeleteOptions: "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions",
  Scale: "io.k8s.api.autoscaling.v1.Scale",
  Eviction: "io.k8s.api.policy.v1.Eviction",
  TokenRequest: "io.k8s.api.authentication.v1.TokenRequest",
}

/**
 * An object in the protobuf form of the Kubernetes API as the value that its JSON would be. Throws for what is none.
 * Zero values that the sender's types always write are there: defaults and the rules of the kind drop them.
 */
export function decodeProtobuf(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  if (magic.some((byte, index) => bytes[index] !== byte))
    throw new Error("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]")
  const envelope = new ProtobufReader(bytes.subarray(4)).message()
  const header = new ProtobufReader(envelope.bytes(1)).message()
  const [apiVersion, kind] = [header.text(1), header.text(2)]
  const name = definitionName(apiVersion, kind) ?? sent[kind]
  const fields = name === undefined ? undefined : known().byName.get(name)
  if (fields === undefined) throw new Error(`no kind "${kind}" is registered for version "${apiVersion}"`)
  const value = structOf(new ProtobufReader(envelope.bytes(2)).message(), fields, 0)
  return { ...value, apiVersion, kind }
}

function structOf(message: Message, fields: Fields, depth: number): Record<string, unknown> {
  if (depth > depthMax) throw new Error("the message is nested too deep")
  const result: Record<string, unknown> = {}
  for (const [number, { name, type, form }] of fields) {
    const raw = message.all(number)
    // The one member of all headers whose absence is more than a zero.
    if (raw.length === 0 || (name === "subresource" && bytesOf(raw[0] ?? 0n).length === 0)) continue
    const values = raw.map((one) => (form === "map" ? one : decodeValue(one, type, depth)))
    if (form === "inline") Object.assign(result, values.at(-1))
    else if (form === "repeated") result[name] = values
    else if (form === "map") result[name] = mapOf(raw, type, depth)
    else if (values.at(-1) !== undefined) result[name] = values.at(-1)
  }
  return result
}

function mapOf(raw: readonly (bigint | Uint8Array)[], type: string, depth: number): unknown {
  const entries = raw.map((one) => {
    const entry = new ProtobufReader(bytesOf(one)).message()
    const value = entry.all(2).at(-1)
    return [entry.text(1), value === undefined ? emptyOf(type) : decodeValue(value, type, depth)] as const
  })
  return Object.fromEntries(entries)
}

function emptyOf(type: string): unknown {
  return type === "string" || type === "bytes" ? "" : {}
}

function bytesOf(raw: bigint | Uint8Array): Uint8Array {
  if (typeof raw === "bigint") throw new Error("a number stands where a message should")
  return raw
}

function decodeValue(raw: bigint | Uint8Array, type: string, depth: number): unknown {
  switch (type) {
    case "string":
      return new TextDecoder().decode(bytesOf(raw))
    case "bytes":
      return Buffer.from(bytesOf(raw)).toString("base64")
    case "bool":
      return raw !== 0n
    case "double":
      return new DataView(bytesOf(raw).slice().buffer).getFloat64(0, true)
    case "int32":
    case "int64":
      return typeof raw === "bigint" ? Number(BigInt.asIntN(64, raw)) : undefined
    case "uint32":
    case "uint64":
      return Number(raw)
    default: {
      const name = known().names[Number(type)] ?? ""
      if (name === schemaName) return schemaOf(bytesOf(raw), depth)
      const message = new ProtobufReader(bytesOf(raw)).message()
      const special = specials[name.slice(name.lastIndexOf(".") + 1)]
      if (special !== undefined) return special(message, depth)
      return structOf(message, known().byName.get(name) ?? new Map(), depth + 1)
    }
  }
}

type Special = (message: Message, depth: number) => unknown

/** Types whose JSON is not that of a struct. */
const specials: Readonly<Record<string, Special>> = {
  Time: (message) => timeOf(message, false),
  MicroTime: (message) => timeOf(message, true),
  Quantity: (message) => message.text(1),
  IntOrString: (message) => (message.number(1) === 1 ? message.text(3) : message.number(2)),
  RawExtension: rawJson,
  FieldsV1: rawJson,
  JSON: rawJson,
  ExtraValue: (message) => message.all(1).map((item) => new TextDecoder().decode(bytesOf(item))),
  JSONSchemaPropsOrBool: (message, depth) => schemaAt(message, 2, depth) ?? message.number(1) === 1,
  JSONSchemaPropsOrArray: (message, depth) =>
    schemaAt(message, 1, depth) ?? message.all(2).map((item) => schemaOf(bytesOf(item), depth)),
  JSONSchemaPropsOrStringArray: (message, depth) =>
    schemaAt(message, 1, depth) ?? message.all(2).map((item) => new TextDecoder().decode(bytesOf(item))),
}

function rawJson(message: Message): unknown {
  const text = message.text(1)
  return text === "" ? undefined : JSON.parse(text)
}

function timeOf(message: Message, isFine: boolean): string | undefined {
  if (message.all(1).length === 0) return undefined
  const seconds = message.number(1)
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19)
  if (!isFine) return `${whole}Z`
  return `${whole}.${String(Math.floor(message.number(2) / 1000)).padStart(6, "0")}Z`
}

const schemaName = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps"

function schemaAt(message: Message, number: number, depth: number): unknown {
  const raw = message.all(number).at(-1)
  return raw === undefined ? undefined : schemaOf(bytesOf(raw), depth)
}

// A schema leaves out whatever says nothing.
function schemaOf(bytes: Uint8Array, depth: number): unknown {
  const schema = structOf(new ProtobufReader(bytes).message(), known().byName.get(schemaName) ?? new Map(), depth + 1)
  return Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== "" && value !== false))
}
