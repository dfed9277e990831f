import { expect, test } from "bun:test"
import { limits, parseYaml } from "../../../src/katalog/yaml.ts"

function codesOf(text: string): readonly string[] {
  return parseYaml({ path: "katalog.yaml", text }).diagnostics.map(({ code }) => code)
}

const million = 1_000_000

test.each([
  ["brackets", "[", 1],
  ["braces", "{a: ", 4],
  ["list signs", "- ", 2],
  ["key signs", "? ", 2],
])("a million %s are one mistake, told without their tree", (_, sign, length) => {
  const before = process.memoryUsage().rss
  expect(codesOf(sign.repeat(million / length))).toEqual(["ORK0104"])
  expect(process.memoryUsage().rss - before).toBeLessThan(300e6)
})

test("what is side by side is not deep", () => {
  const many = limits.depth * 20
  expect(codesOf(`[${"[], {}, ".repeat(many)}]`)).toEqual([])
  expect(codesOf("- a\n".repeat(many))).toEqual([])
  expect(codesOf("- - a\n".repeat(many))).toEqual([])
  expect(codesOf("? a\n".repeat(1) + "b: [-, -]".replaceAll("-", "1"))).toEqual([])
})

test("one level more than allowed is refused, at the place", () => {
  const nested = (levels: number) => `${"[".repeat(levels)}1${"]".repeat(levels)}`
  expect(codesOf(nested(limits.depth))).toEqual([])
  expect(codesOf(nested(limits.depth + 1))).toEqual(["ORK0104"])
})
