import {
  apiVersionOf,
  isRecord,
  jsonPatch,
  type KubeObject,
  mergeIn,
  type StatusCause,
  semanticEqual,
} from "../kube/mod.ts"
import { outcomeOf } from "./admission-conditions.ts"
import { type Bound, boundPolicies, invocations, type PolicyKinds } from "./admission-invocations.ts"
import { policyNames } from "./admission-policies.ts"
import type { Api } from "./api.ts"
import type { Scope } from "./cel-run.ts"
import type { CelShape } from "./cel-types.ts"
import { CelStruct, CelUint } from "./cel-values.ts"
import { decode } from "./decode.ts"
import { type Fields, listAt, mapAt, textAt } from "./fields.ts"
import { expressionCauses, matchConditionCauses, ruleListCauses } from "./match-rules.ts"
import { invalidValue, required, unsupported } from "./names.ts"
import type { AdmissionCall } from "./ports.ts"
import { Refusal } from "./refusal.ts"

const group = "admissionregistration.k8s.io"
const kinds: PolicyKinds = {
  policies: { group, version: "v1", resource: "mutatingadmissionpolicies" },
  bindings: { group, version: "v1", resource: "mutatingadmissionpolicybindings" },
}

type Draft = AdmissionCall & { readonly object: KubeObject }

/** The object as the MutatingAdmissionPolicies that are bound in the server make it; refuses where one fails. */
export function mutateByPolicies(api: Api, call: Draft): KubeObject {
  const bounds = boundPolicies(api, call, kinds)
  let { object } = call
  // How many changes there had been when a policy was done.
  const seen = new Map<Bound, number>()
  let changes = 0
  const run = (bound: Bound) => {
    const next = mutated(api, bound, { ...call, object })
    if (!semanticEqual(next, object)) changes++
    object = next
    seen.set(bound, changes)
  }
  for (const bound of bounds) run(bound)
  for (const bound of bounds) if (isReinvoked(bound) && (seen.get(bound) ?? 0) < changes) run(bound)
  return object
}

/** The same once more for those who want to see what others made of it. */
export function mutateAgain(api: Api, call: Draft): KubeObject {
  const bounds = boundPolicies(api, call, kinds).filter(isReinvoked)
  return bounds.reduce((object, bound) => mutated(api, bound, { ...call, object }), call.object)
}

function isReinvoked({ policy }: Bound): boolean {
  return mapAt(policy, "spec")["reinvocationPolicy"] === "IfNeeded"
}

function mutated(api: Api, bound: Bound, call: Draft): KubeObject {
  const spec = mapAt(bound.policy, "spec")
  const isIgnored = spec["failurePolicy"] === "Ignore"
  let { object } = call
  for (const invocation of invocations(api, bound, call)) {
    if ("fault" in invocation) {
      if (isIgnored && !invocation.isConfiguration) continue
      throw denied(bound, call, invocation.fault)
    }
    for (const mutation of listAt(spec, "mutations")) {
      const now = { ...call, object }
      const result = changedBy(mutation, now, invocation.scope(now))
      if ("object" in result) object = result.object
      else if (!isIgnored) throw denied(bound, call, result.fault)
    }
  }
  return object
}

function denied({ policy, binding }: Bound, { resource, name }: AdmissionCall, why: string): Refusal {
  const message = `policy '${policy.metadata.name}' with binding '${binding.metadata.name}' denied request: ${why}`
  const { group, resource: kind } = resource.gvr
  return new Refusal(403, "Invalid", message, { name, group, kind, causes: [{ message }] })
}

type Outcome = { readonly object: KubeObject } | { readonly fault: string }

function changedBy(mutation: Fields, call: Draft, scope: Scope | undefined): Outcome {
  const isApply = mutation["patchType"] === "ApplyConfiguration"
  const expression = textAt(mapAt(mutation, isApply ? "applyConfiguration" : "jsonPatch"), "expression")
  const outcome = outcomeOf(expression, scope)
  if ("fault" in outcome) return { fault: `expression '${expression}' resulted in error: ${outcome.fault}` }
  return isApply ? applied(call, outcome.value) : patched(call, outcome.value)
}

function applied(call: Draft, value: unknown): Outcome {
  const { resource, object } = call
  const fault = misnamed(value, "Object")
  if (fault !== undefined) return { fault: `type mismatch: ${fault}` }
  const plain = jsonOf(value)
  const config = { ...(isRecord(plain) ? plain : {}), apiVersion: apiVersionOf(resource.gvr), kind: resource.kind }
  const { schema, set } = resource
  const merged = mergeIn({ live: object, config, schema, set })
  if (!merged.ok) return { fault: `error applying patch: ${merged.error}` }
  return completed(call, merged.value)
}

function patched(call: Draft, value: unknown): Outcome {
  const operations = (Array.isArray(value) ? value : []).map((operation) => jsonOf(operation))
  for (const operation of Array.isArray(value) ? value : []) {
    const inner = operation instanceof Map ? operation.get("value") : undefined
    const fault = inner instanceof CelStruct ? misnamed(inner, inner.type) : undefined
    if (fault !== undefined) return { fault: `type mismatch: ${fault}` }
  }
  const result = jsonPatch(call.object, operations)
  if (result.ok) return completed(call, result.value)
  // Whoever tests does so to do nothing otherwise.
  const failed = operations[Number(/^operation (\d+)/.exec(result.error.message)?.[1])]
  const isTest = isRecord(failed) && failed["op"] === "test" && result.error.kind === "failed"
  return isTest ? { object: call.object } : { fault: `JSON Patch: ${result.error.message}` }
}

function completed({ resource, object }: Draft, value: unknown): Outcome {
  const read = decode(isRecord(value) ? value : {}, resource)
  if (!read.ok) return { fault: read.error }
  return { object: semanticEqual(read.object, object) ? object : resource.strategy.complete(read.object) }
}

/** A type that does not stand where its name says; undefined when all do. */
function misnamed(value: unknown, expected: string): string | undefined {
  if (Array.isArray(value)) return value.map((item) => misnamed(item, expected)).find((why) => why !== undefined)
  if (!(value instanceof CelStruct)) return undefined
  if (value.type !== expected) {
    return `unexpected type name "${value.type}", expected "${expected}", which matches field name path from root Object type`
  }
  return [...value]
    .map(([key, inner]) => misnamed(inner, `${expected}.${String(key)}`))
    .find((why) => why !== undefined)
}

function jsonOf(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value)
  if (value instanceof CelUint) return Number(value.value)
  if (Array.isArray(value)) return value.map(jsonOf)
  if (!(value instanceof Map)) return value
  return Object.fromEntries([...value].map(([key, inner]) => [String(key), jsonOf(inner)]))
}

const types = { ApplyConfiguration: "applyConfiguration", JSONPatch: "jsonPatch" } as const
const results = { ApplyConfiguration: "Object", JSONPatch: "list(JSONPatch)" } as const

/** What is wrong with a MutatingAdmissionPolicy, worded as a real server does. */
export function mutatingPolicyCauses(policy: KubeObject): readonly StatusCause[] {
  const spec = mapAt(policy, "spec")
  const rules = mapAt(spec, "matchConstraints")["resourceRules"]
  const none: CelShape = { kind: "object", fields: new Map() }
  const names = new Map([["variables", none], ...policyNames(spec)])
  const mutations = listAt(spec, "mutations")
  const chosen = (key: string, allowed: readonly string[]) =>
    spec[key] === undefined || allowed.includes(String(spec[key]))
      ? []
      : [unsupported(`spec.${key}`, spec[key], allowed)]
  return [
    ...chosen("failurePolicy", ["Fail", "Ignore"]),
    ...chosen("reinvocationPolicy", ["IfNeeded", "Never"]),
    ...(Array.isArray(rules) && rules.length > 0 ? [] : [required("spec.matchConstraints.resourceRules")]),
    ...ruleListCauses(rules, "spec.matchConstraints.resourceRules"),
    ...matchConditionCauses(spec["matchConditions"], "spec.matchConditions"),
    ...listAt(spec, "variables").flatMap((variable, index) =>
      variableCauses(variable, `spec.variables[${index}]`, names),
    ),
    ...(mutations.length > 0 ? [] : [required("spec.mutations", "mutations must contain at least one item")]),
    ...mutations.flatMap((mutation, index) => mutationCauses(mutation, `spec.mutations[${index}]`, names)),
  ]
}

type Names = ReadonlyMap<string, CelShape>

function variableCauses({ name, expression }: Fields, at: string, names: Names): readonly StatusCause[] {
  const isName = /^[A-Za-z_]\w*$/.test(String(name ?? ""))
  return [
    ...(isName ? [] : [invalidValue(`${at}.name`, name ?? "", "must be a valid CEL identifier")]),
    ...expressionCauses(String(expression ?? ""), `${at}.expression`, { names, wanted: undefined }),
  ]
}

function mutationCauses(mutation: Fields, at: string, names: Names): readonly StatusCause[] {
  const type = mutation["patchType"]
  if (type !== "ApplyConfiguration" && type !== "JSONPatch") {
    return [unsupported(`${at}.patchType`, type ?? "", Object.keys(types))]
  }
  const [own, other] =
    type === "JSONPatch"
      ? (["jsonPatch", "applyConfiguration"] as const)
      : (["applyConfiguration", "jsonPatch"] as const)
  const causes: StatusCause[] = []
  if (mutation[other] !== undefined) {
    causes.push(invalidValue(`${at}.${other}`, `{${other}}`, `must not be specified when patchType is ${type}`))
  }
  if (mutation[own] === undefined)
    return [...causes, required(`${at}.${own}`, `must be specified when patchType is ${type}`)]
  const expression = textAt(mapAt(mutation, own), "expression")
  return [...causes, ...expressionCauses(expression, `${at}.${own}.expression`, { names, wanted: results[type] })]
}
