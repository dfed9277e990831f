import { isRecord, type KubeObject, type Schema, type StatusCause, semanticEqual } from "../kube/mod.ts"
import { type Expr, parseCel } from "./cel.ts"
import { evaluate } from "./cel-eval.ts"
import { CelBudget, type Scope } from "./cel-run.ts"
import { CelFault, CelOptional, toCel } from "./cel-values.ts"
import { depthMax } from "./crd-complete.ts"
import { elementOf } from "./crd-lists.ts"

/** One entry of `x-kubernetes-validations`. */
export interface Rule {
  readonly rule: string
  readonly message?: string
  readonly messageExpression?: string
  readonly reason?: string
  readonly fieldPath?: string
  readonly optionalOldSelf?: boolean
}

const ruleSteps = 1_000_000
const objectSteps = 3_000_000
const messageMax = 5_120

interface Place {
  readonly path: string
  readonly old: unknown
  readonly depth: number
}

interface Walk {
  readonly causes: StatusCause[]
  /** Steps that all rules of this object may still take. */
  steps: number
}

/**
 * What the rules of a schema have against an object. Rules about changes run only where there was something before; a
 * value that did not change is not judged again.
 */
export function ruleCauses(object: KubeObject, schema: Schema, old: KubeObject | undefined): readonly StatusCause[] {
  const walk: Walk = { causes: [], steps: objectSteps }
  visit(object, schema, { place: { path: "", old, depth: 0 }, walk })
  return walk.causes
}

/** The rules of one schema. */
export function rulesOf(schema: Schema): readonly Rule[] {
  const rules = schema["x-kubernetes-validations"]
  return Array.isArray(rules)
    ? rules.filter((rule): rule is Rule => isRecord(rule) && typeof rule["rule"] === "string")
    : []
}

function visit(value: unknown, schema: Schema, { place, walk }: { place: Place; walk: Walk }): void {
  if (value === undefined || value === null || place.depth > depthMax) return
  const rules = rulesOf(schema)
  if (rules.length > 0) judge(value, schema, { rules, place, walk })
  const next = (path: string, old: unknown) => ({ place: { path, old, depth: place.depth + 1 }, walk })
  if (Array.isArray(value)) {
    const { items } = schema
    if (items === undefined) return
    for (const [i, item] of value.entries()) {
      visit(item, items, next(`${place.path}[${i}]`, elementOf(schema, place.old, item)))
    }
    return
  }
  if (!isRecord(value)) return
  const { properties, additionalProperties } = schema
  for (const [key, child] of Object.entries(value)) {
    const before = isRecord(place.old) && Object.hasOwn(place.old, key) ? place.old[key] : undefined
    const named = properties && Object.hasOwn(properties, key) ? properties[key] : undefined
    if (named !== undefined) visit(child, named, next(place.path === "" ? key : `${place.path}.${key}`, before))
    else if (typeof additionalProperties === "object") {
      visit(child, additionalProperties, next(`${place.path}[${key}]`, before))
    }
  }
}

interface Judging {
  readonly rules: readonly Rule[]
  readonly place: Place
  readonly walk: Walk
}

function judge(value: unknown, schema: Schema, { rules, place, walk }: Judging): void {
  const { old } = place
  const isSame = old !== undefined && semanticEqual(value, old)
  const self = memo(() => toCel(seen(value, schema, place), schema))
  const before = memo(() => toCel(seen(old, schema, place), schema))
  for (const rule of rules) {
    const isAboutChange = usesOldSelf(rule.rule)
    if (isAboutChange && old === undefined && rule.optionalOldSelf !== true) continue
    if (!isAboutChange && isSame) continue
    if (walk.steps <= 0) {
      const why = "validation failed due to running out of cost budget, no further validation rules will be run"
      walk.causes.push(causeOf({ ...rule, reason: "FieldValueInvalid" }, { value, place, text: why }))
      return
    }
    const oldSelf =
      rule.optionalOldSelf === true ? new CelOptional(old === undefined ? undefined : before()) : undefined
    const bound = { name: "self", value: self(), outer: undefined }
    const scope = isAboutChange ? { name: "oldSelf", value: oldSelf ?? before(), outer: bound } : bound
    const budget = new CelBudget(Math.min(ruleSteps, walk.steps))
    const cause = tried(rule, { value, schema, place, scope, budget })
    walk.steps -= budget.spent
    if (cause !== undefined) walk.causes.push(cause)
  }
}

interface Trial {
  readonly value: unknown
  readonly schema: Schema
  readonly place: Place
  readonly scope: Scope
  readonly budget: CelBudget
}

function tried(rule: Rule, trial: Trial): StatusCause | undefined {
  const { value, schema, place, scope, budget } = trial
  const expression = parseCel(rule.rule)
  if (!expression.ok) return undefined // refused when the CRD was stored
  try {
    if (evaluate(expression.value, { scope, budget }) === true) return undefined
  } catch (error) {
    if (!(error instanceof CelFault)) throw error
    const type = schema["x-kubernetes-int-or-string"] === true ? "" : (schema.type ?? "")
    const what = rule.message ?? rule.rule.trim()
    const message = `Invalid value: ${JSON.stringify(type)}: ${error.message} evaluating rule: ${what}`
    return { reason: "FieldValueInvalid", message, field: fieldOf(place.path) }
  }
  return causeOf(rule, { value, place, text: textOf(rule, scope) })
}

function textOf(rule: Rule, scope: Scope): string {
  const usual = rule.message ?? `failed rule: ${rule.rule.trim()}`
  if (rule.messageExpression === undefined) return usual
  const expression = parseCel(rule.messageExpression)
  if (!expression.ok) return usual
  try {
    const text = evaluate(expression.value, { scope, budget: new CelBudget(ruleSteps) })
    const isFine = typeof text === "string" && text.trim() !== "" && !text.includes("\n") && text.length <= messageMax
    return isFine ? text.trim() : usual
  } catch (error) {
    if (error instanceof CelFault) return usual
    throw error
  }
}

function causeOf(
  rule: Rule,
  { value, place, text }: { readonly value: unknown; readonly place: Place; readonly text: string },
): StatusCause {
  const reason = rule.reason ?? "FieldValueInvalid"
  const field = fieldOf(`${place.path}${(rule.fieldPath ?? "").replace(/\['([^']*)'\]/g, "[$1]")}`)
  const shown = typeof value === "object" ? "" : `${JSON.stringify(value)}: `
  switch (reason) {
    case "FieldValueForbidden":
      return { reason, message: `Forbidden: ${text}`, field }
    case "FieldValueRequired":
      return { reason, message: `Required value: ${text}`, field }
    case "FieldValueDuplicate":
      return { reason, message: `Duplicate value${shown === "" ? "" : `: ${JSON.stringify(value)}`}`, field }
    default:
      return { reason: "FieldValueInvalid", message: `Invalid value: ${shown}${text}`, field }
  }
}

function fieldOf(path: string): string {
  return path === "" ? "<nil>" : path.replace(/^\./, "")
}

// Of the metadata of an object rules see its names only.
function seen(value: unknown, schema: Schema, { path }: Place): unknown {
  const isObject = path === "" || schema["x-kubernetes-embedded-resource"] === true
  if (!isObject || !isRecord(value) || !isRecord(value["metadata"])) return value
  const { name, generateName } = value["metadata"]
  const metadata = { ...(name === undefined ? {} : { name }), ...(generateName === undefined ? {} : { generateName }) }
  return { ...value, metadata }
}

/** Whether a rule is about a change. */
function usesOldSelf(text: string): boolean {
  const expression = parseCel(text)
  return expression.ok && names(expression.value, "oldSelf")
}

function names(expr: Expr, wanted: string): boolean {
  switch (expr.op) {
    case "value":
      return false
    case "name":
      return expr.name === wanted
    case "field":
      return names(expr.of, wanted)
    case "index":
      return names(expr.of, wanted) || names(expr.index, wanted)
    case "list":
      return expr.items.some((item) => names(item, wanted))
    case "map":
      return expr.entries.some(([key, value]) => names(key, wanted) || names(value, wanted))
    case "struct":
      return expr.fields.some(([, value]) => names(value, wanted))
    case "call":
      return (expr.target !== undefined && names(expr.target, wanted)) || expr.args.some((arg) => names(arg, wanted))
    default:
      return expr.args.some((arg: Expr) => names(arg, wanted))
  }
}

function memo<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
