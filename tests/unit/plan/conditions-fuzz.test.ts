import { expect, test } from "bun:test"
import { fuzzConditions } from "../../fuzz/conditions.fuzz.ts"

test("10,000 mutated conditions crash nothing, and none changes before it says", async () => {
  expect(await fuzzConditions({ seed: 11, count: 10_000 })).toEqual([])
})
