import { type ASTNode, Environment, ParseError } from "@marcbachmann/cel-js"
import { err, Lru, ok, type Result } from "../base/mod.ts"
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
  environment ??= new Environment({ enableOptionalTypes: true, unlistedVariablesAreDyn: true })
  try {
    return ok(toExpr(environment.parse(text).ast))
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const at = error instanceof ParseError ? (error.range?.start ?? 0) : 0
    return err({ message: `Syntax error: ${error.message.split("\n")[0]}`, at })
  }
}

function toExpr(node: ASTNode): Expr {
  const at = node.pos
  switch (node.op) {
    case "value":
      return { op: "value", value: literal(node.args), at }
    case "id":
      return { op: "name", name: node.args, at }
    case ".":
    case ".?":
      return { op: "field", of: toExpr(node.args[0]), name: node.args[1], isOptional: node.op === ".?", at }
    case "[]":
    case "[?]":
      return { op: "index", of: toExpr(node.args[0]), index: toExpr(node.args[1]), isOptional: node.op === "[?]", at }
    case "list":
      return { op: "list", items: node.args.map(toExpr), at }
    case "map":
      return { op: "map", entries: node.args.map(([key, value]) => [toExpr(key), toExpr(value)] as const), at }
    case "?:":
      return { op: "if", args: [toExpr(node.args[0]), toExpr(node.args[1]), toExpr(node.args[2])], at }
    case "&&":
    case "||":
      return { op: node.op === "&&" ? "and" : "or", args: [toExpr(node.args[0]), toExpr(node.args[1])], at }
    case "!_":
    case "-_":
      return { op: "unary", operator: node.op === "!_" ? "!" : "-", args: [toExpr(node.args)], at }
    case "call":
      return { op: "call", name: node.args[0], args: node.args[1].map(toExpr), at }
    case "rcall":
      return { op: "call", name: node.args[0], target: toExpr(node.args[1]), args: node.args[2].map(toExpr), at }
    default:
      return { op: "binary", operator: node.op, args: [toExpr(node.args[0]), toExpr(node.args[1])], at }
  }
}

// The package has a class of its own for whole numbers without a sign, which it does not export.
function literal(value: unknown): unknown {
  const isPlain = typeof value !== "object" || value === null || value instanceof Uint8Array
  return isPlain ? value : new CelUint(BigInt(String(value.valueOf())))
}
