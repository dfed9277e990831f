import { describe, expect, test } from "bun:test"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fuzzGoTemplates, reasonsOfDifference } from "../fuzz/go-templates.fuzz.ts"
import { type Expected, outcome, website } from "../unit/template/support.ts"
import { askGo, hasGo } from "./go-templates/go.ts"
import { printed } from "./go-templates/printed.ts"

/** A row: what Go says, and where we differ on purpose what we say and why. */
interface Row {
  readonly template: string
  readonly value?: string
  readonly error?: string
  readonly ork?: Expected
  readonly why?: string
}

const path = join(import.meta.dir, "go-templates/rows.json")
const { reasons, rows }: { readonly reasons: Readonly<Record<string, string>>; readonly rows: readonly Row[] } =
  JSON.parse(readFileSync(path, "utf8"))

/** What we say, with values as an action prints them: Go knows only texts. */
function said(template: string): Expected {
  const found = outcome(template)
  return "value" in found ? { value: printed(found.value) } : found
}

function agrees(row: Row, ours: Expected): boolean {
  return "value" in ours ? ours.value === row.value : row.error !== undefined
}

test("every reason for which generated templates may differ is one that a row shows", () => {
  expect(reasonsOfDifference.filter((reason) => reasons[reason] === undefined)).toEqual([])
})

describe("a template means what it means in Go", () => {
  test("in at least 400 rows", () => expect(rows.length).toBeGreaterThanOrEqual(400))

  test.each(rows.map((row, i) => [i + 1, row.template, row] as const))("row %i %s", (_, template, row) => {
    const ours = said(template)
    if (row.ork !== undefined) expect(ours).toStrictEqual(row.ork)
    else if (!agrees(row, ours)) expect(ours).toStrictEqual({ value: row.value ?? `error: ${row.error}` })
  })

  test("every difference is one, and has a reason that is written down", () => {
    const marked = rows.filter((row) => row.ork !== undefined || row.why !== undefined)
    for (const row of marked) {
      expect(reasons[row.why ?? ""]).toBeString()
      expect(row.ork !== undefined && !agrees(row, row.ork)).toBeTrue()
    }
    const used = new Set(marked.map((row) => row.why))
    expect(Object.keys(reasons).filter((reason) => !used.has(reason))).toEqual([])
  })
})

const name = "the answers kept as data are Go's own"
if (!hasGo()) test.skip(`${name} (left out: Go is not installed)`, () => {})
else
  test(name, async () => {
    const answers = await askGo(rows.map(({ template }) => ({ template, data: website })))
    if (process.env["UPDATE_GOLDEN"] === "1") update(answers)
    const kept = rows.map(({ value, error }) => (error === undefined ? { value } : "error"))
    expect(kept).toEqual(answers.map(({ value, error }) => (error === undefined ? { value } : "error")))
  }, 120_000)

function update(answers: readonly { readonly value?: string; readonly error?: string }[]): void {
  const lines = rows.map(({ template, ork, why }, i) => {
    const { value, error } = answers[i] ?? {}
    const said =
      error === undefined ? { value } : { error: error.replace(/^template: t:[\d:]* (executing "t" at )?/, "") }
    return `    ${JSON.stringify({ template, ...said, ork, why })}`
  })
  const head = JSON.stringify(reasons, null, 2).replaceAll("\n", "\n  ")
  writeFileSync(path, `{\n  "reasons": ${head},\n  "rows": [\n${lines.join(",\n")}\n  ]\n}\n`)
}

const generated = "2,000 generated templates yield the same text in Go, or both an error, or a difference with a reason"
if (!hasGo()) test.skip(`${generated} (left out: Go is not installed)`, () => {})
else test(generated, async () => expect(await fuzzGoTemplates({ seed: 1, count: 2_000 })).toEqual([]), 120_000)
