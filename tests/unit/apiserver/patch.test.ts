import { expect, test } from "bun:test"
import { TestApi } from "../../support/api-client.ts"

const maps = "/api/v1/namespaces/shop/configmaps"
const merge = { "Content-Type": "application/merge-patch+json" }
const json = { "Content-Type": "application/json-patch+json" }
const strategic = { "Content-Type": "application/strategic-merge-patch+json" }
const applied = { "Content-Type": "application/apply-patch+yaml" }
const config = (data: Readonly<Record<string, unknown>>) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "one" },
  data,
})

async function withMap(): Promise<TestApi> {
  const api = await TestApi.start()
  await api.ask("POST", maps, { metadata: { name: "one" }, data: { a: "1", b: "2" } })
  return api
}

test("three kinds of patches change an object", async () => {
  await using api = await withMap()
  const first = await api.ask("PATCH", `${maps}/one`, { data: { a: "2", b: null } }, merge)
  expect(first.body.data).toEqual({ a: "2" })
  const second = await api.ask("PATCH", `${maps}/one`, [{ op: "add", path: "/data/c", value: "3" }], json)
  expect(second.body.data).toEqual({ a: "2", c: "3" })
  const third = await api.ask("PATCH", `${maps}/one`, { data: { $patch: "replace", d: "4" } }, strategic)
  expect(third.body.data).toEqual({ d: "4" })
})

test("a patch that changes nothing keeps the resourceVersion", async () => {
  await using api = await withMap()
  const { body } = await api.ask("GET", `${maps}/one`)
  expect((await api.ask("PATCH", `${maps}/one`, { data: { a: "1" } }, merge)).body).toEqual(body)
})

test("a patch that makes no sense is refused by its kind", async () => {
  await using api = await withMap()
  const code = async (body: unknown, headers: Readonly<Record<string, string>>, query = "") =>
    (await api.ask("PATCH", `${maps}/one${query}`, body, headers)).code
  expect(await code([{ op: "test", path: "/data/a", value: "9" }], json)).toBe(422)
  expect(await code({ op: "test" }, json)).toBe(400)
  expect(await code([], merge)).toBe(400)
  expect(await code("{", merge)).toBe(400)
  expect(await code({ data: { a: 1 } }, merge)).toBe(422)
  expect(await code({ metadata: { name: "two" } }, merge)).toBe(400)
  expect(await code({ metadata: { uid: "other" } }, merge)).toBe(422)
  expect(await code({ metadata: { resourceVersion: "1" } }, merge)).toBe(409)
  expect(await code({ data: {} }, { "Content-Type": "application/json" })).toBe(415)
  expect(await code({ data: {} }, merge, "?force=true")).toBe(422)
  const many = Array.from({ length: 10_001 }, () => ({ op: "test", path: "/data/a", value: "1" }))
  expect(await code(many, json)).toBe(413)
  expect(await code(many.slice(1), json)).toBe(200)
})

test("an apply makes an object, and takes away what its manager declares no more", async () => {
  await using api = await TestApi.start()
  const made = await api.ask("PATCH", `${maps}/one?fieldManager=me`, config({ a: "1", b: "2" }), applied)
  expect(made.code).toBe(201)
  expect(made.body.metadata.managedFields).toMatchObject([{ manager: "me", operation: "Apply" }])
  const changed = await api.ask("PATCH", `${maps}/one?fieldManager=me`, config({ a: "1" }), applied)
  expect(changed.code).toBe(200)
  expect(changed.body.data).toEqual({ a: "1" })
  await api.clock.advance("1m")
  expect((await api.ask("PATCH", `${maps}/one?fieldManager=me`, config({ a: "1" }), applied)).body).toEqual(
    changed.body,
  )
})

test("what another manager owns is a conflict, unless it is taken by force", async () => {
  await using api = await withMap()
  const refused = await api.ask("PATCH", `${maps}/one?fieldManager=me`, config({ a: "9" }), applied)
  expect(refused.body).toMatchObject({
    code: 409,
    reason: "Conflict",
    details: { causes: [{ reason: "FieldManagerConflict", field: ".data.a" }] },
  })
  const forced = await api.ask("PATCH", `${maps}/one?fieldManager=me&force=true`, config({ a: "9" }), applied)
  expect(forced.body.data).toEqual({ a: "9", b: "2" })
})

test("an apply says who applies, and what", async () => {
  await using api = await withMap()
  const code = async (body: unknown, query: string) =>
    (await api.ask("PATCH", `${maps}/one${query}`, body, applied)).code
  expect(await code(config({}), "")).toBe(422)
  expect(await code({ ...config({}), kind: "Pod" }, "?fieldManager=me")).toBe(400)
  expect(await code(config({ a: 1 }), "?fieldManager=me")).toBe(500)
  expect(await code("a: [", "?fieldManager=me")).toBe(400)
})

test("unknown and double fields are refused, warned of or ignored, as asked", async () => {
  await using api = await TestApi.start()
  const text = '{"metadata":{"name":"one"},"data":{"a":"1","a":"2"},"dat":{}}'
  const strict = await api.ask("POST", `${maps}?fieldValidation=Strict`, text)
  expect(strict.body).toMatchObject({ code: 400, reason: "BadRequest" })
  const warned = await api.ask("POST", maps, text)
  expect(warned.code).toBe(201)
  expect(warned.body.data).toEqual({ a: "2" })
  expect(warned.headers.get("Warning")).toBe('299 - "duplicate field \\"data.a\\"", 299 - "unknown field \\"dat\\""')
  const ignored = await api.ask("PUT", `${maps}/one?fieldValidation=Ignore`, text)
  expect(ignored.headers.get("Warning")).toBeNull()
  expect((await api.ask("POST", `${maps}?fieldValidation=Maybe`, text)).code).toBe(422)
})

test("a value of the wrong type is named as Go's decoder names it", async () => {
  await using api = await TestApi.start()
  const wrong = { metadata: { name: "one" }, spec: { template: { spec: { containers: [{ image: 1 }] } } } }
  const { body } = await api.ask("POST", "/apis/apps/v1/namespaces/shop/deployments", wrong)
  expect(body.code).toBe(400)
  expect(body.message).toEndWith(
    "json: cannot unmarshal number into Go struct field Container.spec.template.spec.containers.image of type string",
  )
})
