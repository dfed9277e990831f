import { err, ok, type Result } from "../base/mod.ts"

/** One condition on labels. `notIn` also holds when the label is absent. */
export interface Requirement {
  readonly key: string
  readonly operator: "in" | "notIn" | "exists" | "absent"
  readonly values: readonly string[]
}

/** All of these must hold; an empty list selects everything. */
export type Selector = readonly Requirement[]

const keyPattern = /^([A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/
const valuePattern = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/
const textLengthMax = 10_000

/** Reads `a=b,c!=d,e in (f,g),h notin (i),j,!k`; the error says what cannot be read. */
export function parseSelector(text: string): Result<Selector, string> {
  if (text.length > textLengthMax) return err(`a label selector may have ${textLengthMax} characters`)
  if (text.trim() === "") return ok([])
  const requirements: Requirement[] = []
  // Commas inside parentheses belong to one requirement.
  for (const part of text.split(/,(?![^()]*\))/)) {
    const requirement = parseRequirement(part.trim())
    if (requirement === undefined) return err(`cannot read "${part.trim()}" in the label selector "${text}"`)
    requirements.push(requirement)
  }
  return ok(requirements)
}

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
  }
}

/** `{ b: "2", a: "1" }` → `a=1,b=2`. */
export function formatMatchLabels(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(",")
}

function parseRequirement(text: string): Requirement | undefined {
  const set = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(text)
  if (set) {
    const values = (set[3] ?? "").split(",").map((value) => value.trim())
    return requirement(set[1], set[2] === "in" ? "in" : "notIn", values)
  }
  const equality = /^([^=!\s]+)\s*(==|=|!=)\s*([^=!\s]*)$/.exec(text)
  if (equality) return requirement(equality[1], equality[2] === "!=" ? "notIn" : "in", [equality[3] ?? ""])
  if (text.startsWith("!")) return requirement(text.slice(1).trim(), "absent", [])
  return requirement(text, "exists", [])
}

function requirement(
  key: string | undefined,
  operator: Requirement["operator"],
  values: readonly string[],
): Requirement | undefined {
  if (key === undefined || !keyPattern.test(key) || !values.every((value) => valuePattern.test(value))) return undefined
  return { key, operator, values }
}
