import { expect, test } from "bun:test"
import { runControllers } from "../../../src/apiserver/controllers.ts"
import { builtinResources, crdController, serveCrds } from "../../../src/apiserver/mod.ts"
import { OwnedIndex } from "../../../src/apiserver/owned.ts"
import { Scope, seeded, silent } from "../../../src/base/mod.ts"
import { mergePatch } from "../../../src/kube/mod.ts"
import { TestApi } from "../../support/api-client.ts"

const crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
const things = "/apis/example.com/v1/namespaces/shop/things"

function crd(plural = "things", names: object = {}, spec: object = {}) {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.example.com` },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { plural, kind: "Thing", ...names },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: "object", properties: { spec: size({ default: "s" }) } } },
        },
      ],
      ...spec,
    },
  }
}

function size(fields: object) {
  return { type: "object", default: {}, properties: { size: { type: "string", ...fields } } }
}

const thing = (name: string, fields: object = {}) => ({
  apiVersion: "example.com/v1",
  kind: "Thing",
  metadata: { name },
  ...fields,
})

/** A server with the CRD controller at work. */
async function start() {
  const api = await TestApi.start({ resources: builtinResources() })
  const scope = new Scope({ log: silent })
  const serving = serveCrds(api.server)
  const deps = {
    api: api.server.api,
    owned: new OwnedIndex(),
    clock: api.clock,
    random: seeded(1),
    log: { ...silent, warn: (m: string, f: unknown) => console.log(m, f) } as never,
  }
  runControllers(deps, [crdController(api.server.api)], scope)
  const settle = () => api.clock.advance(100)
  return {
    api,
    settle,
    ask: api.ask.bind(api),
    /** Reads, changes and writes. */
    async change(path: string, patch: unknown) {
      return api.ask("PUT", path, mergePatch((await api.ask("GET", path)).body, patch))
    },
    async [Symbol.asyncDispose]() {
      await scope.stop()
      serving[Symbol.dispose]()
      await api[Symbol.asyncDispose]()
    },
  }
}

test("a CRD is established, then its objects are served with their defaults", async () => {
  await using world = await start()
  const made = await world.ask("POST", crds, crd())
  expect(made).toMatchObject({ code: 201, body: { spec: { names: { singular: "thing", listKind: "ThingList" } } } })
  await world.settle()
  const { body } = await world.ask("GET", `${crds}/things.example.com`)
  expect(body.status).toMatchObject({
    acceptedNames: { plural: "things", kind: "Thing", singular: "thing", listKind: "ThingList" },
    storedVersions: ["v1"],
    conditions: [
      { type: "NamesAccepted", status: "True", reason: "NoConflicts" },
      { type: "Established", status: "True", reason: "InitialNamesAccepted" },
    ],
  })
  const object = await world.ask("POST", things, thing("a"))
  expect(object).toMatchObject({ code: 201, body: { spec: { size: "s" }, metadata: { generation: 1 } } })
})

test("a change of a CRD counts for the next request and ends the watches of its objects", async () => {
  await using world = await start()
  await world.ask("POST", crds, crd())
  await world.settle()
  const watch = await world.api.watch(`${things}?watch=1`)
  const versions = [
    {
      ...crd().spec.versions[0],
      schema: { openAPIV3Schema: { type: "object", properties: { spec: size({ enum: ["m"] }) } } },
    },
  ]
  const changed = await world.change(`${crds}/things.example.com`, { spec: { versions } })
  expect(changed).toMatchObject({ code: 200, body: { metadata: { generation: 2 } } })
  expect(await watch.next()).toBeUndefined()
  const refused = await world.ask("POST", things, thing("a", { spec: { size: "x" } }))
  expect(refused).toMatchObject({ code: 422, body: { details: { causes: [{ field: "spec.size" }] } } })
})

test("a label on a CRD ends no watch", async () => {
  await using world = await start()
  await world.ask("POST", crds, crd())
  await world.settle()
  const watch = await world.api.watch(`${things}?watch=1`)
  await world.change(`${crds}/things.example.com`, { metadata: { labels: { a: "b" } } })
  await world.ask("POST", things, thing("a"))
  expect(await watch.names(1)).toEqual(["ADDED a"])
  await watch.stop()
})

test("names that another CRD has are not accepted until that one is gone", async () => {
  await using world = await start()
  await world.ask("POST", crds, crd())
  await world.settle()
  await world.ask("POST", crds, crd("others", { singular: "thing" }))
  await world.settle()
  const before = await world.ask("GET", `${crds}/others.example.com`)
  expect(before.body.status).toMatchObject({
    acceptedNames: { plural: "others", kind: "" },
    conditions: [
      { type: "NamesAccepted", status: "False", reason: "ListKindConflict", message: '"ThingList" is already in use' },
      { type: "Established", status: "False", reason: "NotAccepted", message: "not all names are accepted" },
    ],
  })
  expect((await world.ask("GET", "/apis/example.com/v1/others")).code).toBe(404)
  await world.ask("DELETE", `${crds}/things.example.com`)
  await world.settle()
  expect((await world.ask("GET", "/apis/example.com/v1/others")).code).toBe(200)
})

test("a CRD goes after its objects, and takes the watches with it", async () => {
  await using world = await start()
  await world.ask("POST", crds, crd())
  await world.settle()
  await world.ask("POST", things, thing("held", { metadata: { name: "held", finalizers: ["example.com/hold"] } }))
  await world.ask("POST", things, thing("free"))
  const deleted = await world.ask("DELETE", `${crds}/things.example.com`)
  expect(deleted.body).toMatchObject({
    metadata: { generation: 1, finalizers: ["customresourcecleanup.apiextensions.k8s.io"] },
    status: { conditions: [{}, {}, { type: "Terminating", reason: "InstanceDeletionPending" }] },
  })
  await world.settle()
  const left = await world.ask("GET", things)
  expect(left.body.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual(["held"])
  expect(await world.ask("POST", things, thing("late"))).toMatchObject({
    code: 403,
    body: {
      message:
        'things.example.com "late" is forbidden: create not allowed while custom resource definition is terminating',
    },
  })
  const waiting = await world.ask("GET", `${crds}/things.example.com`)
  expect(waiting.body.status.conditions[2]).toMatchObject({ reason: "InstanceDeletionInProgress" })
  const watch = await world.api.watch(`${things}?watch=1&resourceVersion=${left.body.metadata.resourceVersion}`)
  await world.change(`${things}/held`, { metadata: { finalizers: null } })
  await world.settle()
  expect(await watch.names(2)).toEqual(["DELETED held", "end"])
  expect((await world.ask("GET", `${crds}/things.example.com`)).code).toBe(404)
  expect((await world.ask("GET", things)).code).toBe(404)
})

test("the status of an object is written through its endpoint only", async () => {
  await using world = await start()
  const [version] = crd().spec.versions
  const schema = {
    openAPIV3Schema: {
      type: "object",
      properties: { status: { type: "object", properties: { ok: { type: "boolean" } } } },
    },
  }
  await world.ask("POST", crds, crd("things", {}, { versions: [{ ...version, schema, subresources: { status: {} } }] }))
  await world.settle()
  const made = await world.ask("POST", things, thing("a", { status: { ok: true } }))
  expect(made.body.status).toBeUndefined()
  const written = await world.ask("PUT", `${things}/a/status`, { ...made.body, status: { ok: true } })
  expect(written).toMatchObject({ code: 200, body: { status: { ok: true }, metadata: { generation: 1 } } })
})

test.each([
  ["https://example.com/pull/1", "True", "ApprovedAnnotation", "approved in https://example.com/pull/1"],
  ["unapproved, trying", "False", "UnapprovedAnnotation", 'not approved: "unapproved, trying"'],
])("a CRD of a Kubernetes group tells whether it was approved: %s", async (said, status, reason, message) => {
  await using world = await start()
  const annotations = { "api-approved.kubernetes.io": said }
  const metadata = { name: "things.demo.k8s.io", annotations }
  await world.ask("POST", crds, { ...crd("things", {}, { group: "demo.k8s.io" }), metadata })
  await world.settle()
  const { conditions } = (await world.ask("GET", `${crds}/things.demo.k8s.io`)).body.status
  expect(conditions[0]).toMatchObject({ type: "KubernetesAPIApprovalPolicyConformant", status, reason, message })
})
