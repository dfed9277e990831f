import { type Schema, type SchemaSet, schemaSet } from "../kube/mod.ts"
import resourcesText from "./data/resources.json" with { type: "text" }
import schemasText from "./data/schemas.json" with { type: "text" }
import type { Verb } from "./resource.ts"

/** A subresource as the real server lists it. */
export interface ServedSubresource {
  readonly name: string
  readonly gvk?: { readonly group: string; readonly version: string; readonly kind: string }
  readonly verbs: readonly Verb[]
}

/** A table column: name, type, format, priority, and the index of its description. */
export type ServedColumn = readonly [string, string, string, number, number]

/** A resource as the real server lists it. */
export interface ServedResource {
  readonly resource: string
  readonly kind: string
  readonly singular: string
  readonly cluster?: boolean
  readonly verbs: readonly Verb[]
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly subresources?: readonly ServedSubresource[]
  readonly columns: readonly ServedColumn[]
  /** What a field selector may name. */
  readonly fields?: readonly string[]
}

/** What the real server serves: resources by apiVersion, in its order, and the texts of its columns. */
export interface Served {
  readonly served: Readonly<Record<string, readonly ServedResource[]>>
  readonly texts: readonly string[]
}

let schemas: SchemaSet | undefined

/** The schemas of all built-in kinds, with everything that the real server says of lists and maps; parsed at the first call. */
export function apiserverSchemas(): SchemaSet {
  schemas ??= parseSchemas()
  return schemas
}

/** The built-in resources; parsed at each call. */
export function servedResources(): Served {
  const { served, texts } = parse(resourcesText)
  // Our own generated file: its shape is checked by a test.
  return { served: served as Served["served"], texts: texts as Served["texts"] }
}

function parseSchemas(): SchemaSet {
  const { kinds, definitions } = parse(schemasText)
  // Our own generated file, as above.
  return schemaSet(kinds as Readonly<Record<string, string>>, definitions as Readonly<Record<string, Schema>>)
}

// A JSON file imported as text is typed as its value.
function parse(text: unknown): Record<string, unknown> {
  return JSON.parse(String(text))
}
