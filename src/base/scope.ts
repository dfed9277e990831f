import type { Logger } from "./log.ts"
import { onAbort, Stopped } from "./signal.ts"

/**
 * Owns background loops: the only way to start work that nobody awaits.
 *
 * Guarantees: every loop gets the scope's signal; `stop` aborts it and resolves when all loops have ended and the
 * deferred clean-ups have run in reverse order. A loop that fails is logged once and ends the scope's `failed` promise.
 */
export class Scope implements AsyncDisposable {
  readonly #controller = new AbortController()
  readonly #running = new Set<Promise<void>>()
  readonly #cleanups: (() => void | Promise<void>)[] = []
  readonly #log: Logger
  readonly #link: Disposable
  #firstError: unknown
  #onFailure: ((error: unknown) => void) | undefined

  constructor(deps: { log: Logger }, options: { parent?: AbortSignal; onFailure?: (error: unknown) => void } = {}) {
    this.#log = deps.log
    this.#onFailure = options.onFailure
    this.#link = onAbort(options.parent, (reason) => this.#controller.abort(reason))
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** The first error of a loop that failed, if one did. */
  get firstError(): unknown {
    return this.#firstError
  }

  /** Starts `loop`. It must end soon after its signal aborts. */
  run(name: string, loop: (signal: AbortSignal) => Promise<void>): void {
    const running = this.#guard(name, loop)
    this.#running.add(running)
    void running.finally(() => this.#running.delete(running))
  }

  /** Runs `cleanup` when the scope stops, after the loops have ended; the last one added goes first. */
  defer(cleanup: () => void | Promise<void>): void {
    this.#cleanups.push(cleanup)
  }

  /** Aborts the signal, waits for every loop, runs the clean-ups. Safe to call twice. */
  async stop(reason: unknown = new Stopped("scope stopped")): Promise<void> {
    this.#controller.abort(reason)
    while (this.#running.size > 0) await Promise.all(this.#running)
    for (let cleanup = this.#cleanups.pop(); cleanup !== undefined; cleanup = this.#cleanups.pop()) {
      try {
        await cleanup()
      } catch (error) {
        this.#log.error("clean-up failed", { error }) // the others still run
      }
    }
    this.#link[Symbol.dispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #guard(name: string, loop: (signal: AbortSignal) => Promise<void>): Promise<void> {
    try {
      await loop(this.signal)
    } catch (error) {
      if (this.signal.aborted) return // whatever a loop throws while it is being stopped is its way to stop
      this.#firstError ??= error
      this.#log.error("background loop failed", { loop: name, error })
      this.#onFailure?.(error)
    }
  }
}
