import { expect, test } from "bun:test"
import { MemoryStorage } from "../../../src/apiserver/mod.ts"
import { TestApi } from "../../support/api-client.ts"
import { FakeClock } from "../../support/clock.ts"

const maps = "/api/v1/namespaces/shop/configmaps"

async function shop(names: readonly string[], options: { readonly historyMax?: number } = {}): Promise<TestApi> {
  const api = await TestApi.start(options)
  for (const name of names) await api.ask("POST", maps, { metadata: { name, labels: { first: name.slice(0, 1) } } })
  return api
}

const namesOf = (body: { items: { metadata: { name: string } }[] }) => body.items.map((item) => item.metadata.name)

test("pages come from the moment of the first one", async () => {
  await using api = await shop(["a", "b", "c", "d"])
  const first = (await api.ask("GET", `${maps}?limit=2`)).body
  expect(namesOf(first)).toEqual(["a", "b"])
  expect(first.metadata.remainingItemCount).toBe(2)
  await api.ask("DELETE", `${maps}/c`)
  await api.ask("POST", maps, { metadata: { name: "e" } })
  await api.ask("PUT", `${maps}/d`, { metadata: { name: "d" } })
  const second = (await api.ask("GET", `${maps}?limit=5&continue=${first.metadata.continue}`)).body
  expect(namesOf(second)).toEqual(["c", "d"])
  expect(second.items[1].metadata.labels).toEqual({ first: "d" })
  expect(second.metadata).toEqual({ resourceVersion: first.metadata.resourceVersion })
})

test("a page of a forgotten moment is refused with a token that goes on", async () => {
  await using api = await shop(["a", "b", "c"], { historyMax: 2 })
  const first = (await api.ask("GET", `${maps}?limit=1`)).body
  for (const name of ["d", "e", "f"]) await api.ask("POST", maps, { metadata: { name } })
  const second = (await api.ask("GET", `${maps}?limit=1&continue=${first.metadata.continue}`)).body
  expect(second).toMatchObject({ code: 410, reason: "Expired" })
  const third = (await api.ask("GET", `${maps}?continue=${second.metadata.continue}`)).body
  expect(namesOf(third)).toEqual(["b", "c", "d", "e", "f"])
})

test("selectors choose, and then nobody counts the rest", async () => {
  await using api = await shop(["a1", "a2", "b1"])
  const page = (await api.ask("GET", `${maps}?labelSelector=first%3Da&limit=1`)).body
  expect(namesOf(page)).toEqual(["a1"])
  expect(page.metadata.remainingItemCount).toBeUndefined()
  expect(namesOf((await api.ask("GET", `${maps}?fieldSelector=metadata.name!%3Da1`)).body)).toEqual(["a2", "b1"])
  expect((await api.ask("GET", `${maps}?fieldSelector=data.a%3D1`)).code).toBe(400)
  expect((await api.ask("GET", `${maps}?labelSelector=a+in+b`)).code).toBe(400)
})

test("a list of one exact moment is what was there then", async () => {
  await using api = await shop(["a"])
  const { resourceVersion } = (await api.ask("GET", maps)).body.metadata
  await api.ask("POST", maps, { metadata: { name: "b" } })
  const exact = `resourceVersion=${resourceVersion}&resourceVersionMatch=Exact`
  expect(namesOf((await api.ask("GET", `${maps}?${exact}`)).body)).toEqual(["a"])
  expect(namesOf((await api.ask("GET", `${maps}?resourceVersion=${resourceVersion}`)).body)).toEqual(["a", "b"])
  expect((await api.ask("GET", `${maps}?resourceVersion=999`)).body).toMatchObject({
    code: 504,
    details: { causes: [{ reason: "ResourceVersionTooLarge" }] },
  })
})

test("namespaces are told apart, and all can be listed at once", async () => {
  await using api = await shop(["a"])
  await api.ask("POST", "/api/v1/namespaces", { metadata: { name: "shop-2" } })
  await api.ask("POST", "/api/v1/namespaces/shop-2/configmaps", { metadata: { name: "b" } })
  expect(namesOf((await api.ask("GET", maps)).body)).toEqual(["a"])
  // In the order of whole keys, as etcd has them: "shop-2/b" is before "shop/a".
  expect(namesOf((await api.ask("GET", "/api/v1/configmaps")).body)).toEqual(["b", "a"])
})

test("tables and metadata can be had instead of objects", async () => {
  await using api = await shop(["a"])
  const table = { Accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json" }
  expect((await api.ask("GET", maps, undefined, table)).body).toMatchObject({
    kind: "Table",
    columnDefinitions: [{ name: "Name", priority: 0 }],
    rows: [{ cells: ["a"], object: { kind: "PartialObjectMetadata", metadata: { name: "a" } } }],
  })
  const partial = { Accept: "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io" }
  expect((await api.ask("GET", maps, undefined, partial)).body).toMatchObject({
    kind: "PartialObjectMetadataList",
    items: [{ kind: "PartialObjectMetadata", metadata: { name: "a" } }],
  })
})

test("a long list is written in pieces and reads as one, in every form", async () => {
  const names = Array.from({ length: 501 }, (_, index) => `m${String(index).padStart(3, "0")}`)
  await using api = await shop(names)
  const forms = [undefined, "Table", "PartialObjectMetadataList"]
  for (const form of forms) {
    const headers = form === undefined ? undefined : { Accept: `application/json;as=${form};v=v1;g=meta.k8s.io` }
    const [long, short] = [
      await api.ask("GET", maps, undefined, headers),
      await api.ask("GET", `${maps}?limit=500`, undefined, headers),
    ]
    const member = form === "Table" ? "rows" : "items"
    expect([long.code, long.headers.get("Content-Type"), long.body[member].length]).toEqual([
      200,
      "application/json",
      501,
    ])
    expect(long.body[member].slice(0, 500)).toEqual(short.body[member])
    expect({ ...long.body, [member]: [], metadata: {} }).toEqual({ ...short.body, [member]: [], metadata: {} })
  }
})

test("others are answered while many objects are deleted together", async () => {
  await using api = await shop(Array.from({ length: 120 }, (_, index) => `m${index}`))
  const deleted = api.ask("DELETE", maps)
  const left: number[] = []
  for (let i = 0; i < 3; i++) left.push(namesOf((await api.ask("GET", maps)).body).length)
  expect((await deleted).body.items).toHaveLength(120)
  expect(left.some((count) => count > 0 && count < 120)).toBe(true)
})

test("a deletion of many stops when its client is gone", async () => {
  await using api = await shop(Array.from({ length: 120 }, (_, index) => `m${index}`))
  const client = new AbortController()
  const request = new Request(`http://api${maps}`, { method: "DELETE", signal: client.signal })
  const deleted = api.server.fetch(request)
  client.abort()
  await deleted
  const left = namesOf((await api.ask("GET", maps)).body).length
  expect([left > 0, left < 120]).toEqual([true, true])
})

/** A server with 5,001 objects, more than a list looks at in one turn, and the turn that it waits for then. */
async function crowded(options: { readonly historyMax?: number } = {}) {
  const storage = new MemoryStorage()
  const turn = Promise.withResolvers<void>()
  const clock = new FakeClock()
  clock.turn = () => turn.promise
  const api = await TestApi.start({ storage, clock, ...options })
  for (let i = 0; i < 5_001; i++) {
    const name = `m${String(i).padStart(5, "0")}`
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "shop" } }
    storage.put({ prefix: "configmaps", namespace: "shop", name }, object, undefined)
  }
  return { api, goOn: () => turn.resolve(), revision: storage.revision }
}

test("a list of very many is from one moment, though others write meanwhile", async () => {
  const { api, goOn, revision } = await crowded()
  await using _ = api
  const listed = api.ask("GET", `${maps}?labelSelector=!none`)
  await api.ask("DELETE", `${maps}/m05000`)
  await api.ask("POST", maps, { metadata: { name: "n" } })
  goOn()
  const { body } = await listed
  expect([namesOf(body).length, namesOf(body).at(-1)]).toEqual([5_001, "m05000"])
  expect(body.metadata.resourceVersion).toBe(String(revision))
})

test("a list whose moment is forgotten under way is begun again", async () => {
  const { api, goOn, revision } = await crowded({ historyMax: 1 })
  await using _ = api
  const listed = api.ask("GET", maps)
  await api.ask("DELETE", `${maps}/m00000`)
  await api.ask("POST", maps, { metadata: { name: "n" } })
  goOn()
  const { code, body } = await listed
  expect([code, namesOf(body).length, namesOf(body)[0]]).toEqual([200, 5_001, "m00001"])
  expect(body.metadata.resourceVersion).toBe(String(revision + 2))
})
