import { didYouMean, type Severity } from "../base/mod.ts"
import { coerce, memberOf, type Schema, type SchemaSet, type SchemaType, schemaType } from "../kube/mod.ts"

/** What is known of the data that templates and conditions read. */
export interface TypeWorld {
  readonly set: SchemaSet
  /** The schema of the root: what `.` and `$` are at the start. Names that it does not have are not judged. */
  readonly root: Schema
  /** Schemas of whole objects, with the kind they are of. */
  readonly kinds: ReadonlyMap<Schema, string>
  /** Names below `.children` that could mean several entries, with the name that tells them apart. */
  readonly ambiguous: ReadonlyMap<string, string>
}

/** What is known of one value. */
export interface Typed {
  readonly schema: Schema
  /** How its author calls it: `.spec.title`, or the function that makes it; "" is the root. */
  readonly name: string
  /** The object that it is a part of, and where. */
  readonly owner?: { readonly kind: string; readonly steps: readonly string[] }
  /** A field that a CRD of the Katalog declares by its name, so that its type is its author's choice. */
  readonly declared?: boolean
  readonly literal?: string | number | boolean
}

/** Something wrong with one step of a path. */
export interface StepProblem {
  readonly severity: Severity
  readonly code: string
  readonly message: string
  readonly help?: string
}

/** One step further into a value; after a mistake nothing is known, so that one mistake is one diagnostic. */
export interface Stepped {
  readonly typed: Typed
  readonly problem?: StepProblem
}

const open: Schema = { "x-kubernetes-preserve-unknown-fields": true }

/** Of a value nothing is known. */
export const unknownType: Typed = { schema: open, name: "" }

/** A value that a function makes. */
export function madeBy(name: string, schema: Schema): Typed {
  return { schema, name }
}

/** The type of the root. */
export function rootType(world: TypeWorld): Typed {
  return { schema: world.root, name: "" }
}

/** True when the type allows everything. */
export function isUnknown(typed: Typed): boolean {
  return typed.literal === undefined && schemaType(typed.schema) === "any"
}

/** The member or item of `from` at `step`. */
export function stepInto(from: Typed, step: string | number, world: TypeWorld): Stepped {
  if (from.schema === world.root) return stepFromRoot(String(step), world)
  const schema = world.set.resolve(from.schema)
  const name = typeof step === "number" ? `${from.name}[${step}]` : `${from.name}.${step}`
  if (typeof step === "number") {
    const item = schemaType(schema) === "array" ? elementOf(from, world) : unknownType
    return { typed: { ...item, name } }
  }
  if (isUnknown({ ...from, schema })) return { typed: { schema: open, name } }
  const member = memberOf(schema, step)
  // Names that begin with an underscore are added to children when they are read.
  if (member === undefined) return step.startsWith("_") ? { typed: unknownType } : unknownField(from, step, world)
  const typed = memberType(from, { step, name, member }, world)
  const plural = from.name === ".children" ? world.ambiguous.get(step) : undefined
  return plural === undefined ? { typed } : { typed, problem: ambiguousChild(name, plural) }
}

function memberType(
  from: Typed,
  { step, name, member }: { readonly step: string; readonly name: string; readonly member: Schema },
  world: TypeWorld,
): Typed {
  const schema = world.set.resolve(member)
  const kind = world.kinds.get(schema)
  if (kind !== undefined) return { schema, name, owner: { kind, steps: [] } }
  if (from.owner === undefined) return { schema, name }
  const isNamed = Object.hasOwn(world.set.resolve(from.schema).properties ?? {}, step)
  const declared = isNamed && /^\.(spec|status)\b/.test(name)
  return { schema, name, owner: { kind: from.owner.kind, steps: [...from.owner.steps, step] }, declared }
}

/** Names at the root that a schema of the root need not tell of. */
const standing: readonly string[] = ["ork", "inputs", "health", "metrics"]
/** Names that the published format has at the root and nothing sets yet. */
const later: readonly string[] = ["request"]

function stepFromRoot(step: string, world: TypeWorld): Stepped {
  const name = `.${step}`
  const kind = world.kinds.get(world.root)
  const own = Object.hasOwn(world.root.properties ?? {}, step) ? world.root.properties?.[step] : undefined
  if (own !== undefined) {
    const schema = world.set.resolve(own)
    if (!isObjectPart(step) || kind === undefined) return { typed: { schema, name } }
    return { typed: { schema, name, owner: { kind, steps: [step] } } }
  }
  const problem = isObjectPart(step)
    ? { code: "ORK0501", message: `unknown field "${step}" in ${kind ?? "the object"}` }
    : unknownRoot(step, world)
  return problem
    ? { typed: unknownType, problem: { severity: "error", ...problem } }
    : { typed: { schema: open, name } }
}

function unknownRoot(step: string, world: TypeWorld): Omit<StepProblem, "severity"> | undefined {
  if (standing.includes(step)) return undefined
  if (later.includes(step)) {
    const message = `".${step}" is part of the format but not supported yet`
    return { code: "ORK0110", message, help: "remove it for now" }
  }
  const known = [...Object.keys(world.root.properties ?? {}), "ork"]
  const near = didYouMean(step, known)
  const help = near === undefined ? `it is one of ${known.join(", ")}` : `did you mean ".${near}"?`
  return { code: "ORK0501", message: `unknown name ".${step}"`, help }
}

function isObjectPart(step: string): boolean {
  return step === "spec" || step === "metadata" || step === "status"
}

function unknownField(from: Typed, step: string, world: TypeWorld): Stepped {
  const schema = world.set.resolve(from.schema)
  const known = Object.keys(schema.properties ?? {})
  const near = didYouMean(step, known)
  const typed = unknownType
  if (from.name === ".children") {
    const help = near === undefined ? "name a kind that an entry makes" : `did you mean "${near}"?`
    const message = `no entry makes a "${step}"`
    return { typed, problem: { severity: "error", code: "ORK0505", message, help } }
  }
  const type = schemaType(schema)
  if (type !== "object") {
    const message = `"${from.name}" is ${nouns[type]}, it has no field "${step}"`
    const help = type === "array" ? "range over the list, or take one item with index" : endBefore(from, step)
    return { typed, problem: { severity: "error", code: "ORK0501", message, help } }
  }
  const place = from.owner ? formatOwner(from.owner) : from.name || "this value"
  const help = near === undefined ? listOf(known) : `did you mean "${near}"?`
  const message = `unknown field "${step}" in ${place}`
  return { typed, problem: { severity: "error", code: "ORK0501", message, help } }
}

function endBefore(from: Typed, step: string): string {
  if (!/^\.metadata\.(labels|annotations)\./.test(from.name)) return `end the path before "${step}"`
  return 'a key with dots stands in quotes: labels["a.b/c"] in a condition, (index .metadata.labels "a.b/c") in a template'
}

function formatOwner(owner: NonNullable<Typed["owner"]>): string {
  return owner.steps.length === 0 ? owner.kind : `${owner.steps.join(".")} of ${owner.kind}`
}

/** What an author could write instead: the first few names, or that there is none. */
export function listOf(known: readonly string[]): string {
  if (known.length === 0) return "it has no fields"
  return `it has ${known.slice(0, 8).join(", ")}${known.length > 8 ? " ..." : ""}`
}

function ambiguousChild(name: string, plural: string): StepProblem {
  const message = `several entries make what "${name}" means, it is the first by name`
  return { severity: "warning", code: "ORK0507", message, help: `write .children.${plural}.<name>` }
}

/** The items of a list, or the values of a map. */
export function elementOf(from: Typed, world: TypeWorld): Typed {
  const schema = world.set.resolve(from.schema)
  const item = schemaType(schema) === "array" ? schema.items : valuesOf(schema, world)
  if (item === undefined) return unknownType
  const resolved = world.set.resolve(item)
  const kind = world.kinds.get(resolved)
  const owner = kind === undefined ? from.owner : { kind, steps: [] }
  return { schema: resolved, name: `${from.name}[]`, ...(owner && { owner: inItems(owner) }) }
}

function inItems(owner: NonNullable<Typed["owner"]>): NonNullable<Typed["owner"]> {
  const last = owner.steps.at(-1)
  return last === undefined ? owner : { ...owner, steps: [...owner.steps.slice(0, -1), `${last}[]`] }
}

function valuesOf(schema: Schema, world: TypeWorld): Schema | undefined {
  const { properties, additionalProperties: values } = schema
  if (typeof values !== "object") return undefined
  return properties === undefined || world.kinds.has(world.set.resolve(values)) ? values : undefined
}

/** What people call the types. */
export const nouns: Readonly<Record<SchemaType, string>> = {
  any: "anything",
  array: "a list",
  boolean: "a boolean",
  "int-or-string": "an integer or a string",
  integer: "an integer",
  number: "a number",
  object: "a map",
  quantity: "a quantity",
  string: "a string",
}

/** A place that a value goes to. */
export interface Target {
  readonly schema: Schema
  /** Its last step: `replicas`. */
  readonly name: string
}

/** True when no value of this type can be made to fit: the same rules as when objects are made. */
export function neverFits(typed: Typed, target: Target, set: SchemaSet): boolean {
  const schema = set.resolve(target.schema)
  if (typed.literal !== undefined) return !coerce(typed.literal, schema, set).ok
  const source = set.resolve(typed.schema)
  const from = schemaType(source)
  const to = schemaType(schema)
  if (from === "any" || to === "any" || from === to) return from === "array" && to === "array" && noItemFits()
  if (from === "array" || from === "object" || to === "array" || to === "object") return true
  switch (from) {
    case "boolean":
      return to !== "string"
    case "integer":
    case "number":
    case "quantity":
      return to === "boolean"
    case "string":
      return to !== "int-or-string" && to !== "quantity" && !textMayFit(typed, { ...target, schema }, set)
    default:
      return false
  }

  function noItemFits(): boolean {
    if (source.items === undefined || schema.items === undefined) return false
    return neverFits({ ...typed, schema: source.items, declared: false }, { ...target, schema: schema.items }, set)
  }
}

/**
 * Whether a text may hold a number or a boolean. Only of a field that a CRD declares as text, without any sign that the
 * text could be one, it is said that it does not: a pattern, a fitting choice or default, or the same name are signs.
 */
function textMayFit(typed: Typed, target: Target, set: SchemaSet): boolean {
  const source = set.resolve(typed.schema)
  const fits = (value: unknown) => value !== "" && coerce(value, target.schema, set).ok
  if (source.enum !== undefined) return source.enum.some(fits)
  if (!typed.declared || source.pattern !== undefined) return true
  if (source.default !== undefined && fits(source.default)) return true
  const last = typed.name.slice(typed.name.lastIndexOf(".") + 1).toLowerCase()
  const wanted = target.name.toLowerCase()
  return last.includes(wanted) || wanted.includes(last)
}
