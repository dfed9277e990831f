import { type Gvr, type KubeObject, parseQuantity } from "../kube/mod.ts"
import { type Amount, type Amounts, amountOf, combined, greater, many, none, plus } from "./amounts.ts"
import { qosClass } from "./builtin-pods.ts"
import { type Fields, listAt, listOf, mapAt, numberAt, specOf, statusOf, textAt } from "./fields.ts"
import { podAmounts } from "./pod-resources.ts"

type Plural = Pick<Gvr, "group" | "resource">

const computed = ["cpu", "memory", "ephemeral-storage"] as const
const ofPods = new Set(["pods", "cpu", "memory", "ephemeral-storage", ...prefixed("requests."), ...prefixed("limits.")])
/** What each container must say where a quota counts it. */
const required = new Set([
  ...computed.slice(0, 2),
  ...["requests.", "limits."].flatMap((word) => prefixed(word).slice(0, 2)),
])
const ofServices = new Set(["services", "services.loadbalancers", "services.nodeports"])
const ofClaims = ["persistentvolumeclaims", "requests.storage"]
const ofClass = ".storageclass.storage.k8s.io/"
/** Kinds that are counted under a short name as well. */
const short = new Set(["configmaps", "replicationcontrollers", "resourcequotas", "secrets"])
/** What is never counted. */
const uncounted = new Set(["events"])

function prefixed(word: string): readonly string[] {
  return computed.map((name) => `${word}${name}`)
}

function countOf({ group, resource }: Plural): string {
  return group === "" ? `count/${resource}` : `count/${resource}.${group}`
}

/** Which of the names in a quota count objects of this kind. */
export function trackedNames(names: readonly string[], gvr: Plural): readonly string[] {
  if (uncounted.has(gvr.resource)) return []
  const own = gvr.group === "" ? gvr.resource : ""
  return names.filter((name) => {
    if (name === countOf(gvr) || (short.has(own) && name === own)) return true
    if (own === "pods") return ofPods.has(name) || isExtended(name)
    if (own === "services") return ofServices.has(name)
    return own === "persistentvolumeclaims" && ofClaims.some((one) => name === one || name.endsWith(`${ofClass}${one}`))
  })
}

// Of devices only requests are counted; huge pages by their own name too.
function isExtended(name: string): boolean {
  if (name.startsWith("hugepages-") || name.startsWith("requests.hugepages-")) return true
  return name.startsWith("requests.") && name.includes("/")
}

/** What an object takes of a quota. */
export function usageOf({
  gvr,
  object,
  nowMs,
}: {
  readonly gvr: Plural
  readonly object: KubeObject
  readonly nowMs: number
}): Amounts {
  const counted: Amounts = { [countOf(gvr)]: many(1) }
  const own = gvr.group === "" ? gvr.resource : ""
  switch (own) {
    case "pods":
      return hasEnded(object, nowMs) ? counted : { ...counted, ...podUsage(specOf(object)) }
    case "services":
      return { ...counted, ...serviceUsage(specOf(object)) }
    case "persistentvolumeclaims":
      return { ...counted, ...claimUsage(object) }
    default:
      return short.has(own) ? { ...counted, [own]: many(1) } : counted
  }
}

/** Whether a Pod is over, or should have been for a while. */
export function hasEnded(pod: KubeObject, nowMs: number): boolean {
  const phase = textAt(statusOf(pod), "phase")
  if (phase === "Failed" || phase === "Succeeded") return true
  const { deletionTimestamp } = pod.metadata
  const graceMs = numberAt({ ...pod.metadata }, "deletionGracePeriodSeconds") * 1000
  return deletionTimestamp !== undefined && nowMs > Date.parse(deletionTimestamp) + graceMs
}

function podUsage(spec: Fields): Amounts {
  const overhead = Object.entries(mapAt(spec, "overhead")).map(([name, value]) => [name, amountOf(value)] as const)
  const requests = combined(podAmounts(spec, "requests"), Object.fromEntries(overhead), plus)
  return { pods: many(1), ...named(requests, podAmounts(spec, "limits")) }
}

/** Requests and limits under the names that quotas have for them. */
function named(requests: Amounts, limits: Amounts): Amounts {
  const result: Record<string, Amount> = {}
  for (const [name, amount] of Object.entries(requests)) {
    const isOwn = computed.some((one) => one === name) || name.startsWith("hugepages-")
    if (isOwn) result[name] = amount
    if (isOwn || name.includes("/")) result[`requests.${name}`] = amount
  }
  for (const name of computed) if (limits[name] !== undefined) result[`limits.${name}`] = limits[name]
  return result
}

function serviceUsage(spec: Fields): Amounts {
  const type = textAt(spec, "type")
  const ports = listAt(spec, "ports")
  const isBalanced = type === "LoadBalancer"
  const given = ports.filter((port) => numberAt(port, "nodePort") !== 0)
  const isWithout = isBalanced && spec["allocateLoadBalancerNodePorts"] === false
  const nodePorts = type === "NodePort" || isBalanced ? (isWithout ? given : ports).length : 0
  return {
    services: many(1),
    "services.loadbalancers": isBalanced ? many(1) : none,
    "services.nodeports": many(nodePorts),
  }
}

function claimUsage(claim: KubeObject): Amounts {
  const wanted = mapAt(specOf(claim), "resources", "requests")["storage"]
  const allocated = mapAt(statusOf(claim), "allocatedResources")["storage"]
  const storage = wanted === undefined ? undefined : greater(amountOf(wanted), amountOf(allocated ?? 0))
  const usage: Amounts = { persistentvolumeclaims: many(1), ...(storage ? { "requests.storage": storage } : {}) }
  const older = claim.metadata.annotations?.["volume.beta.kubernetes.io/storage-class"] ?? ""
  const name = older || textAt(specOf(claim), "storageClassName")
  if (name === "") return usage
  return {
    ...usage,
    ...Object.fromEntries(Object.entries(usage).map(([key, one]) => [`${name}${ofClass}${key}`, one])),
  }
}

/** What containers must say and do not, in the words of a refusal; undefined when nothing is missing. */
export function missingRequests(spec: Fields, names: readonly string[]): string | undefined {
  if (Object.keys(mapAt(spec, "resources")).length > 0) return undefined
  const wanted = names.filter((name) => required.has(name)).sort()
  const containers = [...listAt(spec, "containers"), ...listAt(spec, "initContainers")]
  const missing = wanted.flatMap((name) => {
    const silent = containers.filter((container) => !says(container, name)).map((one) => textAt(one, "name"))
    return silent.length === 0 ? [] : [`${name} for: ${[...new Set(silent)].sort().join(",")}`]
  })
  return missing.length === 0 ? undefined : `must specify ${missing.join("; ")}`
}

function says(container: Fields, name: string): boolean {
  const [member, what] = name.includes(".") ? name.split(".") : ["requests", name]
  return parseQuantity(mapAt(container, "resources", member ?? "")[what ?? ""]) !== undefined
}

/** Whether a quota is about an object at all: its scopes say which Pods. */
export function isInScope(quota: KubeObject, object: KubeObject): boolean {
  const spec = specOf(quota)
  const scopes = listOf(spec["scopes"]).map((scopeName) => ({ scopeName, operator: "Exists" }))
  const all = [...scopes, ...listAt(mapAt(spec, "scopeSelector"), "matchExpressions")]
  return all.every((requirement) => fits(requirement, object))
}

function fits(requirement: Fields, object: KubeObject): boolean {
  const spec = specOf(object)
  switch (requirement["scopeName"]) {
    case "Terminating":
      return object.kind === "Pod" && numberAt(spec, "activeDeadlineSeconds", -1) >= 0
    case "NotTerminating":
      return object.kind === "Pod" && numberAt(spec, "activeDeadlineSeconds", -1) < 0
    case "BestEffort":
      return object.kind === "Pod" && qosClass(spec) === "BestEffort"
    case "NotBestEffort":
      return object.kind === "Pod" && qosClass(spec) !== "BestEffort"
    case "PriorityClass":
      return object.kind === "Pod" && holds(requirement, [textAt(spec, "priorityClassName")])
    case "CrossNamespacePodAffinity":
      return object.kind === "Pod" && looksAround(spec)
    case "VolumeAttributesClass": {
      const { targetVolumeAttributesClassName: target } = mapAt(statusOf(object), "modifyVolumeStatus")
      const current = statusOf(object)["currentVolumeAttributesClassName"]
      return holds(requirement, [
        textAt(spec, "volumeAttributesClassName"),
        String(target ?? ""),
        String(current ?? ""),
      ])
    }
    default:
      return false
  }
}

function holds({ operator, values }: Fields, given: readonly string[]): boolean {
  const named = given.filter((name) => name !== "")
  const isOneOf = named.some((name) => listOf(values).includes(name))
  switch (operator) {
    case "Exists":
      return named.length > 0
    case "DoesNotExist":
      return named.length === 0
    case "In":
      return isOneOf
    default:
      return !isOneOf
  }
}

function looksAround(spec: Fields): boolean {
  return ["podAffinity", "podAntiAffinity"].some((key) => {
    const affinity = mapAt(spec, "affinity", key)
    const preferred = listAt(affinity, "preferredDuringSchedulingIgnoredDuringExecution")
    const terms = [
      ...listAt(affinity, "requiredDuringSchedulingIgnoredDuringExecution"),
      ...preferred.map((one) => mapAt(one, "podAffinityTerm")),
    ]
    return terms.some((term) => listOf(term["namespaces"]).length > 0 || term["namespaceSelector"] !== undefined)
  })
}
