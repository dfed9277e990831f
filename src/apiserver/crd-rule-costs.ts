import type { StatusCause } from "../kube/mod.ts"
import { parseCel } from "./cel.ts"
import { estimatedCost } from "./cel-cost.ts"
import { type Declaration, repetitions } from "./cel-declaration.ts"
import type { Rule } from "./crd-rules.ts"
import { forbidden } from "./names.ts"

const ruleMax = 10_000_000
const totalMax = 100_000_000
const shownMax = 4

/** What the rules of one version of a CRD may cost together. */
export class RuleCosts {
  #total = 0
  readonly #dear: { readonly field: string; readonly cost: number }[] = []

  /** Counts a rule; tells when it alone is too much. */
  note(
    { rule, messageExpression = "" }: Rule,
    at: string,
    { declared, repeated }: { readonly declared: Declaration; readonly repeated: number | undefined },
  ): readonly StatusCause[] {
    const causes: StatusCause[] = []
    const times = repeated ?? repetitions(declared)
    for (const [field, text, count, what] of [
      ["rule", rule, times, "rule"],
      ["messageExpression", messageExpression, 1, "messageExpression"],
    ] as const) {
      const parsed = text.trim() === "" ? undefined : parseCel(text)
      if (parsed === undefined || !parsed.ok) continue
      const cost = estimatedCost(parsed.value, declared) * count
      this.#total += cost
      if (cost >= totalMax / 100) this.#dear.push({ field: `${at}.${field}`, cost })
      if (cost > ruleMax) causes.push(forbidden(`${at}.${field}`, tooMuch(`estimated ${what} cost`, cost / ruleMax)))
    }
    return causes
  }

  /** Tells when all rules together are too much. */
  causes(path: string): readonly StatusCause[] {
    if (this.#total <= totalMax) return []
    const dearest = this.#dear.sort((a, b) => b.cost - a.cost).slice(0, shownMax)
    const why = "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema"
    const what = "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema"
    return [
      ...dearest.map(({ field }) => forbidden(field, why)),
      forbidden(path, tooMuch(what, this.#total / totalMax)),
    ]
  }
}

function tooMuch(what: string, factor: number): string {
  const times = factor > 100 ? "more than 100x" : factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`
  const help =
    "try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared"
  return `${what} exceeds budget by factor of ${times} (${help})`
}
