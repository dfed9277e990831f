import { syntaxProblem } from "./problem.ts"
import { unquote } from "./unquote.ts"

/** What a word can be. */
export type TokenKind =
  | "text"
  | "open"
  | "close"
  | "identifier"
  | "field"
  | "dot"
  | "variable"
  | "string"
  | "number"
  | "("
  | ")"
  | "|"
  | ","
  | ":="
  | "="
  | "eof"

/** One word of a template. */
export interface Token {
  readonly kind: TokenKind
  /** The decoded text: a string without quotes, a field without its dot, a variable with its `$`. */
  readonly text: string
  readonly value: number
  readonly start: number
  readonly end: number
  /** White space before it: `.a.b` is one operand, `.a .b` are two. */
  readonly spaced: boolean
}

const word = /[\p{L}_][\p{L}\p{Nd}_]*/uy
const number =
  /[+-]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?)/y
const space = /[ \t\r\n]+/y

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

/** The words of a template, text and actions, trim markers already applied. Throws `SyntaxProblem`. */
export function lex(source: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  let trimNext = false
  for (;;) {
    const open = source.indexOf("{{", at)
    const trimHere = open !== -1 && source[open + 2] === "-" && match(space, source, open + 3) !== undefined
    let text = source.slice(at, open === -1 ? undefined : open)
    if (trimNext) text = text.replace(/^[ \t\r\n]+/, "")
    if (trimHere) text = trimEnd(text)
    if (text !== "") tokens.push(token("text", text, [at, at + text.length]))
    if (open === -1) break
    const action = lexAction(source, open, trimHere ? open + 3 : open + 2, tokens)
    at = action.end
    trimNext = action.trim
  }
  tokens.push(token("eof", "", [source.length, source.length]))
  return tokens
}

function trimEnd(text: string): string {
  let end = text.length
  while (end > 0 && " \t\r\n".includes(text.charAt(end - 1))) end--
  return text.slice(0, end)
}

type Extra = { readonly spaced?: boolean; readonly value?: number }

function token(kind: TokenKind, text: string, place: readonly [start: number, end: number], extra: Extra = {}): Token {
  return { kind, text, value: extra.value ?? 0, start: place[0], end: place[1], spaced: extra.spaced ?? false }
}

function lexAction(source: string, open: number, inner: number, tokens: Token[]): { end: number; trim: boolean } {
  const comment = inner + (inner === open + 3 ? (match(space, source, inner) ?? "").length : 0)
  if (source.startsWith("/*", comment)) return lexComment(source, open, comment)
  tokens.push(token("open", "{{", [open, inner]))
  let at = inner
  for (;;) {
    const blank = match(space, source, at)
    if (blank) {
      at += blank.length
      if (source.startsWith("-}}", at)) {
        tokens.push(token("close", "-}}", [at, at + 3]))
        return { end: at + 3, trim: true }
      }
    }
    if (source.startsWith("}}", at)) {
      tokens.push(token("close", "}}", [at, at + 2]))
      return { end: at + 2, trim: false }
    }
    if (at >= source.length)
      syntaxProblem('this action is not closed, expected "}}"', open, open + 2, 'write "}}" where it ends')
    const next = lexWord(source, at, blank !== undefined)
    tokens.push(next)
    at = next.end
  }
}

function lexComment(source: string, open: number, comment: number): { end: number; trim: boolean } {
  const stop = source.indexOf("*/", comment + 2)
  if (stop === -1)
    syntaxProblem('this comment is not closed, expected "*/}}"', open, comment + 2, 'write "*/}}" where it ends')
  const rest = /(\}\}|[ \t\r\n]+-\}\})/y
  const close = match(rest, source, stop + 2)
  if (close === undefined) {
    syntaxProblem('a comment must end with "*/}}" and stand alone in its action', comment, stop + 2)
  }
  return { end: stop + 2 + close.length, trim: close.length > 2 }
}

function lexWord(source: string, at: number, spaced: boolean): Token {
  const first = source.charAt(at)
  if (source.startsWith(":=", at)) return token(":=", ":=", [at, at + 2], { spaced })
  if (first === "(" || first === ")" || first === "|" || first === "," || first === "=") {
    return token(first, first, [at, at + 1], { spaced })
  }
  if (first === '"' || first === "`" || first === "'") return lexQuoted(source, at, spaced)
  if (first === "$") {
    const name = match(word, source, at + 1) ?? ""
    return token("variable", `$${name}`, [at, at + 1 + name.length], { spaced })
  }
  const digits = match(number, source, at)
  if (digits !== undefined) return lexNumber(source, at, { digits, spaced })
  if (first === ".") {
    const name = match(word, source, at + 1)
    if (name === undefined) return token("dot", ".", [at, at + 1], { spaced })
    const end = at + 1 + name.length
    refuseDash(source, at, end)
    return token("field", name, [at, end], { spaced })
  }
  const name = match(word, source, at)
  if (name !== undefined) return token("identifier", name, [at, at + name.length], { spaced })
  return syntaxProblem(`unexpected ${JSON.stringify(first)} in an action`, at, at + 1)
}

function refuseDash(source: string, at: number, end: number): void {
  if (source[end] !== "-" || match(word, source, end + 1) === undefined) return
  const whole = /[\p{L}\p{Nd}_-]+/uy
  const name = match(whole, source, at + 1) ?? ""
  syntaxProblem(
    `a field name cannot contain "-", found ".${name}"`,
    at,
    at + 1 + name.length,
    `write (index <map> "${name}")`,
  )
}

function lexQuoted(source: string, at: number, spaced: boolean): Token {
  const quote = source.charAt(at)
  let end = at + 1
  for (; end < source.length && source[end] !== quote; end++) {
    if (quote === "`") continue
    if (source[end] === "\n") break
    if (source[end] === "\\") end++
  }
  if (source[end] !== quote) syntaxProblem(`this text is not closed, expected ${quote}`, at, at + 1)
  const body = source.slice(at + 1, end)
  if (quote === "`") return token("string", body.replaceAll("\r", ""), [at, end + 1], { spaced })
  const decoded = unquote(body, at + 1)
  if (quote === '"') return token("string", decoded, [at, end + 1], { spaced })
  const character = [...decoded]
  if (character.length !== 1) syntaxProblem("single quotes hold exactly one character", at, end + 1, 'use " for text')
  return token("number", body, [at, end + 1], { spaced, value: decoded.codePointAt(0) ?? 0 })
}

function lexNumber(source: string, at: number, found: { digits: string; spaced: boolean }): Token {
  const end = at + found.digits.length
  const plain = found.digits.replaceAll("_", "")
  const sign = plain.startsWith("-") ? -1 : 1
  // A leading zero means octal, as in Go: 0755.
  const value = sign * Number(plain.replace(/^[+-]/, "").replace(/^0(?=[0-7]+$)/, "0o"))
  if (match(word, source, end) !== undefined || !Number.isFinite(value)) {
    syntaxProblem(`bad number ${JSON.stringify(source.slice(at, end + 1))}`, at, Math.min(end + 1, source.length))
  }
  if (Number.isInteger(value) && !Number.isSafeInteger(value) && !/[.eE]/.test(plain)) {
    syntaxProblem(`${plain} is too large to be kept exactly`, at, end, "put it in quotes")
  }
  return token("number", plain, [at, end], { spaced: found.spaced, value: value === 0 ? 0 : value })
}
