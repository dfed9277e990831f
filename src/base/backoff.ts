import { type Ms, ms } from "./duration.ts"
import type { Random } from "./random.ts"

/** How delays grow. */
export interface BackoffOptions {
  readonly initialMs: Ms
  readonly maxMs: Ms
  readonly factor: number
  /** Share of the delay that is random: 0.2 gives 80 % to 100 % of the full delay. */
  readonly jitter: number
}

/** Delay before try `attempt` (0 is the first retry): exponential, capped, shortened by jitter. */
export function backoff(attempt: number, random: Random, options: BackoffOptions): Ms {
  const full = Math.min(options.maxMs, options.initialMs * options.factor ** Math.min(attempt, 64))
  return ms(Math.round(full * (1 - options.jitter * random.next())))
}
