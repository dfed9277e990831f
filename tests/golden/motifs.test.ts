import { expect, test } from "bun:test"
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { runOrk } from "../support/terminal.ts"

const rewrite = Bun.env["UPDATE_GOLDEN"] === "1"
const example = join(import.meta.dir, "..", "..", "katalogs", "motifs-platform")
const goldens = join(import.meta.dir, "motifs")

function texts(): Readonly<Record<string, string>> {
  const files = readdirSync(example, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    files.map((file) => {
      const path = join(file.parentPath, file.name)
      return [path.slice(example.length + 1), readFileSync(path, "utf8")]
    }),
  )
}

test.each([
  ["provenance.yaml", ["--provenance"]],
  ["objects.json", ["-o", "json"]],
  ["graph.txt", ["--graph"]],
])("ork template prints %s for a Katalog made of Motifs", async (name, flags) => {
  const { code, out } = await runOrk(["template", ...flags], texts())
  expect(code).toBe(0)
  if (rewrite) writeFileSync(join(goldens, name), out)
  else expect(out).toBe(readFileSync(join(goldens, name), "utf8"))
})
