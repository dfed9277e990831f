import { describe, expect, test } from "bun:test"
import { errorCodes, loadEntry, websiteKatalog } from "./support.ts"

const body = (condition: string) =>
  `      operatorBox:\n        onReconcile:\n          when:\n            - ${condition}\n`

function read(condition: string) {
  const [first] = loadEntry(body(condition)).operatorBox.onReconcile?.when ?? []
  return first && { operator: first.operator, value: first.value, negate: first.negate }
}

describe("both forms of a condition mean the same", () => {
  for (const [short, long, operator, value] of [
    ["equals: x", "operator: equals, value: x", "equals", "x"],
    ["eq: x", "operator: eq, value: x", "equals", "x"],
    ["neq: 5", "operator: notEquals, value: 5", "notEquals", 5],
    ["greaterThan: 3", "operator: gt, value: 3", "gt", 3],
    ["lessThan: 3", "operator: lessThan, value: 3", "lt", 3],
    ["min: 3", "operator: gte, value: 3", "gte", 3],
    ["max: 3", "operator: lessThanOrEqual, value: 3", "lte", 3],
    ["in: [a, b]", "operator: in, value: [a, b]", "in", ["a", "b"]],
    ['between: "1,10"', 'operator: between, value: "1,10"', "between", "1,10"],
    ["regex: ^a", "operator: regex, value: ^a", "regex", "^a"],
    ["exists: true", "operator: exists", "exists", undefined],
    ["notExists: true", "operator: notExists", "notExists", undefined],
    ["present: true", "operator: present", "present", undefined],
    ["typeOf: map", "operator: typeOf, value: map", "typeOf", "map"],
    ["typeList: true", "operator: typeList", "typeOf", "list"],
    ["equals: false", "operator: equals, value: false", "equals", false],
  ] as const) {
    test(short, () => {
      const expected: unknown = { operator, value, negate: false }
      expect<unknown>(read(`{ field: spec.a, ${short} }`)).toEqual(expected)
      expect<unknown>(read(`{ field: spec.a, ${long} }`)).toEqual(expected)
    })
  }
})

test.each([
  ["exists: false", true],
  ["exists: false, negate: true", false],
  ["exists: true, negate: true", true],
  ['equals: x, negate: "true"', true],
])("%s is negated: %s", (condition, negate) => {
  expect(read(`{ field: spec.a, ${condition} }`)?.negate).toBe(negate)
})

test("valueType is auto unless said, and places are kept", () => {
  const [condition] = loadEntry(body("{ field: spec.a, gt: 1, valueType: int }")).operatorBox.onReconcile?.when ?? []
  expect(condition).toMatchObject({ valueType: "int", at: "spec.crds.website.operatorBox.onReconcile.when[0]" })
})

test.each(["time: { after: '08:00' }", "dayOfWeek: { weekday: true }", "cron: '* * * * *', duration: 5m"])(
  "%s is not supported yet, and that is all that is said",
  (condition) => {
    expect(errorCodes(websiteKatalog(body(`{ ${condition} }`)))).toEqual(["ORK0110"])
  },
)
