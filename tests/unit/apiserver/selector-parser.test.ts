import { describe, expect, test } from "bun:test"
import { parseSelector } from "../../../src/apiserver/selector-parser.ts"
import { matches } from "../../../src/kube/mod.ts"

describe("label selectors", () => {
  const labels = { app: "web", tier: "front", empty: "", number: "5", "example.com/owner": "me" }

  test.each([
    ["", true],
    ["app=web", true],
    ["app==web,tier!=back", true],
    ["app=db", false],
    ["app = web , tier", true],
    ["app in (web, db)", true],
    ["app in (db),tier", false],
    ["app notin (db,cache)", true],
    ["app notin (web)", false],
    ["missing notin (web)", true],
    ["missing!=web", true],
    ["missing", false],
    ["!missing", true],
    ["!app", false],
    ["empty=", true],
    ["example.com/owner=me", true],
    ["constructor", false],
    ["number>4,number<6", true],
    ["number>5", false],
    ["app>1", false],
    ["empty in ()", true],
    ["app in (,web,)", true],
    ["in in (in,notin)", false],
    ["!toString,!constructor", true],
  ])("%p answers %p", (text, wanted) => {
    const selector = parseSelector(text)
    expect(selector.ok && matches(selector.value, labels)).toBe(wanted)
  })

  test.each([
    ["=web", "found '=', expected: !, identifier, or 'end of string'"],
    ["a=b c", "found 'c', expected: ',' or 'end of string'"],
    ["a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ["a in b", "unable to parse requirement: found 'b' expected: '('"],
    ["a in (b", "unable to parse requirement: found '', expected: ',' or ')'"],
    ["a in (b c)", "unable to parse requirement: found 'c', expected: ',' or ')'"],
    ["a in (=)", "unable to parse requirement: found '=', expected: ',', ')' or identifier"],
    ["a,,b", "found ',', expected: identifier after ','"],
    [",", "found ',', expected: !, identifier, or 'end of string'"],
    ["!!a", "unable to parse requirement: found '!', expected: identifier"],
    ["a==", ""],
    ["a===b", "unable to parse requirement: found '=', expected: identifier"],
    ["a=b=c", "found '=', expected: ',' or 'end of string'"],
    ["!a=b", "found '=', expected: ',' or 'end of string'"],
    [
      "a>b",
      "unable to parse requirement: values[0]: Invalid value: \"b\": for 'Gt', 'Lt' operators, the value must be an integer",
    ],
  ])("%p is refused in a real server's words", (text, wanted) => {
    const selector = parseSelector(text)
    expect(selector.ok ? "" : selector.error).toBe(wanted)
  })

  test.each(["a=ü", "-a", "a/b/c", "A/b/", "a=-b", `a=${"b".repeat(64)}`, `${"a".repeat(64)}`])(
    "%p is no label",
    (text) => expect(parseSelector(text).ok).toBe(false),
  )

  test("a selector of 10000 characters is read, one more is not", () => {
    const text = `a in (${"b".repeat(63)}${",b".repeat((10_000 - 70) / 2)})`
    expect(text).toHaveLength(10_000)
    expect(parseSelector(text).ok).toBe(true)
    expect(parseSelector(` ${text}`).ok).toBe(false)
  })

  test("objects without labels match what asks for absence", () => {
    const selector = parseSelector("!a")
    expect(selector.ok && matches(selector.value, undefined)).toBe(true)
  })
})
