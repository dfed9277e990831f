import type { StatusCause } from "../kube/mod.ts"
import {
  amount,
  anyTexts,
  block,
  both,
  type Checks,
  countOrPercent,
  domainPath,
  label,
  labelKey,
  labelValue,
  members,
  mustNot,
  notAboveAll,
  qualified,
  texts,
} from "./builtin-check.ts"
import { containerResource } from "./builtin-checks-amounts.ts"
import { type Fields, listAt, mapAt, numberAt, textAt } from "./fields.ts"
import { duplicate, invalidValue, required, unsupported } from "./names.ts"

/** What runs Pods, and what Pods name. */
export const workloadChecks: Checks = {
  "core.v1.NodeSpec": nodeCauses,
  "node.v1.Overhead": (overhead, at) => amounts(mapAt(overhead, "podFixed"), `${at}.limits`),
  "apps.v1.RollingUpdateDeployment": members({
    maxUnavailable: both(countOrPercent, notAboveAll),
    maxSurge: countOrPercent,
  }),
  "apps.v1.RollingUpdateDaemonSet": daemonUpdate,
  "apps.v1.RollingUpdateStatefulSetStrategy": members({
    maxUnavailable: both(countOrPercent, notAboveAll, (value, field) =>
      isNone(value) ? [invalidValue(field, value, "cannot be 0")] : [],
    ),
  }),
  "apps.v1.StatefulSetSpec": statefulCauses,
  "apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy": (policy, at) =>
    ["whenDeleted", "whenScaled"].flatMap((name) => {
      const value = textAt(policy, name)
      return ["Retain", "Delete"].includes(value) ? [] : [unsupported(`${at}.${name}`, value, ["Retain", "Delete"])]
    }),
  "batch.v1.JobSpec": jobCauses,
  "batch.v1.CronJobSpec": (spec, at) => zoneCauses(spec, at),
  "batch.v1.JobTemplateSpec": (template, at) => {
    const spec = mapAt(template, "spec")
    const why = "`selector` will be auto-generated"
    const field = `${at}.spec.manualSelector`
    return [
      ...(spec["selector"] === undefined ? [] : [invalidValue(`${at}.spec.selector`, spec["selector"], why)]),
      ...(spec["manualSelector"] === true ? [unsupported(field, true, ["nil", "false"])] : []),
    ]
  },
  "core.v1.ReplicationControllerSpec": controllerCauses,
}

function amounts(values: Fields, at: string): readonly StatusCause[] {
  return Object.entries(values).flatMap(([name, value]) => [
    ...containerResource(name, `${at}[${name}]`),
    ...amount("must be greater than or equal to 0")(value, `${at}[${name}]`),
  ])
}

const effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"]

function nodeCauses(spec: Fields): readonly StatusCause[] {
  const taints = listAt(spec, "taints")
  const same = (a: Fields, b: Fields) => a["key"] === b["key"] && a["effect"] === b["effect"]
  const ranges = Array.isArray(spec["podCIDRs"]) ? spec["podCIDRs"] : []
  return [
    ...taints.flatMap((taint, index): readonly StatusCause[] => {
      const [at, effect, value] = [`metadata.taints[${index}]`, textAt(taint, "effect"), textAt(taint, "value")]
      const problems = labelValue(value)
      const isTwice = taints.findIndex((other) => same(other, taint)) < index
      const twice = duplicate(at, { Key: textAt(taint, "key"), Value: value, Effect: effect, TimeAdded: null })
      const message = `${twice.message}: taints must be unique by key and effect pair`
      return [
        ...anyTexts(labelKey)(textAt(taint, "key"), `${at}.key`),
        ...(problems.length === 0 ? [] : [invalidValue(`${at}.value`, value, problems.join(";"))]),
        ...(effect === "" ? [required(`${at}.effect`)] : []),
        ...(effect === "" || effects.includes(effect) ? [] : [unsupported(`${at}.effect`, effect, effects)]),
        ...(isTwice ? [{ ...twice, message }] : []),
      ]
    }),
    ...ranges.flatMap((range, index) => anyTexts(block)(range, `spec.podCIDRs[${index}]`)),
  ]
}

// What is no number at all counts as none.
const isNone = (value: unknown) => value === 0 || (typeof value === "string" && !/^0*[1-9]\d*%$/.test(value))

function daemonUpdate(rolling: Fields, at: string): readonly StatusCause[] {
  const [unavailable, surge] = [rolling["maxUnavailable"], rolling["maxSurge"]]
  const isBoth = unavailable !== undefined && !isNone(unavailable) && surge !== undefined && !isNone(surge)
  const why = "may not be set when maxUnavailable is non-zero"
  return [
    ...members({
      maxUnavailable: both(countOrPercent, notAboveAll),
      maxSurge: both(countOrPercent, notAboveAll),
    })(rolling, at, noRoot),
    ...(isBoth && countOrPercent(surge, "").length === 0 && countOrPercent(unavailable, "").length === 0
      ? [invalidValue(`${at}.maxSurge`, surge, why)]
      : []),
  ]
}

const noRoot = { apiVersion: "", kind: "", metadata: {} }

function statefulCauses(spec: Fields, at: string): readonly StatusCause[] {
  const [policy, strategy] = [textAt(spec, "podManagementPolicy"), mapAt(spec, "updateStrategy")]
  const type = textAt(strategy, "type")
  const causes: StatusCause[] = []
  if (policy === "") causes.push(required(`${at}.podManagementPolicy`))
  else if (policy !== "OrderedReady" && policy !== "Parallel") {
    causes.push(invalidValue(`${at}.podManagementPolicy`, policy, "must be 'OrderedReady' or 'Parallel'"))
  }
  const rolling = strategy["rollingUpdate"]
  if (type === "") causes.push(required(`${at}.updateStrategy`))
  else if (type === "OnDelete" && rolling !== undefined) {
    const why = "only allowed for updateStrategy 'RollingUpdate'"
    causes.push(invalidValue(`${at}.updateStrategy.rollingUpdate`, rolling, why))
  } else if (type !== "OnDelete" && type !== "RollingUpdate") {
    const shown = { Type: type, RollingUpdate: rolling ?? null }
    causes.push(invalidValue(`${at}.updateStrategy`, shown, "must be 'RollingUpdate' or 'OnDelete'"))
  }
  return [...causes, ...texts(label)(spec["serviceName"], `${at}.serviceName`)]
}

const indexedMax = 100_000

function jobCauses(spec: Fields, at: string): readonly StatusCause[] {
  const causes: StatusCause[] = []
  const { completions, maxFailedIndexes, backoffLimitPerIndex } = spec
  if (maxFailedIndexes !== undefined && backoffLimitPerIndex === undefined) {
    causes.push(required(`${at}.backoffLimitPerIndex`, "when maxFailedIndexes is specified"))
  }
  if (spec["managedBy"] !== undefined) causes.push(...domainPath(spec["managedBy"], `${at}.managedBy`))
  const isIndexed = spec["completionMode"] === "Indexed"
  if (isIndexed) {
    if (completions === undefined) causes.push(required(`${at}.completions`, "when completion mode is Indexed"))
    const parallelism = numberAt(spec, "parallelism")
    const why = `must be less than or equal to ${indexedMax} when completion mode is Indexed`
    if (parallelism > indexedMax) causes.push(invalidValue(`${at}.parallelism`, parallelism, why))
    const failed = numberAt(spec, "maxFailedIndexes", Number.NEGATIVE_INFINITY)
    if (completions !== undefined && failed > Number(completions)) {
      causes.push(invalidValue(`${at}.maxFailedIndexes`, failed, "must be less than or equal to completions"))
    }
    if (failed > indexedMax) {
      causes.push(invalidValue(`${at}.maxFailedIndexes`, failed, `must be less than or equal to ${indexedMax}`))
    }
  } else {
    // A mode that nobody knows forbids only what wants another one.
    const isPlain = (spec["completionMode"] ?? "NonIndexed") === "NonIndexed"
    for (const name of ["backoffLimitPerIndex", "maxFailedIndexes", "successPolicy"]) {
      if (spec[name] === undefined || (!isPlain && name !== "successPolicy")) continue
      causes.push(invalidValue(`${at}.${name}`, spec[name], "requires indexed completion mode"))
    }
  }
  return [
    ...causes,
    ...(spec["podFailurePolicy"] === undefined ? [] : failureCauses(spec, at)),
    ...(spec["podFailurePolicy"] !== undefined && spec["podReplacementPolicy"] === "TerminatingOrFailed"
      ? [unsupported(`${at}.podReplacementPolicy`, "TerminatingOrFailed", ["Failed"])]
      : []),
    ...(isIndexed && spec["successPolicy"] !== undefined ? successCauses(spec, `${at}.successPolicy.rules`) : []),
  ]
}

function failureCauses(spec: Fields, at: string): readonly StatusCause[] {
  const pods = mapAt(spec, "template", "spec")
  const names = new Set([...listAt(pods, "containers"), ...listAt(pods, "initContainers")].map(({ name }) => name))
  const restart = textAt(pods, "restartPolicy")
  const field = `${at}.template.spec.restartPolicy`
  const why = 'only "Never" is supported when podFailurePolicy is specified'
  const rules = listAt(mapAt(spec, "podFailurePolicy"), "rules")
  return [
    ...rules.flatMap((rule, index) => ruleCauses(rule, `${at}.podFailurePolicy.rules[${index}]`, { spec, names })),
    ...(restart === "OnFailure" ? [invalidValue(field, restart, why)] : []),
  ]
}

function ruleCauses(
  rule: Fields,
  at: string,
  { spec, names }: { readonly spec: Fields; readonly names: ReadonlySet<unknown> },
): readonly StatusCause[] {
  const [codes, conditions] = [rule["onExitCodes"], listAt(rule, "onPodConditions")]
  const isOpen = codes === undefined && conditions.length === 0
  const isBoth = codes !== undefined && conditions.length > 0
  const said = (why: string): StatusCause => ({
    reason: "FieldValueInvalid",
    message: `Invalid value: ${why}`,
    field: at,
  })
  const isIndex = rule["action"] === "FailIndex" && spec["backoffLimitPerIndex"] === undefined
  const why = "requires the backoffLimitPerIndex to be set"
  return [
    ...(isIndex ? [invalidValue(`${at}.action`, "FailIndex", why)] : []),
    ...(codes === undefined ? [] : codeCauses(mapAt(rule, "onExitCodes"), `${at}.onExitCodes`, names)),
    ...conditions.flatMap((one, index) =>
      anyTexts(qualified)(textAt(one, "type"), `${at}.onPodConditions[${index}].type`),
    ),
    ...(isBoth ? [said("specifying both OnExitCodes and OnPodConditions is not supported")] : []),
    ...(isOpen ? [said("specifying one of OnExitCodes and OnPodConditions is required")] : []),
  ]
}

function codeCauses(codes: Fields, at: string, names: ReadonlySet<unknown>): readonly StatusCause[] {
  const values = Array.isArray(codes["values"]) ? codes["values"].map(Number) : []
  const name = codes["containerName"]
  const field = `${at}.values`
  const unknown = "must be one of the container or initContainer names in the pod template"
  return [
    ...(name === undefined || names.has(name) ? [] : [invalidValue(`${at}.containerName`, name, unknown)]),
    ...(values.length === 0 ? [invalidValue(field, null, "at least one value is required")] : []),
    ...values.flatMap((value, index): readonly StatusCause[] => [
      ...(codes["operator"] === "In" && value === 0
        ? [invalidValue(`${field}[${index}]`, 0, "must not be 0 for the In operator")]
        : []),
      ...(values.indexOf(value) < index ? [duplicate(`${field}[${index}]`, value)] : []),
    ]),
    ...(values.some((value, index) => value < (values[index - 1] ?? value))
      ? [invalidValue(field, values, "must be ordered")]
      : []),
  ]
}

function successCauses(spec: Fields, at: string): readonly StatusCause[] {
  const rules = listAt(mapAt(spec, "successPolicy"), "rules")
  const completions = numberAt(spec, "completions")
  if (rules.length === 0) {
    return [required(at, "at least one rules must be specified when the successPolicy is specified")]
  }
  return rules.flatMap((rule, index): readonly StatusCause[] => {
    const { succeededCount, succeededIndexes } = rule
    const [field, count] = [`${at}[${index}]`, numberAt(rule, "succeededCount")]
    if (succeededCount === undefined && succeededIndexes === undefined) {
      return [required(field, "at least one of succeededCount or succeededIndexes must be specified")]
    }
    const above = `must be less than or equal to ${completions} (the number of specified completions)`
    return [
      ...(count < 0 ? [invalidValue(`${field}.succeededCount`, count, "must be greater than or equal to 0")] : []),
      ...(count > completions ? [invalidValue(`${field}.succeededCount`, count, above)] : []),
    ]
  })
}

function zoneCauses(spec: Fields, at: string): readonly StatusCause[] {
  const zone = spec["timeZone"]
  const field = `${at}.timeZone`
  if (typeof zone !== "string") return []
  if (zone === "") return [invalidValue(field, zone, "timeZone must be nil or non-empty string")]
  const unknown = invalidValue(field, zone, `unknown time zone ${zone}`)
  const isPart = (part: string) => part !== "." && part !== ".." && /^[A-Za-z0-9_+][A-Za-z0-9_+-]{0,}$/.test(part)
  if (!zone.split("/").every(isPart)) return [unknown]
  if (zone.toLowerCase() === "local") {
    const why = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
    return [invalidValue(field, zone, why)]
  }
  return isZone(zone) ? [] : [unknown]
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }) !== undefined
  } catch {
    return false
  }
}

function controllerCauses(spec: Fields, at: string): readonly StatusCause[] {
  const selector = mapAt(spec, "selector")
  const own = mapAt(spec, "template", "metadata")["labels"]
  const isChosen = Object.entries(selector).every(
    ([key, value]) => mapAt(spec, "template", "metadata", "labels")[key] === value,
  )
  const field = `${at}.template.metadata.labels`
  const mismatch = invalidValue(field, own ?? null, "`selector` does not match template `labels`")
  const restart = textAt(mapAt(spec, "template", "spec"), "restartPolicy")
  return [
    ...(isChosen || spec["template"] === undefined ? [] : [mismatch]),
    ...(restart !== "" && restart !== "Always"
      ? [unsupported(`${at}.template.spec.restartPolicy`, restart, ["Always"])]
      : []),
    ...mustNot(
      mapAt(spec, "template", "spec"),
      `${at}.template.spec`,
      ["activeDeadlineSeconds"],
      "activeDeadlineSeconds in ReplicationController is not Supported",
    ),
  ]
}
