import { err, ok, type Result } from "../base/mod.ts"
import { endOfPair, type YamlNode, type YamlPair, type YamlStyle, yamlNode } from "./yaml-node.ts"
import { folded, foldedBlock, plainValue } from "./yaml-scalars.ts"

/**
 * The documents of a text in the YAML that nearly every file is written in, read in one pass.
 *
 * Where something else stands, mistakes too, only the complete parser knows what that is: then the answer is the
 * offset of about that place. Where it reads a text, it reads it as the complete parser does. Documents without
 * content are left out.
 */
export function readPlain(text: string, depthMax: number): Result<readonly YamlNode[], number> {
  const returns = returnsIn(text)
  const lines = returns.length === 0 ? text : text.replaceAll("\r\n", "\n")
  const reader = new PlainReader(lines, depthMax, returns)
  try {
    return ok(reader.documents())
  } catch (error) {
    if (error instanceof Beyond) return err(reader.place())
    throw error
  }
}

/** Thrown here, caught here: what is read is beyond plain YAML. */
class Beyond extends Error {}

// Control characters and marks have meanings of their own.
const unusual = /[\0-\x08\x0b-\x1f\ufeff]/

/** Where in the text without carriage returns each of them was. */
function returnsIn(text: string): readonly number[] {
  const found: number[] = []
  for (let at = text.indexOf("\r\n"); at !== -1; at = text.indexOf("\r\n", at + 2)) found.push(at - found.length)
  return found
}

const tab = 0x09
const lineFeed = 0x0a
const space = 0x20
const quote = 0x22
const hash = 0x23
const ampersand = 0x26
const apostrophe = 0x27
const asterisk = 0x2a
const comma = 0x2c
const dash = 0x2d
const dot = 0x2e
const colon = 0x3a
const question = 0x3f
const openList = 0x5b
const closeList = 0x5d
const openMap = 0x7b
const closeMap = 0x7d
const pipe = 0x7c
const greater = 0x3e

const indicators: ReadonlySet<number> = new Set([...",[]{}#&*!|>'\"%@`"].map((sign) => sign.charCodeAt(0)))

/** The parser allows no longer keys without `?`. */
const keyLengthMax = 1000

function isFlowSign(code: number): boolean {
  return code === comma || code === openList || code === closeList || code === openMap || code === closeMap
}

// What charCodeAt says behind the end.
function isEnd(code: number): boolean {
  return code === lineFeed || Number.isNaN(code)
}

function isBlank(code: number): boolean {
  return code === space || code === tab || isEnd(code)
}

class PlainReader {
  readonly #text: string
  readonly #depthMax: number
  readonly #returns: readonly number[]
  /** Where reading goes on: in a line, or at the first sign of the next one that holds something. */
  #at = 0
  /** How far that line is indented; -1 at the end of a document. */
  #column = -1
  #flowLevel = 0

  constructor(text: string, depthMax: number, returns: readonly number[]) {
    this.#text = text
    this.#depthMax = depthMax
    this.#returns = returns
  }

  /** Where reading stands, in the text as it was. */
  place(): number {
    return this.#placeOf(this.#at)
  }

  documents(): readonly YamlNode[] {
    const found: YamlNode[] = []
    const strange = this.#text.search(unusual)
    if (strange !== -1) {
      this.#at = strange
      throw new Beyond()
    }
    this.#toLine(0)
    for (;;) {
      if (this.#column === -1) {
        if (this.#at >= this.#text.length) return found
        this.#at += 3 // "---"
        this.#endLine()
        if (this.#column === -1) continue
      }
      const root = this.#block(this.#column, 0, 0)
      // What is not indented at all may end in ways of its own.
      if (this.#column !== -1 || root.kind === "scalar" || root.kind === "alias") throw new Beyond()
      found.push(root)
    }
  }

  #code(at: number): number {
    return this.#text.charCodeAt(at)
  }

  /** Goes to the first line from `lineStart` on that is neither empty nor a comment. */
  #toLine(lineStart: number): void {
    for (let start = lineStart; ; ) {
      const at = this.#skipSpaces(start)
      const code = this.#code(at)
      if (code === hash) start = this.#lineEnd(at) + 1
      else if (code === lineFeed) start = at + 1
      else {
        if (code === tab) throw new Beyond()
        this.#at = Math.min(at, this.#text.length)
        this.#column = Number.isNaN(code) || (at === start && this.#isMarker(at)) ? -1 : at - start
        return
      }
    }
  }

  /** `---` at the begin of a line; its twin `...` is rare. */
  #isMarker(at: number): boolean {
    const code = this.#code(at)
    if ((code !== dash && code !== dot) || this.#code(at + 1) !== code || this.#code(at + 2) !== code) return false
    if (!isBlank(this.#code(at + 3))) return false
    if (code === dot) throw new Beyond()
    return true
  }

  #skipSpaces(from: number): number {
    let at = from
    while (this.#code(at) === space) at++
    return at
  }

  #lineEnd(from: number): number {
    const at = this.#text.indexOf("\n", from)
    return at === -1 ? this.#text.length : at
  }

  /** Goes on to the next line; what is left of this one may be a comment only. */
  #endLine(): void {
    const at = this.#skipSpaces(this.#at)
    const code = this.#code(at)
    if (!isEnd(code) && (code !== hash || at === this.#at)) throw new Beyond()
    this.#toLine(this.#lineEnd(at) + 1)
  }

  #node(kind: YamlNode["kind"], start: number, end: number, parts: Partial<YamlNode>): YamlNode {
    return yamlNode(kind, { start: this.#placeOf(start), end: this.#placeOf(end) }, parts)
  }

  /** The offset in the text as it was, with its carriage returns. */
  #placeOf(at: number): number {
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

  #deeper(depth: number): void {
    if (depth > this.#depthMax) throw new Beyond()
  }

  /** What begins here and may go on in lines that are indented by `min` at least; ends at the begin of a line. */
  #block(column: number, min: number, depth: number): YamlNode {
    this.#deeper(depth)
    const code = this.#code(this.#at)
    if (code === dash && isBlank(this.#code(this.#at + 1))) return this.#list(column, depth)
    const key = this.#key()
    return key === undefined ? this.#inline(min, depth) : this.#map(column, key, depth)
  }

  /** A value that is no block of lists and keys. */
  #inline(min: number, depth: number): YamlNode {
    const code = this.#code(this.#at)
    if (code === asterisk) return this.#alias()
    if (code === openList || code === openMap || code === quote || code === apostrophe) {
      this.#deeper(depth)
      const node = this.#flowNode(min, depth)
      this.#endLine()
      return node
    }
    return code === pipe || code === greater ? this.#blockText(min) : this.#plain(min)
  }

  #list(column: number, depth: number): YamlNode {
    const start = this.#at
    const items: YamlNode[] = []
    do items.push(this.#item(column, depth + 1))
    while (this.#column === column && this.#code(this.#at) === dash && isBlank(this.#code(this.#at + 1)))
    if (this.#column > column) throw new Beyond()
    return this.#collection("list", start, { items, end: items.at(-1)?.end ?? 0 })
  }

  #item(column: number, depth: number): YamlNode {
    const begin = this.#at
    const at = this.#skipSpaces(begin + 1)
    this.#at = at
    const code = this.#code(at)
    if (isEnd(code) || code === hash) return this.#below(column, column, depth)
    if (code === ampersand) return this.#anchored(column, column, depth)
    return this.#block(column + at - begin, column + 1, depth)
  }

  #map(column: number, first: YamlNode, depth: number): YamlNode {
    const pairs: YamlPair[] = []
    let key = first
    for (;;) {
      pairs.push({ key, value: this.#value(column, depth + 1) })
      if (this.#column < column) break
      const next = this.#column > column || this.#isItem() ? undefined : this.#key()
      if (next === undefined) throw new Beyond()
      key = next
    }
    const last = pairs.at(-1)
    const [start, end] = [first.start, last === undefined ? 0 : endOfPair(last)]
    return yamlNode("map", { start, end }, { pairs })
  }

  #collection(kind: "map" | "list", start: number, parts: Partial<YamlNode> & { readonly end: number }): YamlNode {
    return yamlNode(kind, { start: this.#placeOf(start), end: parts.end }, parts)
  }

  #isItem(): boolean {
    return this.#code(this.#at) === dash && isBlank(this.#code(this.#at + 1))
  }

  /** What follows the colon of a key at `column`. A list may stand right below its key. */
  #value(column: number, depth: number): YamlNode {
    const at = this.#skipSpaces(this.#at)
    const code = this.#code(at)
    if (code === hash && at === this.#at) throw new Beyond()
    this.#at = at
    if (isEnd(code) || code === hash) return this.#below(column, column - 1, depth)
    if (code === ampersand) return this.#anchored(column, column - 1, depth)
    return this.#inlineOnly(column + 1, depth)
  }

  #inlineOnly(min: number, depth: number): YamlNode {
    if (this.#isItem()) throw new Beyond()
    return this.#inline(min, depth)
  }

  /** The value in the lines below; `listColumn` is what a list must be indented more than. */
  #below(column: number, listColumn: number, depth: number): YamlNode {
    const here = this.#at
    this.#toLine(this.#lineEnd(here) + 1)
    if (this.#column > column) return this.#block(this.#column, column + 1, depth)
    if (this.#column > listColumn && this.#isItem()) return this.#block(this.#column, column + 1, depth)
    return this.#node("scalar", here, here, { style: "PLAIN" })
  }

  /** `&name`, then a value on the same line that is no block, or one below. */
  #anchored(column: number, listColumn: number, depth: number): YamlNode {
    const anchor = this.#name()
    const at = this.#skipSpaces(this.#at)
    const code = this.#code(at)
    if (at === this.#at && !isEnd(code)) throw new Beyond()
    this.#at = at
    if (isEnd(code) || code === hash) {
      const node = this.#below(column, listColumn, depth)
      if (node.kind === "alias" || (node.kind === "scalar" && node.source === "")) throw new Beyond()
      return { ...node, anchor }
    }
    if (code === asterisk || code === ampersand || this.#isItem()) throw new Beyond()
    if (this.#key() !== undefined) throw new Beyond()
    return { ...this.#inline(column + 1, depth), anchor }
  }

  #alias(): YamlNode {
    const start = this.#at
    const value = this.#name()
    const node = this.#node("alias", start, this.#at, { value })
    this.#endLine()
    return node
  }

  /** The name behind `&` or `*`. */
  #name(): string {
    const start = this.#at + 1
    let at = start
    for (let code = this.#code(at); !isBlank(code) && !isFlowSign(code); code = this.#code(at)) at++
    const name = this.#text.slice(start, at)
    if (name === "" || name.endsWith(":")) throw new Beyond()
    this.#at = at
    return name
  }

  /** The key that this line begins with; then reading goes on behind its colon. Undefined, and nothing read, without one. */
  #key(): YamlNode | undefined {
    const start = this.#at
    const code = this.#code(start)
    if (code === quote || code === apostrophe) {
      const key = this.#quoted(0)
      const end = this.#at
      const at = this.#skipSpaces(end)
      const isKey = this.#code(at) === colon && isBlank(this.#code(at + 1))
      this.#at = isKey ? at + 1 : start
      if (isKey && (end - start > keyLengthMax || this.#text.slice(start, end).includes("\n"))) throw new Beyond()
      return isKey ? key : undefined
    }
    if (indicators.has(code)) return undefined
    const { end, stop } = this.#plainPart(start)
    if (this.#code(stop) !== colon) return undefined
    if (end === start || stop - start > keyLengthMax || this.#isSign(start)) throw new Beyond()
    this.#at = stop + 1
    return this.#plainNode(start, end, this.#text.slice(start, end))
  }

  /** `-`, `?` or `:` alone. */
  #isSign(at: number): boolean {
    const code = this.#code(at)
    return (code === dash || code === question || code === colon) && isBlank(this.#code(at + 1))
  }

  /** How far a text without quotes reaches in its line, and what stops it: a colon, a comment, the line's end. */
  #plainPart(from: number): { readonly end: number; readonly stop: number } {
    let end = from
    for (let at = from; ; at++) {
      const code = this.#code(at)
      if (isEnd(code)) return { end, stop: at }
      if (code === tab) throw new Beyond()
      if (code === space) continue
      if (code === hash && at > end) return { end, stop: at }
      if (code === colon && isBlank(this.#code(at + 1))) {
        if (this.#code(at + 1) === tab) throw new Beyond()
        return { end, stop: at }
      }
      end = at + 1
    }
  }

  #plainNode(start: number, end: number, source: string): YamlNode {
    return this.#node("scalar", start, end, { value: plainValue(source), source, style: "PLAIN" })
  }

  /** A text without quotes, over all its lines. */
  #plain(min: number): YamlNode {
    const start = this.#at
    if (indicators.has(this.#code(start)) || this.#isSign(start)) throw new Beyond()
    let { end, stop } = this.#plainPart(start)
    const parts = [this.#text.slice(start, end)]
    for (;;) {
      const code = this.#code(stop)
      if (code === colon) throw new Beyond()
      if (code === hash) break
      let breaks = 0
      let line = stop
      let at = stop
      while (this.#code(at) === lineFeed) {
        breaks++
        line = at + 1
        at = this.#skipSpaces(line)
      }
      const next = this.#code(at)
      if (Number.isNaN(next) || at - line < min || next === hash) break
      const more = this.#plainPart(at)
      parts.push(breaks === 1 ? " " : "\n".repeat(breaks - 1), this.#text.slice(at, more.end))
      end = more.end
      stop = more.stop
    }
    this.#toLine(this.#lineEnd(stop) + 1)
    return this.#plainNode(start, end, parts.length === 1 ? (parts[0] ?? "") : parts.join(""))
  }

  /** A text in quotes; further lines are indented by `min` at least. */
  #quoted(min: number): YamlNode {
    const start = this.#at
    const isSingle = this.#code(start) === apostrophe
    const end = isSingle ? this.#singleEnd(start) : this.#doubleEnd(start)
    const body = this.#text.slice(start + 1, end)
    const hasLines = body.includes("\n")
    if (hasLines) this.#checkLines(start, end, min)
    const style: YamlStyle = isSingle ? "QUOTE_SINGLE" : "QUOTE_DOUBLE"
    let value = hasLines ? folded(body) : body
    if (isSingle) value = value.replaceAll("''", "'")
    else if (body.includes("\\")) value = unescaped(this.#text.slice(start, end + 1))
    this.#at = end + 1
    return this.#node("scalar", start, end + 1, { value, source: value, style })
  }

  #singleEnd(start: number): number {
    let end = this.#text.indexOf("'", start + 1)
    while (end !== -1 && this.#code(end + 1) === apostrophe) end = this.#text.indexOf("'", end + 2)
    if (end === -1) throw new Beyond()
    return end
  }

  #doubleEnd(start: number): number {
    for (let end = this.#text.indexOf('"', start + 1); end !== -1; end = this.#text.indexOf('"', end + 1)) {
      let before = end
      while (this.#text[before - 1] === "\\") before--
      if ((end - before) % 2 === 0) return end
    }
    throw new Beyond()
  }

  #checkLines(start: number, end: number, min: number): void {
    for (let at = this.#text.indexOf("\n", start); at !== -1 && at < end; at = this.#text.indexOf("\n", at + 1)) {
      const first = this.#skipSpaces(at + 1)
      if (this.#code(first) === lineFeed) continue
      if (first - at - 1 < min || (first === at + 1 && this.#isMarker(first))) throw new Beyond()
    }
  }

  /** `|` or `>`: lines that are indented by `min` at least. */
  #blockText(min: number): YamlNode {
    const start = this.#at
    const isFolded = this.#code(start) === greater
    const sign = this.#text[start + 1] ?? ""
    const chomp = sign === "-" || sign === "+" ? sign : ""
    const headerEnd = this.#lineEnd(start)
    if (!/^[|>][-+]?(?: +#.*| *)$/.test(this.#text.slice(start, headerEnd))) throw new Beyond()
    const { lines, end, breaks, line, leading } = this.#textLines(headerEnd + 1, min)
    const body = isFolded ? foldedBlock(lines) : lines.join("\n")
    const tail = chomp === "-" ? "" : chomp === "" ? "\n" : "\n".repeat(Math.max(1, breaks))
    const value = "\n".repeat(leading) + body + tail
    this.#toLine(line)
    const style: YamlStyle = isFolded ? "BLOCK_FOLDED" : "BLOCK_LITERAL"
    return this.#node("scalar", start, chomp === "+" ? Math.min(line, this.#text.length) : end, {
      value,
      source: value,
      style,
    })
  }

  /** The lines of a block from `from` on, how many breaks follow the last one, and where the next line begins. */
  #textLines(from: number, min: number) {
    const lines: string[] = []
    let [indent, leading, blank, end, breaks] = [-1, 0, 0, from, 0]
    let line = from
    for (; line < this.#text.length; ) {
      const at = this.#skipSpaces(line)
      const lineEnd = this.#lineEnd(at)
      if (at === lineEnd) {
        // Spaces in an empty line that count as text are rare.
        if (indent !== -1 && at - line > indent) throw new Beyond()
        if (indent === -1) leading = Math.max(leading, at - line)
        blank++
      } else if (at - line < (indent === -1 ? min : indent)) break
      else {
        if (indent === -1) {
          indent = at - line
          if (leading > indent || indent === 0 || this.#code(at) === tab) throw new Beyond()
          leading = blank
        } else for (let i = 0; i < blank; i++) lines.push("")
        blank = 0
        lines.push(this.#text.slice(line + indent, lineEnd))
        end = Math.min(lineEnd + 1, this.#text.length)
      }
      line = lineEnd + 1
    }
    if (indent === -1 || this.#code(this.#skipSpaces(line)) === tab) throw new Beyond()
    breaks = blank + (this.#text[end - 1] === "\n" ? 1 : 0)
    if (line > this.#text.length && blank > 0) breaks--
    return { lines, end, breaks, line, leading }
  }

  /** Brackets, quotes, or a text inside of brackets. */
  #flowNode(min: number, depth: number): YamlNode {
    const code = this.#code(this.#at)
    if (code === quote || code === apostrophe) return this.#quoted(min)
    if (code === openList || code === openMap) return this.#flow(min, depth)
    if (code === asterisk) return this.#flowAlias()
    const start = this.#at
    if (indicators.has(code) || this.#isFlowSignAlone(start)) throw new Beyond()
    const end = this.#flowPlainEnd(start)
    return this.#plainNode(start, end, this.#text.slice(start, end))
  }

  #flowAlias(): YamlNode {
    const start = this.#at
    const value = this.#name()
    return this.#node("alias", start, this.#at, { value })
  }

  #isFlowSignAlone(at: number): boolean {
    const code = this.#code(at)
    const next = this.#code(at + 1)
    return (code === dash || code === question || code === colon) && (isBlank(next) || isFlowSign(next))
  }

  #flowPlainEnd(start: number): number {
    let end = start
    for (let at = start; ; at++) {
      const code = this.#code(at)
      if (code === space) continue
      const next = this.#code(at + 1)
      const isOver = isEnd(code) || isFlowSign(code) || (code === hash && at > end)
      if (isOver || (code === colon && (isBlank(next) || isFlowSign(next)))) {
        this.#at = at
        if (code === lineFeed) this.#checkNoMore(at)
        if (end === start) throw new Beyond()
        this.#at = end
        return end
      }
      if (code === tab) throw new Beyond()
      end = at + 1
    }
  }

  /** Text that goes on in the next line of brackets is rare. */
  #checkNoMore(from: number): void {
    let at = from
    while (this.#code(at) === lineFeed || this.#code(at) === space) at++
    const code = this.#code(at)
    if (!isFlowSign(code) && code !== hash) throw new Beyond()
  }

  #flow(min: number, depth: number): YamlNode {
    this.#deeper(depth)
    const start = this.#at
    const isMap = this.#code(start) === openMap
    const close = isMap ? closeMap : closeList
    const pairs: YamlPair[] = []
    const items: YamlNode[] = []
    this.#flowLevel++
    this.#at++
    for (let mayFollow = true; ; ) {
      this.#flowSpace(min)
      if (this.#code(this.#at) === close) break
      if (!mayFollow) throw new Beyond()
      if (isMap) pairs.push(this.#flowPair(min, depth + 1))
      else items.push(this.#flowNode(min, depth + 1))
      this.#flowSpace(min)
      mayFollow = this.#code(this.#at) === comma
      if (mayFollow) this.#at++
    }
    this.#at++
    this.#flowLevel--
    return this.#node(isMap ? "map" : "list", start, this.#at, { isFlow: true, pairs, items })
  }

  #flowPair(min: number, depth: number): YamlPair {
    const start = this.#at
    const key = this.#flowNode(min, depth)
    if (key.kind !== "scalar") throw new Beyond()
    if (this.#text.slice(start, this.#at).includes("\n")) throw new Beyond()
    this.#at = this.#skipSpaces(this.#at)
    if (this.#code(this.#at) !== colon) throw new Beyond()
    this.#at++
    this.#flowSpace(min)
    const code = this.#code(this.#at)
    if (code === comma || code === closeMap) throw new Beyond()
    return { key, value: this.#flowNode(min, depth) }
  }

  /** Goes over spaces, line breaks and comments inside of brackets. */
  #flowSpace(min: number): void {
    for (;;) {
      const before = this.#at
      this.#at = this.#skipSpaces(before)
      const code = this.#code(this.#at)
      if (code === hash) {
        const last = this.#code(this.#at - 1)
        if (last !== space && last !== lineFeed) throw new Beyond()
        this.#at = this.#lineEnd(this.#at)
      } else if (code === lineFeed) this.#flowLine(min)
      else if (code === tab || Number.isNaN(code)) throw new Beyond()
      else return
    }
  }

  /** The begin of a line inside of brackets: it is indented as the text around the brackets asks for. */
  #flowLine(min: number): void {
    const line = this.#at + 1
    const at = this.#skipSpaces(line)
    this.#at = at
    const code = this.#code(at)
    if (code === lineFeed || code === hash) return
    const column = at - line
    const isClosing = this.#flowLevel === 1 && (code === closeList || code === closeMap)
    if (column < min && !(isClosing && column === min - 1)) throw new Beyond()
    if (column === 0 && this.#isMarker(at)) throw new Beyond()
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
