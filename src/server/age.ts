/** How long `sinceMs` is ago, in the largest whole unit: `5s`, `3m`, `2h`, `4d`. A future time is `0s`. */
export function age(sinceMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.floor((nowMs - sinceMs) / 1_000))
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m`
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)}h`
  return `${Math.floor(seconds / 86_400)}d`
}

/** The age of an RFC 3339 time; `unknown` when there is none. */
export function ageOf(timestamp: string | undefined, nowMs: number): string {
  const since = Date.parse(timestamp ?? "")
  return Number.isNaN(since) ? "unknown" : age(since, nowMs)
}
