/** Texts with a meaning, as Go reads them: what is wrong with one, in Go's words. */

/** Why a text is no base64. */
export function base64Problem(text: string): string | undefined {
  const at = base64Fault(text)
  return at === undefined ? undefined : `illegal base64 data at input byte ${at}`
}

function base64Fault(text: string): number | undefined {
  const skipBreaks = (from: number) => {
    let at = from
    while (text[at] === "\n" || text[at] === "\r") at++
    return at
  }
  for (let at = 0; at < text.length; ) {
    let digits = 0
    while (digits < 4) {
      if (at >= text.length) return digits === 0 ? undefined : at - digits
      const character = text.charAt(at++)
      if (/[A-Za-z0-9+/]/.test(character)) digits++
      else if (character !== "\n" && character !== "\r") {
        if (character !== "=" || digits < 2) return at - 1
        if (digits === 2) {
          at = skipBreaks(at)
          if (at >= text.length) return text.length
          if (text[at] !== "=") return at - 1
          at++
        }
        at = skipBreaks(at)
        return at < text.length ? at : undefined
      }
    }
  }
  return undefined
}

const quantityPattern = "^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$"
const suffixPattern = /^(?:|[numkMGTPE]|[KMGTPE]i|[eE][-+]?\d+)$/

/** Why a text is no quantity. */
export function quantityProblem(given: string): string | undefined {
  const text = given.trim()
  const match = /^[+-]?\d*(?:\.\d*)?([eEinumkKMGTP]*[-+]?\d*)$/.exec(text)
  if (text === "" || match === null) return `quantities must match the regular expression '${quantityPattern}'`
  if (!suffixPattern.test(match[1] ?? "")) return "unable to parse quantity's suffix"
  return undefined
}

/** Why a value that is no text is no whole number of 32 bits, where a text would do as well. */
export function intOrTextProblem(value: unknown): string | undefined {
  if (typeof value === "number" && value === (value | 0)) return undefined
  const isNumber = typeof value === "number"
  const found = Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value
  return `json: cannot unmarshal ${isNumber ? `number ${value}` : found} into Go value of type int32`
}

/** One part of a time: its name in Go's layout, what it looks like, and its range. */
interface Part {
  readonly layout: string
  readonly pattern: RegExp
  readonly range?: readonly [what: string, min: number, max: number]
}

const literal = (text: string): Part => ({ layout: text, pattern: new RegExp(`^${text}`) })
const two = /^\d\d/
const date: readonly Part[] = [
  { layout: "2006", pattern: /^\d{4}/ },
  literal("-"),
  { layout: "01", pattern: two, range: ["month", 1, 12] },
  literal("-"),
  { layout: "02", pattern: two },
  literal("T"),
  { layout: "15", pattern: /^\d\d?/, range: ["hour", 0, 23] },
  literal(":"),
  { layout: "04", pattern: two, range: ["minute", 0, 59] },
  literal(":"),
]
const seconds = ["second", 0, 59] as const
const zone: Part = { layout: "Z07:00", pattern: /^(?:Z|[-+]\d\d:\d\d)/ }
const plainParts: readonly Part[] = [
  ...date,
  { layout: "05", pattern: /^\d\d/, range: seconds },
  { layout: "", pattern: /^(?:[.,]\d+)?/ },
  zone,
]
const microParts: readonly Part[] = [
  ...date,
  { layout: "05", pattern: two, range: seconds },
  { layout: ".000000", pattern: /^[.,]\d{6}/ },
  zone,
]

/** Why a text is no time; `isMicro`: with millionths of a second, as leases and events have. */
export function timeProblem(text: string, isMicro: boolean): string | undefined {
  const layout = isMicro ? "2006-01-02T15:04:05.000000Z07:00" : "2006-01-02T15:04:05Z07:00"
  const prefix = `parsing time ${JSON.stringify(text)}`
  let rest = text
  for (const part of isMicro ? microParts : plainParts) {
    const found = part.pattern.exec(rest)?.[0]
    if (found === undefined) {
      return `${prefix} as "${layout}": cannot parse ${JSON.stringify(rest)} as "${part.layout}"`
    }
    rest = rest.slice(found.length)
    const [what = "", min = 0, max = 0] = part.range ?? []
    if (part.range !== undefined && (Number(found) < min || Number(found) > max))
      return `${prefix}: ${what} out of range`
  }
  if (rest !== "") return `${prefix}: extra text: ${JSON.stringify(rest)}`
  const [year, month, day] = [text.slice(0, 4), text.slice(5, 7), text.slice(8, 10)].map(Number)
  const isDay = new Date(Date.UTC(year ?? 0, (month ?? 1) - 1, day)).getUTCDate() === day
  return isDay ? undefined : `${prefix}: day out of range`
}

/** A time as it is kept: in UTC, whole seconds or millionths. */
export function plainTime(text: string, isMicro: boolean): string {
  const parsed = new Date(text.replace(",", "."))
  if (Number.isNaN(parsed.getTime())) return text
  const seconds = parsed.toISOString().slice(0, 19)
  if (!isMicro) return `${seconds}Z`
  return `${seconds}.${/[.,](\d{6})/.exec(text)?.[1] ?? "000000"}Z`
}
