import { isRecord, matches, type Requirement } from "../kube/mod.ts"

const operators: Readonly<Record<string, Requirement["operator"]>> = {
  In: "in",
  NotIn: "notIn",
  Exists: "exists",
  DoesNotExist: "absent",
}

/** Whether a `metav1.LabelSelector` selects these labels; an empty or absent one selects everything. */
export function selectsLabels(selector: unknown, labels: Readonly<Record<string, string>> | undefined): boolean {
  if (!isRecord(selector)) return true
  const { matchLabels, matchExpressions } = selector
  const equal = Object.entries(isRecord(matchLabels) ? matchLabels : {}).map(
    ([key, value]): Requirement => ({ key, operator: "in", values: [String(value)] }),
  )
  const others = (Array.isArray(matchExpressions) ? matchExpressions : []).filter(isRecord).map(
    ({ key, operator, values }): Requirement => ({
      key: String(key),
      operator: operators[String(operator)] ?? "in",
      values: Array.isArray(values) ? values.map(String) : [],
    }),
  )
  return matches([...equal, ...others], labels)
}
