import { expect, test } from "bun:test"
import { type Random, seeded } from "../../../src/base/mod.ts"
import { TestApi } from "../../support/api-client.ts"

const maps = "/api/v1/namespaces/shop/configmaps"
const applied = { "Content-Type": "application/apply-patch+yaml" }
const keys = ["a", "b", "c", "d"]

function config(random: Random, name: string, own: readonly string[]) {
  // At least one: a server keeps no empty maps in metadata, so nobody owns them.
  const some = (value: (key: string) => string) =>
    Object.fromEntries(own.filter((_, i) => i === 0 || random.next() < 0.6).map((key) => [key, value(key)]))
  const data = some((key) => `${key}${Math.floor(random.next() * 3)}`)
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, labels: some((key) => key) }, data }
}

const apply = (api: TestApi, object: ReturnType<typeof config>, manager: string) =>
  api.ask("PATCH", `${maps}/${object.metadata.name}?fieldManager=${manager}&force=true`, object, applied)

test("an apply twice is an apply once, and what was accepted can be read back", async () => {
  const random = seeded(11)
  await using api = await TestApi.start()
  for (let round = 0; round < 100; round++) {
    const object = config(random, `m${round % 5}`, keys)
    const manager = `manager-${Math.floor(random.next() * 3)}`
    const once = await apply(api, object, manager)
    await api.clock.advance("2s")
    const twice = await apply(api, object, manager)
    expect(twice.code).toBe(200)
    expect(twice.body).toEqual(once.body)
    expect((await api.ask("GET", `${maps}/${object.metadata.name}`)).body).toEqual(once.body)
    expect(once.body.data ?? {}).toMatchObject(object.data)
  }
})

test("managers that share nothing may come in any order", async () => {
  const random = seeded(12)
  await using api = await TestApi.start()
  for (let round = 0; round < 50; round++) {
    const first = config(random, `x${round}`, ["a", "b"])
    const second = config(random, `x${round}`, ["c", "d"])
    const rename = (object: typeof first) => ({ ...object, metadata: { ...object.metadata, name: `y${round}` } })
    await apply(api, first, "one")
    const oneTwo = await apply(api, second, "two")
    await apply(api, rename(second), "two")
    const twoOne = await apply(api, rename(first), "one")
    expect(twoOne.body.data).toEqual(oneTwo.body.data)
    expect(twoOne.body.metadata.labels).toEqual(oneTwo.body.metadata.labels)
    expect(twoOne.body.metadata.managedFields).toEqual(oneTwo.body.metadata.managedFields)
  }
})
