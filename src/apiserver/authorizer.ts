import { isRecord, type KubeObject } from "../kube/mod.ts"
import type { Api } from "./api.ts"
import { textsOf } from "./fields.ts"
import { gvrs } from "./gvrs.ts"
import type { Attributes, User } from "./ports.ts"

/** One rule of a role. */
export interface PolicyRule {
  readonly verbs: readonly string[]
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
}

/** What RBAC says to a wish; `reason` says which binding allows it, or which role could not be found. */
export interface Decision {
  readonly allowed: boolean
  readonly reason: string
}

/** The part of a wish that rules look at, beside who has it. */
export type Wish = Pick<Attributes, "verb" | "group" | "resource" | "subresource" | "namespace" | "name" | "path">

const masters = "system:masters"

/** Whether the roles and bindings in the server allow somebody something. Administrators may do everything. */
export function decide(api: Api, user: User, wish: Wish): Decision {
  if (user.groups.includes(masters)) return { allowed: true, reason: "" }
  const faults: string[] = []
  for (const grant of grantsOf(api, user, wish.namespace)) {
    if (grant.fault !== undefined) faults.push(grant.fault)
    else if (grant.rules.some((rule) => ruleAllows(rule, wish))) {
      return { allowed: true, reason: `RBAC: allowed by ${grant.source}` }
    }
  }
  const [first = "", ...more] = faults
  return { allowed: false, reason: more.length > 0 ? `RBAC: [${faults.join(", ")}]` : first && `RBAC: ${first}` }
}

/** Every rule that counts for somebody in a namespace, and the roles that could not be found. */
export function rulesFor(
  api: Api,
  user: User,
  namespace: string,
): { readonly rules: readonly PolicyRule[]; readonly faults: readonly string[] } {
  const grants = [...grantsOf(api, user, namespace)]
  return {
    rules: grants.flatMap(({ rules }) => rules),
    faults: grants.flatMap(({ fault }) => (fault === undefined ? [] : [fault])),
  }
}

interface Grant {
  readonly rules: readonly PolicyRule[]
  /** The binding, its role and whom it names, as messages spell them. */
  readonly source: string
  readonly fault: string | undefined
}

function* grantsOf(api: Api, user: User, namespace: string): Generator<Grant> {
  for (const binding of api.list(gvrs.bindings)) yield* grantsBy(api, user, binding)
  if (namespace === "") return
  for (const binding of api.list(gvrs.roleBindings, namespace)) yield* grantsBy(api, user, binding)
}

function* grantsBy(api: Api, user: User, binding: KubeObject): Generator<Grant> {
  const { name = "", namespace = "" } = binding.metadata
  const { subjects, roleRef } = binding
  const subject = listOf(subjects).find((one) => isMeant(one, user, namespace))
  if (subject === undefined || !isRecord(roleRef)) return
  const kind = String(roleRef["kind"])
  const roleName = String(roleRef["name"])
  const role = roleOf(api, roleRef, namespace)
  const where = namespace === "" ? `ClusterRoleBinding "${name}"` : `RoleBinding "${name}/${namespace}"`
  const whom = `${subject["kind"]} "${subjectName(subject, namespace)}"`
  yield {
    rules: role === undefined ? [] : rulesOf(role),
    source: `${where} of ${kind} "${roleName}" to ${whom}`,
    fault: role === undefined ? `${kind.toLowerCase()}.rbac.authorization.k8s.io "${roleName}" not found` : undefined,
  }
}

function roleOf(api: Api, ref: Readonly<Record<string, unknown>>, namespace: string): KubeObject | undefined {
  const name = String(ref["name"])
  return ref["kind"] === "Role"
    ? api.get(gvrs.namespacedRoles, { namespace, name })
    : api.get(gvrs.roles, { namespace: "", name })
}

/** The rules of the role that a binding names; undefined when there is none. */
export function referredRules(
  api: Api,
  ref: Readonly<Record<string, unknown>>,
  namespace: string,
): readonly PolicyRule[] | undefined {
  const role = roleOf(api, ref, namespace)
  return role && rulesOf(role)
}

function subjectName(subject: Readonly<Record<string, unknown>>, namespace: string): string {
  const { kind, name } = subject
  return kind === "ServiceAccount" ? `${name}/${subject["namespace"] ?? namespace}` : String(name)
}

function isMeant(subject: Readonly<Record<string, unknown>>, user: User, namespace: string): boolean {
  const name = String(subject["name"])
  switch (subject["kind"]) {
    case "User":
      return user.name === name
    case "Group":
      return user.groups.includes(name)
    case "ServiceAccount":
      return user.name === `system:serviceaccount:${subject["namespace"] ?? namespace}:${name}`
    default:
      return false
  }
}

/** The rules of a role. */
export function rulesOf({ rules }: KubeObject): readonly PolicyRule[] {
  return listOf(rules).map((rule) => ({
    verbs: textsOf(rule["verbs"]),
    ...(rule["apiGroups"] === undefined ? {} : { apiGroups: textsOf(rule["apiGroups"]) }),
    ...(rule["resources"] === undefined ? {} : { resources: textsOf(rule["resources"]) }),
    ...(rule["resourceNames"] === undefined ? {} : { resourceNames: textsOf(rule["resourceNames"]) }),
    ...(rule["nonResourceURLs"] === undefined ? {} : { nonResourceURLs: textsOf(rule["nonResourceURLs"]) }),
  }))
}

function ruleAllows(rule: PolicyRule, wish: Wish): boolean {
  if (!names(rule.verbs, wish.verb)) return false
  if (wish.path !== "") return (rule.nonResourceURLs ?? []).some((pattern) => pathFits(pattern, wish.path))
  const { resourceNames = [], resources = [], apiGroups = [] } = rule
  const isNamed = resourceNames.length === 0 || resourceNames.includes(wish.name)
  return isNamed && names(apiGroups, wish.group) && resources.some((pattern) => resourceFits(pattern, wish))
}

function names(list: readonly string[], wanted: string): boolean {
  return list.includes("*") || list.includes(wanted)
}

function resourceFits(pattern: string, { resource, subresource }: Wish): boolean {
  if (pattern === "*") return true
  if (subresource === "") return pattern === resource
  return pattern === `${resource}/${subresource}` || pattern === `*/${subresource}`
}

/** Whether a pattern of paths, which may end in "*", is about a path. */
export function pathFits(pattern: string, path: string): boolean {
  if (pattern === "*" || pattern === path) return true
  return pattern.endsWith("*") && path.startsWith(pattern.slice(0, -1))
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}
