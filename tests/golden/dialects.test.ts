import { describe, expect, test } from "bun:test"
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { renderDiagnostic } from "../../src/base/mod.ts"
import { canonical } from "../../src/katalog/legacy-rewrite.ts"
import { formatKatalog, load } from "../../src/katalog/mod.ts"
import { memoryFiles } from "../support/files.ts"

const folder = join(import.meta.dir, "dialects")
const rewrite = Bun.env["UPDATE_GOLDEN"] === "1"
const dialects = ["d0", "d1", "d2", "d3"]

function readCase(name: string): Readonly<Record<string, string>> {
  const files = readdirSync(join(folder, name), { recursive: true, withFileTypes: true }).filter((e) => e.isFile())
  const paths = files.map((file) => join(file.parentPath, file.name))
  return Object.fromEntries(
    paths.map((path) => [path.slice(folder.length + name.length + 2), readFileSync(path, "utf8")]),
  )
}

/** The file as it is read, as text, and as it is formatted. */
function outcome(texts: Readonly<Record<string, string>>, dialect: string) {
  const loaded = load(memoryFiles({ ...texts, "katalog.yaml": texts[`${dialect}.yaml`] ?? "" }), "katalog.yaml")
  const formatted = formatKatalog(memoryFiles({ "katalog.yaml": texts[`${dialect}.yaml`] ?? "" }), "katalog.yaml")
  const errors = loaded.diagnostics.filter((d) => d.severity === "error").map((d) => [d.code, d.path])
  return {
    spec: loaded.spec,
    data: canonical(loaded.raw, () => ({})).data,
    errors: errors.sort(),
    notes: loaded.diagnostics
      .filter((d) => d.code === "ORK0120")
      .map((d) => `${renderDiagnostic(d)}\n`)
      .join(""),
    marked: loaded.diagnostics.flatMap(({ code, span }) =>
      code === "ORK0110" && span ? [span.file.text.slice(span.start, span.end)] : [],
    ),
    formatted: formatted.ok ? formatted.value.after : "",
  }
}

for (const name of readdirSync(folder).sort()) {
  const texts = readCase(name)
  const wanted = outcome(texts, "canonical")
  const present = dialects.filter((dialect) => Object.hasOwn(texts, `${dialect}.yaml`))
  describe(`dialects of ${name}`, () => {
    test("the canonical file needs no note and no formatting", () => {
      expect(wanted.notes).toBe("")
      expect(wanted.formatted).toBe(texts["canonical.yaml"] ?? "")
    })
    test.each(present)("%s means the same as the canonical form", (dialect) => {
      const found = outcome(texts, dialect)
      expect(found.data).toEqual(wanted.data)
      expect(found.spec).toEqual(wanted.spec)
      expect(found.errors).toEqual(wanted.errors)
      // What is not supported yet is marked where it was written, by its own key.
      expect(found.marked.length).toBe(found.errors.filter(([code]) => code === "ORK0110").length)
      for (const [index, text] of found.marked.entries())
        expect([index, text]).toEqual([index, expect.stringMatching(/^\w+$/)])
    })
    test.each(present)("%s: every difference is a note at its place, and formatting removes it", (dialect) => {
      const { notes, formatted } = outcome(texts, dialect)
      const again = outcome({ ...texts, "again.yaml": formatted }, "again")
      expect(again.notes).toBe("")
      expect(again.data).toEqual(wanted.data)
      for (const [file, found] of [
        [`${dialect}.notes.txt`, notes],
        [`${dialect}.fmt.yaml`, formatted],
      ] as const) {
        if (rewrite) writeFileSync(join(folder, name, file), found)
        else expect(found).toBe(texts[file] ?? "")
      }
    })
  })
}
