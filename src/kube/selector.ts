/** One condition on labels. `notIn` also holds when the label is absent; `above` and `below` compare whole numbers. */
export interface Requirement {
  readonly key: string
  readonly operator: "in" | "notIn" | "exists" | "absent" | "above" | "below"
  readonly values: readonly string[]
}

/** All of these must hold; an empty list selects everything. */
export type Selector = readonly Requirement[]

/** True when the labels meet every requirement. */
export function matches(selector: Selector, labels: Readonly<Record<string, string>> | undefined): boolean {
  return selector.every((requirement) => meets(requirement, labels ?? {}))
}

function meets({ key, operator, values }: Requirement, labels: Readonly<Record<string, string>>): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined
  switch (operator) {
    case "exists":
      return value !== undefined
    case "absent":
      return value === undefined
    case "in":
      return value !== undefined && values.includes(value)
    case "notIn":
      return value === undefined || !values.includes(value)
    case "above":
      return isNumber(value) && Number(value) > Number(values[0])
    case "below":
      return isNumber(value) && Number(value) < Number(values[0])
  }
}

function isNumber(value: string | undefined): boolean {
  return value !== undefined && /^[-+]?\d+$/.test(value)
}

/** `{ b: "2", a: "1" }` → `a=1,b=2`. */
export function formatMatchLabels(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(",")
}
