import { isRecord, type KubeObject, parseCron, type StatusCause } from "../kube/mod.ts"
import { type Fields, mapAt, specOf, textAt } from "./fields.ts"
import { invalidValue, required, unsupported } from "./names.ts"

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
  if (!isRecord(selector)) causes.push(mismatch)
  else if (isEmptySelector(selector)) {
    causes.push(invalidValue("spec.selector", {}, `empty selector is invalid for ${named}`))
  } else if (!selects(selector, labels)) causes.push(mismatch)
  const restart = textAt(mapAt(template, "spec"), "restartPolicy")
  if (["Never", "OnFailure"].includes(restart)) {
    causes.push(unsupported("spec.template.spec.restartPolicy", restart, ["Always"]))
  }
  const strategy = mapAt(spec, "strategy")
  const type = textAt(strategy, "type")
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

/** What Jobs ask of their Pods, described at a place. */
export function endingCauses(podSpec: Fields, at: string): readonly StatusCause[] {
  if (["Never", "OnFailure"].includes(textAt(podSpec, "restartPolicy"))) return []
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
