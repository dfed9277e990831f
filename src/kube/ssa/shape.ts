import { err, ok, type Result } from "../../base/mod.ts"
import { isRecord } from "../object.ts"
import { anything, objectMetaName, type Schema, type SchemaSet } from "../schema/schema.ts"
import { keyStep, valueStep } from "./field-set.ts"

/** A schema at one place of an object, with what the places above decided for it. */
export interface Shape {
  /** Resolved: no reference. */
  readonly schema: Schema
  readonly set: SchemaSet
  /** The definition that the schema was referred to by. */
  readonly name: string | undefined
  /** Members that the schema does not name are allowed here and below. */
  readonly preserves: boolean
  readonly mapType: string | undefined
  /** The form of every value here, where the schema alone decides it. */
  readonly form: Form | undefined
  /** What the schema names. */
  readonly members: Readonly<Record<string, Schema>>
  readonly known: KnownShapes
}

/** The shapes of one set of schemas: each is made once, since every field of every write asks for its own. */
interface KnownShapes {
  readonly open: WeakMap<Schema, Shape>
  readonly closed: WeakMap<Schema, Shape>
}

const knownShapes = new WeakMap<SchemaSet, KnownShapes>()

/** How server-side apply sees a value: `keys` of a list are undefined for a set of scalars. */
export type Form =
  | { readonly kind: "scalar"; readonly type: "any" | "boolean" | "numeric" | "string" }
  | { readonly kind: "list"; readonly isAtomic: boolean; readonly keys: readonly string[] | undefined }
  | { readonly kind: "map"; readonly isAtomic: boolean }

/** The shape of a whole object; without a schema it allows anything. */
export function rootShape(schema: Schema | undefined, set: SchemaSet): Shape {
  let known = knownShapes.get(set)
  if (known === undefined) {
    known = { open: new WeakMap(), closed: new WeakMap() }
    knownShapes.set(set, known)
  }
  return shapeOf(schema ?? anything, { set, preserves: false, known })
}

function shapeOf(unresolved: Schema, { set, preserves, known }: Pick<Shape, "set" | "preserves" | "known">): Shape {
  const shapes = preserves ? known.open : known.closed
  const found = shapes.get(unresolved)
  if (found !== undefined) return found
  const name = unresolved.$ref ?? unresolved.allOf?.find((part) => part.$ref !== undefined)?.$ref
  const schema = set.resolve(unresolved)
  // What is raw is whole.
  const rawType = name?.endsWith("runtime.RawExtension") ? "atomic" : undefined
  const mapType = unresolved["x-kubernetes-map-type"] ?? schema["x-kubernetes-map-type"] ?? rawType
  const shape = {
    schema,
    set,
    name,
    // What is referred to starts anew.
    preserves: (name === undefined && preserves) || schema["x-kubernetes-preserve-unknown-fields"] === true,
    mapType,
    form: rawType === undefined ? typedForm(schema, mapType) : undefined,
    members: membersOf(schema),
    known,
  }
  shapes.set(unresolved, shape)
  return shape
}

/** The form of `value` under a shape. Where the schema has no type the value decides. */
export function formOf(shape: Shape, value: unknown): Form {
  if (shape.form !== undefined) return shape.form
  if (Array.isArray(value)) return listForm(shape.schema)
  if (value === null || value === undefined || isRecord(value)) return mapForm(shape.mapType)
  return { kind: "scalar", type: "any" }
}

function typedForm(schema: Schema, mapType: string | undefined): Form | undefined {
  switch (schema.type) {
    case "object":
      return mapForm(mapType)
    case "array":
      return listForm(schema)
    case "integer":
    case "number":
      return { kind: "scalar", type: "numeric" }
    case "boolean":
      return { kind: "scalar", type: "boolean" }
    case "string":
      return { kind: "scalar", type: [undefined, "", "byte"].includes(schema.format) ? "string" : "any" }
    default:
      return undefined
  }
}

function mapForm(mapType: string | undefined): Form {
  return { kind: "map", isAtomic: mapType === "atomic" }
}

function listForm(schema: Schema): Form {
  const type = schema["x-kubernetes-list-type"]
  const list = (isAtomic: boolean, keys?: readonly string[]): Form => ({ kind: "list", isAtomic, keys })
  if (type === "map") return list(false, schema["x-kubernetes-list-map-keys"])
  if (type !== undefined) return list(type !== "set")
  const mergeKey = schema["x-kubernetes-patch-merge-key"]
  const strategy = schema["x-kubernetes-patch-strategy"] ?? ""
  return list(!strategy.split(",").includes("merge"), mergeKey === undefined ? undefined : [mergeKey])
}

const embeddedHeader: Readonly<Record<string, Schema>> = {
  apiVersion: { type: "string" },
  kind: { type: "string" },
  metadata: { $ref: objectMetaName },
}

function membersOf(schema: Schema): Readonly<Record<string, Schema>> {
  const properties = schema.properties ?? {}
  return schema["x-kubernetes-embedded-resource"] ? { ...embeddedHeader, ...properties } : properties
}

/** The members that a schema names. */
export function namedMembers({ members }: Shape): Readonly<Record<string, Schema>> {
  return members
}

/** The shape of one member of a map; undefined when there is no such member. `isNamed`: the schema lists it. */
export function memberShape(
  shape: Shape,
  key: string,
): { readonly shape: Shape; readonly isNamed: boolean } | undefined {
  const named = namedMembers(shape)
  const own = Object.hasOwn(named, key) ? named[key] : undefined
  if (own !== undefined) return { shape: shapeOf(own, shape), isNamed: true }
  const extra = shape.schema.additionalProperties
  if (typeof extra === "object") return { shape: shapeOf(extra, shape), isNamed: false }
  const isOpen = extra ?? (shape.preserves || Object.keys(named).length === 0)
  return isOpen ? { shape: shapeOf(anything, { ...shape, preserves: true }), isNamed: false } : undefined
}

/** The shape of a list's items. */
export function itemShape(shape: Shape): Shape {
  return shapeOf(shape.schema.items ?? anything, shape)
}

/** What the server's own types have where a required member is left out. */
function zeroOf(key: string, { schema, members }: Shape): unknown {
  if (schema["x-ork-builtin"] !== true || schema.required?.includes(key) !== true) return undefined
  return { string: "", integer: 0 }[String(members[key]?.type)]
}

/** The step from a list that is not atomic to one of its items. */
export function stepTo(item: unknown, keys: readonly string[] | undefined, shape: Shape): Result<string, string> {
  if (keys === undefined || keys.length === 0) {
    if (item === null) return err("associative list without keys has an element that's an explicit null")
    if (isRecord(item)) return err("associative list without keys has an element that's a map type")
    if (Array.isArray(item)) return err("not supported: associative list with lists as elements")
    return ok(valueStep(item))
  }
  if (item === null) return err("associative list with keys may not have a null element")
  if (!isRecord(item)) return err("associative list with keys may not have non-map elements")
  const found: [string, unknown][] = []
  const named = namedMembers(shape)
  for (const key of keys) {
    const value = Object.hasOwn(item, key) ? item[key] : (named[key]?.default ?? zeroOf(key, shape))
    if (value !== undefined) found.push([key, value])
  }
  if (found.length > 0) return ok(keyStep(Object.fromEntries(found)))
  const names = keys.map((key) => JSON.stringify(key)).join(" ")
  return err(
    `associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`,
  )
}

/** The step to an item of a list that was checked before; undefined for an item that has none. */
export function stepOf(item: unknown, keys: readonly string[] | undefined, shape: Shape): string | undefined {
  const step = stepTo(item, keys, shape)
  return step.ok ? step.value : undefined
}
