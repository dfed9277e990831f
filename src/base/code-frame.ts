import { type Diagnostic, positionOf, type Span } from "./diagnostic.ts"

/** `file:line:column severity CODE message`, the frame with a caret, then `help:`. Plain text; colour is the printer's. */
export function renderDiagnostic(diagnostic: Diagnostic): string {
  const { severity, code, message } = diagnostic
  const lines = [`${location(diagnostic.span)}${severity} ${code} ${visible(message)}`]
  if (diagnostic.span) lines.push(...frame(diagnostic.span))
  if (diagnostic.help) lines.push(`  help: ${visible(diagnostic.help)}`)
  return lines.join("\n")
}

function location(span: Span | undefined): string {
  if (!span) return ""
  const { line, column } = positionOf(span.file, span.start)
  return `${visible(span.file.path)}:${line}:${column} `
}

const frameWidthMax = 160

function frame(span: Span): readonly string[] {
  const { line, column } = positionOf(span.file, span.start)
  const start = span.start - (column - 1)
  const lineEnd = span.file.text.indexOf("\n", start)
  const text = span.file.text.slice(start, lineEnd === -1 ? undefined : lineEnd).replace(/\r$/, "")
  if (text.length > frameWidthMax) return []
  const width = Math.max(1, Math.min(span.end, start + text.length) - span.start)
  const number = String(line).padStart(4)
  const indent = text.slice(0, column - 1).replace(/[^\t]/g, " ")
  return [`${number} │ ${visible(text)}`, `     │ ${indent}${"^".repeat(width)}`]
}

// What moves a terminal's cursor, changes its colours or turns the direction of text.
const unprintable = /(?!\t)[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu
const picturesAt = 0x2400

// A text of a user as one line that is safe to print: each control character has a picture in its place.
function visible(text: string): string {
  return text.replace(unprintable, (character) => {
    const point = character.codePointAt(0) ?? 0
    if (point === 0x7f) return "\u2421"
    return point < 0x20 ? String.fromCodePoint(picturesAt + point) : "\ufffd"
  })
}
