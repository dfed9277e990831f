import { describe, expect, test } from "bun:test"
import { ms, OrkError } from "../../../../src/base/mod.ts"
import { objectKey } from "../../../../src/kube/mod.ts"
import { hang } from "../../../support/scenario.ts"
import { widget } from "../support.ts"
import { content, short, startInformer, syncedInformer } from "./setup.ts"

const expired = new OrkError("api/expired", "too old resource version")
const refused = new OrkError("net/refused", "connection refused")
const page = (items: ReturnType<typeof widget>[], resourceVersion: string, continueToken?: string) => () => ({
  items,
  resourceVersion,
  continueToken,
})

describe("the first state", () => {
  test("comes as one stream, and is heard as initial only when it is complete", async () => {
    const { clock, client, informer, events, heard } = startInformer({ labelSelector: "a=b", namespace: "shop" })
    await clock.settle()
    expect(client.stream.options).toMatchObject({ sendInitialEvents: true, labelSelector: "a=b", namespace: "shop" })
    client.stream.added(widget("a", 1), widget("b", 2))
    await clock.settle()
    expect([informer.hasSynced, informer.lister.size]).toEqual([false, 0])
    client.stream.bookmark("100", true)
    client.stream.added(widget("c", 101))
    await clock.settle()
    expect(informer.hasSynced).toBe(true)
    expect(events.map((event) => event.initial)).toEqual([true, true, false])
    expect(heard()).toEqual(["added a@1", "added b@2", "added c@101"])
  })

  test("is without what came to its end while it was told", async () => {
    const { clock, client, informer } = startInformer()
    await clock.settle()
    client.stream.added(widget("a", 1), widget("b", 2))
    client.stream.modified(widget("b", 90))
    client.stream.deleted(widget("a", 91))
    client.stream.bookmark("100", true)
    await clock.settle()
    expect(content(informer)).toEqual(["b@90"])
  })

  test.each(["api/bad-request", "api/invalid"] as const)("comes as pages where the server says %s", async (code) => {
    const { clock, client, informer, heard, lines } = startInformer()
    client.next("watch", new OrkError(code, "sendInitialEvents is forbidden"))
    client.next("list", page([widget("a", 1)], "99", "next"), page([widget("b", 2)], "100"))
    await clock.settle()
    expect(heard()).toEqual(["added a@1", "added b@2"])
    expect(informer.hasSynced).toBe(true)
    expect(client.of("list").map((call) => [call.options.limit, call.options.continueToken])).toEqual([
      [500, undefined],
      [500, "next"],
    ])
    expect(client.stream.options).toMatchObject({ resourceVersion: "100" })
    expect(client.stream.options.sendInitialEvents).toBeUndefined()
    client.next("list", page([], "200"))
    client.stream.fail(expired)
    await clock.settle()
    expect(client.of("list").length).toBe(3) // the answer was remembered: no second try with a stream
    expect(lines).toEqual([])
  })

  test("comes as pages where the stream ends, or is silent, before it is complete", async () => {
    const { clock, client, informer } = startInformer()
    client.next("list", page([widget("a", 1)], "100"))
    await clock.settle()
    client.stream.fail(new OrkError("net/timeout", "silent"))
    await clock.advance("1s")
    expect(content(informer)).toEqual(["a@1"])
  })

  test("is waited for by `synced`, which ends with its signal", async () => {
    const { clock, client, informer } = startInformer()
    const stop = new AbortController()
    const given = informer.synced(stop.signal)
    const kept = informer.synced(new AbortController().signal)
    stop.abort(new Error("enough"))
    await expect(given).rejects.toThrow("enough")
    await clock.settle()
    client.stream.bookmark("1", true)
    await kept
    await informer.synced(stop.signal) // synced already: the signal does not matter
  })

  test("starts anew when a page has expired", async () => {
    const { clock, client, informer } = startInformer()
    client.next("watch", new OrkError("api/bad-request", "no"))
    client.next("list", page([widget("old", 1)], "50", "next"), expired, page([widget("new", 2)], "60"))
    await clock.settle()
    expect(content(informer)).toEqual(["new@2"])
  })
})

describe("events", () => {
  test("are told in order with what was there before", async () => {
    const { clock, client, events } = await syncedInformer([widget("a", 1)])
    client.stream.modified(widget("a", 101))
    client.stream.deleted(widget("a", 102))
    client.stream.added(widget("a", 103, { uid: "another" }))
    await clock.settle()
    expect(events.map(short)).toEqual(["updated a@101", "deleted a@102", "added a@103"])
    expect(events.map((event) => event.before?.metadata.resourceVersion)).toEqual(["1", "101", undefined])
    expect(events.every((event) => event.key === objectKey("shop", "a"))).toBe(true)
  })

  test("that repeat or are older than what is known are not told", async () => {
    const { clock, client, informer, heard } = await syncedInformer([widget("a", 50)])
    client.stream.modified(widget("a", 105), widget("a", 103), widget("a", 105), widget("a", 9))
    client.stream.deleted(widget("a", 104))
    await clock.settle()
    expect(heard()).toEqual(["updated a@105"])
    expect(content(informer)).toEqual(["a@105"])
  })

  test("from before an object's end do not bring it back", async () => {
    const { clock, client, informer, heard } = await syncedInformer([widget("a", 50)])
    client.stream.deleted(widget("a", 110))
    client.stream.modified(widget("a", 109))
    client.stream.added(widget("a", 110))
    await clock.settle()
    expect(heard()).toEqual(["deleted a@110"])
    expect(content(informer)).toEqual([])
  })

  test("of an object made anew under the same name are an end and a beginning", async () => {
    const { clock, client, informer, heard } = await syncedInformer([widget("a", 50)])
    client.stream.added(widget("a", 120, { uid: "second" }))
    client.stream.deleted(widget("a", 115)) // the end of the first one, late
    client.stream.modified(widget("a", 116)) // and an even later echo of it
    await clock.settle()
    expect(heard()).toEqual(["deleted a@50", "added a@120"])
    expect(informer.lister.get(objectKey("shop", "a"))?.metadata.uid).toBe("second")
  })

  test("of versions that are no numbers are believed, repeats apart", async () => {
    const { clock, client, heard } = await syncedInformer([widget("a", "x1")])
    client.stream.modified(widget("a", "x2"), widget("a", "x2"), widget("a", "x1"))
    await clock.settle()
    expect(heard()).toEqual(["updated a@x2", "updated a@x1"])
  })

  test("reach all handlers even if one throws, and the log names the key", async () => {
    const { clock, client, informer, heard, lines } = await syncedInformer([])
    informer.onEvent(() => {
      throw new Error("broken handler")
    })
    let count = 0
    informer.onEvent(() => count++)
    client.stream.added(widget("a", 101), widget("b", 102))
    await clock.settle()
    expect(count).toBe(2)
    expect(heard()).toEqual(["added a@101", "added b@102"])
    expect(lines.map((line) => [line.level, line.fields["key"]])).toEqual([
      ["error", "shop/a"],
      ["error", "shop/b"],
    ])
  })

  test("are replayed as initial to a late handler, and end when it is disposed", async () => {
    const { clock, client, informer } = await syncedInformer([widget("a", 1), widget("b", 2)])
    const seen: string[] = []
    const handler = informer.onEvent((event) => seen.push(`${short(event)} ${event.initial}`))
    expect(seen).toEqual(["added a@1 true", "added b@2 true"])
    client.stream.modified(widget("a", 101))
    await clock.settle()
    handler[Symbol.dispose]()
    client.stream.modified(widget("a", 102))
    await clock.settle()
    expect(seen.slice(2)).toEqual(["updated a@101 false"])
  })
})

describe("our own writes", () => {
  test("are read at once and told to nobody, not even when the watch repeats them", async () => {
    const { clock, client, informer, heard } = await syncedInformer([widget("a", 50)])
    informer.observe(widget("a", 105))
    informer.observe(widget("new", 106))
    expect(content(informer)).toEqual(["a@105", "new@106"])
    client.stream.modified(widget("a", 105))
    client.stream.added(widget("new", 106))
    client.stream.modified(widget("a", 107))
    await clock.settle()
    expect(heard()).toEqual(["updated a@107"])
  })

  test("are told to a handler that asks for them, once", async () => {
    const { clock, client, informer, heard } = await syncedInformer([widget("a", 50)])
    const own: string[] = []
    const handler = informer.onEvent(({ type, initial }) => initial || own.push(type), { ownWrites: true })
    informer.observe(widget("a", 105))
    client.stream.modified(widget("a", 105))
    client.stream.modified(widget("a", 106))
    await clock.settle()
    expect(own).toEqual(["updated", "updated"])
    expect(heard()).toEqual(["updated a@106"])
    handler[Symbol.dispose]()
    informer.observe(widget("a", 107))
    expect(own).toHaveLength(2)
  })

  test("never put an older state over a newer one, or bring back what is gone", async () => {
    const { clock, client, informer } = await syncedInformer([widget("a", 50), widget("b", 51)])
    client.stream.modified(widget("a", 105))
    client.stream.deleted(widget("b", 106))
    await clock.settle()
    informer.observe(widget("a", 104))
    informer.observe(widget("b", 103))
    informer.observe(widget("c", 107, { namespace: "shop" }))
    expect(content(informer)).toEqual(["a@105", "c@107"])
  })

  test("with a version that cannot be compared are left to the watch", async () => {
    const { informer } = await syncedInformer([widget("a", "x1")])
    informer.observe(widget("a", "x2"))
    expect(content(informer)).toEqual(["a@x1"])
  })

  test("in another namespace do not enter an informer of one namespace", async () => {
    const { informer } = await syncedInformer([], { namespace: "shop" })
    informer.observe(widget("a", 105, { namespace: "elsewhere" }))
    expect(content(informer)).toEqual([])
  })

  test("that remove an object take it out at once, told to nobody", async () => {
    const { clock, client, informer, heard } = await syncedInformer([widget("a", 50), widget("b", 51)])
    informer.observeGone(widget("a", 50))
    expect(content(informer)).toEqual(["b@51"])
    client.stream.deleted(widget("a", 105))
    client.stream.modified(widget("b", 106))
    informer.observeGone(widget("b", 51, { resourceVersion: "51" }))
    await clock.settle()
    expect(heard()).toEqual(["added b@106"]) // `b` lives after all: the server's word is the last
  })

  test("survive a list that is older than they are", async () => {
    const { clock, client, informer, heard } = await syncedInformer([widget("a", 50)])
    informer.observe(widget("new", 205))
    client.stream.fail(expired)
    await clock.settle()
    client.stream.added(widget("a", 50))
    client.stream.bookmark("200", true)
    await clock.settle()
    expect(content(informer)).toEqual(["a@50", "new@205"])
    expect(heard()).toEqual([])
  })
})

describe("an outage", () => {
  test("that ends in 410 leads to a new state; what was deleted meanwhile leaves with an event", async () => {
    const { clock, client, informer, heard, lines } = await syncedInformer([widget("a", 1), widget("b", 2)])
    client.stream.fail(expired)
    await clock.settle()
    expect(client.stream.options.sendInitialEvents).toBe(true)
    client.stream.added(widget("b", 150), widget("c", 151))
    client.stream.bookmark("200", true)
    await clock.settle()
    expect(heard().sort()).toEqual(["added c@151", "deleted a@1", "updated b@150"])
    expect(content(informer)).toEqual(["b@150", "c@151"])
    expect(lines).toEqual([]) // ordinary life
  })

  test("of a cut stream resumes where it was, without a new state", async () => {
    const { clock, client, heard } = await syncedInformer([widget("a", 1)])
    client.stream.modified(widget("a", 120))
    client.stream.bookmark("130")
    await clock.settle()
    client.stream.fail(new OrkError("net/closed", "reset"))
    await clock.advance("1s")
    expect(client.streams.length).toBe(2)
    expect(client.stream.options).toMatchObject({ resourceVersion: "130" })
    client.stream.modified(widget("a", 131))
    await clock.settle()
    expect(heard()).toEqual(["updated a@120", "updated a@131"])
  })

  test("costs time only: tries get rarer up to 30 s, one warning, one word at the end", async () => {
    const { clock, client, informer, levels } = await syncedInformer([])
    client.always("watch", refused)
    client.stream.fail(refused)
    await clock.advance("10m")
    const tries = client.of("watch").length
    expect(tries).toBeGreaterThan(20)
    expect(tries).toBeLessThan(30)
    expect(informer.lastError?.code).toBe("net/refused")
    client.always("watch", () => undefined)
    await clock.advance("30s")
    client.stream.bookmark("100")
    await clock.settle()
    expect(informer.lastError).toBeUndefined()
    expect(levels().filter((level) => level !== "debug")).toEqual(["warn", "info"])
  })

  test("with 429 on the list waits as long as the server asks", async () => {
    const { clock, client, informer } = startInformer()
    client.next("watch", new OrkError("api/bad-request", "no"))
    client.next("list", new OrkError("api/throttled", "busy", {}, { retryAfterMs: 20_000 }), page([], "5"))
    await clock.advance(19_999)
    expect([client.of("list").length, informer.lastError?.code]).toEqual([1, "api/throttled"])
    await clock.advance(1)
    expect([client.of("list").length, informer.hasSynced]).toEqual([2, true])
  })

  test.each(["api/forbidden", "api/not-found"] as const)("of %s is first tried soon, then rarely", async (code) => {
    const { clock, client, levels } = startInformer()
    client.always("watch", new OrkError(code, "no"))
    await clock.advance("1s")
    expect(client.of("watch").length).toBe(2)
    await clock.advance("1h")
    expect(client.of("watch").length).toBeLessThan(40)
    expect(levels().filter((level) => level !== "debug")).toEqual(["warn"])
  })

  test("of streams that end at once is no hot loop, and is told", async () => {
    const { clock, client, informer } = await syncedInformer([])
    for (let i = 0; i < 10; i++) {
      client.stream.end()
      await clock.advance("1s")
    }
    expect(client.streams.length).toBeLessThan(10)
    expect(informer.lastError?.code).toBe("net/closed")
  })

  test("of an error that nobody knows is an outage too", async () => {
    const { clock, client, informer } = await syncedInformer([])
    client.stream.fail(new TypeError("odd"))
    await clock.settle()
    expect(informer.lastError?.code).toBe("api/unavailable")
  })
})

describe("a watch", () => {
  test("lasts 5 to 10 minutes, gives up on 2 silent minutes, and is renewed at once", async () => {
    const { clock, client } = await syncedInformer([])
    const seconds = client.stream.options.timeoutSeconds ?? 0
    expect(seconds).toBeGreaterThanOrEqual(300)
    expect(seconds).toBeLessThanOrEqual(600)
    expect(client.stream.options.silenceMax).toBe(ms("2m"))
    await clock.advance("5m")
    client.stream.end()
    await clock.settle()
    expect(client.streams.length).toBe(2)
    expect(client.stream.options.resourceVersion).toBe("100")
  })

  test("ends at once with its informer, whatever it is doing", async () => {
    const quiet = await syncedInformer([])
    quiet.stop.abort()
    await quiet.running
    const waiting = startInformer()
    waiting.client.always("watch", refused)
    await waiting.clock.settle()
    waiting.stop.abort()
    await waiting.running
    const listing = startInformer()
    listing.client.next("watch", new OrkError("api/bad-request", "no"))
    listing.client.next("list", hang)
    await listing.clock.settle()
    listing.stop.abort()
    await listing.running
    expect([quiet, waiting, listing].flatMap(({ clock }) => clock.pending)).toEqual([])
  })
})

describe("a projection", () => {
  test("decides what is kept, and an object that is no longer kept leaves", async () => {
    const project = (object: ReturnType<typeof widget>) =>
      object.metadata.labels?.["keep"] === "no" ? undefined : { ...object, kind: "Small" }
    const { clock, client, informer, heard } = await syncedInformer(
      [widget("a", 1), widget("b", 2, { labels: { keep: "no" } })],
      { project },
    )
    expect(informer.lister.list().map((object) => object.kind)).toEqual(["Small"])
    client.stream.modified(widget("a", 101, { labels: { keep: "no" } }))
    client.stream.modified(widget("b", 102))
    await clock.settle()
    expect(heard()).toEqual(["deleted a@1", "added b@102"])
  })
})
