import { expect, test } from "bun:test"
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { commonFields, entryFields } from "../../src/katalog/entries.ts"
import { builtinSchemas, gvkOf, isRecord, validate } from "../../src/kube/mod.ts"
import { entriesText, kindNames, kindsFolder, objectsOf } from "../support/kinds.ts"

const rewrite = Bun.env["UPDATE_GOLDEN"] === "1"

/** JSON with sorted keys, so that a golden changes only where the meaning does. */
function stableJson(value: unknown): string {
  const sorted = (_key: string, at: unknown) =>
    isRecord(at) ? Object.fromEntries(Object.entries(at).sort(([a], [b]) => (a < b ? -1 : 1))) : at
  return `${JSON.stringify(value, sorted, 2)}\n`
}

test("every list of entries has its golden", () => {
  expect(kindNames).toEqual([...Object.keys(entryFields)].sort())
  const goldens = readdirSync(kindsFolder).filter((file) => file.endsWith(".json"))
  expect(goldens.sort()).toEqual(kindNames.map((kind) => `${kind}.json`).sort())
})

test.each(kindNames)("the golden of %s uses every field", (kind) => {
  const entries: unknown = Bun.YAML.parse(entriesText(kind))
  const used = new Set((Array.isArray(entries) ? entries : []).flatMap((entry: object) => Object.keys(entry)))
  const known = Object.entries(entryFields).find(([name]) => name === kind)?.[1] ?? []
  const own = known.filter((field) => !Object.hasOwn(commonFields, field))
  expect(own.filter((field) => !used.has(field))).toEqual([])
})

test.each(kindNames)("%s render as agreed", (kind) => {
  const path = join(kindsFolder, `${kind}.json`)
  const schemas = builtinSchemas()
  const objects = objectsOf(kind)
  for (const object of objects) {
    const schema = schemas.root(gvkOf(object))
    if (schema) expect(validate(object, schema, schemas)).toEqual([])
  }
  const made = stableJson(objects)
  if (rewrite) writeFileSync(path, made)
  else expect(made).toBe(readFileSync(path, "utf8"))
})
