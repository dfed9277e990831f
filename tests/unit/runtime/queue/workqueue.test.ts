import { describe, expect, test } from "bun:test"
import { ms } from "../../../../src/base/mod.ts"
import { type ObjectKey, objectKey } from "../../../../src/kube/mod.ts"
import { type Reason, type WorkItem, Workqueue } from "../../../../src/runtime/mod.ts"
import { FakeClock } from "../../../support/clock.ts"
import { noJitter } from "../support.ts"

const [a, b, c] = ["a", "b", "c"].map((name) => objectKey("shop", name)) as [ObjectKey, ObjectKey, ObjectKey] // three
const live = new AbortController().signal

function setup() {
  const clock = new FakeClock()
  const queue = new Workqueue({ clock, random: noJitter })
  const stop = new AbortController()
  return { clock, queue, stop, running: queue.run(stop.signal) }
}

async function drain(queue: Workqueue): Promise<WorkItem[]> {
  const items: WorkItem[] = []
  while (queue.depth > 0) {
    const item = await queue.take(live)
    if (item === undefined) break
    items.push(item)
    queue.done(item.key)
  }
  return items
}

describe("a key", () => {
  test("that is added twice waits once, with the more urgent reason", async () => {
    const { queue } = setup()
    queue.add(a, "deletion")
    queue.add(a, "resync")
    queue.add(b, "resync")
    queue.add(b, "child")
    expect(queue.depth).toBe(2)
    expect(await drain(queue)).toEqual([
      { key: a, reason: "deletion" },
      { key: b, reason: "child" },
    ])
  })

  test("of two equally urgent reasons keeps the newer one", async () => {
    const { queue } = setup()
    queue.add(a, "child")
    queue.add(a, "dependency")
    expect(await queue.take(live)).toEqual({ key: a, reason: "dependency" })
  })

  test("that is added while it is worked on comes again after done, not before", async () => {
    const { queue } = setup()
    queue.add(a, "user")
    await queue.take(live)
    queue.add(a, "resync")
    queue.add(a, "child")
    expect([queue.depth, queue.processing]).toEqual([0, 1])
    queue.done(a)
    expect([queue.depth, queue.processing]).toEqual([1, 0])
    expect(await queue.take(live)).toEqual({ key: a, reason: "child" })
    queue.done(a)
    expect(queue.depth).toBe(0)
  })
})

describe("order", () => {
  test("is by urgency, then by arrival", async () => {
    const { queue } = setup()
    const reasons: Reason[] = ["initial", "resync", "child", "user", "watch", "deletion"]
    for (const reason of reasons) queue.add(objectKey(undefined, reason), reason)
    const order = (await drain(queue)).map((item) => item.reason)
    expect(order).toEqual(["user", "deletion", "child", "watch", "initial", "resync"])
  })

  test("puts a key that waited ten seconds before all that came later", async () => {
    const { queue, clock } = setup()
    queue.add(a, "initial")
    await clock.advance("5s")
    queue.add(b, "resync")
    await clock.advance("5s")
    queue.add(c, "user")
    expect((await drain(queue)).map((item) => item.key)).toEqual([a, c, b])
  })

  test("follows a key whose reason becomes more urgent while it waits", async () => {
    const { queue } = setup()
    queue.add(a, "initial")
    queue.add(b, "child")
    queue.add(a, "user")
    expect(await drain(queue)).toEqual([
      { key: a, reason: "user" },
      { key: b, reason: "child" },
    ])
  })
})

test("a key that becomes more urgent keeps the place of its arrival", async () => {
  const { queue } = setup()
  queue.add(a, "initial")
  queue.add(b, "user")
  queue.add(a, "user")
  expect((await drain(queue)).map((item) => item.key)).toEqual([a, b])
})

test("a key that becomes more urgent has still waited since it came", async () => {
  const { queue, clock } = setup()
  queue.add(a, "initial")
  await clock.advance("9s")
  queue.add(a, "child")
  await clock.advance("1s")
  queue.add(b, "user")
  expect((await drain(queue)).map((item) => item.key)).toEqual([a, b])
})

test("a key that was urgent once is not urgent the next time", async () => {
  const { queue } = setup()
  queue.add(a, "user")
  queue.done((await queue.take(live))?.key ?? b)
  queue.add(a, "initial")
  queue.add(b, "child")
  expect((await drain(queue)).map((item) => item.key)).toEqual([b, a])
})

describe("a delay", () => {
  test("ends on the clock, and the earliest of several wins", async () => {
    const { queue, clock } = setup()
    queue.addAfter(a, ms("1m"), "resync")
    queue.addAfter(a, ms("10s"), "requeue")
    queue.addAfter(a, ms("5m"), "requeue")
    expect(queue.delayed).toBe(1)
    await clock.advance(9_999)
    expect(queue.depth).toBe(0)
    await clock.advance(1)
    expect(await queue.take(live)).toEqual({ key: a, reason: "requeue" })
    queue.done(a)
    await clock.advance("10m")
    expect([queue.depth, queue.delayed]).toEqual([0, 0])
  })

  test("of zero is no delay", () => {
    const { queue } = setup()
    queue.addAfter(a, ms(0), "requeue")
    expect(queue.depth).toBe(1)
  })

  test("of a failing key doubles from 5 ms to 5 minutes, is never shorter than asked for, and is forgotten", () => {
    const { queue } = setup()
    const delays = Array.from({ length: 20 }, () => Number(queue.addRateLimited(a)))
    expect(delays.slice(0, 4)).toEqual([5, 10, 20, 40])
    expect(delays.at(-1)).toBe(300_000)
    expect(queue.failures(a)).toBe(20)
    expect(Number(queue.addRateLimited(b, { atLeastMs: ms("7s") }))).toBe(7_000)
    queue.forget(a)
    expect(Number(queue.addRateLimited(a))).toBe(5)
  })
})

describe("the end", () => {
  test("of a queue hands out what waits, drops what comes later, and then answers undefined", async () => {
    const { queue, clock } = setup()
    queue.add(a, "user")
    queue.addAfter(b, ms("1s"), "requeue")
    queue.close()
    queue.add(c, "user")
    expect(await queue.take(live)).toEqual({ key: a, reason: "user" })
    expect(await queue.take(live)).toBeUndefined()
    await clock.advance("1m")
    expect([queue.depth, queue.delayed]).toEqual([0, 0])
  })

  test("wakes the workers that wait", async () => {
    const { queue } = setup()
    const waiting = [queue.take(live), queue.take(live)]
    queue.close()
    expect(await Promise.all(waiting)).toEqual([undefined, undefined])
  })

  test("of a waiting worker leaves the key to the next one", async () => {
    const { queue } = setup()
    const stop = new AbortController()
    const waiting = queue.take(stop.signal)
    stop.abort(new Error("enough"))
    await expect(waiting).rejects.toThrow("enough")
    const next = queue.take(live)
    queue.add(a, "user")
    expect(await next).toEqual({ key: a, reason: "user" })
  })

  test("of the delay loop is prompt", async () => {
    const { queue, stop, running, clock } = setup()
    queue.addAfter(a, ms("1h"), "requeue")
    await clock.settle()
    stop.abort()
    await running
    expect(clock.pending).toEqual([])
  })
})
