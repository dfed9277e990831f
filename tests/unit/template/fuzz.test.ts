import { expect, test } from "bun:test"
import { fuzzTemplates } from "../../fuzz/template.fuzz.ts"

// More of it, with other seeds: npm run fuzz -- template
test("10,000 mutated templates are answered in time, with a JSON value or a code, and never become code", async () => {
  expect(await fuzzTemplates({ seed: 1, count: 10_000 })).toEqual([])
}, 120_000)
