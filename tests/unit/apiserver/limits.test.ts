import { expect, test } from "bun:test"
import { TestApi } from "../../support/api-client.ts"

const maps = "/api/v1/namespaces/shop/configmaps"
const bodyBytesMax = 3_145_728
const objectBytesMax = 1_572_864

const padded = (bytes: number, text: (filling: string) => string) => text("x".repeat(bytes - text("").length))
const body = (bytes: number) => padded(bytes, (filling) => `{"metadata":{"name":"one"},"nothing":"${filling}"}`)

test("a body may have three mebibytes and no byte more, declared or not", async () => {
  await using api = await TestApi.start()
  expect((await api.ask("POST", maps, body(bodyBytesMax))).code).toBe(201)
  const over = await api.ask("POST", maps, body(bodyBytesMax + 1))
  expect(over.body).toMatchObject({ code: 413, reason: "RequestEntityTooLarge" })
  expect(over.body.details).toBeUndefined()
  const declared = { "Content-Length": String(bodyBytesMax + 1) }
  expect((await api.ask("POST", maps, "{}", declared)).code).toBe(413)
})

test("an object may be as large as etcd takes it, and no larger", async () => {
  await using api = await TestApi.start()
  const map = (name: string, length: number) => ({ metadata: { name }, data: { a: "x".repeat(length) } })
  const small = await api.ask("POST", maps, map("one", 1))
  const { resourceVersion: _, ...metadata } = small.body.metadata
  const overhead = JSON.stringify({ ...small.body, metadata }).length - 1
  const room = objectBytesMax - overhead
  expect((await api.ask("POST", maps, map("two", room))).code).toBe(201)
  const over = await api.ask("POST", maps, map("six", room + 1))
  expect(over.body).toMatchObject({ code: 500, message: "etcdserver: request is too large" })
  expect(over.body.reason).toBeUndefined()
})

test("annotations may have 256 KiB together", async () => {
  await using api = await TestApi.start()
  const map = (length: number) => ({ metadata: { name: `m-${length}`, annotations: { a: "x".repeat(length) } } })
  expect((await api.ask("POST", maps, map(262_143))).code).toBe(201)
  expect((await api.ask("POST", maps, map(262_144))).body).toMatchObject({
    code: 422,
    details: { causes: [{ reason: "FieldValueTooLong", field: "metadata.annotations" }] },
  })
})

test("the name of a manager may have 128 bytes", async () => {
  await using api = await TestApi.start()
  const code = async (length: number) =>
    (await api.ask("POST", `${maps}?dryRun=All&fieldManager=${"x".repeat(length)}`, { metadata: { name: "one" } })).code
  expect(await code(128)).toBe(201)
  expect(await code(129)).toBe(422)
})
