import { expect, test } from "bun:test"
import { age, ageOf } from "../../../src/server/age.ts"

const table = [
  [-5_000, "0s"],
  [0, "0s"],
  [5_999, "5s"],
  [59_999, "59s"],
  [60_000, "1m"],
  [3_599_999, "59m"],
  [3_600_000, "1h"],
  [86_399_999, "23h"],
  [4 * 86_400_000, "4d"],
  [800 * 86_400_000, "800d"],
] as const
test.each(table)("%i ms ago is %s", (elapsed, text) => {
  expect(age(1_000_000_000, 1_000_000_000 + elapsed)).toBe(text)
})

test("the age of a time that is absent or malformed is unknown", () => {
  expect(ageOf(undefined, 0)).toBe("unknown")
  expect(ageOf("yesterday", 0)).toBe("unknown")
  expect(ageOf("1970-01-01T00:00:00Z", 120_000)).toBe("2m")
})
