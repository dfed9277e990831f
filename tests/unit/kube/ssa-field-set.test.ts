import { describe, expect, test } from "bun:test"
import {
  difference,
  type FieldSet,
  fieldPath,
  fieldSet,
  formatFieldPath,
  fromFieldsV1,
  intersection,
  isEmptySet,
  leaves,
  pathsOf,
  toFieldsV1,
  union,
} from "../../../src/kube/mod.ts"

function read(fields: unknown): FieldSet {
  const set = fromFieldsV1(fields)
  if (!set.ok) throw new Error(set.error)
  return set.value
}

const container = 'k:{"name":"web"}'
const fields = {
  "f:metadata": { "f:labels": { ".": {}, "f:app": {} } },
  "f:spec": {
    "f:containers": { [container]: { ".": {}, "f:image": {} } },
    "f:finalizers": { 'v:"a"': {}, 'v:"b"': {} },
  },
}

describe("fieldsV1", () => {
  test("survives reading and writing", () => expect(toFieldsV1(read(fields))).toEqual(fields))

  test("is written in canonical order", () => {
    const shuffled = {
      'v:"b"': {},
      "v:10": {},
      "i:1": {},
      "v:9": {},
      'v:"a"': {},
      'k:{"b":1}': {},
      "f:z": {},
      "f:a": {},
    }
    const sorted = ["f:a", "f:z", 'k:{"b":1}', "v:9", "v:10", 'v:"a"', 'v:"b"', "i:1"]
    expect(Object.keys(toFieldsV1(read(shuffled)))).toEqual(sorted)
  })

  test("names keys in order and escapes what HTML would read", () => {
    expect(toFieldsV1(read({ 'k:{"b":"<","a":1}': {} }))).toEqual({ 'k:{"a":1,"b":"\\u003c"}': {} })
  })

  test("drops steps of unknown kinds", () => expect(toFieldsV1(read({ "x:y": {}, "f:a": {} }))).toEqual({ "f:a": {} }))

  test.each([["f"], ["fx"], ["k:1"], ["k:{"], ["v:"], ["i:x"]])("refuses the step %p", (key) => {
    expect(fromFieldsV1({ [key]: {} }).ok).toBe(false)
  })

  test("is read to a depth of 100 and no deeper", () => {
    const nested = (depth: number) => {
      let value: object = {}
      for (let i = 0; i < depth; i++) value = { "f:a": value }
      return value
    }
    expect([fromFieldsV1(nested(100)).ok, fromFieldsV1(nested(101)).ok]).toEqual([true, false])
  })
})

describe("sets of fields", () => {
  const [a, ab, abc, d] = [fieldPath("a"), fieldPath("a", "b"), fieldPath("a", "b", "c"), fieldPath("d")]
  const show = (set: FieldSet) => pathsOf(set).map(formatFieldPath)

  test("unite, intersect and differ path by path", () => {
    const [left, right] = [fieldSet([a, abc, d]), fieldSet([ab, abc])]
    expect(show(union(left, right))).toEqual([".a", ".d", ".a.b", ".a.b.c"])
    expect(show(intersection(left, right))).toEqual([".a.b.c"])
    expect(show(difference(left, right))).toEqual([".a", ".d"])
    expect(show(difference(right, left))).toEqual([".a.b"])
  })

  test("know their leaves, and whether they are empty", () => {
    const set = fieldSet([a, abc, d])
    expect(show(leaves(set))).toEqual([".d", ".a.b.c"])
    expect([isEmptySet(fieldSet([])), isEmptySet(set)]).toEqual([true, false])
  })

  test("print paths as a server does", () => {
    const path = ["f:ports", 'k:{"port":80,"protocol":"TCP"}', "f:x", 'v:"a"', "i:0"]
    expect(formatFieldPath(path)).toBe('.ports[port=80,protocol="TCP"].x[="a"][0]')
  })
})
