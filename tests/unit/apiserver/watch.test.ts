import { expect, test } from "bun:test"
import { TestApi } from "../../support/api-client.ts"

const maps = "/api/v1/namespaces/shop/configmaps"
const map = (name: string, labels: Readonly<Record<string, string>> = {}) => ({ metadata: { name, labels } })

test("a watch without a version begins with what is there and goes on", async () => {
  await using api = await TestApi.start()
  await api.ask("POST", maps, map("one"))
  const watch = await api.watch(`${maps}?watch=true`)
  await api.ask("POST", maps, map("two"))
  await api.ask("DELETE", `${maps}/one`)
  expect(await watch.names(3)).toEqual(["ADDED one", "ADDED two", "DELETED one"])
})

test("a watch goes on from the version of a list", async () => {
  await using api = await TestApi.start()
  const { body } = await api.ask("GET", maps)
  await api.ask("POST", maps, map("one"))
  const watch = await api.watch(`${maps}?watch=true&resourceVersion=${body.metadata.resourceVersion}`)
  await api.ask("POST", maps, map("two"))
  expect(await watch.names(2)).toEqual(["ADDED one", "ADDED two"])
})

test("what enters and leaves a selection is added and deleted", async () => {
  await using api = await TestApi.start()
  const watch = await api.watch(`${maps}?watch=true&labelSelector=color%3Dred`)
  await api.ask("POST", maps, map("one", { color: "blue" }))
  const red = await api.ask("PUT", `${maps}/one`, map("one", { color: "red" }))
  const blue = await api.ask("PUT", `${maps}/one`, map("one", { color: "blue" }))
  expect(await watch.next()).toMatchObject({ type: "ADDED", object: red.body })
  const left = await watch.next()
  expect(left).toMatchObject({ type: "DELETED", object: { metadata: { labels: { color: "red" } } } })
  expect(left?.object.metadata.resourceVersion).toBe(blue.body.metadata.resourceVersion)
})

test("initial events end with a marked bookmark", async () => {
  await using api = await TestApi.start()
  await api.ask("POST", maps, map("one"))
  const query = "watch=true&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan"
  const watch = await api.watch(`${maps}?${query}`)
  expect((await watch.next())?.type).toBe("ADDED")
  expect(await watch.next()).toMatchObject({
    type: "BOOKMARK",
    object: { kind: "ConfigMap", metadata: { annotations: { "k8s.io/initial-events-end": "true" } } },
  })
})

test("bookmarks tell a quiet watch how far it has come", async () => {
  await using api = await TestApi.start()
  const watch = await api.watch(`${maps}?watch=true&allowWatchBookmarks=true&resourceVersion=2`)
  await api.ask("POST", "/api/v1/namespaces", map("other"))
  await api.clock.advance("61s")
  expect(await watch.next()).toMatchObject({ type: "BOOKMARK", object: { metadata: { resourceVersion: "3" } } })
})

test("a version within the bound is served, the one before it is gone", async () => {
  await using api = await TestApi.start({ historyMax: 3 })
  const first = await api.ask("POST", maps, map("m0"))
  for (const name of ["m1", "m2", "m3"]) await api.ask("POST", maps, map(name))
  const version = Number(first.body.metadata.resourceVersion)
  const watch = await api.watch(`${maps}?watch=true&resourceVersion=${version}`)
  expect(await watch.names(3)).toEqual(["ADDED m1", "ADDED m2", "ADDED m3"])
  const late = await api.watch(`${maps}?watch=true&resourceVersion=${version - 1}`)
  expect(late.code).toBe(200)
  expect(await late.next()).toMatchObject({ type: "ERROR", object: { code: 410, reason: "Expired" } })
  expect(await late.next()).toBeUndefined()
})

test("a watch whose reader is too slow ends, and one at the bound does not", async () => {
  await using api = await TestApi.start({ watchBufferMax: 3 })
  const slow = await api.watch(`${maps}?watch=true&resourceVersion=2`)
  for (const name of ["m0", "m1", "m2", "m3", "m4"]) await api.ask("POST", maps, map(name))
  const names = await slow.names(6)
  expect(names.at(-1)).toBe("end")
  const able = await api.watch(`${maps}?watch=true&resourceVersion=${5}`)
  await api.ask("POST", maps, map("m5"))
  expect(await able.names(3)).toEqual(["ADDED m3", "ADDED m4", "ADDED m5"])
})

test("a watch ends when its time is over", async () => {
  await using api = await TestApi.start()
  const watch = await api.watch(`${maps}?watch=true&timeoutSeconds=5`)
  await api.clock.advance("6s")
  expect(await watch.next()).toBeUndefined()
})

test("a watch ends with its resource", async () => {
  await using api = await TestApi.start()
  const watch = await api.watch(`${maps}?watch=true`)
  api.server.unregister({ group: "", version: "v1", resource: "configmaps" })
  expect(await watch.next()).toBeUndefined()
  expect((await api.ask("GET", maps)).code).toBe(404)
})
