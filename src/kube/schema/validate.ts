import { semanticEqual } from "../equality.ts"
import { isRecord } from "../object.ts"
import { formatPath } from "../path.ts"
import { parseQuantity } from "../quantity.ts"
import { compileRegex } from "../regex.ts"
import { anything, depthMax, type FieldError, memberOf, type Schema, type SchemaSet, schemaType } from "./schema.ts"

interface Place {
  readonly steps: readonly (string | number)[]
  /** Below a type of the server itself. */
  readonly builtin: boolean
}

/**
 * What is wrong with `value` under `schema`: type, enum, required, bounds, pattern and a few formats.
 *
 * Not promised: `oneOf`, `anyOf`, `not` and CEL rules, which the server judges. Unknown members are `coerce`'s business.
 */
export function validate(value: unknown, schema: Schema | undefined, set: SchemaSet): readonly FieldError[] {
  const errors: FieldError[] = []
  const walk = (at: unknown, unresolved: Schema, place: Place): void => {
    const { steps } = place
    if (at === undefined || steps.length > depthMax) return
    const resolved = set.resolve(unresolved)
    const builtin = place.builtin || resolved["x-ork-builtin"] === true
    const say = (message: string) => errors.push({ path: formatPath(steps), message })
    if (at === null) {
      // The server's own types spell an empty list as null.
      if (!builtin && !resolved.nullable && schemaType(resolved) !== "any") say("must not be null")
      return
    }
    const wrong = typeProblem(at, resolved)
    if (wrong !== undefined) {
      say(wrong)
      return
    }
    for (const problem of valueProblems(at, resolved)) say(problem)
    if (Array.isArray(at)) {
      for (const [index, element] of at.entries()) {
        walk(element, resolved.items ?? anything, { builtin, steps: [...steps, index] })
      }
    } else if (isRecord(at)) {
      for (const name of resolved.required ?? []) {
        if (!Object.hasOwn(at, name)) errors.push({ path: formatPath([...steps, name]), message: "is required" })
      }
      for (const [key, child] of Object.entries(at)) {
        walk(child, memberOf(resolved, key) ?? anything, { builtin, steps: [...steps, key] })
      }
    }
  }
  walk(value, schema ?? anything, { builtin: false, steps: [] })
  return errors
}

function typeProblem(value: unknown, schema: Schema): string | undefined {
  const type = schemaType(schema)
  switch (type) {
    case "any":
      return undefined
    case "array":
      return Array.isArray(value) ? undefined : "must be a list"
    case "object":
      return isRecord(value) ? undefined : "must be a map"
    case "integer":
      return Number.isInteger(value) ? undefined : "must be an integer"
    case "quantity":
      return parseQuantity(value) === undefined ? "must be a quantity such as 500m or 1Gi" : undefined
    case "int-or-string":
      return typeof value === "string" || Number.isInteger(value) ? undefined : "must be an integer or a string"
    default:
      return typeof value === type ? undefined : `must be a ${type}`
  }
}

function valueProblems(value: unknown, schema: Schema): readonly string[] {
  const problems: string[] = []
  if (schema.enum && !schema.enum.some((allowed) => semanticEqual(allowed, value))) {
    problems.push(`must be one of ${schema.enum.map((allowed) => JSON.stringify(allowed)).join(", ")}`)
  }
  if (typeof value === "number") problems.push(...numberProblems(value, schema))
  if (typeof value === "string") problems.push(...textProblems(value, schema))
  if (Array.isArray(value)) {
    if (value.length < (schema.minItems ?? 0)) problems.push(`must have at least ${schema.minItems} elements`)
    if (value.length > (schema.maxItems ?? value.length)) problems.push(`must have at most ${schema.maxItems} elements`)
  }
  return problems
}

function numberProblems(value: number, schema: Schema): readonly string[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema
  const problems: string[] = []
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
    problems.push(`must be ${exclusiveMinimum ? "more than" : "at least"} ${minimum}`)
  }
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
    problems.push(`must be ${exclusiveMaximum ? "less than" : "at most"} ${maximum}`)
  }
  if (schema.format === "int32" && value !== (value | 0)) problems.push("must fit into 32 bits")
  return problems
}

function textProblems(value: string, schema: Schema): readonly string[] {
  const problems: string[] = []
  const length = [...value].length
  if (length < (schema.minLength ?? 0)) problems.push(`must have at least ${schema.minLength} characters`)
  if (length > (schema.maxLength ?? length)) problems.push(`must have at most ${schema.maxLength} characters`)
  if (schema.format === "date-time" && Number.isNaN(Date.parse(value))) problems.push("must be a time (RFC 3339)")
  if (!patternFits(value, schema.pattern)) problems.push(`must match ${schema.pattern}`)
  return problems
}

// A pattern that is not RE2 is left to the server: it judges.
function patternFits(value: string, pattern: unknown): boolean {
  if (typeof pattern !== "string") return true
  const expression = compileRegex(pattern)
  return !expression.ok || expression.value.test(value)
}
