import { expect, test } from "bun:test"
import { TestApi } from "../../support/api-client.ts"

const maps = "/api/v1/namespaces/shop/configmaps"
const map = (name: string, data: Readonly<Record<string, string>> = { a: "1" }) => ({ metadata: { name }, data })

test("what was created can be read back, listed, replaced and deleted", async () => {
  await using api = await TestApi.start()
  const created = await api.ask("POST", maps, map("one"))
  expect(created.code).toBe(201)
  expect(created.body).toMatchObject({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "one", namespace: "shop", creationTimestamp: "2026-01-01T00:00:00Z" },
    data: { a: "1" },
  })
  expect(created.body.metadata.managedFields).toMatchObject([{ manager: "test", operation: "Update" }])
  expect((await api.ask("GET", `${maps}/one`)).body).toEqual(created.body)

  const replaced = await api.ask("PUT", `${maps}/one`, map("one", { a: "2" }))
  expect(replaced.code).toBe(200)
  expect(replaced.body.metadata.uid).toBe(created.body.metadata.uid)
  expect(Number(replaced.body.metadata.resourceVersion)).toBeGreaterThan(Number(created.body.metadata.resourceVersion))

  const listed = await api.ask("GET", maps)
  expect(listed.body).toMatchObject({ kind: "ConfigMapList", items: [{ metadata: { name: "one" }, data: { a: "2" } }] })
  expect(listed.body.items[0].kind).toBeUndefined()

  const { uid } = created.body.metadata
  expect((await api.ask("DELETE", `${maps}/one`)).body).toEqual({
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Success",
    details: { name: "one", kind: "configmaps", uid },
  })
  expect((await api.ask("GET", `${maps}/one`)).body).toEqual({
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: 'configmaps "one" not found',
    reason: "NotFound",
    details: { name: "one", kind: "configmaps" },
    code: 404,
  })
})

test("a write that changes nothing keeps the resourceVersion", async () => {
  await using api = await TestApi.start()
  const { body } = await api.ask("POST", maps, map("one"))
  await api.clock.advance("1m")
  const again = await api.ask("PUT", `${maps}/one`, map("one"))
  expect(again.body).toEqual(body)
})

test("an old resourceVersion is a conflict", async () => {
  await using api = await TestApi.start()
  const { body } = await api.ask("POST", maps, map("one"))
  await api.ask("PUT", `${maps}/one`, map("one", { a: "2" }))
  const late = await api.ask("PUT", `${maps}/one`, { ...body, data: { a: "3" } })
  expect(late.body).toMatchObject({ code: 409, reason: "Conflict", details: { name: "one", kind: "configmaps" } })
})

test("a name that is taken is refused", async () => {
  await using api = await TestApi.start()
  await api.ask("POST", maps, map("one"))
  const second = await api.ask("POST", maps, map("one"))
  expect(second.body).toMatchObject({
    code: 409,
    reason: "AlreadyExists",
    details: { name: "one", kind: "configmaps" },
  })
})

test("a name can be made by the server", async () => {
  await using api = await TestApi.start()
  const { body } = await api.ask("POST", maps, { metadata: { generateName: "one-" } })
  expect(body.metadata.name).toMatch(/^one-[a-z0-9]{5}$/)
  expect(body.metadata.generateName).toBe("one-")
})

test("nothing is made where there is no namespace", async () => {
  await using api = await TestApi.start()
  const answer = await api.ask("POST", "/api/v1/namespaces/nowhere/configmaps", map("one"))
  expect(answer.body).toMatchObject({ code: 404, details: { name: "nowhere", kind: "namespaces" } })
})

test("a dry run changes nothing", async () => {
  await using api = await TestApi.start()
  const tried = await api.ask("POST", `${maps}?dryRun=All`, map("one"))
  expect(tried.code).toBe(201)
  expect((await api.ask("GET", `${maps}/one`)).code).toBe(404)
  expect((await api.ask("POST", `${maps}?dryRun=None`, map("one"))).code).toBe(422)
})

test("finalizers hold a deleted object until the last one is taken off", async () => {
  await using api = await TestApi.start()
  const held = { metadata: { name: "one", finalizers: ["example.com/hold"] } }
  await api.ask("POST", maps, held)
  const marked = await api.ask("DELETE", `${maps}/one`)
  expect(marked.body.metadata).toMatchObject({
    deletionTimestamp: "2026-01-01T00:00:00Z",
    deletionGracePeriodSeconds: 0,
  })
  const more = { metadata: { name: "one", finalizers: ["example.com/hold", "example.com/more"] } }
  expect((await api.ask("PUT", `${maps}/one`, more)).body).toMatchObject({
    code: 422,
    details: { causes: [{ reason: "FieldValueForbidden", field: "metadata.finalizers" }] },
  })
  const released = await api.ask("PUT", `${maps}/one`, { metadata: { name: "one" } })
  expect(released.code).toBe(200)
  expect((await api.ask("GET", `${maps}/one`)).code).toBe(404)
})

test("addresses that nobody serves are told apart", async () => {
  await using api = await TestApi.start()
  expect((await api.ask("GET", "/apis/nobody.example/v1/things")).body).toBe("404 page not found\n")
  expect((await api.ask("GET", "/metrics")).body).toBe("404 page not found\n")
  expect((await api.ask("GET", "/api/v1/things")).body).toMatchObject({ code: 404, details: {} })
  expect((await api.ask("PUT", maps, {})).body).toMatchObject({ code: 405, reason: "MethodNotAllowed" })
  const wanted = { Accept: "application/vnd.kubernetes.protobuf" }
  expect((await api.ask("GET", maps, undefined, wanted)).code).toBe(406)
  const both = { Accept: "application/vnd.kubernetes.protobuf, application/json" }
  expect((await api.ask("GET", maps, undefined, both)).code).toBe(200)
  expect((await api.ask("POST", maps, "x", { "Content-Type": "application/vnd.kubernetes.protobuf" })).code).toBe(400)
  expect((await api.ask("POST", maps, "x", { "Content-Type": "text/plain" })).code).toBe(415)
})

test("the verbs are there without HTTP", async () => {
  await using api = await TestApi.start()
  const gvr = { group: "", version: "v1", resource: "configmaps" }
  const direct = api.server.api
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "one", namespace: "shop" }, data: { a: "1" } }
  const changes: string[] = []
  using _ = direct.onChange(({ type, prefix, name }) => changes.push(`${type} ${prefix} ${name}`))
  const created = await direct.create(gvr, object, { manager: "me" })
  expect(direct.get(gvr, { namespace: "shop", name: "one" })).toEqual(created)
  await direct.update(gvr, { ...created, data: { a: "2" } }, { manager: "me" })
  expect(direct.list(gvr, "shop").map((item) => item["data"])).toEqual([{ a: "2" }])
  await direct.delete(gvr, { namespace: "shop", name: "one" })
  await direct.delete(gvr, { namespace: "shop", name: "one" })
  expect(changes).toEqual(["ADDED configmaps one", "MODIFIED configmaps one", "DELETED configmaps one"])
})

test("nothing new is made in a namespace that is on its way out", async () => {
  await using api = await TestApi.start()
  await api.ask("POST", "/api/v1/namespaces", { metadata: { name: "old", finalizers: ["example.com/hold"] } })
  await api.ask("DELETE", "/api/v1/namespaces/old")
  const refused = await api.ask("POST", "/api/v1/namespaces/old/configmaps", map("one"))
  expect(refused.body).toMatchObject({
    code: 403,
    reason: "Forbidden",
    details: { name: "one", kind: "configmaps", causes: [{ reason: "NamespaceTerminating" }] },
  })
})
