import { err, ok, parseDuration, type Result, type TimeZone, timeZone, utc } from "../base/mod.ts"
import { clockMinute, dayChoice, dayNames, weekdayOf } from "../katalog/mod.ts"
import { isRecord, nextCronFire, parseCron } from "../kube/mod.ts"

/** What holds at a moment, and until when the passing of time alone cannot change it; Infinity: never. */
export interface Verdict {
  readonly open: boolean
  readonly untilMs: number
}

/** A condition on the time: a pure function of the moment. */
export type Schedule = (atMs: number) => Verdict

type Plain = Readonly<Record<string, unknown>>

const minuteMs = 60_000
const dayMs = 86_400_000
const minutesPerDay = 1_440

/** Reads what a condition on the time says, its templates rendered; or why it cannot be read. */
export function compileSchedule(value: unknown): Result<Schedule, string> {
  const written = isRecord(value) ? value : {}
  const { time, dayOfWeek, cron } = written
  const inner = isRecord(time) ? time : isRecord(dayOfWeek) ? dayOfWeek : {}
  const name = written["timeZone"] ?? inner["timeZone"]
  const zone = name === undefined || name === null ? utc : timeZone(String(name))
  if (zone === undefined) return err(`expected a time zone, found "${String(name)}"`)
  if (cron !== undefined) return cronSchedule(String(cron), written["duration"], zone)
  return isRecord(dayOfWeek) ? daySchedule(dayOfWeek, zone) : timeSchedule(inner, zone)
}

function timeSchedule(value: Plain, zone: TimeZone): Result<Schedule, string> {
  const after = value["after"] === undefined ? 0 : clockMinute(String(value["after"]))
  const before = value["before"] === undefined ? minutesPerDay : clockMinute(String(value["before"]))
  if (after === undefined || before === undefined || after === before) {
    return err(`expected two times of day, found "${String(value["after"])}" and "${String(value["before"])}"`)
  }
  return ok(
    onWall(zone, {
      isOpen(wallMs) {
        const minute = Math.floor((wallMs - dayStart(wallMs)) / minuteMs)
        return after < before ? minute >= after && minute < before : minute >= after || minute < before
      },
      edgesOn: (startMs) => [startMs + after * minuteMs, startMs + before * minuteMs],
    }),
  )
}

const workdays = new Set([1, 2, 3, 4, 5])

function daySchedule(value: Plain, zone: TimeZone): Result<Schedule, string> {
  const choice = dayChoice(value)
  if (choice === undefined) return err("expected one of weekday, weekend, in and notIn")
  const isListed = choice === "in" || choice === "notIn"
  const listed = isListed ? dayNames(value[choice]).map(weekdayOf) : [...workdays]
  if (listed.includes(undefined)) return err(`expected days of the week, found "${dayNames(value[choice]).join(", ")}"`)
  const days = new Set(listed)
  const wanted = choice === "in" || choice === "weekday"
  if (days.size === 0 || days.size === 7) return ok(() => ({ open: wanted === days.size > 0, untilMs: Infinity }))
  return ok(
    onWall(zone, {
      isOpen: (wallMs) => days.has(new Date(wallMs).getUTCDay()) === wanted,
      edgesOn: (startMs) => [startMs],
    }),
  )
}

interface Wall {
  readonly isOpen: (wallMs: number) => boolean
  /** Where the answer may change on the day that begins at `startMs`. */
  readonly edgesOn: (startMs: number) => readonly number[]
}

const edgesMax = 64

// Wall clocks jump: the answer may change at an edge, and where the zone's offset changes.
function onWall(zone: TimeZone, { isOpen, edgesOn }: Wall): Schedule {
  return (atMs) => {
    let { offsetMs, untilMs } = zone.offsetAt(atMs)
    const open = isOpen(atMs + offsetMs)
    let moment = atMs
    for (let i = 0; i < edgesMax; i++) {
      const wallMs = moment + offsetMs
      const edges = [...edgesOn(dayStart(wallMs)), ...edgesOn(dayStart(wallMs) + dayMs)].filter((edge) => edge > wallMs)
      moment = Math.min(untilMs, ...edges.map((edge) => edge - offsetMs))
      ;({ offsetMs, untilMs } = zone.offsetAt(moment))
      if (isOpen(moment + offsetMs) !== open) break
    }
    return { open, untilMs: moment }
  }
}

function dayStart(wallMs: number): number {
  return Math.floor(wallMs / dayMs) * dayMs
}

const overlapsMax = 100

// Open from each fire for the duration. Windows that touch or overlap are one window.
function cronSchedule(expression: string, written: unknown, zone: TimeZone): Result<Schedule, string> {
  const schedule = parseCron(expression)
  if (schedule === undefined) return err(`expected a cron expression, found "${expression}"`)
  const durationMs = written === undefined || written === null ? minuteMs : parseDuration(String(written))
  if (durationMs === undefined || durationMs <= 0) return err(`expected a length of time, found "${String(written)}"`)
  return ok((atMs) => {
    let fire = nextCronFire(schedule, atMs - durationMs, zone)
    if (fire === undefined || fire > atMs) return { open: false, untilMs: fire ?? Infinity }
    let endMs = fire + durationMs
    for (let i = 0; i < overlapsMax; i++) {
      fire = nextCronFire(schedule, fire, zone)
      if (fire === undefined || fire > endMs) break
      endMs = fire + durationMs
    }
    return { open: true, untilMs: endMs }
  })
}
