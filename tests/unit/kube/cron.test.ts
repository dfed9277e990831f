import { describe, expect, test } from "bun:test"
import { timeZone } from "../../../src/base/mod.ts"
import { nextCronFire, parseCron } from "../../../src/kube/mod.ts"

/** The next fires after a moment, as hours in UTC. */
function fires(expression: string, after: string, options: { zone?: string; count?: number } = {}): readonly string[] {
  const schedule = parseCron(expression)
  const zone = timeZone(options.zone ?? "UTC")
  if (!schedule || !zone) return ["unreadable"]
  const found: string[] = []
  let atMs: number | undefined = Date.parse(after)
  for (let i = 0; i < (options.count ?? 1); i++) {
    atMs = nextCronFire(schedule, atMs, zone)
    if (atMs === undefined) return [...found, "never"]
    found.push(new Date(atMs).toISOString().slice(0, 16))
  }
  return found
}

test.each([
  ["* * * * *", "2026-01-05T08:00:00Z", "2026-01-05T08:01"],
  ["* * * * *", "2026-01-05T08:00:59.999Z", "2026-01-05T08:01"],
  ["0 8 * * *", "2026-01-05T08:00:00Z", "2026-01-06T08:00"],
  ["0 8 * * *", "2026-01-05T07:59:59.999Z", "2026-01-05T08:00"],
  ["*/20 5-6 * * *", "2026-01-05T05:40:00Z", "2026-01-05T06:00"],
  ["*/100 5 * * *", "2026-01-05T05:00:00Z", "2026-01-06T05:00"],
  ["0 0 1 jan *", "2026-01-05T00:00:00Z", "2027-01-01T00:00"],
  ["0 0 * * 7", "2026-01-05T00:00:00Z", "2026-01-11T00:00"],
  ["0 0 13 * fri", "2026-01-05T00:00:00Z", "2026-01-09T00:00"],
  ["0 0 31 * *", "2026-02-01T00:00:00Z", "2026-03-31T00:00"],
  ["0 0 29 2 *", "2096-03-01T00:00:00Z", "2104-02-29T00:00"],
  ["0 0 30 2 *", "2026-01-01T00:00:00Z", "never"],
])("%s after %s fires at %s", (expression, after, expected) => expect(fires(expression, after)).toEqual([expected]))

test.each([
  "",
  "* * * *",
  "* * * * * *",
  "60 * * * *",
  "* 24 * * *",
  "* * 0 * *",
  "5-1 * * * *",
  "*/0 * * * *",
  "a * * * *",
])("%j is no expression", (expression) => expect(parseCron(expression)).toBeUndefined())

describe("where the clocks change", () => {
  test("a time that is skipped does not fire", () => {
    expect(fires("30 2 * * *", "2026-03-28T12:00:00Z", { zone: "Europe/Berlin", count: 2 })).toEqual([
      "2026-03-30T00:30",
      "2026-03-31T00:30",
    ])
    expect(fires("30 2 * * *", "2026-03-07T12:00:00Z", { zone: "America/New_York" })).toEqual(["2026-03-09T06:30"])
  })

  test("a time that comes twice fires twice", () => {
    expect(fires("30 2 * * *", "2026-10-24T12:00:00Z", { zone: "Europe/Berlin", count: 3 })).toEqual([
      "2026-10-25T00:30",
      "2026-10-25T01:30",
      "2026-10-26T01:30",
    ])
  })

  test("every hour stays every hour", () => {
    const hours = fires("0 * * * *", "2026-10-24T22:30:00Z", { zone: "Europe/Berlin", count: 5 })
    expect(hours.map((hour) => hour.slice(11, 13))).toEqual(["23", "00", "01", "02", "03"])
  })
})
