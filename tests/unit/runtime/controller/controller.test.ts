import { describe, expect, test } from "bun:test"
import { Bug, ms, OrkError } from "../../../../src/base/mod.ts"
import { objectKey } from "../../../../src/kube/mod.ts"
import {
  Controller,
  type ControllerOptions,
  LeadershipLost,
  type Outcome,
  type PassReport,
  type Reason,
  Workqueue,
} from "../../../../src/runtime/mod.ts"
import { FakeClock } from "../../../support/clock.ts"
import { noJitter, recordingLog, recordingMetrics } from "../support.ts"

const a = objectKey("shop", "a")
const b = objectKey("shop", "b")
const crd = "example.com/v1, Kind=Widget"

type Pass = (pass: { key: string; reason: Reason; signal: AbortSignal; clock: FakeClock }) => Promise<Outcome>

function setup(pass: Pass, more: Partial<ControllerOptions> = {}) {
  const clock = new FakeClock(0)
  const queue = new Workqueue({ clock, random: noJitter })
  const { log, lines } = recordingLog()
  const { metrics, values } = recordingMetrics()
  const reports: PassReport[] = []
  const reconciler = {
    reconcile: (key: string, context: { reason: Reason; signal: AbortSignal }) => pass({ key, ...context, clock }),
  }
  const controller = new Controller(
    { queue, reconciler, clock, log, metrics },
    { name: "widget", gvk: crd, workers: 1, onPass: (report) => reports.push(report), ...more },
  )
  const stop = new AbortController()
  const running = Promise.all([controller.run(stop.signal), queue.run(stop.signal)])
  return { clock, queue, lines, values, reports, controller, stop, running }
}

const done: Outcome = { kind: "done" }
const again: Outcome = { kind: "again", afterMs: ms("30s"), why: "renewal" }
const waiting: Outcome = { kind: "waiting", on: "Secret/shop/tls", afterMs: ms("5s") }
const gated: Outcome = { kind: "gated", why: "night" }
const stalled: Outcome = { kind: "stalled", why: "denied" }
const refused = new OrkError("api/unavailable", "no")
const throttled = new OrkError("api/throttled", "slowly", {}, { retryAfterMs: 7_000 })
const conflict = new OrkError("api/conflict", "stale")
const forbidden = new OrkError("api/forbidden", "never")
const bug = new Bug("oops")

test("a pass that begins takes the place of what was planned before", async () => {
  const outcomes: Outcome[] = [waiting, done]
  const { clock, queue, reports, stop, running } = setup(async () => outcomes.shift() ?? done)
  queue.add(a, "initial")
  await clock.settle()
  queue.add(a, "child")
  await clock.settle()
  expect(queue.placeOf(a)).toEqual({ kind: "rest" })
  await clock.advance("1m")
  expect(reports.map(({ outcome }) => outcome)).toEqual(["waiting", "success"])
  stop.abort()
  await running
})

describe("the outcome table", () => {
  const rows: [string, Outcome | Error, string, "success" | "error", number | undefined, string][] = [
    ["done", done, "success", "success", undefined, "debug"],
    ["again", again, "requeue", "success", 30_000, "debug"],
    ["waiting", waiting, "waiting", "success", 5_000, "info"],
    ["gated", gated, "gated", "success", undefined, "debug"],
    ["stalled", stalled, "stalled", "success", undefined, "warn"],
    ["a retryable error", refused, "error", "error", 5, "warn"],
    ["an error with Retry-After", throttled, "error", "error", 7_000, "warn"],
    ["a conflict", conflict, "requeue", "success", 5, "debug"],
    ["a permanent error", forbidden, "terminal", "error", undefined, "error"],
    ["a bug", bug, "panic", "error", 5, "error"],
    ["a value that is no error", Object.assign(new Error("x"), { name: "Strange" }), "panic", "error", 5, "error"],
  ]
  test.each(rows)("for %p", async (_, result, outcome, counted, afterMs, level) => {
    const seen: number[] = []
    const { clock, queue, reports, values, lines } = setup(async () => {
      seen.push(clock.nowMs())
      if (seen.length > 1) return done
      if (result instanceof Error) throw result
      return result
    })
    queue.add(a, "user")
    await clock.settle()
    expect(reports).toMatchObject([{ key: a, reason: "user", outcome }])
    expect(reports[0]?.error === undefined).toBe(counted === "success")
    expect(values.get(`controller_reconcile_total{${crd},${counted}}`)).toBe(1)
    expect(values.get(`ork_reconcile_outcome_total{${crd},${outcome}}`)).toBe(1)
    expect(lines.map((line) => line.level)).toEqual([level as "debug"])
    expect(lines[0]?.fields).toMatchObject({ operator: "widget", key: a, reason: "user" })
    await clock.advance("1h")
    expect(seen).toEqual(afterMs === undefined ? [0] : [0, afterMs])
  })

  test("success in between starts the backoff anew, failure in a row lengthens it", async () => {
    const at: number[] = []
    const { clock, queue } = setup(async () => {
      at.push(clock.nowMs())
      if (at.length !== 4) throw refused
      return { kind: "again", afterMs: ms(1), why: "" }
    })
    queue.add(a, "user")
    await clock.advance(60)
    expect(at.slice(0, 7)).toEqual([0, 5, 15, 35, 36, 41, 51])
  })

  test("an error that is no use to retry starts the backoff anew", async () => {
    const results = [refused, refused, forbidden, refused, done]
    const at: number[] = []
    const { clock, queue } = setup(async () => {
      at.push(clock.nowMs())
      const result = results.shift() ?? done
      if (result instanceof Error) throw result
      return result
    })
    queue.add(a, "user")
    await clock.advance(100)
    queue.add(a, "user")
    await clock.advance(100)
    expect(at).toEqual([0, 5, 15, 100, 105])
  })

  test("an error that stays is retried for ever, at least every five minutes", async () => {
    let passes = 0
    const { clock, queue } = setup(async () => {
      passes++
      throw refused
    })
    queue.add(a, "user")
    await clock.advance("24h")
    expect(passes).toBeGreaterThan(288)
    expect(passes).toBeLessThan(310)
  })

  test("the same wait is told once, another one again", async () => {
    const on = ["x", "x", "y"]
    const { clock, queue, lines } = setup(async () => ({ kind: "waiting", on: on.shift() ?? "y", afterMs: ms("1s") }))
    queue.add(a, "user")
    await clock.advance(3_500)
    expect(lines.map((line) => line.level)).toEqual(["info", "debug", "info", "debug"])
  })
})

describe("workers", () => {
  test("are as many as asked for, and their states and gauges are visible", async () => {
    const { clock, queue, controller, values } = setup(
      async ({ signal }) => {
        await clock.sleep(ms("1m"), signal)
        return done
      },
      { workers: 2 },
    )
    for (const key of [a, b, objectKey("shop", "c")]) queue.add(key, "user")
    await clock.settle()
    expect(controller.workerStates).toEqual(["processing", "processing"])
    expect(values.get(`controller_workers_processing{${crd}}`)).toBe(2)
    expect(values.get(`controller_queue_depth{${crd}}`)).toBe(1)
    await clock.advance("1m")
    expect(values.get(`controller_reconcile_duration_seconds{${crd}}`)).toBe(60)
    await clock.advance("1m")
    expect(controller.workerStates).toEqual(["idle", "idle"])
    expect(values.get(`controller_workers_processing{${crd}}`)).toBe(0)
  })

  test("survive a listener that throws", async () => {
    const { clock, queue, controller } = setup(async () => done, {
      onPass: () => {
        throw new Error("listener")
      },
    })
    queue.add(a, "user")
    await clock.settle()
    expect(controller.workerStates).toEqual(["idle"])
    expect(queue.processing).toBe(0)
  })
})

describe("a stop", () => {
  const slow: Pass = async ({ signal, clock }) => {
    await clock.sleep(ms("1m"), signal)
    return done
  }

  test("takes no new key, and lets the running pass finish", async () => {
    const { clock, queue, controller, stop, running, reports } = setup(slow, { drainMs: ms("2m") })
    queue.add(a, "user")
    queue.add(b, "user")
    await clock.settle()
    stop.abort()
    await clock.advance("1m")
    await running
    expect(reports.map((report) => report.key)).toEqual([a])
    expect([queue.depth, queue.processing]).toEqual([1, 0])
    expect(controller.workerStates).toEqual(["stopped"])
    expect(clock.pending).toEqual([])
  })

  test("aborts what runs longer than the drain deadline, and keeps its key", async () => {
    const { clock, queue, stop, running, reports } = setup(slow, { drainMs: ms("10s") })
    queue.add(a, "user")
    await clock.settle()
    stop.abort()
    await clock.advance(9_999)
    expect(queue.processing).toBe(1)
    await clock.advance(1)
    await running
    expect(reports).toEqual([])
    expect([queue.depth, queue.processing]).toEqual([1, 0])
  })

  test("for lost leadership aborts at once", async () => {
    let reason: unknown
    const { clock, queue, stop, running } = setup(async ({ signal }) => {
      await clock.sleep(ms("1m"), signal).catch(() => undefined)
      reason = signal.reason
      return done
    })
    queue.add(a, "user")
    await clock.settle()
    stop.abort(new LeadershipLost("late"))
    await running
    expect(reason).toBeInstanceOf(LeadershipLost)
  })
})
