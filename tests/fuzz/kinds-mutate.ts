/** Objects of built-in kinds, changed by what their schemas say: a member taken away, added, of another value or type. */
import { isRecord, type Schema, type SchemaSet, schemaType } from "../../src/kube/mod.ts"
import type { Draw } from "../support/fuzz.ts"

/** A way into an object. */
export type Steps = readonly (string | number)[]

/** One change of an object: at `steps` is now `value`, or nothing when it is undefined. */
export interface Mutation {
  readonly steps: Steps
  readonly value: unknown
}

/** Where mutations take what fits from: texts that were seen under a name. */
export type Pool = ReadonlyMap<string, readonly unknown[]>

interface Place {
  readonly steps: Steps
  readonly schema: Schema
  readonly value: unknown
}

interface Sources {
  readonly random: Draw
  readonly set: SchemaSet
  readonly pool: Pool
}

const texts = [
  ...["", "a", "a b", "A_b", "a/b", "..", "/a", "a/../b", "1", "http", "🙂", "-a", "a.b", "a-", "x".repeat(70)],
  ...["y".repeat(260), "TCP", "Always", "10.0.0.1", "10.0.0.0/8", "::1", "50%", "e.com/a", "e.com/A b", "None", "*"],
  ...["a:b", "*.a.b", "https://a.b", "a=b", "100m", "cpu", "memory", "k8s.io", "kubernetes.io/x", "system:a"],
]
const numbers = [-1, 0, 1, 2, 5, 80, 101, 400, 600, 32_768, 65_536, 86_401, 2_147_483_647]
const quantities = ["", "0", "1", "-1", "1.5", "100m", "1.5Gi", "x", "1e3", "0.5", "1500m", "1024Mi", "0.1n", 1, 0, -1]
const anys = ["a", 1, 1.5, true, [], {}, ["a"], { a: "b" }, null, [{}], [null], 2 ** 40]

/** One change of an object whose schema is `schema`. */
export function mutate(object: unknown, schema: Schema, sources: Sources): Mutation {
  const { random } = sources
  const all = placesOf(object, schema, sources.set)
  const isHead = ({ steps }: Place) => steps[0] === "metadata"
  const picked = all.filter((place) => (isHead(place) ? random.chance(0.3) : true))
  const place = random.one(picked.length > 0 ? picked : all)
  const structs = all.filter(isStruct(sources.set))
  const [first] = structs
  const luck = random.below(100)
  if (luck < 12) return { steps: place.steps, value: undefined }
  if (luck < 40 && first !== undefined) return added(random.one(structs), sources)
  if (luck < 50) return twin(random.one([place, ...all.filter(({ value }) => Array.isArray(value))]), sources)
  if (luck < 54 && first !== undefined) return { steps: [...random.one(structs).steps, "zzz"], value: 1 }
  return { steps: place.steps, value: odd(place, sources) }
}

const isStruct =
  (set: SchemaSet) =>
  ({ value, schema }: Place) =>
    isRecord(value) && (set.resolve(schema).properties ?? set.resolve(schema).additionalProperties) !== undefined

function placesOf(value: unknown, schema: Schema, set: SchemaSet, steps: Steps = []): readonly Place[] {
  if (steps.length === 1 && ["apiVersion", "kind", "status"].includes(String(steps[0]))) return []
  const own: Place = { steps, schema, value }
  const { items, properties, additionalProperties } = set.resolve(schema)
  const more = typeof additionalProperties === "object" ? additionalProperties : undefined
  const below = Array.isArray(value)
    ? value.flatMap((item, index) => (items ? placesOf(item, items, set, [...steps, index]) : []))
    : isRecord(value)
      ? Object.entries(value).flatMap(([key, child]) => {
          const member = properties?.[key] ?? more
          return member ? placesOf(child, member, set, [...steps, key]) : []
        })
      : []
  return [own, ...below]
}

function added({ steps, schema, value }: Place, sources: Sources): Mutation {
  const { properties, additionalProperties } = sources.set.resolve(schema)
  const isRoot = steps.length === 0
  const absent = Object.entries(properties ?? {}).filter(
    ([key]) => !(isRecord(value) && key in value) && !(isRoot && key === "status"),
  )
  if (absent.length === 0) {
    const child = typeof additionalProperties === "object" ? additionalProperties : {}
    return { steps: [...steps, sources.random.one(texts)], value: make(child, "", sources, 0) }
  }
  const [key, member] = sources.random.one(absent)
  return { steps: [...steps, key], value: make(member, key, sources, 0) }
}

function twin({ steps, value, schema }: Place, sources: Sources): Mutation {
  if (!Array.isArray(value) || value.length === 0) return { steps, value: odd({ steps, value, schema }, sources) }
  const copy = sources.random.one(value)
  const { items = {} } = sources.set.resolve(schema)
  const resolved = sources.set.resolve(items)
  if (!isRecord(copy) || sources.random.chance(0.4)) return { steps, value: [...value, copy] }
  const [key, member] = sources.random.one(Object.entries(resolved.properties ?? { a: {} }))
  return { steps, value: [...value, { ...copy, [key]: make(member, key, sources, 1) }] }
}

function odd({ steps, schema }: Place, sources: Sources): unknown {
  const { random } = sources
  if (random.chance(0.15)) return random.one(anys)
  const key = steps.findLast((step) => typeof step === "string")
  return make(schema, String(key ?? ""), sources, 0)
}

// What the type allows, more often odd than not.
function make(schema: Schema, key: string, sources: Sources, depth: number): unknown {
  const { random, set, pool } = sources
  const resolved = set.resolve(schema)
  const known = pool.get(key)
  if (known !== undefined && random.chance(0.3)) return random.one(known)
  if (resolved.format === "date-time") return random.one(["2020-01-01T00:00:00Z", "x", "", "2020-01-01T00:00:00.5Z"])
  if (resolved.format === "byte") return random.one(["AA==", "AA", "%", "", "a b"])
  switch (schemaType(resolved)) {
    case "string":
      return random.one(texts)
    case "integer":
    case "number":
      return random.one(numbers)
    case "boolean":
      return random.chance(0.5)
    case "quantity":
      return random.one(quantities)
    case "int-or-string":
      return random.one([...numbers, "50%", "a", "", "-1", "150%", "http", "1"])
    case "array": {
      const count = random.below(3)
      return Array.from({ length: count }, () => make(resolved.items ?? {}, key, sources, depth + 1))
    }
    case "object":
      return struct(resolved, sources, depth)
    default:
      return random.one(anys)
  }
}

function struct({ properties, additionalProperties, required = [] }: Schema, sources: Sources, depth: number): unknown {
  const { random } = sources
  if (properties === undefined) {
    const child = typeof additionalProperties === "object" ? additionalProperties : {}
    const keys = [random.one(texts), "a"].slice(random.below(3))
    return Object.fromEntries(keys.map((key) => [key, make(child, "", sources, depth + 1)]))
  }
  const share = depth === 0 ? 0.3 : depth < 3 ? 0.2 : 0
  const taken = Object.entries(properties).filter(([key]) =>
    required.includes(key) ? random.chance(0.9) : random.chance(share),
  )
  return Object.fromEntries(taken.map(([key, member]) => [key, make(member, key, sources, depth + 1)]))
}

/** `object` after a change. */
export function changedAt(object: unknown, { steps, value }: Mutation): unknown {
  const [first, ...rest] = steps
  if (first === undefined) return value
  const inner = (child: unknown) => changedAt(child, { steps: rest, value })
  if (Array.isArray(object)) {
    if (rest.length === 0 && value === undefined) return object.filter((_, index) => index !== first)
    return object.map((item, index) => (index === first ? inner(item) : item))
  }
  const members = isRecord(object) ? object : {}
  if (rest.length > 0 || value !== undefined) return { ...members, [first]: inner(members[first]) }
  return Object.fromEntries(Object.entries(members).filter(([key]) => key !== first))
}

/** A change as a merge patch of the object it is made on: lists are whole. */
export function asMergePatch(object: unknown, mutation: Mutation): unknown {
  const [first, ...rest] = mutation.steps
  if (first === undefined) return mutation.value
  if (Array.isArray(object)) return changedAt(object, mutation)
  const child = isRecord(object) ? object[first] : undefined
  const next = rest.length === 0 ? (mutation.value ?? null) : asMergePatch(child, { ...mutation, steps: rest })
  return { [first]: next }
}

/** A change as a JSON patch. */
export function asJsonPatch({ steps, value }: Mutation): unknown {
  const path = steps.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("")
  return value === undefined ? [{ op: "remove", path }] : [{ op: "add", path, value }]
}

/** The scalars of objects by the name they stand under. */
export function poolOf(objects: readonly unknown[]): Pool {
  const pool = new Map<string, unknown[]>()
  const walk = (value: unknown, key: string): void => {
    if (Array.isArray(value)) for (const item of value) walk(item, key)
    else if (isRecord(value)) for (const [name, child] of Object.entries(value)) walk(child, name)
    else if (!(pool.get(key) ?? []).includes(value)) pool.set(key, [...(pool.get(key) ?? []), value])
  }
  for (const object of objects) walk(object, "")
  return pool
}
