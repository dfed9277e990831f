import { describe, expect, test } from "bun:test"
import {
  assert,
  Bug,
  type Code,
  compose,
  err,
  Heap,
  isOrkError,
  Lru,
  logger,
  type Middleware,
  messageOf,
  never,
  noMetrics,
  OrkError,
  ok,
  Ring,
  retryable,
  seeded,
} from "../../../src/base/mod.ts"

describe("heap", () => {
  test("gives every item back in order", () => {
    const random = seeded(7)
    const numbers = Array.from({ length: 500 }, () => Math.floor(random.next() * 100))
    const heap = new Heap<number>((a, b) => a < b)
    for (const number of numbers) heap.push(number)
    expect(heap.size).toBe(500)
    const drained: number[] = []
    for (let top = heap.pop(); top !== undefined; top = heap.pop()) drained.push(top)
    expect(drained).toEqual([...numbers].sort((a, b) => a - b))
  })

  test("keeps its order when pushes and pops alternate, and is empty in the end", () => {
    const heap = new Heap<number>((a, b) => a < b)
    for (const number of [5, 1, 4]) heap.push(number)
    expect([heap.pop(), heap.peek()]).toEqual([1, 4])
    heap.push(0)
    expect([heap.pop(), heap.pop(), heap.pop(), heap.pop(), heap.peek()]).toEqual([0, 4, 5, undefined, undefined])
    expect(heap.size).toBe(0)
  })
})

describe("lru", () => {
  test("keeps its limit; one more costs the entry used longest ago", () => {
    const lru = new Lru<string, number>(2)
    lru.set("a", 1)
    lru.set("b", 2)
    expect(lru.size).toBe(2)
    expect(lru.get("a")).toBe(1)
    lru.set("c", 3)
    expect(lru.size).toBe(2)
    expect([lru.get("a"), lru.get("b"), lru.get("c")]).toEqual([1, undefined, 3])
  })

  test("setting an entry again renews it without growing", () => {
    const lru = new Lru<string, number>(2)
    lru.set("a", 1)
    lru.set("b", 2)
    lru.set("a", 3)
    lru.set("c", 4)
    expect([lru.get("a"), lru.get("b")]).toEqual([3, undefined])
    lru.delete("a")
    expect([lru.size, lru.get("a")]).toEqual([1, undefined])
  })
})

describe("ring", () => {
  test("keeps its limit in order; one more drops the oldest and counts it", () => {
    const ring = new Ring<number>(3)
    for (const item of [1, 2, 3]) ring.push(item)
    expect([ring.toArray(), ring.dropped]).toEqual([[1, 2, 3], 0])
    ring.push(4)
    expect([ring.toArray(), ring.dropped]).toEqual([[2, 3, 4], 1])
  })

  test("hands out a copy", () => {
    const ring = new Ring<number>(3)
    const before = ring.toArray()
    ring.push(1)
    expect(before).toEqual([])
  })
})

describe("results, errors and assertions", () => {
  test("a result is a value", () => {
    expect([ok(1), err("no")]).toEqual([
      { ok: true, value: 1 },
      { ok: false, error: "no" },
    ])
  })

  test("a false invariant is a Bug", () => {
    expect(() => assert(true, "fine")).not.toThrow()
    expect(() => assert(0, "wrong")).toThrow(Bug)
    // A value that the types rule out, as JSON could deliver it.
    expect(() => never("x" as never)).toThrow(Bug)
  })

  test("an error knows its code, its cause and whether another try can help", () => {
    const cause = new Error("below")
    const error = new OrkError("api/throttled", "Shop/a: slow down", { name: "a" }, { cause, retryAfterMs: 5 })
    expect(error).toMatchObject({
      code: "api/throttled",
      retryable: true,
      retryAfterMs: 5,
      context: { name: "a" },
      cause,
    })
    expect(new OrkError("api/invalid", "x").retryable).toBe(false)
    expect("cause" in new OrkError("api/invalid", "x")).toBe(false)
  })

  test("errors are told apart by code", () => {
    const error = new OrkError("api/conflict", "x")
    expect(isOrkError(error)).toBe(true)
    expect(isOrkError(error, "api/invalid", "api/conflict")).toBe(true)
    expect(isOrkError(error, "api/invalid")).toBe(false)
    expect(isOrkError(new Error("api/conflict"))).toBe(false)
  })

  test("what the world cannot mend by itself is never tried again unchanged", () => {
    const terminal: readonly Code[] = [
      "api/invalid",
      "api/bad-request",
      "api/too-large",
      "template/type",
      "config/file",
    ]
    const passing: readonly Code[] = [
      "api/conflict",
      "api/unavailable",
      "api/unauthorized",
      "api/unknown-kind",
      "net/closed",
      "net/timeout",
      "net/refused",
      "api/expired",
    ]
    expect(terminal.filter((code) => retryable[code])).toEqual([])
    expect(passing.filter((code) => !retryable[code])).toEqual([])
  })

  test("any thrown value has a text without a stack", () => {
    expect([messageOf(new Error("a")), messageOf("b"), messageOf(undefined)]).toEqual(["a", "b", "undefined"])
  })
})

describe("ports", () => {
  test("a logger adds its fields to every line, the line's own win", () => {
    const lines: unknown[] = []
    const log = logger((level, message, fields) => lines.push([level, message, fields])).with({
      operator: "shop",
      key: "a",
    })
    log.debug("one")
    log.info("two", { key: "b" })
    log.with({ code: "x" }).warn("three")
    log.error("four")
    expect(lines).toEqual([
      ["debug", "one", { operator: "shop", key: "a" }],
      ["info", "two", { operator: "shop", key: "b" }],
      ["warn", "three", { operator: "shop", key: "a", code: "x" }],
      ["error", "four", { operator: "shop", key: "a" }],
    ])
  })

  test("a logger drops what matters less than its lowest level, from every logger made of it", () => {
    const lines: unknown[] = []
    const log = logger((level) => lines.push(level), "warn").with({ operator: "shop" })
    log.debug("one")
    log.info("two")
    log.warn("three")
    log.error("four")
    expect(lines).toEqual(["warn", "error"])
  })

  test("the first layer of a transport sees a request first and its answer last", async () => {
    const seen: string[] = []
    const layer =
      (name: string): Middleware =>
      (next) =>
      async (request) => {
        seen.push(`${name} asks`)
        const response = await next(request)
        seen.push(`${name} has`)
        return response
      }
    const transport = compose([layer("a"), layer("b")], async () => new Response("ok"))
    expect(await (await transport(new Request("http://127.0.0.1/"))).text()).toBe("ok")
    expect(seen).toEqual(["a asks", "b asks", "b has", "a has"])
  })

  test("metrics that nobody wants cost nothing and throw nothing", () => {
    noMetrics.count("x", {})
    noMetrics.gauge("x", {}, 1)
    noMetrics.observe("x", {}, 1)
    noMetrics.forget({})
    expect(Object.keys(noMetrics)).toHaveLength(4)
  })
})
