import { type YamlNode, yamlNode } from "./yaml-node.ts"
import { plainValue } from "./yaml-scalars.ts"

/** Thrown here, caught here: what is read is beyond plain YAML, or deeper than allowed. */
export class Beyond extends Error {
  readonly isTooDeep: boolean

  constructor({ isTooDeep = false } = {}) {
    super()
    this.isTooDeep = isTooDeep
  }
}

/** A sign that only the complete parser knows, wherever it stands. */
export const unusual = /[\0-\x08\x0b-\x1f\ufeff]/

/** The codes of the signs that have a meaning. */
export const sign = {
  tab: 0x09,
  lineFeed: 0x0a,
  space: 0x20,
  quote: 0x22,
  hash: 0x23,
  ampersand: 0x26,
  apostrophe: 0x27,
  asterisk: 0x2a,
  comma: 0x2c,
  dash: 0x2d,
  dot: 0x2e,
  colon: 0x3a,
  question: 0x3f,
  openList: 0x5b,
  closeList: 0x5d,
  openMap: 0x7b,
  closeMap: 0x7d,
  pipe: 0x7c,
  greater: 0x3e,
} as const

/** What no text without quotes begins with. */
export const indicators: ReadonlySet<number> = new Set([...",[]{}#&*!|>'\"%@`"].map((sign) => sign.charCodeAt(0)))

/** A sign that ends a text inside of brackets. */
export function isFlowSign(code: number): boolean {
  return (
    code === sign.comma ||
    code === sign.openList ||
    code === sign.closeList ||
    code === sign.openMap ||
    code === sign.closeMap
  )
}

/** The end of a line or of the text: there charCodeAt says NaN. */
export function isEnd(code: number): boolean {
  return code === sign.lineFeed || Number.isNaN(code)
}

/** What separates: a blank or an end. */
export function isBlank(code: number): boolean {
  return code === sign.space || code === sign.tab || isEnd(code)
}

/** Where in the text without carriage returns each of them was. */
function returnsIn(text: string): readonly number[] {
  const found: number[] = []
  for (let at = text.indexOf("\r\n"); at !== -1; at = text.indexOf("\r\n", at + 2)) found.push(at - found.length)
  return found
}

/** A place in a text, and what stands around it. Windows line ends are read as line breaks; places of nodes are those of the text as it was. */
export class Cursor {
  readonly text: string
  readonly #returns: readonly number[]
  /** Where reading goes on. */
  at = 0

  constructor(text: string) {
    this.#returns = returnsIn(text)
    this.text = this.#returns.length === 0 ? text : text.replaceAll("\r\n", "\n")
  }

  /** `---` at the begin of a line; its twin `...` is rare. */
  isMarker(at: number): boolean {
    const code = this.code(at)
    if ((code !== sign.dash && code !== sign.dot) || this.code(at + 1) !== code || this.code(at + 2) !== code)
      return false
    if (!isBlank(this.code(at + 3))) return false
    if (code === sign.dot) throw new Beyond()
    return true
  }

  code(at: number): number {
    return this.text.charCodeAt(at)
  }

  skipSpaces(from: number): number {
    let at = from
    while (this.code(at) === sign.space) at++
    return at
  }

  lineEnd(from: number): number {
    const at = this.text.indexOf("\n", from)
    return at === -1 ? this.text.length : at
  }

  node(kind: YamlNode["kind"], start: number, end: number, parts: Partial<YamlNode>): YamlNode {
    return yamlNode(kind, { start: this.place(start), end: this.place(end) }, parts)
  }

  /** The offset in the text as it was, with its carriage returns. */
  place(at: number): number {
    if (this.#returns.length === 0) return at
    let low = 0
    let high = this.#returns.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#returns[middle] ?? 0) < at) low = middle + 1
      else high = middle
    }
    return at + low
  }

  plainNode(start: number, end: number, source: string): YamlNode {
    return this.node("scalar", start, end, { value: plainValue(source), source, style: "PLAIN" })
  }
}
