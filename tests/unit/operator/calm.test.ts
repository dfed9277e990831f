import { describe, expect, test } from "bun:test"
import { seeded } from "../../../src/base/mod.ts"
import { type ObjectKey, objectKey } from "../../../src/kube/mod.ts"
import { Calm } from "../../../src/operator/calm.ts"
import { FakeClock } from "../../support/clock.ts"
import { katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const shop = objectKey("default", "shop")

function calm() {
  const clock = new FakeClock(10_000)
  const own = new Calm({ clock })
  const out: number[] = []
  const keys: ObjectKey[] = []
  const stop = new AbortController()
  const running = own.run(stop.signal, (key) => {
    out.push(clock.nowMs())
    keys.push(key)
  })
  const end = async () => {
    stop.abort()
    await running
  }
  /** Edits of so many keys in turn, one every `gapMs`; how many of them did not wait. */
  const edit = async (edits: number, gapMs: number, count: number) => {
    let atOnce = 0
    for (let i = 0; i < edits; i++) {
      if (!own.holds(objectKey("default", `k${i % count}`), undefined)) atOnce++
      await clock.advance(gapMs)
    }
    return atOnce
  }
  return { clock, calm: own, out, keys, edit, end }
}

describe("a change of a custom resource", () => {
  test("that had no pass for a second waits for nothing", () => {
    const { calm: own } = calm()
    expect(own.holds(shop, undefined)).toBe(false)
    expect(own.holds(shop, 9_000)).toBe(false)
  })

  test("soon after a pass comes out once, when it has held still", async () => {
    const { clock, calm: own, out, end } = calm()
    for (let i = 0; i < 5; i++) {
      expect(own.holds(shop, 9_500)).toBe(true)
      await clock.advance(50)
    }
    await clock.advance("1s")
    expect(out).toEqual([10_300])
    await end()
  })

  test("that never holds still comes out after a second all the same", async () => {
    const { clock, calm: own, out, end } = calm()
    for (let i = 0; i < 40; i++) {
      own.holds(shop, clock.nowMs() - 10)
      await clock.advance(50)
    }
    expect(out[0]).toBe(11_000)
    expect(out.length).toBeLessThanOrEqual(2)
    await end()
  })

  test("of one that is gone is forgotten", async () => {
    const { clock, calm: own, out, end } = calm()
    own.holds(shop, 9_900)
    own.forget(shop)
    await clock.advance("2s")
    expect(out).toEqual([])
    await end()
  })
})

describe("a burst: many changes within a second", () => {
  test("holds all but its first changes, until it is over", async () => {
    const { clock, calm: own, out, edit, end } = calm()
    expect(await edit(1_000, 3, 100)).toBe(15)
    expect(out).toEqual([])
    expect(own.size).toBe(100)
    const endMs = clock.nowMs()
    await clock.advance("2s")
    expect(out).toHaveLength(100)
    expect(Math.max(...out) - endMs).toBeLessThanOrEqual(200)
    expect(own.size).toBe(0)
    await end()
  })

  test.each([1, 2, 3])("costs little more when the keys come in any order, seed %i", async (seed) => {
    const { clock, calm: own, out, end } = calm()
    const random = seeded(seed)
    let atOnce = 0
    for (let i = 0; i < 1_000; i++) {
      if (!own.holds(objectKey("default", `k${Math.floor(random.next() * 100)}`), undefined)) atOnce++
      await clock.advance(-Math.log(1 - random.next()) * 2.5)
    }
    await clock.advance("2s")
    expect(atOnce + out.length).toBeLessThanOrEqual(133)
    await end()
  })

  test("is no matter for a key that is edited once: it waits until it has held still", async () => {
    const { clock, calm: own, out, keys, edit, end } = calm()
    await edit(20, 5, 5)
    const lone = objectKey("default", "lone")
    const atMs = clock.nowMs()
    own.holds(lone, undefined)
    await edit(500, 5, 5)
    expect(out[keys.indexOf(lone)]).toBe(atMs + 800)
    await end()
  })

  test("that does not end hands out each key after at most eight seconds, a single one after one", async () => {
    for (const [count, waitMs] of [
      [100, 8_000],
      [1, 1_000],
    ] as const) {
      const { out, edit, end } = calm()
      await edit(3_000, 10, count)
      expect(out.length).toBeGreaterThanOrEqual(count * 3)
      expect(out.length).toBeLessThanOrEqual((30_000 / waitMs) * count * 1.5)
      await end()
    }
  })

  test("is over after a quiet moment: the next change waits for nothing", async () => {
    const { clock, calm: own, edit, end } = calm()
    await edit(100, 3, 10)
    await clock.advance("1s")
    expect(own.holds(shop, undefined)).toBe(false)
    await end()
  })

  test("is not what comes once in a while, for as long as it likes", async () => {
    const { edit, end } = calm()
    expect(await edit(200, 70, 50)).toBe(200)
    await end()
  })

  test("does not hold a key whose pass has begun: that sees it", async () => {
    const { clock, calm: own, out, edit, end } = calm()
    await edit(20, 3, 20)
    for (let i = 0; i < 20; i++) own.begin(objectKey("default", `k${i}`))
    expect(own.size).toBe(0)
    await clock.advance("9s")
    expect(out).toEqual([])
    await end()
  })

  test("says when a key is looked at", async () => {
    const { clock, calm: own, edit, end } = calm()
    await edit(20, 3, 20)
    expect(own.dueAt(objectKey("default", "k19"))).toBe(clock.nowMs() - 3 + 800)
    expect(own.dueAt(shop)).toBeUndefined()
    await end()
  })
})

test.each(Array.from({ length: 40 }, (_, seed) => seed))(
  "no change is lost and none waits for ever, seed %i",
  async (seed) => {
    const random = seeded(seed)
    const clock = new FakeClock(10_000)
    const own = new Calm({ clock })
    const stop = new AbortController()
    /** Of each key: when the first change came that no pass has seen, and when its last pass was. */
    const owed = new Map<ObjectKey, number>()
    const passed = new Map<ObjectKey, number>()
    const pass = (key: ObjectKey) => {
      const waitedMs = clock.nowMs() - (owed.get(key) ?? Number.NaN)
      expect(waitedMs).toBeLessThanOrEqual(8_000) // also false for a key that nobody owes a pass
      owed.delete(key)
      passed.set(key, clock.nowMs())
      own.begin(key)
    }
    const running = own.run(stop.signal, pass)
    const keys = Array.from({ length: 1 + Math.floor(random.next() * 30) }, (_, i) => objectKey("default", `k${i}`))
    for (let i = 0; i < 600; i++) {
      const key = keys[Math.floor(random.next() * keys.length)] ?? shop
      if (random.next() < 0.02) {
        own.forget(key)
        owed.delete(key)
        passed.delete(key)
      } else {
        if (!owed.has(key)) owed.set(key, clock.nowMs())
        if (!own.holds(key, passed.get(key)) || random.next() < 0.01) pass(key)
      }
      expect(own.size).toBe(owed.size)
      // Mostly quick, sometimes slow, now and then a rest.
      await clock.advance(random.next() ** (random.next() < 0.9 ? 8 : 1) * 400 + (random.next() < 0.01 ? 3_000 : 0))
    }
    await clock.advance("9s")
    expect([...owed.keys()]).toEqual([])
    expect(own.size).toBe(0)
    stop.abort()
    await running
  },
)

test("ten edits in a row cost two passes, and the last one is what counts", async () => {
  const text = katalog("onReconcile:\n  configMaps: [{ name: page, data: { title: '{{ .spec.title }}' } }]")
  await using world = await World.start(text, { objects: [website("shop", { title: "first" })] })
  world.server.takeWrites()
  for (let i = 1; i <= 10; i++) {
    world.server.edit("Website", "default/shop", { spec: { title: `t${i}` } })
    await world.advance("20ms")
  }
  await world.settle()
  expect(world.server.read("ConfigMap", "default/page")?.["data"]).toEqual({ title: "t10" })
  expect(world.server.takeWrites().filter((write) => write.startsWith("apply"))).toHaveLength(2)
})

test("a deletion never waits", async () => {
  const text = katalog("onReconcile:\n  configMaps: [{ name: far, namespace: far }]")
  await using world = await World.start(text, { objects: [website("shop")] })
  world.server.edit("Website", "default/shop", { spec: { any: 1 } })
  await world.advance("10ms")
  world.server.remove("Website", "default/shop")
  await world.advance("10ms")
  expect(world.server.read("Website", "default/shop")).toBeUndefined()
})

describe("an operator", () => {
  const text = katalog(
    "onReconcile:\n  configMaps: [{ name: '{{ .metadata.name }}', data: { title: '{{ .spec.title }}' } }]",
  )
  const shops = (count: number) => Array.from({ length: count }, (_, i) => website(`s${i}`, { title: "first" }))
  const applied = (world: World) => world.server.takeWrites().filter((write) => write.startsWith("apply"))

  test("works once on each of sixty custom resources that are edited six hundred times", async () => {
    await using world = await World.start(text, { objects: shops(60) })
    await world.advance("5s")
    world.server.takeWrites()
    for (let i = 0; i < 600; i++) {
      world.server.edit("Website", `default/s${i % 60}`, { spec: { title: `t${i}` } })
      await world.clock.advance(2.5)
    }
    expect(world.operator().placeOf(objectKey("default", "s1"))).toMatchObject({ kind: "delayed", reason: "user" })
    await world.settle()
    expect(applied(world).length).toBeLessThanOrEqual(80)
    for (let i = 0; i < 60; i++) {
      expect(world.server.read("ConfigMap", `default/s${i}`)?.["data"]).toEqual({ title: `t${540 + i}` })
      expect(world.condition("Ready", `default/s${i}`)).toMatchObject({ status: "True", observedGeneration: 11 })
    }
  }, 30_000)

  test("acts at once on an edit after a quiet second, on what is new, and on drift in the middle of a burst", async () => {
    await using world = await World.start(text, { objects: shops(40) })
    await world.advance("5s")
    const title = (name: string) => world.server.read("ConfigMap", `default/${name}`)?.["data"]
    world.server.edit("Website", "default/s39", { spec: { title: "now" } })
    await world.clock.settle()
    expect(title("s39")).toEqual({ title: "now" })
    for (let i = 0; i < 30; i++) {
      world.server.edit("Website", `default/s${i}`, { spec: { title: "held" } })
      await world.clock.advance(2)
    }
    expect(title("s29")).toEqual({ title: "first" })
    world.server.put(website("new", { title: "new" }))
    world.server.edit("ConfigMap", "default/s38", { data: { title: "drift" } })
    await world.clock.settle()
    expect(title("new")).toEqual({ title: "new" })
    expect(title("s38")).toEqual({ title: "first" })
  }, 30_000)
})
