import { apiVersionOf, type Gvk } from "../gvk.ts"
import { isRecord, type KubeObject } from "../object.ts"

/** A structural OpenAPI v3 schema, as CRDs carry it and as the API server publishes it for its own kinds. */
export interface Schema {
  readonly type?: string
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly additionalProperties?: Schema | boolean
  readonly allOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly not?: Schema
  readonly required?: readonly string[]
  readonly enum?: readonly unknown[]
  readonly format?: string
  readonly pattern?: string
  readonly nullable?: boolean
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: boolean
  readonly exclusiveMaximum?: boolean
  readonly multipleOf?: number
  readonly minProperties?: number
  readonly maxProperties?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly $ref?: string
  readonly "x-kubernetes-int-or-string"?: boolean
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean
  readonly "x-kubernetes-embedded-resource"?: boolean
  readonly "x-kubernetes-list-type"?: string
  readonly "x-kubernetes-list-map-keys"?: readonly string[]
  readonly "x-kubernetes-map-type"?: string
  readonly "x-kubernetes-validations"?: readonly unknown[]
  readonly "x-kubernetes-patch-merge-key"?: string
  readonly "x-kubernetes-patch-strategy"?: string
  /** Set on the definitions of `schemaSet`: a type of the server itself, which drops zero values and fills unlisted defaults. */
  readonly "x-ork-builtin"?: boolean
}

/** The schemas of a server's kinds, by kind. */
export interface SchemaSet {
  /** The schema of a kind's whole object. */
  root(gvk: Gvk): Schema | undefined
  /** Follows `$ref` (and an `allOf` around one); an unknown name gives a schema that allows anything. */
  resolve(schema: Schema): Schema
}

/** Something wrong with one field of a value. */
export interface FieldError {
  /** `spec.ports[0].port`; "" is the value itself. */
  readonly path: string
  readonly message: string
}

/** Deepest nesting that the walks over values follow. */
export const depthMax = 100

/** The definition of every object's `metadata`. */
export const objectMetaName = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"

/** Allows every value. */
export const anything: Schema = { "x-kubernetes-preserve-unknown-fields": true }

const objectHeader: Readonly<Record<string, Schema>> = {
  apiVersion: { type: "string" },
  kind: { type: "string" },
  metadata: { $ref: objectMetaName },
}

/** A set over definitions by name; `kinds` maps `apps/v1/Deployment` to a definition's name. */
export function schemaSet(
  kinds: Readonly<Record<string, string>>,
  definitions: Readonly<Record<string, Schema>>,
): SchemaSet {
  const marked = new Map<string, Schema>()
  const named = (name: string): Schema | undefined => {
    const known = marked.get(name)
    if (known !== undefined || !Object.hasOwn(definitions, name)) return known
    const schema: Schema = { ...definitions[name], "x-ork-builtin": true }
    marked.set(name, schema)
    return schema
  }
  const resolve = (schema: Schema): Schema => {
    let at = schema
    // The limit only ends a cycle of references; real chains have one step.
    for (let hops = 0; hops < 8; hops++) {
      const ref: string | undefined = at.$ref ?? at.allOf?.find((part) => part.$ref !== undefined)?.$ref
      if (ref === undefined) return at
      at = named(ref) ?? anything
    }
    return anything
  }
  return {
    root(gvk) {
      const kind = `${apiVersionOf(gvk)}/${gvk.kind}`
      const schema = Object.hasOwn(kinds, kind) ? named(kinds[kind] ?? "") : undefined
      return schema && resolve(schema)
    },
    resolve,
  }
}

/** `set` with the kinds of `crds` as well, in all their versions. */
export function withCrds(set: SchemaSet, crds: readonly KubeObject[]): SchemaSet {
  const roots = new Map<string, Schema>()
  for (const crd of crds) {
    const spec = isRecord(crd["spec"]) ? crd["spec"] : {}
    const names = isRecord(spec["names"]) ? spec["names"] : {}
    for (const version of versionsOf(crd)) {
      const schema = crdSchema(crd, String(version["name"]))
      if (schema) roots.set(`${spec["group"]}/${version["name"]}/${names["kind"]}`, schema)
    }
  }
  return { root: (gvk) => roots.get(`${apiVersionOf(gvk)}/${gvk.kind}`) ?? set.root(gvk), resolve: set.resolve }
}

/** The schema of one version of a CRD, with the header of every object; undefined when absent or malformed. */
export function crdSchema(crd: KubeObject, version: string): Schema | undefined {
  const found = versionsOf(crd).find((v) => v["name"] === version)
  const holder = found?.["schema"]
  const schema = isRecord(holder) ? holder["openAPIV3Schema"] : undefined
  if (!isSchema(schema, 0)) return undefined
  return { ...schema, type: "object", properties: { ...schema.properties, ...objectHeader } }
}

/** True when that version's status is written through `/status`. */
export function hasStatusSubresource(crd: KubeObject, version: string): boolean {
  const subresources = versionsOf(crd).find((v) => v["name"] === version)?.["subresources"]
  return isRecord(subresources) && isRecord(subresources["status"])
}

/** The schema of one member of an object; undefined when the object is closed and has no such member. */
export function memberOf(schema: Schema, key: string): Schema | undefined {
  const own = schema.properties && Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined
  if (own !== undefined) return own
  if (schema["x-kubernetes-embedded-resource"] && Object.hasOwn(objectHeader, key)) return objectHeader[key]
  if (typeof schema.additionalProperties === "object") return schema.additionalProperties
  if (schema.additionalProperties === true || schema["x-kubernetes-preserve-unknown-fields"]) return anything
  // The server's own types without members (RawExtension, FieldsV1) hold anything; in a CRD such an object is empty.
  const untyped = schema.type === undefined || schema["x-ork-builtin"] === true
  return schema.properties === undefined && untyped ? anything : undefined
}

/** What a schema asks for, with Kubernetes' own scalar types told apart. */
export type SchemaType =
  | "any"
  | "array"
  | "boolean"
  | "int-or-string"
  | "integer"
  | "number"
  | "object"
  | "quantity"
  | "string"

/** The type that values under a resolved schema have. */
export function schemaType(schema: Schema): SchemaType {
  if (schema["x-kubernetes-int-or-string"] || schema.format === "int-or-string") return "int-or-string"
  switch (schema.type) {
    case "string":
      return schema.format === "quantity" ? "quantity" : "string"
    case "array":
    case "boolean":
    case "integer":
    case "number":
    case "object":
      return schema.type
    default:
      if (schema.properties || typeof schema.additionalProperties === "object") return "object"
      return schema.items ? "array" : "any"
  }
}

function versionsOf(crd: KubeObject): readonly Readonly<Record<string, unknown>>[] {
  const spec = crd["spec"]
  const versions = isRecord(spec) ? spec["versions"] : undefined
  return Array.isArray(versions) ? versions.filter(isRecord) : []
}

/** Checks what the walks rely on, so that a malformed CRD is "no schema" and never a crash. */
function isSchema(value: unknown, depth: number): value is Schema {
  if (!isRecord(value) || depth > depthMax) return false
  const { type, properties, items, additionalProperties: extra, $ref } = value
  const keys = value["x-kubernetes-list-map-keys"]
  return (
    $ref === undefined &&
    (type === undefined || typeof type === "string") &&
    (properties === undefined ||
      (isRecord(properties) && Object.values(properties).every((p) => isSchema(p, depth + 1)))) &&
    (items === undefined || isSchema(items, depth + 1)) &&
    (extra === undefined || typeof extra === "boolean" || isSchema(extra, depth + 1)) &&
    [value["allOf"], value["required"], value["enum"], keys].every((l) => l === undefined || Array.isArray(l))
  )
}
