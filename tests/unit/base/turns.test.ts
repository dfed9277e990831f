import { expect, test } from "bun:test"
import { type Clock, Turns } from "../../../src/base/mod.ts"

/** A clock whose hand the test moves, with real turns of the event loop. */
class WorkClock implements Clock {
  atMs = 1_000
  turns = 0

  nowMs(): number {
    return 0
  }

  steadyMs(): number {
    return this.atMs
  }

  async sleep(): Promise<void> {}

  after(): Disposable {
    return new DisposableStack()
  }

  async turn(): Promise<void> {
    this.turns++
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Works in slices of 3 ms until it has done `count`, and notes each. */
async function work(clock: WorkClock, turns: Turns, lane: string, { count, done }: { count: number; done: string[] }) {
  for (let i = 0; i < count; i++) {
    await turns.next(lane)
    clock.atMs += 3
    done.push(lane)
  }
}

test("work that does not take long goes on without a turn", () => {
  const clock = new WorkClock()
  const turns = new Turns({ clock })
  expect(turns.next("a")).toBeUndefined()
  clock.atMs += 0.9
  expect(turns.next("a")).toBeUndefined()
  clock.atMs += 0.1
  expect(turns.next("a")).toBeInstanceOf(Promise)
})

test("a timer that is due runs while somebody works on and on", async () => {
  const clock = new WorkClock()
  const done: string[] = []
  const working = work(clock, new Turns({ clock }), "a", { count: 50, done })
  let seen = -1
  setImmediate(() => {
    seen = done.length
  })
  await working
  expect(seen).toBeGreaterThanOrEqual(0)
  expect(seen).toBeLessThan(5)
  expect(clock.turns).toBeGreaterThan(45)
})

test("a lane with many who wait holds up another by one slice", async () => {
  const clock = new WorkClock()
  const turns = new Turns({ clock })
  const done: string[] = []
  clock.atMs += 10
  const crowd = Array.from({ length: 20 }, () => work(clock, turns, "crowd", { count: 5, done }))
  await Promise.all([...crowd, work(clock, turns, "other", { count: 5, done })])
  expect(done).toHaveLength(105)
  // Turn by turn: the last of the other's five slices is among the first of the hundred of the crowd.
  expect(done.lastIndexOf("other")).toBeLessThan(15)
})

test("who waits goes on even when nobody comes after", async () => {
  const clock = new WorkClock()
  const turns = new Turns({ clock })
  for (let i = 0; i < 3; i++) {
    clock.atMs += 5
    await turns.next("a")
  }
  expect(clock.turns).toBe(3)
})
