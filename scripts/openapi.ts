/** What both generators of schemas do with a server's OpenAPI documents. */
import type { ControlPlane } from "../tests/cluster/control-plane.ts"

/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** A JSON object: a schema, or a map of schemas. */
export type Schema = { readonly [key: string]: Json }

const keptKeys = new Set(["type", "properties", "items", "additionalProperties", "required", "enum", "format"])

/** Definitions whose OpenAPI form says less than is known about them. */
const replaced: Readonly<Record<string, Schema>> = {
  "io.k8s.apimachinery.pkg.api.resource.Quantity": { type: "string", format: "quantity" },
  "io.k8s.apimachinery.pkg.util.intstr.IntOrString": { "x-kubernetes-int-or-string": true },
  "io.k8s.apimachinery.pkg.apis.meta.v1.Time": { type: "string", format: "date-time" },
  "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": { type: "string", format: "date-time" },
}

/** How much of a schema is kept. */
export interface SlimOptions {
  /** Keeps what stands beside a reference: patch strategies, map types, defaults. */
  readonly keepsBeside: boolean
}

/** True for a JSON object. */
export function isObject(value: Json | undefined): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** The schema without prose, examples and zero defaults; `allOf` of one reference becomes `$ref` with the bare name. */
export function slim(schema: Schema, options: SlimOptions): Schema {
  const ref = refOf(schema)
  if (ref !== undefined && !options.keepsBeside) return { $ref: ref }
  const slimValue = (value: Json) => (isObject(value) ? slim(value, options) : value)
  const kept = Object.entries(schema).flatMap(([key, value]): [string, Json][] => {
    if (key === "properties" && isObject(value)) return [[key, sorted(mapValues(value, slimValue))]]
    if (key === "items" || key === "additionalProperties") return [[key, slimValue(value)]]
    if (key === "default") return value === "" || value === 0 || typeof value === "object" ? [] : [[key, value]]
    return keptKeys.has(key) || key.startsWith("x-kubernetes-") ? [[key, value]] : []
  })
  return sorted(Object.fromEntries(ref === undefined ? kept : [["$ref", ref], ...kept]))
}

function refOf(schema: Schema): string | undefined {
  const allOf = schema["allOf"]
  const first = Array.isArray(allOf) && allOf.length === 1 ? allOf[0] : schema
  const ref = isObject(first) ? first["$ref"] : undefined
  return typeof ref === "string" ? ref.replace("#/components/schemas/", "") : undefined
}

function mapValues(object: Schema, change: (value: Json) => Json): Schema {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]))
}

/** The object with its keys in order. */
export function sorted(object: Schema): Schema {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function referencesIn(value: Json): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn)
  if (!isObject(value)) return []
  const own = typeof value["$ref"] === "string" ? [value["$ref"]] : []
  return [...own, ...Object.values(value).flatMap(referencesIn)]
}

/** The definitions that `roots` reach. */
export function reachable(all: Schema, roots: readonly string[], options: SlimOptions): Schema {
  const found: Record<string, Json> = {}
  const open = [...roots]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name in found) continue
    const schema = replaced[name] ?? all[name]
    if (!isObject(schema)) throw new Error(`OpenAPI has no definition ${name}`)
    const slimmed = slim(schema, options)
    found[name] = slimmed
    open.push(...referencesIn(slimmed))
  }
  return sorted(found)
}

/** The definitions of one version's document. */
export async function readDefinitions(plane: ControlPlane, version: string): Promise<Schema> {
  const answer = await plane.request(`/openapi/v3/${version.includes("/") ? "apis" : "api"}/${version}`)
  if (!answer.ok) throw new Error(`OpenAPI of ${version}: ${answer.status}`)
  const document = (await answer.json()) as { components: { schemas: Schema } } // OpenAPI 3
  return document.components.schemas
}

/** The name of a kind's definition; undefined when the document has none. */
export function definitionOf(definitions: Schema, version: string, kind: string): string | undefined {
  const [group = "", name] = version.includes("/") ? version.split("/") : ["", version]
  const found = Object.entries(definitions).find(([, schema]) => {
    const claims = isObject(schema) ? schema["x-kubernetes-group-version-kind"] : undefined
    const fits = (claim: Json) =>
      isObject(claim) && claim["group"] === group && claim["version"] === name && claim["kind"] === kind
    return Array.isArray(claims) && claims.length === 1 && claims.some(fits)
  })
  return found?.[0]
}

/** One line per definition, so that a new version shows as a readable diff. */
export function renderSchemas(version: string, kinds: Schema, definitions: Schema): string {
  return `{\n  "version": "${version}",\n  "kinds": {\n${lines(kinds)}\n  },\n  "definitions": {\n${lines(definitions)}\n  }\n}\n`
}

/** The members of an object, one per line. */
export function lines(object: Schema): string {
  return Object.entries(object)
    .map(([key, value]) => `    ${JSON.stringify(key)}: ${JSON.stringify(value)}`)
    .join(",\n")
}

/** The prose of definitions: of each as a whole, and of its members. */
export function descriptionsOf(all: Schema, names: readonly string[]): Schema {
  const text = (schema: Json | undefined) => (isObject(schema) ? (schema["description"] ?? "") : "")
  const entries = names.map((name): [string, Json] => {
    const schema = all[name]
    const properties = isObject(schema) ? schema["properties"] : undefined
    return [name, [text(schema), isObject(properties) ? mapValues(properties, text) : {}]]
  })
  return Object.fromEntries(entries)
}
