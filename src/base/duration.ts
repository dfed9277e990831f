declare const msBrand: unique symbol
/** A length of time in milliseconds. Made only by `ms`. */
export type Ms = number & { readonly [msBrand]: true }

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  mo: 2_592_000_000,
  y: 31_536_000_000,
}

/** Reads `500ms`, `1h30m`, `30d`, `2w`, `1y`; undefined when the text is not a duration. A bare `0` is zero. */
export function parseDuration(text: string): Ms | undefined {
  const trimmed = text.trim()
  if (trimmed === "0") return 0 as Ms // branded here, the type's only factory besides `ms`
  if (!/^(?:\d+(?:\.\d+)?(?:ms|mo|[smhdwy]))+$/.test(trimmed)) return undefined
  let total = 0
  for (const [, count, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|mo|[smhdwy])/g)) {
    total += Number(count) * (unitMs[unit ?? ""] ?? 0)
  }
  return Number.isSafeInteger(Math.round(total)) ? (Math.round(total) as Ms) : undefined // branded here
}

/** A duration from a number of milliseconds or a literal such as `"30s"`. Throws on a bad literal: it is code, not input. */
export function ms(value: number | string): Ms {
  if (typeof value === "number") return value as Ms // branded here: the type has no other factory
  const parsed = parseDuration(value)
  if (parsed === undefined) throw new Error(`not a duration: ${value}`)
  return parsed
}

/** The shortest Go-like spelling: `0s`, `1.5s`, `10m0s` is `10m`. */
export function formatDuration(value: number): string {
  // The limits lie where rounding would reach the next unit: 59.96 s is 1m, not 60s.
  if (value < 999.5) return value === 0 ? "0s" : `${Math.round(value)}ms`
  if (value < 59_950) return `${Math.round(value / 100) / 10}s`
  let rest = Math.round(value / 1_000)
  let text = ""
  for (const [unit, seconds] of [
    ["d", 86_400],
    ["h", 3_600],
    ["m", 60],
    ["s", 1],
  ] as const) {
    const count = Math.floor(rest / seconds)
    if (count > 0) text += `${count}${unit}`
    rest -= count * seconds
  }
  return text
}
