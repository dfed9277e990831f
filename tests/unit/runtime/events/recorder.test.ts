import { describe, expect, test } from "bun:test"
import { ms, OrkError, seeded } from "../../../../src/base/mod.ts"
import { EventRecorder, type RecordedEvent } from "../../../../src/runtime/mod.ts"
import { FakeClock } from "../../../support/clock.ts"
import { hang, ScriptedClient } from "../../../support/scenario.ts"
import { recordingLog, recordingMetrics, widget } from "../support.ts"

const shop = widget("shop", 7, { labels: { secret: "value" } })

function applied(more: Partial<RecordedEvent> = {}): RecordedEvent {
  const message = "applied Deployment/shop/web"
  return { regarding: shop, type: "Normal", reason: "Applied", action: "Reconcile", message, ...more }
}

function setup(perSecondMax?: number) {
  const clock = new FakeClock(0)
  const client = new ScriptedClient()
  client.always("create", (call) => call.object)
  client.always("patch", () => undefined)
  const { log, lines } = recordingLog()
  const { metrics, values } = recordingMetrics()
  const options = { component: "ork", instance: "ork-1", ...(perSecondMax === undefined ? {} : { perSecondMax }) }
  const recorder = new EventRecorder({ client, clock, random: seeded(1), log, metrics }, options)
  const stop = new AbortController()
  const running = recorder.run(stop.signal)
  const sent = (result: string) => values.get(`ork_events_total{${result}}`) ?? 0
  return { clock, client, recorder, stop, running, lines, sent }
}

describe("an event", () => {
  test("is sent behind the work as events.k8s.io/v1, with no more of the object than its name", async () => {
    const { clock, client, recorder } = setup()
    recorder.record(applied())
    expect(client.calls).toEqual([])
    await clock.advance(250)
    expect(client.of("create").map((call) => call.object)).toMatchObject([
      {
        apiVersion: "events.k8s.io/v1",
        kind: "Event",
        metadata: { name: expect.stringMatching(/^shop\.[a-z0-9]{12}$/), namespace: "shop" },
        eventTime: "1970-01-01T00:00:00.000000Z",
        reportingController: "ork",
        reportingInstance: "ork-1",
        type: "Normal",
        reason: "Applied",
        action: "Reconcile",
        note: "applied Deployment/shop/web",
        regarding: { kind: "Widget", namespace: "shop", name: "shop", uid: "uid-shop", resourceVersion: "7" },
      },
    ])
    expect(client.calls[0]?.object?.["series"]).toBeUndefined()
    expect(JSON.stringify(client.calls[0]?.object)).not.toContain("secret")
  })

  test("about a cluster-scoped object goes to the namespace default", async () => {
    const { clock, client, recorder } = setup()
    const { namespace: _, ...metadata } = widget("node", 1).metadata
    recorder.record(applied({ regarding: { ...widget("node", 1), metadata } }))
    await clock.advance(250)
    expect(client.of("create")[0]?.object?.metadata.namespace).toBe("default")
  })

  test("has a valid name even where the object's own could not be part of one", async () => {
    const { clock, client, recorder } = setup()
    recorder.record(applied({ regarding: widget("system:admin", 1) }))
    await clock.advance(250)
    expect(client.of("create")[0]?.object?.metadata.name).toMatch(/^ork-event\.[a-z0-9]{12}$/)
  })

  test.each([
    ["x".repeat(1_025), 1_024],
    ["é".repeat(600), 1_024],
    ["x".repeat(1_024), 1_024],
  ])("keeps its message within 1024 bytes (case %#)", async (message, limit) => {
    const { clock, client, recorder } = setup()
    recorder.record(applied({ message }))
    await clock.advance(250)
    const note = String(client.of("create")[0]?.object?.["note"])
    expect(new TextEncoder().encode(note).length).toBeLessThanOrEqual(limit)
    expect(note === message).toBe(message.length === 1_024)
    expect(note).not.toContain("\ufffd")
  })
})

describe("repetitions", () => {
  test("become a series that is written at most once a minute", async () => {
    const { clock, client, recorder } = setup()
    for (let i = 0; i < 240; i++) {
      recorder.record(applied())
      await clock.advance("1s")
    }
    await clock.advance("1m")
    expect(client.of("create").length).toBe(1)
    const patches = client.of("patch")
    expect(patches.length).toBe(4)
    expect(patches.at(-1)?.body).toEqual({ series: { count: 240, lastObservedTime: "1970-01-01T00:03:59.000000Z" } })
    expect(patches.at(-1)?.key).toBe(`shop/${client.of("create")[0]?.object?.metadata.name}` as never)
  })

  test("after ten quiet minutes, and other messages, are events of their own", async () => {
    const { clock, client, recorder } = setup()
    recorder.record(applied())
    await clock.advance("9m")
    recorder.record(applied())
    recorder.record(applied({ message: "another" }))
    await clock.advance("10m")
    recorder.record(applied())
    await clock.advance("1m")
    expect([client.of("create").length, client.of("patch").length]).toEqual([3, 1])
  })

  test("that came before the first was sent travel with it", async () => {
    const { clock, client, recorder } = setup()
    for (let i = 0; i < 3; i++) recorder.record(applied())
    await clock.advance(250)
    expect(client.of("create")[0]?.object?.["series"]).toMatchObject({ count: 3 })
  })

  test("of an event that the server has forgotten make a new one", async () => {
    const { clock, client, recorder } = setup()
    recorder.record(applied())
    await clock.advance("1m")
    client.next("patch", new OrkError("api/not-found", "gone"))
    recorder.record(applied())
    await clock.advance("1m")
    const names = client.of("create").map((call) => call.object?.metadata.name)
    expect(new Set(names).size).toBe(2)
    expect(client.of("create")[1]?.object?.["series"]).toMatchObject({ count: 2 })
  })
})

describe("while work goes on", () => {
  /** Records an event every 50 ms, as many as `count`. */
  const work = async ({ clock, recorder }: ReturnType<typeof setup>, count: number) => {
    for (let i = 0; i < count; i++) {
      recorder.record(applied({ message: `m${i}` }))
      await clock.advance(50)
    }
  }

  test("events wait, and go as soon as it pauses", async () => {
    const now = setup()
    await work(now, 100)
    expect(now.client.calls).toEqual([])
    await now.clock.advance("3s")
    expect(now.client.calls.length).toBe(100)
  })

  test("they wait no longer than ten seconds", async () => {
    const now = setup()
    await work(now, 199)
    expect(now.client.calls).toEqual([])
    await now.clock.advance(50)
    await now.clock.advance(50)
    expect(now.client.calls.length).toBeGreaterThan(0)
  })

  test("a warning is sent at once, and all that waits with it", async () => {
    const now = setup()
    await work(now, 5)
    now.recorder.record(applied({ type: "Warning" }))
    await work(now, 20)
    expect(now.client.of("create").map((call) => call.object?.["type"])).toContain("Warning")
  })

  test("no more than 750 wait", async () => {
    const now = setup()
    for (let i = 0; i < 749; i++) now.recorder.record(applied({ message: `m${i}` }))
    await now.clock.advance(200)
    expect(now.client.calls).toEqual([])
    now.recorder.record(applied({ message: "one more" }))
    await now.clock.advance(50)
    expect(now.client.calls.length).toBeGreaterThan(0)
  })
})

describe("bounds", () => {
  test("no more than fifty requests leave in any second", async () => {
    const { clock, client, recorder } = setup()
    for (let i = 0; i < 200; i++) recorder.record(applied({ message: `m${i}` }))
    await clock.advance(250 + 999)
    expect(client.calls.length).toBe(50)
    await clock.advance("4s")
    expect(client.calls.length).toBe(200)
  })

  test("two thousand events wait; the next one is counted, and kept in the history", async () => {
    const { clock, client, recorder, sent } = setup()
    client.always("create", hang)
    const uid = "uid-last"
    for (let i = 0; i < 2_000; i++) recorder.record(applied({ message: `m${i}` }))
    expect(sent("dropped")).toBe(0)
    recorder.record(applied({ regarding: widget("last", 1) }))
    await clock.advance(250)
    expect(sent("dropped")).toBe(1)
    expect(recorder.recent(uid).map((entry) => entry.reason)).toEqual(["Applied"])
  })

  test("the history holds two thousand events, and gives a hundred of one object, newest first", async () => {
    const { clock, recorder } = setup()
    recorder.record(applied({ regarding: widget("first", 1) }))
    for (let i = 0; i < 1_999; i++) {
      recorder.record(applied({ message: `m${i}` }))
      if (i % 10 === 0) await clock.advance(1)
    }
    expect(recorder.recent("uid-first").length).toBe(1)
    recorder.record(applied({ message: "one more" }))
    expect(recorder.recent("uid-first")).toEqual([])
    const recent = recorder.recent("uid-shop")
    expect(recent.length).toBe(100)
    expect(recent[0]).toMatchObject({ message: "one more", type: "Normal", count: 1, atMs: clock.nowMs() })
  })
})

describe("an error", () => {
  const down = new OrkError("net/refused", "down")

  test("that may pass is tried three times in all", async () => {
    const { clock, client, recorder, sent } = setup()
    client.next("create", down, down)
    recorder.record(applied())
    await clock.advance("1m")
    expect([client.of("create").length, sent("sent"), sent("dropped")]).toEqual([3, 1, 0])
    client.always("create", down)
    recorder.record(applied({ message: "lost" }))
    await clock.advance("10m")
    expect([client.of("create").length, sent("sent"), sent("dropped")]).toEqual([6, 1, 1])
  })

  test("that forbids events in a namespace stops them there for five minutes, with one warning", async () => {
    const { clock, client, recorder, lines } = setup()
    client.always("create", (call) => {
      if (call.object?.metadata.namespace === "shop") throw new OrkError("api/forbidden", "no")
      return call.object
    })
    for (let i = 0; i < 50; i++) recorder.record(applied({ message: `m${i}` }))
    recorder.record(applied({ regarding: widget("x", 1, { namespace: "other" }) }))
    await clock.advance("1m")
    // Ten leave together, before the first answer.
    const asked = client.of("create").map((call) => call.object?.metadata.namespace)
    expect(asked).toEqual([...Array.from({ length: 10 }, () => "shop"), "other"])
    expect(lines.filter((line) => line.level === "warn").length).toBe(1)
    await clock.advance("5m")
    recorder.record(applied({ message: "again" }))
    await clock.advance(250)
    expect(client.of("create").length).toBe(12)
  })

  test("of a server that never answers holds up the others for ten seconds only", async () => {
    const { clock, client, recorder } = setup()
    client.next("create", hang)
    recorder.record(applied({ message: "stuck" }))
    recorder.record(applied({ message: "next" }))
    await clock.advance(250 + 10_100)
    expect(client.of("create").map((call) => call.object?.["note"])).toEqual(["stuck", "next"])
  })
})

describe("the end", () => {
  test("of the loop is prompt, and what was in flight is not lost", async () => {
    const { clock, client, recorder, stop, running } = setup()
    client.next("create", hang)
    recorder.record(applied())
    await clock.advance(250)
    stop.abort()
    await running
    expect(clock.pending).toEqual([])
    await recorder.flush(ms("1s"))
    expect(client.of("create").length).toBe(2)
  })

  test("sends what waits, the counts of series too, but only until the deadline", async () => {
    const { clock, client, recorder, stop, running } = setup()
    recorder.record(applied())
    await clock.advance(250)
    recorder.record(applied())
    stop.abort()
    await running
    recorder.record(applied({ message: "late" }))
    const flushed = recorder.flush(ms("5s"))
    await clock.advance("5s")
    await flushed
    expect([client.of("create").length, client.of("patch").length]).toEqual([2, 1])
    client.always("create", hang)
    recorder.record(applied({ message: "too late" }))
    const given = recorder.flush(ms("5s"))
    await clock.advance("5s")
    await given
    expect(clock.pending).toEqual([])
  })
})
