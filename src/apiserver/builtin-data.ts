import { type Schema, type SchemaSet, schemaSet } from "../kube/mod.ts"
import defaultsText from "./data/defaults.json" with { type: "text" }
import descriptionsText from "./data/descriptions.txt" with { type: "text" }
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
  /** The hash of its storage version. */
  readonly hash?: string
  /** What a field selector may name. */
  readonly fields?: readonly string[]
}

/** What the real server serves: resources by apiVersion, in its order, and the texts of its columns. */
export interface Served {
  readonly served: Readonly<Record<string, readonly ServedResource[]>>
  readonly texts: readonly string[]
}

let schemas: SchemaSet | undefined
let kindNames: Readonly<Record<string, string>> | undefined

/** The schemas of all built-in kinds, with everything that the real server says of lists and maps; parsed at the first call. */
export function apiserverSchemas(): SchemaSet {
  schemas ??= parseSchemas()
  return schemas
}

/** The prose of a definition: of all of it, and of its members. */
export type Prose = readonly [string, Readonly<Record<string, string>>]

let prose: Readonly<Record<string, Prose>> | undefined

/** The prose of every definition of the built-in schemas, by name; unpacked at the first call. */
export function schemaProse(): Readonly<Record<string, Prose>> {
  // Our own generated file, as the others.
  prose ??= parse(unpack(descriptionsText)) as Readonly<Record<string, Prose>>
  return prose
}

function unpack(base64: string): string {
  return new TextDecoder().decode(Bun.gunzipSync(Uint8Array.from(Buffer.from(base64, "base64"))))
}

/** A default that another member decides about: by its value, or by whether it is there. */
export interface Condition {
  readonly by: string
  readonly presence?: boolean
  readonly cases: Readonly<Record<string, unknown>>
}

/** What a member must be: there, one of some texts, or what is wrong with it below zero. */
export interface FieldRule {
  readonly required?: string
  readonly allowed?: readonly string[]
  readonly negative?: string
}

/** What the server does with a type: members it adds, members it adds on a condition, zero values it leaves out. */
export interface TypeDefaults {
  readonly always?: Readonly<Record<string, unknown>>
  readonly when?: Readonly<Record<string, Condition>>
  readonly zeros?: readonly string[]
  readonly rules?: Readonly<Record<string, FieldRule>>
}

/** How objects of a kind begin. */
export interface KindDefaults {
  readonly generation?: boolean
  readonly status?: Readonly<Record<string, unknown>>
}

/** What was learnt about defaults from the real server. */
export interface Defaults {
  readonly kinds: Readonly<Record<string, KindDefaults>>
  readonly types: Readonly<Record<string, TypeDefaults>>
}

let defaults: Defaults | undefined

/** The defaults of all built-in kinds and types; parsed at the first call. */
export function builtinDefaults(): Defaults {
  defaults ??= parseDefaults()
  return defaults
}

function parseDefaults(): Defaults {
  const { kinds, types } = parse(defaultsText)
  // Our own generated file, as the others.
  return { kinds: kinds as Defaults["kinds"], types: types as Defaults["types"] }
}

let served: Served | undefined

/** The built-in resources; parsed at the first call. */
export function servedResources(): Served {
  served ??= parseServed()
  return served
}

function parseServed(): Served {
  const { served: byVersion, texts } = parse(resourcesText)
  // Our own generated file: its shape is checked by a test.
  return { served: byVersion as Served["served"], texts: texts as Served["texts"] }
}

/** The name of a kind's definition. */
export function definitionName(apiVersion: string, kind: string): string | undefined {
  kindNames ??= parse(schemasText)["kinds"] as Readonly<Record<string, string>> // our own generated file, as above
  const name = `${apiVersion}/${kind}`
  return Object.hasOwn(kindNames, name) ? kindNames[name] : undefined
}

function parseSchemas(): SchemaSet {
  const { kinds, definitions } = parse(schemasText)
  kindNames = kinds as Readonly<Record<string, string>> // our own generated file, as above
  return schemaSet(kindNames, definitions as Readonly<Record<string, Schema>>) // the same
}

// A JSON file imported as text is typed as its value.
function parse(text: unknown): Record<string, unknown> {
  return JSON.parse(String(text))
}
