import { isRecord, type KubeObject, semanticEqual } from "../kube/mod.ts"
import type { Api } from "./api.ts"
import { decide, type PolicyRule, pathFits, referredRules, rulesFor, rulesOf } from "./authorizer.ts"
import { listAt, mapAt, textAt } from "./fields.ts"
import { gvrs, prefixOf } from "./gvrs.ts"
import type { AdmissionCall } from "./ports.ts"
import { forbiddenObject, notFound } from "./refusal.ts"

const roles = new Set([gvrs.roles, gvrs.namespacedRoles].map(prefixOf))
const bindings = new Set([gvrs.bindings, gvrs.roleBindings].map(prefixOf))
const masters = "system:masters"
const everything: readonly PolicyRule[] = [
  { apiGroups: ["*"], resources: ["*"], verbs: ["*"] },
  { nonResourceURLs: ["*"], verbs: ["*"] },
]

/** Refuses roles and bindings that give more than their author has, unless they may `escalate` or `bind`. */
export function mustNotEscalate(api: Api, call: AdmissionCall & { readonly object: KubeObject }): void {
  const { resource, context, object, old } = call
  const isRole = roles.has(resource.prefix)
  if ((!isRole && !bindings.has(resource.prefix)) || context.user.groups.includes(masters)) return
  if (old !== undefined && isSameGrant(object, old)) return
  const missing = isRole ? missingOfRole(api, call) : missingOfBinding(api, call)
  if (missing.length > 0) throw forbiddenObject(resource, call.name, textOf(call, missing))
  if (!isRole || (!isAggregated(object) && !(old && isAggregated(old)))) return
  if (missingOf(api, call, everything).length === 0) return
  const why = "must have cluster-admin privileges to use the aggregationRule"
  throw forbiddenObject(resource, call.name, why)
}

// Labels and owners may change without a word about rights.
function isSameGrant(object: KubeObject, old: KubeObject): boolean {
  return (
    ["rules", "aggregationRule", "subjects", "roleRef"].every((key) => semanticEqual(object[key], old[key])) &&
    semanticEqual(object.metadata.labels, old.metadata.labels) &&
    semanticEqual(object.metadata.annotations, old.metadata.annotations)
  )
}

function isAggregated(role: KubeObject): boolean {
  return listAt(mapAt(role, "aggregationRule"), "clusterRoleSelectors").length > 0
}

type Writing = AdmissionCall & { readonly object: KubeObject }

function missingOfRole(api: Api, call: Writing): readonly PolicyRule[] {
  const { resource, context, namespace, old } = call
  const { group, resource: plural } = resource.gvr
  const name = old === undefined ? "" : call.name
  const wish = { verb: "escalate", group, resource: plural, subresource: "", namespace, name, path: "" }
  if (decide(api, context.user, wish).allowed) return []
  return missingOf(api, call, rulesOf(call.object))
}

function missingOfBinding(api: Api, call: Writing): readonly PolicyRule[] {
  const { context, namespace, object } = call
  const ref = isRecord(object["roleRef"]) ? object["roleRef"] : {}
  const resource = { Role: "roles", ClusterRole: "clusterroles" }[textAt(ref, "kind")]
  if (resource === undefined) return []
  const [group, name] = [textAt(ref, "apiGroup"), textAt(ref, "name")]
  const wish = { verb: "bind", group, resource, subresource: "", namespace, name, path: "" }
  if (decide(api, context.user, wish).allowed) return []
  const rules = referredRules(api, ref, namespace)
  // In a real server's words: it is the binding that is not found.
  if (rules === undefined) throw notFound(call.resource, name)
  return missingOf(api, call, rules)
}

/** Those of the wanted rights that the author has not, one verb and one resource each. */
function missingOf(
  api: Api,
  { context, namespace }: AdmissionCall,
  wanted: readonly PolicyRule[],
): readonly PolicyRule[] {
  const own = rulesFor(api, context.user, namespace).rules
  return wanted.flatMap(pieces).filter((piece) => !own.some((rule) => covers(rule, piece)))
}

function pieces(rule: PolicyRule): readonly PolicyRule[] {
  const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [], verbs } = rule
  const names = resourceNames.length === 0 ? [undefined] : resourceNames
  const ofResources = apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.flatMap((verb) =>
        names.map((name) => ({
          ...{ apiGroups: [group], resources: [resource], verbs: [verb] },
          ...(name === undefined ? {} : { resourceNames: [name] }),
        })),
      ),
    ),
  )
  const ofPaths = nonResourceURLs.flatMap((url) => verbs.map((verb) => ({ nonResourceURLs: [url], verbs: [verb] })))
  return [...ofResources, ...ofPaths]
}

function covers(rule: PolicyRule, piece: PolicyRule): boolean {
  const all = (list: readonly string[] = [], wanted: readonly string[] = []) =>
    list.includes("*") || wanted.every((one) => list.includes(one))
  const { resourceNames: own = [] } = rule
  const isNamed = own.length === 0 || (piece.resourceNames?.every((name) => own.includes(name)) ?? false)
  const urls = piece.nonResourceURLs ?? []
  return (
    all(rule.verbs, piece.verbs) &&
    all(rule.apiGroups, piece.apiGroups) &&
    (piece.resources ?? []).every((one) => hasResource(rule.resources ?? [], one)) &&
    isNamed &&
    urls.every((url) => (rule.nonResourceURLs ?? []).some((pattern) => pathFits(pattern, url)))
  )
}

function hasResource(own: readonly string[], resource: string): boolean {
  if (own.includes("*") || own.includes(resource)) return true
  const [, below] = resource.split("/", 2)
  return below !== undefined && own.includes(`*/${below}`)
}

/** Missing rights, those that differ only by verb together. */
function textOf({ context }: AdmissionCall, missing: readonly PolicyRule[]): string {
  const verbs = new Map<string, string[]>()
  for (const { verbs: own, ...rest } of missing) {
    const key = ruleText(rest)
    verbs.set(key, [...(verbs.get(key) ?? []), ...own])
  }
  const lines = [...verbs].map(([key, all]) => `{${key}, Verbs:${listText(all)}}`).sort()
  const { name, groups } = context.user
  const who = `user ${JSON.stringify(name)} (groups=${listText(groups)})`
  return `${who} is attempting to grant RBAC permissions not currently held:\n${lines.join("\n")}`
}

function ruleText({ apiGroups, resources, nonResourceURLs, resourceNames }: Omit<PolicyRule, "verbs">): string {
  const parts = [
    ["APIGroups", apiGroups],
    ["Resources", resources],
    ["NonResourceURLs", nonResourceURLs],
    ["ResourceNames", resourceNames],
  ] as const
  return parts.flatMap(([name, list]) => (list === undefined ? [] : [`${name}:${listText(list)}`])).join(", ")
}

function listText(list: readonly string[]): string {
  return `[${list.map((one) => JSON.stringify(one)).join(" ")}]`
}
