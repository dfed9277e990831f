import { isRecord } from "../object.ts"
import { depthMax, memberOf, type Schema, type SchemaSet } from "./schema.ts"

/** `value` with the defaults of its schema in the places that it leaves out, as a server stores it. Shares what is complete. */
export function withDefaults(value: unknown, schema: Schema | undefined, set: SchemaSet, depth = 0): unknown {
  if (schema === undefined || depth > depthMax) return value
  const resolved = set.resolve(schema)
  const filled = value === undefined ? resolved.default : value
  if (Array.isArray(filled)) return filled.map((item) => withDefaults(item, resolved.items, set, depth + 1))
  if (!isRecord(filled)) return filled
  const result: Record<string, unknown> = { ...filled }
  const named = Object.keys(resolved.properties ?? {})
  for (const key of new Set([...named, ...Object.keys(filled)])) {
    const member = withDefaults(filled[key], memberOf(resolved, key), set, depth + 1)
    if (member !== undefined) result[key] = member
  }
  return result
}
