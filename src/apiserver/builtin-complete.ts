import { isRecord, parseQuantity, type Schema, type SchemaSet } from "../kube/mod.ts"
import { builtinDefaults, type Condition, type TypeDefaults } from "./builtin-data.ts"
import { completeTyped } from "./builtin-types.ts"
import { canonicalQuantity } from "./canonical-quantity.ts"
import { plainTime } from "./go-formats.ts"

const depthMax = 100

/**
 * A value as the server keeps it: zero values that its types leave out are gone, the defaults of its types are there,
 * quantities are in their canonical spelling. Shares what does not change.
 */
export function completeBuiltin(value: unknown, schema: Schema, set: SchemaSet, name?: string): unknown {
  return walk(value, schema, { set, depth: 0, name })
}

interface At {
  readonly set: SchemaSet
  readonly depth: number
  /** The name of the value's definition, where the schema does not say it. */
  readonly name?: string | undefined
}

function walk(value: unknown, unresolved: Schema, { set, depth, name = unresolved.$ref }: At): unknown {
  if (depth > depthMax || value === undefined || value === null) return value
  const schema = set.resolve(unresolved)
  const below = { set, depth: depth + 1 }
  if (schema.format === "quantity" && schema.type === "string") {
    return typeof value === "string" || typeof value === "number" ? canonicalQuantity(value) : value
  }
  if (schema.format === "date-time" && typeof value === "string") {
    return plainTime(value, unresolved.$ref?.endsWith("MicroTime") === true)
  }
  if (Array.isArray(value)) {
    const { items } = schema
    return items === undefined ? value : mapShared(value, (item) => walk(item, items, below))
  }
  if (!isRecord(value)) return value
  const { properties, additionalProperties } = schema
  if (properties === undefined) {
    if (typeof additionalProperties !== "object") return value
    const isAmount = set.resolve(additionalProperties).format === "quantity"
    return mapMembers(value, (_, child) => {
      const plain = walk(child, additionalProperties, below)
      return isAmount && typeof plain === "string" ? thousandths(plain) : plain
    })
  }
  const defaults = name === undefined ? undefined : builtinDefaults().types[name]
  const present = defaults?.zeros === undefined ? value : withoutZeros(value, defaults.zeros)
  const walked = mapMembers(present, (key, child) => {
    const member = Object.hasOwn(properties, key) ? properties[key] : undefined
    return member === undefined ? child : walk(child, member, below)
  })
  const typed = name === undefined ? walked : completeTyped(name, walked)
  return defaults === undefined ? typed : withDefaults(typed, defaults)
}

// Amounts of resources are counted in thousandths: what is finer is rounded up.
function thousandths(amount: string): string {
  if (!/[nu]$/.test(amount)) return amount
  const number = (parseQuantity(amount) ?? 0) * 1_000
  return canonicalQuantity(`${number < 0 ? Math.floor(number) : Math.ceil(number)}m`)
}

function withDefaults(value: Readonly<Record<string, unknown>>, { always, when }: TypeDefaults) {
  let result = value
  const add = (key: string, missing: unknown) => {
    if (result === value) result = { ...value }
    result = Object.assign(result, { [key]: missing })
  }
  for (const key in always) if (result[key] === undefined) add(key, always[key])
  for (const key in when) {
    const condition = when[key]
    if (result[key] !== undefined || condition === undefined) continue
    const missing = caseOf(condition, result[condition.by])
    if (missing !== undefined) add(key, missing)
  }
  return result
}

function caseOf({ presence, cases }: Condition, decider: unknown): unknown {
  const key = presence ? (decider === undefined ? "absent" : "present") : String(decider ?? "")
  return Object.hasOwn(cases, key) ? cases[key] : undefined
}

function withoutZeros(value: Readonly<Record<string, unknown>>, zeros: readonly string[]) {
  const dropped = zeros.filter((key) => key in value && isZero(value[key]))
  if (dropped.length === 0) return value
  return Object.fromEntries(Object.entries(value).filter(([key]) => !dropped.includes(key)))
}

/** Whether Go would take a value for one that was not set. */
export function isZero(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0
  if (isRecord(value)) return Object.keys(value).length === 0
  return value === undefined || value === null || value === "" || value === 0 || value === false
}

function mapShared(list: readonly unknown[], change: (item: unknown) => unknown): readonly unknown[] {
  const mapped = list.map(change)
  return mapped.every((item, index) => item === list[index]) ? list : mapped
}

function mapMembers(
  value: Readonly<Record<string, unknown>>,
  change: (key: string, child: unknown) => unknown,
): Readonly<Record<string, unknown>> {
  let result: Record<string, unknown> | undefined
  for (const key of Object.keys(value)) {
    const child = change(key, value[key])
    if (child === value[key]) continue
    result ??= { ...value }
    result[key] = child
  }
  return result ?? value
}
