import { isRecord } from "../kube/mod.ts"
import { parseCel } from "./cel.ts"
import { evaluate } from "./cel-eval.ts"
import { CelBudget, type Scope } from "./cel-run.ts"
import { CelFault, CelOpaque, toCel } from "./cel-values.ts"

const conditionSteps = 1_000_000

/** Names for expressions, from plain JSON values; null where there is nothing. */
export function scopeOf(values: Readonly<Record<string, unknown>>): Scope | undefined {
  return Object.entries(values).reduce<Scope | undefined>(
    (outer, [name, value]) => ({
      name,
      value: value instanceof CelOpaque ? value : toCel(value ?? null, undefined),
      outer,
    }),
    undefined,
  )
}

/** The value of an expression, or the text of what went wrong. */
export function outcomeOf(
  text: string,
  scope: Scope | undefined,
): { readonly value: unknown } | { readonly fault: string } {
  const expression = parseCel(text)
  if (!expression.ok) return { fault: expression.error.message }
  try {
    return { value: evaluate(expression.value, { scope, budget: new CelBudget(conditionSteps) }) }
  } catch (error) {
    if (error instanceof CelFault) return { fault: error.message }
    throw error
  }
}

/** Whether all match conditions hold: a false one decides, even where others fail. */
export function conditionsHold(conditions: unknown, scope: Scope | undefined): boolean | { readonly fault: string } {
  let fault: string | undefined
  for (const condition of Array.isArray(conditions) ? conditions.filter(isRecord) : []) {
    const text = String(condition["expression"])
    const outcome = outcomeOf(text, scope)
    if ("fault" in outcome) fault ??= `expression '${text}' resulted in error: ${outcome.fault}`
    else if (outcome.value !== true) return false
  }
  return fault === undefined ? true : { fault }
}
