import { describe, expect, test } from "bun:test"
import { katalog, website } from "../../support/makers.ts"
import { planOf, World } from "../../support/world.ts"

const box = "onReconcile:\n  configMaps: [{ name: '{{ .metadata.name }}' }]"
const scaled = (autoscale: string, keys = "workers: 2") => katalog(`${box}\nautoscale: ${autoscale}`, keys)
const workers = (world: World) => world.operator().workerStates.length
const planned = (autoscale: string, keys?: string) => planOf(scaled(autoscale, keys)).operators[0]?.autoscale

describe("the autoscale of an operator", () => {
  const busy =
    "{ interval: 5s, cooldown: 1m, conditions: { when: [{ field: metrics.queueDepth, greaterThan: 3 }] }, do: { workers: 6, resync: 1m } }"

  test("has more workers while its conditions hold, and goes back after the cooldown", async () => {
    await using world = await World.start(scaled(busy))
    const pending: (() => void)[] = []
    const apply = world.server.apply.bind(world.server)
    let isHeld = true
    world.server.apply = async (...call) => {
      if (isHeld) await new Promise<void>((resolve) => pending.push(resolve))
      return await apply(...call)
    }
    for (let index = 0; index < 20; index++) world.server.put(website(`shop-${index}`))
    await world.settle()
    expect(pending).toHaveLength(2)
    await world.advance("5s")
    expect(workers(world)).toBe(6)
    expect(pending).toHaveLength(6)
    isHeld = false
    for (const go of pending) go()
    await world.advance("50s")
    expect(workers(world)).toBe(6)
    await world.advance("20s")
    expect(workers(world)).toBe(2)
    world.server.put(website("late"))
    await world.settle()
    expect(world.condition("Ready", "default/late")?.status).toBe("True")
  })

  test("never ends a pass: a worker that is too many stops after it", async () => {
    const few =
      "{ interval: 5s, conditions: { when: [{ field: metrics.queueDepth, lessThan: 1 }] }, do: { workers: 1 } }"
    await using world = await World.start(scaled(few))
    await world.advance("6s")
    expect(workers(world)).toBe(1)
    world.server.put(website("shop"))
    await world.settle()
    expect(world.condition("Ready")?.status).toBe("True")
  })

  test("changes the resync at once", async () => {
    const text = scaled(
      "{ interval: 5s, conditions: { when: [{ field: metrics.queueDepth, lessThan: 1 }] }, do: { resync: 1m } }",
      "resync: 1h",
    )
    await using world = await World.start(text, { objects: [website("shop")] })
    const before = world.operator().health.total
    await world.advance("5m")
    expect(world.operator().health.total).toBeGreaterThan(before + 3)
  })

  test.each([
    ["burst", 8, 5],
    ["steady", 4, 30],
    ["batch", 6, 60],
    ["latency-sensitive", 5, 15],
    ["cost-optimized", 1, 30],
  ])("knows the profile %s", (profile, count, seconds) => {
    const plan = planned(`{ profile: ${profile} }`)
    expect([plan?.workers, (plan?.interval ?? 0) / 1_000]).toEqual([count, seconds])
  })

  test("knows profiles of the author's own", () => {
    const own =
      "profiles: { autoscale: { night: { conditions: { when: [{ cron: '0 1 * * *' }] }, do: { workers: 9 } } } }"
    expect(planOf(`${own}\n${scaled("{ profile: night }")}`).operators[0]?.autoscale?.workers).toBe(9)
  })

  test.each([
    ["{ profile: brust }", "ORK0420"],
    ["{ profile: burst, interval: 5s }", "ORK0421"],
    ["{ do: { workers: 3 } }", "ORK0108"],
    ["{ conditions: { when: [{ field: metrics.queueDepth, greaterThan: 3 }] } }", "ORK0108"],
    ["{ conditions: { when: [{ field: metrics.queueDeph, greaterThan: 3 }] }, do: { workers: 3 } }", "ORK0501"],
    ["{ conditions: { when: [{ field: spec.size, greaterThan: 3 }] }, do: { workers: 3 } }", "ORK0501"],
  ])("%s is %s", (autoscale, code) => {
    expect(() => planned(autoscale)).toThrow(code)
  })
})
