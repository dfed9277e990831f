import { describe, expect, test } from "bun:test"
import { type Comparison, compare, compileGate } from "../../../src/plan/mod.ts"
import { katalog } from "../../support/makers.ts"
import { condition, diagnosticsOf, noSpans, scopeOf, shop } from "./support.ts"

const context = { spans: noSpans, allowRandom: false, report: () => undefined }

/** What one operator says about two values: true, false, or the code of its failure. */
function said(operator: Comparison, left: unknown, right?: unknown): unknown {
  const result = compare({ operator, valueType: "auto", field: "spec.x" }, left, right)
  return result.ok ? result.value : result.error[0]?.code
}

type Row = readonly [operator: Comparison, left: unknown, right: unknown, expected: boolean]

describe("an operator", () => {
  const rows: readonly Row[] = [
    ["equals", 3, 3, true],
    ["equals", 3, "3", true],
    ["equals", "3.0", 3, true],
    ["equals", "a", "a", true],
    ["equals", "a", "A", false],
    ["equals", true, true, true],
    ["equals", true, "true", true],
    ["equals", false, true, false],
    ["equals", undefined, "a", false],
    ["equals", undefined, "", true],
    ["equals", null, undefined, true],
    ["equals", "", 0, false],
    ["notEquals", 3, "3", false],
    ["notEquals", undefined, "a", true],
    ["contains", "a large one", "large", true],
    ["contains", ["a", "b"], "b", true],
    ["contains", ["ab"], "b", false],
    ["contains", [1, 2], "2", true],
    ["contains", undefined, "b", false],
    ["notContains", undefined, "b", true],
    ["notContains", ["b"], "b", false],
    ["prefix", "nginx:1", "nginx", true],
    ["prefix", undefined, "nginx", false],
    ["notPrefix", "nginx:1", "nginx", false],
    ["suffix", "nginx:1", ":1", true],
    ["suffix", 101, 1, true],
    ["notSuffix", undefined, ":1", true],
    ["exists", "a", undefined, true],
    ["exists", undefined, undefined, false],
    ["exists", null, undefined, false],
    ["exists", "", undefined, false],
    ["exists", 0, undefined, false],
    ["exists", false, undefined, false],
    ["exists", [], undefined, false],
    ["exists", {}, undefined, false],
    ["exists", [0], undefined, true],
    ["notExists", undefined, undefined, true],
    ["notExists", "a", undefined, false],
    ["present", 0, undefined, true],
    ["present", "", undefined, true],
    ["present", undefined, undefined, false],
    ["gt", 3, 2, true],
    ["gt", "3", "2", true],
    ["gt", 2, 2, false],
    ["gt", undefined, -1, false],
    ["gt", "many", 1, false],
    ["gt", 1, "many", false],
    ["gt", true, 0, false],
    ["lt", 10, 9, false],
    ["lt", "9", "10", true],
    ["lt", undefined, 5, false],
    ["lt", "", 5, false],
    ["gte", 2, 2, true],
    ["gte", undefined, 0, false],
    ["lte", 2.5, "2.5", true],
    ["lte", undefined, 0, false],
    ["between", 5, [1, 5], true],
    ["between", 5, "1, 5", true],
    ["between", 6, [1, 5], false],
    ["between", undefined, [0, 5], false],
    ["between", 5, [1], false],
    ["notBetween", 6, [1, 5], true],
    ["notBetween", 5, [1, 5], false],
    ["notBetween", undefined, [1, 5], false],
    ["in", "b", ["a", "b"], true],
    ["in", "b", "a, b", true],
    ["in", 2, "1,2", true],
    ["in", "c", ["a", "b"], false],
    ["in", undefined, ["a"], false],
    ["notIn", "c", "a,b", true],
    ["notIn", "a", "a,b", false],
    ["notIn", undefined, "a,b", true],
    ["regex", "shop-1", "^shop-\\d$", true],
    ["regex", "shop-x", "^shop-\\d$", false],
    ["regex", undefined, "^$", true],
    ["regex", 42, "4.", true],
    ["typeOf", {}, "map", true],
    ["typeOf", [], "list", true],
    ["typeOf", "1", "string", true],
    ["typeOf", 1, "Number", true],
    ["typeOf", false, "bool", true],
    ["typeOf", undefined, "null", true],
    ["typeOf", 1, "string", false],
  ]
  test.each(rows)("%s of %j and %j is %j", (operator, left, right, expected) => {
    expect(said(operator, left, right)).toBe(expected)
  })

  test.each([
    ["auto", "1.0", "1", true],
    ["string", "1.0", "1", false],
    ["float", "1.0", 1, true],
    ["float", "many", "many", false],
    ["int", "1.0", 1, true],
    ["int", "1.5", "1.5", false],
    ["bool", "True", true, true],
    ["bool", 1, 1, false],
    ["auto", "0x10", 16, false],
    ["auto", "9007199254740993", "9007199254740992", false],
    ["auto", "+9007199254740993", "9007199254740993", true],
    ["auto", true, "True", false],
  ] as const)("with valueType %s says of %j and %j whether they are equal: %j", (valueType, left, right, expected) => {
    expect(compare({ operator: "equals", valueType, field: "x" }, left, right)).toEqual({ ok: true, value: expected })
  })
})

describe("a regular expression", () => {
  test.each(["(", "a{2,1}", "(a)\\1", "(?=a)b", "(?<!a)b"])("%s is refused", (pattern) => {
    expect(said("regex", "aaaa", pattern)).toBe("template/type")
  })

  test.each([
    ["^v\\d+\\.\\d+$", "v1.2"],
    ["(?i)^shop$", "SHOP"],
    ["^(www\\.)?shop\\.example$", "shop.example"],
    ["[(+*)]+", "x+"],
    ["\\p{Greek}", "λ"],
  ])("%s finds %s", (pattern, text) => expect(said("regex", text, pattern)).toBe(true))

  test.each(["(a+)+$", "((a+))+$", "^(a|a)*$", "(a|ab?)+$", "a*a*a*a*a*a*b"])(
    "%s takes no more time on a hostile text than another",
    (pattern) => expect(said("regex", `${"a".repeat(9_999)}!`, pattern)).toBe(false),
  )

  test("may have a thousand characters, not one more", () => {
    expect(said("regex", "b", "a".repeat(1_000))).toBe(false)
    expect(said("regex", "b", "a".repeat(1_001))).toBe("template/type")
  })

  test("looks at the first ten thousand characters", () => {
    expect(said("regex", `${"a".repeat(9_999)}b`, "b")).toBe(true)
    expect(said("regex", `${"a".repeat(10_000)}b`, "b")).toBe(false)
  })

  test("is judged at load, with the line of the condition", () => {
    const text = (pattern: string) =>
      katalog(
        `onReconcile:\n  configMaps:\n    - name: a\n      when:\n        - { field: spec.x, regex: '${pattern}' }`,
      )
    expect(diagnosticsOf(text("^a$"))).toEqual([])
    expect(diagnosticsOf(text("(a)\\1"))).toEqual(["ORK0402 13"])
    expect(diagnosticsOf(text("a".repeat(1_001)))).toEqual(["ORK0402 13"])
    expect(diagnosticsOf(text("{{ .spec.pattern }}"))).toEqual([])
  })
})

describe("a gate", () => {
  const yes = condition("spec.on", "equals", true)
  const no = condition("spec.on", "equals", false)
  test.each([
    ["nothing at all", [], [], true],
    ["all of when", [yes, yes], [], true],
    ["one of when closed", [yes, no], [], false],
    ["one of or open", [], [no, yes], true],
    ["none of or open", [], [no, no], false],
    ["both", [yes], [no, yes], true],
    ["when open, or closed", [yes], [no], false],
    ["when closed, or open", [no], [yes], false],
  ])("with %s", (_, when, or, passes) => {
    const gate = compileGate(when, or, context)
    expect(gate.conditional).toBe(when.length + or.length > 0)
    expect(gate.passes(scopeOf())).toEqual({ ok: true, value: passes })
  })

  test("negate turns the answer round, of a missing number too", () => {
    const gt = condition("spec.missing", "gt", 1)
    const passes = (negate: boolean) => compileGate([{ ...gt, negate }], [], context).passes(scopeOf())
    expect([passes(false), passes(true)]).toEqual([
      { ok: true, value: false },
      { ok: true, value: true },
    ])
  })

  test.each([
    ["a path", "spec.replicas", 3],
    ["a path with a dot before it", ".spec.replicas", 3],
    ["an element of a list", "spec.rows[1].name", "y"],
    ["a template", "{{ len .spec.list }}", 2],
    ["a template on both sides", "{{ .spec.replicas }}", "{{ add 1 2 }}"],
  ])("reads %s", (_, field, value) => {
    const gate = compileGate([condition(field, "equals", value)], [], context)
    expect(gate.passes(scopeOf())).toEqual({ ok: true, value: true })
  })

  test("knows which paths it reads", () => {
    const gate = compileGate(
      [condition("spec.a", "exists"), condition("{{ .status.b }}", "equals", "{{ .metadata.c }}")],
      [],
      context,
    )
    expect(gate.refs.map((path) => path.join("."))).toEqual(["spec.a", "status.b", "metadata.c"])
  })

  test("fails with its place when a template fails", () => {
    const gate = compileGate([condition('{{ fail "never" }}', "exists")], [], context)
    const result = gate.passes(scopeOf(shop))
    expect(result.ok ? [] : result.error).toMatchObject([{ code: "template/function", where: "when[0].field" }])
  })
})
