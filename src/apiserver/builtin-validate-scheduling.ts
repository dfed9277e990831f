import type { StatusCause } from "../kube/mod.ts"
import { type Fields, listAt, mapAt, numberAt, textAt } from "./fields.ts"
import { invalidValue, labelValueProblems, qualifiedNameProblems, unsupported } from "./names.ts"

/** What is wrong with the wishes of a Pod about its node. */
export function schedulingCauses(spec: Fields, at: string): readonly StatusCause[] {
  const keys = Object.keys(mapAt(spec, "nodeSelector"))
  return [
    ...keys.flatMap((key) => qualifiedNameProblems(key).map((why) => invalidValue(`${at}.nodeSelector`, key, why))),
    ...listAt(spec, "tolerations").flatMap((one, index) => tolerationCauses(one, `${at}.tolerations[${index}]`)),
    ...nodeCauses(mapAt(spec, "affinity", "nodeAffinity"), `${at}.affinity.nodeAffinity`),
    ...["podAffinity", "podAntiAffinity"].flatMap((member) =>
      podCauses(mapAt(spec, "affinity", member), `${at}.affinity.${member}`),
    ),
    ...listAt(spec, "topologySpreadConstraints").flatMap((one, index) =>
      spreadCauses(one, `${at}.topologySpreadConstraints[${index}]`),
    ),
  ]
}

/** What is wrong with one toleration. */
export function tolerationCauses(toleration: Fields, at: string): readonly StatusCause[] {
  const [key, operator] = [textAt(toleration, "key"), textAt(toleration, "operator")]
  const [value, effect] = [textAt(toleration, "value"), textAt(toleration, "effect")]
  const causes: StatusCause[] = []
  if (key !== "") causes.push(...qualifiedNameProblems(key).map((why) => invalidValue(`${at}.key`, key, why)))
  else if (operator !== "Exists") {
    const why = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
    causes.push(invalidValue(`${at}.operator`, operator, why))
  }
  if (toleration["tolerationSeconds"] !== undefined && effect !== "NoExecute") {
    causes.push(invalidValue(`${at}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"))
  }
  if (operator === "Equal" || operator === "") {
    const problems = labelValueProblems(value)
    if (problems.length > 0) causes.push(invalidValue(`${at}.operator`, value, problems.join(";")))
  }
  if (operator === "Exists" && value !== "") {
    causes.push(invalidValue(`${at}.operator`, value, "value must be empty when `operator` is 'Exists'"))
  }
  return causes
}

const requiredRule = "requiredDuringSchedulingIgnoredDuringExecution"
const preferredRule = "preferredDuringSchedulingIgnoredDuringExecution"
const weightText = "must be in the range 1-100"

function nodeCauses(affinity: Fields, at: string): readonly StatusCause[] {
  return listAt(affinity, preferredRule).flatMap((one, index) => weightCauses(one, `${at}.${preferredRule}[${index}]`))
}

function weightCauses(preference: Fields, at: string): readonly StatusCause[] {
  const weight = numberAt(preference, "weight")
  return weight < 1 || weight > 100 ? [invalidValue(`${at}.weight`, weight, weightText)] : []
}

function podCauses(affinity: Fields, at: string): readonly StatusCause[] {
  const preferred = listAt(affinity, preferredRule)
  return [
    ...listAt(affinity, requiredRule).flatMap((term, index) => topologyCauses(term, `${at}.${requiredRule}[${index}]`)),
    ...preferred.flatMap((one, index) => {
      const place = `${at}.${preferredRule}[${index}]`
      return [...weightCauses(one, place), ...topologyCauses(mapAt(one, "podAffinityTerm"), `${place}.podAffinityTerm`)]
    }),
  ]
}

function topologyCauses(term: Fields, at: string): readonly StatusCause[] {
  const key = textAt(term, "topologyKey")
  return qualifiedNameProblems(key).map((why) => invalidValue(`${at}.topologyKey`, key, why))
}

function spreadCauses(constraint: Fields, at: string): readonly StatusCause[] {
  const skew = numberAt(constraint, "maxSkew")
  const causes = skew > 0 ? [] : [invalidValue(`${at}.maxSkew`, skew, "must be greater than zero")]
  if (textAt(constraint, "whenUnsatisfiable") !== "") return causes
  return [...causes, unsupported(`${at}.whenUnsatisfiable`, "", ["DoNotSchedule", "ScheduleAnyway"])]
}
