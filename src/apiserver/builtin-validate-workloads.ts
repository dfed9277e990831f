import { isRecord, type KubeObject, parseCron, type StatusCause } from "../kube/mod.ts"
import { isUsable } from "./builtin-checks-network.ts"
import { type Fields, mapAt, numberAt, specOf, textAt } from "./fields.ts"
import { forbidden, invalidValue, required, unsupported } from "./names.ts"

/** Selector and template of a workload that keeps Pods running. */
export function workloadCauses(object: KubeObject, named: string): readonly StatusCause[] {
  const spec = specOf(object)
  const template = mapAt(spec, "template")
  const labels = mapAt(template, "metadata")["labels"]
  const { selector } = spec
  const mismatch = invalidValue(
    "spec.template.metadata.labels",
    labels ?? null,
    "`selector` does not match template `labels`",
  )
  const causes: StatusCause[] = []
  if (isRecord(selector) && !isUsable(selector)) causes.push(...unusable(object.kind, selector))
  else if (!isRecord(selector)) causes.push(mismatch)
  else if (isEmptySelector(selector)) {
    causes.push(invalidValue("spec.selector", {}, `empty selector is invalid for ${named}`))
  } else if (!selects(selector, labels)) causes.push(mismatch)
  const restart = textAt(mapAt(template, "spec"), "restartPolicy")
  if (restart !== "" && restart !== "Always") {
    causes.push(unsupported("spec.template.spec.restartPolicy", restart, ["Always"]))
  }
  if (mapAt(template, "spec")["activeDeadlineSeconds"] !== undefined) {
    const of = object.kind === "Deployment" ? "ReplicaSet" : object.kind
    const why = `activeDeadlineSeconds in ${of} is not Supported`
    causes.push(forbidden("spec.template.spec.activeDeadlineSeconds", why))
  }
  return [...causes, ...strategyCauses(object)]
}

function unusable(kind: string, selector: Fields): readonly StatusCause[] {
  if (kind === "DaemonSet") return []
  const why = kind === "StatefulSet" ? "" : ": invalid label selector"
  const message = `Invalid value: ${JSON.stringify(selector)}${why}`
  return [{ reason: "FieldValueInvalid", message, field: "spec.selector" }]
}

const percentText =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"

function strategyCauses(object: KubeObject): readonly StatusCause[] {
  const spec = specOf(object)
  const causes: StatusCause[] = []
  const strategy = mapAt(spec, "strategy")
  const type = textAt(strategy, "type")
  const rolling = mapAt(strategy, "rollingUpdate")
  for (const member of ["maxUnavailable", "maxSurge"]) {
    const value = rolling[member]
    if (typeof value !== "string" || /^\d+%$/.test(value)) continue
    causes.push(invalidValue(`spec.strategy.rollingUpdate.${member}`, value, percentText))
  }
  const isNone = (value: unknown) => value === 0 || value === "0%"
  if (isNone(rolling["maxUnavailable"]) && isNone(rolling["maxSurge"])) {
    const why = "may not be 0 when `maxSurge` is 0"
    causes.push(invalidValue("spec.strategy.rollingUpdate.maxUnavailable", rolling["maxUnavailable"], why))
  }
  const deadline = numberAt(spec, "progressDeadlineSeconds", Number.POSITIVE_INFINITY)
  if (object.kind === "Deployment" && deadline <= numberAt(spec, "minReadySeconds")) {
    causes.push(invalidValue("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds"))
  }
  if (object.kind === "Deployment" && type !== "Recreate" && type !== "RollingUpdate") {
    const shown = { Type: type, RollingUpdate: strategy["rollingUpdate"] ?? null }
    causes.push(unsupported("spec.strategy", shown, ["Recreate", "RollingUpdate"]))
  }
  if (type === "Recreate" && strategy["rollingUpdate"] !== undefined) {
    const why = "may not be specified when strategy `type` is 'Recreate'"
    causes.push({ reason: "FieldValueForbidden", message: `Forbidden: ${why}`, field: "spec.strategy.rollingUpdate" })
  }
  return causes
}

/** How a DaemonSet replaces its Pods. */
export function daemonStrategyCauses(set: KubeObject): readonly StatusCause[] {
  const strategy = mapAt(specOf(set), "updateStrategy")
  const [type, rolling] = [textAt(strategy, "type"), mapAt(strategy, "rollingUpdate")]
  const { maxUnavailable = null, maxSurge = null } = rolling
  if (type !== "RollingUpdate" && type !== "OnDelete") {
    const shown = { Type: type, RollingUpdate: { MaxUnavailable: maxUnavailable, MaxSurge: maxSurge } }
    return [unsupported("spec.updateStrategy", shown, ["RollingUpdate", "OnDelete"])]
  }
  const isNone = (value: unknown) => value === 0 || value === "0%"
  if (type !== "RollingUpdate" || !isNone(maxUnavailable) || !(isNone(maxSurge) || maxSurge === null)) return []
  return [required("spec.updateStrategy.rollingUpdate.maxUnavailable", "cannot be 0 when maxSurge is 0")]
}

function isEmptySelector(selector: Fields): boolean {
  const { matchLabels, matchExpressions } = selector
  const some = (value: unknown) => typeof value === "object" && value !== null && Object.keys(value).length > 0
  return !some(matchLabels) && !some(matchExpressions)
}

function selects(selector: Fields, labels: unknown): boolean {
  const own = isRecord(labels) ? labels : {}
  const isEqual = Object.entries(mapAt(selector, "matchLabels")).every(([key, value]) => own[key] === value)
  const { matchExpressions } = selector
  const expressions = Array.isArray(matchExpressions) ? matchExpressions.filter(isRecord) : []
  return isEqual && expressions.every((expression) => holds(expression, own))
}

function holds({ key, operator, values }: Fields, labels: Fields): boolean {
  const value = labels[String(key)]
  const isListed = Array.isArray(values) && values.includes(value)
  if (operator === "Exists") return value !== undefined
  if (operator === "DoesNotExist") return value === undefined
  return operator === "NotIn" ? value === undefined || !isListed : value !== undefined && isListed
}

/** Whether a Job's selector, when it has one, chooses its own Pods. */
export function chosenCauses(job: KubeObject): readonly StatusCause[] {
  const { selector } = specOf(job)
  if (selector === undefined) {
    const own = mapAt(specOf(job), "template", "metadata")["labels"] ?? null
    const why = "`selector` does not match template `labels`"
    return [required("spec.selector"), invalidValue("spec.template.metadata.labels", own, why)]
  }
  const labels = mapAt(specOf(job), "template", "metadata")["labels"]
  if (!isRecord(selector) || !isUsable(selector) || selects(selector, labels)) return []
  const why = "`selector` does not match template `labels`"
  return [invalidValue("spec.template.metadata.labels", labels ?? null, why)]
}

/** What Jobs ask of their Pods, described at a place. */
export function endingCauses(podSpec: Fields, at: string): readonly StatusCause[] {
  const policy = textAt(podSpec, "restartPolicy")
  if (["Never", "OnFailure"].includes(policy)) return []
  if (policy !== "" && policy !== "Always") return [unsupported(`${at}.restartPolicy`, policy, ["OnFailure", "Never"])]
  return [required(`${at}.restartPolicy`, 'valid values: "OnFailure", "Never"')]
}

/** Whether a schedule can be read. */
export function scheduleCauses(spec: Fields): readonly StatusCause[] {
  const schedule = textAt(spec, "schedule")
  if (schedule === "" || parseCron(schedule) !== undefined) return []
  const fields = schedule.split(/\s+/).filter((field) => field !== "")
  const why =
    fields.length === 5
      ? `failed to parse int from ${fields.find((field) => /[^\d*/,-]/.test(field)) ?? schedule}`
      : `expected exactly 5 fields, found ${fields.length}: [${fields.join(" ")}]`
  return [invalidValue("spec.schedule", schedule, why)]
}
