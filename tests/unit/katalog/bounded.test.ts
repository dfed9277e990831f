import { expect, test } from "bun:test"
import type { Diagnostic, Severity } from "../../../src/base/mod.ts"
import { boundedReport, diagnosticsMax } from "../../../src/katalog/bounded.ts"

function filled(counts: Partial<Record<Severity, number>>): readonly Diagnostic[] {
  const bounded = boundedReport()
  for (const severity of ["warning", "error"] as const) {
    for (let n = 0; n < (counts[severity] ?? 0); n++) bounded.report({ severity, code: "ORK0501", message: `${n}` })
  }
  return bounded.all()
}

test("as many as the bound are all kept, one more is counted", () => {
  expect(filled({ error: diagnosticsMax })).toHaveLength(diagnosticsMax)
  const over = filled({ error: diagnosticsMax + 1 })
  expect(over).toHaveLength(diagnosticsMax + 1)
  expect(over.at(-1)).toMatchObject({ severity: "note", code: "ORK0510", message: "1 more error not shown" })
})

test("warnings never take the place of an error", () => {
  const found = filled({ warning: diagnosticsMax + 2, error: 1 })
  expect(found.filter(({ severity }) => severity === "error")).toHaveLength(1)
  expect(found.at(-1)).toMatchObject({ code: "ORK0510", message: "2 more warnings not shown" })
})
