import { err, ok, type Result } from "../base/mod.ts"
import { readBlockText } from "./yaml-block-text.ts"
import { Beyond, Cursor, indicators, isBlank, isEnd, sign, unusual } from "./yaml-cursor.ts"
import { FlowReader } from "./yaml-flow.ts"
import { endOfPair, type YamlNode, type YamlPair, yamlNode } from "./yaml-node.ts"

/**
 * The documents of a text in the YAML that nearly every file is written in, read in one pass.
 *
 * Where something else stands, mistakes too, only the complete parser knows what that is: then the answer is the
 * offset of about that place, and whether it was only too deep. Where it reads a text, it reads it as the complete parser does. Documents without
 * content are left out.
 */
export function readPlain(text: string, depthMax: number): Result<readonly YamlNode[], Unread> {
  const cursor = new Cursor(text)
  try {
    return ok(new PlainReader(cursor, depthMax).documents())
  } catch (error) {
    if (error instanceof Beyond) return err({ at: cursor.place(cursor.at), isTooDeep: error.isTooDeep })
    throw error
  }
}

/** Where reading ended, and why. */
export interface Unread {
  readonly at: number
  readonly isTooDeep: boolean
}

/** The parser allows no longer keys without `?`. */
const keyLengthMax = 1000

/** Reads from the begin of a line to the begin of another: the cursor is at the first sign of a line that holds something. */
class PlainReader {
  readonly #cursor: Cursor
  readonly #depthMax: number
  readonly #flow: FlowReader
  /** How far the line is indented; -1 at the end of a document. */
  #column = -1

  constructor(cursor: Cursor, depthMax: number) {
    this.#cursor = cursor
    this.#depthMax = depthMax
    this.#flow = new FlowReader(cursor, depthMax)
  }

  documents(): readonly YamlNode[] {
    const found: YamlNode[] = []
    const strange = this.#cursor.text.search(unusual)
    if (strange !== -1) {
      this.#cursor.at = strange
      throw new Beyond()
    }
    this.#toLine(0)
    for (;;) {
      if (this.#column === -1) {
        if (this.#cursor.at >= this.#cursor.text.length) return found
        this.#cursor.at += 3 // "---"
        this.#endLine()
        if (this.#column === -1) continue
      }
      const root = this.#block(this.#column, 0, 0)
      // What is not indented at all may end in ways of its own.
      if (this.#column !== -1 || root.kind === "scalar" || root.kind === "alias") throw new Beyond()
      found.push(root)
    }
  }

  /** Goes to the first line from `lineStart` on that is neither empty nor a comment. */
  #toLine(lineStart: number): void {
    for (let start = lineStart; ; ) {
      const at = this.#cursor.skipSpaces(start)
      const code = this.#cursor.code(at)
      if (code === sign.hash) start = this.#cursor.lineEnd(at) + 1
      else if (code === sign.lineFeed) start = at + 1
      else {
        if (code === sign.tab) throw new Beyond()
        this.#cursor.at = Math.min(at, this.#cursor.text.length)
        this.#column = Number.isNaN(code) || (at === start && this.#cursor.isMarker(at)) ? -1 : at - start
        return
      }
    }
  }

  /** Goes on to the next line; what is left of this one may be a comment only. */
  #endLine(): void {
    const at = this.#cursor.skipSpaces(this.#cursor.at)
    const code = this.#cursor.code(at)
    if (!isEnd(code) && (code !== sign.hash || at === this.#cursor.at)) throw new Beyond()
    this.#toLine(this.#cursor.lineEnd(at) + 1)
  }

  #deeper(depth: number): void {
    if (depth > this.#depthMax) throw new Beyond({ isTooDeep: true })
  }

  /** What begins here and may go on in lines that are indented by `min` at least; ends at the begin of a line. */
  #block(column: number, min: number, depth: number): YamlNode {
    this.#deeper(depth)
    if (this.#isItem()) return this.#list(column, depth)
    const key = this.#key()
    return key === undefined ? this.#inline(min, depth) : this.#map(column, key, depth)
  }

  /** A value that is no block of lists and keys. */
  #inline(min: number, depth: number): YamlNode {
    const code = this.#cursor.code(this.#cursor.at)
    if (code === sign.asterisk) return this.#alias()
    if (code === sign.openList || code === sign.openMap || code === sign.quote || code === sign.apostrophe) {
      this.#deeper(depth)
      const node = this.#flow.node(min, depth)
      this.#endLine()
      return node
    }
    return code === sign.pipe || code === sign.greater ? this.#blockText(min) : this.#plain(min)
  }

  #blockText(min: number): YamlNode {
    const node = readBlockText(this.#cursor, min)
    this.#toLine(this.#cursor.at)
    return node
  }

  #list(column: number, depth: number): YamlNode {
    const start = this.#cursor.at
    const items: YamlNode[] = []
    do items.push(this.#item(column, depth + 1))
    while (this.#column === column && this.#isItem())
    if (this.#column > column) throw new Beyond()
    return yamlNode("list", { start: this.#cursor.place(start), end: items.at(-1)?.end ?? 0 }, { items })
  }

  #item(column: number, depth: number): YamlNode {
    const begin = this.#cursor.at
    const at = this.#cursor.skipSpaces(begin + 1)
    this.#cursor.at = at
    const code = this.#cursor.code(at)
    if (isEnd(code) || code === sign.hash) return this.#below(column, column, depth)
    if (code === sign.ampersand) return this.#anchored(column, column, depth)
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

  #isItem(): boolean {
    return this.#cursor.code(this.#cursor.at) === sign.dash && isBlank(this.#cursor.code(this.#cursor.at + 1))
  }

  /** What follows the colon of a key at `column`. A list may stand right below its key. */
  #value(column: number, depth: number): YamlNode {
    const at = this.#cursor.skipSpaces(this.#cursor.at)
    const code = this.#cursor.code(at)
    if (code === sign.hash && at === this.#cursor.at) throw new Beyond()
    this.#cursor.at = at
    if (isEnd(code) || code === sign.hash) return this.#below(column, column - 1, depth)
    if (code === sign.ampersand) return this.#anchored(column, column - 1, depth)
    if (this.#isItem()) throw new Beyond()
    return this.#inline(column + 1, depth)
  }

  /** The value in the lines below; `listColumn` is what a list must be indented more than. */
  #below(column: number, listColumn: number, depth: number): YamlNode {
    const here = this.#cursor.at
    this.#toLine(this.#cursor.lineEnd(here) + 1)
    if (this.#column > column) return this.#block(this.#column, column + 1, depth)
    if (this.#column > listColumn && this.#isItem()) return this.#block(this.#column, column + 1, depth)
    return this.#cursor.node("scalar", here, here, { style: "PLAIN" })
  }

  /** `&name`, then a value on the same line that is no block, or one below. */
  #anchored(column: number, listColumn: number, depth: number): YamlNode {
    const anchor = this.#flow.name()
    const at = this.#cursor.skipSpaces(this.#cursor.at)
    const code = this.#cursor.code(at)
    if (at === this.#cursor.at && !isEnd(code)) throw new Beyond()
    this.#cursor.at = at
    if (isEnd(code) || code === sign.hash) {
      const node = this.#below(column, listColumn, depth)
      if (node.kind === "alias" || (node.kind === "scalar" && node.source === "")) throw new Beyond()
      return { ...node, anchor }
    }
    if (code === sign.asterisk || code === sign.ampersand || this.#isItem()) throw new Beyond()
    if (this.#key() !== undefined) throw new Beyond()
    return { ...this.#inline(column + 1, depth), anchor }
  }

  #alias(): YamlNode {
    const start = this.#cursor.at
    const value = this.#flow.name()
    const node = this.#cursor.node("alias", start, this.#cursor.at, { value })
    this.#endLine()
    return node
  }

  /** The key that this line begins with; then reading goes on behind its colon. Undefined, and nothing read, without one. */
  #key(): YamlNode | undefined {
    const start = this.#cursor.at
    const code = this.#cursor.code(start)
    if (code === sign.quote || code === sign.apostrophe) {
      const key = this.#flow.quoted(0)
      const end = this.#cursor.at
      const at = this.#cursor.skipSpaces(end)
      const isKey = this.#cursor.code(at) === sign.colon && isBlank(this.#cursor.code(at + 1))
      this.#cursor.at = isKey ? at + 1 : start
      if (isKey && (end - start > keyLengthMax || this.#cursor.text.slice(start, end).includes("\n")))
        throw new Beyond()
      return isKey ? key : undefined
    }
    if (indicators.has(code)) return undefined
    const { end, stop } = this.#plainPart(start)
    if (this.#cursor.code(stop) !== sign.colon) return undefined
    if (end === start || stop - start > keyLengthMax || this.#isSign(start)) throw new Beyond()
    this.#cursor.at = stop + 1
    return this.#cursor.plainNode(start, end, this.#cursor.text.slice(start, end))
  }

  /** `-`, `?` or `:` alone. */
  #isSign(at: number): boolean {
    const code = this.#cursor.code(at)
    return (code === sign.dash || code === sign.question || code === sign.colon) && isBlank(this.#cursor.code(at + 1))
  }

  /** How far a text without quotes reaches in its line, and what stops it: a colon, a comment, the line's end. */
  #plainPart(from: number): { readonly end: number; readonly stop: number } {
    let end = from
    for (let at = from; ; at++) {
      const code = this.#cursor.code(at)
      if (isEnd(code)) return { end, stop: at }
      if (code === sign.tab) throw new Beyond()
      if (code === sign.space) continue
      if (code === sign.hash && at > end) return { end, stop: at }
      if (code === sign.colon && isBlank(this.#cursor.code(at + 1))) {
        if (this.#cursor.code(at + 1) === sign.tab) throw new Beyond()
        return { end, stop: at }
      }
      end = at + 1
    }
  }

  /** A text without quotes, over all its lines. */
  #plain(min: number): YamlNode {
    const start = this.#cursor.at
    if (indicators.has(this.#cursor.code(start)) || this.#isSign(start)) throw new Beyond()
    let { end, stop } = this.#plainPart(start)
    const parts = [this.#cursor.text.slice(start, end)]
    for (;;) {
      const code = this.#cursor.code(stop)
      if (code === sign.colon) throw new Beyond()
      if (code === sign.hash) break
      let breaks = 0
      let line = stop
      let at = stop
      while (this.#cursor.code(at) === sign.lineFeed) {
        breaks++
        line = at + 1
        at = this.#cursor.skipSpaces(line)
      }
      const next = this.#cursor.code(at)
      if (Number.isNaN(next) || at - line < min || next === sign.hash) break
      const more = this.#plainPart(at)
      parts.push(breaks === 1 ? " " : "\n".repeat(breaks - 1), this.#cursor.text.slice(at, more.end))
      end = more.end
      stop = more.stop
    }
    this.#toLine(this.#cursor.lineEnd(stop) + 1)
    return this.#cursor.plainNode(start, end, parts.length === 1 ? (parts[0] ?? "") : parts.join(""))
  }
}
