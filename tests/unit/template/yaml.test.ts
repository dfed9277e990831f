import { expect, test } from "bun:test"
import { parse } from "yaml"
import { rendered } from "./support.ts"

/** Texts that mean something in YAML. */
const texts = [
  "",
  " ",
  "a",
  "a b",
  "a: b",
  "a #b",
  "#a",
  "- a",
  "-",
  "?",
  "~",
  "null",
  "No",
  "1",
  "1e3",
  "0x1",
  "1:30",
  "2026-01-01",
  ".",
  "...",
  "---",
  "%a",
  "@a",
  "`a",
  "!a",
  "&a",
  "*a",
  "{a",
  "[a",
  "a]",
  "a,b",
  "'",
  '"',
  "\\",
  "\t",
  "a\tb",
  "a\nb",
  "a\nb\n",
  "a\n\nb\n\n",
  " a\nb",
  "a \nb",
  "\n",
  "\na",
  "a\r\nb",
  "é",
  "\u2028",
  "a\u2028b\nc",
  "\u0085",
  "\ufeff",
  "\u0000",
  "\u007f",
  "<<",
  "=",
  "y",
  "key:",
  "a:b",
  "🙂",
]

test("toYaml writes what a YAML parser reads back as the same value", () => {
  for (const text of texts) {
    for (const value of [
      text,
      [text],
      { k: text },
      { [text]: 1 },
      { k: [{ l: text, m: [text, [text]] }] },
      [[text], { a: { b: text } }],
    ]) {
      const written = rendered("{{ toYaml .v }}", { v: value })
      expect([written, parse(String(written))]).toEqual([written, value])
    }
  }
  for (const value of [0, -1, 1.5, 1e21, 1e-7, true, null, [], {}, [[]], { a: {} }, [null]]) {
    expect(parse(String(rendered("{{ toYaml .v }}", { v: value })))).toEqual(value)
  }
})
