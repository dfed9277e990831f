import { describe, expect, test } from "bun:test"
import {
  backoff,
  Changes,
  formatDuration,
  inParallel,
  isOrkError,
  ms,
  OrkError,
  parseDuration,
  type Random,
  rfc3339,
  rfc3339Micro,
  seeded,
  suffix,
  withDeadline,
} from "../../../src/base/mod.ts"
import { FakeClock } from "../../support/clock.ts"

const never: Random = { next: () => 0 }
const always: Random = { next: () => 1 - Number.EPSILON }

describe("durations", () => {
  test.each([
    ["0", 0],
    ["500ms", 500],
    ["30s", 30_000],
    ["1.5s", 1_500],
    ["1h30m", 5_400_000],
    ["30d", 2_592_000_000],
    ["2w", 1_209_600_000],
    ["1mo", 2_592_000_000],
    ["1y", 31_536_000_000],
    ["1m1ms", 60_001],
    [" 5s ", 5_000],
  ])("%p is %p ms", (text, wanted) => {
    expect(Number(parseDuration(text))).toBe(wanted)
  })

  test.each(["", "5", "s", "-5s", "5 s", "5S", "1h30", "1e3s", ".5s", `${"9".repeat(400)}y`])("%p is none", (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })

  test("a bad literal in code is an exception", () => {
    expect(() => ms("soon")).toThrow()
  })

  test.each([
    [0, "0s"],
    [1, "1ms"],
    [999, "999ms"],
    [999.6, "1s"],
    [1_500, "1.5s"],
    [59_940, "59.9s"],
    [59_999, "1m"],
    [600_000, "10m"],
    [5_400_000, "1h30m"],
    [90_061_000, "1d1h1m1s"],
  ])("%p ms prints as %p", (value, wanted) => {
    expect(formatDuration(value)).toBe(wanted)
  })

  test("what is printed reads back as the same length, from whole seconds up", () => {
    for (const seconds of [1, 59, 60, 61, 3_600, 86_399, 1_000_000]) {
      expect(Number(parseDuration(formatDuration(seconds * 1_000)))).toBe(seconds * 1_000)
    }
  })

  test("times print as the API server writes them", () => {
    expect(rfc3339(Date.UTC(2026, 0, 2, 3, 4, 5, 678))).toBe("2026-01-02T03:04:05Z")
    expect(rfc3339Micro(Date.UTC(2026, 0, 2, 3, 4, 5, 678))).toBe("2026-01-02T03:04:05.678000Z")
  })
})

describe("backoff", () => {
  const options = { initialMs: ms(5), maxMs: ms("5m"), factor: 2, jitter: 0.2 }

  test("doubles from the first delay up to the limit, and stays there for ever", () => {
    const delays = [0, 1, 2, 10, 15, 16, 1_000_000].map((attempt) => Number(backoff(attempt, never, options)))
    expect(delays).toEqual([5, 10, 20, 5_120, 163_840, 300_000, 300_000])
  })

  test("jitter only shortens, by its share at most", () => {
    expect(Number(backoff(100, always, options))).toBe(240_000)
    expect(Number(backoff(100, never, options))).toBe(300_000)
  })
})

describe("randomness", () => {
  test("the same seed gives the same sequence, another seed another", () => {
    const draw = (seed: number) =>
      Array.from(
        { length: 5 },
        (
          (random) => () =>
            random.next()
        )(seeded(seed)),
      )
    expect(draw(1)).toEqual(draw(1))
    expect(draw(1)).not.toEqual(draw(2))
    expect(draw(3).every((n) => n >= 0 && n < 1)).toBe(true)
  })

  test("suffixes have the asked length and no vowels, at both ends of the range", () => {
    expect(suffix(never, 5)).toBe("bbbbb")
    expect(suffix(always, 5)).toBe("99999")
    expect(suffix(seeded(1), 50)).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{50}$/)
  })
})

describe("withDeadline", () => {
  const limit = ms("10s")
  const tooLate = () => new OrkError("net/timeout", "too late")
  const stuck = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)))

  /** A signal that counts its listeners. */
  function counted(): { readonly controller: AbortController; readonly listeners: () => number } {
    const controller = new AbortController()
    const signal = controller.signal
    let count = 0
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      count++
      add(...args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      count--
      remove(...args)
    }
    return { controller, listeners: () => count }
  }

  test("gives the work's answer and leaves no timer and no listener behind", async () => {
    const clock = new FakeClock()
    const { controller, listeners } = counted()
    let during = 0
    const answer = await withDeadline(clock, { limit, signal: controller.signal, timeoutError: tooLate }, async () => {
      during = clock.pending.length + listeners()
      return 7
    })
    expect(answer).toBe(7)
    expect(during).toBe(2)
    expect(clock.pending).toHaveLength(0)
    expect(listeners()).toBe(0)
  })

  test("passes the work's error on and leaves nothing behind", async () => {
    const clock = new FakeClock()
    const failing = withDeadline(clock, { limit, signal: undefined, timeoutError: tooLate }, async () => {
      throw new OrkError("net/refused", "no")
    })
    expect(isOrkError(await failing.catch((error) => error), "net/refused")).toBe(true)
    expect(clock.pending).toHaveLength(0)
  })

  test("aborts the work at the limit and not a moment before", async () => {
    const clock = new FakeClock()
    let outcome: unknown
    const work = withDeadline(clock, { limit, signal: undefined, timeoutError: tooLate }, stuck).catch((error) => {
      outcome = error
    })
    await clock.advance(9_999)
    expect(outcome).toBeUndefined()
    await clock.advance(1)
    await work
    expect(isOrkError(outcome, "net/timeout")).toBe(true)
    expect(clock.pending).toHaveLength(0)
  })

  test("aborts the work with the caller's reason, also when it was aborted before", async () => {
    const clock = new FakeClock()
    const { controller, listeners } = counted()
    const work = withDeadline(clock, { limit, signal: controller.signal, timeoutError: tooLate }, stuck).catch(
      (error) => error,
    )
    controller.abort("stop")
    expect(await work).toBe("stop")
    const late = withDeadline(
      clock,
      { limit, signal: controller.signal, timeoutError: tooLate },
      async (signal) => signal.reason,
    )
    expect(await late).toBe("stop")
    expect(clock.pending).toHaveLength(0)
    expect(listeners()).toBe(0)
  })
})

describe("changes", () => {
  test("wake everybody who waits, once", async () => {
    const changes = new Changes()
    const { signal } = new AbortController()
    const both = Promise.all([changes.next(signal), changes.next(signal)])
    changes.notify()
    await both
    let woken = false
    void changes.next(signal).then(() => {
      woken = true
    })
    await new FakeClock().settle()
    expect(woken).toBe(false)
  })

  test("a wait ends with the signal's reason", async () => {
    const controller = new AbortController()
    const waiting = new Changes().next(controller.signal).catch((reason) => reason)
    controller.abort("stop")
    expect(await waiting).toBe("stop")
    expect(await new Changes().next(controller.signal).catch((reason) => reason)).toBe("stop")
  })
})

describe("inParallel", () => {
  test("never runs more than its limit and runs everything", async () => {
    const clock = new FakeClock()
    const done: number[] = []
    let running = 0
    let most = 0
    const all = inParallel([1, 2, 3, 4, 5], 2, async (item) => {
      most = Math.max(most, ++running)
      await clock.sleep(ms(item))
      running--
      done.push(item)
    })
    await clock.advance(100)
    await all
    expect(most).toBe(2)
    expect(done.sort()).toEqual([1, 2, 3, 4, 5])
  })

  test("one error does not stop the others, and is thrown at the end", async () => {
    const done: number[] = []
    const all = inParallel([1, 2, 3], 1, async (item) => {
      if (item === 1) throw new Error("first")
      done.push(item)
    })
    expect(await all.catch((error) => error)).toHaveProperty("message", "first")
    expect(done).toEqual([2, 3])
  })
})
