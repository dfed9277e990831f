import { describe, expect, test } from "bun:test"
import type { KubeObject } from "../../../../src/kube/mod.ts"
import { Store } from "../../../../src/runtime/cache/store.ts"

function child(name: string, more: object = {}): KubeObject {
  const fieldsV1 = {
    "f:data": { "f:size": {} },
    "f:metadata": {
      "f:annotations": { "f:a": {}, "f:b": {} },
      "f:labels": { "f:c": {} },
      "f:ownerReferences": { [`k:{"uid":"${name}"}`]: {} },
    },
    ...more,
  }
  const entry = { manager: "ork", operation: "Apply", time: "2026-01-01T00:00:00Z", fieldsV1 }
  const metadata = { name, namespace: "default", uid: name, resourceVersion: "1", managedFields: [entry] }
  return { apiVersion: "v1", kind: "ConfigMap", metadata }
}

function stored(...objects: readonly KubeObject[]): readonly KubeObject[] {
  const store = new Store()
  for (const object of objects) store.upsert(store.report(object))
  return store.list()
}

const fieldsOf = (object: KubeObject | undefined) => Object(object?.metadata.managedFields?.[0]?.fieldsV1)

describe("managed fields in a store", () => {
  test("say what the server said, in its order", () => {
    const text = JSON.stringify(child("a", { "f:immutable": {} }))
    expect(JSON.stringify(stored(JSON.parse(text))[0])).toBe(text)
  })

  test("are one value where they are equal, although each names its owner", () => {
    const [a, b] = stored(child("a"), child("b"))
    expect(fieldsOf(a)["f:data"]).toBe(fieldsOf(b)["f:data"])
    expect(fieldsOf(a)["f:metadata"]["f:annotations"]).toBe(fieldsOf(b)["f:metadata"]["f:annotations"])
    expect(fieldsOf(a)["f:metadata"]["f:ownerReferences"]).toEqual({ 'k:{"uid":"a"}': {} })
    expect(fieldsOf(b)["f:metadata"]["f:ownerReferences"]).toEqual({ 'k:{"uid":"b"}': {} })
  })

  test("stay apart where they differ", () => {
    const [a, b] = stored(child("a"), child("b", { "f:data": { "f:other": {} } }))
    expect(fieldsOf(a)["f:data"]).toEqual({ "f:size": {} })
    expect(fieldsOf(b)["f:data"]).toEqual({ "f:other": {} })
  })

  test("are remembered to a number and a length", () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) => child(`n${index}`, { "f:data": { [`f:${index}`]: {} } }))
    // Two of them are the labels and annotations that all have.
    const known = stored(child("a"), ...many(997), child("b"))
    expect(fieldsOf(known.at(-1))["f:data"]).toBe(fieldsOf(known[0])["f:data"])
    const forgotten = stored(child("a"), ...many(998), child("b"))
    expect(fieldsOf(forgotten.at(-1))["f:data"]).not.toBe(fieldsOf(forgotten[0])["f:data"])
    const long = { "f:data": { [`f:${"x".repeat(1_000)}`]: {} } }
    const [c, d] = stored(child("c", long), child("d", structuredClone(long)))
    expect(fieldsOf(c)["f:data"] === fieldsOf(d)["f:data"]).toBe(false)
    expect(Object.keys(fieldsOf(c)["f:data"])).toEqual(Object.keys(long["f:data"]))
  })

  test.each([undefined, null, "text", [1]])("that are %j pass", (fieldsV1) => {
    const { metadata, ...rest } = child("a")
    const object = { ...rest, metadata: { ...metadata, managedFields: [{ manager: "m", fieldsV1 }, {}] } }
    expect(JSON.stringify(stored(object)[0])).toBe(JSON.stringify(object))
  })
})
