import { expect, test } from "bun:test"
import { Lexer } from "yaml"
import { parseYaml } from "../../../src/katalog/yaml.ts"
import { limits } from "../../../src/katalog/yaml-document.ts"

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

// A key with ? is for the complete parser; each line break after it is one word more.
const strange = "? a\n: b\n"
const wordsOf = (text: string) => [...new Lexer().lex(text)].length

test("words for the complete parser: the limit is fine, one more is told where that parser is needed", () => {
  const room = limits.words - wordsOf(strange)
  expect(codesOf(strange + "\n".repeat(room))).toEqual([])
  const text = `c: 1\n${strange}`
  const { diagnostics } = parseYaml({ path: "a.yaml", text: text + "\n".repeat(room) })
  expect(diagnostics).toMatchObject([{ code: "ORK0104", span: { start: text.indexOf("?") } }])
})

test("values: the limit is fine, one more is not", () => {
  const list = (values: number) => `[${"1,".repeat(values)}]`
  expect(codesOf(list(limits.values - 1))).toEqual([])
  expect(codesOf(list(limits.values))).toEqual(["ORK0104"])
})

/** Texts of `size` characters each. */
const hostile: readonly (readonly [name: string, text: (size: number) => string])[] = [
  ["line breaks", (size) => "\n".repeat(size)],
  ["line breaks of Windows", (size) => "\r\n".repeat(size / 2)],
  ["line breaks below a key", (size) => `a:\n${"\n".repeat(size)}  b: 1\n`],
  ["comments", (size) => "#\n".repeat(size / 2)],
  ["tabs", (size) => "\t".repeat(size)],
  ["marks", (size) => "\ufeff".repeat(size)],
  ["anchors", (size) => many(size / 20, (i) => `a${i}: &a${i} 1\n`)],
  ["anchors in brackets", (size) => `[${many(size / 10, (i) => `&a${i} 1,`)}]`],
  ["merge keys", (size) => `a: &a { x: 1 }\n${many(size / 18, (i) => `b${i}: { <<: *a }\n`)}`],
  ["one merge key", (size) => `a: &a { x: 1 }\nb:\n${"  <<: *a\n".repeat(size / 9)}`],
  ["equal keys", (size) => "a: 1\n".repeat(size / 5)],
  ["keys without a name", (size) => ":\n".repeat(size / 2)],
  ["documents", (size) => "--- a\n".repeat(size / 6)],
  ["ends of documents", (size) => "...\n".repeat(size / 4)],
  ["brackets that nobody opened", (size) => "]".repeat(size)],
  ["commas", (size) => `[${",".repeat(size)}]`],
  ["tags", (size) => many(size / 13, (i) => `a${i}: !x 1\n`)],
  ["an open quote", (size) => `a: "${"x\n".repeat(size / 2)}`],
  ["lines that are indented anyhow", (size) => many(size / 13, (i) => `${" ".repeat(i % 7)}a${i}: 1\n`)],
]

function many(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join("")
}

test.each(hostile)("five megabytes of %s are answered", (_, text) => {
  const { documents, diagnostics } = parseYaml({ path: "a.yaml", text: text(5_000_000) })
  expect(documents.length).toBeLessThanOrEqual(1)
  expect(diagnostics.length).toBeLessThanOrEqual(limits.problems)
})

test("an honest file of five megabytes is read as a whole", () => {
  const entry = (i: number) =>
    `  item${i}:\n    labels: { app: "shop-${i}" }\n    text: |\n      line\n    list:\n      - a\n`
  const count = Math.ceil(5_000_000 / entry(10_000).length)
  const { documents, diagnostics } = parseYaml({ path: "a.yaml", text: `items:\n${many(count, entry)}` })
  expect(diagnostics).toEqual([])
  expect(documents[0]?.locate(["items", `item${count - 1}`, "list", 0], "value")).toBeDefined()
})
