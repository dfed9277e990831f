import { apiVersionOf, type Gvr, isRecord, type KubeObject } from "../kube/mod.ts"
import { conditionsHold, outcomeOf, scopeOf } from "./admission-conditions.ts"
import { namespaceOf, ruleFits, selected } from "./admission-match.ts"
import { reviewRequest } from "./admission-review.ts"
import type { Api } from "./api.ts"
import { decide } from "./authorizer.ts"
import { celAuthorizer } from "./cel-authorizer.ts"
import type { Scope } from "./cel-run.ts"
import { listOf, mapAt } from "./fields.ts"
import { selectsLabels } from "./label-selector.ts"
import type { AdmissionCall } from "./ports.ts"

type Node = Readonly<Record<string, unknown>>

const group = "admissionregistration.k8s.io"

/** Where policies of one kind are, and what binds them. */
export interface PolicyKinds {
  readonly policies: Gvr
  readonly bindings: Gvr
}

/** One policy as one binding asks for it. */
export interface Bound {
  readonly policy: KubeObject
  readonly binding: KubeObject
}

/** What its expressions may use, or why it cannot be asked: `isConfiguration` for what only its binding is to blame for. */
export type Invocation =
  | { readonly scope: (call: AdmissionCall) => Scope | undefined }
  | { readonly fault: string; readonly isConfiguration: boolean }

/** The policies that are about a call, in the order of their bindings. */
export function boundPolicies(api: Api, call: AdmissionCall, kinds: PolicyKinds): readonly Bound[] {
  // What configures admission is not subject to it: a mistake there can always be taken back.
  if (call.resource.gvr.group === group || api.resource(kinds.bindings) === undefined) return []
  return api.list(kinds.bindings).flatMap((binding) => {
    const name = String(mapAt(binding, "spec")["policyName"])
    const policy = api.get(kinds.policies, { namespace: "", name })
    return policy !== undefined && isAbout(api, { policy, binding }, call) ? [{ policy, binding }] : []
  })
}

/** What a policy is asked with, once for each of its parameters; nothing where its conditions do not hold. */
export function* invocations(api: Api, bound: Bound, call: AdmissionCall): Generator<Invocation> {
  const spec = mapAt(bound.policy, "spec")
  const holds = conditionsHold(spec["matchConditions"], callScope(api, call)({}))
  if (holds === false) return
  if (holds !== true) {
    yield { fault: holds.fault, isConfiguration: false }
    return
  }
  const params = paramsOf(api, bound, call)
  if ("fault" in params) {
    yield { fault: `failed to configure binding: ${params.fault}`, isConfiguration: true }
    return
  }
  for (const param of params.found) {
    yield { scope: (now) => withVariables(spec["variables"], callScope(api, now)({ params: param })) }
  }
}

/** What expressions about a call may name, with more names if wanted. */
function callScope(api: Api, call: AdmissionCall): (more: Node) => Scope | undefined {
  const authorizer = celAuthorizer(call.context.user, (user, wish) => decide(api, user, wish))
  const about = {
    object: call.object,
    oldObject: call.old,
    request: reviewRequest({ call, shownAs: call.resource, uid: "" }),
    namespaceObject: namespaceOf(call, api),
  }
  return (more) => scopeOf({ ...about, ...more, authorizer })
}

function isAbout(api: Api, { policy, binding }: Bound, call: AdmissionCall): boolean {
  const constraints = mapAt(policy, "spec")["matchConstraints"]
  const narrower = mapAt(binding, "spec")["matchResources"]
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

/** With the variables of a policy: each sees those before it; one that fails is not there. */
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
  const paramKind = mapAt(policy, "spec")["paramKind"]
  const ref = mapAt(binding, "spec")["paramRef"]
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

function nodesOf(value: unknown): readonly Node[] {
  return listOf(value).filter(isRecord)
}
