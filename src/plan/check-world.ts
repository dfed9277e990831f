import { type CrdSpec, type EntrySpec, targetOf } from "../katalog/mod.ts"
import { apiVersionOf, type Gvk, memberOf, parsePath, type Schema, type SchemaSet, schemaType } from "../kube/mod.ts"
import { elementOf, rootType, stepInto, type Typed, type TypeWorld } from "../template/mod.ts"
import { crossWorld } from "./cross.ts"
import { externalSchema } from "./external.ts"
import { eventsSchema } from "./observe.ts"
import { gvkOfEntry } from "./resources.ts"

const anything: Schema = { "x-kubernetes-preserve-unknown-fields": true }
const text: Schema = { type: "string" }

/** Every entry of an operator, in file order. */
export function entriesOf(crd: CrdSpec): readonly EntrySpec[] {
  const { onCreate, onReconcile, onDelete } = crd.operatorBox
  return [onCreate, onReconcile, onDelete].flatMap((block) => block?.entries ?? [])
}

/** What templates of this operator may read. Without a `crdFile` nothing is known of the object. */
export function worldOf(
  crd: CrdSpec,
  { set, crds }: { readonly set: SchemaSet; readonly crds: readonly CrdSpec[] },
): TypeWorld {
  const { kind } = crd.apiTypes
  const object = crd.crd && set.root(crd.apiTypes)
  const children = childrenOf(crd, set)
  const cross = crossWorld(crd, crds, set)
  const part = (name: string) => (object ? memberOf(object, name) : anything)
  const spec = specOf(crd, part("spec"), set)
  const metadata = part("metadata")
  const root: Schema = {
    type: "object",
    properties: {
      apiVersion: text,
      kind: text,
      ...(metadata && { metadata }),
      ...(spec && { spec }),
      status: object ? statusOf(crd, memberOf(object, "status"), set) : anything,
      children: children.schema,
      cross: cross.schema,
      events: eventsSchema(crd),
      external: externalSchema(crd),
    },
    "x-kubernetes-preserve-unknown-fields": true,
  }
  const kinds = new Map([...children.kinds, ...cross.kinds, ...(object ? [[root, kind] as const] : [])])
  return { set, root, kinds, ambiguous: children.ambiguous }
}

/** `world` with more names at its root. */
export function withNames(world: TypeWorld, names: Readonly<Record<string, Schema>>): TypeWorld {
  const root: Schema = { ...world.root, properties: { ...world.root.properties, ...names } }
  const kind = world.kinds.get(world.root)
  return { ...world, root, kinds: kind === undefined ? world.kinds : new Map([...world.kinds, [root, kind]]) }
}

/** What an entry's templates may read: with `forEach`, the element as well. */
export function elementWorld(world: TypeWorld, entry: EntrySpec): TypeWorld {
  if (!entry.forEach) return world
  const source = parsePath(entry.forEach.field).reduce<Typed>(
    (typed, step) => stepInto(typed, step, world).typed,
    rootType(world),
  )
  const type = schemaType(world.set.resolve(source.schema))
  const value = elementOf(source, world).schema
  const item = type === "array" ? value : type === "object" ? text : anything
  const named = entry.forEach.as === undefined ? {} : { [entry.forEach.as]: item }
  return withNames(world, { item, value, index: { type: "integer" }, ...named })
}

/** What the conditions of a block may read: they are asked for each element of each of its entries. */
export function blockWorld(world: TypeWorld, entries: readonly EntrySpec[]): TypeWorld {
  const names = entries.flatMap(({ forEach }) => (forEach ? ["item", "value", "index", forEach.as ?? "item"] : []))
  return names.length === 0 ? world : withNames(world, Object.fromEntries(names.map((name) => [name, anything])))
}

// What the CRD has, and what is set before anything reads it.
function specOf(crd: CrdSpec, schema: Schema | undefined, set: SchemaSet): Schema | undefined {
  const { normalize, mutations } = crd.prepare
  const paths = [...normalize.map(({ path }) => path), ...mutations.flatMap(({ field }) => specPath(field))]
  if (paths.length === 0) return schema
  return paths.reduce((at, path) => withMember(at, path, set), set.resolve(schema ?? { type: "object" }))
}

function specPath(field: string): readonly (readonly string[])[] {
  const [first, ...path] = targetOf(field) ?? []
  return first === "spec" ? [path] : []
}

// What the CRD has, what the Katalog writes, and what is always written.
function statusOf(crd: CrdSpec, schema: Schema | undefined, set: SchemaSet): Schema {
  const own = crd.operatorBox.status.fields.map((field) => parsePath(field.path).map(String))
  const paths = [...own, ["conditions"], ["observedGeneration"]]
  return paths.reduce((at, path) => withMember(at, path, set), set.resolve(schema ?? { type: "object" }))
}

function withMember(schema: Schema, path: readonly string[], set: SchemaSet): Schema {
  const [first, ...rest] = path
  if (first === undefined) return schema
  const member = memberOf(schema, first)
  const isNamed = Object.hasOwn(schema.properties ?? {}, first)
  if (member !== undefined && (!isNamed || rest.length === 0)) return schema
  const below = member === undefined ? anything : withMember(set.resolve(member), rest, set)
  return { ...schema, properties: { ...schema.properties, [first]: below } }
}

interface Children {
  readonly schema: Schema
  readonly kinds: ReadonlyMap<Schema, string>
  readonly ambiguous: ReadonlyMap<string, string>
}

// `.children.deployment` is the first of its kind, `.children.deployments.<name>` each by name.
function childrenOf(crd: CrdSpec, set: SchemaSet): Children {
  const kinds = new Map<Schema, string>()
  const ambiguous = new Map<string, string>()
  const entries = entriesOf(crd)
  const properties: Record<string, Schema> = { byId: anything }
  if (entries.some((entry) => entry.kind === "custom")) properties["custom"] = anything
  const byKind = Map.groupBy(entries, (entry) => kindKey(gvkOfEntry(entry)))
  for (const [key, of] of byKind) {
    const [entry] = of
    const gvk = entry && gvkOfEntry(entry)
    // An entry whose kind is not known may make anything.
    if (!key || !entry || !gvk) return { schema: anything, kinds, ambiguous }
    const schema = set.root(gvk)
    if (schema) kinds.set(schema, gvk.kind)
    const names = namesOf(gvk.kind)
    for (const name of names.plural) {
      properties[name] = { type: "object", properties: { byId: anything }, additionalProperties: schema ?? anything }
    }
    for (const name of names.singular) {
      properties[name] = Object.hasOwn(properties, name) ? anything : (schema ?? anything)
      if (isAmbiguous(of)) ambiguous.set(name, `${name}s`)
    }
  }
  return { schema: { type: "object", properties }, kinds, ambiguous }
}

function kindKey(gvk: Gvk | undefined): string {
  return gvk ? `${apiVersionOf(gvk)}/${gvk.kind}` : ""
}

// A map, since a kind of any name may be asked for: "constructor" too.
const shortNames: ReadonlyMap<string, string> = new Map([
  ["HorizontalPodAutoscaler", "hpa"],
  ["PersistentVolume", "pv"],
  ["PersistentVolumeClaim", "pvc"],
  ["PodDisruptionBudget", "pdb"],
])

interface Names {
  readonly singular: readonly string[]
  readonly plural: readonly string[]
}

function namesOf(kind: string): Names {
  const camel = kind.charAt(0).toLowerCase() + kind.slice(1)
  const singular = [...new Set([camel, kind.toLowerCase(), shortNames.get(kind) ?? camel])]
  const plural = singular.flatMap((name) => [`${name}s`, `${name}es`, name.replace(/y$/, "ies")])
  return { singular, plural: plural.filter((name) => !singular.includes(name)) }
}

// Entries that may be there at the same time; those with conditions are mostly one or the other.
function isAmbiguous(entries: readonly EntrySpec[]): boolean {
  const always = entries.filter((entry) => entry.when.length === 0 && entry.or.length === 0)
  return entries.length > 1 && always.length > 0
}
