import { describe, expect, test } from "bun:test"
import { crdResources } from "../../../src/apiserver/crd.ts"
import type { RequestContext } from "../../../src/apiserver/resource.ts"
import type { KubeObject } from "../../../src/kube/mod.ts"

const spec = { type: "object", properties: { replicas: { type: "integer" }, size: { type: "string" } } }
const status = { type: "object", properties: { replicas: { type: "integer" } } }

function crd(version: object = {}, more: object = {}): KubeObject {
  const schema = { openAPIV3Schema: { type: "object", properties: { spec, status } } }
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "things.example.com" },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { plural: "things", kind: "Thing" },
      versions: [{ name: "v1", served: true, storage: true, schema, ...version }],
      ...more,
    },
    status: {
      acceptedNames: { plural: "things", kind: "Thing", singular: "thing", listKind: "ThingList", shortNames: ["th"] },
      conditions: [{ type: "Established", status: "True" }],
    },
  }
}

const everything = {
  subresources: { status: {}, scale: { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas" } },
}
const thing = (body: object, metadata: object = {}): KubeObject => ({
  apiVersion: "example.com/v1",
  kind: "Thing",
  metadata: { name: "a", ...metadata },
  ...body,
})
const context = (subresource = ""): RequestContext => ({
  user: { name: "me", groups: [] },
  now: "2026-01-01T00:00:00Z",
  subresource,
  dryRun: false,
})

function resource(of: KubeObject) {
  const [found] = crdResources(of)
  if (found === undefined) throw new Error("nothing is served")
  return found
}

test("a CRD serves nothing before it is established", () => {
  expect(crdResources({ ...crd(), status: {} })).toEqual([])
})

test("each served version is a resource; all are kept in one place", () => {
  const [version] = crdResources(crd())
  const versions = [
    { name: "v1", served: true, storage: false },
    { name: "v2", served: true, storage: true },
    { name: "v0", served: false, storage: false },
  ]
  const found = crdResources(crd({}, { versions }))
  expect(version).toMatchObject({ kind: "Thing", singular: "thing", shortNames: ["th"], namespaced: true })
  expect(found.map(({ gvr, storageVersion }) => [gvr.version, storageVersion])).toEqual([
    ["v1", "v2"],
    ["v2", "v2"],
  ])
  expect(new Set(found.map(({ prefix }) => prefix))).toEqual(new Set(["example.com/things"]))
})

test("an old version names the newest that is not", () => {
  const version = (name: string, more: object = {}) => ({ name, served: true, storage: name === "v1", ...more })
  const old = version("v1beta1", { deprecated: true })
  const said = (...versions: readonly object[]) =>
    crdResources(crd({}, { versions })).map(({ deprecation }) => deprecation)
  expect(said(version("v1"), old)).toEqual([
    undefined,
    "example.com/v1beta1 Thing is deprecated; use example.com/v1 Thing",
  ])
  expect(said(old)).toEqual(["example.com/v1beta1 Thing is deprecated"])
  expect(said({ ...old, deprecationWarning: "no more" })).toEqual(["no more"])
})

test("versions without a webhook differ in their name only", async () => {
  const versions = [
    { name: "v1", served: true, storage: true },
    { name: "v2", served: true, storage: false },
  ]
  const [first] = crdResources(crd({}, { versions }))
  const converted = await first?.convert?.([thing({ spec: { size: "s" } })], "example.com/v2")
  expect(converted).toEqual([{ ...thing({ spec: { size: "s" } }), apiVersion: "example.com/v2" }])
})

describe("with the status subresource", () => {
  const { strategy } = resource(crd(everything))

  test("a create drops the status and begins at generation 1", () => {
    const made = strategy.prepareCreate(thing({ spec: {}, status: { replicas: 1 } }), context())
    expect(made["status"]).toBeUndefined()
    expect(made.metadata.generation).toBe(1)
  })

  test("an update keeps the status and counts changes of the rest", () => {
    const old = thing({ spec: { size: "s" }, status: { replicas: 1 } }, { generation: 4 })
    const next = strategy.prepareUpdate(thing({ spec: { size: "m" }, status: { replicas: 9 } }), old, context())
    expect(next).toMatchObject({ spec: { size: "m" }, status: { replicas: 1 }, metadata: { generation: 5 } })
    const labelled = strategy.prepareUpdate(thing({ spec: { size: "s" } }, { labels: { a: "b" } }), old, context())
    expect(labelled.metadata).toEqual({ name: "a", labels: { a: "b" }, generation: 4 })
  })

  test("a write of the status changes nothing else", () => {
    const old = thing({ spec: { size: "s" } }, { generation: 4, labels: { a: "b" } })
    const given = thing({ spec: { size: "m" }, status: { replicas: 2 } }, { labels: { c: "d" }, resourceVersion: "7" })
    expect(strategy.prepareUpdate(given, old, context("status"))).toEqual(
      thing(
        { spec: { size: "s" }, status: { replicas: 2 } },
        { generation: 4, labels: { a: "b" }, resourceVersion: "7" },
      ),
    )
  })

  test("replicas behind the scale are never negative", () => {
    expect(strategy.validate(thing({ spec: { replicas: -1 } }), undefined, context())).toEqual([
      {
        reason: "FieldValueInvalid",
        message: "Invalid value: -1: should be a non-negative integer",
        field: ".spec.replicas",
      },
    ])
  })
})

test("without the status subresource a change of the status is work like any other", () => {
  const { strategy } = resource(crd())
  const made = strategy.prepareCreate(thing({ status: { replicas: 1 } }), context())
  expect(made["status"]).toEqual({ replicas: 1 })
  const next = strategy.prepareUpdate(thing({ status: { replicas: 2 } }), made, context())
  expect(next.metadata.generation).toBe(2)
})

test("field selectors reach the selectable fields", () => {
  const { selectable } = resource(crd({ selectableFields: [{ jsonPath: ".spec.size" }] }))
  expect(selectable["spec.size"]?.(thing({ spec: { size: "s" } }))).toBe("s")
  expect(selectable["spec.size"]?.(thing({}))).toBe("")
})
