import { Lru } from "./lru.ts"

/** From a moment on, how far a zone's clocks are ahead of UTC, and until when that holds at least. */
export interface Offset {
  readonly offsetMs: number
  readonly untilMs: number
}

/** A time zone: wall-clock time is UTC plus the offset of the moment. */
export interface TimeZone {
  offsetAt(atMs: number): Offset
}

/** Coordinated Universal Time. */
export const utc: TimeZone = { offsetAt: () => ({ offsetMs: 0, untilMs: Number.POSITIVE_INFINITY }) }

const known = new Lru<string, TimeZone>(100)

/** The zone of an IANA name such as `Europe/Berlin`, in any case of letters; undefined when there is none. */
export function timeZone(name: string): TimeZone | undefined {
  if (name === "UTC") return utc
  const cached = known.get(name)
  if (cached) return cached
  try {
    const numeric = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" } as const
    const format = new Intl.DateTimeFormat("en-US", {
      ...numeric,
      second: "numeric",
      hourCycle: "h23",
      calendar: "gregory",
      numberingSystem: "latn",
      timeZone: name,
    })
    const zone = zoneOver((atMs) => offsetOf(format, atMs))
    known.set(name, zone)
    return zone
  } catch {
    return undefined // the answer: no such zone
  }
}

/** Names of time zones, for suggestions. */
export function timeZoneNames(): readonly string[] {
  return Intl.supportedValuesOf("timeZone")
}

function offsetOf(format: Intl.DateTimeFormat, atMs: number): number {
  const part = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]))
  const [year = 1970, month = 1, day = 1] = [part["year"], part["month"], part["day"]]
  const wallMs = Date.UTC(year, month - 1, day, part["hour"], part["minute"], part["second"])
  return wallMs - Math.floor(atMs / 1_000) * 1_000
}

interface Stretch extends Offset {
  readonly fromMs: number
}

const weekMs = 7 * 24 * 3_600_000
const weeksMax = 60
const stretchesMax = 4

// Asking the platform takes microseconds and schedules ask again and again: the last stretches are remembered.
function zoneOver(offset: (atMs: number) => number): TimeZone {
  let stretches: readonly Stretch[] = []
  return {
    offsetAt(atMs) {
      const found = stretches.find(({ fromMs, untilMs }) => atMs >= fromMs && atMs < untilMs)
      if (found) return found
      const made = stretchFrom(atMs, offset)
      const others = stretches.filter(({ untilMs }) => untilMs !== made.untilMs)
      stretches = [made, ...others].slice(0, stretchesMax)
      return made
    },
  }
}

// No zone changes its clocks and takes that back within a week.
function stretchFrom(fromMs: number, offset: (atMs: number) => number): Stretch {
  const offsetMs = offset(fromMs)
  let low = fromMs
  for (let week = 0; week < weeksMax; week++) {
    let high = low + weekMs
    if (offset(high) !== offsetMs) {
      while (high - low > 1) {
        const middle = Math.floor((low + high) / 2)
        if (offset(middle) === offsetMs) low = middle
        else high = middle
      }
      return { fromMs, untilMs: high, offsetMs }
    }
    low = high
  }
  return { fromMs, untilMs: low, offsetMs }
}
