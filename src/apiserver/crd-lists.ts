import { isRecord, type Schema, type StatusCause, semanticEqual } from "../kube/mod.ts"
import { depthMax } from "./crd-complete.ts"

/** What items of a list are told apart by; undefined where a list may hold the same twice. */
function identityOf(schema: Schema, item: unknown): unknown {
  switch (schema["x-kubernetes-list-type"]) {
    case "set":
      return item
    case "map":
      return keysOf(schema, item)
    default:
      return undefined
  }
}

/** The item of `old` that `item` continues: the one with the same keys, in lists that are maps. */
export function elementOf(schema: Schema, old: unknown, item: unknown): unknown {
  if (!Array.isArray(old) || schema["x-kubernetes-list-type"] !== "map") return undefined
  const keys = keysOf(schema, item)
  return keys === undefined ? undefined : old.find((other) => semanticEqual(keysOf(schema, other), keys))
}

/** Items that stand twice in a set, or in a list whose items have keys. */
export function duplicateCauses(value: unknown, schema: Schema): readonly StatusCause[] {
  const causes: StatusCause[] = []
  const walk = (at: unknown, place: Schema, path: string, depth: number): void => {
    if (depth > depthMax) return
    if (Array.isArray(at)) {
      const seen = new Set<string>()
      for (const [index, item] of at.entries()) {
        const identity = identityOf(place, item)
        const text = identity === undefined ? undefined : canonical(identity)
        if (text !== undefined && seen.has(text)) {
          const message = `Duplicate value: ${text}`
          causes.push({ reason: "FieldValueDuplicate", message, field: `${path}[${index}]` })
        }
        if (text !== undefined) seen.add(text)
        if (place.items !== undefined) walk(item, place.items, `${path}[${index}]`, depth + 1)
      }
    } else if (isRecord(at)) {
      for (const [key, child] of Object.entries(at)) {
        const named = place.properties && Object.hasOwn(place.properties, key) ? place.properties[key] : undefined
        const extra = typeof place.additionalProperties === "object" ? place.additionalProperties : undefined
        if (named !== undefined) walk(child, named, path === "" ? key : `${path}.${key}`, depth + 1)
        else if (extra !== undefined) walk(child, extra, `${path}[${key}]`, depth + 1)
      }
    }
  }
  walk(value, schema, "", 0)
  return causes
}

function keysOf(schema: Schema, item: unknown): unknown {
  if (!isRecord(item)) return undefined
  const names = schema["x-kubernetes-list-map-keys"] ?? []
  return Object.fromEntries(names.filter((name) => item[name] !== undefined).map((name) => [name, item[name]]))
}

function canonical(value: unknown): string {
  if (!isRecord(value)) return JSON.stringify(value)
  const members = Object.keys(value).sort()
  return `{${members.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`
}
