import { describe, expect, test } from "bun:test"
import { isRecord } from "../../../src/kube/mod.ts"
import { katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const shop = (load: number) => website("shop", { load })

const box = `onReconcile:
  deployments:
    - name: web
      image: nginx
      autoscale:
        min: 2
        max: 5
        cooldown: 5m
        scaleUp:
          increment: 2
          conditions: { when: [{ field: spec.load, gt: 80 }] }
        scaleDown:
          conditions: { when: [{ field: spec.load, lt: 20 }] }`

function replicas(world: World): unknown {
  const spec = world.server.read("Deployment", "default/web")?.["spec"]
  return isRecord(spec) ? spec["replicas"] : undefined
}

const start = (load: number, text = box) => World.start(katalog(text), { objects: [shop(load)] })

describe("a workload with autoscale", () => {
  test("begins with its least number of replicas and keeps it while nothing asks for more", async () => {
    await using world = await start(50)
    expect(replicas(world)).toBe(2)
    world.server.takeWrites()
    await world.advance("1h")
    await world.restart()
    expect(world.server.takeWrites().filter((write) => write.includes("Deployment"))).toEqual([])
  })

  test("grows by a step in each cooldown, up to its bound", async () => {
    await using world = await start(50)
    await world.advance("10m")
    world.server.edit("Website", "default/shop", { spec: { load: 90 } })
    await world.settle()
    expect(replicas(world)).toBe(4)
    await world.advance("4m")
    expect(replicas(world)).toBe(4)
    await world.advance("2m")
    expect(replicas(world)).toBe(5)
    await world.advance("1h")
    expect(replicas(world)).toBe(5)
    expect(world.events().some(({ message }) => message.includes("scaled from 2 to 4"))).toBe(true)
  })

  test("shrinks again, down to its bound", async () => {
    await using world = await start(90)
    await world.advance("20m")
    expect(replicas(world)).toBe(5)
    world.server.edit("Website", "default/shop", { spec: { load: 10 } })
    await world.advance("30s")
    expect(replicas(world)).toBe(4)
    await world.advance("1h")
    expect(replicas(world)).toBe(2)
  })

  test("waits for the rest of its cooldown after a restart", async () => {
    await using world = await start(90)
    expect(replicas(world)).toBe(3)
    await world.advance("4m")
    await world.restart()
    expect(replicas(world)).toBe(3)
    await world.advance("2m")
    expect(replicas(world)).toBe(5)
  })

  test("goes to a fixed number where a target is given", async () => {
    const text = box.replace("increment: 2", 'target: "{{ 4 }}"')
    await using world = await start(90, text)
    await world.advance("6m")
    expect(replicas(world)).toBe(4)
  })
})
