import { expect, test } from "bun:test"
import { OrkError, seeded } from "../../../../src/base/mod.ts"
import {
  advance,
  initialReflectorState,
  question,
  type ReflectorInput,
  type ReflectorState,
} from "../../../../src/runtime/cache/reflector-machine.ts"
import { noJitter } from "../support.ts"

const failed = (code: ConstructorParameters<typeof OrkError>[0], retryAfterMs?: number): ReflectorInput => ({
  kind: "failed",
  error: new OrkError(code, "no", {}, { retryAfterMs }),
})
const run = (inputs: readonly ReflectorInput[], from: ReflectorState = initialReflectorState) =>
  inputs.reduce((state, input) => advance(state, input, noJitter), from)
const synced = run([{ kind: "replaced", resourceVersion: "100" }])

test("the first question is for the complete state, the next ones go on from it", () => {
  expect(question(initialReflectorState)).toEqual({ ask: "watch-list" })
  expect(question(synced)).toEqual({ ask: "watch", resourceVersion: "100" })
  expect(question(run([{ kind: "progress", resourceVersion: "105" }], synced))).toEqual({
    ask: "watch",
    resourceVersion: "105",
  })
})

test("the version never goes back", () => {
  const after = run(
    ["105", "103", undefined].map((resourceVersion) => ({ kind: "progress", resourceVersion })),
    synced,
  )
  expect(after.resourceVersion).toBe("105")
})

test("a server without initial events is asked for pages from then on, without a wait or an outage", () => {
  const after = run([failed("api/invalid")])
  expect(question(after)).toEqual({ ask: "list" })
  expect([Number(after.waitMs), after.error]).toEqual([0, undefined])
  const later = run([{ kind: "replaced", resourceVersion: "5" }, failed("api/expired")], after)
  expect(question(later)).toEqual({ ask: "list" })
})

test("the same answer to a later question is an error like others", () => {
  const after = run([failed("api/invalid")], synced)
  expect(question(after).ask).toBe("watch")
  expect(after.error?.code).toBe("api/invalid")
})

test("one expiry costs nothing, a row of them waits longer and longer", () => {
  const waits = []
  let state = synced
  for (let i = 0; i < 4; i++) {
    state = run([failed("api/expired")], state)
    waits.push(Number(state.waitMs))
    expect(question(state).ask).toBe("watch-list")
    state = run([{ kind: "replaced", resourceVersion: "200" }], state)
  }
  expect(waits).toEqual([0, 1_600, 3_200, 6_400])
})

test("failures wait from 0.8 s up to 30 s, and up to 2 min where permission or resource is missing", () => {
  const waits = (code: "net/refused" | "api/forbidden") => {
    let state = synced
    return Array.from({ length: 9 }, () => {
      state = run([failed(code)], state)
      return Number(state.waitMs)
    })
  }
  expect(waits("net/refused")).toEqual([800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000, 30_000])
  expect(waits("api/forbidden").slice(0, 4)).toEqual([800, 2_400, 7_200, 21_600])
  expect(waits("api/forbidden").at(-1)).toBe(120_000)
})

test("a wait that the server asks for is kept, and stretched so that not all come back at once", () => {
  const random = seeded(3)
  const waits = Array.from({ length: 50 }, () =>
    Number(advance(synced, failed("api/throttled", 10_000), random).waitMs),
  )
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(10_000)
  expect(Math.max(...waits)).toBeLessThanOrEqual(12_000)
  expect(new Set(waits).size).toBeGreaterThan(10)
})

test("anything good ends the outage; a complete state does not yet end the row of failures", () => {
  const ill = run([failed("net/refused"), failed("net/refused")], synced)
  expect(run([{ kind: "progress", resourceVersion: "101" }], ill)).toMatchObject({ attempt: 0, error: undefined })
  expect(run([{ kind: "replaced", resourceVersion: "101" }], ill)).toMatchObject({ attempt: 2, error: undefined })
})

test("a stream that lived is renewed at once, one that ended at once is not", () => {
  expect(run([{ kind: "ended", afterMs: 300_000 }], synced)).toMatchObject({ waitMs: 0, attempt: 0 })
  const once = run([{ kind: "ended", afterMs: 10 }], synced)
  expect(once).toMatchObject({ waitMs: 800, error: undefined })
  expect(run([{ kind: "ended", afterMs: 10 }], once).error?.code).toBe("net/closed")
})
