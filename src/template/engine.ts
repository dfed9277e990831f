import { Eta } from "eta/core"
import { assert } from "../base/mod.ts"
import { isRecord } from "../kube/mod.ts"
import type { FunctionDef } from "./functions/define.ts"
import type { Generated } from "./generate.ts"
import { limits } from "./limits.ts"
import { budgetFailure, type Run, typeFailure } from "./run.ts"
import { field, kindOf, sortedKeys, text, truthy } from "./values.ts"

/** Computes one template over the root `data`. Throws `Failure`. */
export type Renderer = (run: Run, data: unknown) => unknown

/** What generated code can reach: these and nothing else. */
interface Reach {
  readonly field: typeof field
  readonly hasOwn: typeof Object.hasOwn
  readonly text: typeof text
  readonly truthy: typeof truthy
  readonly entries: typeof entries
  readonly spoken: typeof spoken
  readonly functions: readonly FunctionDef["call"][]
}

/**
 * Compiles generated code with Eta. Eta's own parser only ever sees an empty text; the code goes in as one exec node
 * of its AST, and as it returns a function, Eta's per-render work is done once.
 */
export function compileCode(generated: Generated): Renderer {
  const eta = new Eta({ plugins: [{ processAST: () => [{ t: "e", val: generated.code }] }] })
  const factory = eta.compile("")
  const reach: Reach = {
    field,
    hasOwn: Object.hasOwn,
    text,
    truthy,
    entries,
    spoken,
    functions: generated.functions.map((def) => def.call),
  }
  const renderer: unknown = factory.call(eta, reach)
  assert(typeof renderer === "function", "generated code returns a function")
  // Eta types every template as text; ours returns the function written by generate.ts.
  return renderer as Renderer
}

/** The truth that a text says; anything else is itself. */
function spoken(value: unknown): unknown {
  return value === "true" ? true : value === "false" ? false : value
}

interface Entries {
  readonly values: readonly unknown[]
  readonly keys: readonly string[] | undefined
}

const none: Entries = { values: [], keys: undefined }

/** What `range` goes over: a list, a map in key order, the numbers below a whole number, or nothing. */
function entries(value: unknown, run: Run, _at: number): Entries {
  if (Array.isArray(value)) return { values: value, keys: undefined }
  if (value === undefined || value === null) return none
  if (isRecord(value)) {
    const keys = sortedKeys(value)
    run.charge(keys.length >> 5)
    return { values: keys.map((key) => value[key]), keys }
  }
  if (typeof value === "number" && Number.isInteger(value)) {
    const count = Math.max(0, value)
    if (count > limits.iterationsMax) budgetFailure(`more than ${limits.iterationsMax} turns of range`)
    return { values: Array.from({ length: count }, (_, i) => i), keys: undefined }
  }
  return typeFailure(`cannot range over a ${kindOf(value)}`)
}
