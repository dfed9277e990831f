import { isTerminating, type KubeObject } from "../../kube/mod.ts"
import { type Amount, type Amounts, amountOf, amountsOf, amountText, none } from "../amounts.ts"
import { type Fields, listAt, mapAt, specOf, textAt, withMeta } from "../fields.ts"
import { gvrs } from "../gvrs.ts"
import { podAmounts } from "../pod-resources.ts"
import type { AdmissionCall } from "../ports.ts"
import { isCreation, type Plugin, refused, together } from "./plugin.ts"

const annotation = "kubernetes.io/limit-ranger"
const claims = "persistentvolumeclaims"

/** LimitRanges: what containers ask for that say nothing, and what nobody may go beyond. */
export const limitRanges: Plugin = {
  prefixes: ["pods", claims],
  mutate: (draft, api) => {
    if (draft.resource.prefix !== "pods" || !isCreation(draft)) return draft.object
    return api.list(gvrs.limitRanges, draft.namespace).reduce(withDefaults, draft.object)
  },
  validate: (call, api) => {
    const { object, old } = call
    if (object === undefined || !isBounded(call) || (old !== undefined && isTerminating(old))) return
    for (const range of api.list(gvrs.limitRanges, call.namespace)) {
      const reasons = listAt(specOf(range), "limits").flatMap((limit) => excesses(limit, call.resource.prefix, object))
      if (reasons.length > 0) throw refused(call, together(reasons))
    }
  },
}

// The containers of a Pod stay as they are, unless they are resized.
function isBounded(call: AdmissionCall): boolean {
  const { resource, operation, context } = call
  if (resource.prefix === "pods")
    return isCreation(call) || (operation === "UPDATE" && context.subresource === "resize")
  return operation !== "DELETE" && context.subresource === ""
}

function withDefaults(pod: KubeObject, range: KubeObject): KubeObject {
  const items = listAt(specOf(range), "limits").filter(({ type }) => type === "Container")
  const defaults = [
    ["requests", "request", Object.assign({}, ...items.map((item) => mapAt(item, "defaultRequest")))],
    ["limits", "limit", Object.assign({}, ...items.map((item) => mapAt(item, "default")))],
  ] as const
  const notes: string[] = []
  const filled = (container: Fields, what: string): Fields => {
    const resources = mapAt(container, "resources")
    const result: Record<string, unknown> = { ...resources }
    for (const [member, word, usual] of defaults) {
      const given = mapAt(resources, member)
      const missing = Object.keys(usual)
        .filter((key) => given[key] === undefined)
        .sort()
      if (missing.length === 0) continue
      result[member] = { ...given, ...Object.fromEntries(missing.map((key) => [key, usual[key]])) }
      notes.push(`${missing.join(", ")} ${word} for ${what} ${textAt(container, "name")}`)
    }
    return { ...container, resources: result }
  }
  const spec = specOf(pod)
  const containers = listAt(spec, "containers").map((container) => filled(container, "container"))
  const starting = listAt(spec, "initContainers").map((container) => filled(container, "init container"))
  if (notes.length === 0) return pod
  const text = `LimitRanger plugin set: ${notes.join("; ")}`
  const noted = withMeta(pod, { annotations: { ...pod.metadata.annotations, [annotation]: text } })
  return { ...noted, spec: { ...spec, containers, ...(starting.length > 0 ? { initContainers: starting } : {}) } }
}

/** What somebody asks for and may use. */
interface Asked {
  readonly requests: Amounts
  readonly limits: Amounts
}

function excesses(limit: Fields, prefix: string, object: KubeObject): readonly string[] {
  const type = textAt(limit, "type")
  const spec = specOf(object)
  if (prefix === claims) {
    const requests = amountsOf(mapAt(spec, "resources", "requests"))
    return type === "PersistentVolumeClaim" ? claimExcesses(limit, requests) : []
  }
  if (type === "Pod") {
    return excessesOf(limit, { requests: podAmounts(spec, "requests"), limits: podAmounts(spec, "limits") })
  }
  if (type !== "Container") return []
  const containers = [...listAt(spec, "containers"), ...listAt(spec, "initContainers")]
  return containers.flatMap((container) => {
    const of = (member: string) => amountsOf(mapAt(container, "resources", member))
    return excessesOf(limit, { requests: of("requests"), limits: of("limits") })
  })
}

function excessesOf(limit: Fields, asked: Asked): readonly string[] {
  const type = textAt(limit, "type")
  const each = (key: string, reason: (name: string, bound: Amount, asked: Asked) => string | undefined) =>
    Object.entries(mapAt(limit, key)).map(([name, bound]) => reason(name, amountOf(bound), asked))
  return [
    ...each("min", (name, bound) =>
      tooLittle(`minimum ${name} usage per ${type} is ${amountText(bound)}`, bound, pick(asked, name)),
    ),
    ...each("max", (name, bound) =>
      tooMuch(`maximum ${name} usage per ${type} is ${amountText(bound)}`, bound, pick(asked, name)),
    ),
    ...each("maxLimitRequestRatio", (name, bound) =>
      tooFar(`${name} max limit to request ratio per ${type} is ${amountText(bound)}`, bound, pick(asked, name)),
    ),
  ].filter((reason) => reason !== undefined)
}

// Limits of claims are nobody's.
function claimExcesses(limit: Fields, requests: Amounts): readonly string[] {
  const asked: Asked = { requests, limits: requests }
  return excessesOf({ ...limit, maxLimitRequestRatio: undefined }, asked).map((reason) =>
    reason.replace("No limit", "No request").replace("but limit is", "but request is"),
  )
}

interface Picked {
  readonly request: Amount | undefined
  readonly limit: Amount | undefined
}

function pick({ requests, limits }: Asked, name: string): Picked {
  return { request: requests[name], limit: limits[name] }
}

function tooLittle(rule: string, { billionths }: Amount, { request, limit }: Picked): string | undefined {
  if (request === undefined) return `${rule}.  No request is specified`
  if (request.billionths < billionths) return `${rule}, but request is ${amountText(request)}`
  return limit && limit.billionths < billionths ? `${rule}, but limit is ${amountText(limit)}` : undefined
}

function tooMuch(rule: string, { billionths }: Amount, { request, limit }: Picked): string | undefined {
  if (limit === undefined) return `${rule}.  No limit is specified`
  if (limit.billionths > billionths) return `${rule}, but limit is ${amountText(limit)}`
  return request && request.billionths > billionths ? `${rule}, but request is ${amountText(request)}` : undefined
}

function tooFar(rule: string, bound: Amount, { request = none, limit = none }: Picked): string | undefined {
  if (request.billionths === 0n) return `${rule}, but no request is specified or request is 0`
  if (limit.billionths === 0n) return `${rule}, but no limit is specified or limit is 0`
  const ratio = Number(limit.billionths) / Number(request.billionths)
  return ratio > Number(bound.billionths) / 1e9 ? `${rule}, but provided ratio is ${ratio.toFixed(6)}` : undefined
}
