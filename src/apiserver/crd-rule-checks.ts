import { isRecord, type Schema, type StatusCause } from "../kube/mod.ts"
import { parseCel } from "./cel.ts"
import { type CelVerdict, checkCel, renderMistakes } from "./cel-check.ts"
import { declarationOf } from "./cel-declaration.ts"
import { type CelShape, fits, plain, shapeOf } from "./cel-types.ts"
import { depthMax } from "./crd-complete.ts"
import { RuleCosts } from "./crd-rule-costs.ts"
import { type Rule, rulesOf } from "./crd-rules.ts"
import { invalidValue, required, unsupported } from "./names.ts"

const reasons = ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"]
const untyped =
  "Internal error: internal error: failed to construct type information for x-kubernetes-validations rules: unable to convert structural schema to CEL declarations"

/** What is wrong with the rules of a schema, and what is too much of them; `path` leads to the schema. */
export function* ruleDefinitionCauses(schema: unknown, path: string): Generator<StatusCause> {
  const costs = new RuleCosts()
  yield* nodeCauses(schema, { path, depth: 0, repeated: 1, costs })
  yield* costs.causes(path)
}

/** One schema within another. */
interface Place {
  readonly path: string
  readonly depth: number
  /** How often it may be there in one object; undefined when nothing bounds that. */
  readonly repeated: number | undefined
  readonly costs: RuleCosts
}

function* nodeCauses(schema: unknown, { path, depth, repeated, costs }: Place): Generator<StatusCause> {
  if (!isRecord(schema) || depth > depthMax) return
  const node: Schema = schema
  const self = shapeOf(node, depth === 0)
  const rules = rulesOf(node)
  if (rules.length > 0 && (self === undefined || self.kind === "any")) {
    if (self === undefined)
      yield { reason: "InternalError", message: untyped, field: `${path}.x-kubernetes-validations` }
  }
  const { properties, items, additionalProperties } = node
  const within = { depth: depth + 1, costs }
  for (const [key, member] of Object.entries(properties ?? {})) {
    yield* nodeCauses(member, { ...within, path: `${path}.properties[${key}]`, repeated })
  }
  const times = (max: number | undefined) => (repeated === undefined || max === undefined ? undefined : repeated * max)
  yield* nodeCauses(items, { ...within, path: `${path}.items`, repeated: times(node.maxItems) })
  const members = { ...within, path: `${path}.additionalProperties`, repeated: times(node.maxProperties) }
  yield* nodeCauses(additionalProperties, members)
  const declared = rules.length === 0 ? undefined : declarationOf(node, depth === 0)
  for (const [index, rule] of rules.entries()) {
    const at = `${path}.x-kubernetes-validations[${index}]`
    yield* fieldCauses(rule, node, at)
    const mistakes = self !== undefined && rule.rule !== "" ? [...expressionCauses(rule, self, at)] : []
    yield* mistakes
    // What does not compile costs nothing.
    if (declared !== undefined && mistakes.length === 0) yield* costs.note(rule, at, { declared, repeated })
  }
}

function* fieldCauses(rule: Rule, schema: Schema, at: string): Generator<StatusCause> {
  const { message, reason, fieldPath } = rule
  if (rule.rule.trim() === "") yield required(`${at}.rule`, "rule is not specified")
  if (message !== undefined && message !== "" && message.trim() === "") {
    yield invalidValue(`${at}.message`, message, "must be non-empty if specified")
  } else if (message?.trim().includes("\n")) {
    yield invalidValue(`${at}.message`, message, "must not contain line breaks")
  } else if ((message ?? "") === "" && rule.rule.trim().includes("\n")) {
    yield required(`${at}.message`, "message must be specified if rule contains line breaks")
  }
  if (reason !== undefined && !reasons.includes(reason)) yield unsupported(`${at}.reason`, reason, reasons)
  if (fieldPath !== undefined && fieldPath !== "" && !leadsSomewhere(fieldPath, schema)) {
    yield invalidValue(`${at}.fieldPath`, fieldPath, "must be a valid path")
  }
}

function leadsSomewhere(path: string, schema: Schema): boolean {
  let rest = path
  let at: Schema | undefined = schema
  while (rest !== "" && at !== undefined) {
    const match = /^(?:\.([^.[\]]+)|\['([^']*)'\])/.exec(rest)
    if (match === null) return false
    const key = match[1] ?? match[2] ?? ""
    const named: Schema | undefined =
      at.properties && Object.hasOwn(at.properties, key) ? at.properties[key] : undefined
    at = named ?? (typeof at.additionalProperties === "object" ? at.additionalProperties : undefined)
    rest = rest.slice(match[0].length)
  }
  return at !== undefined
}

function* expressionCauses(rule: Rule, self: CelShape, at: string): Generator<StatusCause> {
  const oldSelf: CelShape = rule.optionalOldSelf === true ? { kind: "optional", of: self } : self
  const names = new Map([
    ["self", self],
    ["oldSelf", oldSelf],
  ])
  const checks = [
    { text: rule.rule, field: "rule", prefix: "", wanted: "bool", why: "cel expression must evaluate to a bool" },
    {
      text: rule.messageExpression ?? "",
      field: "messageExpression",
      prefix: "messageExpression ",
      wanted: "string",
      why: "messageExpression must evaluate to a string",
    },
  ]
  for (const { text, field, prefix, wanted, why } of checks) {
    if (text === "") continue
    const { shape, mistakes } = verdictOf(text, names)
    const say = (message: string): StatusCause => ({
      reason: "FieldValueInvalid",
      message: `Invalid value: ${ruleText(rule)}: ${message}`,
      field: `${at}.${field}`,
    })
    if (mistakes.length > 0) yield say(`${prefix}compilation failed: ${renderMistakes(text, mistakes)}`)
    else if (!fits(shape, plain(wanted))) yield say(why)
  }
}

function verdictOf(text: string, names: ReadonlyMap<string, CelShape>): CelVerdict {
  const expression = parseCel(text)
  return expression.ok ? checkCel(expression.value, names) : { shape: plain("bool"), mistakes: [expression.error] }
}

// How the server prints a rule: its own type, with the letters of HTML escaped.
function ruleText({ rule, message = "", messageExpression = "", ...more }: Rule): string {
  const value = {
    Rule: rule,
    Message: message,
    MessageExpression: messageExpression,
    Reason: more.reason ?? null,
    FieldPath: more.fieldPath ?? "",
    OptionalOldSelf: more.optionalOldSelf ?? null,
  }
  const escapes: Readonly<Record<string, string>> = { "<": "\\u003c", ">": "\\u003e", "&": "\\u0026" }
  return JSON.stringify(value).replace(/[<>&]/g, (letter) => escapes[letter] ?? letter)
}
