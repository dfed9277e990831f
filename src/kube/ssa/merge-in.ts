import { err, ok, type Result } from "../../base/mod.ts"
import { isRecord } from "../object.ts"
import { depthMax, type Schema, type SchemaSet } from "../schema/schema.ts"
import { mergeValues } from "./merge.ts"
import { formOf, itemShape, memberShape, rootShape, type Shape } from "./shape.ts"
import { typeErrors } from "./walk.ts"

/** An object, what is declared of it, and its schema. */
export interface MergeIn {
  readonly live: unknown
  readonly config: unknown
  readonly schema: Schema | undefined
  readonly set: SchemaSet
}

/**
 * `live` with everything that `config` declares, as an apply without owners: what policies do that change objects.
 * Refuses what the schema does not know, and lists and maps that can only be replaced as a whole.
 */
export function mergeIn({ live, config, schema, set }: MergeIn): Result<unknown, string> {
  const shape = rootShape(schema, set)
  const [wrong] = typeErrors(config, shape, { allowDuplicates: false })
  if (wrong !== undefined) return err(`failed to convert patch object to typed object: ${wrong}`)
  const wholes = [...wholesIn(config, shape, "")]
  if (wholes.length > 0) {
    return err(`invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${wholes.join(", ")}`)
  }
  return ok(mergeValues(live, config, shape))
}

/** The places of lists and maps that have no parts of their own. */
function* wholesIn(value: unknown, shape: Shape, path: string, depth = 0): Generator<string> {
  const form = formOf(shape, value)
  if (depth > depthMax || form.kind === "scalar") return
  if (form.isAtomic && (isRecord(value) || Array.isArray(value))) yield path
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* wholesIn(item, itemShape(shape), `${path}[${index}]`, depth + 1)
    return
  }
  for (const [key, member] of Object.entries(isRecord(value) ? value : {})) {
    const inner = memberShape(shape, key)
    if (inner !== undefined) yield* wholesIn(member, inner.shape, `${path}.${key}`, depth + 1)
  }
}
