import { type Diagnostic, didYouMean, err, ok, type Result } from "../base/mod.ts"
import { isRecord } from "../kube/mod.ts"
import { diagnose } from "./fault.ts"
import { recordOf, textOf } from "./read.ts"
import { describe, isTemplate, readFlag } from "./shape.ts"
import { joinPath, markOf } from "./spans.ts"
import type { InputSpec, Spans } from "./spec.ts"

/** The words for types of inputs, each with what it means. */
export const inputTypes: Readonly<Record<string, InputSpec["type"]>> = {
  any: "any",
  string: "string",
  int: "int",
  integer: "int",
  float: "float",
  number: "float",
  bool: "bool",
  boolean: "bool",
  list: "list",
  map: "map",
}

const nouns: Readonly<Record<InputSpec["type"], string>> = {
  any: "anything",
  string: "a text",
  int: "a whole number",
  float: "a number",
  bool: "true or false",
  list: "a list",
  map: "a map",
}

/** A value as its input's type; undefined for nothing, and for an empty text where no text is meant. */
export function typedInput(value: unknown, type: InputSpec["type"]): Result<unknown, string> {
  if (value === undefined || value === null || type === "any") return ok(value ?? undefined)
  if (value === "" && type !== "string") return ok(undefined)
  const wrong = err(`expected ${nouns[type]}, found ${describe(value)}`)
  switch (type) {
    case "string":
      return typeof value === "object" ? wrong : ok(String(value))
    case "bool": {
      const flag = readFlag(value)
      return flag === undefined ? wrong : ok(flag)
    }
    case "list":
      return Array.isArray(value) ? ok(value) : wrong
    case "map":
      return isRecord(value) ? ok(value) : wrong
    default: {
      const number = typeof value === "string" || typeof value === "number" ? Number(value) : Number.NaN
      return Number.isFinite(number) && (type === "float" || Number.isInteger(number)) ? ok(number) : wrong
    }
  }
}

/** Where a Motif's inputs are declared and bound. */
export interface Binding {
  readonly motif: string
  readonly inputs: unknown
  /** The path of the Motif's content, and of the import that binds it. */
  readonly content: string
  readonly importAt: string
  readonly given: unknown
  readonly spans: Spans
}

/** The inputs of one import, bound; or what is wrong with them. */
export function bindInputs(binding: Binding): {
  readonly inputs: readonly InputSpec[]
  readonly diagnostics: readonly Diagnostic[]
} {
  const { motif, importAt, spans, content } = binding
  const given = recordOf(binding.given)
  const withAt = joinPath(importAt, ["with"])
  const inputs = (Array.isArray(binding.inputs) ? binding.inputs : []).flatMap((item: unknown, index) => {
    const name = isRecord(item) ? textOf(item["name"]) : undefined
    if (!isRecord(item) || name === undefined) return []
    const at = joinPath(content, ["inputs", index])
    const bound = given[name] ?? undefined
    return [
      {
        name,
        type: inputTypes[textOf(item["type"]) ?? "any"] ?? ("any" as const),
        required: readFlag(item["required"]) ?? false,
        value: bound === undefined ? undefined : { value: bound, at: joinPath(withAt, [name]) },
        fallback: (item["default"] ?? null) === null ? undefined : { value: item["default"], at: `${at}.default` },
        at,
      },
    ]
  })
  const names = inputs.map((input) => input.name)
  const at = (path: string, part: "key" | "value") => ({ path, span: markOf(spans, path, part) })
  const undeclared = Object.keys(given).flatMap((name) => {
    if (names.includes(name)) return []
    const near = didYouMean(name, names)
    const message = `Motif "${motif}" has no input "${name}"`
    const listed = names.length === 0 ? "it has none: remove it" : `its inputs are ${names.join(", ")}`
    const help = near === undefined ? listed : `did you mean "${near}"?`
    return [diagnose({ code: "ORK0107", message, help }, at(joinPath(withAt, [name]), "key"))]
  })
  const missing = inputs.flatMap(({ name, required, value }) => {
    // Misspelt, it is reported as the name that it is not.
    const isMisspelt = Object.keys(given).some((key) => !names.includes(key) && didYouMean(key, names) === name)
    if (!required || value !== undefined || isMisspelt) return []
    const message = `the input "${name}" of Motif "${motif}" is missing`
    const path = spans.locate(withAt, "key") === undefined ? importAt : withAt
    return [diagnose({ code: "ORK0108", message, help: `add "${name}:" under "with:"` }, at(path, "key"))]
  })
  const illTyped = inputs.flatMap(({ name, type, value, fallback }) =>
    [value, fallback].flatMap((part) => {
      if (part === undefined || isTemplate(part.value)) return []
      const typed = typedInput(part.value, type)
      if (typed.ok) return []
      const message = `the input "${name}" of Motif "${motif}": ${typed.error}`
      const help = `write ${nouns[type]}, or change the "type:" of the input in the Motif`
      return [diagnose({ code: "ORK0106", message, help }, at(part.at, "value"))]
    }),
  )
  return { inputs, diagnostics: [...undeclared, ...missing, ...illTyped] }
}
