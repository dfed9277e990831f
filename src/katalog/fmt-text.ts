/** Text that stands in place of a stretch of the old text. */
export interface TextEdit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** The text with all edits made; undefined when two of them overlap. Edits at one place keep their order. */
export function withEdits(text: string, edits: readonly TextEdit[]): string | undefined {
  const ordered = edits.toSorted((a, b) => a.start - b.start || a.end - b.end)
  let result = ""
  let at = 0
  for (const { start, end, text: inserted } of ordered) {
    if (start < at) return undefined
    result += text.slice(at, start) + inserted
    at = end
  }
  return result + text.slice(at)
}

/** The start of the line that holds `at`. */
export function lineStart(text: string, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1
}

/** The place after the line break of the line that holds `at`. */
export function nextLine(text: string, at: number): number {
  const found = text.indexOf("\n", at)
  return found === -1 ? text.length : found + 1
}

/** The column of `at`, from 0. */
export function columnOf(text: string, at: number): number {
  return at - lineStart(text, at)
}

/** Every line moved to the right, or to the left as far as it has blanks. Empty lines stay. */
export function shifted(text: string, columns: number): string {
  if (columns === 0) return text
  const shift = (line: string) => {
    if (line.trim() === "") return line
    return columns > 0 ? " ".repeat(columns) + line : line.slice(Math.min(-columns, line.search(/[^ ]|$/)))
  }
  return text.split("\n").map(shift).join("\n")
}

/** The line break that the text uses. */
export function eolOf(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n"
}

/** Where the lines begin that stand right above the line of `at` and hold only comments or nothing. */
export function triviaStart(text: string, at: number): number {
  let start = lineStart(text, at)
  while (start > 0) {
    const above = lineStart(text, start - 1)
    if (!/^\s*(#.*)?$/.test(text.slice(above, start).trimEnd())) break
    start = above
  }
  return start
}

/** Where the comments end that follow `at` (the start of a line) and stand at `column` or to its right. */
export function triviaEnd(text: string, at: number, column: number): number {
  let end = at
  for (let line = at; line < text.length; line = nextLine(text, line)) {
    const words = text.slice(line, nextLine(text, line))
    const isComment = /^\s*#/.test(words)
    if (isComment && words.indexOf("#") >= column) end = nextLine(text, line)
    else if (isComment || words.trim() !== "") break
  }
  return end
}
