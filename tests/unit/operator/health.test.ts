import { describe, expect, test } from "bun:test"
import { objectKey } from "../../../src/kube/mod.ts"
import { Health } from "../../../src/operator/mod.ts"
import { createdEntries } from "../../../src/operator/once.ts"
import { childrenScope } from "../../../src/operator/scope.ts"
import type { PassReport } from "../../../src/runtime/mod.ts"
import { configMap, website } from "../../support/makers.ts"

const key = (name: string) => objectKey("default", name)

function pass(name: string, outcome: PassReport["outcome"], durationMs = 1): PassReport {
  return { key: key(name), reason: "user", outcome, durationMs, why: outcome }
}

function after(reports: readonly PassReport[], failureThreshold = 3): Health {
  const health = new Health({ failureThreshold })
  for (const report of reports) health.record(report, 0)
  return health
}

const times = (count: number, report: PassReport) => Array.from({ length: count }, () => report)

describe("an operator's state", () => {
  test.each([
    ["started before anything succeeded", [], 1, "started"],
    ["started while all passes fail below the threshold", times(2, pass("a", "error")), 1, "started"],
    ["healthy after one success", [pass("a", "success")], 1, "healthy"],
    ["healthy while something is waited for", [pass("a", "waiting")], 1, "healthy"],
    [
      "healthy although one of many fails for ever",
      [pass("b", "success"), ...times(9, pass("a", "error"))],
      6,
      "healthy",
    ],
    ["degraded at the threshold, when a fifth of the objects fails", times(3, pass("a", "error")), 5, "degraded"],
    [
      "degraded by panics and by errors for good too",
      [pass("a", "panic"), pass("b", "terminal"), pass("c", "error")],
      5,
      "degraded",
    ],
    ["healthy again after a success in between", [...times(3, pass("a", "error")), pass("b", "success")], 2, "healthy"],
    ["gated when its author's gate holds it", [pass("a", "success"), pass("a", "gated")], 1, "gated"],
  ] as const)("is %s", (_, reports, resources, state) => {
    expect(after(reports).stateOf(resources)).toBe(state)
  })

  test("counts passes, and the objects that fail now", () => {
    const health = after([pass("a", "error"), pass("b", "stalled"), pass("c", "success"), pass("a", "success")])
    expect([health.total, health.failed, health.failing, health.consecutiveFails]).toEqual([4, 1, 1, 0])
    expect(health.lastError).toBe("stalled")
  })

  test("names the object that failed most often in a row", () => {
    const health = after([pass("a", "error"), pass("b", "error"), pass("b", "error"), pass("c", "error")])
    expect(health.worstOffender).toBe(key("b"))
    health.forget(key("b"))
    expect(health.worstOffender).toBe(key("a"))
    expect(after([]).worstOffender).toBeUndefined()
  })

  test("knows the 95th percentile of the last 256 durations", () => {
    const rising = Array.from({ length: 100 }, (_, i) => pass("a", "success", i))
    expect(after(rising).durationP95Ms).toBe(95)
    expect(after([...rising, ...times(256, pass("a", "success", 7))]).durationP95Ms).toBe(7)
    expect(after([]).durationP95Ms).toBe(0)
  })
})

describe("what templates read of the children", () => {
  const maps = [configMap("b", { x: "b" }), configMap("a", { x: "a" })]

  test("is the first by name, and each by name, in any case of letters", () => {
    const scope = childrenScope(maps)
    expect(scope["configMap"]).toBe(maps[1])
    expect(scope["configmap"]).toBe(maps[1])
    expect(scope["configMaps"]).toEqual({ a: maps[1], b: maps[0] })
    const keys = ["ConfigMap", "ConfigMaps", "byId", "configMap", "configMaps", "configmap", "configmaps"]
    expect(Object.keys(scope).sort()).toEqual(keys)
  })

  test("is nothing without children", () => expect(childrenScope([])).toEqual({}))
})

test("the record of once entries is one per line", () => {
  const recorded = (text: string) => {
    const cr = website("shop")
    return [
      ...createdEntries({ ...cr, metadata: { ...cr.metadata, annotations: { "orkestra.orkspace.io/created": text } } }),
    ]
  }
  expect(recorded("Secret/a/b\nJob/a/c\n")).toEqual(["Secret/a/b", "Job/a/c"])
  expect([...createdEntries(website("shop"))]).toEqual([])
})
