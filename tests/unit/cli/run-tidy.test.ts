import { describe, expect, test } from "bun:test"
import { Stopped } from "../../../src/base/mod.ts"
import { tidyAtRest } from "../../../src/cli/commands/run-tidy.ts"
import { FakeClock } from "../../support/clock.ts"

/** Two operators that do nothing by themselves, and how often was tidied. */
function resting() {
  const clock = new FakeClock()
  const stop = new AbortController()
  const counts = { first: 0, second: 0, tidied: 0 }
  const operators = [
    {
      health: {
        get total() {
          return counts.first
        },
      },
    },
    {
      health: {
        get total() {
          return counts.second
        },
      },
    },
  ]
  const tidy = () => void counts.tidied++
  const running = tidyAtRest({ fleet: { operators } }, { clock, tidy, signal: stop.signal }).catch(() => undefined)
  const end = async () => {
    stop.abort(new Stopped("test"))
    await running
  }
  return { clock, counts, [Symbol.asyncDispose]: end }
}

describe("memory is given back", () => {
  test("once after a start, when nothing is left to do", async () => {
    await using world = resting()
    const { clock, counts } = world
    for (let look = 0; look < 5; look++) {
      counts.second += 10
      await clock.advance("3s")
    }
    expect(counts.tidied).toBe(0)
    await clock.advance("1h")
    expect(counts.tidied).toBe(1)
  })

  test("again after a lot of work, and not after a little", async () => {
    await using world = resting()
    const { clock, counts } = world
    await clock.advance("10s")
    counts.first += 499
    await clock.advance("10s")
    expect(counts.tidied).toBe(1)
    counts.second += 1
    await clock.advance("10s")
    expect(counts.tidied).toBe(2)
  })

  test("after operators were replaced, whose counts begin anew", async () => {
    await using world = resting()
    const { clock, counts } = world
    counts.first = 10_000
    await clock.advance("10s")
    counts.first = 0
    await clock.advance("10s")
    counts.first = 500
    await clock.advance("10s")
    expect(counts.tidied).toBe(2)
  })
})
