import { parseDuration, rfc3339, type TimeZone, timeZone, utc } from "../../base/mod.ts"
import { functionFailure, type Run, typeFailure } from "../run.ts"
import { int, lenient, str } from "./convert.ts"
import { Family } from "./define.ts"
import { formatTime, parseTime } from "./layout.ts"
import { goDuration, timeMs } from "./time.ts"

const family = new Family("date")

family.fixed("date(layout, time) string", "a time, or seconds since 1970, in a Go layout, UTC", (run, layout, t) =>
  formatTime(moment(run, t), str(run, layout)),
)
family.fixed(
  "dateInZone(layout, time, zone) string",
  "a time, or seconds since 1970, in a Go layout and a time zone",
  (run, layout, t, zone) => formatTime(moment(run, t), str(run, layout), named(str(run, zone))),
)
family.fixed("htmlDate(time) string", "the day of a time as 2006-01-02, UTC", (run, t) =>
  formatTime(moment(run, t), "2006-01-02"),
)
family.fixed("htmlDateInZone(time, zone) string", "the day of a time as 2006-01-02 in a time zone", (run, t, zone) =>
  formatTime(moment(run, t), "2006-01-02", named(str(run, zone))),
)
family.fixed(
  "dateModify(duration, time) string",
  "a time so much later, or earlier when the duration begins with -, in RFC 3339",
  (run, d, t) => rfc3339(moment(run, t) + signedDuration(str(run, d))),
)
family.fixed(
  "toDate(layout, text) string",
  "the time that a text in a Go layout names, in RFC 3339; fails when it does not fit",
  (run, layout, s) => {
    const ms = parseTime(str(run, layout), str(run, s))
    return ms === undefined ? typeFailure("the text is no time in this layout") : rfc3339(ms)
  },
)
family.fixed("unixEpoch(time) string", "a time as seconds since 1970", (run, t) =>
  String(Math.floor(moment(run, t) / 1000)),
)
family.fixed(
  "ago(time) string",
  "how long ago, as a duration in whole seconds",
  (run, t) => goDuration(Math.round((run.nowMs - moment(run, t)) / 1000) * 1000),
  { purity: "clock" },
)
family.fixed("duration(seconds) string", "so many seconds as a duration", (_, n) =>
  goDuration(Math.trunc(lenient(n)) * 1000),
)
family.fixed("durationRound(duration) string", "a duration in its largest unit: y, mo, d, h, m or s", (run, d) =>
  rounded(signedDuration(str(run, d))),
)
family.aliases({
  date_in_zone: "dateInZone",
  date_modify: "dateModify",
  must_date_modify: "dateModify",
  mustDateModify: "dateModify",
  mustToDate: "toDate",
})

function moment(run: Run, value: unknown): number {
  const ms = typeof value === "number" ? int(value) * 1000 : timeMs(run, value)
  if (ms === undefined || Math.abs(ms) > 8.64e15) return typeFailure("expected a time in RFC 3339")
  return ms
}

function named(zone: string): TimeZone {
  if (zone === "" || zone === "Local") return utc
  return timeZone(zone) ?? functionFailure(`unknown time zone ${JSON.stringify(zone.slice(0, 40))}`)
}

function signedDuration(spelled: string): number {
  const ms = parseDuration(spelled.replace(/^[+-]/, ""))
  if (ms === undefined) return typeFailure(`expected a duration, got ${JSON.stringify(spelled.slice(0, 40))}`)
  return spelled.startsWith("-") ? -ms : ms
}

function rounded(ms: number): string {
  const size = Math.abs(ms)
  for (const [unit, length] of [
    ["y", 31_536_000_000],
    ["mo", 2_592_000_000],
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1_000],
  ] as const) {
    if (size > length) return `${Math.floor(size / length)}${unit}`
  }
  return "0s"
}

/** Helm's functions on dates. A time is a text in RFC 3339, as Kubernetes writes it, or a number of seconds. */
export const dates = family.defs
