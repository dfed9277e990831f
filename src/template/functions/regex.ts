import { compileRegex, type Regex, type RegexMatch, regexSize } from "../../kube/mod.ts"
import { budgetFailure, functionFailure, type Run } from "../run.ts"
import { int, result, str } from "./convert.ts"
import { Family } from "./define.ts"

const family = new Family("regex")
const textMax = 10_000
/** What is longer is no expression for `compileRegex`. */
const patternMax = 1_000
/** The expressions that a run has paid for. */
const paid = new WeakMap<Run, Set<string>>()

family.fixed(
  "regexMatch(pattern, text) bool",
  "whether the RE2 expression is found in text",
  (run, pattern, s) => next(run, searched(run, pattern, s), 0) !== undefined,
)
family.fixed(
  "regexFind(pattern, text) string",
  "the first part of text that fits, or the empty text",
  (run, pattern, s) => next(run, searched(run, pattern, s), 0)?.groups[0] ?? "",
)
family.fixed(
  "regexFindAll(pattern, text, count) list",
  "the first count parts of text that fit; all when count is negative",
  (run, pattern, s, count) => all(run, searched(run, pattern, s), int(count)).map((match) => match.groups[0]),
)
family.fixed(
  "regexReplaceAll(pattern, text, replacement) string",
  "text with every part that fits replaced; ${1} stands for the first group",
  (run, pattern, s, by) => {
    const search = searched(run, pattern, s)
    const expand = template(search.regex, str(run, by))
    return replaced(run, search, expand)
  },
)
family.fixed(
  "regexReplaceAllLiteral(pattern, text, replacement) string",
  "text with every part that fits replaced by replacement as it stands",
  (run, pattern, s, by) => replaced(run, searched(run, pattern, s), () => str(run, by)),
)
family.fixed(
  "regexSplit(pattern, text, count) list",
  "the parts of text between what fits, at most count; all when count is negative",
  (run, pattern, s, count) => split(run, searched(run, pattern, s), int(count)),
)
family.fixed("regexQuoteMeta(text) string", "an expression that fits exactly text", (run, s) => quoteMeta(run, s))
family.aliases({
  mustRegexMatch: "regexMatch",
  mustRegexFind: "regexFind",
  mustRegexFindAll: "regexFindAll",
  mustRegexReplaceAll: "regexReplaceAll",
  mustRegexReplaceAllLiteral: "regexReplaceAllLiteral",
  mustRegexSplit: "regexSplit",
  mustRegexQuoteMeta: "regexQuoteMeta",
})

interface Search {
  readonly regex: Regex
  readonly text: string
  /** See `regexSize`. */
  readonly size: number
}

function searched(run: Run, pattern: unknown, text: unknown): Search {
  const spelled = str(run, pattern)
  // Before it is compiled: a loop could make a new expression in each turn.
  charge(run, spelled.slice(0, patternMax))
  const compiled = compileRegex(spelled)
  if (!compiled.ok) return functionFailure(`the expression ${compiled.error}`)
  const subject = str(run, text)
  if (subject.length > textMax) budgetFailure(`a text of more than ${textMax} characters for an expression`)
  return { regex: compiled.value, text: subject, size: regexSize(spelled) }
}

function charge(run: Run, pattern: string): void {
  const known = paid.get(run) ?? new Set()
  if (!known.has(pattern)) run.charge(1 + Math.floor(regexSize(pattern) / 16))
  paid.set(run, known.add(pattern))
}

/** One search reads the rest of the text, so that is what it costs: many searches in a long text are quadratic. */
function next(run: Run, { regex, text, size }: Search, from: number): RegexMatch | undefined {
  run.charge(1 + Math.floor((size * (text.length - from)) / 256))
  return regex.find(text, from)
}

/** What fits, in order; as in Go, an empty match right behind another match does not count. */
function all(run: Run, search: Search, count: number): readonly RegexMatch[] {
  const found: RegexMatch[] = []
  let end = -1
  for (let from = 0; from <= search.text.length && (count < 0 || found.length < count); ) {
    const match = next(run, search, from)
    if (match === undefined) break
    if (match.end > match.start || match.start !== end) found.push(match)
    end = match.end
    from = match.end > match.start ? match.end : match.end + characterLength(search.text, match.end)
  }
  return found
}

function characterLength(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
}

function replaced(run: Run, search: Search, by: (match: RegexMatch) => string): string {
  let out = ""
  let at = 0
  for (const match of all(run, search, -1)) {
    out += search.text.slice(at, match.start) + by(match)
    at = match.end
    run.fits(out.length)
  }
  return result(run, out + search.text.slice(at))
}

/** Go's replacement text: `$1`, `${1}`, `${name}`, and `$$` for a dollar. */
function template(regex: Regex, spelled: string): (match: RegexMatch) => string {
  return (match) =>
    spelled.replace(/\$(?:\$|(\w+)|\{(\w+)\})/g, (whole, bare?: string, braced?: string) => {
      if (whole === "$$") return "$"
      const name = bare ?? braced ?? ""
      const number = /^\d+$/.test(name) ? Number(name) : regex.groupNumber(name)
      return (number === undefined ? undefined : match.groups[number]) ?? ""
    })
}

/** Go's Split, whose last part is left out only when a match begins at the very end. */
function split(run: Run, search: Search, count: number): readonly string[] {
  const { text, size } = search
  if (count === 0) return []
  if (text === "") return size === 0 ? [] : [""]
  const parts: string[] = []
  let at = 0
  let end = 0
  for (const match of all(run, search, count)) {
    if (count > 0 && parts.length >= count - 1) break
    end = match.start
    if (match.end !== 0) parts.push(text.slice(at, match.start))
    at = match.end
  }
  return end === text.length ? parts : [...parts, text.slice(at)]
}

function quoteMeta(run: Run, text: unknown): string {
  return result(run, str(run, text).replace(/[\\.+*?()|[\]{}^$]/g, "\\$&"))
}

/** Functions with regular expressions: RE2, so the time they take is bounded. */
export const regex = family.defs
