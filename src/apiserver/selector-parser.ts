import { err, ok, type Result } from "../base/mod.ts"
import type { Requirement, Selector } from "../kube/mod.ts"
import { labelValueProblems, qualifiedNameProblems } from "./names.ts"

const textLengthMax = 10_000

type Kind = "name" | "operator" | "set" | "!" | "," | "(" | ")" | "end"

interface Token {
  readonly kind: Kind
  readonly text: string
}

/** What a selector may compare with; longer ones first. */
const symbols: readonly (readonly [string, Kind])[] = [
  ["==", "operator"],
  ["!=", "operator"],
  ["=", "operator"],
  [">", "operator"],
  ["<", "operator"],
  ["!", "!"],
  [",", ","],
  ["(", "("],
  [")", ")"],
]

const operators: Readonly<Record<string, Requirement["operator"]>> = {
  in: "in",
  notin: "notIn",
  "=": "in",
  "==": "in",
  "!=": "notIn",
  ">": "above",
  "<": "below",
}

/** What stops the reading: caught where the reading began. */
class Unreadable extends Error {}

/** Reads `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>5`; the error is what a real server says. */
export function parseSelector(text: string): Result<Selector, string> {
  if (text.length > textLengthMax) return err(`a label selector may have ${textLengthMax} characters`)
  try {
    return ok(requirementsOf(new Tokens(tokensOf(text))))
  } catch (error) {
    if (error instanceof Unreadable) return err(error.message)
    throw error
  }
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  let rest = text.trimStart()
  while (rest !== "") {
    const symbol = symbols.find(([sign]) => rest.startsWith(sign))
    const word = symbol?.[0] ?? /^[^=!(),><\s]+/.exec(rest)?.[0] ?? rest
    const kind = symbol?.[1] ?? (word === "in" || word === "notin" ? "set" : "name")
    tokens.push({ kind, text: word })
    rest = rest.slice(word.length).trimStart()
  }
  return tokens
}

/** The tokens of a selector, one after the other. */
class Tokens {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  /** The next one, without taking it; where an operator cannot be, `in` is a name. */
  get next(): Token {
    const token = this.#tokens[this.#at] ?? { kind: "end", text: "" }
    return token.kind === "set" ? { ...token, kind: "name" } : token
  }

  take(): Token {
    const token = this.next
    this.#at++
    return token
  }

  takeOperator(): string {
    const token = this.#tokens[this.#at]
    if (token?.kind !== "operator" && token?.kind !== "set") {
      throw new Unreadable(`found '${token?.text ?? ""}', expected: in, notin, =, ==, !=, gt, lt`)
    }
    this.#at++
    return token.text
  }
}

function requirementsOf(tokens: Tokens): Selector {
  const found: Requirement[] = []
  while (tokens.next.kind !== "end") {
    const { kind, text } = tokens.next
    if (kind !== "name" && kind !== "!")
      throw new Unreadable(`found '${text}', expected: !, identifier, or 'end of string'`)
    found.push(requirementOf(tokens))
    const after = tokens.take()
    if (after.kind === "end") break
    if (after.kind !== ",") throw new Unreadable(`found '${after.text}', expected: ',' or 'end of string'`)
    const next = tokens.next
    if (next.kind !== "name" && next.kind !== "!") {
      throw new Unreadable(`found '${next.text}', expected: identifier after ','`)
    }
  }
  return found
}

function requirementOf(tokens: Tokens): Requirement {
  try {
    const isAbsent = tokens.next.kind === "!"
    if (isAbsent) tokens.take()
    const name = tokens.take()
    if (name.kind !== "name") throw new Unreadable(`found '${name.text}', expected: identifier`)
    const key = name.text
    const wrong = qualifiedNameProblems(key)
    if (wrong.length > 0) throw new Unreadable(`<nil>: Invalid value: ${JSON.stringify(key)}: ${wrong.join("; ")}`)
    if (isAbsent) return { key, operator: "absent", values: [] }
    if (tokens.next.kind === "end" || tokens.next.kind === ",") return { key, operator: "exists", values: [] }
    const sign = tokens.takeOperator()
    const operator = operators[sign] ?? "in"
    const values = sign === "in" || sign === "notin" ? valuesOf(tokens) : [oneValue(tokens)]
    mustBeValues(key, operator, values)
    return { key, operator, values }
  } catch (error) {
    if (error instanceof Unreadable) throw new Unreadable(`unable to parse requirement: ${error.message}`)
    throw error
  }
}

function mustBeValues(key: string, operator: Requirement["operator"], values: readonly string[]): void {
  const isNumeric = operator === "above" || operator === "below"
  const problems = values.flatMap((value, index) => {
    const said = `Invalid value: ${JSON.stringify(value)}`
    const why = "for 'Gt', 'Lt' operators, the value must be an integer"
    const number = isNumeric && !/^[-+]?\d{1,18}$/.test(value) ? [`values[${index}]: ${said}: ${why}`] : []
    return [...number, ...labelValueProblems(value).map((problem) => `values[${index}][${key}]: ${said}: ${problem}`)]
  })
  if (problems.length === 1) throw new Unreadable(problems.join())
  if (problems.length > 1) throw new Unreadable(`[${problems.join(", ")}]`)
}

function oneValue(tokens: Tokens): string {
  if (tokens.next.kind === "end" || tokens.next.kind === ",") return ""
  const { kind, text } = tokens.take()
  if (kind !== "name") throw new Unreadable(`found '${text}', expected: identifier`)
  return text
}

/** What stands in parentheses, sorted; nothing between commas is the empty value. */
function valuesOf(tokens: Tokens): readonly string[] {
  const open = tokens.take()
  if (open.kind !== "(") throw new Unreadable(`found '${open.text}' expected: '('`)
  const first = tokens.next
  if (first.kind !== "name" && first.kind !== "," && first.kind !== ")") {
    throw new Unreadable(`found '${first.text}', expected: ',', ')' or identifier`)
  }
  const values = new Set<string>()
  for (let isStart = true; ; isStart = false) {
    const token = tokens.take()
    if (token.kind === ")") return (isStart ? values.add("") : values).size === 0 ? [""] : [...values].sort()
    if (token.kind === "name") {
      values.add(token.text)
      const { kind, text } = tokens.next
      if (kind !== "," && kind !== ")") throw new Unreadable(`found '${text}', expected: ',' or ')'`)
    } else if (token.kind === ",") {
      if (isStart || tokens.next.kind === "," || tokens.next.kind === ")") values.add("")
    } else throw new Unreadable(`found '${token.text}', expected: ',', or identifier`)
  }
}
