import { type Diagnostic, hasErrors, plural, positionOf, renderDiagnostic } from "../base/mod.ts"

/** What diagnostics are printed as; `github` makes workflow annotations. */
export type DiagnosticFormat = "text" | "json" | "github"

/** Diagnostics in the form asked for; text ends with how many there are. */
export function printDiagnostics(diagnostics: readonly Diagnostic[], format: DiagnosticFormat): string {
  if (format === "json") return `${JSON.stringify(diagnosticsJson(diagnostics), null, 2)}\n`
  if (format === "github") return diagnostics.map((diagnostic) => `${annotation(diagnostic)}\n`).join("")
  return diagnostics.map((diagnostic) => `${renderDiagnostic(diagnostic)}\n`).join("\n")
}

/** The documented JSON form. */
export function diagnosticsJson(diagnostics: readonly Diagnostic[]): unknown {
  return { ok: !hasErrors(diagnostics), diagnostics: diagnostics.map(entry) }
}

/** `2 errors, 1 warning`. */
export function countDiagnostics(diagnostics: readonly Diagnostic[]): string {
  const count = (severity: Diagnostic["severity"]) => diagnostics.filter((d) => d.severity === severity).length
  const parts = (["error", "warning", "note"] as const).flatMap((severity) =>
    count(severity) > 0 ? [plural(count(severity), severity)] : [],
  )
  return parts.join(", ")
}

function place(diagnostic: Diagnostic) {
  const { span } = diagnostic
  if (!span) return undefined
  const start = positionOf(span.file, span.start)
  const end = positionOf(span.file, span.end)
  return { file: span.file.path, line: start.line, column: start.column, endLine: end.line, endColumn: end.column }
}

function entry(diagnostic: Diagnostic): unknown {
  const { severity, code, message, help, path } = diagnostic
  return { severity, code, message, help, ...place(diagnostic), path }
}

const githubLevel: Readonly<Record<Diagnostic["severity"], string>> = {
  error: "error",
  warning: "warning",
  note: "notice",
}

function annotation(diagnostic: Diagnostic): string {
  const at = place(diagnostic)
  const where = at ? `file=${escapeProperty(at.file)},line=${at.line},col=${at.column},` : ""
  const text = diagnostic.help ? `${diagnostic.message}\nhelp: ${diagnostic.help}` : diagnostic.message
  return `::${githubLevel[diagnostic.severity]} ${where}title=${diagnostic.code}::${escapeText(text)}`
}

function escapeText(text: string): string {
  return text.replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A")
}

// Commas and colons end a property of an annotation.
function escapeProperty(text: string): string {
  return escapeText(text).replace(/:/g, "%3A").replace(/,/g, "%2C")
}

const codes = { red: 31, green: 32, yellow: 33, dim: 2 } as const

/** Paints text for a terminal; leaves it alone elsewhere. */
export function paint(text: string, colour: keyof typeof codes, enabled: boolean): string {
  return enabled ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text
}
