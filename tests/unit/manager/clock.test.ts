/** A machine whose time somebody sets an hour forth or back. */
import { describe, expect, test } from "bun:test"
import { OrkError } from "../../../src/base/mod.ts"
import { katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const hourMs = 3_600_000
const plain = 'onReconcile:\n  configMaps: [{ name: "{{ .metadata.name }}" }]'
const made = (world: World, name = "shop") => world.server.read("ConfigMap", `default/${name}`) !== undefined

describe.each([
  ["forth", hourMs],
  ["back", -hourMs],
])("a clock that is set an hour %s", (_, byMs) => {
  test("costs the leader no more than a new election", async () => {
    await using world = await World.start(katalog(plain), { leaseName: "ork-demo" })
    await world.advance("1m")
    world.clock.set(byMs)
    await world.advance("30s")
    expect(world.manager.view.leadership().isLeader).toBe(true)
    world.server.put(website("shop"))
    await world.settle()
    expect(made(world)).toBe(true)
  })

  test("does not put off what is tried again", async () => {
    await using world = await World.start(katalog(plain, "resync: 100h"))
    const down = () => new OrkError("api/unavailable", "down")
    world.server.faults.add(down)
    world.server.put(website("shop"))
    await world.advance("5s")
    world.clock.set(byMs)
    world.server.faults.delete(down)
    await world.advance("1m")
    expect(made(world)).toBe(true)
  })
})

test("a gate on the time follows the clock that was set, by the next resync at the latest", async () => {
  const gate = 'gates: { reconcileGate: { when: [{ time: { after: "08:00", before: "20:00" } }] } }'
  await using world = await World.start(katalog(`${gate}\n${plain}`))
  world.server.put(website("early"))
  await world.advance("7h30m")
  expect(made(world, "early")).toBe(false)
  world.clock.set(hourMs)
  await world.advance("11m")
  expect(made(world, "early")).toBe(true)
  world.clock.set(-2 * hourMs)
  world.server.put(website("late"))
  await world.settle()
  expect(made(world, "late")).toBe(false)
})
