import { parseQuantity, type StatusCause } from "../kube/mod.ts"
import { type Checks, labelKey } from "./builtin-check.ts"
import { type Fields, listAt, mapAt, textAt } from "./fields.ts"
import { duplicate, forbidden, invalidValue, required } from "./names.ts"

const compute = ["cpu", "memory", "ephemeral-storage"]
const counted = [
  ...["pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps"],
  ...["persistentvolumeclaims", "services.nodeports", "services.loadbalancers"],
]
const ofQuotas = new Set([
  ...compute,
  ...compute.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  ...counted,
  "requests.storage",
])
const standard = new Set([...ofQuotas, "storage"])
const isHugeQuota = (name: string) => name.startsWith("hugepages-") || name.startsWith("requests.hugepages-")
const isNative = (name: string) => !name.includes("/") || name.includes("kubernetes.io/")

/** Whether a resource is one that somebody has added to nodes. */
export function isExtended(name: string): boolean {
  return !isNative(name) && !name.startsWith("requests.") && labelKey(`requests.${name}`).length === 0
}

/** What is wrong with the name of a resource, whoever asks for it. */
export function resourceName(name: string, field: string): readonly StatusCause[] {
  const problems = labelKey(name)
  if (problems.length > 0) return problems.map((why) => invalidValue(field, name, why))
  if (name.includes("/") || standard.has(name) || isHugeQuota(name)) return []
  return [invalidValue(field, name, "must be a standard resource type or fully qualified")]
}

/** What is wrong with the name of a resource that a container asks for. */
export function containerResource(name: string, field: string): readonly StatusCause[] {
  const causes = resourceName(name, field)
  const because = (why: string) => [...causes, invalidValue(field, name, why)]
  if (name.split("/").length === 1) {
    const isKnown = compute.includes(name) || name.startsWith("hugepages-")
    return isKnown ? causes : because("must be a standard resource for containers")
  }
  return isNative(name) || isExtended(name) ? causes : because("doesn't follow extended resource name standard")
}

/** Limits and quotas of a namespace. */
export const amountChecks: Checks = {
  "core.v1.LimitRangeSpec": (spec, at) => {
    const seen = new Set<string>()
    return listAt(spec, "limits").flatMap((limit, index) => {
      const [field, type] = [`${at}.limits[${index}]`, textAt(limit, "type")]
      const twice = seen.has(type) ? [duplicate(`${field}.type`, type)] : []
      seen.add(type)
      return [...typeCauses(type, `${field}.type`), ...twice, ...limitCauses(limit, field, type)]
    })
  },
  "core.v1.ResourceQuotaSpec": (spec, at) => [
    ...Object.entries(mapAt(spec, "hard")).flatMap(([name, value]) => hardCauses(name, value, `${at}.hard[${name}]`)),
    ...scopeCauses(spec, at),
    ...selectorCauses(spec, `${at}.scopeSelector.matchExpressions`),
  ],
}

function typeCauses(type: string, field: string): readonly StatusCause[] {
  const problems = labelKey(type)
  if (problems.length > 0) return problems.map((why) => invalidValue(field, type, why))
  if (type.includes("/") || ["Pod", "Container", "PersistentVolumeClaim"].includes(type)) return []
  return [invalidValue(field, type, "must be a standard limit type or fully qualified")]
}

const bounds = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] as const

function limitCauses(limit: Fields, at: string, type: string): readonly StatusCause[] {
  const isPod = type === "Pod"
  const nameCauses = isPod || type === "Container" ? containerResource : resourceName
  const judged = bounds.filter((bound) => !(isPod && bound.startsWith("default")))
  const wrongNames = judged.flatMap((bound) =>
    Object.keys(mapAt(limit, bound)).flatMap((name) => nameCauses(name, `${at}.${bound}[${name}]`)),
  )
  const why = "may not be specified when `type` is 'Pod'"
  const wrongMaps = ["default", "defaultRequest"]
    .filter((bound) => isPod && Object.keys(mapAt(limit, bound)).length > 0)
    .map((bound) => forbidden(`${at}.${bound}`, why))
  const isOpen =
    type === "PersistentVolumeClaim" &&
    mapAt(limit, "min")["storage"] === undefined &&
    mapAt(limit, "max")["storage"] === undefined
  const open = "either minimum or maximum storage value is required, but neither was provided"
  const names = new Set(judged.flatMap((bound) => Object.keys(mapAt(limit, bound))))
  return [
    ...wrongNames,
    ...wrongMaps,
    ...(isOpen ? [required(`${at}.limits`, open)] : []),
    ...[...names].flatMap((name) => orderCauses(limit, { at, name, isPod })),
  ]
}

function orderCauses(
  limit: Fields,
  { at, name, isPod }: { readonly at: string; readonly name: string; readonly isPod: boolean },
): readonly StatusCause[] {
  const given = (bound: string) => (isPod && bound.startsWith("default") ? undefined : mapAt(limit, bound)[name])
  const [min, max, own, request] = [given("min"), given("max"), given("default"), given("defaultRequest")]
  const causes: StatusCause[] = []
  const compare = (low: unknown, high: unknown, said: readonly [bound: string, value: unknown, why: string]) => {
    if (low === undefined || high === undefined || (parseQuantity(low) ?? 0) <= (parseQuantity(high) ?? 0)) return
    causes.push(invalidValue(`${at}.${said[0]}[${name}]`, said[1], said[2]))
  }
  compare(min, max, ["min", min, `min value ${min} is greater than max value ${max}`])
  const less = `min value ${min} is greater than default request value ${request}`
  compare(min, request, ["defaultRequest", request, less])
  const more = `default request value ${request} is greater than max value ${max}`
  compare(request, max, ["defaultRequest", request, more])
  const mixed = `default request value ${request} is greater than default limit value ${own}`
  compare(request, own, ["defaultRequest", request, mixed])
  compare(min, own, ["default", min, `min value ${min} is greater than default value ${own}`])
  compare(own, max, ["default", max, `default value ${own} is greater than max value ${max}`])
  const ratio = mapAt(limit, "maxLimitRequestRatio")[name]
  const number = parseQuantity(ratio) ?? 0
  const field = `${at}.maxLimitRequestRatio[${name}]`
  if (ratio !== undefined && number < 1) causes.push(invalidValue(field, ratio, `ratio ${ratio} is less than 1`))
  if (ratio !== undefined && min !== undefined && max !== undefined) {
    const top = (parseQuantity(max) ?? 0) / (parseQuantity(min) ?? 0)
    const why = `ratio ${ratio} is greater than max/min = ${top.toFixed(6)}`
    if (number > top) causes.push(invalidValue(field, ratio, why))
  }
  const isFixed = !isNative(name) || name.startsWith("hugepages-")
  if (isFixed && own !== undefined && request !== undefined && parseQuantity(own) !== parseQuantity(request)) {
    const why = `default value ${own} must equal to defaultRequest value ${request} in ${name}`
    causes.push(invalidValue(`${at}.defaultRequest[${name}]`, request, why))
  }
  return causes
}

function hardCauses(name: string, value: unknown, field: string): readonly StatusCause[] {
  const causes: StatusCause[] = [...resourceName(name, field)]
  if (name.split("/").length === 1 && !ofQuotas.has(name) && !isHugeQuota(name)) {
    causes.push(invalidValue(field, name, "must be a standard resource for quota"))
  }
  const number = parseQuantity(value) ?? 0
  if (number < 0) causes.push(invalidValue(field, value, "must be greater than or equal to 0"))
  const isWhole = counted.includes(name) || isExtended(name)
  if (isWhole && !Number.isInteger(number)) causes.push(invalidValue(field, value, "must be an integer"))
  return causes
}

const scopes = new Set([
  ...["Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass", "VolumeAttributesClass"],
  "CrossNamespacePodAffinity",
])
const ofPods = new Set(["pods", ...["cpu", "memory"].flatMap((one) => [one, `limits.${one}`, `requests.${one}`])])

function isFor(scope: string, name: string): boolean {
  if (scope === "BestEffort") return name === "pods"
  if (scope === "VolumeAttributesClass") return name === "persistentvolumeclaims" || name === "requests.storage"
  return !scopes.has(scope) || ofPods.has(name)
}

function pairCauses(given: readonly string[], field: string, shown: unknown): readonly StatusCause[] {
  const pairs = [
    ["BestEffort", "NotBestEffort"],
    ["Terminating", "NotTerminating"],
  ]
  const wrong = pairs.filter((pair) => pair.every((scope) => given.includes(scope)))
  return wrong.map(() => invalidValue(field, shown, "conflicting scopes"))
}

function scopeCauses(spec: Fields, at: string): readonly StatusCause[] {
  const given = Array.isArray(spec["scopes"]) ? spec["scopes"].map(String) : []
  const field = `${at}.scopes`
  const hard = Object.keys(mapAt(spec, "hard")).filter((name) => ofQuotas.has(name) || isHugeQuota(name))
  const causes = given.flatMap((scope) => [
    ...(scopes.has(scope) ? [] : [invalidValue(field, given, "unsupported scope")]),
    ...hard
      .filter((name) => !isFor(scope, name))
      .map(() => invalidValue(field, given, "unsupported scope applied to resource")),
  ])
  return [...causes, ...pairCauses(given, field, given)]
}

const onlyThere = new Set(["BestEffort", "NotBestEffort", "Terminating", "NotTerminating", "CrossNamespacePodAffinity"])

function selectorCauses(spec: Fields, at: string): readonly StatusCause[] {
  const list = listAt(mapAt(spec, "scopeSelector"), "matchExpressions")
  const hard = Object.keys(mapAt(spec, "hard")).filter((name) => ofQuotas.has(name) || isHugeQuota(name))
  const causes = list.flatMap((requirement): readonly StatusCause[] => {
    const [scope, operator] = [textAt(requirement, "scopeName"), textAt(requirement, "operator")]
    const values = Array.isArray(requirement["values"]) ? requirement["values"] : []
    const why =
      "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
    return [
      ...(scopes.has(scope) ? [] : [invalidValue(`${at}.scopeName`, scope, "unsupported scope")]),
      ...hard
        .filter((name) => !isFor(scope, name))
        .map(() => invalidValue(at, spec["scopeSelector"], "unsupported scope applied to resource")),
      ...(onlyThere.has(scope) && operator !== "Exists" ? [invalidValue(`${at}.operator`, operator, why)] : []),
      ...operatorCauses(operator, values, at),
    ]
  })
  const given = list.map((requirement) => textAt(requirement, "scopeName"))
  return [...causes, ...pairCauses(given, at, spec["scopes"] ?? null)]
}

function operatorCauses(operator: string, values: readonly unknown[], at: string): readonly StatusCause[] {
  if (operator === "In" || operator === "NotIn") {
    const why = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
    return values.length === 0 ? [required(`${at}.values`, why)] : []
  }
  if (operator === "Exists" || operator === "DoesNotExist") {
    const why = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
    return values.length === 0 ? [] : [invalidValue(`${at}.values`, values, why)]
  }
  return [invalidValue(`${at}.operator`, operator, "not a valid selector operator")]
}
