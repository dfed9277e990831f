import { didYouMean, timeZone, timeZoneNames } from "../base/mod.ts"
import { isRecord, nextCronFire, parseCron } from "../kube/mod.ts"
import type { Fault } from "./fault.ts"
import {
  anything,
  byForm,
  describe,
  duration,
  flag,
  isTemplate,
  judge,
  outlookOf,
  place,
  type Report,
  readFlag,
  type Shape,
  scalars,
  seenAs,
  text,
  wrong,
} from "./shape.ts"

type Plain = Readonly<Record<string, unknown>>

/** Conditions on the time, which have no field. */
export type TimeOperator = "time" | "dayOfWeek" | "cron"

/** True for the key of a condition on the time. */
export function isTimeOperator(word: string): word is TimeOperator {
  return word === "time" || word === "dayOfWeek" || word === "cron"
}

/** Minutes since midnight of `HH:MM`; undefined when the text is no such time. */
export function clockMinute(text: string): number | undefined {
  const [, hours, minutes] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text) ?? []
  return hours === undefined ? undefined : Number(hours) * 60 + Number(minutes)
}

const weekdays: readonly string[] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]

/** 0 for Sunday to 6, of an English name or its first three letters; undefined when the text is none. */
export function weekdayOf(text: string): number | undefined {
  const word = text.trim().toLowerCase()
  const index = weekdays.findIndex((name) => name === word || name.slice(0, 3) === word)
  return index < 0 ? undefined : index
}

/** The days of a list, or of one text with commas. */
export function dayNames(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value.map(String) : String(value).split(",")).map((name) => name.trim())
}

/** `fits` for what can be used and for templates; editors, which cannot judge it, see a text or `fits`. */
function checked(problem: (value: unknown) => Fault | undefined, fits: Shape = anything): Shape {
  const shape = byForm((value) => {
    const fault = isTemplate(value) ? undefined : problem(value)
    return fault === undefined ? fits : wrong(fault)
  })
  return seenAs(shape, outlookOf(fits === anything ? text : fits))
}

const clockTime = checked((value) =>
  typeof value === "string" && clockMinute(value) !== undefined
    ? undefined
    : { code: "ORK0106", message: `expected a time of day, found ${describe(value)}`, help: 'write "08:30"' },
)

const zone = checked((value) => {
  if (typeof value === "string" && timeZone(value) !== undefined) return undefined
  const near = typeof value === "string" ? didYouMean(value, timeZoneNames()) : undefined
  const help = near === undefined ? "write an IANA name, for example Europe/Berlin" : `did you mean "${near}"?`
  return { code: "ORK0106", message: `expected a time zone, found ${describe(value)}`, help }
})

const days = checked((value) => {
  const wrongDay = dayNames(value).find((name) => weekdayOf(name) === undefined && !isTemplate(name))
  if (wrongDay === undefined) return undefined
  const near = didYouMean(wrongDay.toLowerCase(), weekdays)
  const help = near === undefined ? "write English names: monday" : `did you mean "${near}"?`
  return { code: "ORK0106", message: `expected a day of the week, found ${describe(wrongDay)}`, help }
}, scalars)

const cron = checked((value) => {
  const schedule = typeof value === "string" ? parseCron(value) : undefined
  if (schedule === undefined) {
    const help = 'write five fields: minute, hour, day, month, weekday, for example "0 8 * * 1-5"'
    return { code: "ORK0106", message: `expected a cron expression, found ${describe(value)}`, help }
  }
  if (nextCronFire(schedule, 0) !== undefined) return undefined
  return { code: "ORK0106", message: "the cron expression names no day that exists", help: "check day and month" }
})

/** The fields of conditions on the time. */
export const timeFields: Readonly<Record<TimeOperator | "duration" | "timeZone", Shape>> = {
  time: place("time", { fields: { after: clockTime, before: clockTime, timeZone: zone } }),
  dayOfWeek: place("dayOfWeek", { fields: { weekday: flag, weekend: flag, in: days, notIn: days, timeZone: zone } }),
  cron,
  duration: byForm((value) => (isTemplate(value) ? anything : duration)),
  timeZone: zone,
}

/** The one choice of a `dayOfWeek`; undefined when it is not exactly one. */
export function dayChoice(value: Plain): "weekday" | "weekend" | "in" | "notIn" | undefined {
  const chosen = (["weekday", "weekend", "in", "notIn"] as const).filter((key) =>
    key === "in" || key === "notIn" ? (value[key] ?? null) !== null : readFlag(value[key]) === true,
  )
  return chosen.length === 1 ? chosen[0] : undefined
}

/** Judges a condition on the time, `operator` being its key. */
export function judgeTimed(operator: TimeOperator, record: Plain, report: Report): void {
  for (const key of ["duration", "timeZone"] as const) {
    if ((record[key] ?? null) !== null) judge(timeFields[key], key, record, report)
  }
  judge(timeFields[operator], operator, record, report)
  const value = record[operator]
  if (operator !== "cron" && (record["duration"] ?? null) !== null) {
    report.key("duration", { code: "ORK0112", message: `"duration" belongs to "cron"`, help: `remove "duration"` })
  }
  if (!isRecord(value)) return
  const fault = operator === "time" ? timeFault(value) : operator === "dayOfWeek" ? dayFault(value) : undefined
  if (fault !== undefined) report.value(operator, fault)
  if ((value["timeZone"] ?? null) === null || (record["timeZone"] ?? null) === null) return
  report.key("timeZone", { code: "ORK0121", message: "the time zone is written twice", help: "keep one of them" })
}

function timeFault(value: Plain): Fault | undefined {
  const [after, before] = [value["after"] ?? null, value["before"] ?? null]
  if (after === null && before === null) {
    const help = 'write time: { after: "08:00", before: "18:00" }'
    return { code: "ORK0112", message: `expected "after" or "before" in time, found neither`, help }
  }
  if (isTemplate(after) || clockMinute(String(after)) === undefined) return undefined
  if (clockMinute(String(after)) !== clockMinute(String(before))) return undefined
  return { code: "ORK0112", message: "the window from a time to the same time is empty", help: "move one of them" }
}

function dayFault(value: Plain): Fault | undefined {
  if (dayChoice(value) !== undefined) return undefined
  const help = "write dayOfWeek: { weekday: true }, or { in: [saturday] }"
  return { code: "ORK0112", message: "expected one of weekday, weekend, in and notIn in dayOfWeek", help }
}

/** What a condition on the time says, as written: what `compileSchedule` of the plan reads. */
export function timedValue(operator: TimeOperator, record: Plain): Plain {
  const keys = [operator, "duration", "timeZone"]
  return Object.fromEntries(keys.flatMap((key) => ((record[key] ?? null) === null ? [] : [[key, record[key]]])))
}
