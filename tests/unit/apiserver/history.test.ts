import { expect, test } from "bun:test"
import { History } from "../../../src/apiserver/history.ts"
import { MemoryStorage } from "../../../src/apiserver/mod.ts"
import { momentAt } from "../../../src/apiserver/moment.ts"
import { seeded } from "../../../src/base/mod.ts"
import type { KubeObject } from "../../../src/kube/mod.ts"

const prefix = "configmaps"
const map = (name: string, value: number): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "shop" },
  data: { value: String(value) },
})

test("any remembered moment can be seen again, exactly", () => {
  const random = seeded(5)
  const storage = new MemoryStorage()
  const history = new History({ beginning: storage.revision, limit: 50 })
  storage.onChange((change) => history.add(change))
  const moments = new Map<number, readonly KubeObject[]>([[storage.revision, []]])
  for (let step = 0; step < 200; step++) {
    const ref = { prefix, namespace: "shop", name: `m${Math.floor(random.next() * 12)}` }
    const live = storage.get(ref)
    if (live !== undefined && random.next() < 0.4) storage.remove(ref, live.metadata.resourceVersion ?? "")
    else storage.put(ref, map(ref.name, step), live?.metadata.resourceVersion)
    moments.set(storage.revision, storage.list(prefix))
  }
  for (const [revision, then] of moments) {
    const moment = momentAt({ storage, history }, { prefix, namespace: "shop", revision })
    if (revision < storage.revision - 50) expect(moment).toBe("expired")
    else if (moment === "expired") throw new Error("forgotten")
    else {
      expect([...moment.after("")]).toEqual([...then])
      const from = `shop/m${Math.floor(random.next() * 12)}`
      const rest = then.filter(({ metadata }) => `shop/${metadata.name}` > from)
      expect([[...moment.after(from)], moment.countAfter(from)]).toEqual([rest, rest.length])
    }
  }
})

test("a kind that changes much does not push out another", () => {
  const storage = new MemoryStorage()
  const history = new History({ beginning: storage.revision, limit: 3 })
  storage.onChange((change) => history.add(change))
  const quiet = { prefix: "secrets", namespace: "shop", name: "one" }
  storage.put(quiet, map("one", 0), undefined)
  const { revision } = storage
  for (let i = 0; i < 20; i++) storage.put({ ...quiet, prefix, name: `m${i}` }, map(`m${i}`, i), undefined)
  expect(history.since("secrets", revision)).toEqual([])
  expect(history.since("secrets", revision - 1)).toHaveLength(1)
  expect(history.since(prefix, revision)).toBe("expired")
})
