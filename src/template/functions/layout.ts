import { type TimeZone, utc } from "../../base/mod.ts"

const months = "January February March April May June July August September October November December".split(" ")
const days = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ")
const layoutParts =
  /2006|January|Jan|Monday|Mon|MST|Z07:00|Z0700|-07:00|-0700|-07|[.,]0+(?!\d)|[.,]9+(?!\d)|002|01|02|03|04|05|06|15|PM|pm|_2|1|2|3|4|5/g

/** A moment as it is written in a Go layout, in a time zone, UTC by default. */
export function formatTime(ms: number, layout: string, zone: TimeZone = utc): string {
  const { offsetMs } = zone.offsetAt(ms)
  return layout.replace(layoutParts, (part) => formatPart(new Date(ms + offsetMs), part, Math.round(offsetMs / 60_000)))
}

const two = (n: number) => String(n).padStart(2, "0")

function formatPart(at: Date, part: string, offset: number): string {
  const hour12 = at.getUTCHours() % 12 === 0 ? 12 : at.getUTCHours() % 12
  const month = months[at.getUTCMonth()] ?? ""
  const day = days[at.getUTCDay()] ?? ""
  const year = at.getUTCFullYear()
  switch (part) {
    case "2006":
      return String(year).padStart(4, "0")
    case "06":
      return two(year % 100)
    case "January":
      return month
    case "Jan":
      return month.slice(0, 3)
    case "01":
      return two(at.getUTCMonth() + 1)
    case "1":
      return String(at.getUTCMonth() + 1)
    case "Monday":
      return day
    case "Mon":
      return day.slice(0, 3)
    case "02":
      return two(at.getUTCDate())
    case "_2":
      return String(at.getUTCDate()).padStart(2)
    case "2":
      return String(at.getUTCDate())
    case "002":
      return String(Math.floor((at.getTime() - Date.UTC(year, 0, 1)) / 86_400_000) + 1).padStart(3, "0")
    case "15":
      return two(at.getUTCHours())
    case "03":
      return two(hour12)
    case "3":
      return String(hour12)
    default:
      return formatSmallPart(at, part, offset)
  }
}

function formatSmallPart(at: Date, part: string, offset: number): string {
  switch (part) {
    case "04":
      return two(at.getUTCMinutes())
    case "4":
      return String(at.getUTCMinutes())
    case "05":
      return two(at.getUTCSeconds())
    case "5":
      return String(at.getUTCSeconds())
    case "PM":
      return at.getUTCHours() < 12 ? "AM" : "PM"
    case "pm":
      return at.getUTCHours() < 12 ? "am" : "pm"
    case "MST":
      return offset === 0 ? "UTC" : zoneText(offset, offset % 60 === 0 ? "" : "both")
    case "Z07:00":
    case "Z0700":
      return offset === 0 ? "Z" : zoneText(offset, part === "Z07:00" ? ":" : "both")
    case "-07:00":
      return zoneText(offset, ":")
    case "-0700":
      return zoneText(offset, "both")
    case "-07":
      return zoneText(offset, "")
    default:
      return fraction(at, part)
  }
}

function fraction(at: Date, part: string): string {
  const digits = String(at.getUTCMilliseconds())
    .padStart(3, "0")
    .padEnd(part.length - 1, "0")
  const cut = digits.slice(0, part.length - 1)
  const kept = part.charAt(1) === "9" ? cut.replace(/0+$/, "") : cut
  return kept === "" ? "" : part.charAt(0) + kept
}

/** `+05`, `+0530` or `+05:30`. */
function zoneText(offset: number, minutes: "" | "both" | ":"): string {
  const size = Math.abs(offset)
  const tail = minutes === "" ? "" : `${minutes === ":" ? ":" : ""}${two(size % 60)}`
  return `${offset < 0 ? "-" : "+"}${two(Math.floor(size / 60))}${tail}`
}

/** What a part of a layout looks like in a text, and what it sets. */
const readers: Readonly<Record<string, readonly [pattern: string, key: string]>> = {
  "2006": ["\\d{4}", "year"],
  "06": ["\\d{2}", "shortYear"],
  January: [months.join("|"), "monthName"],
  Jan: [months.map((month) => month.slice(0, 3)).join("|"), "monthName"],
  "01": ["\\d{2}", "month"],
  "1": ["\\d{1,2}", "month"],
  Monday: [days.join("|"), "ignored"],
  Mon: [days.map((day) => day.slice(0, 3)).join("|"), "ignored"],
  "02": ["\\d{2}", "day"],
  _2: ["[ \\d]\\d", "day"],
  "2": ["\\d{1,2}", "day"],
  "15": ["\\d{2}", "hour"],
  "03": ["\\d{2}", "hour"],
  "3": ["\\d{1,2}", "hour"],
  "04": ["\\d{2}", "minute"],
  "4": ["\\d{1,2}", "minute"],
  "05": ["\\d{2}", "second"],
  "5": ["\\d{1,2}", "second"],
  PM: ["AM|PM", "half"],
  pm: ["am|pm", "half"],
  MST: ["UTC|GMT", "ignored"],
  "Z07:00": ["Z|[+-]\\d{2}:\\d{2}", "zone"],
  Z0700: ["Z|[+-]\\d{4}", "zone"],
  "-07:00": ["[+-]\\d{2}:\\d{2}", "zone"],
  "-0700": ["[+-]\\d{4}", "zone"],
  "-07": ["[+-]\\d{2}", "zone"],
}

const layoutMax = 128

/** The moment that a text in a Go layout names; without a zone it is UTC. Undefined when the text does not fit. */
export function parseTime(layout: string, text: string): number | undefined {
  if (layout.length > layoutMax || text.length > layoutMax) return undefined
  const keys: string[] = []
  let pattern = ""
  let at = 0
  for (const match of layout.matchAll(layoutParts)) {
    const [source, key] = readers[match[0]] ?? ["", "ignored"]
    pattern += `${escaped(layout.slice(at, match.index))}(${source})${match[0] === "05" ? "(?:[.,]\\d+)?" : ""}`
    keys.push(key)
    at = match.index + match[0].length
  }
  // Built from our own table and escaped text; bounded repetitions only, so it reads the text once.
  const found = new RegExp(`^${pattern}${escaped(layout.slice(at))}$`).exec(text)
  return found === null ? undefined : moment(new Map(keys.map((key, i) => [key, found[i + 1] ?? ""])))
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")
}

function moment(parts: ReadonlyMap<string, string>): number | undefined {
  const number = (key: string, otherwise: number) => Number(parts.get(key)?.trim() ?? otherwise)
  const short = number("shortYear", 0)
  const year = parts.has("year") ? number("year", 0) : parts.has("shortYear") ? short + (short < 69 ? 2000 : 1900) : 0
  const named = months.findIndex((month) => month.slice(0, 3) === (parts.get("monthName") ?? "").slice(0, 3)) + 1
  const month = named > 0 ? named : number("month", 1)
  const half = parts.get("half")?.toLowerCase()
  const hour = half === undefined ? number("hour", 0) : (number("hour", 0) % 12) + (half === "pm" ? 12 : 0)
  const [day, minute, second] = [number("day", 1), number("minute", 0), number("second", 0)]
  const ms = new Date(0).setUTCFullYear(year, month - 1, day) + ((hour * 60 + minute) * 60 + second) * 1000
  if (new Date(ms).getUTCDate() !== day || hour > 23 || minute > 59 || second > 59 || month > 12) return undefined
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})?$/.exec(parts.get("zone") ?? "") ?? []
  const offset = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * (sign === "-" ? -1 : 1)
  return ms - offset * 60_000
}
