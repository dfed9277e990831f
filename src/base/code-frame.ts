import { type Diagnostic, positionOf, type Span } from "./diagnostic.ts"

/** `file:line:column severity CODE message`, the frame with a caret, then `help:`. Plain text; colour is the printer's. */
export function renderDiagnostic(diagnostic: Diagnostic): string {
  const lines = [`${location(diagnostic.span)}${diagnostic.severity} ${diagnostic.code} ${diagnostic.message}`]
  if (diagnostic.span) lines.push(...frame(diagnostic.span))
  if (diagnostic.help) lines.push(`  help: ${diagnostic.help}`)
  return lines.join("\n")
}

function location(span: Span | undefined): string {
  if (!span) return ""
  const { line, column } = positionOf(span.file, span.start)
  return `${span.file.path}:${line}:${column} `
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
  return [`${number} │ ${text}`, `     │ ${indent}${"^".repeat(width)}`]
}
