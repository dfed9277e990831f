import { describe, expect, test } from "bun:test"
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { orderDiagnostics, renderDiagnostic } from "../../src/base/mod.ts"
import { codes, load } from "../../src/katalog/mod.ts"
import { build } from "../../src/plan/mod.ts"
import { memoryFiles } from "../support/files.ts"

const casesFolder = join(import.meta.dir, "cases")
const expectedName = "katalog.diag.txt"
const rewrite = Bun.env["UPDATE_GOLDEN"] === "1"

function readCase(name: string): Readonly<Record<string, string>> {
  const folder = join(casesFolder, name)
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    files.map((file) => {
      const path = join(file.parentPath, file.name)
      return [path.slice(folder.length + 1), readFileSync(path, "utf8")]
    }),
  )
}

const names = readdirSync(casesFolder).filter((name) => Object.hasOwn(readCase(name), expectedName) || rewrite)

describe("diagnostics read as agreed", () => {
  for (const name of names.sort()) {
    test(name, () => {
      const { [expectedName]: expected = "", ...texts } = readCase(name)
      const { spec, spans, diagnostics } = load(memoryFiles(texts), ".")
      const built = spec ? build(spec, spans).diagnostics : []
      const all = orderDiagnostics([...diagnostics, ...built])
      const printed = `${all.map(renderDiagnostic).join("\n")}\n`
      if (rewrite) writeFileSync(join(casesFolder, name, expectedName), printed)
      else expect(printed).toBe(expected)
    })
  }
})

test("every code of documents, rules and schemas has a case, and every printed code has a text", () => {
  const printed = new Set(names.flatMap((name) => (readCase(name)[expectedName] ?? "").match(/ORK\d{4}/g) ?? []))
  // ORK0123 is ork fmt's own: no Katalog is wrong because of it. ORK0510 needs 501 mistakes, it has a test of its own.
  const without = ["ORK0123", "ORK0510"]
  const own = Object.keys(codes).filter((code) => /^ORK0[125]/.test(code) && !without.includes(code))
  expect(own.filter((code) => !printed.has(code))).toEqual([])
  expect([...printed].filter((code) => !Object.hasOwn(codes, code))).toEqual([])
})
