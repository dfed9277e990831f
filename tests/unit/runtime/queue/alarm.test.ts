import { expect, test } from "bun:test"
import { ms } from "../../../../src/base/mod.ts"
import { Alarm } from "../../../../src/runtime/queue/alarm.ts"
import { FakeClock } from "../../../support/clock.ts"

function setup() {
  const clock = new FakeClock(0)
  const stop = new AbortController()
  const alarm = new Alarm({ clock })
  const wait = async (duration?: number) => {
    await alarm.wait(duration === undefined ? undefined : ms(duration), stop.signal)
    return clock.nowMs()
  }
  return { clock, stop, alarm, wait }
}

test("a wait ends on time, at a ring, or at the stop, and leaves no sleep behind", async () => {
  const { clock, stop, alarm, wait } = setup()
  const onTime = wait(10)
  await clock.advance(20)
  expect(await onTime).toBe(10)
  const rung = wait(10)
  alarm.ring()
  expect(await rung).toBe(20)
  const endless = wait()
  await clock.advance("1h")
  alarm.ring()
  expect(await endless).toBe(3_600_020)
  const stopped = wait(10)
  stop.abort()
  await stopped
  await wait(10)
  expect(clock.pending).toEqual([])
})

test("a wait tells a ring from the end of the time", async () => {
  const { clock, stop, alarm } = setup()
  const inTime = alarm.wait(ms(10), stop.signal)
  await clock.advance(10)
  expect(await inTime).toBe(false)
  const rung = alarm.wait(ms(10), stop.signal)
  alarm.ring()
  expect(await rung).toBe(true)
})

test("a ring between two waits ends the next one, and only that", async () => {
  const { clock, alarm, wait } = setup()
  alarm.ring()
  alarm.ring()
  expect(await wait(10)).toBe(0)
  const next = wait(10)
  await clock.advance(20)
  expect(await next).toBe(10)
})
