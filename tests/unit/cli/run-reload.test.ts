import { expect, test } from "bun:test"
import { OrkError, silent } from "../../../src/base/mod.ts"
import { followFiles, type Read } from "../../../src/cli/commands/run-reload.ts"
import { FakeClock } from "../../support/clock.ts"
import { katalog } from "../../support/makers.ts"
import { memoryTerminal } from "../../support/terminal.ts"

const good = katalog("onReconcile:\n  configMaps: [{ name: a }]")

function follow(answers: boolean[] = []) {
  const clock = new FakeClock()
  const texts: Record<string, string> = { "katalog.yaml": good }
  const files = {
    read(path: string): string {
      const text = texts[path]
      if (text === undefined) throw new OrkError("config/file", `no ${path}`)
      return text
    },
    kind: (path: string) => (path in texts ? ("file" as const) : undefined),
    glob: () => [],
  }
  const errors: string[] = []
  const terminal = { ...memoryTerminal(files), clock, err: (text: string) => void errors.push(text) }
  const taken: Read[] = []
  const stop = new AbortController()
  const take = async (read: Read) => {
    taken.push(read)
    return answers.shift() ?? true
  }
  const running = followFiles(terminal, ["katalog.yaml"], { log: silent, signal: stop.signal, take }).catch(
    () => undefined,
  )
  const end = async () => {
    stop.abort()
    await running
  }
  return { clock, texts, taken, told: () => errors.join(""), stop: end }
}

const names = (taken: readonly Read[]) => taken.map(({ plan }) => plan.operators[0]?.resources.length)

test("a changed file is taken once it has held still, and only once", async () => {
  const world = follow()
  await world.clock.advance("5s")
  expect(world.taken).toEqual([])
  world.texts["katalog.yaml"] = good.replace("[{ name: a }]", "[{ name: a }, { name: b }]")
  await world.clock.advance("1s")
  expect(world.taken).toEqual([])
  await world.clock.advance("10s")
  expect(names(world.taken)).toEqual([2])
  await world.stop()
})

test("a wrong Katalog is told and not taken; the next good one is", async () => {
  const world = follow()
  world.texts["katalog.yaml"] = good.replace("onReconcile", "onReconcil")
  await world.clock.advance("5s")
  expect(world.taken).toEqual([])
  expect(world.told()).toContain("ORK0107")
  const told = world.told()
  await world.clock.advance("1m")
  expect(world.told()).toBe(told)
  delete world.texts["katalog.yaml"]
  await world.clock.advance("5s")
  world.texts["katalog.yaml"] = good.replace("[{ name: a }]", "[]")
  await world.clock.advance("5s")
  expect(names(world.taken)).toEqual([0])
  await world.stop()
})

test("what could not be applied is handed over again", async () => {
  const world = follow([false, true])
  world.texts["katalog.yaml"] = good.replace("name: a", "name: b")
  await world.clock.advance("10s")
  expect(world.taken).toHaveLength(1)
  await world.clock.advance("40s")
  expect(world.taken).toHaveLength(2)
  await world.clock.advance("5m")
  expect(world.taken).toHaveLength(2)
  await world.stop()
})
