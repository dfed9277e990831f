import { isRecord, type StatusCause } from "../kube/mod.ts"
import { type Expr, parseCel } from "./cel.ts"
import { checkCel, renderMistakes } from "./cel-check.ts"
import { any, type CelShape, fits, plain, shapeName } from "./cel-types.ts"
import { invalidValue, qualifiedNameProblems, required, unsupported } from "./names.ts"

const operations = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"]

/** What is wrong with the rules that say what a webhook or a policy is about. */
export function* ruleListCauses(rules: unknown, path: string): Generator<StatusCause> {
  for (const [index, rule] of (Array.isArray(rules) ? rules : []).entries()) {
    if (!isRecord(rule)) continue
    const at = `${path}[${index}]`
    yield* listCauses(rule["operations"], `${at}.operations`, "operations")
    for (const [i, operation] of textsOf(rule["operations"]).entries()) {
      if (!operations.includes(operation)) yield unsupported(`${at}.operations[${i}]`, operation, operations)
    }
    yield* listCauses(rule["apiGroups"], `${at}.apiGroups`, "API groups")
    yield* listCauses(rule["apiVersions"], `${at}.apiVersions`, "API versions")
    for (const [i, version] of textsOf(rule["apiVersions"]).entries()) {
      if (version === "") yield required(`${at}.apiVersions[${i}]`)
    }
    yield* resourceCauses(rule["resources"], `${at}.resources`)
    const { scope } = rule
    const scopes = ["*", "Cluster", "Namespaced"]
    if (scope !== undefined && !scopes.includes(String(scope))) yield unsupported(`${at}.scope`, scope, scopes)
  }
}

function* listCauses(list: unknown, at: string, what: string): Generator<StatusCause> {
  const texts = textsOf(list)
  if (texts.length === 0) yield required(at)
  else if (texts.length > 1 && texts.includes("*")) {
    yield invalidValue(at, list, `if '*' is present, must not specify other ${what}`)
  }
}

function* resourceCauses(list: unknown, at: string): Generator<StatusCause> {
  const texts = textsOf(list)
  if (texts.length === 0) yield required(at)
  const parents = new Set(texts.filter((one) => one.endsWith("/*")).map((one) => one.slice(0, -2)))
  for (const [index, one] of texts.entries()) {
    const [name = "", below] = one.split("/")
    if (one === "") yield required(`${at}[${index}]`)
    const covered = below !== undefined && below !== "*" && parents.has(name)
    if (covered) yield invalidValue(`${at}[${index}]`, one, `if '${name}/*' is present, must not specify ${one}`)
  }
  if (texts.length > 1 && texts.includes("*/*")) {
    yield invalidValue(at, list, "if '*/*' is present, must not specify other resources")
  }
  if (texts.includes("*") && texts.some((one) => one !== "*" && !one.includes("/"))) {
    yield invalidValue(at, list, "if '*' is present, must not specify other resources without subresources")
  }
}

const text = { type: "string" }
const kind = { type: "object", properties: { group: text, version: text, kind: text } }
const resource = { type: "object", properties: { group: text, version: text, resource: text } }
const open = { type: "object", additionalProperties: { "x-kubernetes-int-or-string": true } }

/** The shape of `request` in expressions. */
const request: CelShape = {
  kind: "object",
  fields: new Map(
    Object.entries({
      ...{ kind, resource, requestKind: kind, requestResource: resource },
      ...{ subResource: text, requestSubResource: text, name: text, namespace: text, operation: text, uid: text },
      userInfo: {
        type: "object",
        properties: { username: text, uid: text, groups: { type: "array", items: text }, extra: open },
      },
      dryRun: { type: "boolean" },
      options: open,
    }),
  ),
}

/** The names that expressions about a request may use. */
export const requestNames: ReadonlyMap<string, CelShape> = new Map([
  ["object", any],
  ["oldObject", any],
  ["request", request],
  ["authorizer", any],
])

/** What an expression must give: the last two are what changes an object. */
export type Wanted = "bool" | "string" | "Object" | "list(JSONPatch)"

function isWanted(shape: CelShape, wanted: Wanted): boolean {
  if (wanted === "bool" || wanted === "string") return fits(shape, plain(wanted))
  if (wanted === "Object") return shape.kind === "plain" && shape.name === "Object"
  return (
    shape.kind === "list" && (shape.of.kind === "any" || (shape.of.kind === "plain" && shape.of.name === "JSONPatch"))
  )
}

// What is more than a name may still turn out right.
function isUnknown(shape: CelShape, expression: Expr | undefined): boolean {
  return shape.kind === "any" && expression?.op !== "name"
}

/** What is wrong with an expression about a request. */
export function* expressionCauses(
  expression: string,
  at: string,
  { names, wanted }: { readonly names: ReadonlyMap<string, CelShape>; readonly wanted: Wanted | undefined },
): Generator<StatusCause> {
  if (expression.trim() === "") {
    yield required(at)
    return
  }
  const parsed = parseCel(expression)
  const { shape, mistakes } = parsed.ok ? checkCel(parsed.value, names) : { shape: any, mistakes: [parsed.error] }
  if (mistakes.length > 0) {
    yield invalidValue(at, expression, `compilation failed: ${renderMistakes(expression, mistakes)}`)
  } else if (
    wanted !== undefined &&
    !isWanted(shape, wanted) &&
    !isUnknown(shape, parsed.ok ? parsed.value : undefined)
  ) {
    yield invalidValue(at, expression, `must evaluate to ${wanted} but got ${shapeName(shape)}`)
  }
}

/** What is wrong with match conditions. */
export function* matchConditionCauses(list: unknown, path: string): Generator<StatusCause> {
  const conditions = Array.isArray(list) ? list.filter(isRecord) : []
  const seen = new Set<unknown>()
  for (const [index, { name, expression }] of conditions.entries()) {
    const at = `${path}[${index}]`
    if (name === undefined || name === "") yield required(`${at}.name`)
    else for (const why of qualifiedNameProblems(String(name))) yield invalidValue(`${at}.name`, name, why)
    if (name !== "" && seen.has(name)) {
      yield { reason: "FieldValueDuplicate", message: `Duplicate value: ${JSON.stringify(name)}`, field: `${at}.name` }
    }
    seen.add(name)
    yield* expressionCauses(String(expression ?? ""), `${at}.expression`, { names: requestNames, wanted: "bool" })
  }
}

function textsOf(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.map(String) : []
}
