import { type BackoffOptions, backoff, Lru, type Ms, ms, type Random } from "../../base/mod.ts"

const defaults: BackoffOptions & { readonly keysMax: number } = {
  initialMs: ms(5),
  maxMs: ms("5m"),
  factor: 2,
  jitter: 0.2,
  keysMax: 100_000,
}

/** How long a key has to wait after each failure: exponential per key, capped, with jitter. */
export class RateLimiter<K> {
  readonly #random: Random
  readonly #options: BackoffOptions
  /** A key that falls out of this bound starts at the first step again. */
  readonly #failures: Lru<K, number>

  constructor(deps: { random: Random }, options: Partial<typeof defaults> = {}) {
    this.#random = deps.random
    this.#options = { ...defaults, ...options }
    this.#failures = new Lru(options.keysMax ?? defaults.keysMax)
  }

  /** Counts one more failure of `key` and returns its delay. */
  next(key: K): Ms {
    const failures = this.failures(key)
    this.#failures.set(key, failures + 1)
    return backoff(failures, this.#random, this.#options)
  }

  /** How often `key` failed since it was forgotten. */
  failures(key: K): number {
    return this.#failures.get(key) ?? 0
  }

  /** Starts `key` anew. */
  forget(key: K): void {
    this.#failures.delete(key)
  }
}
