import type { StatusCause } from "../kube/mod.ts"
import {
  all,
  amount,
  both,
  type Checks,
  countOrPercent,
  label,
  labels,
  members,
  notAboveAll,
  oneOf,
  qualified,
  segment,
  texts,
  under,
  within,
} from "./builtin-check.ts"
import { containerResource } from "./builtin-checks-amounts.ts"
import { tolerationCauses } from "./builtin-validate-scheduling.ts"
import { type Fields, listAt, mapAt, numberAt, textAt } from "./fields.ts"
import { duplicate, forbidden, invalidValue, required, unsupported } from "./names.ts"

const positive = within(1, Number.POSITIVE_INFINITY, "must be greater than zero")
const reference = members({ kind: texts(segment), name: texts(segment) })

/** Autoscalers, budgets, classes of priorities and runtimes, leases. */
export const scalingChecks: Checks = {
  "autoscaling.v1.CrossVersionObjectReference": reference,
  "autoscaling.v2.CrossVersionObjectReference": reference,
  "autoscaling.v1.HorizontalPodAutoscalerSpec": bounds,
  "autoscaling.v2.HorizontalPodAutoscalerSpec": all(bounds, toNothing),
  "autoscaling.v2.HPAScalingRules": (rules, at) => [
    ...members({
      stabilizationWindowSeconds: both(
        within(0, Number.POSITIVE_INFINITY, "must be greater than or equal to zero"),
        within(Number.NEGATIVE_INFINITY, 3600, "must be less than or equal to 3600"),
      ),
      selectPolicy: oneOf("Disabled", "Max", "Min"),
      tolerance: amount("must be greater than or equal to 0"),
    })(rules, at, noRoot),
    ...(listAt(rules, "policies").length === 0 ? [required(`${at}.policies`, "must specify at least one Policy")] : []),
  ],
  "autoscaling.v2.HPAScalingPolicy": (policy, at) => [
    ...oneOf("Percent", "Pods")(textAt(policy, "type"), `${at}.type`),
    ...positive(numberAt(policy, "value"), `${at}.value`),
    ...positive(numberAt(policy, "periodSeconds"), `${at}.periodSeconds`),
    ...within(
      Number.NEGATIVE_INFINITY,
      1800,
      "must be less than or equal to 1800",
    )(policy["periodSeconds"], `${at}.periodSeconds`),
  ],
  "autoscaling.v2.MetricSpec": metric,
  "autoscaling.v2.MetricIdentifier": members({ name: texts(segment) }),
  "autoscaling.v2.MetricTarget": all(
    members({ value: amount("must be positive", true), averageValue: amount("must be positive", true) }),
    targetType,
  ),
  "autoscaling.v2.ContainerResourceMetricSource": (source, at) => [
    ...(textAt(source, "name") === "" ? [] : containerResource(textAt(source, "name"), `${at}.name`)),
    ...texts(label)(source["container"], `${at}.container`),
  ],
  "policy.v1.PodDisruptionBudgetSpec": members({
    minAvailable: both(countOrPercent, notAboveAll),
    maxUnavailable: both(countOrPercent, notAboveAll),
  }),
  "scheduling.v1.PriorityClass": priority,
  "node.v1.RuntimeClass": members({ handler: texts(label) }),
  "node.v1.Scheduling": (scheduling, at) => [
    ...labels(scheduling["nodeSelector"], `${at}.nodeSelector`),
    ...listAt(scheduling, "tolerations").flatMap((one, index) => tolerationCauses(one, `${at}.tolerations[${index}]`)),
    ...sameTolerations(listAt(scheduling, "tolerations"), `${at}.tolerations`),
  ],
  "coordination.v1.LeaseSpec": (spec, at) => {
    const strategy = textAt(spec, "strategy")
    const why = "may only be specified if `strategy` is defined"
    return [
      ...within(
        1,
        Number.POSITIVE_INFINITY,
        "must be greater than 0",
      )(spec["leaseDurationSeconds"], `${at}.leaseDurationSeconds`),
      ...(textAt(spec, "preferredHolder") !== "" && strategy === "" ? [forbidden(`${at}.preferredHolder`, why)] : []),
      ...strategyCauses(spec, at),
    ]
  },
}

const noRoot = { apiVersion: "", kind: "", metadata: {} }

function bounds(spec: Fields, at: string): readonly StatusCause[] {
  const [min, max] = [spec["minReplicas"], numberAt(spec, "maxReplicas")]
  const field = `${at}.maxReplicas`
  const causes: StatusCause[] = []
  if (typeof min === "number" && min < 0) {
    causes.push(invalidValue(`${at}.minReplicas`, min, "must be greater than or equal to 0"))
  }
  if (max === 0) causes.push(required(field))
  if (max < 0) causes.push(invalidValue(field, max, "must be greater than or equal to 1"))
  if (typeof min === "number" && max < min) {
    causes.push(invalidValue(field, max, "must be greater than or equal to `minReplicas`"))
  }
  const utilization = spec["targetCPUUtilizationPercentage"]
  if (typeof utilization === "number" && utilization < 1) {
    const place = `${at}.metrics[0].resource.target.averageUtilization`
    causes.push(invalidValue(place, utilization, "must be greater than 0"))
  }
  const target = mapAt(spec, "scaleTargetRef")
  const missing = ["kind", "name"].filter((name) => textAt(target, name) === "")
  return [
    ...causes,
    ...missing.map((name) => required(`${at}.scaleTargetRef.${name}`)),
    ...versionCauses(textAt(target, "apiVersion"), `${at}.scaleTargetRef.apiVersion`),
  ]
}

function versionCauses(version: string, field: string): readonly StatusCause[] {
  const parts = version.split("/")
  if (parts.length > 2) return [invalidValue(field, version, `unexpected GroupVersion string: ${version}`)]
  const isOpen = parts.length < 2 || parts[0] === ""
  return isOpen ? [invalidValue(field, version, "apiVersion must specify API group")] : []
}

function toNothing(spec: Fields, at: string): readonly StatusCause[] {
  const isOther = ({ type }: Fields) => type === "Object" || type === "External"
  if (spec["minReplicas"] !== 0 || listAt(spec, "metrics").some(isOther)) return []
  const why = "must specify at least one Object or External metric to support scaling to zero replicas"
  return [forbidden(`${at}.metrics`, why)]
}

const sources = ["object", "external", "pods", "resource", "containerResource"] as const
const types = ["ContainerResource", "External", "Object", "Pods", "Resource"]

function metric(spec: Fields, at: string): readonly StatusCause[] {
  const type = textAt(spec, "type")
  const expected = types.includes(type) ? `${type.charAt(0).toLowerCase()}${type.slice(1)}` : ""
  const given = sources.filter((source) => spec[source] !== undefined)
  const causes: StatusCause[] = []
  if (expected === "") causes.push(unsupported(`${at}.type`, type, types))
  else if (spec[expected] === undefined) {
    causes.push(required(`${at}.${expected}`, "must populate information for the given metric source"))
  }
  if (given.length !== 1) {
    const others = given.filter((source) => source !== expected)
    causes.push(...others.map((source) => forbidden(`${at}.${source}`, "must populate the given metric source only")))
  }
  const [first] = given
  if (first === undefined) return causes
  const source = mapAt(spec, first)
  const isUnnamed = source["metric"] === undefined && !first.toLowerCase().includes("resource")
  const why = "must specify a metric target type"
  return [
    ...causes,
    ...(isUnnamed ? [required(`${at}.${first}.metric.name`, "must specify a metric name")] : []),
    ...(source["target"] === undefined
      ? [required(`${at}.${first}.target.type`, why), ...targetType({}, `${at}.${first}.target`)]
      : []),
    ...targetCauses(first, mapAt(source, "target"), `${at}.${first}.target`),
  ]
}

function targetCauses(source: string, target: Fields, at: string): readonly StatusCause[] {
  const [value, average, utilization] = [target["value"], target["averageValue"], target["averageUtilization"]]
  const missing = (member: string, why: string) => required(under(at, member), why)
  switch (source) {
    case "object": {
      const isOpen = value === undefined && average === undefined
      return isOpen ? [missing("averageValue", "must set either a target value or averageValue")] : []
    }
    case "external": {
      const why = "a target value for metric or a per-pod target"
      if (value === undefined && average === undefined) return [missing("averageValue", `must set either ${why}`)]
      const both = "may not set both a target value for metric and a per-pod target"
      return value !== undefined && average !== undefined ? [forbidden(`${at}.value`, both)] : []
    }
    case "pods":
      return average === undefined ? [missing("averageValue", "must specify a positive target averageValue")] : []
    default: {
      const why = "must set either a target raw value or a target utilization"
      if (utilization === undefined && average === undefined) return [missing("averageUtilization", why)]
      const both = "may not set both a target raw value and a target utilization"
      return utilization !== undefined && average !== undefined ? [forbidden(`${at}.averageValue`, both)] : []
    }
  }
}

const targetTypes = new Set(["Utilization", "Value", "AverageValue"])

function targetType(target: Fields, at: string): readonly StatusCause[] {
  const type = textAt(target, "type")
  const utilization = target["averageUtilization"]
  const isLow = typeof utilization === "number" && utilization < 1
  return [
    ...(targetTypes.has(type)
      ? []
      : [invalidValue(`${at}.type`, type, "must be either Utilization, Value, or AverageValue")]),
    ...(isLow ? [invalidValue(`${at}.averageUtilization`, utilization, "must be greater than 0")] : []),
  ]
}

const priorityMax = 1_000_000_000

function priority(value: Fields, _: string, { metadata }: { readonly metadata: { readonly name?: string } }) {
  const { name = "" } = metadata
  if (name.startsWith("system-")) {
    if (name === "system-node-critical" || name === "system-cluster-critical") return []
    const why = `priority class names with 'system-' prefix are reserved for system use only. error: ${name} is not a known system priority class`
    return [forbidden("metadata.name", why)]
  }
  const why = `maximum allowed value of a user defined priority is ${priorityMax}`
  return numberAt(value, "value") > priorityMax ? [forbidden("value", why)] : []
}

function sameTolerations(tolerations: readonly Fields[], at: string): readonly StatusCause[] {
  const key = ({ key, operator, value, effect }: Fields) => JSON.stringify([key, operator, value, effect])
  return tolerations.flatMap((one, index) =>
    tolerations.findIndex((other) => key(other) === key(one)) < index ? [duplicate(`${at}[${index}]`, one)] : [],
  )
}

function strategyCauses(spec: Fields, at: string): readonly StatusCause[] {
  const strategy = spec["strategy"]
  if (typeof strategy !== "string") return []
  const field = `${at}.strategy.strategy`
  return strategy.includes("/") ? texts(qualified)(strategy, field) : oneOf("OldestEmulationVersion")(strategy, field)
}
