import type * as CelJs from "@marcbachmann/cel-js"
import type { ASTNode, Environment } from "@marcbachmann/cel-js"
import { err, Lru, ok, type Result } from "../base/mod.ts"
import { structCall, withoutStructs } from "./cel-structs.ts"
import { CelUint } from "./cel-values.ts"

/** An expression as it was written: macros are calls. `at` is the place in the text where it is complained about. */
export type Expr = { readonly at: number } & (
  | { readonly op: "value"; readonly value: unknown }
  | { readonly op: "name"; readonly name: string }
  | { readonly op: "field"; readonly of: Expr; readonly name: string; readonly isOptional: boolean }
  | { readonly op: "index"; readonly of: Expr; readonly index: Expr; readonly isOptional: boolean }
  | { readonly op: "list"; readonly items: readonly Expr[] }
  | { readonly op: "map"; readonly entries: readonly (readonly [Expr, Expr])[] }
  | { readonly op: "if"; readonly args: readonly [Expr, Expr, Expr] }
  | { readonly op: "and" | "or"; readonly args: readonly [Expr, Expr] }
  | { readonly op: "binary"; readonly operator: string; readonly args: readonly [Expr, Expr] }
  | { readonly op: "unary"; readonly operator: "!" | "-"; readonly args: readonly [Expr] }
  | { readonly op: "struct"; readonly type: string; readonly fields: readonly (readonly [string, Expr])[] }
  | { readonly op: "call"; readonly name: string; readonly target?: Expr; readonly args: readonly Expr[] }
)

/** Why a text is no expression, and where. */
export interface CelSyntaxError {
  readonly message: string
  readonly at: number
}

const lengthMax = 32_768
const parsed = new Lru<string, Result<Expr, CelSyntaxError>>(500)
let environment: Environment | undefined

/** Reads an expression; the package parses, and does nothing else here. */
export function parseCel(text: string): Result<Expr, CelSyntaxError> {
  if (text.length > lengthMax) return err({ message: `is longer than ${lengthMax} characters`, at: 0 })
  const known = parsed.get(text)
  if (known !== undefined) return known
  const result = parse(text)
  parsed.set(text, result)
  return result
}

function parse(text: string): Result<Expr, CelSyntaxError> {
  // Loaded at the first use: most clusters have no rules, and start-up should not pay for them.
  const library: typeof CelJs = require("@marcbachmann/cel-js")
  environment ??= new library.Environment({ enableOptionalTypes: true, unlistedVariablesAreDyn: true })
  const rewritten = withoutStructs(text)
  const origin = (at: number) => rewritten?.origins[at] ?? at
  const source: Source = { text: rewritten?.text ?? text, origin }
  try {
    return ok(toExpr(environment.parse(source.text).ast, source))
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const at = origin(error instanceof library.ParseError ? (error.range?.start ?? 0) : 0)
    return err({ message: `Syntax error: ${problemOf(error.message.split("\n")[0] ?? "", text)}`, at })
  }
}

/** An end that comes too early, in a real server's words. */
function problemOf(message: string, text: string): string {
  if (message !== "Unexpected token: EOF") return message
  // A call may end at once.
  const end = /\w\s*\(\s*$/.test(text) ? "')', " : ""
  const values = "'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER"
  return `mismatched input '<EOF>' expecting {'[', '{', '(', ${end}'.', '-', '!', ${values}}`
}

/** What was parsed, and where its characters stood. */
interface Source {
  readonly text: string
  readonly origin: (at: number) => number
}

function toExpr(node: ASTNode, source: Source): Expr {
  const at = source.origin(placeOf(node, source.text))
  const of = (child: ASTNode) => toExpr(child, source)
  switch (node.op) {
    case "value":
      return { op: "value", value: literal(node.args), at }
    case "id":
      return { op: "name", name: node.args, at }
    case ".":
    case ".?":
      return { op: "field", of: of(node.args[0]), name: node.args[1], isOptional: node.op === ".?", at }
    case "[]":
    case "[?]":
      return { op: "index", of: of(node.args[0]), index: of(node.args[1]), isOptional: node.op === "[?]", at }
    case "list":
      return { op: "list", items: node.args.map(of), at }
    case "map":
      return { op: "map", entries: node.args.map(([key, value]) => [of(key), of(value)] as const), at }
    case "?:":
      return { op: "if", args: [of(node.args[0]), of(node.args[1]), of(node.args[2])], at }
    case "&&":
    case "||":
      return { op: node.op === "&&" ? "and" : "or", args: [of(node.args[0]), of(node.args[1])], at }
    case "!_":
    case "-_":
      return { op: "unary", operator: node.op === "!_" ? "!" : "-", args: [of(node.args)], at }
    case "call":
      return (
        structOf(node.args[0], node.args[1].map(of), at) ?? {
          op: "call",
          name: node.args[0],
          args: node.args[1].map(of),
          at,
        }
      )
    case "rcall":
      return { op: "call", name: node.args[0], target: of(node.args[1]), args: node.args[2].map(of), at }
    default:
      return { op: "binary", operator: node.op, args: [of(node.args[0]), of(node.args[1])], at }
  }
}

/** An object of a named type, which was written as a call before it was parsed. */
function structOf(name: string, [type, members]: readonly Expr[], at: number): Expr | undefined {
  if (name !== structCall || type?.op !== "value" || members?.op !== "map") return undefined
  const fields = members.entries.map(([key, value]) => [key.op === "value" ? String(key.value) : "", value] as const)
  return { op: "struct", type: String(type.value), fields, at }
}

/** Where other compilers of CEL say that a mistake is: at the dot, the operator, the opening parenthesis. */
function placeOf(node: ASTNode, text: string): number {
  switch (node.op) {
    case ".":
    case ".?":
      return text.lastIndexOf(".", node.pos - 1)
    case "[]":
    case "[?]":
      return text.indexOf("[", node.args[0].end)
    case "call":
      return text.indexOf("(", node.start)
    case "rcall":
      return text.indexOf("(", node.args[1].end)
    case "==":
    case "!=":
    case "<":
    case "<=":
    case ">":
    case ">=":
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
    case "in":
      return text.indexOf(node.op, node.args[0].end)
    default:
      return node.pos
  }
}

// The package has a class of its own for whole numbers without a sign, which it does not export.
function literal(value: unknown): unknown {
  const isPlain = typeof value !== "object" || value === null || value instanceof Uint8Array
  return isPlain ? value : new CelUint(BigInt(String(value.valueOf())))
}
