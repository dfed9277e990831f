import { isRecord } from "../kube/mod.ts"

/** How one member of a message is written. */
type Field = readonly [number: number, as: Writing]
type Writing =
  | "text"
  | "texts"
  | "boolean"
  | "integer"
  | "double"
  | "any"
  | "anys"
  | ((value: unknown) => Bytes | undefined)

/** The members of a message by their names in JSON; `more` is the number under which `x-` members are collected. */
interface Message {
  readonly fields: Readonly<Record<string, Field>>
  readonly more?: number
}

type Bytes = Uint8Array<ArrayBuffer>

const utf8 = new TextEncoder()
const empty = new Uint8Array()

function varint(value: number): Bytes {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  do {
    const low = Number(rest & 127n)
    rest >>= 7n
    bytes.push(rest === 0n ? low : low | 128)
  } while (rest !== 0n)
  return Uint8Array.from(bytes)
}

function joined(parts: readonly Bytes[]): Bytes {
  return Buffer.concat(parts)
}

function sized(number: number, bytes: Bytes): Bytes {
  return joined([varint(number * 8 + 2), varint(bytes.length), bytes])
}

function text(number: number, value: unknown): Bytes {
  return sized(number, utf8.encode(String(value)))
}

// Any value is YAML text; JSON is that too.
function any(value: unknown): Bytes {
  return text(2, JSON.stringify(value))
}

function double(number: number, value: number): Bytes {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setFloat64(0, value, true)
  return joined([varint(number * 8 + 1), bytes])
}

function written([number, as]: Field, value: unknown): Bytes {
  switch (as) {
    case "text":
      return text(number, value)
    case "texts":
      return joined(listOf(value).map((one) => text(number, one)))
    case "boolean":
      return joined([varint(number * 8), varint(value === true ? 1 : 0)])
    case "integer":
      return joined([varint(number * 8), varint(Math.trunc(Number(value)))])
    case "double":
      return double(number, Number(value))
    case "any":
      return sized(number, any(value))
    case "anys":
      return joined(listOf(value).map((one) => sized(number, any(one))))
    default: {
      const bytes = as(value)
      return bytes === undefined ? empty : sized(number, bytes)
    }
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value]
}

function message({ fields, more }: Message, value: unknown): Bytes {
  if (!isRecord(value)) return empty
  const parts: Bytes[] = []
  for (const [name, member] of Object.entries(value)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (field !== undefined) parts.push(written(field, member))
    else if (more !== undefined && name.startsWith("x-")) parts.push(sized(more, named(name, any(member))))
  }
  return joined(parts)
}

function named(name: string, value: Bytes): Bytes {
  return joined([text(1, name), sized(2, value)])
}

/** A map is a list of pairs. */
function pairs(number: number, of: (value: unknown) => Bytes): (value: unknown) => Bytes {
  return (value) =>
    joined(Object.entries(isRecord(value) ? value : {}).map(([name, one]) => sized(number, named(name, of(one)))))
}

const within =
  (...numbers: readonly number[]) =>
  (bytes: Bytes): Bytes =>
    numbers.reduceRight((inner, number) => sized(number, inner), bytes)

const schema = (value: unknown): Bytes => message(schemaMessage, value)

const schemaMessage: Message = {
  more: 31,
  fields: {
    $ref: [1, "text"],
    format: [2, "text"],
    title: [3, "text"],
    description: [4, "text"],
    default: [5, "any"],
    multipleOf: [6, "double"],
    maximum: [7, "double"],
    exclusiveMaximum: [8, "boolean"],
    minimum: [9, "double"],
    exclusiveMinimum: [10, "boolean"],
    maxLength: [11, "integer"],
    minLength: [12, "integer"],
    pattern: [13, "text"],
    maxItems: [14, "integer"],
    minItems: [15, "integer"],
    uniqueItems: [16, "boolean"],
    maxProperties: [17, "integer"],
    minProperties: [18, "integer"],
    required: [19, "texts"],
    enum: [20, "anys"],
    additionalProperties: [21, (value) => (isRecord(value) ? sized(1, schema(value)) : written([2, "boolean"], value))],
    type: [22, (value) => written([1, "texts"], value)],
    items: [23, (value) => sized(1, schema(value))],
    properties: [25, pairs(1, schema)],
  },
}

const parameter: Message = {
  more: 23,
  fields: {
    required: [1, "boolean"],
    in: [2, "text"],
    description: [3, "text"],
    name: [4, "text"],
    type: [6, "text"],
    uniqueItems: [20, "boolean"],
  },
}

const response: Message = {
  fields: { description: [1, "text"], schema: [2, (value) => sized(1, schema(value))] },
}

const operation: Message = {
  more: 13,
  fields: {
    parameters: [8, () => undefined],
    responses: [9, pairs(1, (value) => sized(1, message(response, value)))],
  },
}

/** All parameters are in the query here; each is one among four kinds. */
function operationBytes(value: unknown): Bytes {
  const parameters = isRecord(value) ? listOf(value["parameters"] ?? []) : []
  const wrapped = parameters.map((one) => sized(8, within(1, 2, 3)(message(parameter, one))))
  return joined([...wrapped, message(operation, value)])
}

const pathItem: Message = {
  more: 10,
  fields: Object.fromEntries(
    [["get", 2] as const, ["put", 3] as const, ["post", 4] as const, ["delete", 5] as const, ["patch", 8] as const].map(
      ([method, number]): [string, Field] => [method, [number, operationBytes]],
    ),
  ),
}

const document: Message = {
  fields: {
    swagger: [1, "text"],
    info: [2, (value) => message({ fields: { title: [1, "text"], version: [2, "text"] } }, value)],
    paths: [8, pairs(2, (value) => message(pathItem, value))],
    definitions: [9, pairs(1, schema)],
  },
}

/** An OpenAPI document of version 2 as protobuf, for older kubectl: what it looks for there. */
export function openApiProtobuf(value: unknown): Bytes {
  return message(document, value)
}
