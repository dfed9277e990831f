import { describe, expect, test } from "bun:test"
import { ms, seeded } from "../../../src/base/mod.ts"
import type { ConditionSpec } from "../../../src/katalog/mod.ts"
import { compileGate, type Gate } from "../../../src/plan/mod.ts"
import { compileSchedule } from "../../../src/plan/schedule.ts"
import { condition, noSpans, scopeOf } from "./support.ts"

const at = (text: string) => Date.parse(text)
const iso = (atMs: number) => (Number.isFinite(atMs) ? new Date(atMs).toISOString().replace(":00.000Z", "Z") : "never")

/** Open or closed at a moment, and the moment of the next change. */
function said(value: unknown, moment: string): string {
  const schedule = compileSchedule(value)
  if (!schedule.ok) return schedule.error
  const { open, untilMs } = schedule.value(at(moment))
  return `${open ? "open" : "closed"} until ${iso(untilMs)}`
}

type Row = readonly [value: unknown, moment: string, expected: string]

describe("a window of the day", () => {
  const office = { time: { after: "08:00", before: "18:00" } }
  const night = { time: { after: "22:00", before: "06:00" } }
  const rows: readonly Row[] = [
    [office, "2026-01-05T07:59:59.999Z", "closed until 2026-01-05T08:00Z"],
    [office, "2026-01-05T08:00:00Z", "open until 2026-01-05T18:00Z"],
    [office, "2026-01-05T17:59:59.999Z", "open until 2026-01-05T18:00Z"],
    [office, "2026-01-05T18:00:00Z", "closed until 2026-01-06T08:00Z"],
    [night, "2026-01-05T21:00:00Z", "closed until 2026-01-05T22:00Z"],
    [night, "2026-01-05T23:00:00Z", "open until 2026-01-06T06:00Z"],
    [night, "2026-01-05T05:00:00Z", "open until 2026-01-05T06:00Z"],
    [{ time: { after: "20:00" } }, "2026-01-05T21:00:00Z", "open until 2026-01-06T00:00Z"],
    [{ time: { before: "6:30" } }, "2026-01-05T00:00:00Z", "open until 2026-01-05T06:30Z"],
  ]
  test.each(rows)("%j at %s is %s", (value, moment, expected) => expect(said(value, moment)).toBe(expected))
})

describe("a wall clock that jumps", () => {
  const berlin = (after: string, before: string) => ({ time: { after, before }, timeZone: "Europe/Berlin" })
  const york = { time: { after: "01:30", before: "03:30", timeZone: "America/New_York" } }
  const rows: readonly Row[] = [
    // 29 March 2026: 02:00 becomes 03:00 at 01:00Z. 25 October: 03:00 becomes 02:00 at 01:00Z.
    [berlin("08:00", "18:00"), "2026-03-28T12:00:00Z", "open until 2026-03-28T17:00Z"],
    [berlin("08:00", "18:00"), "2026-03-28T17:00:00Z", "closed until 2026-03-29T06:00Z"],
    [berlin("02:15", "02:45"), "2026-03-28T12:00:00Z", "closed until 2026-03-30T00:15Z"],
    [berlin("01:30", "02:30"), "2026-03-29T00:45:00Z", "open until 2026-03-29T01:00Z"],
    [berlin("02:30", "04:00"), "2026-03-29T00:45:00Z", "closed until 2026-03-29T01:00Z"],
    [berlin("02:15", "02:45"), "2026-10-25T00:20:00Z", "open until 2026-10-25T00:45Z"],
    [berlin("02:15", "02:45"), "2026-10-25T00:45:00Z", "closed until 2026-10-25T01:15Z"],
    [berlin("02:00", "03:00"), "2026-10-25T00:10:00Z", "open until 2026-10-25T02:00Z"],
    // 8 March 2026: 02:00 becomes 03:00 at 07:00Z. 1 November: 02:00 becomes 01:00 at 06:00Z.
    [york, "2026-03-08T06:45:00Z", "open until 2026-03-08T07:30Z"],
    [york, "2026-11-01T05:45:00Z", "open until 2026-11-01T06:00Z"],
    [york, "2026-11-01T06:10:00Z", "closed until 2026-11-01T06:30Z"],
    [
      { dayOfWeek: { in: "sunday" }, timeZone: "America/New_York" },
      "2026-03-08T12:00:00Z",
      "open until 2026-03-09T04:00Z",
    ],
  ]
  test.each(rows)("%j at %s is %s", (value, moment, expected) => expect(said(value, moment)).toBe(expected))
})

describe("days of the week", () => {
  const rows: readonly Row[] = [
    [{ dayOfWeek: { weekday: true } }, "2026-01-09T12:00:00Z", "open until 2026-01-10T00:00Z"],
    [{ dayOfWeek: { weekday: "true" } }, "2026-01-10T00:00:00Z", "closed until 2026-01-12T00:00Z"],
    [{ dayOfWeek: { weekend: true } }, "2026-01-11T23:00:00Z", "open until 2026-01-12T00:00Z"],
    [{ dayOfWeek: { in: ["Monday", "WED"] } }, "2026-01-05T12:00:00Z", "open until 2026-01-06T00:00Z"],
    [{ dayOfWeek: { in: "monday, wed" } }, "2026-01-07T12:00:00Z", "open until 2026-01-08T00:00Z"],
    [{ dayOfWeek: { notIn: ["monday"] } }, "2026-01-06T00:00:00Z", "open until 2026-01-12T00:00Z"],
    [{ dayOfWeek: { notIn: [] } }, "2026-01-06T00:00:00Z", "Infinity"],
    [{ dayOfWeek: { weekday: true }, timeZone: "Asia/Tokyo" }, "2026-01-04T15:00:00Z", "open until 2026-01-09T15:00Z"],
  ]
  test.each(rows)("%j at %s is %s", (value, moment, expected) => {
    expect(said(value, moment)).toBe(expected === "Infinity" ? "open until never" : expected)
  })
})

describe("cron", () => {
  const daily = { cron: "0 8 * * *", duration: "2h" }
  const rows: readonly Row[] = [
    [daily, "2026-01-05T07:59:59Z", "closed until 2026-01-05T08:00Z"],
    [daily, "2026-01-05T08:00:00Z", "open until 2026-01-05T10:00Z"],
    [daily, "2026-01-05T10:00:00Z", "closed until 2026-01-06T08:00Z"],
    [{ cron: "30 9 * * 1-5" }, "2026-01-05T09:30:59.999Z", "open until 2026-01-05T09:31Z"],
    [{ cron: "30 9 * * 1-5" }, "2026-01-09T09:31:00Z", "closed until 2026-01-12T09:30Z"],
    [{ cron: "0,10,20 8 * * *", duration: "10m" }, "2026-01-05T08:05:00Z", "open until 2026-01-05T08:30Z"],
    [
      { cron: "@daily", duration: "1h", timeZone: "Europe/Berlin" },
      "2026-06-01T21:00:00Z",
      "closed until 2026-06-01T22:00Z",
    ],
    [{ cron: "0 0 30 2 *" }, "2026-01-05T00:00:00Z", "closed until never"],
  ]
  test.each(rows)("%j at %s is %s", (value, moment, expected) => expect(said(value, moment)).toBe(expected))

  test("that never pauses is looked at again, though nothing changes", () => {
    const schedule = compileSchedule({ cron: "* * * * *" })
    const { open, untilMs } = schedule.ok ? schedule.value(at("2026-01-05T00:00:00Z")) : { open: false, untilMs: 0 }
    expect(open).toBe(true)
    expect(untilMs).toBeGreaterThan(at("2026-01-05T01:00:00Z"))
  })
})

test.each([
  [{ time: { after: "25:00" } }],
  [{ time: { after: "08:00", before: "08:00" } }],
  [{ dayOfWeek: { in: ["noday"] } }],
  [{ dayOfWeek: { weekday: true, weekend: true } }],
  [{ cron: "61 * * * *" }],
  [{ cron: "* * * * *", duration: "soon" }],
  [{ cron: "* * * * *", timeZone: "Mars/Base" }],
])("%j, made by a template, is refused", (value) => expect(compileSchedule(value).ok).toBe(false))

describe("a gate", () => {
  const timed = (operator: "time" | "dayOfWeek" | "cron", value: unknown, negate = false): ConditionSpec => {
    return { ...condition("", operator, value), negate }
  }
  const office = timed("time", { time: { after: "08:00", before: "18:00" } })
  const early = timed("time", { time: { before: "10:00" } })
  const weekday = timed("dayOfWeek", { dayOfWeek: { weekday: true } })
  const hourly = timed("cron", { cron: "0 * * * *", duration: "10m" })
  const yes = condition("spec.on", "equals", true)
  const no = condition("spec.on", "equals", false)
  const gateOf = (when: readonly ConditionSpec[], or: readonly ConditionSpec[] = []) =>
    compileGate(when, or, { spans: noSpans, allowRandom: false, report: () => undefined })
  const judged = (gate: Gate, moment: number) => {
    const result = gate.judge({ ...scopeOf(), nowMs: moment })
    if (!result.ok) throw new Error(JSON.stringify(result.error))
    return result.value
  }

  test.each([
    ["nothing about time", [yes], [], "2026-01-09T12:00:00Z", true, "never"],
    ["office hours on a Friday evening", [office, weekday], [], "2026-01-09T18:00:00Z", false, "2026-01-12T08:00Z"],
    ["a field that says no", [office, no], [], "2026-01-09T12:00:00Z", false, "never"],
    ["a field beside the time", [yes, office], [], "2026-01-09T12:00:00Z", true, "2026-01-09T18:00Z"],
    ["two that overlap, any of them", [], [early, office], "2026-01-09T09:00:00Z", true, "2026-01-09T18:00Z"],
    ["a field that says yes, any of them", [], [yes, office], "2026-01-09T09:00:00Z", true, "never"],
    ["all of when and any of or", [weekday], [office, hourly], "2026-01-09T18:30:00Z", false, "2026-01-09T19:00Z"],
    ["outside of office hours", [{ ...office, negate: true }], [], "2026-01-09T12:00:00Z", false, "2026-01-09T18:00Z"],
  ] as const)("with %s knows its next change", (_, when, or, moment, open, expected) => {
    const result = judged(gateOf(when, or), at(moment))
    expect([result.open, iso(result.nextChangeMs)]).toEqual([open, expected])
  })

  test("says exactly what looking at every minute says, whatever is combined", () => {
    const random = seeded(7)
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random.next() * items.length)] as T // never empty
    const clock = () => `${String(Math.floor(random.next() * 24)).padStart(2, "0")}:${pick(["00", "15", "30"])}`
    const timeZone = () => pick(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
    const any = (): ConditionSpec => {
      const zone = { timeZone: timeZone() }
      const negate = random.next() < 0.3
      const [after, before] = [clock(), clock()]
      if (after === before) return timed("dayOfWeek", { dayOfWeek: { weekend: true }, ...zone }, negate)
      const cron = { cron: `${pick([0, 30])} ${pick(["*", "1-3", "2"])} * * *`, duration: pick(["1m", "40m", "3h"]) }
      return random.next() < 0.5
        ? timed("time", { time: { after, before }, ...zone }, negate)
        : timed("cron", { ...cron, ...zone }, negate)
    }
    const starts = [
      "2026-03-07T20:00Z",
      "2026-03-28T20:00Z",
      "2026-10-03T10:00Z",
      "2026-10-24T20:00Z",
      "2026-11-01T00:00Z",
    ]
    let changes = 0
    for (let round = 0; round < 60; round++) {
      const gate = gateOf([any(), ...(random.next() < 0.5 ? [any()] : [])], random.next() < 0.5 ? [any(), any()] : [])
      const start = at(pick(starts)) + Math.floor(random.next() * 600) * ms("1m")
      const { open, nextChangeMs } = judged(gate, start)
      const end = Math.min(nextChangeMs, start + ms("2d"))
      const opens = (moment: number) => gate.passes({ ...scopeOf(), nowMs: moment })
      for (let moment = start; moment < end; moment += ms("5m"))
        expect(opens(moment)).toEqual({ ok: true, value: open })
      // What never changes is looked at again after a hundred moments at which it could have.
      if (nextChangeMs > start + ms("2d")) continue
      expect(opens(nextChangeMs)).toEqual({ ok: true, value: !open })
      changes++
    }
    expect(changes).toBeGreaterThan(30)
  })

  test("renders a schedule from the custom resource, and fails where it cannot be read", () => {
    const gate = gateOf([timed("cron", { cron: "{{ .spec.text }}" })])
    expect(gate.judge(scopeOf())).toMatchObject({ ok: false, error: [{ code: "template/type" }] })
    const data = { spec: { text: "0 8 * * *" } }
    expect(gate.judge({ ...scopeOf(data), nowMs: at("2026-01-05T08:00:00Z") })).toMatchObject({ value: { open: true } })
  })
})
