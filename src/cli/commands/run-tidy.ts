import { type Clock, ms } from "../../base/mod.ts"

const lookMs = ms("3s")
/** So many passes leave something behind that is worth the while. */
const passesMin = 500

/** What is looked at: how much each operator has done. */
export interface Worked {
  readonly fleet: { readonly operators: readonly { readonly health: { readonly total: number } }[] }
}

/**
 * Calls `tidy` when the operators have come to rest: once after the start, then each time when there was a lot to do. The
 * engine keeps the room that a burst took for as long as little happens, so for good. Ends when `signal` aborts.
 */
export async function tidyAtRest(
  { fleet }: Worked,
  options: { readonly clock: Clock; readonly tidy: () => void; readonly signal: AbortSignal },
): Promise<void> {
  const { clock, tidy, signal } = options
  let tidiedAt = Number.NEGATIVE_INFINITY
  for (let before = -1; ; ) {
    await clock.sleep(lookMs, signal)
    const passes = fleet.operators.reduce((sum, { health }) => sum + health.total, 0)
    // An operator that is replaced counts from nothing.
    if (passes < before) tidiedAt = Math.min(tidiedAt, passes)
    if (passes === before && passes - tidiedAt >= passesMin) {
      tidy()
      tidiedAt = passes
    }
    before = passes
  }
}
