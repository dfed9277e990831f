import { assert } from "../base/mod.ts"
import type { Branch, Expr, Node, Pipeline, Place } from "./ast.ts"
import { lex, type Token, type TokenKind } from "./lexer.ts"
import { limits } from "./limits.ts"
import { problem, SyntaxProblem, syntaxProblem } from "./problem.ts"

interface Cursor {
  readonly tokens: readonly Token[]
  at: number
  depth: number
  loops: number
}

/** The nodes of a template. Throws `SyntaxProblem` with the first mistake. */
export function parse(source: string): readonly Node[] {
  const cursor: Cursor = { tokens: lex(source), at: 0, depth: 0, loops: 0 }
  const { nodes, end } = parseNodes(cursor)
  if (end.kind !== "eof") syntaxProblem(`unexpected {{ ${end.text} }}, no block is open here`, end.start, end.end)
  return nodes
}

function peek(cursor: Cursor, ahead = 0): Token {
  const token = cursor.tokens[cursor.at + ahead] ?? cursor.tokens.at(-1)
  assert(token !== undefined, "the lexer ends with eof")
  return token
}

function take(cursor: Cursor): Token {
  const token = peek(cursor)
  cursor.at++
  return token
}

function expect(cursor: Cursor, kind: TokenKind, where: string): Token {
  const token = take(cursor)
  if (token.kind !== kind) syntaxProblem(`unexpected ${shown(token)} in ${where}`, token.start, token.end)
  return token
}

function shown(token: Token): string {
  if (token.kind === "eof") return "end of the template"
  if (token.kind === "close") return '"}}"'
  if (token.kind === "field") return `".${token.text}"`
  return JSON.stringify(token.text)
}

function deeper<T>(cursor: Cursor, place: Place, work: () => T): T {
  if (++cursor.depth > limits.depthMax) tooDeep("nesting", place)
  const result = work()
  cursor.depth--
  return result
}

function tooDeep(what: string, place: Place): never {
  throw new SyntaxProblem(problem("ORK0307", `${what} is longer or deeper than ${limits.depthMax}`, place))
}

/** Nodes up to the `end` or `else` that closes the block, which is returned and consumed with its open mark. */
function parseNodes(cursor: Cursor): { nodes: readonly Node[]; end: Token } {
  const nodes: Node[] = []
  for (;;) {
    const token = take(cursor)
    if (token.kind === "eof") return { nodes, end: token }
    if (token.kind === "text") {
      nodes.push({ kind: "text", text: token.text })
      continue
    }
    const first = peek(cursor)
    if (first.kind === "identifier" && (first.text === "end" || first.text === "else")) {
      return { nodes, end: take(cursor) }
    }
    nodes.push(parseAction(cursor, first))
  }
}

function parseAction(cursor: Cursor, first: Token): Node {
  if (first.kind !== "identifier") return plainAction(cursor)
  switch (first.text) {
    case "if":
    case "with":
      take(cursor)
      return deeper(cursor, first, () => parseBranches(cursor, first))
    case "range":
      take(cursor)
      return deeper(cursor, first, () => parseRange(cursor, first))
    case "break":
    case "continue":
      take(cursor)
      if (cursor.loops === 0) syntaxProblem(`{{ ${first.text} }} stands outside of range`, first.start, first.end)
      expect(cursor, "close", first.text)
      return { kind: first.text }
    case "define":
    case "template":
    case "block":
      return syntaxProblem(`"${first.text}" is not supported: a value here is one template`, first.start, first.end)
    default:
      return plainAction(cursor)
  }
}

function plainAction(cursor: Cursor): Node {
  const pipeline = parsePipeline(cursor, "action")
  expect(cursor, "close", "an action")
  return { kind: "action", pipeline }
}

function parseBranches(cursor: Cursor, keyword: Token): Node {
  const kind = keyword.text === "with" ? "with" : "if"
  const branches: Branch[] = []
  for (;;) {
    const pipeline = parsePipeline(cursor, kind)
    expect(cursor, "close", kind)
    const { nodes, end } = parseNodes(cursor)
    if (branches.push({ pipeline, body: nodes }) > limits.depthMax) tooDeep("a chain of else", keyword)
    if (end.text === "end") return finish(cursor, { kind, branches, otherwise: undefined })
    if (end.kind === "eof") return unclosed(keyword)
    const next = peek(cursor)
    if (next.kind === "identifier" && next.text === kind) {
      take(cursor)
      continue
    }
    expect(cursor, "close", "else")
    const otherwise = parseElse(cursor, keyword)
    return finish(cursor, { kind, branches, otherwise })
  }
}

function parseRange(cursor: Cursor, keyword: Token): Node {
  const pipeline = parsePipeline(cursor, "range")
  expect(cursor, "close", "range")
  cursor.loops++
  const { nodes, end } = parseNodes(cursor)
  cursor.loops--
  if (end.kind === "eof") return unclosed(keyword)
  if (end.text === "end") return finish(cursor, { kind: "range", pipeline, body: nodes, otherwise: undefined })
  expect(cursor, "close", "else")
  const otherwise = parseElse(cursor, keyword)
  return finish(cursor, { kind: "range", pipeline, body: nodes, otherwise })
}

function parseElse(cursor: Cursor, keyword: Token): readonly Node[] {
  const { nodes, end } = parseNodes(cursor)
  if (end.kind === "eof") return unclosed(keyword)
  if (end.text !== "end") syntaxProblem("a block has one else, at its end", end.start, end.end)
  return nodes
}

function finish(cursor: Cursor, node: Node): Node {
  expect(cursor, "close", "end")
  return node
}

function unclosed(keyword: Token): never {
  const message = `this ${keyword.text} is not closed, expected {{ end }}`
  return syntaxProblem(message, keyword.start, keyword.end, `write {{ end }} where the ${keyword.text} ends`)
}

function parsePipeline(cursor: Cursor, where: "action" | "if" | "with" | "range"): Pipeline {
  const start = peek(cursor).start
  const variables = parseVariables(cursor, where)
  const mode = variables.length === 0 ? "none" : take(cursor).kind === ":=" ? "declare" : "assign"
  const expr = parseCommands(cursor)
  return { expr, variables, mode, start, end: expr.end }
}

function parseVariables(cursor: Cursor, where: string): Pipeline["variables"] {
  const first = peek(cursor)
  const next = peek(cursor, 1)
  if (first.kind !== "variable") return []
  if (next.kind === ":=" || next.kind === "=") {
    take(cursor)
    return [named(first)]
  }
  if (next.kind !== ",") return []
  const second = peek(cursor, 2)
  const sign = peek(cursor, 3)
  if (where !== "range" || second.kind !== "variable" || (sign.kind !== ":=" && sign.kind !== "=")) {
    syntaxProblem('"," only stands between the two variables of a range', next.start, next.end)
  }
  cursor.at += 3
  return [named(first), named(second)]
}

function named(token: Token): Place & { readonly name: string } {
  if (token.text === "$") syntaxProblem('"$" is the root and cannot be set', token.start, token.end)
  return { name: token.text, start: token.start, end: token.end }
}

function parseCommands(cursor: Cursor): Expr {
  let expr = parseCommand(cursor, undefined)
  for (let stages = 2; peek(cursor).kind === "|"; stages++) {
    const bar = take(cursor)
    if (stages > limits.depthMax) tooDeep("a pipeline", bar)
    expr = parseCommand(cursor, expr)
  }
  return expr
}

function parseCommand(cursor: Cursor, piped: Expr | undefined): Expr {
  const first = peek(cursor)
  if (first.kind === "identifier" && !isConstant(first)) {
    take(cursor)
    const args: Expr[] = []
    while (startsOperand(peek(cursor))) args.push(parseOperand(cursor))
    const end = args.at(-1)?.end ?? first.end
    if (piped) args.push(piped)
    return {
      kind: "call",
      name: first.text,
      nameStart: first.start,
      nameEnd: first.end,
      args,
      piped: piped !== undefined,
      start: first.start,
      end,
    }
  }
  if (piped) syntaxProblem(`only a function can follow "|", found ${shown(first)}`, first.start, first.end)
  if (!startsOperand(first)) syntaxProblem(`a value is missing before ${shown(first)}`, first.start, first.end)
  const expr = parseOperand(cursor)
  const extra = peek(cursor)
  if (startsOperand(extra)) {
    const isPosition = extra.kind === "number" && !extra.spaced
    const help = isPosition ? `write (index <list> ${extra.text.replace(/^\./, "")})` : "begin with a function name"
    syntaxProblem("a value cannot be called with arguments", extra.start, extra.end, help)
  }
  return expr
}

function startsOperand(token: Token): boolean {
  return ["identifier", "field", "dot", "variable", "string", "number", "("].includes(token.kind)
}

function isConstant(token: Token): boolean {
  return token.text === "true" || token.text === "false" || token.text === "nil"
}

function parseOperand(cursor: Cursor): Expr {
  let expr = parseTerm(cursor)
  const names: string[] = []
  let end = expr.end
  for (let next = peek(cursor); next.kind === "field" && !next.spaced; next = peek(cursor)) {
    names.push(next.text)
    end = take(cursor).end
  }
  if (names.length === 0) return expr
  if (expr.kind === "literal") syntaxProblem("a constant has no fields", expr.start, end)
  if (expr.kind === "field") expr = { ...expr, names: [...expr.names, ...names], end }
  else expr = { kind: "field", target: expr, names, start: expr.start, end }
  if (expr.names.length > limits.depthMax) tooDeep("a chain of fields", expr)
  return expr
}

function parseTerm(cursor: Cursor): Expr {
  const token = take(cursor)
  const place = { start: token.start, end: token.end }
  switch (token.kind) {
    case "string":
      return { kind: "literal", value: token.text, ...place }
    case "number":
      return { kind: "literal", value: token.value, ...place }
    case "dot":
      return { kind: "dot", ...place }
    case "variable":
      return { kind: "variable", name: token.text, ...place }
    case "field":
      return {
        kind: "field",
        target: { kind: "dot", start: token.start, end: token.start },
        names: [token.text],
        ...place,
      }
    case "identifier":
      if (token.text === "nil") return { kind: "literal", value: null, ...place }
      if (isConstant(token)) return { kind: "literal", value: token.text === "true", ...place }
      return {
        kind: "call",
        name: token.text,
        nameStart: token.start,
        nameEnd: token.end,
        args: [],
        piped: false,
        ...place,
      }
    case "(":
      return deeper(cursor, token, () => {
        const inner = parseCommands(cursor)
        const close = take(cursor)
        if (close.kind !== ")")
          syntaxProblem('this "(" is not closed, expected ")"', token.start, token.end, 'write ")" where it ends')
        return { ...inner, start: token.start, end: close.end }
      })
    default:
      return syntaxProblem(`a value is missing before ${shown(token)}`, token.start, token.end)
  }
}
