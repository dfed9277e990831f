import { describe, expect, test } from "bun:test"
import { parseYaml } from "../../../src/katalog/yaml.ts"
import { limits } from "../../../src/katalog/yaml-document.ts"
import { errorCodes, loadText, websiteKatalog } from "./support.ts"

const parse = (text: string) => parseYaml({ path: "a.yaml", text })
const dataOf = (text: string) => parse(text).documents.map((document) => document.data)
const codesOf = (text: string) => parse(text).diagnostics.map((d) => d.code)

describe("plain data", () => {
  test("is YAML 1.2: yes and on are texts, dates too", () => {
    expect(dataOf("a: yes\nb: on\nc: 2001-01-01\nd: 0o17\ne: ~\n")).toEqual([
      { a: "yes", b: "on", c: "2001-01-01", d: 15, e: null },
    ])
  })
  test("may be JSON", () => {
    expect(dataOf('{"a": [1, "x", null, true]}')).toEqual([{ a: [1, "x", null, true] }])
  })
  test("opens aliases and merge keys; own keys win, then the first merged map", () => {
    const text = "a: &a { x: 1, y: 1 }\nb: &b { y: 2, z: 2 }\nc:\n  <<: [*a, *b]\n  x: 3\nd: *a\n"
    expect(dataOf(text)).toMatchObject([{ c: { x: 3, y: 1, z: 2 }, d: { x: 1, y: 1 } }])
  })
  test("keeps several documents and drops empty ones", () => {
    expect(dataOf("a: 1\n---\n# nothing\n---\nb: 2\n---\n")).toEqual([{ a: 1 }, { b: 2 }])
  })
  test.each([
    ["__proto__: { isAdmin: true }", "ORK0106"],
    ["a: .inf", "ORK0106"],
    ["a: 9007199254740993", "ORK0106"],
    ["a: [-12345678901234567891]", "ORK0106"],
    ["{ a: 1 }: b", "ORK0106"],
    ["a: 1\na: 2", "ORK0103"],
    ["a: &x [*x]", "ORK0104"],
    ["a: *b", "ORK0102"],
    ["a:\n\tb: 1", "ORK0102"],
    ["a: [1", "ORK0102"],
    ['a: "b', "ORK0102"],
    ["a: b: c", "ORK0102"],
    ["a: !thing b", "ORK0102"],
    ["a: b\n c: d", "ORK0102"],
  ])("%j is a mistake", (text, code) => {
    expect(new Set(codesOf(text))).toEqual(new Set([code]))
  })
})

test("whole numbers that stay what they are, and the bounds of a CRD, are no mistakes", () => {
  expect(codesOf("a: 9007199254740991\nb: 9007199254740992\nc: 1e300\nd: '9007199254740993'\n")).toEqual([])
  expect(codesOf("kind: CustomResourceDefinition\nmaximum: 9223372036854775807\n")).toEqual([])
})

describe("one slip is one diagnostic", () => {
  test.each([
    [
      "a quote that ends inside of a template",
      '- { a: "{{ default .b "x" }}" }\n- { c: d }\n- { e: "{{ .f }}" }\n',
      23,
    ],
    ["a tab", "a:\n\tb: 1\n\tc: 2\n", 3],
    ["a bracket that is never closed", "- { a: [1 }\n- b\n- c\n", 7],
  ])("%s", (_, text, start) => {
    const found = parse(text).diagnostics
    expect(found).toMatchObject([{ code: "ORK0102", span: { start }, help: expect.any(String) }])
  })
  test("a template without quotes asks for quotes around the value", () => {
    const of = (text: string) => parse(text).diagnostics.map(({ help }) => help)
    expect(of("a: {{ .b }}\n")).toEqual([expect.stringContaining('"{{')])
    expect(of("{ a: 1 }: b\n")).toEqual(["put the key in quotes"])
  })
})

describe("bounds", () => {
  test("levels: the limit is fine, one more is not", () => {
    const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`
    expect(codesOf(nested(limits.depth + 1))).toEqual([])
    expect(codesOf(nested(limits.depth + 2))).toEqual(["ORK0104"])
  })
  test("characters: the limit is fine, one more is not", () => {
    const comment = (length: number) => `#${" ".repeat(length - 1)}`
    expect(codesOf(comment(limits.textLength))).toEqual([])
    expect(codesOf(comment(limits.textLength + 1))).toEqual(["ORK0104"])
  })
  test("values: aliases are counted as often as they are used", () => {
    const tens = (levels: number) =>
      Array.from(
        { length: levels },
        (_, i) =>
          `a${i}: &a${i} [${Array(10)
            .fill(i === 0 ? "x" : `*a${i - 1}`)
            .join(",")}]\n`,
      )
    expect(codesOf(tens(5).join(""))).toEqual([])
    expect(codesOf(tens(9).join(""))).toEqual(["ORK0104"])
  })
  test("mistakes: what nobody reads is cut", () => {
    expect(codesOf("a: 1\n".repeat(1000))).toHaveLength(limits.problems)
  })
})

describe("bad files are answered, never thrown", () => {
  test.each([
    ["five megabytes", "a: 1\n".repeat(1_000_000)],
    ["ten thousand brackets", `a: ${"[".repeat(10_000)}`],
    ["a hundred thousand maps in one line", "{a: ".repeat(100_000)],
    ["ten thousand dashes", `${"- ".repeat(10_000)}x`],
    ["bytes of a program", "\u0000\u0001\u007fELF\u0000: [\u0000"],
    ["a lone quote", '"'],
    ["anchors only", "&a &b &c"],
  ])("%s", (_, text) => {
    expect(errorCodes(text).length).toBeGreaterThan(0)
  })
  test.each(["", "\n", "# only a comment", "---\n", "---\n---\n", "\uFEFF"])("an empty file: %j", (text) => {
    expect(errorCodes(text)).toEqual(["ORK0111"])
  })
  test.each(["5", "just a text", "[a]", "true"])("no map: %s", (text) => {
    expect(errorCodes(text)).toEqual(["ORK0106"])
    expect(loadText(text).diagnostics[0]?.span?.start).toBe(0)
  })
})

test("a byte order mark and Windows line ends change nothing", () => {
  const text = websiteKatalog("      description: |\n        one\n        two\n")
  const windows = `\uFEFF${text.replaceAll("\n", "\r\n")}`
  expect(loadText(windows).diagnostics).toEqual([])
  expect(loadText(windows).spec).toEqual(loadText(text).spec ?? expect.anything())
})

describe("offsets inside a text lead back to the file", () => {
  const cases: readonly (readonly [name: string, text: string, part: string])[] = [
    ["plain", "a: one {{ .x }} two\n", "{{ .x }}"],
    ["single quotes", "a: 'it''s {{ .x }} ''there'''\n", "{{ .x }}"],
    ["double quotes", 'a: "\\t\\u00e9\\U0001F600\\x41 {{ .x }}"\n', "{{ .x }}"],
    ["a literal block", "a: |\n  one\n\n    two {{ .x }}\n  three\n", "{{ .x }}"],
    ["a literal block that keeps its end", "a: |+\n  {{ .x }}\n\n\n", "{{ .x }}"],
    ["a literal block with Windows line ends", "a: |\r\n  one\r\n  {{ .x }}\r\n", "{{ .x }}"],
    ["a flow list", "a: {{ b: '{{ .x }}' }}\n".replaceAll("{{ b", "{ b").replaceAll("' }}", "' }"), "{{ .x }}"],
  ]
  test.each(cases)("%s", (_, text, part) => {
    const [document] = parse(text).documents
    const steps = text.includes("b:") ? ["a", "b"] : ["a"]
    const value = steps.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], document?.data) // the cases hold maps
    const start = String(value).indexOf(part)
    const span = document?.locateIn(steps, start, start + part.length)
    expect(span && text.slice(span.start, span.end)).toBe(part)
  })
  test.each([
    ["folded", "a: >\n  one\n  two {{ .x }}\n"],
    ["over several lines", 'a: "one\n  two {{ .x }}"\n'],
  ])("a text that is %s is marked as a whole", (_, text) => {
    const [document] = parse(text).documents
    expect(document?.locateIn(["a"], 4, 6)).toEqual(document?.locate(["a"], "value") ?? expect.anything())
  })
  test("an own key hides a merged one", () => {
    const text = "a: &a { x: 1 }\nb: { <<: *a, x: 2 }\nc: { x: 3, <<: *a }\n"
    const [document] = parse(text).documents
    expect(document?.locate(["b", "x"], "value")?.start).toBe(text.indexOf("2"))
    expect(document?.locate(["c", "x"], "value")?.start).toBe(text.indexOf("3"))
  })
  test("a path that leads nowhere has no place", () => {
    const [document] = parse("a: [1]\n").documents
    expect(document?.locate(["b"], "key")).toBeUndefined()
    expect(document?.locate(["a", 1], "value")).toBeUndefined()
  })
  test("values behind aliases and merge keys stand where they are written", () => {
    const text = "a: &a { x: 1 }\nb: { <<: *a }\nc: *a\n"
    const [document] = parse(text).documents
    for (const key of ["b", "c"]) expect(document?.locate([key, "x"], "value")?.start).toBe(text.indexOf("1"))
  })
})
