import { expect, test } from "bun:test"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { type Random, seeded } from "../../../src/base/mod.ts"
import { isSameMeaning } from "../../../src/katalog/fmt-edits.ts"
import { canonical } from "../../../src/katalog/legacy-rewrite.ts"
import { formatKatalog } from "../../../src/katalog/mod.ts"
import { commentsOf, parseYaml } from "../../../src/katalog/yaml.ts"
import { memoryFiles } from "../../support/files.ts"

const root = join(import.meta.dir, "../../..")
const texts = [
  "tests/golden/dialects/*/d*.yaml",
  "tests/golden/cases/published-layouts/katalog.yaml",
  "katalogs/*/katalog.yaml",
]
  .flatMap((pattern) => [...new Bun.Glob(pattern).scanSync({ cwd: root })])
  .sort()
  .map((path) => readFileSync(join(root, path), "utf8"))

/** Lines that an author may have written at their place, or not. */
const lines = [
  "# a comment of its own",
  "reconcile:",
  "emit: {} # beside",
  "admission: { validation: {} }",
  "operatorBox: { reconcile: { workers: 4 } }",
  "<<: { anyOf: [], workers: 2 }",
  "observe: { watch: [], events: {} }",
  "labels: [{ key: a, value: b }]",
  "? workers",
]

/** A text with one or two lines added, doubled or taken away. */
function mutated(random: Random): string {
  const pick = <T>(from: readonly T[]) => from[Math.floor(random.next() * from.length)]
  const text = (pick(texts) ?? "").split("\n")
  for (let count = 1 + Math.floor(random.next() * 2); count > 0; count--) {
    const at = Math.floor(random.next() * text.length)
    const indent = " ".repeat((text[at] ?? "").search(/\S|$/))
    const way = random.next()
    if (way < 0.6) text.splice(at, 0, indent + (pick(lines) ?? ""))
    else if (way < 0.8) text.splice(at, 1)
    else text.splice(at, 0, text[Math.floor(random.next() * text.length)] ?? "")
  }
  return text.join("\n")
}

test("whatever lines come or go: formatting never throws, changes no meaning, loses no comment and is done at once", () => {
  const seed = Number(Bun.env["ORK_SEED"] ?? 1)
  const random = seeded(seed)
  let formatted = 0
  for (let count = 0; count < 400; count++) {
    const text = mutated(random)
    const result = formatKatalog(memoryFiles({ "katalog.yaml": text }), "katalog.yaml")
    if (!result.ok) continue
    formatted++
    const { after } = result.value
    const again = formatKatalog(memoryFiles({ "katalog.yaml": after }), "katalog.yaml")
    const meaning = (of: string) => canonical(parseYaml({ path: "", text: of }).documents[0]?.data, () => ({})).data
    expect({ seed, text, again: again.ok && again.value.after }).toEqual({ seed, text, again: after })
    expect({ seed, text, same: isSameMeaning(meaning(text), meaning(after)) }).toEqual({ seed, text, same: true })
    expect({ seed, text, comments: commentsOf(after).toSorted() }).toEqual({
      seed,
      text,
      comments: commentsOf(text).toSorted(),
    })
  }
  expect(formatted).toBeGreaterThan(100)
}, 30_000)
