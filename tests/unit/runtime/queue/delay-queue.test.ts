import { expect, test } from "bun:test"
import { ms } from "../../../../src/base/mod.ts"
import { DelayQueue } from "../../../../src/runtime/mod.ts"
import { FakeClock } from "../../../support/clock.ts"

function setup() {
  const clock = new FakeClock(0)
  const queue = new DelayQueue<string>({ clock })
  const due: string[] = []
  const stop = new AbortController()
  const running = queue.run(stop.signal, (key) => due.push(`${key}@${clock.nowMs()}`))
  return { clock, queue, due, stop, running }
}

test("keys come out at their own time, those of one moment in the order of their coming", async () => {
  const { clock, queue, due } = setup()
  queue.add("late", ms(30))
  queue.add("first", ms(10))
  queue.add("second", ms(10))
  await clock.advance(100)
  expect(due).toEqual(["first@10", "second@10", "late@30"])
})

test("an earlier key that comes while the loop sleeps cuts the sleep short", async () => {
  const { clock, queue, due } = setup()
  queue.add("late", ms("1h"))
  await clock.advance("1m")
  queue.add("soon", ms(5))
  await clock.advance(5)
  expect(due).toEqual(["soon@60005"])
  expect(queue.size).toBe(1)
})

test("an earlier time for the same key replaces the later one, and not the other way round", async () => {
  const { clock, queue, due } = setup()
  queue.add("a", ms(50))
  queue.add("a", ms(20))
  queue.add("a", ms(80))
  await clock.advance(100)
  expect(due).toEqual(["a@20"])
})

test("a key that was removed does not come, and may be added anew", async () => {
  const { clock, queue, due } = setup()
  queue.add("a", ms(10))
  queue.remove("a")
  await clock.advance(20)
  queue.add("a", ms(10))
  await clock.advance(20)
  expect(due).toEqual(["a@30"])
})

test("nothing is taken before its time", () => {
  const { queue } = setup()
  queue.add("a", ms(10))
  expect(queue.takeDue(9)).toBeUndefined()
  expect(queue.takeDue(10)).toBe("a")
  expect(queue.takeDue(10)).toBeUndefined()
})

test.each([-3_600_000, 3_600_000])("a machine whose time is set by %i ms changes nothing", async (byMs) => {
  const { clock, queue } = setup()
  queue.add("a", ms(10))
  clock.set(byMs)
  await clock.advance(9)
  expect(queue.dueIn("a")).toBe(ms(1))
  await clock.advance(1)
  expect(queue.dueIn("a")).toBeUndefined()
})
