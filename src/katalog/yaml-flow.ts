import { Beyond, type Cursor, indicators, isBlank, isEnd, isFlowSign, sign } from "./yaml-cursor.ts"
import type { YamlNode, YamlPair, YamlStyle } from "./yaml-node.ts"
import { folded } from "./yaml-scalars.ts"

/** Reads what stands in brackets, quotes or behind a `*`. Each leaves the cursor right behind what it read. */
export class FlowReader {
  readonly #cursor: Cursor
  readonly #depthMax: number
  #level = 0

  constructor(cursor: Cursor, depthMax: number) {
    this.#cursor = cursor
    this.#depthMax = depthMax
  }

  /** The name behind `&` or `*`. */
  name(): string {
    const start = this.#cursor.at + 1
    let at = start
    for (let code = this.#cursor.code(at); !isBlank(code) && !isFlowSign(code); code = this.#cursor.code(at)) at++
    const name = this.#cursor.text.slice(start, at)
    if (name === "" || name.endsWith(":")) throw new Beyond()
    this.#cursor.at = at
    return name
  }

  /** A text in quotes; further lines are indented by `min` at least. */
  quoted(min: number): YamlNode {
    const start = this.#cursor.at
    const isSingle = this.#cursor.code(start) === sign.apostrophe
    const end = isSingle ? this.#singleEnd(start) : this.#doubleEnd(start)
    const body = this.#cursor.text.slice(start + 1, end)
    const hasLines = body.includes("\n")
    if (hasLines) this.#checkLines(start, end, min)
    const style: YamlStyle = isSingle ? "QUOTE_SINGLE" : "QUOTE_DOUBLE"
    let value = hasLines ? folded(body) : body
    if (isSingle) value = value.replaceAll("''", "'")
    else if (body.includes("\\")) value = unescaped(this.#cursor.text.slice(start, end + 1))
    this.#cursor.at = end + 1
    return this.#cursor.node("scalar", start, end + 1, { value, source: value, style })
  }

  #singleEnd(start: number): number {
    let end = this.#cursor.text.indexOf("'", start + 1)
    while (end !== -1 && this.#cursor.code(end + 1) === sign.apostrophe) end = this.#cursor.text.indexOf("'", end + 2)
    if (end === -1) throw new Beyond()
    return end
  }

  #doubleEnd(start: number): number {
    for (
      let end = this.#cursor.text.indexOf('"', start + 1);
      end !== -1;
      end = this.#cursor.text.indexOf('"', end + 1)
    ) {
      let before = end
      while (this.#cursor.text[before - 1] === "\\") before--
      if ((end - before) % 2 === 0) return end
    }
    throw new Beyond()
  }

  #checkLines(start: number, end: number, min: number): void {
    for (
      let at = this.#cursor.text.indexOf("\n", start);
      at !== -1 && at < end;
      at = this.#cursor.text.indexOf("\n", at + 1)
    ) {
      const first = this.#cursor.skipSpaces(at + 1)
      if (this.#cursor.code(first) === sign.lineFeed) continue
      if (first - at - 1 < min || (first === at + 1 && this.#cursor.isMarker(first))) throw new Beyond()
    }
  }

  /** Brackets, quotes, or a text inside of brackets. */
  node(min: number, depth: number): YamlNode {
    const code = this.#cursor.code(this.#cursor.at)
    if (code === sign.quote || code === sign.apostrophe) return this.quoted(min)
    if (code === sign.openList || code === sign.openMap) return this.#brackets(min, depth)
    if (code === sign.asterisk) return this.#alias()
    const start = this.#cursor.at
    if (indicators.has(code) || this.#isSignAlone(start)) throw new Beyond()
    const end = this.#plainEnd(start)
    return this.#cursor.plainNode(start, end, this.#cursor.text.slice(start, end))
  }

  #alias(): YamlNode {
    const start = this.#cursor.at
    const value = this.name()
    return this.#cursor.node("alias", start, this.#cursor.at, { value })
  }

  #isSignAlone(at: number): boolean {
    const code = this.#cursor.code(at)
    const next = this.#cursor.code(at + 1)
    return (code === sign.dash || code === sign.question || code === sign.colon) && (isBlank(next) || isFlowSign(next))
  }

  #plainEnd(start: number): number {
    let end = start
    for (let at = start; ; at++) {
      const code = this.#cursor.code(at)
      if (code === sign.space) continue
      const next = this.#cursor.code(at + 1)
      const isOver = isEnd(code) || isFlowSign(code) || (code === sign.hash && at > end)
      if (isOver || (code === sign.colon && (isBlank(next) || isFlowSign(next)))) {
        this.#cursor.at = at
        if (code === sign.lineFeed) this.#checkNoMore(at)
        if (end === start) throw new Beyond()
        this.#cursor.at = end
        return end
      }
      if (code === sign.tab) throw new Beyond()
      end = at + 1
    }
  }

  /** Text that goes on in the next line of brackets is rare. */
  #checkNoMore(from: number): void {
    let at = from
    while (this.#cursor.code(at) === sign.lineFeed || this.#cursor.code(at) === sign.space) at++
    const code = this.#cursor.code(at)
    if (!isFlowSign(code) && code !== sign.hash) throw new Beyond()
  }

  #brackets(min: number, depth: number): YamlNode {
    if (depth > this.#depthMax) throw new Beyond({ isTooDeep: true })
    const start = this.#cursor.at
    const isMap = this.#cursor.code(start) === sign.openMap
    const close = isMap ? sign.closeMap : sign.closeList
    const pairs: YamlPair[] = []
    const items: YamlNode[] = []
    this.#level++
    this.#cursor.at++
    for (let mayFollow = true; ; ) {
      this.#skipSpace(min)
      if (this.#cursor.code(this.#cursor.at) === close) break
      if (!mayFollow) throw new Beyond()
      if (isMap) pairs.push(this.#pair(min, depth + 1))
      else items.push(this.node(min, depth + 1))
      this.#skipSpace(min)
      mayFollow = this.#cursor.code(this.#cursor.at) === sign.comma
      if (mayFollow) this.#cursor.at++
    }
    this.#cursor.at++
    this.#level--
    return this.#cursor.node(isMap ? "map" : "list", start, this.#cursor.at, { isFlow: true, pairs, items })
  }

  #pair(min: number, depth: number): YamlPair {
    const start = this.#cursor.at
    const key = this.node(min, depth)
    if (key.kind !== "scalar") throw new Beyond()
    if (this.#cursor.text.slice(start, this.#cursor.at).includes("\n")) throw new Beyond()
    this.#cursor.at = this.#cursor.skipSpaces(this.#cursor.at)
    if (this.#cursor.code(this.#cursor.at) !== sign.colon) throw new Beyond()
    this.#cursor.at++
    this.#skipSpace(min)
    const code = this.#cursor.code(this.#cursor.at)
    if (code === sign.comma || code === sign.closeMap) throw new Beyond()
    return { key, value: this.node(min, depth) }
  }

  /** Goes over spaces, line breaks and comments inside of brackets. */
  #skipSpace(min: number): void {
    for (;;) {
      const before = this.#cursor.at
      this.#cursor.at = this.#cursor.skipSpaces(before)
      const code = this.#cursor.code(this.#cursor.at)
      if (code === sign.hash) {
        const last = this.#cursor.code(this.#cursor.at - 1)
        if (last !== sign.space && last !== sign.lineFeed) throw new Beyond()
        this.#cursor.at = this.#cursor.lineEnd(this.#cursor.at)
      } else if (code === sign.lineFeed) this.#line(min)
      else if (code === sign.tab || Number.isNaN(code)) throw new Beyond()
      else return
    }
  }

  /** The begin of a line inside of brackets: it is indented as the text around the brackets asks for. */
  #line(min: number): void {
    const line = this.#cursor.at + 1
    const at = this.#cursor.skipSpaces(line)
    this.#cursor.at = at
    const code = this.#cursor.code(at)
    if (code === sign.lineFeed || code === sign.hash) return
    const column = at - line
    const isClosing = this.#level === 1 && (code === sign.closeList || code === sign.closeMap)
    if (column < min && !(isClosing && column === min - 1)) throw new Beyond()
    if (column === 0 && this.#cursor.isMarker(at)) throw new Beyond()
  }
}

/** A double-quoted text with escapes that JSON has too, on one line. */
function unescaped(quoted: string): string {
  if (quoted.includes("\n")) throw new Beyond()
  try {
    return String(JSON.parse(quoted))
  } catch {
    throw new Beyond() // YAML has more escapes
  }
}
