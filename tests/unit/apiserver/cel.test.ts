import { describe, expect, test } from "bun:test"
import { parseCel } from "../../../src/apiserver/cel.ts"
import { evaluate } from "../../../src/apiserver/cel-eval.ts"
import { CelBudget } from "../../../src/apiserver/cel-run.ts"
import { CelFault, toCel } from "../../../src/apiserver/cel-values.ts"

// What rules mean is recorded from a real server, see crd-recorded.test.ts. Here: what bounds them, and what is left.

function run(text: string, value: unknown = {}, steps = 1_000_000): unknown {
  const expression = parseCel(text)
  if (!expression.ok) throw new Error(expression.error.message)
  const scope = { name: "self", value: toCel(value, undefined), outer: undefined }
  return evaluate(expression.value, { scope, budget: new CelBudget(steps) })
}

const hundred = Array.from({ length: 100 }, (_, i) => i)

describe("a rule that takes too long is ended", () => {
  test.each([
    ["nested loops", "self.l.all(a, self.l.all(b, self.l.all(c, self.l.all(d, a + b + c + d >= 0))))"],
    ["loops that swallow faults", "self.l.exists(a, self.l.exists(b, self.l.exists(c, self.l.exists(d, self.nope))))"],
    [
      "texts that double",
      `[1,2,3,4,5,6,7,8].map(a, '${"x".repeat(1000)}')${".map(a, a + a + a + a)".repeat(12)}.size() > 0`,
    ],
    ["lists that double", `[self.l]${".map(a, a + a + a + a)".repeat(12)}.size() > 0`],
    ["long ranges", "lists.range(1000000000).size() > 0"],
    ["expressions over long texts", `self.l.all(x, !'${"a".repeat(9000)}'.matches('${"a*".repeat(400)}b'))`],
  ])("%s", (_, text) => {
    expect(() => run(text, { l: hundred })).toThrow(CelFault)
  })

  test("at the step after the last", () => {
    expect(run("1 + 1", {}, 3)).toBe(2n)
    expect(() => run("1 + 1", {}, 2)).toThrow(CelFault)
  })
})

test.each([
  ["'ab'.find('(a+)+$')", ""],
  ["['a', 'b'].join('/')", "a/b"],
  ["'%X %e %b'.format([255, 1.5, 5])", "FF 1.500000e+0 101"],
  ["string(timestamp('2026-01-02T03:04:05.5Z'))", "2026-01-02T03:04:05.5Z"],
  ["'a,b,c'.split(',', 0).size()", 0n],
  ["self.constructor.size()", 2n],
  ["timestamp('2026-01-01T23:30:00Z').getHours('+01:00')", 0n],
])("%s is %p", (text, expected) => {
  expect(run(text, { constructor: "ab" })).toBe(expected)
})

test.each(["self.__proto__", "self.toString", "self.hasOwnProperty", "toString", "constructor"])(
  "%s is nothing that a rule can reach",
  (text) => expect(() => run(text)).toThrow(CelFault),
)

test.each(["", "a b", "1 +", "'a", "a.", ")", "x = 1"])("%j is no expression", (text) => {
  expect(parseCel(text).ok).toBe(false)
})

test("an expression may have 32,768 characters", () => {
  const text = `'${"x".repeat(32_766)}'`
  expect(parseCel(text).ok).toBe(true)
  expect(parseCel(`${text} `).ok).toBe(false)
})

test("deep nesting is refused, not followed", () => {
  expect(parseCel(`${"(".repeat(5000)}1${")".repeat(5000)}`).ok).toBe(false)
})
