import { expect, test } from "bun:test"
import { ms, seeded } from "../../../../src/base/mod.ts"
import { RateLimiter } from "../../../../src/runtime/mod.ts"
import { noJitter } from "../support.ts"

test("each key has its own exponential row up to the ceiling", () => {
  const limiter = new RateLimiter<string>({ random: noJitter }, { initialMs: ms(10), maxMs: ms(100) })
  const row = Array.from({ length: 6 }, () => Number(limiter.next("a")))
  expect(row).toEqual([10, 20, 40, 80, 100, 100])
  expect(Number(limiter.next("b"))).toBe(10)
})

test("jitter only shortens, by a fifth at most", () => {
  const limiter = new RateLimiter<string>({ random: seeded(1) }, { initialMs: ms(1_000), maxMs: ms(1_000) })
  const row = Array.from({ length: 100 }, () => Number(limiter.next("a")))
  expect(Math.min(...row)).toBeGreaterThanOrEqual(800)
  expect(Math.max(...row)).toBeLessThanOrEqual(1_000)
  expect(new Set(row).size).toBeGreaterThan(10)
})

test("a forgotten key starts anew", () => {
  const limiter = new RateLimiter<string>({ random: noJitter })
  limiter.next("a")
  limiter.next("a")
  expect(limiter.failures("a")).toBe(2)
  limiter.forget("a")
  expect(limiter.failures("a")).toBe(0)
  expect(Number(limiter.next("a"))).toBe(5)
})

test("above the bound the key that failed longest ago starts anew", () => {
  const limiter = new RateLimiter<string>({ random: noJitter }, { keysMax: 2 })
  for (const key of ["a", "b", "c"]) limiter.next(key)
  expect(["a", "b", "c"].map((key) => limiter.failures(key))).toEqual([0, 1, 1])
})
