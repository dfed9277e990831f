import { describe, expect, test } from "bun:test"
import { aborted, type Clock, type Ms, ms, Stopped, seeded, silent } from "../../../../src/base/mod.ts"
import { LeaderElector, LeadershipLost, readLease } from "../../../../src/runtime/mod.ts"
import { FakeClock } from "../../../support/clock.ts"
import { hang } from "../../../support/scenario.ts"
import { recordingMetrics } from "../support.ts"
import { LeaseServer } from "./lease-server.ts"

interface Network {
  latency?: () => Ms
  down?: () => boolean
  /** How far this machine's wall clock is off. */
  skew?: () => number
}

/** The same time, with a wall clock that may be set back and forth; sleeps are not touched by that. */
function wallOf(clock: FakeClock, { skew = () => 0 }: Network): Clock {
  const sleep: Clock["sleep"] = (duration, signal) => clock.sleep(duration, signal)
  const after: Clock["after"] = (duration, fire) => clock.after(duration, fire)
  const nowMs = () => clock.nowMs() + skew()
  return { nowMs, steadyMs: () => clock.steadyMs(), sleep, after, turn: () => clock.turn() }
}

/** An elector whose `lead` notes when it led and why it ended, and takes `drain` to end. */
function elector(world: { clock: FakeClock; server: LeaseServer }, identity: string, network: Network = {}, drain = 0) {
  const { server } = world
  const clock = wallOf(world.clock, network)
  const client = server.client(clock, network)
  const { metrics, values } = recordingMetrics()
  const random = seeded(identity.charCodeAt(0))
  const options = { namespace: "ork", name: "ork-shop", identity }
  const own = new LeaderElector({ client, clock, random, log: silent, metrics }, options)
  const stop = new AbortController()
  const reigns: { fromMs: number; toMs?: number; reason?: unknown; lost?: AbortSignal }[] = []
  const running = own.run(stop.signal, async (leading, lost) => {
    const reign: (typeof reigns)[number] = { fromMs: world.clock.nowMs(), lost }
    reigns.push(reign)
    await aborted(leading)
    reign.toMs = world.clock.nowMs()
    reign.reason = leading.reason
    if (drain > 0) await clock.sleep(ms(drain))
  })
  return { elector: own, client, stop, reigns, running, values }
}

const world = () => ({ clock: new FakeClock(0), server: new LeaseServer() })

describe("an elector", () => {
  test("takes a lease that does not exist, and says so in it", async () => {
    const w = world()
    const a = elector(w, "a")
    await w.clock.settle()
    expect(a.elector.isLeader).toBe(true)
    expect(a.elector.holder).toBe("a")
    expect(a.values.get("ork_leader{ork-shop}")).toBe(1)
    expect(w.server.spec).toEqual({
      holderIdentity: "a",
      leaseDurationSeconds: 15,
      acquireTime: "1970-01-01T00:00:00.000000Z",
      renewTime: "1970-01-01T00:00:00.000000Z",
      leaseTransitions: 0,
    })
  })

  test("renews every two seconds with one call each, and keeps when it took office", async () => {
    const w = world()
    const a = elector(w, "a")
    await w.clock.advance("1m")
    expect(a.elector.isLeader).toBe(true)
    expect(a.reigns.length).toBe(1)
    expect([a.client.of("get").length, a.client.of("create").length, a.client.of("update").length]).toEqual([1, 1, 30])
    expect(w.server.spec).toMatchObject({
      renewTime: "1970-01-01T00:01:00.000000Z",
      acquireTime: "1970-01-01T00:00:00.000000Z",
    })
  })

  test("on a stop ends its work first, then gives the lease back, and the next one begins soon", async () => {
    const w = world()
    const a = elector(w, "a", {}, 12_000)
    const b = elector(w, "b")
    await w.clock.advance("20s")
    expect([a.elector.isLeader, b.elector.isLeader, b.elector.holder]).toEqual([true, false, "a"])
    a.stop.abort(new Stopped("stop"))
    await w.clock.advance("11s")
    expect(a.elector.isLeader).toBe(true) // it still drains, so it still holds
    expect(a.reigns[0]?.reason).toBeInstanceOf(Stopped)
    expect(a.reigns[0]?.lost?.aborted).toBe(false)
    await w.clock.advance("1s")
    await a.running
    expect(w.server.spec).toMatchObject({ holderIdentity: "", leaseDurationSeconds: 1 })
    await w.clock.advance("5s")
    expect(b.elector.isLeader).toBe(true)
    expect(w.server.spec).toMatchObject({ holderIdentity: "b", leaseTransitions: 2 - 1 })
    expect(a.values.get("ork_leader{ork-shop}")).toBe(0)
    b.stop.abort()
    await w.clock.settle()
    await b.running
    expect(w.clock.pending).toEqual([])
  })

  test("steps down at the renew deadline when the server cannot be reached, and comes back later", async () => {
    const w = world()
    let down = false
    const a = elector(w, "a", { down: () => down })
    await w.clock.advance("7s") // renewed last at 6 s
    down = true
    await w.clock.advance(8_999)
    expect(a.elector.isLeader).toBe(true)
    await w.clock.advance(1)
    expect(a.elector.isLeader).toBe(false)
    expect(a.reigns[0]).toMatchObject({ toMs: 16_000 })
    expect(a.reigns[0]?.reason).toBeInstanceOf(LeadershipLost)
    down = false
    await w.clock.advance("5s")
    expect(a.reigns.length).toBe(2)
    expect(a.elector.isLeader).toBe(true)
  })

  test("steps down at the renew deadline when the server takes the request and never answers", async () => {
    const w = world()
    const a = elector(w, "a")
    await w.clock.advance("7s")
    a.client.always("update", hang)
    a.client.always("get", hang)
    await w.clock.advance("9s")
    expect(a.reigns[0]).toMatchObject({ toMs: 16_000 })
    expect(a.elector.isLeader).toBe(false)
  })

  test("counts its time from asking, not from the answer", async () => {
    const w = world()
    let latency = 0
    const a = elector(w, "a", { latency: () => ms(latency) })
    await w.clock.advance("1s")
    latency = 4_000 // renewal asked for at 2 s, answered at 6 s
    await w.clock.advance("6s")
    a.client.always("update", hang)
    a.client.always("get", hang)
    await w.clock.advance("1m")
    expect(a.reigns[0]?.toMs).toBe(12_000)
  })

  test("aborts `lost` when the lease runs out while it still drains", async () => {
    const w = world()
    let down = false
    const a = elector(w, "a", { down: () => down }, 20_000)
    await w.clock.advance("7s")
    down = true
    a.stop.abort(new Stopped("stop"))
    await w.clock.advance("9s")
    expect(a.reigns[0]?.reason).toBeInstanceOf(Stopped)
    expect(a.reigns[0]?.lost?.reason).toBeInstanceOf(LeadershipLost)
    await w.clock.advance("1m")
    await a.running
    expect(w.server.spec).toMatchObject({ holderIdentity: "a" }) // not ours any more, so not ours to release
  })

  test("steps down at once when somebody took the lease by force", async () => {
    const w = world()
    const a = elector(w, "a")
    await w.clock.advance("5s")
    w.server.edit({ holderIdentity: "thief" })
    await w.clock.advance("1s")
    expect(a.elector.isLeader).toBe(false)
    expect(a.reigns[0]).toMatchObject({ toMs: 6_000 })
    expect(a.elector.holder).toBe("thief")
  })

  test("goes on when somebody only edited the Lease, or deleted it", async () => {
    const w = world()
    const a = elector(w, "a")
    await w.clock.advance("5s")
    w.server.edit({})
    await w.clock.advance("5s")
    w.server.lease = undefined
    await w.clock.advance("5s")
    expect(a.reigns.length).toBe(1)
    expect(a.elector.isLeader).toBe(true)
    expect(w.server.spec["holderIdentity"]).toBe("a")
  })

  test("trusts no foreign clock: a dead holder's lease is taken after its duration was watched", async () => {
    for (const renewTime of ["1960-01-01T00:00:00.000000Z", "2099-01-01T00:00:00.000000Z"]) {
      const w = world()
      const dead = elector(w, "dead")
      await w.clock.settle()
      dead.client.always("get", hang)
      dead.client.always("update", hang)
      w.server.edit({ renewTime })
      const b = elector(w, "b")
      await w.clock.advance(14_999)
      expect(b.elector.isLeader).toBe(false)
      await w.clock.advance(5_000)
      expect(b.elector.isLeader).toBe(true)
    }
  })

  test("takes nothing sooner because its wall clock was set forward", async () => {
    const w = world()
    let skew = 0
    elector(w, "a")
    const b = elector(w, "b", { skew: () => skew })
    await w.clock.advance("9s")
    skew = 3_600_000
    await w.clock.advance("10m")
    expect(b.reigns).toEqual([])
  })

  test("leads no longer because its wall clock was set back", async () => {
    const w = world()
    let skew = 0
    let down = false
    const a = elector(w, "a", { skew: () => skew, down: () => down })
    await w.clock.advance("7s") // renewed last at 6 s
    down = true
    skew = -3_600_000
    await w.clock.advance("9s")
    expect(a.reigns[0]?.reason).toBeInstanceOf(LeadershipLost)
  })

  test("leads no longer because its wall clock was set back while a renewal was under way", async () => {
    const w = world()
    let skew = 0
    let down = false
    const a = elector(w, "a", { skew: () => skew, down: () => down, latency: () => ms(1_000) })
    await w.clock.advance("3600ms") // leads since 2 s (read, then write); renewal asked for, and on its way back
    expect(a.client.of("update").length).toBe(0)
    await w.clock.advance("1s")
    expect(a.client.of("update").length).toBe(1)
    skew = -3_600_000
    await w.clock.advance("400ms")
    down = true
    await w.clock.advance("10s")
    expect(a.reigns[0]?.reason).toBeInstanceOf(LeadershipLost)
  })

  test("does not believe in itself after it was suspended, before any timer has fired", async () => {
    const w = world()
    let skew = 0
    const a = elector(w, "a", { skew: () => skew })
    await w.clock.advance("7s")
    skew = 3_600_000
    expect(a.elector.isLeader).toBe(false)
  })

  test("releases the lease when its work ends by itself, and passes on the work's error", async () => {
    const w = world()
    const options = { namespace: "ork", name: "ork-shop", identity: "a" }
    const deps = { client: w.server.client(w.clock), clock: w.clock, random: seeded(1), log: silent }
    const never = new AbortController().signal
    await new LeaderElector(deps, options).run(never, async () => undefined)
    expect(w.server.spec["holderIdentity"]).toBe("")
    const failing = new LeaderElector(deps, options).run(never, async () => {
      throw new Error("broken")
    })
    await expect(failing).rejects.toThrow("broken")
    expect(w.server.spec["holderIdentity"]).toBe("")
    expect(w.clock.pending).toEqual([])
  })

  test("that is stopped while it waits leaves without a trace", async () => {
    const w = world()
    elector(w, "a")
    await w.clock.advance("3s")
    const b = elector(w, "b")
    await w.clock.advance("3s")
    const { writes } = w.server
    b.stop.abort()
    await b.running
    expect(b.reigns).toEqual([])
    expect(w.server.writes).toBe(writes)
  })
})

/** Moves time in small steps and fails as soon as two lead at once. Returns how often leadership began. */
async function storm(seed: number): Promise<number> {
  const w = world()
  const random = seeded(seed)
  const names = ["a", "b", "c"]
  const skews = new Map<string, number>()
  const broken = new Map<string, number>()
  const all = names.map((name) =>
    elector(w, name, {
      latency: () => ms(random.next() < 0.2 ? Math.floor(random.next() * 12_000) : Math.floor(random.next() * 100)),
      down: () => (broken.get(name) ?? 0) > w.clock.nowMs(),
      skew: () => skews.get(name) ?? 0,
    }),
  )
  for (let i = 0; i < 1_500; i++) {
    await w.clock.advance(Math.floor(random.next() * 1_000))
    if (random.next() < 0.02) {
      const name = names[Math.floor(random.next() * names.length)] ?? "a"
      broken.set(name, w.clock.nowMs() + Math.floor(random.next() * 60_000))
    }
    if (random.next() < 0.01) skews.set(names[i % 3] ?? "a", Math.floor((random.next() - 0.5) * 120_000))
    const working = all.filter(({ reigns }) => reigns.at(-1) !== undefined && reigns.at(-1)?.toMs === undefined)
    expect(working.length).toBeLessThanOrEqual(1)
    expect(all.filter((one) => one.elector.isLeader).length).toBeLessThanOrEqual(1)
  }
  const spans = all.flatMap(({ reigns }) => reigns).sort((x, y) => x.fromMs - y.fromMs)
  for (const [i, span] of spans.entries()) {
    const next = spans[i + 1]
    if (next !== undefined) expect(span.toMs ?? Infinity).toBeLessThanOrEqual(next.fromMs)
  }
  return spans.length
}

test.each([1, 2, 3, 4, 5])("three electors on bad networks never lead together (seed %d)", async (seed) => {
  expect(await storm(seed)).toBeGreaterThan(5)
})

test("a Lease can be read without taking part", async () => {
  const w = world()
  const read = () =>
    readLease({ client: w.server.client(w.clock), clock: w.clock }, { namespace: "ork", name: "x" }, live)
  const live = new AbortController().signal
  expect(await read()).toBeUndefined()
  const a = elector(w, "a")
  await w.clock.advance("4s")
  expect(await read()).toMatchObject({ holder: "a", live: true, durationMs: 15_000, renewedAtMs: 4_000 })
  a.client.always("get", hang)
  a.client.always("update", hang)
  await w.clock.advance("14s")
  expect(await read()).toMatchObject({ holder: "a", live: true })
  await w.clock.advance("1s")
  expect(await read()).toMatchObject({ holder: "a", live: false })
})
