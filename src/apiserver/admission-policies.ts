import { isRecord, type KubeObject, type StatusCause } from "../kube/mod.ts"
import { outcomeOf } from "./admission-conditions.ts"
import { type Bound, boundPolicies, type Invocation, invocations, type PolicyKinds } from "./admission-invocations.ts"
import type { Api } from "./api.ts"
import type { Scope } from "./cel-run.ts"
import { any, type CelShape } from "./cel-types.ts"
import { listOf } from "./fields.ts"
import { expressionCauses, matchConditionCauses, requestNames, ruleListCauses } from "./match-rules.ts"
import type { AdmissionCall } from "./ports.ts"
import { forbiddenObject, Refusal } from "./refusal.ts"

type Node = Readonly<Record<string, unknown>>

const group = "admissionregistration.k8s.io"
const kinds: PolicyKinds = {
  policies: { group, version: "v1", resource: "validatingadmissionpolicies" },
  bindings: { group, version: "v1", resource: "validatingadmissionpolicybindings" },
}
const codes: Readonly<Record<string, number>> = { Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413 }

/** Refuses or warns about what the ValidatingAdmissionPolicies that are bound in the server do not want. */
export function judgeByPolicies(api: Api, call: AdmissionCall): void {
  for (const bound of boundPolicies(api, call, kinds)) {
    for (const invocation of invocations(api, bound, call)) judge(bound, invocation, call)
  }
}

function judge(bound: Bound, invocation: Invocation, call: AdmissionCall): void {
  const spec = specOf(bound.policy)
  const isIgnored = spec["failurePolicy"] === "Ignore"
  if ("fault" in invocation) {
    const isLost = isIgnored && !invocation.isConfiguration
    if (!isLost) act(bound, call, { text: invocation.fault, reason: "Invalid" })
    return
  }
  const scope = invocation.scope(call)
  for (const validation of nodesOf(spec["validations"])) {
    const verdict = verdictOf(validation, scope, isIgnored)
    if (verdict === undefined) continue
    act(bound, call, verdict)
    break
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

function act({ policy, binding }: Bound, call: AdmissionCall, { text, reason }: Verdict): void {
  const which = `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}'`
  const actions = listOf(specOf(binding)["validationActions"])
  if (actions.includes("Warn")) call.warn(`Validation failed for ${which}: ${text}`)
  if (!actions.includes("Deny")) return
  const message = `${which} denied request: ${text}`
  const usual = forbiddenObject(call.resource, call.name, message)
  throw new Refusal(codes[reason] ?? 422, reason, usual.message, { ...usual.details, causes: [{ message }] })
}

/** The names that expressions of a policy may use: `params` where it takes some, `variables` with those it declares. */
export function policyNames(spec: Node): ReadonlyMap<string, CelShape> {
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
  const names = policyNames(spec)
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
