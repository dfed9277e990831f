import { describe, expect, test } from "bun:test"
import { flightSlots } from "../../../../src/runtime/client/flight-slots.ts"
import { failure } from "./resources.ts"

const signal = new AbortController().signal
const turn = () => new Promise((resolve) => setImmediate(resolve))

describe("flight slots", () => {
  test("keep the reserve for urgent calls, which may use every slot", async () => {
    const slots = flightSlots({ max: 3, reserved: 1 })
    for (let i = 0; i < 2; i++) await slots.take({ urgent: false, signal })
    const third = slots.take({ urgent: false, signal })
    await turn()
    expect(slots).toMatchObject({ inFlight: 2, waiting: 1 })
    const urgent = await slots.take({ urgent: true, signal })
    expect(slots.inFlight).toBe(3)
    urgent[Symbol.dispose]()
    await turn()
    expect(slots).toMatchObject({ inFlight: 2, waiting: 1 })
    third.catch(() => undefined)
  })

  test("go to urgent waiters first, then in order; giving one back twice counts once", async () => {
    const slots = flightSlots({ max: 1, reserved: 0 })
    const held = await slots.take({ urgent: false, signal })
    const order: string[] = []
    const wait = async (name: string, urgent: boolean) => {
      const slot = await slots.take({ urgent, signal })
      order.push(name)
      slot[Symbol.dispose]()
    }
    const all = Promise.all([wait("first", false), wait("second", false), wait("urgent", true)])
    held[Symbol.dispose]()
    held[Symbol.dispose]()
    await all
    expect(order).toEqual(["urgent", "first", "second"])
    expect(slots).toMatchObject({ inFlight: 0, waiting: 0 })
  })

  test("forget a waiter whose signal aborts, and refuse one over the limit", async () => {
    const slots = flightSlots({ max: 1, reserved: 0, waitingMax: 1 })
    await slots.take({ urgent: false, signal })
    const controller = new AbortController()
    const waiting = failure(slots.take({ urgent: false, signal: controller.signal }))
    expect(await failure(slots.take({ urgent: false, signal }))).toMatchObject({ code: "api/throttled" })
    const reason = new Error("enough")
    controller.abort(reason)
    expect(await waiting).toBe(reason)
    expect(slots.waiting).toBe(0)
    expect(await failure(slots.take({ urgent: false, signal: controller.signal }))).toBe(reason)
  })
})
