import { describe, expect, test } from "bun:test"
import { getEventListeners } from "node:events"
import { ms } from "../../../../src/base/mod.ts"
import type { WatchEvent } from "../../../../src/runtime/client/api.ts"
import { type WatchStreamOptions, watchEvents } from "../../../../src/runtime/client/watch-stream.ts"
import { FakeClock } from "../../../support/clock.ts"
import { failure } from "./resources.ts"

/** A stream that the test feeds, and that tells whether it was cancelled. */
function source() {
  let feed: ReadableStreamDefaultController<Uint8Array> | undefined
  const seen = { cancelled: false }
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      feed = controller
    },
    cancel() {
      seen.cancelled = true
    },
  })
  const bytes = (value: string | Uint8Array) => (typeof value === "string" ? new TextEncoder().encode(value) : value)
  return {
    response: new Response(body),
    seen,
    push: (value: string | Uint8Array) => feed?.enqueue(bytes(value)),
    close: () => feed?.close(),
    fail: (error: Error) => feed?.error(error),
  }
}

const added = (name: string) => ({
  type: "ADDED",
  object: { apiVersion: "v1", kind: "ConfigMap", metadata: { name } },
})
const line = (value: unknown) => `${JSON.stringify(value)}\n`

async function collect(events: AsyncIterable<WatchEvent>): Promise<readonly WatchEvent[]> {
  const all: WatchEvent[] = []
  for await (const event of events) all.push(event)
  return all
}

function open(overrides: Partial<WatchStreamOptions> = {}) {
  const stream = source()
  const clock = new FakeClock()
  const options = { clock, subject: "ConfigMap: watch", signal: undefined, ...overrides }
  return { ...stream, clock, events: collect(watchEvents(stream.response, options)) }
}

describe("a watch stream", () => {
  test("gives whole events from lines and characters that are split anywhere", async () => {
    const { events, push, close, clock } = open()
    const bytes = new TextEncoder().encode(line(added("größe-€-😀")) + line(added("b")))
    for (const byte of bytes) push(Uint8Array.of(byte))
    close()
    expect(await events).toMatchObject([{ object: { metadata: { name: "größe-€-😀" } } }, added("b")])
    expect(clock.pending).toEqual([])
  })

  test("gives several events from one chunk, skips empty lines and drops a line that was cut off", async () => {
    const { events, push, close } = open()
    push(`${line(added("a"))}\n${line(added("b"))}{"type":"ADD`)
    close()
    expect(await events).toMatchObject([added("a"), added("b")])
  })

  test("tells bookmarks, and which one ends the initial events", async () => {
    const { events, push, close } = open()
    const bookmark = (metadata: object) => line({ type: "BOOKMARK", object: { kind: "ConfigMap", metadata } })
    push(bookmark({ resourceVersion: "5", annotations: { "k8s.io/initial-events-end": "true" } }))
    push(bookmark({ resourceVersion: "6" }))
    close()
    expect(await events).toEqual([
      { type: "BOOKMARK", resourceVersion: "5", initialEventsEnd: true },
      { type: "BOOKMARK", resourceVersion: "6", initialEventsEnd: false },
    ])
  })

  test("ends with the server's error, typed, and gives the connection up", async () => {
    const { events, push, seen } = open()
    push(line({ type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired", message: "too old" } }))
    expect(await failure(events)).toMatchObject({ code: "api/expired" })
    expect(seen.cancelled).toBe(true)
  })

  test.each(["not json\n", "[]\n", `${line({ type: "NEWS", object: {} })}`, line({ type: "ADDED", object: {} })])(
    "refuses a line that is no event: %j",
    async (text) => {
      const { events, push } = open()
      push(text)
      expect(await failure(events)).toMatchObject({ code: "api/unavailable" })
    },
  )

  test("takes a line at its limit and refuses the one that is a character longer", async () => {
    const text = line(added("x")).trimEnd()
    const fits = open({ lineMax: text.length })
    fits.push(`${text}\n`)
    fits.close()
    expect(await fits.events).toHaveLength(1)
    const tooLong = open({ lineMax: text.length - 1 })
    tooLong.push(text)
    expect(await failure(tooLong.events)).toMatchObject({ code: "api/too-large" })
    expect(tooLong.seen.cancelled).toBe(true)
  })

  test("is given up after silence on the clock, not before; every byte starts the silence anew", async () => {
    const { events, push, clock, seen } = open({ silenceMax: ms("3m") })
    const ended = failure(events)
    await clock.advance("2m59s")
    push("\n")
    await clock.settle()
    await clock.advance("2m59s")
    expect(seen.cancelled).toBe(false)
    await clock.advance("1s")
    expect(await ended).toMatchObject({ code: "net/timeout" })
    expect(seen.cancelled).toBe(true)
    expect(clock.pending).toEqual([])
  })

  test.each([-3_600_000, 3_600_000])("notices silence, and no other, when the time is set by %i ms", async (byMs) => {
    const { events, push, clock, seen } = open({ silenceMax: ms("3m") })
    const ended = failure(events)
    push("\n")
    await clock.advance("2m")
    clock.set(byMs)
    push("\n")
    await clock.settle()
    await clock.advance("2m59s")
    expect(seen.cancelled).toBe(false)
    await clock.advance("1s")
    expect(await ended).toMatchObject({ code: "net/timeout" })
  })

  test("throws the reason of its signal and leaves nothing behind", async () => {
    const controller = new AbortController()
    const { events, clock, seen } = open({ signal: controller.signal })
    const ended = failure(events)
    await clock.settle()
    const reason = new Error("enough")
    controller.abort(reason)
    expect(await ended).toBe(reason)
    expect(seen.cancelled).toBe(true)
    expect(clock.pending).toEqual([])
  })

  test("forgets its signal when it ends by itself", async () => {
    const { signal } = new AbortController()
    const { events, close, clock } = open({ signal })
    await clock.settle()
    expect(getEventListeners(signal, "abort")).toHaveLength(1)
    close()
    await events
    expect(getEventListeners(signal, "abort")).toHaveLength(0)
  })

  test("gives the connection up when its reader stops early", async () => {
    const stream = source()
    const clock = new FakeClock()
    stream.push(line(added("a")))
    for await (const _ of watchEvents(stream.response, { clock, subject: "x", signal: undefined })) break
    expect(stream.seen.cancelled).toBe(true)
    expect(clock.pending).toEqual([])
  })

  test("passes the transport's own error on", async () => {
    const { events, fail } = open()
    const lost = new Error("lost")
    fail(lost)
    expect(await failure(events)).toBe(lost)
  })
})
