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
/** How much of a long line is shown before the marked place. */
const contextWidth = 60

function frame(span: Span): readonly string[] {
  const { line, column } = positionOf(span.file, span.start)
  const start = span.start - (column - 1)
  const lineEnd = span.file.text.indexOf("\n", start)
  const text = span.file.text.slice(start, lineEnd === -1 ? undefined : lineEnd).replace(/\r$/, "")
  const shown = windowOf(text, column - 1)
  const width = Math.max(1, Math.min(span.end - start, shown.end) - (column - 1))
  const number = String(line).padStart(4)
  const indent = shown.before.replace(/[^\t]/g, " ")
  return [`${number} │ ${visible(shown.text)}`, `     │ ${indent}${"^".repeat(width)}`]
}

interface Window {
  readonly text: string
  /** What of it stands before the marked place. */
  readonly before: string
  /** Where in the line it ends. */
  readonly end: number
}

// The part of a line around a place: … stands on each side where something is cut off.
function windowOf(line: string, at: number): Window {
  if (line.length <= frameWidthMax) return { text: line, before: line.slice(0, at), end: line.length }
  const room = frameWidthMax - 2
  const start = Math.max(0, Math.min(at - contextWidth, line.length - room))
  const end = Math.min(line.length, start + room)
  const cut = start > 0 ? "…" : ""
  const text = `${cut}${line.slice(start, end)}${end < line.length ? "…" : ""}`
  return { text, before: `${cut}${line.slice(start, at)}`, end }
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
