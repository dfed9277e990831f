import { expect, test } from "bun:test"
import { canonicalQuantity } from "../../../src/apiserver/canonical-quantity.ts"

test.each([
  [0.5, "500m"],
  ["1000m", "1"],
  ["1500m", "1500m"],
  ["2000", "2k"],
  ["1024Mi", "1Gi"],
  ["1536Mi", "1536Mi"],
  ["0.5Gi", "512Mi"],
  ["0.1Ki", "102400m"],
  ["512", "512"],
  ["1e3", "1e3"],
  ["12e2", "1200"],
  ["-1000m", "-1"],
  ["0.0000000001", "1n"],
  ["100Ki", "100Ki"],
  ["0Gi", "0"],
  ["no quantity", "no quantity"],
] as const)("%p is written as %p", (given, written) => expect(canonicalQuantity(given)).toBe(written))
