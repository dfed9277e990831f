import type { StatusCause } from "../kube/mod.ts"

/** The cause of a field that must be there. */
export function required(field: string, why = ""): StatusCause {
  return { reason: "FieldValueRequired", message: `Required value${why === "" ? "" : `: ${why}`}`, field }
}

/** The cause of a value that is wrong; `value` is shown as JSON. */
export function invalidValue(field: string, value: unknown, why: string): StatusCause {
  return { reason: "FieldValueInvalid", message: `Invalid value: ${JSON.stringify(value)}: ${why}`, field }
}

/** The cause of a field that must not be there. */
export function forbidden(field: string, why: string): StatusCause {
  return { reason: "FieldValueForbidden", message: `Forbidden: ${why}`, field }
}

/** The cause of a value that is none of the allowed ones. */
export function unsupported(field: string, value: unknown, allowed: readonly string[]): StatusCause {
  const texts = allowed.map((one) => JSON.stringify(one)).join(", ")
  return {
    reason: "FieldValueNotSupported",
    message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${texts}`,
    field,
  }
}
