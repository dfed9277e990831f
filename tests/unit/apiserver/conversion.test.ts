import { describe, expect, test } from "bun:test"
import { webhookConversion } from "../../../src/apiserver/conversion.ts"
import { builtinResources, serveCrds } from "../../../src/apiserver/mod.ts"
import { seeded } from "../../../src/base/mod.ts"
import type { KubeObject } from "../../../src/kube/mod.ts"
import { TestApi } from "../../support/api-client.ts"

const crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
const things = (version: string) => `/apis/example.com/${version}/namespaces/shop/things`

function version(name: string, member: string) {
  const spec = { type: "object", properties: { [member]: { type: "string" } } }
  const openAPIV3Schema = { type: "object", properties: { spec } }
  return { name, served: true, storage: name === "v1", schema: { openAPIV3Schema } }
}

const crd = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "things.example.com" },
  spec: {
    group: "example.com",
    scope: "Namespaced",
    names: { plural: "things", kind: "Thing" },
    versions: [version("v1", "old"), version("v2", "fresh")],
    conversion: {
      strategy: "Webhook",
      webhook: { clientConfig: { url: "https://hook.example.com/convert" }, conversionReviewVersions: ["v1"] },
    },
  },
}

interface Wish {
  readonly uid: string
  readonly desiredAPIVersion: string
  readonly objects: readonly (KubeObject & { readonly spec?: { readonly old?: string; readonly fresh?: string } })[]
}

type Say = (wish: Wish) => object

/** `old` is called `fresh` in v2. */
const rename: Say = ({ desiredAPIVersion, objects }) => ({
  result: { status: "Success" },
  convertedObjects: objects.map(({ spec, ...object }) => ({
    ...object,
    apiVersion: desiredAPIVersion,
    spec: desiredAPIVersion.endsWith("v2") ? { fresh: spec?.old } : { old: spec?.fresh },
  })),
})

async function start(say: Say = rename) {
  const wishes: Wish[] = []
  const api = await TestApi.start({ resources: builtinResources() })
  const convert = webhookConversion({
    clock: api.clock,
    random: seeded(5),
    serviceUrl: () => undefined,
    send: async (request) => {
      const { request: wish } = (await request.json()) as { request: Wish } // what we sent
      wishes.push(wish)
      const response = { uid: wish.uid, ...say(wish) }
      return Response.json({ apiVersion: "apiextensions.k8s.io/v1", kind: "ConversionReview", response })
    },
  })
  const serving = serveCrds(api.server, { convert })
  const made = await api.ask("POST", crds, crd)
  const acceptedNames = made.body.spec.names
  const status = { ...made.body.status, acceptedNames, conditions: [{ type: "Established", status: "True" }] }
  await api.ask("PUT", `${crds}/things.example.com/status`, { ...made.body, status })
  const create = (of: string, spec: object, name = "a") =>
    api.ask("POST", things(of), { apiVersion: `example.com/${of}`, kind: "Thing", metadata: { name }, spec })
  return {
    api,
    wishes,
    create,
    async [Symbol.asyncDispose]() {
      serving[Symbol.dispose]()
      await api[Symbol.asyncDispose]()
    },
  }
}

test("an object is kept in the storage version and served in every version", async () => {
  await using world = await start()
  expect(await world.create("v2", { fresh: "x" })).toMatchObject({
    code: 201,
    body: { apiVersion: "example.com/v2", spec: { fresh: "x" } },
  })
  const old = await world.api.ask("GET", `${things("v1")}/a`)
  expect(old.body).toMatchObject({ apiVersion: "example.com/v1", spec: { old: "x" } })
})

test("the objects of a list are converted in one call, each as it should be", async () => {
  await using world = await start()
  for (const name of ["a", "b", "c"]) await world.create("v1", { old: name }, name)
  const before = world.wishes.length
  const { body } = await world.api.ask("GET", things("v2"))
  expect(body.items.map((item: { spec: unknown }) => item.spec)).toEqual([
    { fresh: "a" },
    { fresh: "b" },
    { fresh: "c" },
  ])
  expect(world.wishes.length - before).toBe(1)
})

test("a watch shows objects in its version", async () => {
  await using world = await start()
  const watch = await world.api.watch(`${things("v2")}?watch=1`)
  await world.create("v1", { old: "x" })
  expect(await watch.next()).toMatchObject({
    type: "ADDED",
    object: { apiVersion: "example.com/v2", spec: { fresh: "x" } },
  })
  await watch.stop()
})

test("an update in another version changes the stored object", async () => {
  await using world = await start()
  const made = await world.create("v1", { old: "x" })
  const seen = await world.api.ask("GET", `${things("v2")}/a`)
  const changed = await world.api.ask("PUT", `${things("v2")}/a`, { ...seen.body, spec: { fresh: "y" } })
  expect(changed).toMatchObject({ code: 200, body: { spec: { fresh: "y" }, metadata: { generation: 2 } } })
  expect((await world.api.ask("GET", `${things("v1")}/a`)).body.spec).toEqual({ old: "y" })
  expect(made.body.metadata.uid).toBe(changed.body.metadata.uid)
})

describe("an answer that cannot be used fails the request as a whole", () => {
  const failure = "conversion webhook for example.com/v1, Kind=Thing"
  test.each<[string, Say, string]>([
    ["a failure", () => ({ result: { status: "Failure", message: "no way" } }), `${failure} failed: no way`],
    ["no result", () => ({}), `${failure} failed: response.result.status was not Success`],
    ["another uid", () => ({ uid: "x" }), `${failure} returned an invalid response: expected response.uid=`],
    [
      "too few",
      () => ({ result: { status: "Success" }, convertedObjects: [] }),
      `${failure} returned 0 objects, expected 1`,
    ],
    [
      "another version",
      ({ objects }) => ({ result: { status: "Success" }, convertedObjects: objects }),
      `${failure} returned invalid converted object`,
    ],
    [
      "another name",
      ({ objects, desiredAPIVersion }) => ({
        result: { status: "Success" },
        convertedObjects: objects.map((object) => ({
          ...object,
          apiVersion: desiredAPIVersion,
          metadata: { ...object.metadata, name: "other" },
        })),
      }),
      `${failure} returned invalid metadata`,
    ],
  ])("%s", async (_, say, message) => {
    await using world = await start(say)
    await world.create("v1", { old: "x" })
    const { code, body } = await world.api.ask("GET", `${things("v2")}/a`)
    expect(code).toBe(500)
    expect(body.message).toContain(message)
  })
})

test("objects that cannot be converted fail a list, which names them, and are left out of a watch that begins", async () => {
  await using world = await start((wish) =>
    wish.objects.some(({ metadata }) => metadata.name === "b")
      ? { result: { status: "Failed", message: "no way" } }
      : rename(wish),
  )
  for (const name of ["a", "b", "c"]) await world.create("v1", { old: "x" }, name)
  const listed = await world.api.ask("GET", things("v2"))
  expect(listed).toMatchObject({ code: 500, body: { reason: "StorageReadError" } })
  expect(listed.body.details.causes.map(({ field }: { field: string }) => field)).toEqual([
    "/registry/example.com/things/shop/b",
  ])
  expect((await world.api.ask("GET", `${things("v2")}/c`)).code).toBe(200)
  const watch = await world.api.watch(`${things("v2")}?watch=1`)
  for (const name of ["a", "c"])
    expect(await watch.next()).toMatchObject({ type: "ADDED", object: { metadata: { name } } })
  await watch.stop()
})

test("a conversion changes labels, and nothing else of the metadata", async () => {
  await using world = await start((wish) => {
    const answer = rename(wish) as { convertedObjects: readonly KubeObject[] } // as made above
    const convertedObjects = answer.convertedObjects.map((object) => ({
      ...object,
      metadata: { ...object.metadata, labels: { added: "yes" }, finalizers: ["example.com/no"], generation: 99 },
    }))
    return { ...answer, convertedObjects }
  })
  await world.create("v1", { old: "x" })
  const { metadata } = (await world.api.ask("GET", `${things("v2")}/a`)).body
  expect(metadata).toMatchObject({ labels: { added: "yes" }, generation: 1 })
  expect(metadata.finalizers).toBeUndefined()
})
