import { describe, expect, test } from "bun:test"
import { compose, logger, ms, OrkError, seeded, type Transport } from "../../../../src/base/mod.ts"
import { requestLog } from "../../../../src/runtime/client/middleware/request-log.ts"
import { type RetryAfterOptions, retryAfter } from "../../../../src/runtime/client/middleware/retry-after.ts"
import { throttle } from "../../../../src/runtime/client/middleware/throttle.ts"
import { userAgent } from "../../../../src/runtime/client/middleware/user-agent.ts"
import { FakeClock } from "../../../support/clock.ts"
import { failure } from "./resources.ts"

const noJitter = { next: () => 0 }

/** A server that gives its answers in order, then the last one for ever, and remembers the bodies that it got. */
function server(...answers: readonly (() => Response)[]) {
  const bodies: string[] = []
  const transport: Transport = async (request) => {
    bodies.push(await request.text())
    return (answers[bodies.length - 1] ?? answers.at(-1) ?? ok)()
  }
  return { bodies, transport }
}

const ok = () => new Response("ok")
const busy = (status: number, after?: string, body = "busy") =>
  new Response(body, { status, headers: after === undefined ? {} : { "retry-after": after } })

function patch(signal?: AbortSignal): Request {
  return new Request("http://host/x", { method: "PATCH", body: "body", ...(signal ? { signal } : {}) })
}

describe("retry-after", () => {
  function setup(answers: readonly (() => Response)[], options?: RetryAfterOptions) {
    const clock = new FakeClock()
    const { bodies, transport } = server(...answers)
    return { clock, bodies, send: compose([retryAfter({ clock, random: noJitter }, options)], transport) }
  }

  test("waits as long as the server asks, then sends the same body again", async () => {
    const { clock, bodies, send } = setup([() => busy(429, "2"), ok])
    const answer = send(patch())
    await clock.advance("1999ms")
    expect(bodies).toEqual(["body"])
    await clock.advance("1ms")
    expect((await answer).status).toBe(200)
    expect(bodies).toEqual(["body", "body"])
  })

  test("understands a date", async () => {
    const at = new Date(new FakeClock().nowMs() + 5_000).toUTCString()
    const { clock, bodies, send } = setup([() => busy(503, at), ok])
    const answer = send(new Request("http://host/x"))
    await clock.advance("4s")
    expect(bodies).toHaveLength(1)
    await clock.advance("1s")
    expect((await answer).status).toBe(200)
  })

  test.each([
    ["a 429 without the header", () => busy(429), "PATCH"],
    ["a 503 of a write, which may have been carried out", () => busy(503, "1"), "PATCH"],
    ["a wait that is too long", () => busy(429, "31"), "GET"],
    ["an ordinary error", () => busy(500, "1"), "GET"],
  ])("leaves %s to the caller", async (_, answer, method) => {
    const { bodies, send } = setup([answer])
    expect((await send(new Request("http://host/x", { method }))).ok).toBe(false)
    expect(bodies).toHaveLength(1)
  })

  test("gives up after the last try", async () => {
    const { clock, bodies, send } = setup([() => busy(429, "1")], { triesMax: 3 })
    const answer = send(patch())
    await clock.advance("1h")
    expect((await answer).status).toBe(429)
    expect(bodies).toHaveLength(3)
  })

  test("asks a kind that is being set up again within milliseconds", async () => {
    const { clock, send } = setup([() => busy(429, "1", '{"message":"storage is (re)initializing"}'), ok])
    const answer = send(patch())
    await clock.advance("20ms")
    expect((await answer).status).toBe(200)
  })

  test("ends its wait with the signal's reason", async () => {
    const controller = new AbortController()
    const { clock, send } = setup([() => busy(429, "1")])
    const answer = failure(send(patch(controller.signal)))
    await clock.advance(1)
    const reason = new Error("enough")
    controller.abort(reason)
    expect(await answer).toBe(reason)
    expect(clock.pending).toEqual([])
  })
})

describe("throttle", () => {
  test("lets a burst through, then one at a time, and pauses refill the burst", async () => {
    const clock = new FakeClock()
    const { bodies, transport } = server(ok)
    const send = compose([throttle({ clock }, { requestsPerSecond: 10, burst: 2 })], transport)
    const all = [1, 2, 3, 4].map(() => send(patch()))
    await clock.settle()
    expect(bodies).toHaveLength(2)
    await clock.advance("100ms")
    expect(bodies).toHaveLength(3)
    await clock.advance("100ms")
    expect(bodies).toHaveLength(4)
    await Promise.all(all)
    await clock.advance("1h")
    const later = [1, 2, 3].map(() => send(patch()))
    await clock.settle()
    expect(bodies).toHaveLength(6)
    await clock.advance("100ms")
    await Promise.all(later)
  })

  test("gives the place of an aborted request to the next", async () => {
    const clock = new FakeClock()
    const { bodies, transport } = server(ok)
    const send = compose([throttle({ clock }, { requestsPerSecond: 1, burst: 1 })], transport)
    await send(patch())
    const controller = new AbortController()
    const gone = failure(send(patch(controller.signal)))
    await clock.settle()
    controller.abort(new Error("enough"))
    expect(await gone).toMatchObject({ message: "enough" })
    const next = send(patch())
    await clock.advance("1s")
    await next
    expect(bodies).toHaveLength(2)
  })
})

test("the user agent names the product", async () => {
  let seen: string | null = null
  const send = compose([userAgent("ork/1.2.3")], async (request) => {
    seen = request.headers.get("user-agent")
    return ok()
  })
  await send(patch())
  expect<string | null>(seen).toBe("ork/1.2.3")
})

test("the log names method, path, status and duration, and nothing of the body, the query or the headers", async () => {
  const clock = new FakeClock()
  const lines: unknown[] = []
  const log = logger((level, message, fields) => lines.push({ level, message, ...fields }))
  const send = compose([requestLog({ clock, log })], async () => {
    await clock.sleep(ms(7))
    return ok()
  })
  const headers = { authorization: "secret" }
  const answer = send(new Request("http://host/a/b?token=secret", { method: "POST", body: "secret", headers }))
  await clock.advance(7)
  await answer
  expect(lines).toEqual([
    { level: "debug", message: "request", method: "POST", path: "/a/b", status: 200, durationMs: 7 },
  ])
  const refuse = compose([requestLog({ clock, log })], () => Promise.reject(new OrkError("net/refused", "no")))
  expect(await failure(refuse(patch()))).toMatchObject({ code: "net/refused" })
  expect(lines[1]).toMatchObject({ code: "net/refused" })
})

test("chance makes a wait longer, never shorter", async () => {
  const clock = new FakeClock()
  const { bodies, transport } = server(() => busy(429, "10"), ok)
  const answer = compose([retryAfter({ clock, random: seeded(1) })], transport)(patch())
  await clock.advance("10s")
  expect(bodies).toHaveLength(1)
  await clock.advance("1s")
  expect((await answer).status).toBe(200)
})
