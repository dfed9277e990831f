import { apiVersionOf, type Gvr, isRecord, type KubeObject, type StatusCause } from "../kube/mod.ts"
import { conditionsHold, outcomeOf, scopeOf } from "./admission-conditions.ts"
import { namespaceOf, ruleFits, selected } from "./admission-match.ts"
import { reviewRequest } from "./admission-review.ts"
import type { Api } from "./api.ts"
import { decide } from "./authorizer.ts"
import { celAuthorizer } from "./cel-authorizer.ts"
import type { Scope } from "./cel-run.ts"
import { any, type CelShape } from "./cel-types.ts"
import { listOf } from "./fields.ts"
import { selectsLabels } from "./label-selector.ts"
import { expressionCauses, matchConditionCauses, requestNames, ruleListCauses } from "./match-rules.ts"
import type { AdmissionCall } from "./ports.ts"
import { forbiddenObject, Refusal } from "./refusal.ts"

type Node = Readonly<Record<string, unknown>>

const group = "admissionregistration.k8s.io"
const policiesGvr: Gvr = { group, version: "v1", resource: "validatingadmissionpolicies" }
const bindingsGvr: Gvr = { group, version: "v1", resource: "validatingadmissionpolicybindings" }
const codes: Readonly<Record<string, number>> = { Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413 }

interface Bound {
  readonly policy: KubeObject
  readonly binding: KubeObject
}

/** Refuses or warns about what the ValidatingAdmissionPolicies that are bound in the server do not want. */
export function judgeByPolicies(api: Api, call: AdmissionCall): void {
  if (call.resource.gvr.group === group || api.resource(bindingsGvr) === undefined) return
  for (const binding of api.list(bindingsGvr)) {
    const name = String(specOf(binding)["policyName"])
    const policy = api.get(policiesGvr, { namespace: "", name })
    if (policy !== undefined && isAbout(api, { policy, binding }, call)) judge(api, { policy, binding }, call)
  }
}

function isAbout(api: Api, { policy, binding }: Bound, call: AdmissionCall): boolean {
  const constraints = specOf(policy)["matchConstraints"]
  const narrower = specOf(binding)["matchResources"]
  return [constraints, narrower].every((match) => match === undefined || (isRecord(match) && matches(api, match, call)))
}

function matches(api: Api, match: Node, call: AdmissionCall): boolean {
  const asked = { resource: call.resource, operation: call.operation, subresource: call.context.subresource }
  const fits = (rules: readonly Node[]) =>
    rules.some((rule) => {
      const names = listOf(rule["resourceNames"])
      return ruleFits(rule, asked) && (names.length === 0 || names.includes(call.name))
    })
  const rules = nodesOf(match["resourceRules"])
  const isWanted = rules.length === 0 || fits(rules)
  return isWanted && !fits(nodesOf(match["excludeResourceRules"])) && selected(match, call, api)
}

function judge(api: Api, bound: Bound, call: AdmissionCall): void {
  const spec = specOf(bound.policy)
  const authorizer = celAuthorizer(call.context.user, (user, wish) => decide(api, user, wish))
  const about = {
    object: call.object,
    oldObject: call.old,
    request: reviewRequest({ call, shownAs: call.resource, uid: "" }),
    namespaceObject: namespaceOf(call, api),
  }
  const holds = conditionsHold(spec["matchConditions"], scopeOf({ ...about, authorizer }))
  if (holds === false) return
  const isIgnored = spec["failurePolicy"] === "Ignore"
  if (holds !== true) {
    if (!isIgnored) act(bound, call, { text: holds.fault, reason: "Invalid" })
    return
  }
  const params = paramsOf(api, bound, call)
  if ("fault" in params) {
    act(bound, call, { text: `failed to configure binding: ${params.fault}`, reason: "Invalid" })
    return
  }
  for (const param of params.found) {
    const scope = withVariables(spec["variables"], scopeOf({ ...about, params: param, authorizer }))
    for (const validation of nodesOf(spec["validations"])) {
      const verdict = verdictOf(validation, scope, isIgnored)
      if (verdict === undefined) continue
      act(bound, call, verdict)
      break
    }
  }
}

interface Verdict {
  readonly text: string
  readonly reason: string
}

function verdictOf(validation: Node, scope: Scope | undefined, isIgnored: boolean): Verdict | undefined {
  const expression = String(validation["expression"])
  const outcome = outcomeOf(expression, scope)
  if ("fault" in outcome) {
    const text = `expression '${expression}' resulted in error: ${outcome.fault}`
    return isIgnored ? undefined : { text, reason: "Invalid" }
  }
  if (outcome.value === true) return undefined
  const { message, messageExpression, reason } = validation
  const made = typeof messageExpression === "string" ? outcomeOf(messageExpression, scope) : undefined
  const own = made !== undefined && "value" in made && typeof made.value === "string" ? made.value.trim() : ""
  const usual = typeof message === "string" ? message : `failed expression: ${expression}`
  return {
    text: own === "" || own.includes("\n") ? usual : own,
    reason: typeof reason === "string" ? reason : "Invalid",
  }
}

// Each sees those before it. One that fails is not there.
function withVariables(variables: unknown, scope: Scope | undefined): Scope | undefined {
  const values = new Map<unknown, unknown>()
  const inner: Scope = { name: "variables", value: values, outer: scope }
  for (const { name, expression } of nodesOf(variables)) {
    const outcome = outcomeOf(String(expression), inner)
    if ("value" in outcome) values.set(name, outcome.value)
  }
  return inner
}

type Params = { readonly found: readonly (KubeObject | undefined)[] } | { readonly fault: string }

function paramsOf(api: Api, { policy, binding }: Bound, call: AdmissionCall): Params {
  const paramKind = specOf(policy)["paramKind"]
  const ref = specOf(binding)["paramRef"]
  if (!isRecord(paramKind) || !isRecord(ref)) return { found: [undefined] }
  const resource = api
    .resources()
    .find(({ gvr, kind }) => apiVersionOf(gvr) === paramKind["apiVersion"] && kind === paramKind["kind"])
  if (resource === undefined)
    return { fault: `failed to find resource referenced by paramKind: ${JSON.stringify(paramKind)}` }
  const { name, namespace = call.namespace, selector } = ref
  const all = api.list(resource.gvr, resource.namespaced ? String(namespace) : undefined)
  const found = all.filter(({ metadata }) =>
    name === undefined ? selectsLabels(selector, metadata.labels) : metadata.name === name,
  )
  if (found.length > 0 || ref["parameterNotFoundAction"] === "Allow") return { found }
  return { fault: "no params found for policy binding with `Deny` parameterNotFoundAction" }
}

function act({ policy, binding }: Bound, call: AdmissionCall, { text, reason }: Verdict): void {
  const which = `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}'`
  const actions = listOf(specOf(binding)["validationActions"])
  if (actions.includes("Warn")) call.warn(`Validation failed for ${which}: ${text}`)
  if (!actions.includes("Deny")) return
  const message = `${which} denied request: ${text}`
  const usual = forbiddenObject(call.resource, call.name, message)
  throw new Refusal(codes[reason] ?? 422, reason, usual.message, { ...usual.details, causes: [{ message }] })
}

// `params` is there for policies that take some, `variables` has those that are declared.
function namesOf(spec: Node): ReadonlyMap<string, CelShape> {
  const untyped = { "x-kubernetes-int-or-string": true }
  const declared = nodesOf(spec["variables"]).map(({ name }) => [String(name), untyped] as const)
  const variables: CelShape = { kind: "object", fields: new Map(declared) }
  return new Map([
    ...requestNames,
    ["namespaceObject", any],
    ...(spec["paramKind"] === undefined ? [] : [["params", any] as const]),
    ...(declared.length === 0 ? [] : [["variables", variables] as const]),
  ])
}

/** What is wrong with a ValidatingAdmissionPolicy, worded as a real server does. */
export function policyCauses(policy: KubeObject): readonly StatusCause[] {
  const spec = specOf(policy)
  const match = isRecord(spec["matchConstraints"]) ? spec["matchConstraints"] : {}
  const names = namesOf(spec)
  const expressions = (key: string, field: string, wanted: "bool" | "string" | undefined) =>
    nodesOf(spec[key]).flatMap((one, index) =>
      one[field] === undefined && field !== "expression"
        ? []
        : [
            ...expressionCauses(String(one[field] ?? ""), `spec.${key}[${index}].${field}`, {
              names,
              wanted,
            }),
          ],
    )
  return [
    ...ruleListCauses(match["resourceRules"], "spec.matchConstraints.resourceRules"),
    ...matchConditionCauses(spec["matchConditions"], "spec.matchConditions"),
    ...expressions("validations", "expression", "bool"),
    ...expressions("validations", "messageExpression", "string"),
    ...expressions("variables", "expression", undefined),
  ]
}

function specOf(object: KubeObject): Node {
  return isRecord(object["spec"]) ? object["spec"] : {}
}

function nodesOf(value: unknown): readonly Node[] {
  return listOf(value).filter(isRecord)
}
