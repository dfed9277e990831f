import { describe, expect, test } from "bun:test"
import {
  type Diagnostic,
  didYouMean,
  editDistance,
  hasErrors,
  orderDiagnostics,
  parseJson,
  plural,
  positionOf,
  renderDiagnostic,
  type SourceFile,
  shorten,
} from "../../../src/base/mod.ts"

describe("did you mean", () => {
  test.each([
    ["replicass", "replicas"],
    ["Replicas", "replicas"],
    ["relpicas", "replicas"],
    ["imgae", "image"],
    ["prot", "port"],
    ["banana", undefined],
    ["", undefined],
  ])("%p: %p", (word, wanted) => {
    expect(didYouMean(word, ["image", "replicas", "port"])).toBe(wanted)
  })

  test("the nearest wins, and the first among equals", () => {
    expect(didYouMean("ports", ["parts", "port", "ports"])).toBe("ports")
    expect(didYouMean("cat", ["bat", "rat"])).toBe("bat")
  })

  test("counts edits up to its limit", () => {
    expect(editDistance("kitten", "sitting", 10)).toBe(3)
    expect(editDistance("ab", "ba", 10)).toBe(1)
    expect(editDistance("", "abc", 10)).toBe(3)
    expect(editDistance("abc", "", 10)).toBe(3)
    expect(editDistance("xaby", "xbay", 10)).toBe(1)
    expect(editDistance("abcd", "dcba", 10)).toBe(3)
    expect(editDistance("kitten", "sitting", 2)).toBe(2)
  })

  test("words of 64 characters are compared, longer ones never match", () => {
    expect(editDistance("a".repeat(64), `${"a".repeat(63)}b`, 10)).toBe(1)
    expect(editDistance("a".repeat(65), `${"a".repeat(64)}b`, 10)).toBe(10)
  })
})

test("counts are spelled with their noun", () => {
  expect([plural(0, "replica"), plural(1, "replica"), plural(2, "replica")]).toEqual([
    "0 replicas",
    "1 replica",
    "2 replicas",
  ])
})

test("a text at its limit stays whole, one character more is cut to the limit", () => {
  expect(shorten("abcd", 4)).toBe("abcd")
  expect(shorten("abcde", 4)).toBe("abc…")
  expect(shorten("abcde", 0)).toBe("…")
})

const file = (text: string, path = "shop.yaml"): SourceFile => ({ path, text })

function diagnostic(fields: Partial<Diagnostic>): Diagnostic {
  return { severity: "error", code: "ORK0107", message: "unknown field", ...fields }
}

/** The frame of the span that `marked` has in `text`. */
function frame(text: string, marked: string): readonly string[] {
  const start = text.indexOf(marked)
  return renderDiagnostic(diagnostic({ span: { file: file(text), start, end: start + marked.length } })).split("\n")
}

describe("positions", () => {
  test.each([
    [0, 1, 1],
    [2, 1, 3],
    [3, 2, 1],
    [5, 2, 3],
    [6, 3, 1],
  ])("offset %p is line %p, column %p", (offset, line, column) => {
    expect(positionOf(file("ab\ncd\n"), offset)).toEqual({ line, column })
  })
})

describe("the order of diagnostics", () => {
  const at = (path: string, start: number, fields: Partial<Diagnostic> = {}) =>
    diagnostic({ span: { file: file("x".repeat(100), path), start, end: start + 1 }, ...fields })

  test("is by file, then position, then severity", () => {
    const wanted = [
      at("a", 1),
      at("a", 5),
      at("a", 5, { severity: "warning", code: "W" }),
      at("a", 5, { severity: "note", code: "N" }),
      at("b", 0),
    ]
    expect(orderDiagnostics([...wanted].reverse())).toEqual(wanted)
  })

  test("says one thing about one place once", () => {
    expect(orderDiagnostics([at("a", 1), at("a", 1), at("a", 2)])).toHaveLength(2)
    expect(
      orderDiagnostics([diagnostic({ path: "x" }), diagnostic({ path: "y" }), diagnostic({ path: "x" })]),
    ).toHaveLength(2)
  })

  test("does not touch the list it was given", () => {
    const given = Object.freeze([at("b", 1), at("a", 1)])
    expect(orderDiagnostics(given)[0]).toBe(given[1])
  })

  test("errors count, warnings do not", () => {
    expect(hasErrors([diagnostic({ severity: "warning" }), diagnostic({ severity: "note" })])).toBe(false)
    expect(hasErrors([diagnostic({ severity: "warning" }), diagnostic({})])).toBe(true)
  })
})

describe("code frames", () => {
  test("show place, line, caret and help", () => {
    const text = "kind: Shop\nspec:\n  replicass: 3\n"
    const start = text.indexOf("replicass")
    const span = { file: file(text), start, end: start + 9 }
    expect(renderDiagnostic(diagnostic({ span, help: 'did you mean "replicas"?' }))).toBe(
      [
        "shop.yaml:3:3 error ORK0107 unknown field",
        "   3 │   replicass: 3",
        "     │   ^^^^^^^^^",
        '  help: did you mean "replicas"?',
      ].join("\n"),
    )
  })

  test("are left out without a span", () => {
    expect(renderDiagnostic(diagnostic({}))).toBe("error ORK0107 unknown field")
  })

  test("keep tabs before the caret, so that it stands below its word", () => {
    expect(frame("a:\n\t\tbad: 1\n", "bad").slice(1)).toEqual(["   2 │ \t\tbad: 1", "     │ \t\t^^^"])
  })

  test("do not print the carriage return of Windows lines, nor underline it", () => {
    expect(frame("a: 1\r\nbad: 2\r\n", "2\r\n").slice(1)).toEqual(["   2 │ bad: 2", "     │      ^"])
  })

  test("underline only the first line of a long span, and mark an empty one", () => {
    expect(frame("key: |\n  one\n  two\n", "|\n  one").slice(1)).toEqual(["   1 │ key: |", "     │      ^"])
    const empty = { file: file(""), start: 0, end: 0 }
    expect(
      renderDiagnostic(diagnostic({ span: empty }))
        .split("\n")
        .slice(1),
    ).toEqual(["   1 │ ", "     │ ^"])
  })

  test("show lines of 160 characters whole, and longer ones without what is far from the place", () => {
    const whole = `bad${"x".repeat(157)}`
    expect(frame(`${whole}\n`, "bad")[1]).toBe(`   1 │ ${whole}`)
    const cut = [`   1 │ ${whole.slice(0, 158)}…`, "     │ ^^^"]
    expect(frame(`${whole}x\n`, "bad").slice(1)).toEqual(cut)
  })

  test("show a window of a long line, with the caret below its word", () => {
    const [, middle = "", caret = ""] = frame(`${"a".repeat(500)}bad${"z".repeat(500)}\n`, "bad")
    expect(middle).toMatch(/^ {3}1 │ …a+badz+…$/)
    expect(caret.length - 3).toBe(middle.indexOf("bad"))
    const [, end = "", below = ""] = frame(`${"a".repeat(500)}bad\n`, "bad")
    expect(end).toMatch(/^ {3}1 │ …a+bad$/)
    expect(below.length - 3).toBe(end.indexOf("bad"))
  })

  test("underline no more than what is shown of a long line", () => {
    const [, text = "", caret = ""] = frame(`${"a".repeat(100)}${"b".repeat(900)}\n`, "b".repeat(900))
    expect(caret.length).toBe(text.length - 1)
  })
})

describe("JSON", () => {
  test("keeps each digit of a whole number that JavaScript would change, as text", () => {
    const text = '{"big":9007199254740993,"least":-9223372036854775808,"list":[{"a":123456789012345678901}]}'
    const exact = { big: "9007199254740993", least: "-9223372036854775808", list: [{ a: "123456789012345678901" }] }
    expect(parseJson(text)).toEqual(exact)
  })

  test("leaves all other values as JSON has them", () => {
    const text = '{"a":9007199254740991,"b":1234567890123456.5,"c":1e300,"d":"9007199254740993","e":[null,true]}'
    const same: unknown = JSON.parse(text)
    expect(parseJson(text)).toEqual(same)
    expect(() => parseJson('{"a":')).toThrow(SyntaxError)
  })
})
