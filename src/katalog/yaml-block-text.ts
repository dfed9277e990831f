import { Beyond, type Cursor, sign } from "./yaml-cursor.ts"
import type { YamlNode, YamlStyle } from "./yaml-node.ts"
import { foldedBlock } from "./yaml-scalars.ts"

/** Reads `|` or `>`, whose lines are indented by `min` at least; leaves the cursor at the begin of the line that follows. */
export function readBlockText(cursor: Cursor, min: number): YamlNode {
  const start = cursor.at
  const isFolded = cursor.code(start) === sign.greater
  const mark = cursor.text[start + 1] ?? ""
  const chomp = mark === "-" || mark === "+" ? mark : ""
  const headerEnd = cursor.lineEnd(start)
  if (!/^[|>][-+]?(?: +#.*| *)$/.test(cursor.text.slice(start, headerEnd))) throw new Beyond()
  const { lines, end, breaks, line, leading } = linesOf(cursor, headerEnd + 1, min)
  const body = isFolded ? foldedBlock(lines) : lines.join("\n")
  const tail = chomp === "-" ? "" : chomp === "" ? "\n" : "\n".repeat(Math.max(1, breaks))
  const value = "\n".repeat(leading) + body + tail
  cursor.at = line
  const style: YamlStyle = isFolded ? "BLOCK_FOLDED" : "BLOCK_LITERAL"
  return cursor.node("scalar", start, chomp === "+" ? Math.min(line, cursor.text.length) : end, {
    value,
    source: value,
    style,
  })
}

interface Lines {
  /** Without their common indentation. */
  readonly lines: readonly string[]
  /** Behind the last one. */
  readonly end: number
  /** How many line breaks follow the last one's text. */
  readonly breaks: number
  /** Where the line begins that is none of them. */
  readonly line: number
  /** How many empty lines come before the first one. */
  readonly leading: number
}

/** The lines of a block from `from` on, how many breaks follow the last one, and where the next line begins. */
function linesOf(cursor: Cursor, from: number, min: number): Lines {
  const lines: string[] = []
  let [indent, leading, blank, end, breaks] = [-1, 0, 0, from, 0]
  let line = from
  for (; line < cursor.text.length; ) {
    const at = cursor.skipSpaces(line)
    const lineEnd = cursor.lineEnd(at)
    if (at === lineEnd) {
      // Spaces in an empty line that count as text are rare.
      if (indent !== -1 && at - line > indent) throw new Beyond()
      if (indent === -1) leading = Math.max(leading, at - line)
      blank++
    } else if (at - line < (indent === -1 ? min : indent)) break
    else {
      if (indent === -1) {
        indent = at - line
        if (leading > indent || indent === 0 || cursor.code(at) === sign.tab) throw new Beyond()
        leading = blank
      } else for (let i = 0; i < blank; i++) lines.push("")
      blank = 0
      lines.push(cursor.text.slice(line + indent, lineEnd))
      end = Math.min(lineEnd + 1, cursor.text.length)
    }
    line = lineEnd + 1
  }
  if (indent === -1 || cursor.code(cursor.skipSpaces(line)) === sign.tab) throw new Beyond()
  // Spaces without a line break at the end of the file are rare.
  if (blank > 0 && line > cursor.text.length) throw new Beyond()
  breaks = blank + (cursor.text[end - 1] === "\n" ? 1 : 0)
  return { lines, end, breaks, line, leading }
}
