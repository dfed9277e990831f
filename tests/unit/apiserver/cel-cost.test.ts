import { describe, expect, test } from "bun:test"
import { parseCel } from "../../../src/apiserver/cel.ts"
import { estimatedCost } from "../../../src/apiserver/cel-cost.ts"
import { declarationOf } from "../../../src/apiserver/cel-declaration.ts"
import type { Schema } from "../../../src/kube/mod.ts"

// Many rules are compared with a real server in tests/contract/apiserver/suite-costs.ts.

const text: Schema = { type: "string", maxLength: 10 }
const schema: Schema = {
  type: "object",
  properties: {
    count: { type: "integer" },
    name: text,
    few: { type: "array", maxItems: 5, items: text },
    names: { type: "array", items: { type: "string" } },
    limits: { type: "object", maxProperties: 3, additionalProperties: text },
  },
}

function cost(rule: string): number {
  const parsed = parseCel(rule)
  const declared = declarationOf(schema)
  if (!parsed.ok || declared === undefined) throw new Error(rule)
  return estimatedCost(parsed.value, declared)
}

describe("the most that a rule may cost", () => {
  test.each<[string, number]>([
    ["true", 0],
    ["self.count > 1", 3],
    // Four bytes a character, a tenth of a step a byte.
    ["self.name == self.name", 8],
    ["self.name.startsWith('a')", 3],
    ["self.few.all(x, x == 'abc')", 28],
    ["self.limits.all(k, self.limits[k] == 'abc')", 27],
    ["has(self.name)", 1],
  ])("%s", (rule, most) => expect(cost(rule)).toBe(most))

  test("grows with every loop, and with lists that may be as long as an object", () => {
    expect(cost("self.few.all(x, self.few.all(y, x == y))")).toBeGreaterThan(4 * cost("self.few.all(x, x == 'a')"))
    expect(cost("self.names.all(x, x == 'a')")).toBeGreaterThan(1_000_000)
  })
})
