import type { Change } from "../storage.ts"

/** Lines that are remembered, and their bytes. */
const linesMax = 1024
const bytesMax = 8 * 1024 * 1024

/**
 * The lines of the last changes, so that all watches of one form write the same bytes.
 *
 * Guarantees: bounded; what was forgotten is written again.
 */
export class EventLines {
  readonly #lines = new Map<Change, Map<string, Uint8Array>>()
  #count = 0
  #bytes = 0

  get(change: Change, name: string): Uint8Array | undefined {
    return this.#lines.get(change)?.get(name)
  }

  set(change: Change, name: string, line: Uint8Array): void {
    let lines = this.#lines.get(change)
    if (lines === undefined) {
      lines = new Map()
      this.#lines.set(change, lines)
    }
    lines.set(name, line)
    this.#count++
    this.#bytes += line.length
    for (const [oldest, old] of this.#lines) {
      if (this.#count <= linesMax && this.#bytes <= bytesMax) return
      this.#lines.delete(oldest)
      this.#count -= old.size
      for (const { length } of old.values()) this.#bytes -= length
    }
  }

  /** How many lines are remembered, and their bytes. */
  get size(): { readonly lines: number; readonly bytes: number } {
    return { lines: this.#count, bytes: this.#bytes }
  }
}
