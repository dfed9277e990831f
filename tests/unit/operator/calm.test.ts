import { describe, expect, test } from "bun:test"
import { objectKey } from "../../../src/kube/mod.ts"
import { Calm } from "../../../src/operator/calm.ts"
import { FakeClock } from "../../support/clock.ts"
import { katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const shop = objectKey("default", "shop")

function calm() {
  const clock = new FakeClock(10_000)
  const own = new Calm({ clock })
  const out: number[] = []
  const stop = new AbortController()
  const running = own.run(stop.signal, () => out.push(clock.nowMs()))
  const end = async () => {
    stop.abort()
    await running
  }
  return { clock, calm: own, out, end }
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
