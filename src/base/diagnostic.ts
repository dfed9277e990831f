/** A text the user wrote, with the name to print for it. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

/** A stretch of a file in UTF-16 offsets; `end` is exclusive. */
export interface Span {
  readonly file: SourceFile
  readonly start: number
  readonly end: number
}

/** `error` stops, `warning` is likely a mistake, `note` is only said. */
export type Severity = "error" | "warning" | "note"

/** One mistake of the Katalog's author, as a value: collected, never thrown. */
export interface Diagnostic {
  readonly severity: Severity
  /** `ORK0107`; its long text is in `katalog/codes.ts`. */
  readonly code: string
  /** What was found and what was expected: lower case, no full stop, no blame. */
  readonly message: string
  readonly span?: Span
  /** Where in the document: `spec.crds.shop.operatorBox.onReconcile.deployments[0].replicass`. */
  readonly path?: string
  /** An edit the author can make. */
  readonly help?: string
}

/** A place in a text, as people count. */
export interface Position {
  /** From 1. */
  readonly line: number
  /** From 1, in characters. */
  readonly column: number
}

/** Line and column of an offset. A column counts UTF-16 units, as editors do. */
export function positionOf(file: SourceFile, offset: number): Position {
  const starts = lineStarts(file)
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
}

const knownStarts = new WeakMap<SourceFile, readonly number[]>()

// Counted once per file: a Katalog asks for the place of each of its values.
function lineStarts(file: SourceFile): readonly number[] {
  const known = knownStarts.get(file)
  if (known) return known
  const starts = [0]
  for (let at = file.text.indexOf("\n"); at !== -1; at = file.text.indexOf("\n", at + 1)) starts.push(at + 1)
  knownStarts.set(file, starts)
  return starts
}

const rank: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 }

/** Sorted by file and position, without doubles: one root cause, one diagnostic. */
export function orderDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>()
  const kept = diagnostics.filter((d) => {
    const place = d.span ? `${d.span.file.path}:${d.span.start}` : d.path
    const id = `${place}:${d.code}:${d.message}`
    return seen.has(id) ? false : seen.add(id) !== undefined
  })
  return kept.sort(
    (a, b) =>
      (a.span?.file.path ?? "").localeCompare(b.span?.file.path ?? "") ||
      (a.span?.start ?? 0) - (b.span?.start ?? 0) ||
      rank[a.severity] - rank[b.severity],
  )
}

/** True when at least one is an error. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((d) => d.severity === "error")
}
