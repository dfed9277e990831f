import { describe, expect, test } from "bun:test"
import { objectKey } from "../../../src/kube/mod.ts"
import { crsMax, type Flight, FlightRecorder, flightsMax } from "../../../src/operator/flight.ts"
import { katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const shop = objectKey("default", "shop")

function flight(changes: Partial<Flight> = {}): Flight {
  return {
    atMs: 0,
    durationMs: 1,
    reason: "child",
    inputs: "",
    outcome: "done",
    did: "",
    why: "",
    times: 1,
    ...changes,
  }
}

describe("the flight recorder", () => {
  test("keeps the newest passes of a custom resource, up to its bound", () => {
    const recorder = new FlightRecorder()
    for (let i = 0; i <= flightsMax; i++) recorder.record(shop, flight({ did: `created ${i}` }))
    const kept = recorder.of(shop)
    expect(kept).toHaveLength(flightsMax)
    expect(kept[0]?.did).toBe("created 1")
    expect(kept.at(-1)?.did).toBe(`created ${flightsMax}`)
  })

  test("counts passes in a row that came to the same, and forgets none that wrote", () => {
    const recorder = new FlightRecorder()
    for (const did of ["", "", "updated a", "updated a", ""]) recorder.record(shop, flight({ did }))
    expect(recorder.of(shop).map(({ did, times }) => [did, times])).toEqual([
      ["", 2],
      ["updated a", 1],
      ["updated a", 1],
      ["", 1],
    ])
  })

  test("forgets the custom resource that was recorded longest ago when there are too many", () => {
    const recorder = new FlightRecorder()
    for (let i = 0; i <= crsMax; i++) recorder.record(objectKey("default", `cr-${i}`), flight())
    expect(recorder.of(objectKey("default", "cr-0"))).toEqual([])
    expect(recorder.of(objectKey("default", "cr-1"))).toHaveLength(1)
  })
})

describe("an operator", () => {
  const text = katalog("onReconcile:\n  configMaps: [{ name: a, data: { title: '{{ .spec.title }}' } }]")

  test("remembers what woke a pass, what it read, wrote and came to", async () => {
    await using world = await World.start(text, { objects: [website("shop")] })
    const [first] = world.manager.view.passes("website", "default", "shop").passes.toReversed()
    expect(first).toMatchObject({ trigger: "initial", outcome: "done", did: "created ConfigMap/default/a", why: "" })
    expect(first?.inputs).toMatch(/^Website\/default\/shop \d+, ConfigMap\/default\/a \d+$/)
  })

  test("remembers a refusal with its reason, and nothing of a custom resource that is gone", async () => {
    await using world = await World.start(text.replace(".spec.title", "fail .spec.title"), {
      objects: [website("shop")],
    })
    const { passes } = world.manager.view.passes("website", "default", "shop")
    expect(passes[0]).toMatchObject({ outcome: "error", did: "" })
    expect(passes[0]?.why).toContain("configMaps[0]")
    world.server.remove("Website", "default/shop")
    await world.settle()
    expect(world.manager.view.passes("website", "default", "shop").passes).toEqual([])
  })

  test("tells where the entry of a child is written", async () => {
    await using world = await World.start(text, { objects: [website("shop")] })
    const child = world.server.read("ConfigMap", "default/a")
    expect(child && world.manager.view.declaredAt("website", child)).toMatch(/^katalog\.yaml:\d+:\d+$/)
  })
})
