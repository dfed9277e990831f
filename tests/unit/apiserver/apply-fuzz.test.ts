import { expect, test } from "bun:test"
import { fuzzApply } from "../../fuzz/apply.fuzz.ts"

test("generated objects are applied twice as once, by managers in any order, and can be read back", async () => {
  expect(await fuzzApply({ seed: 11, count: 200 })).toEqual([])
}, 30_000)
