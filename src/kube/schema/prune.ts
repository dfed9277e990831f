import { isRecord, setMember } from "../object.ts"
import { formatPath } from "../path.ts"
import { anything, depthMax, memberOf, type Schema, type SchemaSet } from "./schema.ts"

/** `value` without the members that `schema` does not have, as the server would store it, and the paths of what went. */
export function prune(
  value: unknown,
  schema: Schema | undefined,
  set: SchemaSet,
): { readonly value: unknown; readonly dropped: readonly string[] } {
  const dropped: string[] = []
  const steps: (string | number)[] = []
  const below = (step: string | number, at: unknown, schema: Schema): unknown => {
    steps.push(step)
    const value = walk(at, schema)
    steps.pop()
    return value
  }
  const walk = (at: unknown, unresolved: Schema): unknown => {
    if (steps.length > depthMax) return at
    const resolved = set.resolve(unresolved)
    if (Array.isArray(at)) return at.map((element, i) => below(i, element, resolved.items ?? anything))
    if (!isRecord(at)) return at
    const kept: Record<string, unknown> = {}
    for (const key of Object.keys(at)) {
      const member = memberOf(resolved, key)
      if (member === undefined) dropped.push(formatPath([...steps, key]))
      else setMember(kept, key, below(key, at[key], member))
    }
    return kept
  }
  return { value: walk(value, schema ?? anything), dropped }
}
