import { isRecord, type KubeObject } from "../kube/mod.ts"
import type { Api } from "./api.ts"
import { gvrs } from "./gvrs.ts"
import { selectsLabels } from "./label-selector.ts"
import type { AdmissionCall } from "./ports.ts"
import type { Resource } from "./resource.ts"

type Node = Readonly<Record<string, unknown>>

/** Which version of a resource a webhook wants to see; undefined when it wants none. */
export function matchedResource(hook: Node, call: AdmissionCall, api: Api): Resource | undefined {
  const { resource, operation, context } = call
  const rules = Array.isArray(hook["rules"]) ? hook["rules"].filter(isRecord) : []
  const fits = (candidate: Resource) =>
    rules.some((rule) => ruleFits(rule, { resource: candidate, operation, subresource: context.subresource }))
  if (fits(resource)) return selected(hook, call, api) ? resource : undefined
  if (hook["matchPolicy"] === "Exact") return undefined
  const equal = api.resources().find((other) => other.prefix === resource.prefix && other !== resource && fits(other))
  return equal && selected(hook, call, api) ? equal : undefined
}

interface Asked {
  readonly resource: Resource
  readonly operation: string
  readonly subresource: string
}

/** Whether a rule of a webhook or a policy is about this operation on this resource. */
export function ruleFits(rule: Node, { resource, operation, subresource }: Asked): boolean {
  const { group, version, resource: plural } = resource.gvr
  const scope = rule["scope"] ?? "*"
  const isInScope = scope === "*" || (scope === "Namespaced") === resource.namespaced
  return (
    isInScope &&
    names(rule["operations"], operation) &&
    names(rule["apiGroups"], group) &&
    names(rule["apiVersions"], version) &&
    (Array.isArray(rule["resources"]) ? rule["resources"] : []).some((one) =>
      resourceFits(String(one), plural, subresource),
    )
  )
}

function names(list: unknown, value: string): boolean {
  return Array.isArray(list) && (list.includes("*") || list.includes(value))
}

// `pods` is the objects, `pods/*` all endpoints below them, `*` all objects, `*/*` everything.
function resourceFits(pattern: string, plural: string, subresource: string): boolean {
  const [name, below = ""] = pattern.split("/")
  if (name !== "*" && name !== plural) return false
  return pattern === "*/*" || below === subresource || (below === "*" && subresource !== "")
}

/** Whether the namespace and the labels of an object are those that a webhook or a policy wants. */
export function selected(hook: Node, call: AdmissionCall, api: Api): boolean {
  const { object, old } = call
  const labels = [object, old].filter((one) => one !== undefined).map(({ metadata }) => metadata.labels)
  if (!labels.some((one) => selectsLabels(hook["objectSelector"], one))) return false
  const namespace = namespaceOf(call, api)
  return namespace === undefined || selectsLabels(hook["namespaceSelector"], namespace.metadata.labels)
}

/** The namespace that a call is about; undefined for what is in none. */
export function namespaceOf({ resource, namespace, object, old }: AdmissionCall, api: Api): KubeObject | undefined {
  if (resource.prefix === "namespaces") return object ?? old
  return namespace === "" ? undefined : api.get(gvrs.namespaces, { namespace: "", name: namespace })
}
