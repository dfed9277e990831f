import { describe, expect, test } from "bun:test"
import { goQuoted, jsonProblem } from "../../../src/apiserver/go-json.ts"
import { goYaml } from "../../../src/apiserver/go-yaml.ts"

describe("what is wrong with a JSON text", () => {
  test.each([
    ["", "unexpected end of JSON input"],
    ["{", "unexpected end of JSON input"],
    ["{bad", "invalid character 'b' looking for beginning of object key string"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['{"a"1}', "invalid character '1' after object key"],
    ['{"a":1 2}', "invalid character '2' after object key:value pair"],
    ["[1,]", "invalid character ']' looking for beginning of value"],
    ["[1 2]", "invalid character '2' after array element"],
    ["{} x", "invalid character 'x' after top-level value"],
    ['"a\nb"', "invalid character '\\n' in string literal"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ['"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"],
    ["-a", "invalid character 'a' in numeric literal"],
    ["1.a", "invalid character 'a' after decimal point in numeric literal"],
    ["1ea", "invalid character 'a' in exponent of numeric literal"],
    ["01", "invalid character '1' after top-level value"],
    ["tru!", "invalid character '!' in literal true (expecting 'e')"],
    ["'a'", "invalid character '\\'' looking for beginning of value"],
    ["\u0000", "invalid character '\\x00' looking for beginning of value"],
    ["é", "invalid character 'Ã' looking for beginning of value"],
  ])("%p", (text, wanted) => expect(jsonProblem(text)).toBe(wanted))

  test("a text in quotes has its signs escaped as Go escapes them", () => {
    expect(goQuoted("a\0\"b\u200b'ü")).toBe(`"a\\x00\\"b\\u200b'ü"`)
  })
})

describe("a value as YAML", () => {
  const long = "word ".repeat(30).trim()
  const wrapped = `${"word ".repeat(16).trim()}\n  ${"word ".repeat(14).trim()}`
  test.each([
    [{ b: [{ c: 1, a: null }, []], a: {} }, "a: {}\nb:\n- a: null\n  c: 1\n- []\n"],
    [
      ["y", "1e3", "0x1f", "", "~", "2001-01-01", "1:30"],
      '- "y"\n- "1e3"\n- "0x1f"\n- ""\n- "~"\n- "2001-01-01"\n- "1:30"\n',
    ],
    [["plain", "a#b", "a:b", "1.5.2"], "- plain\n- a#b\n- a:b\n- 1.5.2\n"],
    [["x: y", "- x", "#x", " x", "it's #1: so"], "- 'x: y'\n- '- x'\n- '#x'\n- ' x'\n- 'it''s #1: so'\n"],
    [["x\ty", "a \nb", "😀"], '- "x\\ty"\n- "a \\nb"\n- "\\U0001F600"\n'],
    [{ a: "one\ntwo\n", b: "one\ntwo" }, "a: |\n  one\n  two\nb: |-\n  one\n  two\n"],
    [{ a: "one\n\n", b: " one\ntwo" }, "a: |+\n  one\n\nb: |2-\n   one\n  two\n"],
    [{ a10: 1, a9: 2, ".": 3, B: 4, "f:x": 5 }, ".: 3\nB: 4\na9: 2\na10: 1\nf:x: 5\n"],
    [{ a: long }, `a: ${wrapped}\n`],
    ["text", "text\n"],
  ])("%j", (value, wanted) => expect(goYaml(value)).toBe(wanted))
})
