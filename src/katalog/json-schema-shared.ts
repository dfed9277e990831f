import { isRecord } from "../kube/mod.ts"

type Plain = Readonly<Record<string, unknown>>

/** A part shorter than this is no longer than the reference to it. */
const lengthMin = 80

/**
 * The same schema with each part once: definitions that say the same become one, and fields that stand at several
 * places become definitions. Every value fits it that fits `schema`, and no other.
 */
export function sharedSchema(schema: Plain): Plain {
  const { $defs, ...root } = mergedDefinitions(schema)
  const counts = new Map<string, number>()
  countFields({ root, $defs }, counts)
  const taken = new Map<string, Plain>(Object.entries(isRecord($defs) ? $defs : {}).map(([name]) => [name, {}]))
  const names = new Map<string, string>()
  const shared = (value: unknown, key: string): unknown => {
    const text = JSON.stringify(value)
    if (!isField(value) || (counts.get(text) ?? 0) < 2) return inside(value, shared)
    const known = names.get(text)
    if (known !== undefined) return { $ref: `#/$defs/${known}` }
    const name = freeName(`${key}Field`, taken)
    names.set(text, name)
    taken.set(name, {})
    taken.set(name, inside(value, shared))
    return { $ref: `#/$defs/${name}` }
  }
  for (const [name, definition] of Object.entries(isRecord($defs) ? $defs : {})) {
    if (isRecord(definition)) taken.set(name, inside(definition, shared))
  }
  const sorted = [...taken].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return { ...inside(root, shared), $defs: Object.fromEntries(sorted) }
}

function freeName(base: string, taken: ReadonlyMap<string, unknown>): string {
  let name = base
  for (let count = 2; taken.has(name); count++) name = `${base}${count}`
  return name
}

/** Worth a definition, and none already. */
function isField(value: unknown): value is Plain {
  return isRecord(value) && value["$ref"] === undefined && JSON.stringify(value).length >= lengthMin
}

/** The same schema with `change` applied to the fields below it. */
function inside<T>(value: T, change: (field: unknown, key: string) => unknown): T
function inside(value: unknown, change: (field: unknown, key: string) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => inside(item, change))
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      key,
      key === "properties" && isRecord(child)
        ? Object.fromEntries(Object.entries(child).map(([name, field]) => [name, change(field, name)]))
        : inside(child, change),
    ]),
  )
}

function countFields(value: unknown, counts: Map<string, number>): void {
  inside(value, (field) => {
    const text = JSON.stringify(field)
    counts.set(text, (counts.get(text) ?? 0) + 1)
    // What is inside of a part that is counted already is written once with it.
    if (counts.get(text) === 1) countFields(field, counts)
    return field
  })
}

/** Definitions that say the same are one; then more of them may say the same. */
function mergedDefinitions(schema: Plain): Plain {
  const definitions = isRecord(schema["$defs"]) ? schema["$defs"] : {}
  const first = new Map<string, string>()
  const other = new Map<string, string>()
  for (const [name, definition] of Object.entries(definitions)) {
    const text = JSON.stringify(definition)
    const known = first.get(text)
    if (known === undefined) first.set(text, name)
    else other.set(`#/$defs/${name}`, `#/$defs/${known}`)
  }
  if (other.size === 0) return schema
  const kept = Object.fromEntries(Object.entries(definitions).filter(([name]) => !other.has(`#/$defs/${name}`)))
  const text = JSON.stringify({ ...schema, $defs: kept })
  const renamed: unknown = JSON.parse(text, (key, value) => (key === "$ref" ? (other.get(value) ?? value) : value))
  return isRecord(renamed) ? mergedDefinitions(renamed) : schema
}
