import { expect, test } from "bun:test"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { functionsPage } from "../../../scripts/generate-functions.ts"
import { functionByName } from "../../../src/template/functions/registry.ts"
import { functionCatalogue, samples } from "../../../src/template/mod.ts"
import { outcome } from "./support.ts"

test.each(functionCatalogue.map((entry) => [entry.name, entry] as const))(
  "the example of %s calls it and yields what it says",
  (name, { example }) => {
    expect(example.template).toContain(name)
    expect(outcome(example.template, samples)).toStrictEqual({ value: example.result })
  },
)

test("another name means the same function, and its meaning is told once", () => {
  const aliases = functionCatalogue.filter((entry) => entry.aliasOf !== undefined)
  expect(aliases.length).toBeGreaterThan(40)
  for (const { name, aliasOf } of aliases) {
    const [one, other] = [functionByName(name), functionByName(aliasOf ?? "")]
    expect(one?.call).toBe(other?.call ?? (() => {}))
    expect(other?.aliasOf).toBeUndefined()
  }
})

test("the catalogue is what was published: every family and name of it", () => {
  const published = readFileSync(join(import.meta.dir, "published-functions.txt"), "utf8")
    .trim()
    .split(/\s+/)
  expect(published.length).toBeGreaterThan(270)
  expect(published.filter((name) => functionByName(name) === undefined)).toEqual([])
})

test("the page of functions is in step with the catalogue", () => {
  const page = readFileSync(join(import.meta.dir, "../../../docs/reference/functions.md"), "utf8")
  // Repaired by: node scripts/bun.mjs run scripts/generate-functions.ts
  expect(page === functionsPage()).toBeTrue()
})
