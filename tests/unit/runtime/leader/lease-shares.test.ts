import { describe, expect, test } from "bun:test"
import { aborted, type Clock, ms, OrkError, seeded, silent } from "../../../../src/base/mod.ts"
import type { KubeObject } from "../../../../src/kube/mod.ts"
import { fairShare } from "../../../../src/runtime/leader/fair-share.ts"
import { LeaseShares, memberLabel } from "../../../../src/runtime/mod.ts"
import { FakeClock } from "../../../support/clock.ts"
import { type Call, ScriptedClient } from "../../../support/scenario.ts"

/** Leases by name, with the server's rules. */
class Server {
  readonly leases = new Map<string, KubeObject>()
  #version = 0

  client(clock: Clock, isDown: () => boolean): ScriptedClient {
    const client = new ScriptedClient()
    const when =
      <T>(answer: (call: Call) => T) =>
      async (call: Call) => {
        await clock.sleep(ms(5), call.signal)
        if (isDown()) throw new OrkError("net/refused", "connection refused")
        return answer(call)
      }
    const nameOf = (call: Call) => call.object?.metadata.name ?? ""
    client.always(
      "get",
      when((call) => this.leases.get(String(call.key).split("/")[1] ?? "")),
    )
    client.always(
      "delete",
      when((call) => this.leases.delete(String(call.key).split("/")[1] ?? "")),
    )
    client.always(
      "list",
      when(() => ({ items: [...this.leases.values()], resourceVersion: "1", continueToken: undefined })),
    )
    client.always(
      "create",
      when((call) => {
        if (this.leases.has(nameOf(call))) throw new OrkError("api/already-exists", "exists")
        return this.#store(call.object)
      }),
    )
    client.always(
      "update",
      when((call) => {
        const before = this.leases.get(nameOf(call))
        if (!before) throw new OrkError("api/not-found", "gone")
        if (before.metadata.resourceVersion !== call.object?.metadata.resourceVersion)
          throw new OrkError("api/conflict", "stale")
        return this.#store(call.object)
      }),
    )
    return client
  }

  #store(object: KubeObject | undefined): KubeObject {
    if (!object) throw new Error("no object")
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#version) } }
    this.leases.set(object.metadata.name ?? "", stored)
    return stored
  }
}

const names = ["a", "b", "c", "d", "e", "f", "g"]

class World {
  readonly clock = new FakeClock(0)
  readonly server = new Server()
  /** Who leads what right now, and every moment at which two did. */
  readonly led = new Map<string, string>()
  readonly clashes: string[] = []

  join(identity: string, wanted: readonly string[] = names) {
    const stop = new AbortController()
    let dead = false
    const client = this.server.client(this.clock, () => dead)
    const options = {
      namespace: "ork",
      identity,
      leaseName: (name: string) => `ork-${name}`,
      memberName: `ork-member-${identity}`,
      labels: { group: "ork" },
    }
    const deps = { client, clock: this.clock, random: seeded(identity.charCodeAt(0)), log: silent }
    const shares = new LeaseShares(deps, options, wanted)
    const running = shares.run(stop.signal, async (name, leading) => {
      const other = this.led.get(name)
      if (other !== undefined) this.clashes.push(`${name}: ${other} and ${identity}`)
      this.led.set(name, identity)
      await aborted(leading)
      if (this.led.get(name) === identity) this.led.delete(name)
    })
    const die = () => {
      dead = true
    }
    return { shares, running, die, stop: () => stop.abort() }
  }

  counts(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {}
    for (const identity of this.led.values()) counts[identity] = (counts[identity] ?? 0) + 1
    return counts
  }
}

describe("leases shared by several processes", () => {
  test("are all led by the one that is alone", async () => {
    const world = new World()
    const { shares } = world.join("one")
    await world.clock.advance("10s")
    expect(world.counts()).toEqual({ one: 7 })
    expect(shares.isLeader("a")).toBe(true)
    expect(shares.holder("a")).toBe("one")
  })

  test("are spread evenly when others join, and never led twice", async () => {
    const world = new World()
    world.join("one")
    await world.clock.advance("10s")
    world.join("two")
    await world.clock.advance("40s")
    expect(Object.values(world.counts()).sort()).toEqual([3, 4])
    const { shares } = world.join("three")
    await world.clock.advance("40s")
    expect(Object.values(world.counts()).sort()).toEqual([2, 2, 3])
    expect(new Set(names.map((name) => shares.holder(name)))).toEqual(new Set(["one", "two", "three"]))
    expect(world.clashes).toEqual([])
  })

  test("of a process that stops go to the others at once, and its membership is gone", async () => {
    const world = new World()
    world.join("one")
    const two = world.join("two")
    await world.clock.advance("1m")
    two.stop()
    await world.clock.advance("6s")
    await two.running
    expect(world.counts()).toEqual({ one: 7 })
    const members = [...world.server.leases.values()].filter(({ metadata }) => metadata.labels?.[memberLabel])
    expect(members.map(({ metadata }) => metadata.name)).toEqual(["ork-member-one"])
    expect(world.clashes).toEqual([])
  })

  test("of a process that dies go to the others once they have run out, not before", async () => {
    const world = new World()
    world.join("one")
    const two = world.join("two")
    await world.clock.advance("1m")
    expect(world.counts()["two"]).toBeGreaterThanOrEqual(3)
    two.die()
    await world.clock.advance("7s")
    expect(world.counts()["two"]).toBeGreaterThanOrEqual(3)
    await world.clock.advance("20s")
    expect(world.counts()).toEqual({ one: 7 })
    expect(world.clashes).toEqual([])
    await world.clock.advance("1m")
    expect(world.server.leases.has("ork-member-two")).toBe(false)
  })

  test("follow the wanted names: a new one is led, one that is gone is given up", async () => {
    const world = new World()
    const { shares } = world.join("one", ["a", "b"])
    await world.clock.advance("10s")
    shares.want(["b", "c"])
    await world.clock.advance("10s")
    expect([...world.led.keys()].sort()).toEqual(["b", "c"])
  })

  test("stay with the members that are there while many come and go", async () => {
    const random = seeded(5)
    const world = new World()
    const crew = [world.join("m0")]
    for (let i = 1; i < 12; i++) {
      if (random.next() < 0.6 || crew.length < 2) crew.push(world.join(`m${i}`))
      else crew.splice(Math.floor(random.next() * crew.length), 1)[0]?.[random.next() < 0.5 ? "stop" : "die"]()
      await world.clock.advance("20s")
    }
    await world.clock.advance("2m")
    expect(world.clashes).toEqual([])
    expect(world.led.size).toBe(names.length)
    const counts = Object.values(world.counts())
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
    expect(Object.keys(world.counts())).toHaveLength(Math.min(crew.length, names.length))
  })
})

describe("a fair share", () => {
  const held = (pairs: Readonly<Record<string, string | undefined>>) => new Map(Object.entries(pairs))

  test("never leaves one with nothing while another has two", () => {
    const share = fairShare("x", ["x", "y", "z"], held({ a: "x", b: "x", c: "y", d: "y" }))
    expect([...share.keep]).toEqual(["a"])
  })

  test("takes free ones up to the rounded-up share, and no others", () => {
    const share = fairShare("x", ["x", "y"], held({ a: "y", b: undefined, c: undefined, d: undefined }))
    expect(share.take.size).toBe(2)
    expect(share.take.has("a")).toBe(false)
  })

  test("is nothing for the last of more members than leases", () => {
    const share = fairShare("z", ["x", "y", "z"], held({ a: "x", b: "y" }))
    expect([share.keep.size, share.take.size]).toEqual([0, 0])
  })
})
