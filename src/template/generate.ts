import { arrange } from "./arrange.ts"
import type { CallExpr, Expr, Node, Pipeline, Place } from "./ast.ts"
import type { FunctionDef } from "./functions/define.ts"
import { builtins, type FunctionLookup } from "./functions/lookup.ts"
import { Scopes } from "./scopes.ts"

/** A place in the template that can fail when it runs. */
export interface Site extends Place {
  readonly name: string
}

/** What goes to the compiler: the body of a factory, with all it refers to by number. */
export interface Generated {
  readonly code: string
  readonly functions: readonly FunctionDef[]
  readonly sites: readonly Site[]
  /** Calls outside of loops: what every render costs. */
  readonly steps: number
}

interface Generator {
  readonly lookup: FunctionLookup
  readonly scopes: Scopes<string>
  readonly functions: FunctionDef[]
  readonly sites: Site[]
  readonly locals: string[]
  /** Field names, each with a reader of its own: one name per piece of code is what an engine can make fast. */
  readonly fields: Map<string, string>
  /** What is read directly below the root, and the local that keeps it. */
  readonly roots: Map<string, { readonly local: string; readonly code: string }>
  dot: string
  steps: number
}

/** How many actions may add to the result before its length is looked at. */
const actionsBetweenChecks = 16
/** How many pieces one statement joins: a compiler walks a chain of additions recursively. */
const piecesMax = 32

/**
 * JavaScript for checked nodes. Guarantees: it consists of our own keywords and names, of numbers, and of JSON texts;
 * no name or text of the template is ever part of it in another form.
 *
 * Names in the code: `R` the run, `D` the root, `o` the result, `F T B U` field, text, truth and spoken truth, `gN`
 * readers of one field, `cN` what lies below the root, `fN` functions.
 */
export function generate(nodes: readonly Node[], typed: boolean, lookup: FunctionLookup = builtins): Generated {
  const g: Generator = {
    lookup,
    scopes: new Scopes(),
    functions: [],
    sites: [],
    locals: [],
    fields: new Map(),
    roots: new Map(),
    dot: "D",
    steps: 0,
  }
  const single = nodes[0]
  const body =
    typed && single?.kind === "action"
      ? `return ${expression(g, single.pipeline.expr)};`
      : `${nodesCode(g, nodes)}return o;`
  const roots = [...g.roots.values()].map(({ code }) => code).join("")
  const locals = g.locals.length === 0 ? "" : `let ${g.locals.join(",")};`
  const functions = g.functions.map((_, i) => `const f${i}=it.functions[${i}];`).join("")
  const code = `const F=it.field,H=it.hasOwn,T=it.text,B=it.truthy,E=it.entries,U=it.spoken;${functions}${[...g.fields].map(reader).join("")}
return function(R,D){"use strict";let o="";${locals}${roots}${body}};`
  return { code, functions: g.functions, sites: g.sites, steps: g.steps }
}

function local(g: Generator, prefix: string): string {
  const name = `${prefix}${g.locals.length}`
  g.locals.push(name)
  return name
}

/** JSON, which is also JavaScript: nothing inside of a text can end it. */
function constant(value: string | number | boolean | null): string {
  if (typeof value === "number") return value < 0 ? `(${value})` : String(value)
  return JSON.stringify(value)
}

/** Pieces that follow each other are joined in one statement, which engines do in one go. */
function nodesCode(g: Generator, nodes: readonly Node[]): string {
  let code = ""
  let pieces: string[] = []
  let unchecked = 0
  const flush = () => {
    if (pieces.length > 0) code += `o+=${pieces.join("+")};`
    pieces = []
    if (unchecked > 0) code += "R.fits(o.length);"
    unchecked = 0
  }
  for (const node of nodes) {
    if (node.kind === "text") {
      pieces.push(constant(node.text))
    } else if (node.kind === "action" && node.pipeline.variables.length === 0) {
      g.steps++
      pieces.push(`T(${expression(g, node.pipeline.expr)},R)`)
      unchecked++
    } else {
      flush()
      code += statement(g, node)
    }
    if (unchecked >= actionsBetweenChecks || pieces.length >= piecesMax) flush()
  }
  flush()
  return code
}

function statement(g: Generator, node: Exclude<Node, { readonly kind: "text" }>): string {
  switch (node.kind) {
    case "action":
      g.steps++
      return `${pipelineCode(g, node.pipeline)};`
    case "if":
    case "with":
      return branchesCode(g, node)
    case "range":
      return rangeCode(g, node)
    case "break":
    case "continue":
      return `${node.kind};`
  }
}

function pipelineCode(g: Generator, pipeline: Pipeline): string {
  const value = expression(g, pipeline.expr)
  const variable = pipeline.variables[0]
  return variable ? `(${target(g, pipeline, variable.name)}=${value})` : value
}

function target(g: Generator, pipeline: Pipeline, name: string): string {
  const known = g.scopes.get(name)
  if (pipeline.mode === "assign" && known !== undefined) return known
  const fresh = local(g, "v")
  g.scopes.declare(name, fresh)
  return fresh
}

function branchesCode(g: Generator, node: Node & { kind: "if" | "with" }): string {
  let code = ""
  const outer = g.dot
  g.scopes.block(() => {
    for (const [i, branch] of node.branches.entries()) {
      g.steps++
      const value = spoken(g, branch.pipeline.expr, pipelineCode(g, branch.pipeline))
      const dot = node.kind === "with" ? local(g, "d") : undefined
      code += `${i === 0 ? "" : "else "}if(B(${dot ? `${dot}=${value}` : value},R)){`
      g.scopes.block(() => {
        g.dot = dot ?? outer
        code += nodesCode(g, branch.body)
        g.dot = outer
      })
      code += "}"
    }
    if (node.otherwise) code += `else{${block(g, node.otherwise)}}`
  })
  return code
}

function block(g: Generator, nodes: readonly Node[]): string {
  let code = ""
  g.scopes.block(() => {
    code = nodesCode(g, nodes)
  })
  return code
}

function rangeCode(g: Generator, node: Node & { kind: "range" }): string {
  const outer = g.dot
  const list = local(g, "s")
  const index = local(g, "i")
  const dot = local(g, "d")
  let code = `${list}=E(${expression(g, node.pipeline.expr)},R,${at(g, node.pipeline, "range")});`
  const stepsBefore = ++g.steps
  g.scopes.block(() => {
    const [first, second] = node.pipeline.variables
    const item = `${dot}=${list}.values[${index}];`
    const key = `${list}.keys===undefined?${index}:${list}.keys[${index}]`
    let head = item
    if (first && second) head += `${target(g, node.pipeline, first.name)}=${key};`
    const value = second ?? first
    if (value) head += `${target(g, node.pipeline, value.name)}=${dot};`
    g.steps = 0
    g.dot = dot
    const body = block(g, node.body)
    const loop = `for(${index}=0;${index}<${list}.values.length;${index}++){R.turn(${g.steps + 1});${head}${body}}`
    g.steps = stepsBefore
    g.dot = outer
    code += node.otherwise ? `if(${list}.values.length===0){${block(g, node.otherwise)}}else{${loop}}` : loop
  })
  return code
}

/** An argument that notes which place is being computed; it stands last, so it is set after the other arguments. */
function at(g: Generator, place: Place, name: string): string {
  return `R.at=${g.sites.push({ start: place.start, end: place.end, name }) - 1}`
}

function expression(g: Generator, expr: Expr): string {
  switch (expr.kind) {
    case "literal":
      return constant(expr.value)
    case "dot":
      return g.dot
    case "variable":
      return expr.name === "$" ? "D" : (g.scopes.get(expr.name) ?? "undefined")
    case "field":
      return fieldCode(g, expr)
    case "call":
      return callCode(g, expr)
  }
}

/** What lies directly below the root is read once: the data never changes while a template runs. */
function fieldCode(g: Generator, { target, names }: Expr & { readonly kind: "field" }): string {
  const base = expression(g, target)
  const [first = "", ...rest] = names
  return rest.reduce((code, name) => read(g, code, name), base === "D" ? rootField(g, first) : read(g, base, first))
}

function rootField(g: Generator, name: string): string {
  const known = g.roots.get(name)
  if (known !== undefined) return known.local
  const made = local(g, "c")
  g.roots.set(name, { local: made, code: `${made}=${read(g, "D", name)};` })
  return made
}

/** Lists have an own `length` that is no field, so that name takes the slow way. */
function read(g: Generator, code: string, name: string): string {
  if (name === "length") return `F(${code},"length")`
  const known = g.fields.get(name) ?? `g${g.fields.size}`
  g.fields.set(name, known)
  return `${known}(${code})`
}

/** The same promise as `field`: an own property of a map, or nothing. Names that a prototype of JSON values has are looked for first. */
function reader([name, local]: readonly [string, string]): string {
  const key = constant(name)
  if (!(name in Array.prototype)) {
    return `const ${local}=function(v){return v!==null&&typeof v==="object"?v[${key}]:undefined};`
  }
  return `const ${local}=function(v){return v!==null&&typeof v==="object"&&H(v,${key})?v[${key}]:undefined};`
}

function callCode(g: Generator, call: CallExpr): string {
  g.steps++
  const def = g.lookup.get(call.name)
  if (def === undefined) return "undefined"
  if (isLogic(g, call)) return shortCircuit(g, call)
  const args = arrange(call, def).args.map((arg) => argument(g, call, arg))
  const name = `f${functionNumber(g, def)}`
  if (def.variadic) return `${name}(R,[${args.join(",")}],${at(g, call, call.name)})`
  while (args.length < def.max) args.push("undefined")
  return `${name}(${["R", ...args, at(g, call, call.name)].join(",")})`
}

function isLogic(g: Generator, call: CallExpr): boolean {
  return (call.name === "and" || call.name === "or") && g.lookup.readBy(call.name) === undefined
}

/** A function of the author's own mostly says "true" or "false", not true or false: where truth is asked for, it means that. */
function spoken(g: Generator, expr: Expr, code: string): string {
  return expr.kind === "call" && g.lookup.readBy(expr.name) !== undefined ? `U(${code})` : code
}

/** And where a text is compared with, it is one, whatever type the single action of the function yields. */
function argument(g: Generator, call: CallExpr, arg: Expr): string {
  const code = expression(g, arg)
  const truth = spoken(g, arg, code)
  if (truth === code || g.lookup.readBy(call.name) !== undefined) return code
  if (call.name === "not") return truth
  const isCompared = call.name === "eq" || call.name === "ne"
  const withText = call.args.some((other) => other.kind === "literal" && typeof other.value === "string")
  return isCompared && withText ? `T(${code},R)` : code
}

function functionNumber(g: Generator, def: FunctionDef): number {
  const known = g.functions.indexOf(def)
  return known === -1 ? g.functions.push(def) - 1 : known
}

function shortCircuit(g: Generator, call: CallExpr): string {
  const last = call.args.at(-1)
  let code = last === undefined ? "undefined" : spoken(g, last, expression(g, last))
  for (const arg of call.args.slice(0, -1).reverse()) {
    const kept = local(g, "t")
    const test = `B(${kept}=${spoken(g, arg, expression(g, arg))},R)`
    code = call.name === "and" ? `(${test}?${code}:${kept})` : `(${test}?${kept}:${code})`
  }
  return code
}
