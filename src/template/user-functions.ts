import type { FunctionDef } from "./functions/define.ts"
import { builtins, type FunctionLookup } from "./functions/lookup.ts"
import { problem, type TemplateError } from "./problem.ts"
import { type Compiled, compileText } from "./template.ts"

/** A function of the author's own: a name without arguments for a template, which reads the caller's data. */
export interface UserFunction {
  readonly name: string
  readonly expression: string
}

/** Functions to call, and what is wrong with their expressions. */
export interface Defined {
  readonly functions: FunctionLookup
  readonly problems: readonly { readonly name: string; readonly error: TemplateError }[]
}

/** More than any Katalog has: they may call each other, and the way down must end. */
const functionsMax = 500

/**
 * The language with functions of the author's own, in any order; the first of a name counts, before a built-in one. They
 * may call each other, but not in a circle. A wrong one can still be called, so that its mistake is reported once.
 */
export function defineFunctions(list: readonly UserFunction[]): Defined {
  const problems: { readonly name: string; readonly error: TemplateError }[] = []
  const expressions = new Map<string, string>()
  for (const { name, expression } of list) if (!expressions.has(name)) expressions.set(name, expression)
  const compiled = new Map<string, Compiled | "now">()
  const circles = new Set<string>()
  const way: string[] = []
  const report = (name: string, error: TemplateError) => problems.push({ name, error })

  function bodyOf(name: string, expression: string): Compiled | undefined {
    const known = compiled.get(name)
    if (known === "now") circle(name)
    if (known !== undefined) return known === "now" ? undefined : known
    compiled.set(name, "now")
    way.push(name)
    const body = compileText(expression, functions)
    way.pop()
    compiled.set(name, body)
    for (const error of body.checked.errors) report(name, error)
    return body
  }

  function circle(name: string): void {
    if (circles.has(name)) return
    circles.add(name)
    const names = [...way.slice(way.indexOf(name)), name]
    const message = `the note "${name}" calls itself: ${names.join(" -> ")}`
    const place = { start: 0, end: expressions.get(name)?.length ?? 0 }
    report(name, problem("ORK0321", message, place, "take one of these calls out"))
  }

  const functions: FunctionLookup = {
    get(name) {
      const expression = expressions.get(name)
      return expression === undefined ? builtins.get(name) : defOf(name, bodyOf(name, expression))
    },
    names: () => [...expressions.keys(), ...builtins.names()],
    readBy(name) {
      const expression = expressions.get(name)
      if (expression === undefined) return undefined
      const known = compiled.get(name)
      return (known === "now" ? undefined : known)?.template?.refs ?? []
    },
  }
  if (expressions.size > functionsMax) {
    const [name = ""] = expressions.keys()
    report(name, problem("ORK0307", `at most ${functionsMax} notes, found ${expressions.size}`, { start: 0, end: 0 }))
    return { functions: builtins, problems }
  }
  for (const [name, expression] of expressions) bodyOf(name, expression)
  return { functions, problems }
}

function defOf(name: string, body: Compiled | undefined): FunctionDef {
  return {
    name,
    family: "notes",
    signature: `${name}()`,
    description: "",
    purity: body?.checked.impurity ?? "pure",
    min: 0,
    max: 0,
    piped: "last",
    fallback: false,
    unlikeHelm: false,
    variadic: false,
    call(run) {
      // The call's place counts for errors, not one inside of the function's own text.
      const { at } = run
      try {
        return body?.template?.compute(run)
      } finally {
        run.at = at
      }
    },
  }
}
