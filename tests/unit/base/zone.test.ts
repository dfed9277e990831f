import { describe, expect, test } from "bun:test"
import { timeZone, utc } from "../../../src/base/mod.ts"

const hour = 3_600_000
const offset = (name: string, moment: string) =>
  (timeZone(name)?.offsetAt(Date.parse(moment)).offsetMs ?? Number.NaN) / hour

describe("a time zone", () => {
  test.each([
    ["Europe/Berlin", "2026-01-05T00:00:00Z", 1],
    ["Europe/Berlin", "2026-03-29T00:59:59.999Z", 1],
    ["Europe/Berlin", "2026-03-29T01:00:00Z", 2],
    ["europe/berlin", "2026-10-25T01:00:00Z", 1],
    ["America/New_York", "2026-07-01T00:00:00Z", -4],
    ["Asia/Kolkata", "2026-07-01T00:00:00Z", 5.5],
    ["Australia/Lord_Howe", "2026-07-01T00:00:00Z", 10.5],
    ["UTC", "2026-07-01T00:00:00Z", 0],
  ])("%s at %s is %d hours ahead", (name, moment, hours) => expect(offset(name, moment)).toBe(hours))

  test("knows to the millisecond when its clocks change", () => {
    expect(timeZone("Europe/Berlin")?.offsetAt(Date.parse("2026-01-05T00:00:00Z")).untilMs).toBe(
      Date.parse("2026-03-29T01:00:00Z"),
    )
    expect(utc.offsetAt(0).untilMs).toBe(Number.POSITIVE_INFINITY)
  })

  test("answers the same in any order of questions", () => {
    const zone = timeZone("America/New_York")
    const moments = Array.from({ length: 40 }, (_, i) => Date.UTC(2026, 0, 1) + ((i * 17) % 40) * 20 * 24 * hour)
    for (const moment of moments) {
      const summer = moment >= Date.UTC(2026, 2, 8, 7) && moment < Date.UTC(2026, 10, 1, 6)
      const nextSummer = moment >= Date.UTC(2027, 2, 14, 7) && moment < Date.UTC(2027, 10, 7, 6)
      const nextWinter = moment >= Date.UTC(2028, 2, 12, 7)
      expect(zone?.offsetAt(moment).offsetMs).toBe((summer || nextSummer || nextWinter ? -4 : -5) * hour)
    }
  })

  test.each(["", "Mars/Base", "Europe/Berln", "{{ .x }}"])("%j is none", (name) =>
    expect(timeZone(name)).toBeUndefined(),
  )
})
