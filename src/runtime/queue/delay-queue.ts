import { type Clock, Heap, type Ms, ms } from "../../base/mod.ts"
import { Alarm } from "./alarm.ts"

interface Entry<K> {
  readonly key: K
  readonly atMs: number
  readonly sequence: number
}

/**
 * Keys that become due later.
 *
 * Guarantees: a key is held once, at its earliest time; keys come out in (time, insertion) order, never early.
 */
export class DelayQueue<K> {
  readonly #clock: Clock
  readonly #alarm: Alarm
  readonly #entries = new Map<K, Entry<K>>()
  /** May hold entries that an earlier time has replaced; `#entries` decides. */
  readonly #order = new Heap<Entry<K>>((a, b) => a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence))
  #added = 0

  constructor(deps: { clock: Clock }) {
    this.#clock = deps.clock
    this.#alarm = new Alarm(deps)
  }

  get size(): number {
    return this.#entries.size
  }

  /** Makes `key` due once `afterMs` has passed; an earlier pending time wins. */
  add(key: K, afterMs: Ms): void {
    const atMs = this.#clock.steadyMs() + Math.max(0, afterMs)
    const pending = this.#entries.get(key)
    if (pending !== undefined && pending.atMs <= atMs) return
    const entry = { key, atMs, sequence: this.#added++ }
    this.#entries.set(key, entry)
    this.#order.push(entry)
    if (this.#next() === entry) this.#alarm.ring()
  }

  /** How long until `key` becomes due; undefined when it is not held. */
  dueIn(key: K): Ms | undefined {
    const entry = this.#entries.get(key)
    return entry && ms(Math.max(0, entry.atMs - this.#clock.steadyMs()))
  }

  /** Forgets `key`. */
  remove(key: K): void {
    this.#entries.delete(key)
  }

  /** Takes out the next key that is due at a moment of the clock's steady time; without one, now. */
  takeDue(atMs: number = this.#clock.steadyMs()): K | undefined {
    const next = this.#next()
    if (next === undefined || next.atMs > atMs) return undefined
    this.#order.pop()
    this.#entries.delete(next.key)
    return next.key
  }

  /** Hands every key to `onDue` when it becomes due, until `signal` aborts. One loop per queue. */
  async run(signal: AbortSignal, onDue: (key: K) => void): Promise<void> {
    while (!signal.aborted) {
      const key = this.takeDue()
      if (key === undefined) await this.waitForDue(signal)
      else onDue(key)
    }
  }

  /** Returns when the next key is due, when an earlier one was added, or when `signal` aborts. */
  async waitForDue(signal: AbortSignal): Promise<void> {
    const next = this.#next()
    await this.#alarm.wait(next === undefined ? undefined : ms(next.atMs - this.#clock.steadyMs()), signal)
  }

  #next(): Entry<K> | undefined {
    for (let top = this.#order.peek(); top !== undefined; top = this.#order.peek()) {
      if (this.#entries.get(top.key) === top) return top
      this.#order.pop()
    }
    return undefined
  }
}
