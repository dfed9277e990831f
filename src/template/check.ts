import { didYouMean, plural } from "../base/mod.ts"
import { arrange } from "./arrange.ts"
import type { CallExpr, Expr, Node, Pipeline } from "./ast.ts"
import type { FunctionDef, Purity } from "./functions/define.ts"
import type { FunctionLookup } from "./functions/lookup.ts"
import { refusal } from "./functions/refused.ts"
import { limits } from "./limits.ts"
import { problem, type TemplateError } from "./problem.ts"
import { Scopes } from "./scopes.ts"

/** What is wrong with a template that can be read, and what it needs. */
export interface Checked {
  readonly errors: readonly TemplateError[]
  /** Errors only where randomness is not allowed. */
  readonly randomErrors: readonly TemplateError[]
  readonly warnings: readonly TemplateError[]
  readonly impurity: Purity
  /** Calls of the author's own functions. */
  readonly ownCalls: readonly CallExpr[]
}

interface Check {
  readonly functions: FunctionLookup
  readonly ownCalls: CallExpr[]
  readonly errors: TemplateError[]
  readonly randomErrors: TemplateError[]
  readonly warnings: TemplateError[]
  readonly scopes: Scopes<true>
  impurity: Purity
  /** Whether the dot is still the root. */
  atRoot: boolean
}

/** Finds unknown functions and variables, wrong numbers of arguments, the old vocabulary, and misplaced randomness. */
export function check(nodes: readonly Node[], functions: FunctionLookup): Checked {
  const c: Check = {
    functions,
    ownCalls: [],
    errors: [],
    randomErrors: [],
    warnings: [],
    scopes: new Scopes(),
    impurity: "pure",
    atRoot: true,
  }
  checkNodes(c, nodes)
  return c
}

function checkNodes(c: Check, nodes: readonly Node[]): void {
  c.scopes.block(() => {
    for (const node of nodes) checkNode(c, node)
  })
}

function checkNode(c: Check, node: Node): void {
  if (node.kind === "action") {
    checkPipeline(c, node.pipeline)
  } else if (node.kind === "if" || node.kind === "with") {
    c.scopes.block(() => {
      for (const branch of node.branches) {
        checkPipeline(c, branch.pipeline)
        inside(c, node.kind === "with", branch.body)
      }
      checkNodes(c, node.otherwise ?? [])
    })
  } else if (node.kind === "range") {
    c.scopes.block(() => {
      checkPipeline(c, node.pipeline)
      inside(c, true, node.body)
      checkNodes(c, node.otherwise ?? [])
    })
  }
}

function inside(c: Check, moved: boolean, body: readonly Node[]): void {
  const atRoot = c.atRoot
  c.atRoot = atRoot && !moved
  checkNodes(c, body)
  c.atRoot = atRoot
}

function checkPipeline(c: Check, pipeline: Pipeline): void {
  checkExpr(c, pipeline.expr, 0)
  checkSet(c, pipeline)
  for (const variable of pipeline.variables) {
    if (pipeline.mode === "declare") c.scopes.declare(variable.name, true)
    else if (!c.scopes.has(variable.name)) undefinedVariable(c, variable.name, variable)
  }
}

/** In Helm set and unset change their map, and authors throw the result away; here that would do nothing, silently. */
function checkSet(c: Check, { expr, variables }: Pipeline): void {
  if (expr.kind !== "call" || (expr.name !== "set" && expr.name !== "unset") || variables[0]?.name !== "$_") return
  const message = `${expr.name} makes a new map and changes none, so this does nothing`
  c.errors.push(problem("ORK0308", message, expr, `keep the new map: {{ $map = ${expr.name} $map ... }}`))
}

/** Enough to read. */
const errorsMax = 100
/** Looking for what was meant takes its time, so only the first mistakes get a hint. */
const hintsMax = 10

function isFull(c: Check): boolean {
  return c.errors.length >= errorsMax
}

function undefinedVariable(c: Check, name: string, place: { readonly start: number; readonly end: number }): void {
  if (isFull(c)) return
  const near = c.errors.length < hintsMax ? didYouMean(name, c.scopes.names()) : undefined
  const help = near ? `did you mean ${near}?` : `declare it first: {{ ${name} := ... }}`
  c.errors.push(problem("ORK0304", `undefined variable ${name}`, place, help))
}

function checkExpr(c: Check, expr: Expr, depth: number): void {
  if (expr.kind === "variable") {
    if (expr.name !== "$" && !c.scopes.has(expr.name)) undefinedVariable(c, expr.name, expr)
  } else if (expr.kind === "field") {
    checkExpr(c, expr.target, depth)
    checkVocabulary(c, expr)
  } else if (expr.kind === "call") {
    checkCall(c, expr, depth)
  }
}

/** Names of the capitalised vocabulary, with what they are called here. */
const vocabulary: ReadonlyMap<string, string> = new Map([
  ["Name", ".metadata.name"],
  ["Namespace", ".metadata.namespace"],
  ["Labels", ".metadata.labels"],
  ["Annotations", ".metadata.annotations"],
  ["Values", ".spec"],
  ...["Spec", "Status", "Metadata", "Children", "External", "Cross", "Inputs", "Item", "Index", "Value"].map(
    (word): [string, string] => [word, `.${word.toLowerCase()}`],
  ),
])

function checkVocabulary(c: Check, expr: Expr & { kind: "field" }): void {
  const { target, names } = expr
  const isRoot = target.kind === "dot" ? c.atRoot : target.kind === "variable" && target.name === "$"
  const first = names[0] ?? ""
  const known = isRoot ? vocabulary.get(first) : undefined
  if (known === undefined) return
  const rest = names.slice(1).map((name) => `.${name.charAt(0).toLowerCase()}${name.slice(1)}`)
  const root = target.kind === "variable" ? "$" : ""
  c.errors.push(
    problem(
      "ORK0305",
      `unknown name ".${first}", names begin in lower case`,
      expr,
      `write ${root}${known}${rest.join("")}`,
    ),
  )
}

function checkCall(c: Check, call: CallExpr, depth: number): void {
  // Each argument of and or or is code within the code of the one before it.
  const below = depth + (call.name === "and" || call.name === "or" ? call.args.length : 1)
  if (isFull(c)) return
  if (below > limits.callDepthMax) {
    c.errors.push(problem("ORK0307", `calls within calls are deeper than ${limits.callDepthMax}`, call))
    return
  }
  for (const arg of call.args) checkExpr(c, arg, below)
  const def = c.functions.get(call.name)
  const name = { start: call.nameStart, end: call.nameEnd }
  if (def === undefined) {
    const instead = refusal(call.name)
    const isHinted = instead === undefined && c.errors.length < hintsMax
    const near = isHinted ? didYouMean(call.name, c.functions.names()) : undefined
    const message =
      instead === undefined ? `unknown function "${call.name}"` : `"${call.name}" is not part of templates`
    c.errors.push(problem("ORK0302", message, name, instead ?? (near ? `did you mean "${near}"?` : undefined)))
    return
  }
  checkCount(c, call, def)
  if (c.functions.readBy(call.name) !== undefined) c.ownCalls.push(call)
  if (def.purity === "random") {
    c.impurity = "random"
    const help = "move it to an entry that is made once, or set once: true"
    c.randomErrors.push(problem("ORK0306", `"${call.name}" gives another value each time`, name, help))
  } else if (def.purity === "clock" && c.impurity === "pure") c.impurity = "clock"
}

function checkCount(c: Check, call: CallExpr, def: FunctionDef): void {
  const count = call.args.length
  if (count >= def.min && count <= def.max) {
    const { warning } = arrange(call, def)
    if (warning) c.warnings.push(warning)
    return
  }
  const bound = count < def.min ? def.min : def.max
  const limit = def.min === def.max ? "" : count < def.min ? "at least " : "at most "
  const message = `${call.name} takes ${limit}${plural(bound, "argument")}, found ${count}`
  c.errors.push(problem("ORK0303", message, call, `it is ${def.signature}`))
}
