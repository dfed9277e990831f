import { type Diagnostic, orderDiagnostics, plural } from "../base/mod.ts"

/** More mistakes than anybody reads in one go: the rest appears when these are repaired. */
export const diagnosticsMax = 500

/** Takes diagnostics and keeps the first ones: as many errors as `diagnosticsMax`, and as many of the rest. */
export interface BoundedReport {
  report(diagnostic: Diagnostic): void
  /** What was kept, and how many more there are. */
  all(): readonly Diagnostic[]
}

/** An empty report. */
export function boundedReport(): BoundedReport {
  const kept: Diagnostic[] = []
  const counts = { error: 0, other: 0 }
  const overflow = (count: number) => Math.max(0, count - diagnosticsMax)
  return {
    report(diagnostic) {
      const kind = diagnostic.severity === "error" ? "error" : "other"
      if (counts[kind]++ < diagnosticsMax) kept.push(diagnostic)
    },
    all() {
      const more = [
        ...(overflow(counts.error) > 0 ? [plural(overflow(counts.error), "more error")] : []),
        ...(overflow(counts.other) > 0 ? [plural(overflow(counts.other), "more warning")] : []),
      ]
      if (more.length === 0) return kept
      const message = `${more.join(" and ")} not shown`
      const help = "repair the ones that are shown first"
      // It stands where the list breaks off.
      const span = kept.at(-1)?.span
      return [...kept, { severity: "note", code: "ORK0510", message, help, ...(span && { span }) }]
    },
  }
}

/** Diagnostics in order, and no more of them than anybody reads. */
export function firstOf(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const bounded = boundedReport()
  for (const diagnostic of orderDiagnostics(diagnostics)) bounded.report(diagnostic)
  return bounded.all()
}
