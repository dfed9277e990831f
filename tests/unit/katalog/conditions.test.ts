import { describe, expect, test } from "bun:test"
import { errorCodes, loadEntry, loadText, websiteKatalog } from "./support.ts"

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
    ["typeOf: map", "operator: typeOf, value: Map", "typeOf", "map"],
    ["unique: true", "operator: unique", "unique", undefined],
    ["lte: 3", "operator: max, value: 3", "lte", 3],
    ["gte: 3", "operator: min, value: 3", "gte", 3],
    ["notIn: [a]", "operator: notIn, value: [a]", "notIn", ["a"]],
    ["notBetween: [1, 2]", "operator: notBetween, value: [1, 2]", "notBetween", [1, 2]],
    ["typeBool: true", "operator: typeBool", "typeOf", "bool"],
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

describe("a condition on the time", () => {
  test.each([
    ["time: { after: '08:00', before: '18:00' }", "time", { time: { after: "08:00", before: "18:00" } }],
    [
      "time: { before: '{{ .spec.close }}' }, timeZone: Europe/Berlin",
      "time",
      { time: { before: "{{ .spec.close }}" }, timeZone: "Europe/Berlin" },
    ],
    ["dayOfWeek: { weekday: true }", "dayOfWeek", { dayOfWeek: { weekday: true } }],
    ["dayOfWeek: { notIn: [Monday, sun] }", "dayOfWeek", { dayOfWeek: { notIn: ["Monday", "sun"] } }],
    ["cron: '0 8 * * 1-5', duration: 5m", "cron", { cron: "0 8 * * 1-5", duration: "5m" }],
  ])("%s", (condition, operator, value) => {
    expect<unknown>(read(`{ ${condition} }`)).toEqual({ operator, value, negate: false })
    expect(read(`{ ${condition}, negate: true }`)?.negate).toBe(true)
  })

  test.each([
    ["time: { after: '25:00' }", "ORK0106"],
    ["time: { after: 8 }", "ORK0106"],
    ["time: {}", "ORK0112"],
    ["time: { after: '08:00', before: '8:00' }", "ORK0112"],
    ["time: { from: '08:00' }", "ORK0107 ORK0112"],
    ["time: { after: '08:00' }, timeZone: Europe/Berln", "ORK0106"],
    ["time: { after: '08:00', timeZone: UTC }, timeZone: UTC", "ORK0121"],
    ["time: { after: '08:00' }, duration: 5m", "ORK0112"],
    ["time: { after: '08:00' }, cron: '* * * * *'", "ORK0112"],
    ["time: { after: '08:00' }, field: spec.a", "ORK0112"],
    ["time: { after: '08:00' }, equals: a", "ORK0112"],
    ["dayOfWeek: { weekday: true, weekend: true }", "ORK0112"],
    ["dayOfWeek: { in: [mondag] }", "ORK0106"],
    ["dayOfWeek: {}", "ORK0112"],
    ["cron: '* * * *'", "ORK0106"],
    ["cron: '0 0 30 2 *'", "ORK0106"],
    ["cron: '* * * * *', duration: soon", "ORK0106"],
    ["field: spec.a, equals: 1, timeZone: UTC", "ORK0112"],
    ["field: spec.a, operator: cron, value: '* * * * *'", "ORK0106 ORK0112"],
  ])("%s is refused: %s", (condition, codes) => {
    const found = errorCodes(websiteKatalog(body(`{ ${condition} }`)))
    expect(codes.split(" ")).toEqual(expect.arrayContaining([...new Set(found)]))
    expect(found.length).toBeGreaterThan(0)
  })
})

describe("a comparison that can never be meant", () => {
  test.each([
    ["equlas: a", "ORK0107", 'did you mean "equals"?'],
    ["operator: equlas, value: a", "ORK0106", 'did you mean "equals"?'],
    ["equals: a, notEquals: b", "ORK0112", "write two conditions"],
    ["regex: '(a'", "ORK0402", undefined],
    ["gt: many", "ORK0106", undefined],
    ["between: '1'", "ORK0106", "write [1, 10]"],
    ["between: [1, a]", "ORK0106", "write [1, 10]"],
    ["typeOf: strin", "ORK0106", 'did you mean "string"?'],
    ["exists: maybe", "ORK0106", undefined],
  ])("%s is refused at its place", (written, code, help) => {
    const { diagnostics } = loadText(websiteKatalog(body(`{ field: spec.a, ${written} }`)))
    expect(diagnostics.map((d) => d.code)).toEqual([code])
    expect(diagnostics[0]?.span).toBeDefined()
    if (help !== undefined) expect(diagnostics[0]?.help).toBe(help)
  })

  test.each(["gt: '{{ .spec.least }}'", "between: '1,10'", "between: ['{{ .a }}', 5]", "lt: '5'", "typeOf: Map"])(
    "%s is fine",
    (written) => expect(errorCodes(websiteKatalog(body(`{ field: spec.a, ${written} }`)))).toEqual([]),
  )

  test("unique asks for a field of the custom resource", () => {
    expect(read("{ field: spec.host, unique: false }")).toMatchObject({ operator: "unique", negate: true })
    expect(errorCodes(websiteKatalog(body("{ field: children.service.spec, unique: true }")))).toEqual(["ORK0112"])
    expect(errorCodes(websiteKatalog(body("{ field: '{{ .spec.host }}', operator: unique }")))).toEqual(["ORK0112"])
  })
})
