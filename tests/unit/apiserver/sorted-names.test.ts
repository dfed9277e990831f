import { expect, test } from "bun:test"
import { SortedNames } from "../../../src/apiserver/sorted-names.ts"
import { seeded } from "../../../src/base/mod.ts"

test("names are in order after any changes, few or many between two reads", () => {
  const random = seeded(3)
  const draw = (limit: number) => Math.floor(random.next() * limit)
  const names = new SortedNames()
  const expected = new Set<string>()
  for (const changes of [0, 1, 32, 33, 5, 4096, 4097, 9000, 20, 1]) {
    for (let i = 0; i < changes; i++) {
      const name = `${["a", "a-b", "b"][draw(3)]}/m${draw(6000)}`
      if (expected.delete(name)) names.remove(name)
      else {
        expected.add(name)
        names.add(name)
      }
    }
    const sorted = [...expected].sort()
    expect([...names.below("")]).toEqual(sorted)
    expect([...names.below("a/")]).toEqual(sorted.filter((name) => name.startsWith("a/")))
    expect([...names.below("c/")]).toEqual([])
  }
})
