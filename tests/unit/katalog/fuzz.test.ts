import { expect, test } from "bun:test"
import { fuzzKatalogs } from "../../fuzz/katalog.fuzz.ts"

// More of it, with other seeds: npm run fuzz -- katalog --count 1000000
test("10,000 mutated Katalogs crash nothing, are answered in time, and every mistake has a place and a text", async () => {
  expect(await fuzzKatalogs({ seed: 1, count: 10_000 })).toEqual([])
}, 240_000)
