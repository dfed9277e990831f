import { isRecord } from "../kube/mod.ts"
import { apiVersion, oldApiVersion } from "./api-version.ts"
import type { Fault } from "./fault.ts"

type Steps = readonly (string | number)[]
type Plain = Readonly<Record<string, unknown>>

/** The canonical form of a value. */
export interface Read {
  readonly value: unknown
  /** Places below the value that stood elsewhere below it: canonical steps, written steps. */
  readonly moved?: readonly (readonly [to: Steps, from: Steps])[]
  /** Keys that were values: canonical steps of the key, written steps of the value. */
  readonly keys?: readonly (readonly [to: Steps, from: Steps])[]
  readonly faults?: readonly { readonly at: Steps; readonly fault: Fault }[]
}

/** Reads another published form of a value; undefined when it is canonical, or nothing that was published. */
export type Reading = (value: unknown) => Read | undefined

/** The oldest apiVersion. */
export const apiVersionOf: Reading = (value) => (value === oldApiVersion ? { value: apiVersion } : undefined)

/** CRD entries as a list of `{ name: ... }`. */
export const crdsByName: Reading = (value) => {
  if (!Array.isArray(value)) return undefined
  const entries = new Map<string, unknown>()
  const moved: (readonly [Steps, Steps])[] = []
  const faults: { readonly at: Steps; readonly fault: Fault }[] = []
  for (const [index, item] of value.entries()) {
    const name = isRecord(item) ? nameText(item["name"]) : undefined
    const fault = listFault(name, entries)
    if (fault !== undefined) faults.push({ at: [index], fault })
    if (fault !== undefined || name === undefined || !isRecord(item)) continue
    entries.set(name, without(item, "name"))
    moved.push([[name], [index]])
  }
  const keys = moved.map(([to, from]) => [to, [...from, "name"]] as const)
  return { value: Object.fromEntries(entries), moved, keys, faults }
}

function listFault(name: string | undefined, entries: ReadonlyMap<string, unknown>): Fault | undefined {
  if (name === undefined) {
    return { code: "ORK0108", message: `"name" is missing in a CRD entry of a list`, help: 'add "name:"' }
  }
  if (!entries.has(name)) return undefined
  return { code: "ORK0103", message: `"${name}" is set twice`, help: "keep one of them" }
}

function nameText(value: unknown): string | undefined {
  return (typeof value === "string" && value !== "" && value !== "__proto__") || typeof value === "number"
    ? String(value)
    : undefined
}

function without(record: Plain, key: string): Plain {
  return Object.fromEntries(Object.entries(record).filter(([other]) => other !== key))
}

/** Dependencies with `{ condition: healthy }`, or a list of `{ name, condition }`. */
export const conditionsByName: Reading = (value) => {
  if (Array.isArray(value)) return dependencyList(value)
  if (!isRecord(value)) return undefined
  const wrapped = Object.entries(value).filter(([, item]) => isRecord(item) && isOnly(item, ["condition"]))
  if (wrapped.length === 0) return undefined
  const opened = Object.entries(value).map(([name, item]) => [
    name,
    isRecord(item) ? (item["condition"] ?? item) : item,
  ])
  return { value: Object.fromEntries(opened), moved: wrapped.map(([name]) => [[name], [name, "condition"]]) }
}

function dependencyList(list: readonly unknown[]): Read | undefined {
  if (!list.some(isRecord)) return undefined
  const names = list.map((item) => nameText(isRecord(item) ? item["name"] : item))
  const isPublished = list.every(
    (item, index) =>
      names[index] !== undefined &&
      names.indexOf(names[index]) === index &&
      (!isRecord(item) || isOnly(item, ["name", "condition"])),
  )
  if (!isPublished) return undefined
  const conditions = list.map((item) => (isRecord(item) && item["condition"]) || "started")
  const moved = list.map((item, index): readonly [Steps, Steps] => [
    [names[index] ?? ""],
    isRecord(item) && item["condition"] ? [index, "condition"] : [index],
  ])
  return { value: Object.fromEntries(list.map((_, index) => [names[index] ?? "", conditions[index]])), moved }
}

/** User functions as a bare list. */
export const functionsOf: Reading = (value) =>
  Array.isArray(value) ? { value: { functions: value }, moved: [[["functions"], []]] } : undefined

/** Labels and annotations as a list of `{ key, value }` or `{ name, value }`. */
export const mapOfPairs: Reading = (value) => {
  if (!Array.isArray(value) || value.length === 0) return undefined
  const found = value.map((item) => {
    const name = isRecord(item) ? nameText(item["key"] ?? item["name"]) : undefined
    return isRecord(item) && name !== undefined && isOnly(item, ["key", "name", "value"])
      ? { name, value: item["value"] ?? "" }
      : undefined
  })
  const pairs = found.flatMap((pair) => pair ?? [])
  const isUnique = new Set(pairs.map((pair) => pair.name)).size === value.length
  if (!isUnique) return undefined
  return {
    value: Object.fromEntries(pairs.map((pair) => [pair.name, pair.value])),
    moved: pairs.map(({ name }, index) => [[name], [index, "value"]]),
  }
}

/** Environment variables as a map of names to values. */
export const envList: Reading = (value) => {
  if (!isRecord(value)) return undefined
  const entries = Object.entries(value)
  const list = entries.map(([name, item]) =>
    isRecord(item)
      ? { name, ...(Object.hasOwn(item, "valueFrom") ? item : { valueFrom: item }) }
      : { name, value: item },
  )
  const moved = entries.flatMap(([name, item], index): readonly (readonly [Steps, Steps])[] => {
    const place: readonly [Steps, Steps] = [[index], [name]]
    if (!isRecord(item)) return [place, [[index, "value"], [name]]]
    return Object.hasOwn(item, "valueFrom") ? [place] : [place, [[index, "valueFrom"], [name]]]
  })
  return { value: list, moved }
}

/** Sources of variables as in Kubernetes: a list of `{ secretRef: { name } }` and `{ configMapRef: { name } }`. */
export const envSources: Reading = (value) => {
  if (!Array.isArray(value)) return undefined
  const sources: Record<string, unknown[]> = {}
  const moved: (readonly [Steps, Steps])[] = []
  for (const [index, item] of value.entries()) {
    const [kind, ...more] = isRecord(item) ? Object.keys(item) : []
    if ((kind !== "secretRef" && kind !== "configMapRef") || more.length > 0 || !isRecord(item)) return undefined
    const list = sources[kind] ?? []
    sources[kind] = list
    moved.push([
      [kind, list.length],
      [index, kind],
    ])
    list.push(item[kind])
  }
  return { value: sources, moved }
}

function isOnly(record: Plain, keys: readonly string[]): boolean {
  return Object.keys(record).every((key) => keys.includes(key))
}
