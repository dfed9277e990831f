import { expect, test } from "bun:test"
import { ms } from "../../../src/base/mod.ts"
import { FakeClock } from "../../support/clock.ts"

test("timers fire at their own moments, equal ones in the order in which they were made", async () => {
  const clock = new FakeClock(0)
  const seen: string[] = []
  const sleeper = async (name: string, duration: number) => {
    await clock.sleep(ms(duration))
    seen.push(`${name}@${clock.nowMs()}`)
  }
  const all = [sleeper("late", 30), sleeper("first", 10), sleeper("second", 10)]
  await clock.advance(20)
  expect(seen).toEqual(["first@10", "second@10"])
  expect(clock.nowMs()).toBe(20)
  await clock.advance("10ms")
  await Promise.all(all)
  expect(seen.at(-1)).toBe("late@30")
})

test("a loop that sleeps again and again gets every one of its turns", async () => {
  const clock = new FakeClock(0)
  let ticks = 0
  const stop = new AbortController()
  const loop = (async () => {
    for (;;) {
      await clock.sleep(ms("1s"), stop.signal)
      ticks++
    }
  })().catch(() => undefined)
  await clock.advance("1m")
  expect(ticks).toBe(60)
  stop.abort()
  await loop
  expect(clock.pending).toEqual([])
})

test("a sleep that is aborted rejects with the signal's reason and leaves nothing behind", async () => {
  const clock = new FakeClock()
  const stop = new AbortController()
  const sleeping = clock.sleep(ms("1h"), stop.signal)
  expect(clock.pending.map((p) => p.atMs - clock.nowMs())).toEqual([3_600_000])
  expect(clock.pending[0]?.stack).toContain("clock.test.ts")
  const reason = new Error("enough")
  stop.abort(reason)
  await expect(sleeping).rejects.toBe(reason)
  await expect(clock.sleep(ms(1), stop.signal)).rejects.toBe(reason)
  expect(clock.pending).toEqual([])
})
