import type { Expr } from "./cel.ts"
import { mustBeBool, type Run } from "./cel-run.ts"
import { CelFault, CelOptional, celCompare } from "./cel-values.ts"

type Call = Extract<Expr, { op: "call" }>
type Evaluate = (expr: Expr, run: Run) => unknown

/** A call whose arguments are expressions, not values. */
export type Macro = (call: Call, run: Run, evaluate: Evaluate) => unknown

/** The macro behind a call, if it is one. */
export function macroOf(call: Call): Macro | undefined {
  const key = `${call.target === undefined ? "" : "."}${call.name}/${call.args.length}`
  return Object.hasOwn(macros, key) ? macros[key] : undefined
}

/** The names that a macro's arguments declare; undefined when the call is no macro with variables. */
export function variablesOf(call: Call): readonly string[] | undefined {
  if (macroOf(call) === undefined || call.name === "has") return undefined
  const isTwo = (call.args.length === 3 && call.name !== "map") || call.args.length === 4
  const names = call.args.slice(0, isTwo ? 2 : 1).map((arg) => (arg.op === "name" ? arg.name : undefined))
  return names.every((name) => name !== undefined) ? names : undefined
}

interface Entry {
  readonly key: unknown
  readonly value: unknown
}

function entriesOf(call: Call, run: Run, evaluate: Evaluate): readonly Entry[] {
  const range = call.target === undefined ? undefined : evaluate(call.target, run)
  if (Array.isArray(range)) return range.map((value, i) => ({ key: BigInt(i), value }))
  if (range instanceof Map) return [...range].map(([key, value]) => ({ key, value }))
  throw new CelFault("no such overload")
}

/** Runs the last arguments of a macro for each entry: with one variable it is the element, or the key of a map. */
function each(call: Call, run: Run, evaluate: Evaluate) {
  const names = variablesOf(call)
  if (names === undefined) throw new CelFault("a macro needs a variable")
  const [first = "", second] = names
  const entries = entriesOf(call, run, evaluate)
  const isMap = entries.some(({ key }) => typeof key !== "bigint")
  const bind = ({ key, value }: Entry): Run => {
    const one = { name: first, value: second === undefined && !isMap ? value : key, outer: run.scope }
    return { ...run, scope: second === undefined ? one : { name: second, value, outer: one } }
  }
  const bodies = call.args.slice(names.length)
  return { entries, body: (entry: Entry, index: number) => evaluate(bodies[index] ?? call, bind(entry)), bodies }
}

// `all` and `exists` stop at the first decisive element, and forgive faults of the others.
function quantifier(decisive: boolean): Macro {
  return (call, run, evaluate) => {
    const { entries, body } = each(call, run, evaluate)
    let fault: unknown
    for (const entry of entries) {
      try {
        if (mustBeBool(body(entry, 0)) === decisive) return decisive
      } catch (error) {
        if (!(error instanceof CelFault) || run.budget.isSpent) throw error
        fault ??= error
      }
    }
    if (fault !== undefined) throw fault
    return !decisive
  }
}

const existsOne: Macro = (call, run, evaluate) => {
  const { entries, body } = each(call, run, evaluate)
  return entries.filter((entry) => mustBeBool(body(entry, 0))).length === 1
}

const filter: Macro = (call, run, evaluate) => {
  const { entries, body } = each(call, run, evaluate)
  const kept = entries.filter((entry) => mustBeBool(body(entry, 0)))
  return kept.map(({ key, value }) => (typeof key === "bigint" ? value : key))
}

const map: Macro = (call, run, evaluate) => {
  const { entries, body, bodies } = each(call, run, evaluate)
  const kept = bodies.length === 1 ? entries : entries.filter((entry) => mustBeBool(body(entry, 0)))
  return kept.map((entry) => body(entry, bodies.length - 1))
}

const transformMap: Macro = (call, run, evaluate) => {
  const { entries, body, bodies } = each(call, run, evaluate)
  const kept = bodies.length === 1 ? entries : entries.filter((entry) => mustBeBool(body(entry, 0)))
  return new Map(kept.map((entry) => [entry.key, body(entry, bodies.length - 1)]))
}

const sortBy: Macro = (call, run, evaluate) => {
  const { entries, body } = each(call, run, evaluate)
  const keyed = entries.map((entry) => ({ value: entry.value, key: body(entry, 0) }))
  return keyed.sort((a, b) => celCompare(a.key, b.key) ?? 0).map(({ value }) => value)
}

const has: Macro = (call, run, evaluate) => {
  const [arg] = call.args
  if (arg?.op !== "field") throw new CelFault("invalid argument to has() macro")
  const of = evaluate(arg.of, run)
  const inner = of instanceof CelOptional ? of.value : of
  if (inner === undefined) return false
  if (!(inner instanceof Map)) throw new CelFault("no such overload")
  return inner.has(arg.name)
}

function optional(isFlat: boolean): Macro {
  return (call, run, evaluate) => {
    const of = call.target === undefined ? undefined : evaluate(call.target, run)
    const [variable, body] = call.args
    if (!(of instanceof CelOptional) || variable?.op !== "name" || body === undefined)
      throw new CelFault("no such overload")
    if (of.value === undefined) return of
    const found = evaluate(body, { ...run, scope: { name: variable.name, value: of.value, outer: run.scope } })
    return isFlat ? found : new CelOptional(found)
  }
}

const lazyOr: Macro = (call, run, evaluate) => {
  const of = call.target === undefined ? undefined : evaluate(call.target, run)
  const [other] = call.args
  if (!(of instanceof CelOptional) || other === undefined) throw new CelFault("no such overload")
  if (of.value === undefined) return evaluate(other, run)
  return call.name === "or" ? of : of.value
}

const macros: Readonly<Record<string, Macro>> = {
  "has/1": has,
  ".all/2": quantifier(false),
  ".all/3": quantifier(false),
  ".exists/2": quantifier(true),
  ".exists/3": quantifier(true),
  ".exists_one/2": existsOne,
  ".existsOne/2": existsOne,
  ".existsOne/3": existsOne,
  ".filter/2": filter,
  ".map/2": map,
  ".map/3": map,
  ".transformList/3": map,
  ".transformList/4": map,
  ".transformMap/3": transformMap,
  ".transformMap/4": transformMap,
  ".sortBy/2": sortBy,
  ".optMap/2": optional(false),
  ".optFlatMap/2": optional(true),
  ".or/1": lazyOr,
  ".orValue/1": lazyOr,
}

/** Whether a method of this name is a macro with some number of arguments. */
export function isMacroName(name: string): boolean {
  return Object.keys(macros).some((key) => key.startsWith(`.${name}/`))
}
