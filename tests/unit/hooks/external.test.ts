import { describe, expect, test } from "bun:test"
import { ms, type OrkError, type Transport } from "../../../src/base/mod.ts"
import { answerBytesMax, type Call, callExternal } from "../../../src/hooks/mod.ts"
import { FakeClock } from "../../support/clock.ts"

const plain: Call = {
  method: "GET",
  url: "https://api.example.com/quota?token=secret",
  headers: {},
  body: undefined,
  timeoutMs: ms("10s"),
  expectedStatus: 0,
  mayReach: ({ host }) => host === "api.example.com",
}

const ask = (transport: Transport, call: Partial<Call> = {}, clock = new FakeClock()) =>
  callExternal(transport, { ...plain, ...call }, { clock, signal: new AbortController().signal })

/** The error of a call that does not answer. */
const refusalOf = async (transport: Transport, call: Partial<Call> = {}): Promise<OrkError> => {
  const [error] = await Promise.all([ask(transport, call).catch((thrown: OrkError) => thrown)])
  if (!("code" in error)) throw new Error("it answered")
  return error
}

const moved = (to: string, status = 302) => new Response(null, { status, headers: { location: to } })

describe("an external call", () => {
  test("sends what it is told, but never another host", async () => {
    const sent: Request[] = []
    const body = '{"a":1}'
    const headers = { "x-a": "b", host: "evil.example.com" }
    const keep: Transport = async (request) => {
      sent.push(request)
      return new Response("ok")
    }
    const answer = await ask(keep, { method: "POST", body, headers })
    expect(answer).toEqual({ status: 200, body: "ok", error: undefined })
    const [request] = sent
    expect([request?.method, request?.url, await request?.text()]).toEqual(["POST", plain.url, body])
    expect(request?.headers.get("x-a")).toBe("b")
    expect(request?.headers.get("host")).toBeNull()
  })

  test("fails by its status, and keeps what was answered", async () => {
    const teapot: Transport = async () => new Response("short and stout", { status: 418 })
    const answer = await ask(teapot)
    expect(answer).toMatchObject({ status: 418, body: "short and stout" })
    expect(answer.error?.code).toBe("external/failed")
    expect((await ask(teapot, { expectedStatus: 418 })).error).toBeUndefined()
    expect((await ask(async () => new Response("x"), { expectedStatus: 418 })).error?.code).toBe("external/failed")
  })

  test("is told when it may come again", async () => {
    const headers = { "retry-after": "7" }
    expect((await ask(async () => new Response("", { status: 429, headers }))).error?.retryAfterMs).toBe(7_000)
  })

  test("says method, origin and path, and nothing of the query", async () => {
    const { error } = await ask(async () => new Response("", { status: 500 }))
    expect(error?.message).toBe("GET https://api.example.com/quota: answered 500")
  })

  test("reads up to its bound, and not one byte more", async () => {
    const whole = await ask(async () => new Response("x".repeat(answerBytesMax)))
    expect(whole.body).toHaveLength(answerBytesMax)
    const error = await refusalOf(async () => new Response("x".repeat(answerBytesMax + 1)))
    expect(error.code).toBe("external/failed")
  })

  test("ends when its time is over, also in the middle of an answer", async () => {
    const clock = new FakeClock()
    const silent: Transport = ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)))
    const waiting = ask(silent, {}, clock).catch((error: OrkError) => error)
    await clock.advance("9s")
    expect(clock.pending).not.toHaveLength(0)
    await clock.advance("2s")
    expect(await waiting).toMatchObject({ code: "external/failed", retryable: true })
  })

  test("follows a redirect to the same origin, and no other", async () => {
    const urls: string[] = []
    const answer = await ask(async ({ url }) => {
      urls.push(url)
      return urls.length === 1 ? moved("/elsewhere") : new Response("there")
    })
    expect([answer.body, urls[1]]).toEqual(["there", "https://api.example.com/elsewhere"])
    for (const to of ["https://evil.example.com/", "http://api.example.com/", "//evil.example.com"]) {
      expect((await refusalOf(async () => moved(to))).code).toBe("external/refused")
    }
    expect((await refusalOf(async () => moved("/again"))).code).toBe("external/failed")
    const posted = await ask(async () => moved("https://evil.example.com/"), { method: "POST" })
    expect(posted.status).toBe(302)
  })

  test("is not made to what it may not reach", async () => {
    let calls = 0
    const count: Transport = async () => {
      calls++
      return new Response("")
    }
    for (const url of [
      "https://evil.example.com/",
      "https://api.example.com.evil.com/",
      "https://api.example.com@evil.example.com/",
      "https://user:pass@api.example.com/",
      "https://api.example.com:8443/",
      "http://169.254.169.254/latest",
      "file:///etc/passwd",
      "no address",
    ]) {
      const error = await refusalOf(count, { url })
      expect([url, error.code]).toEqual([url, "external/refused"])
    }
    expect(calls).toBe(0)
  })

  test("is not made with a header that would be another one", async () => {
    const error = await refusalOf(async () => new Response(""), { headers: { "x-a": "b\r\nx-b: c" } })
    expect(error.code).toBe("external/refused")
    expect(error.message).not.toContain("x-b")
  })

  test("says why a server cannot be reached", async () => {
    const error = await refusalOf(async () => {
      throw Object.assign(new Error("connect to secret"), { code: "ECONNREFUSED" })
    })
    expect(error.message).toBe(
      "GET https://api.example.com/quota: could not be reached: nobody listens there (ECONNREFUSED)",
    )
  })
})
