/** The moments a cron expression names. */
export interface Schedule {
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
const dayMs = 86_400_000

/** The expression with single spaces, a name such as `@daily` written out. */
export function expandCron(expression: string): string {
  const trimmed = expression.trim()
  return macros.get(trimmed) ?? trimmed.split(/\s+/).join(" ")
}

/** Reads five fields as Kubernetes does, or a name such as `@daily`; undefined when the text is no such expression. */
export function parseCron(expression: string): Schedule | undefined {
  if (expression.length > lengthMax) return undefined
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
    const match = /^(\*|\?|[a-z0-9]+(?:-[a-z0-9]+)?)(?:\/([1-9]\d?))?$/.exec(item)
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

/** Eight years hold every day there is, the 29th of February across a century without one too. */
const daysMax = 366 * 9

/**
 * The first moment after `afterMs` that the schedule names, in a time zone, UTC by default; undefined when there is none
 * (the 30th of February). A wall-clock time that a zone skips is skipped, one that it has twice counts once.
 */
export function nextTime(schedule: Schedule, afterMs: number, zone?: Intl.DateTimeFormat): number | undefined {
  const wall = wallClock(afterMs, zone)
  const firstDay = Math.floor(wall / dayMs) * dayMs
  for (let day = firstDay; day < firstDay + daysMax * dayMs; day += dayMs) {
    if (!isDay(schedule, day)) continue
    for (const hour of schedule.hours) {
      for (const minute of schedule.minutes) {
        const at = day + (hour * 60 + minute) * 60_000
        if (at <= wall) continue
        const ms = zone === undefined ? at : fromWallClock(at, zone)
        if (ms !== undefined && ms > afterMs) return ms
      }
    }
  }
  return undefined
}

function isDay(schedule: Schedule, dayStart: number): boolean {
  const at = new Date(dayStart)
  if (!schedule.months.includes(at.getUTCMonth() + 1)) return false
  const inMonth = schedule.daysOfMonth.includes(at.getUTCDate())
  const inWeek = schedule.daysOfWeek.includes(at.getUTCDay())
  return schedule.eitherDay ? inMonth || inWeek : inMonth && inWeek
}

/** Reads the wall clock of an IANA time zone; undefined when there is no such zone. */
export function zoneOf(name: string): Intl.DateTimeFormat | undefined {
  try {
    const numeric = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" } as const
    return new Intl.DateTimeFormat("en-US", { ...numeric, second: "numeric", hourCycle: "h23", timeZone: name })
  } catch {
    return undefined // the answer: no such zone
  }
}

/** What the wall clock shows, as if it were UTC. */
export function wallClock(ms: number, zone: Intl.DateTimeFormat | undefined): number {
  if (zone === undefined) return ms
  const part = Object.fromEntries(zone.formatToParts(ms).map(({ type, value }) => [type, Number(value)]))
  const [year = 0, month = 1, day = 1] = [part["year"], part["month"], part["day"]]
  return Date.UTC(year, month - 1, day, part["hour"], part["minute"], part["second"])
}

function fromWallClock(wall: number, zone: Intl.DateTimeFormat): number | undefined {
  const guess = wall - (wallClock(wall, zone) - wall)
  const ms = wall - (wallClock(guess, zone) - guess)
  return wallClock(ms, zone) === wall ? ms : undefined
}
