import { expect, test } from "bun:test"
import { keyOf } from "../../../src/kube/mod.ts"
import { Loops } from "../../../src/operator/loops.ts"
import { FakeClock } from "../../support/clock.ts"
import { katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

/** Somebody reacts to each apply of a ConfigMap. */
function react(world: World, reaction: () => void): void {
  world.server.reactions.add(({ verb, kind }) => {
    if (verb === "apply" && kind === "ConfigMap") reaction()
  })
}

const applies = (world: World) => world.server.takeWrites().filter((write) => write.startsWith("apply")).length

test("a child that is lost as soon as it is made is made again a bounded number of times, and named", async () => {
  const text = katalog("onReconcile:\n  configMaps: [{ name: page }]")
  await using world = await World.start(text)
  react(world, () => world.server.remove("ConfigMap", "default/page"))
  world.server.put(website("shop"))
  await world.settle()
  expect(applies(world)).toBe(60)
  expect(world.condition("HotLoop")).toMatchObject({ status: "True" })
  expect(world.condition("HotLoop")?.message).toContain("created ConfigMap/default/page, 60 times")
  expect(world.condition("Stalled")).toMatchObject({ status: "True", reason: "HotLoop" })
  await world.advance("1h")
  expect(applies(world)).toBeLessThan(6 * 16)
})

const feeding = katalog(`onReconcile:
  configMaps: [{ name: page, data: { seen: "{{ .children.configMap.metadata.resourceVersion }}" } }]`)

test("a template that says something else in each pass is stopped, and goes on after an edit", async () => {
  await using world = await World.start(feeding)
  let count = 0
  react(world, () => world.server.edit("ConfigMap", "default/page", { metadata: { labels: { n: `${count++}` } } }))
  world.server.put(website("shop"))
  await world.settle()
  expect(applies(world)).toBeLessThan(25)
  expect(world.condition("HotLoop")?.message).toContain("updated ConfigMap/default/page (data.seen)")
  world.server.edit("Website", "default/shop", { spec: { any: 1 } })
  await world.settle()
  expect(applies(world)).toBeGreaterThan(10)
})

test("a CR that rests can be deleted", async () => {
  const text = katalog("onReconcile:\n  configMaps: [{ name: page }, { name: far, namespace: far }]")
  await using world = await World.start(text)
  react(world, () => world.server.remove("ConfigMap", "default/page"))
  world.server.put(website("shop"))
  await world.settle()
  expect(world.condition("HotLoop")).toBeDefined()
  world.server.remove("Website", "default/shop")
  await world.settle()
  expect(world.server.read("Website", "default/shop")).toBeUndefined()
})

test("one CR's loop is not another's", async () => {
  const text = katalog('onReconcile:\n  configMaps: [{ name: "{{ .metadata.name }}" }]')
  await using world = await World.start(text)
  react(world, () => world.server.remove("ConfigMap", "default/shop"))
  world.server.put(website("shop"))
  world.server.put(website("calm"))
  await world.settle()
  expect(world.condition("HotLoop", "default/calm")).toBeUndefined()
  expect(world.condition("Ready", "default/calm")?.status).toBe("True")
})

test("rests grow to five minutes, end with an edit, and are forgotten with the CR", async () => {
  const clock = new FakeClock()
  const loops = new Loops(clock)
  const cr = { ...website("shop"), metadata: { ...website("shop").metadata, generation: 1 } }
  const updated = { verb: "updated", object: "ConfigMap/default/page" } as const
  const rests: number[] = []
  for (let times = 0; times < 8; times++) {
    while (!loops.resting(cr)) loops.note(cr, [updated])
    rests.push((loops.resting(cr)?.leftMs ?? 0) / 1_000)
    await clock.advance(`${loops.resting(cr)?.leftMs ?? 0}ms`)
  }
  expect(rests).toEqual([30, 60, 120, 240, 300, 300, 300, 300])
  while (!loops.resting(cr)) loops.note(cr, [updated])
  expect(loops.resting({ ...cr, metadata: { ...cr.metadata, generation: 2 } })).toBeUndefined()
  expect(loops.size).toBe(0)
  loops.note(cr, [updated])
  loops.forget(keyOf(cr))
  expect(loops.size).toBe(0)
})

test("corrections of what others changed are no loop", () => {
  const loops = new Loops(new FakeClock())
  const cr = website("shop")
  for (let times = 0; times < 500; times++) loops.note(cr, [{ verb: "corrected", object: "ConfigMap/default/page" }])
  expect(loops.resting(cr)).toBeUndefined()
})
