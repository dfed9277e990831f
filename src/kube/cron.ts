import { Lru, type TimeZone, utc } from "../base/mod.ts"

/** The minutes that a cron expression names. */
export interface CronSchedule {
  readonly minutes: readonly number[]
  readonly hours: readonly number[]
  readonly daysOfMonth: readonly number[]
  readonly months: readonly number[]
  readonly daysOfWeek: readonly number[]
  /** The day of the month and the day of the week are both given: then either is enough. */
  readonly eitherDay: boolean
}

const bounds = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const
const names: readonly (readonly string[])[] = [
  [],
  [],
  [],
  ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
  ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
]
const macros: ReadonlyMap<string, string> = new Map([
  ["@yearly", "0 0 1 1 *"],
  ["@annually", "0 0 1 1 *"],
  ["@monthly", "0 0 1 * *"],
  ["@weekly", "0 0 * * 0"],
  ["@daily", "0 0 * * *"],
  ["@midnight", "0 0 * * *"],
  ["@hourly", "0 * * * *"],
])
const lengthMax = 256
const minuteMs = 60_000
const dayMs = 86_400_000
/** Nine years hold every day there is, the 29th of February across a century without one too. */
const horizonMs = 366 * 9 * dayMs

/** The expression with single spaces, a name such as `@daily` written out. */
export function expandCron(expression: string): string {
  const trimmed = expression.trim()
  return macros.get(trimmed) ?? trimmed.split(/\s+/).join(" ")
}

const parsed = new Lru<string, CronSchedule>(500)

/** Reads five fields as Kubernetes does, or a name such as `@daily`; undefined when the text is no such expression. */
export function parseCron(expression: string): CronSchedule | undefined {
  if (expression.length > lengthMax) return undefined
  const found = parsed.get(expression) ?? parse(expression)
  if (found) parsed.set(expression, found)
  return found
}

function parse(expression: string): CronSchedule | undefined {
  const fields = expandCron(expression).toLowerCase().split(" ")
  const sets = fields.map((text, i) => setOf(text, i))
  const [minutes, hours, daysOfMonth, months, daysOfWeek] = sets
  if (sets.length !== 5 || !minutes || !hours || !daysOfMonth || !months || !daysOfWeek) return undefined
  const isOpen = (text: string | undefined) => text === undefined || text.startsWith("*") || text.startsWith("?")
  return { minutes, hours, daysOfMonth, months, daysOfWeek, eitherDay: !isOpen(fields[2]) && !isOpen(fields[4]) }
}

function setOf(text: string, index: number): readonly number[] | undefined {
  const values = new Set<number>()
  for (const item of text.split(",")) {
    const match = /^(\*|\?|[a-z0-9]+(?:-[a-z0-9]+)?)(?:\/([1-9]\d{0,3}))?$/.exec(item)
    const range = match && rangeOf(match[1] ?? "", index, match[2] !== undefined)
    if (!match || !range) return undefined
    // Sunday is 0 and 7.
    for (let n = range[0]; n <= range[1]; n += Number(match[2] ?? 1)) values.add(index === 4 ? n % 7 : n)
  }
  return [...values].sort((a, b) => a - b)
}

function rangeOf(text: string, index: number, stepped: boolean): readonly [number, number] | undefined {
  const [min, max] = bounds[index] ?? [0, -1]
  const last = index === 4 ? 6 : max
  if (text === "*" || (text === "?" && (index === 2 || index === 4))) return [min, last]
  const [low, high, ...rest] = text.split("-").map((word) => numberOf(word, index))
  if (low === undefined || rest.length > 0) return undefined
  // `5/15` begins at 5 and goes on to the end.
  if (!text.includes("-")) return [low, stepped ? Math.max(low, last) : low]
  return high === undefined || low > high ? undefined : [low, high]
}

function numberOf(word: string, index: number): number | undefined {
  const [min, max] = bounds[index] ?? [0, -1]
  const named = (names[index] ?? []).indexOf(word)
  const value = named >= 0 ? named + (index === 3 ? 1 : 0) : /^\d{1,2}$/.test(word) ? Number(word) : -1
  return value >= min && value <= max ? value : undefined
}

/**
 * The first moment after `afterMs` that the schedule names by the wall clock of `zone`; undefined when there is none
 * (the 30th of February). A time that the clocks skip is skipped, a time that they show twice is named twice.
 */
export function nextCronFire(schedule: CronSchedule, afterMs: number, zone: TimeZone = utc): number | undefined {
  const limitMs = afterMs + horizonMs
  for (let fromMs = Math.floor(afterMs) + 1; fromMs < limitMs; ) {
    const { offsetMs, untilMs } = zone.offsetAt(fromMs)
    const wallMs = nextOnWall(schedule, fromMs + offsetMs, Math.min(untilMs, limitMs) + offsetMs)
    if (wallMs !== undefined) return wallMs - offsetMs
    fromMs = untilMs
  }
  return undefined
}

function nextOnWall(schedule: CronSchedule, fromMs: number, endMs: number): number | undefined {
  for (let day = Math.floor(fromMs / dayMs) * dayMs; day < endMs; day += dayMs) {
    if (!isDay(schedule, day)) continue
    for (const hour of schedule.hours) {
      if (day + (hour + 1) * 60 * minuteMs <= fromMs) continue
      for (const minute of schedule.minutes) {
        const atMs = day + (hour * 60 + minute) * minuteMs
        if (atMs >= fromMs) return atMs < endMs ? atMs : undefined
      }
    }
  }
  return undefined
}

function isDay(schedule: CronSchedule, dayStart: number): boolean {
  const at = new Date(dayStart)
  if (!schedule.months.includes(at.getUTCMonth() + 1)) return false
  const inMonth = schedule.daysOfMonth.includes(at.getUTCDate())
  const inWeek = schedule.daysOfWeek.includes(at.getUTCDay())
  return schedule.eitherDay ? inMonth || inWeek : inMonth && inWeek
}
