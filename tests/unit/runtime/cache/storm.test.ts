import { expect, test } from "bun:test"
import { ms, OrkError, onAbort, type Random, seeded, silent } from "../../../../src/base/mod.ts"
import { type KubeObject, keyOf } from "../../../../src/kube/mod.ts"
import type { ListOptions, ObjectList, WatchEvent, WatchOptions } from "../../../../src/runtime/client/api.ts"
import { Informer } from "../../../../src/runtime/mod.ts"
import { FakeClock } from "../../../support/clock.ts"
import { ScriptedClient } from "../../../support/scenario.ts"
import { recordingMetrics, widget, widgets } from "../support.ts"

/** A small server with a true state, a short memory and a bad network. */
class StormyServer {
  readonly state = new Map<string, KubeObject>()
  readonly #random: Random
  readonly #withInitialEvents: boolean
  readonly #history: { readonly version: number; readonly event: WatchEvent }[] = []
  readonly #wake = new Set<() => void>()
  #version = 100
  calm = false

  constructor(random: Random, withInitialEvents: boolean) {
    this.#random = random
    this.#withInitialEvents = withInitialEvents
  }

  /** Changes something, as users and other controllers would. */
  mutate(): KubeObject | undefined {
    const name = `w${Math.floor(this.#random.next() * 5)}`
    const before = this.state.get(`shop/${name}`)
    const version = ++this.#version
    const ends = before !== undefined && this.#random.next() < 0.4
    const object = widget(name, version, { uid: before?.metadata.uid ?? `uid-${version}` })
    if (ends) this.state.delete(keyOf(object))
    else this.state.set(keyOf(object), object)
    const type = ends ? "DELETED" : before === undefined ? "ADDED" : "MODIFIED"
    this.#history.push({ version, event: { type, object } })
    if (this.#history.length > 12) this.#history.shift() // what is older is "expired"
    for (const wake of this.#wake) wake()
    return ends ? undefined : object
  }

  client(): ScriptedClient {
    const client = new ScriptedClient()
    client.always("list", (call) => this.#list(call.options))
    client.watch = (_resource, options = {}) => this.#watch(options)
    return client
  }

  #list(options: ListOptions): ObjectList {
    this.#maybeFail(0.3)
    const all = [...this.state.values()]
    const from = Number(options.continueToken ?? 0)
    const items = all.slice(from, from + 2)
    const continueToken = from + 2 < all.length ? String(from + 2) : undefined
    return { items, resourceVersion: String(this.#version), continueToken }
  }

  async *#watch(options: WatchOptions): AsyncIterable<WatchEvent> {
    this.#maybeFail(0.3)
    if (options.sendInitialEvents && !this.#withInitialEvents) throw new OrkError("api/invalid", "forbidden")
    let seen = Number(options.resourceVersion ?? this.#version)
    if (options.sendInitialEvents) {
      for (const object of [...this.state.values()]) yield { type: "ADDED", object }
      yield { type: "BOOKMARK", resourceVersion: String(seen), initialEventsEnd: true }
    }
    for (;;) {
      options.signal?.throwIfAborted()
      const oldest = this.#history[0]?.version ?? this.#version
      if (seen < oldest - 1) throw new OrkError("api/expired", "too old resource version")
      const next = this.#history.find(({ version }) => version > seen)
      if (next === undefined) {
        await this.#news(options.signal)
        continue
      }
      this.#maybeFail(0.05)
      seen = next.version
      yield next.event
      if (this.#random.next() < 0.1) yield next.event // said twice
    }
  }

  #maybeFail(share: number): void {
    if (this.calm || this.#random.next() >= share) return
    const codes = ["net/closed", "net/timeout", "api/throttled", "api/unavailable", "api/expired"] as const
    throw new OrkError(codes[Math.floor(this.#random.next() * codes.length)] ?? "net/closed", "storm")
  }

  async #news(signal: AbortSignal | undefined): Promise<void> {
    const woken = Promise.withResolvers<void>()
    this.#wake.add(woken.resolve)
    using _link = onAbort(signal, woken.reject)
    await woken.promise.finally(() => this.#wake.delete(woken.resolve))
  }
}

const versions = (objects: Iterable<KubeObject>) =>
  [...objects].map(({ metadata }) => `${metadata.uid}@${metadata.resourceVersion}`).sort()

const cases = [1, 2, 3, 4, 5, 6].flatMap((seed) => [
  [seed, true],
  [seed, false],
])

test.each(cases)(
  "after a storm the store is the server's state, and handlers know it (seed %d, stream %p)",
  async (seed, initial) => {
    const random = seeded(Number(seed))
    const clock = new FakeClock(0)
    const server = new StormyServer(random, initial === true)
    const deps = { client: server.client(), clock, random, log: silent, metrics: recordingMetrics().metrics }
    const informer = new Informer(deps, { resource: widgets })
    const own = new Map<string, KubeObject>()
    informer.onEvent(({ type, key, object }) => (type === "deleted" ? own.delete(key) : own.set(key, object)))
    const stop = new AbortController()
    const running = informer.run(stop.signal)
    for (let i = 0; i < 300; i++) {
      const written = server.mutate()
      if (written !== undefined && random.next() < 0.3) {
        informer.observe(written)
        own.set(keyOf(written), written) // whoever writes knows what it wrote
      }
      if (random.next() < 0.5) await clock.advance(Math.floor(random.next() * 4_000))
    }
    server.calm = true
    await clock.advance("2m")
    expect(versions(informer.lister.list())).toEqual(versions(server.state.values()))
    expect(versions(own.values())).toEqual(versions(server.state.values()))
    expect([informer.hasSynced, informer.lastError]).toEqual([true, undefined])
    stop.abort()
    await running
    expect(clock.pending).toEqual([])
  },
)

test("an idle cluster costs one watch in five to ten minutes", async () => {
  const random = seeded(9)
  const clock = new FakeClock(0)
  const client = new ScriptedClient()
  const deps = { client, clock, random, log: silent, metrics: recordingMetrics().metrics }
  const informer = new Informer(deps, { resource: widgets })
  const stop = new AbortController()
  const running = informer.run(stop.signal)
  await clock.settle()
  client.stream.bookmark("1", true)
  for (let minute = 0; minute < 60 * 24; minute += 5) {
    const { stream } = client
    stream.bookmark(String(minute + 2))
    await clock.advance(ms("5m"))
    stream.end() // the server ends it after `timeoutSeconds`
    await clock.settle()
  }
  expect([client.of("list").length, client.of("watch").length]).toEqual([0, 1 + (60 * 24) / 5])
  stop.abort()
  await running
})
