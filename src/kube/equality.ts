import { shortHash } from "./names.ts"
import { isRecord, ownOf } from "./object.ts"
import { formatPath } from "./path.ts"
import { parseQuantity } from "./quantity.ts"
import { anything, depthMax, memberOf, type Schema, type SchemaSet, schemaType } from "./schema/schema.ts"

/** A place in the walk. Linked upwards, so that paths cost nothing until something differs. */
interface Place {
  readonly up: Place | undefined
  readonly step: string | number
  readonly depth: number
  readonly schema: Schema
  /** Below a type of the server itself: it drops zero values and fills defaults that no schema names. */
  readonly builtin: boolean
  /** Below something atomic: what `live` has beyond `desired` is a difference, unless the server filled it. */
  readonly whole: boolean
  readonly walk: { readonly set: SchemaSet; readonly hasSchema: boolean; readonly paths: string[] }
}

/**
 * The paths at which `live` does not hold what `desired` declares; none means there is nothing to apply.
 *
 * Members that only `live` has are others' and ignored, except inside atomic lists and maps, where values that the
 * server fills (schema defaults, zero values, scalars in its own types) are still tolerated. `apiVersion` and `kind`
 * of the whole are not compared. A Secret's `stringData` is compared with its `data`.
 */
export function covers(live: unknown, desired: unknown, schema: Schema | undefined, set: SchemaSet): readonly string[] {
  const resolved = set.resolve(schema ?? anything)
  const walk = { set, hasSchema: schema !== undefined, paths: [] }
  const builtin = resolved["x-ork-builtin"] === true
  const place: Place = { up: undefined, step: "", depth: 0, schema: resolved, builtin, whole: false, walk }
  compare(live, withoutHeader(desired), place)
  return walk.paths
}

/** Deep equality of JSON: undefined members are absent, the order of keys does not matter. */
export function semanticEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((element, i) => semanticEqual(element, b[i]))
  }
  if (!isRecord(a) || !isRecord(b)) return false
  return (
    Object.keys(a).every((key) => semanticEqual(a[key], ownOf(b, key))) &&
    Object.keys(b).every((key) => b[key] === undefined || ownOf(a, key) !== undefined)
  )
}

/** A hash of the value, the same for every order of keys; null and absent members are the same. */
export function stableHash(value: unknown): string {
  return shortHash(canonical(value))
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`
  if (!isRecord(value)) return JSON.stringify(value) ?? "null"
  let text = ""
  for (const key of Object.keys(value).sort()) {
    const member = value[key]
    if (member !== undefined && member !== null) text += `${text && ","}${JSON.stringify(key)}:${canonical(member)}`
  }
  return `{${text}}`
}

function withoutHeader(desired: unknown): unknown {
  if (!isRecord(desired) || typeof desired["apiVersion"] !== "string") return desired
  const { apiVersion, kind, stringData, ...rest } = desired
  if (apiVersion !== "v1" || kind !== "Secret") return stringData === undefined ? rest : { ...rest, stringData }
  const encoded = Object.entries(isRecord(stringData) ? stringData : {}).map(([key, text]) => [
    key,
    Buffer.from(String(text), "utf8").toString("base64"),
  ])
  const encodedData = isRecord(rest["data"]) ? rest["data"] : {}
  return { ...rest, data: { ...encodedData, ...Object.fromEntries(encoded) } }
}

function compare(live: unknown, desired: unknown, at: Place): void {
  if (desired === undefined) return
  if (desired === null && !at.schema.nullable) return
  if (desired === "" && at.builtin && at.schema.enum?.includes("") === false) return // the server puts its default there
  if (live === undefined || live === null) {
    if (!isAbsence(desired, at)) differs(at)
  } else if (at.depth > depthMax) {
    if (!semanticEqual(live, desired)) differs(at)
  } else if (Array.isArray(desired)) {
    if (Array.isArray(live)) compareList(live, desired, at)
    else differs(at)
  } else if (isRecord(desired)) {
    if (isRecord(live)) compareObject(live, desired, at)
    else differs(at)
  } else if (!sameScalar(live, desired, at.schema)) {
    differs(at)
  }
}

function compareObject(
  live: Readonly<Record<string, unknown>>,
  desired: Readonly<Record<string, unknown>>,
  at: Place,
): void {
  const whole = at.whole || at.schema["x-kubernetes-map-type"] === "atomic"
  for (const key of Object.keys(desired)) {
    const found = ownOf(live, key)
    // Nearly all of a large map: no place is needed for what is the very same.
    if (found !== desired[key] || typeof found === "object") compare(found, desired[key], child(at, key, whole))
  }
  if (!whole) return
  for (const key of Object.keys(live)) {
    if (ownOf(desired, key) !== undefined) continue
    const place = child(at, key, whole)
    const isMember = Object.hasOwn(at.schema.properties ?? {}, key)
    if (!isFilledByServer(live[key], place, isMember)) differs(place)
  }
}

function compareList(live: readonly unknown[], desired: readonly unknown[], at: Place): void {
  const type = at.schema["x-kubernetes-list-type"]
  const keys = at.schema["x-kubernetes-list-map-keys"] ?? []
  if (type === "map" && keys.length > 0 && desired.every(isRecord)) {
    const item = child(at, 0, at.whole).schema
    const byKey = new Map(live.map((element) => [mapKey(element, keys, item), element]))
    for (const [index, element] of desired.entries()) {
      compare(byKey.get(mapKey(element, keys, item)), element, child(at, index, at.whole))
    }
    if (at.whole && live.length !== desired.length) differs(at)
  } else if (type === "set") {
    const known = new Set(live)
    for (const [index, element] of desired.entries()) {
      if (known.has(element)) continue
      const place = child(at, index, true)
      // What has one spelling only is in the set or it is not: sets may be long.
      const mayEqual = typeof element === "object" || !hasOneSpelling(place.schema)
      if (!(mayEqual && live.some((candidate) => sameWhole(candidate, element, place)))) differs(place)
    }
    if (at.whole && live.length !== desired.length) differs(at)
  } else if (live.length !== desired.length) {
    differs(at)
  } else {
    for (const [index, element] of desired.entries()) {
      if (live[index] !== element) compare(live[index], element, child(at, index, true))
    }
  }
}

function hasOneSpelling(schema: Schema): boolean {
  const type = schemaType(schema)
  return type !== "int-or-string" && type !== "quantity" && schema.format === undefined
}

function sameWhole(live: unknown, desired: unknown, at: Place): boolean {
  const paths: string[] = []
  compare(live, desired, { ...at, walk: { ...at.walk, paths } })
  return paths.length === 0
}

function mapKey(element: unknown, keys: readonly string[], item: Schema): string {
  const record = isRecord(element) ? element : {}
  return JSON.stringify(keys.map((key) => ownOf(record, key) ?? memberOf(item, key)?.default ?? null))
}

function sameScalar(live: unknown, desired: unknown, schema: Schema): boolean {
  if (live === desired) return true
  const type = schemaType(schema)
  if (type === "int-or-string") return String(live) === String(desired)
  if (type === "quantity") {
    const quantity = parseQuantity(live)
    return quantity !== undefined && quantity === parseQuantity(desired)
  }
  if (typeof live !== "string" || typeof desired !== "string") return false
  if (schema.format === "date-time") return Date.parse(live) === Date.parse(desired)
  if (schema.format === "byte") return live.replace(/\s/g, "") === desired.replace(/\s/g, "")
  return false
}

/** Members whose absence does not mean false: the server keeps them when they are set. */
const trueWhenAbsent: ReadonlySet<string | number> = new Set([
  "allocateLoadBalancerNodePorts",
  "allowPrivilegeEscalation",
  "automountServiceAccountToken",
  "enableServiceLinks",
  "hostUsers",
])

/** True when declaring `desired` is the same as declaring nothing. */
function isAbsence(desired: unknown, at: Place): boolean {
  if (desired === null || desired === "") return true
  if (at.schema.default !== undefined && semanticEqual(at.schema.default, desired)) return true
  if (at.depth > depthMax) return false
  if (Array.isArray(desired)) return desired.length === 0
  if (isRecord(desired)) return Object.keys(desired).every((key) => isAbsence(desired[key], child(at, key, at.whole)))
  return at.builtin && (desired === 0 || (desired === false && !trueWhenAbsent.has(at.step)))
}

/** True when a value that only `live` has can be the server's own doing. `isMember`: a field, not a key of a map. */
function isFilledByServer(value: unknown, at: Place, isMember: boolean): boolean {
  if (!at.walk.hasSchema) return true
  if (at.schema.default !== undefined && semanticEqual(at.schema.default, value)) return true
  if (value === null || value === "" || (Array.isArray(value) && value.length === 0)) return true
  if (Array.isArray(value) || at.depth > depthMax) return false
  if (isRecord(value)) {
    const properties = at.schema.properties ?? {}
    return Object.keys(value).every((key) =>
      isFilledByServer(value[key], child(at, key, true), Object.hasOwn(properties, key)),
    )
  }
  // The server's own types have defaults that their schemas do not name, but none of them is true inside an atomic value.
  return isMember && at.builtin && value !== true
}

function child(at: Place, step: string | number, whole: boolean): Place {
  const unresolved = typeof step === "number" ? at.schema.items : memberOf(at.schema, step)
  const schema = at.walk.set.resolve(unresolved ?? anything)
  // A default beside a reference is not on the definition.
  const outer = unresolved?.default
  const builtin = at.builtin || schema["x-ork-builtin"] === true
  return {
    up: at,
    step,
    depth: at.depth + 1,
    schema: outer !== undefined && schema.default === undefined ? { ...schema, default: outer } : schema,
    builtin,
    whole,
    walk: at.walk,
  }
}

function differs(at: Place): void {
  const steps: (string | number)[] = []
  for (let place: Place | undefined = at; place?.up !== undefined; place = place.up) steps.unshift(place.step)
  at.walk.paths.push(formatPath(steps))
}
