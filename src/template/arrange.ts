import type { CallExpr, Expr } from "./ast.ts"
import type { FunctionDef } from "./functions/define.ts"
import { problem, type TemplateError } from "./problem.ts"

/** The arguments of a call in the order in which the function takes them, with what its author should know. */
export interface Arranged {
  readonly args: readonly Expr[]
  readonly warning?: TemplateError
}

/**
 * Puts a call's arguments in order; the one rule for all functions.
 *
 * 1. A function marked `fallback` (`default`): a piped value is the value. Called directly with exactly one literal, the
 *    literal is the fallback wherever it stands (in front it earns a warning). Otherwise as written.
 * 2. A piped value goes where the function says: to its first argument (the subject) or, as in Go, to its last. A
 *    piped literal beside an argument that is none cannot be a subject, so Go's place holds.
 * 3. A direct call is taken as written. A literal in front of a subject earns a warning where Helm has another order.
 */
export function arrange(call: CallExpr, def: FunctionDef): Arranged {
  const { args } = call
  const [first, second] = args
  const last = args.at(-1)
  if (first === undefined || last === undefined || args.length < 2) return { args }
  if (call.piped) {
    const others = args.slice(0, -1)
    const isText = last.kind === "literal" && typeof last.value !== "boolean"
    const stray = isText && others.some((arg) => arg.kind !== "literal") && !def.fallback
    return { args: def.piped === "first" && !stray ? [last, ...others] : args }
  }
  const literalFirst = first.kind === "literal" && args.some((arg) => arg.kind !== "literal")
  if (def.fallback && second && literalFirst) {
    return {
      args: [second, first],
      warning: order("ORK0310", call, `${call.name} takes the value first, then the fallback`),
    }
  }
  if (def.unlikeHelm && literalFirst) {
    return {
      args,
      warning: order("ORK0311", call, `${def.signature.replace(/ \w+$/, "")} takes its subject first, unlike Helm`),
    }
  }
  return { args }
}

function order(code: string, call: CallExpr, message: string): TemplateError {
  return problem(code, message, call, "pipe the value into the function, or change the order")
}
