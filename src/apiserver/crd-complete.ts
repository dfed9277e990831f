import { isRecord, memberOf, type Schema, type SchemaSet } from "../kube/mod.ts"

/** How deep the walks over custom resources go; what is deeper is left as it is. */
export const depthMax = 100

/**
 * A custom resource as the server keeps it: unknown members gone, defaults filled in, and nulls dropped where the
 * schema does not allow them.
 */
export function completeValue(value: unknown, schema: Schema, set: SchemaSet): unknown {
  return complete(value, schema, { set, depth: 0 })
}

interface Walk {
  readonly set: SchemaSet
  readonly depth: number
}

function complete(value: unknown, unresolved: Schema, { set, depth }: Walk): unknown {
  if (depth > depthMax) return value
  const schema = set.resolve(unresolved)
  const below = { set, depth: depth + 1 }
  if (Array.isArray(value)) {
    const { items } = schema
    if (items === undefined) return value
    return value.map((item) => complete(isForbiddenNull(item, items) ? (items.default ?? item) : item, items, below))
  }
  if (!isRecord(value)) return value
  const filled: Record<string, unknown> = { ...value }
  for (const [key, member] of Object.entries(schema.properties ?? {})) {
    const isMissing = filled[key] === undefined || isForbiddenNull(filled[key], member)
    if (member.default !== undefined && isMissing) filled[key] = member.default
  }
  const kept: [string, unknown][] = []
  for (const [key, child] of Object.entries(filled)) {
    const member = memberOf(schema, key)
    if (member === undefined || child === undefined) continue
    const present = isForbiddenNull(child, member) ? member.default : child
    if (present !== undefined) kept.push([key, complete(present, member, below)])
  }
  return Object.fromEntries(kept)
}

function isForbiddenNull(value: unknown, schema: Schema): boolean {
  const isDescribed = schema.type !== undefined || schema["x-kubernetes-int-or-string"] === true
  return value === null && isDescribed && schema.nullable !== true
}
