import { expect, test } from "bun:test"
import { ms, type Random, seeded } from "../../../../src/base/mod.ts"
import { type ObjectKey, objectKey } from "../../../../src/kube/mod.ts"
import { type Reason, Workqueue } from "../../../../src/runtime/mod.ts"
import { FakeClock } from "../../../support/clock.ts"

const keys = Array.from({ length: 6 }, (_, i) => objectKey("shop", `k${i}`))
const reasons: readonly Reason[] = ["initial", "user", "deletion", "child", "watch", "resync", "retry", "requeue"]

/** A random life of a queue beside the simplest model of what it promises. */
class Trace {
  readonly clock = new FakeClock(0)
  readonly #random: Random
  readonly #queue: Workqueue
  readonly #stop = new AbortController()
  readonly #running: Promise<void>
  readonly #workers: Promise<void>[]
  readonly #inWork = new Set<ObjectKey>()
  /** Keys that must be handed out again: now, or from a moment on (a key has one delay, the earliest). */
  readonly #owedNow = new Set<ObjectKey>()
  readonly #owedLater = new Map<ObjectKey, number>()

  constructor(seed: number) {
    this.#random = seeded(seed)
    this.#queue = new Workqueue({ clock: this.clock, random: this.#random })
    this.#running = this.#queue.run(this.#stop.signal)
    this.#workers = [1, 2, 3].map(() => this.#work())
  }

  async run(steps: number): Promise<void> {
    for (let i = 0; i < steps; i++) {
      const key = this.#pick(keys)
      if (this.#random.next() < 0.5) this.#add(key, 0)
      else this.#add(key, Math.floor(this.#random.next() * 300))
      if (this.#random.next() < 0.6) await this.clock.advance(Math.floor(this.#random.next() * 60))
    }
    await this.clock.advance("1m")
    expect([...this.#owedNow, ...this.#owedLater.keys()]).toEqual([])
    expect([this.#queue.depth, this.#queue.processing, this.#queue.delayed]).toEqual([0, 0, 0])
    this.#stop.abort()
    await Promise.all([this.#running, ...this.#workers])
  }

  #add(key: ObjectKey, afterMs: number): void {
    const atMs = this.clock.nowMs() + afterMs
    if (afterMs === 0) this.#owedNow.add(key)
    else this.#owedLater.set(key, Math.min(this.#owedLater.get(key) ?? atMs, atMs))
    if (afterMs === 0) this.#queue.add(key, this.#pick(reasons))
    else this.#queue.addAfter(key, ms(afterMs), this.#pick(reasons))
  }

  async #work(): Promise<void> {
    for (;;) {
      const item = await this.#queue.take(this.#stop.signal).catch(() => undefined)
      if (item === undefined) return
      const { key } = item
      expect(this.#inWork.has(key)).toBe(false) // never twice at once
      this.#inWork.add(key)
      this.#owedNow.delete(key)
      if ((this.#owedLater.get(key) ?? Infinity) <= this.clock.nowMs()) this.#owedLater.delete(key)
      await this.clock.sleep(ms(Math.floor(this.#random.next() * 40)))
      this.#inWork.delete(key)
      this.#queue.done(key)
    }
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random.next() * from.length)] as T // the index is inside the list
  }
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])("no key is lost or worked on twice at once (seed %d)", async (seed) => {
  await new Trace(seed).run(200)
})

test.each([11, 12, 13])("an idle queue hands a key out exactly at its earliest delay (seed %d)", async (seed) => {
  const clock = new FakeClock(0)
  const random = seeded(seed)
  const queue = new Workqueue({ clock, random })
  const stop = new AbortController()
  const running = queue.run(stop.signal)
  for (let round = 0; round < 50; round++) {
    const key = objectKey("shop", `r${round}`)
    const delays = Array.from({ length: 1 + Math.floor(random.next() * 5) }, () => 1 + Math.floor(random.next() * 500))
    const startMs = clock.nowMs()
    let takenMs = -1
    for (const delay of delays) queue.addAfter(key, ms(delay), "requeue")
    const taken = queue.take(stop.signal).then(() => {
      takenMs = clock.nowMs() - startMs
      queue.done(key)
    })
    await clock.advance(600)
    await taken
    expect(takenMs).toBe(Math.min(...delays))
  }
  stop.abort()
  await running
})

test.each([21, 22, 23])("nothing starves under a flood of urgent keys (seed %d)", async (seed) => {
  const clock = new FakeClock(0)
  const random = seeded(seed)
  const queue = new Workqueue({ clock, random })
  queue.add(objectKey("shop", "patient"), "initial")
  let servedMs: number | undefined
  for (let i = 0; servedMs === undefined && i < 1_000; i++) {
    queue.add(objectKey("shop", `urgent-${i}`), "user")
    queue.add(objectKey("shop", `urgent-too-${i}`), "deletion")
    const item = await queue.take(new AbortController().signal)
    if (item?.key === objectKey("shop", "patient")) servedMs = clock.nowMs()
    if (item !== undefined) queue.done(item.key)
    await clock.advance(Math.floor(random.next() * 200))
  }
  expect(servedMs).toBeGreaterThanOrEqual(10_000)
  expect(servedMs).toBeLessThan(10_500)
})
