import type { RE2JS } from "re2js"
import { err, Lru, ok, type Result } from "../base/mod.ts"

/** Where an expression was found, in UTF-16 units; a group that took no part is undefined. */
export interface RegexMatch {
  readonly start: number
  readonly end: number
  readonly groups: readonly (string | undefined)[]
}

/** A compiled expression. Matching takes time linear in the text, whatever the expression. */
export interface Regex {
  /** True when the expression is found anywhere in `text`; only its first 10,000 characters are looked at. */
  test(text: string): boolean
  /** The first place at or after `from` where it is found. The caller bounds the text. */
  find(text: string, from: number): RegexMatch | undefined
  /** The number of the group of this name. */
  groupNumber(name: string): number | undefined
}

const patternLengthMax = 1_000
const subjectLengthMax = 10_000
/** How many compiled expressions are kept for the next use. */
export const regexesKept = 500
const cache = new Lru<string, Result<Regex, string>>(regexesKept)

/** Compiles an expression in Go's RE2 syntax, as API servers use it; the error says why it cannot be used. */
export function compileRegex(pattern: string): Result<Regex, string> {
  if (pattern.length > patternLengthMax) return err(`is longer than ${patternLengthMax} characters`)
  const known = cache.get(pattern)
  if (known) return known
  const compiled = compile(pattern)
  cache.set(pattern, compiled)
  return compiled
}

function compile(pattern: string): Result<Regex, string> {
  // Loaded at the first use: most Katalogs have no expressions, and start-up should not pay for them.
  const library: { readonly RE2JS: typeof RE2JS } = require("re2js")
  try {
    const expression = library.RE2JS.compile(pattern)
    return ok({
      test: (text) => expression.matcher(text.slice(0, subjectLengthMax)).find(),
      find: (text, from) => find(expression, text, from),
      groupNumber: (name) =>
        Object.hasOwn(expression.namedGroups(), name) ? expression.namedGroups()[name] : undefined,
    })
  } catch (error) {
    return err(
      `is not valid: ${error instanceof Error ? error.message.replace(/^error parsing regexp: /, "") : "unknown"}`,
    )
  }
}

function find(expression: RE2JS, text: string, from: number): RegexMatch | undefined {
  const matcher = expression.matcher(text)
  if (from > text.length || !matcher.find(from)) return undefined
  const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, i) => matcher.group(i) ?? undefined)
  return { start: matcher.start(), end: matcher.end(), groups }
}

/** How many pieces an expression has once its counted repetitions are written out; a guess where it is malformed. */
export function regexSize(pattern: string): number {
  const outer: number[] = []
  let size = 0
  let atom = 1
  for (const [token] of pattern.matchAll(/\\[\s\S]|\[\^?\]?[^\]]*\]|\{\d+(?:,\d*)?\}|[\s\S]/g)) {
    if (token === "(") {
      outer.push(size)
      size = 0
    } else if (token === ")") {
      atom = size + 1
      size = (outer.pop() ?? 0) + atom
    } else if (/^\{\d/.test(token)) {
      const times = Math.max(...token.slice(1, -1).split(",").map(Number))
      size += atom * Math.max(0, times - 1)
      atom *= Math.max(1, times)
    } else {
      atom = 1
      size += 1
    }
  }
  return outer.reduce((sum, part) => sum + part, size)
}

/** What compiling an expression costs, in pieces of `regexSize`: a class of many characters costs as much as forty. */
export function regexCost(pattern: string): number {
  if (pattern.length > patternLengthMax) return 0
  const classes = pattern.match(/\[(?:\^|\[:)|\\[pPDWS]/g)?.length ?? 0
  return regexSize(pattern) + 40 * classes
}
