import { formatDuration, parseDuration, rfc3339 } from "../../base/mod.ts"
import type { Run } from "../run.ts"
import { functionFailure, typeFailure } from "../run.ts"
import { str } from "./convert.ts"
import { Family } from "./define.ts"
import { formatTime } from "./layout.ts"

const family = new Family("time")
const clock = { purity: "clock" } as const

family.fixed("now() string", "the time in RFC 3339, UTC", (run) => rfc3339(run.nowMs), clock)
family.fixed(
  "timeAgo(time) string",
  "how long ago: 5s ago, 3m ago, 2h ago, 4d ago; the empty text when it is no time",
  (run, t) => ago(run, t),
  clock,
)
family.fixed(
  "timeSince(time) number",
  "whole seconds since then; 0 when it is no time",
  (run, t) => Math.trunc(sinceMs(run, t) / 1000) || 0,
  clock,
)
family.fixed(
  "timeUntil(time) string",
  "how long until then as a duration; 0s when past or no time",
  (run, t) => goDuration(Math.max(0, -sinceMs(run, t))),
  clock,
)
family.fixed(
  "isExpired(time, duration) bool",
  "whether so much time has passed since then",
  (run, t, d) => {
    const then = timeMs(run, t)
    return then !== undefined && run.nowMs >= then + durationMs(run, d)
  },
  { purity: "clock", piped: "first" },
)
family.fixed(
  "timeFormat(time, layout) string",
  "a time in a Go layout: 2006-01-02 15:04:05",
  (run, t, layout) => format(run, t, str(run, layout)),
  { piped: "first" },
)
family.fixed("weekday() bool", "whether it is Monday to Friday in UTC", (run) => !isWeekend(run), clock)
family.fixed("weekend() bool", "whether it is Saturday or Sunday in UTC", (run) => isWeekend(run), clock)
family.fixed(
  "timeInWindow(start, end) bool",
  "whether the time of day in UTC is from start up to end, HH:MM; may pass midnight",
  (run, a, b) => inWindow(run, a, b),
  clock,
)
family.fixed(
  "timeNotInWindow(start, end) bool",
  "the opposite of timeInWindow",
  (run, a, b) => !inWindow(run, a, b),
  clock,
)
family.fixed("durationSeconds(duration) number", "the seconds in 30s, 1h30m, 2d", (run, d) => durationMs(run, d) / 1000)
family.fixed("durationAdd(a, b) string", "the sum of two durations", (run, a, b) =>
  goDuration(durationMs(run, a) + durationMs(run, b)),
)
family.fixed(
  "durationValid(text) bool",
  "whether text is a duration",
  (run, d) => parseDuration(str(run, d)) !== undefined,
)

/** The moment that a text in RFC 3339 names. */
export function timeMs(run: Run, value: unknown): number | undefined {
  const spelled = str(run, value)
  const ms = /^\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|z|[+-]\d{2}:\d{2}))?$/.test(spelled)
    ? Date.parse(spelled)
    : Number.NaN
  return Number.isNaN(ms) ? undefined : ms
}

function sinceMs(run: Run, value: unknown): number {
  const then = timeMs(run, value)
  return then === undefined ? 0 : run.nowMs - then
}

function ago(run: Run, value: unknown): string {
  if (timeMs(run, value) === undefined) return ""
  const seconds = Math.max(0, Math.trunc(sinceMs(run, value) / 1000))
  if (seconds < 60) return `${seconds}s ago`
  if (seconds < 3600) return `${Math.trunc(seconds / 60)}m ago`
  return seconds < 86_400 ? `${Math.trunc(seconds / 3600)}h ago` : `${Math.trunc(seconds / 86_400)}d ago`
}

function durationMs(run: Run, value: unknown): number {
  const spelled = str(run, value)
  return parseDuration(spelled) ?? typeFailure(`expected a duration, got ${JSON.stringify(spelled.slice(0, 40))}`)
}

/** Go's spelling of a duration: `1h30m0s`, `1.5s`, `20ms`. */
export function goDuration(ms: number): string {
  if (ms < 0) return `-${goDuration(-ms)}`
  if (ms < 1000) return formatDuration(ms)
  const seconds = (ms % 60_000) / 1000
  const minutes = Math.trunc(ms / 60_000) % 60
  const hours = Math.trunc(ms / 3_600_000)
  return `${hours > 0 ? `${hours}h` : ""}${hours > 0 || minutes > 0 ? `${minutes}m` : ""}${seconds}s`
}

function isWeekend(run: Run): boolean {
  return [0, 6].includes(new Date(run.nowMs).getUTCDay())
}

function inWindow(run: Run, start: unknown, end: unknown): boolean {
  const from = minuteOfDay(run, start)
  const to = minuteOfDay(run, end)
  const now = new Date(run.nowMs)
  const minute = now.getUTCHours() * 60 + now.getUTCMinutes()
  return from <= to ? minute >= from && minute < to : minute >= from || minute < to
}

function minuteOfDay(run: Run, value: unknown): number {
  const match = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(str(run, value))
  return match ? Number(match[1]) * 60 + Number(match[2]) : functionFailure("a time of day is written HH:MM")
}

function format(run: Run, value: unknown, layout: string): string {
  const ms = timeMs(run, value)
  return ms === undefined ? typeFailure("expected a time in RFC 3339") : formatTime(ms, layout)
}

/** Functions on times and durations; everything is UTC. */
export const time = family.defs
