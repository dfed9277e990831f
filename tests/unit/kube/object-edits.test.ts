import { describe, expect, test } from "bun:test"
import {
  controllerOf,
  diffToMergePatch,
  formatMatchLabels,
  hasFinalizer,
  isOwnedBy,
  type KubeObject,
  mergePatch,
  ownerReferenceTo,
  withFinalizer,
  withoutFinalizer,
} from "../../../src/kube/mod.ts"

function shop(metadata: object = {}): KubeObject {
  return { apiVersion: "example.com/v1", kind: "Shop", metadata: { name: "a", ...metadata } }
}

describe("owners", () => {
  test("a reference names its owner as the controller and blocks its deletion", () => {
    expect(ownerReferenceTo(shop({ uid: "u1" }))).toEqual({
      apiVersion: "example.com/v1",
      kind: "Shop",
      name: "a",
      uid: "u1",
      controller: true,
      blockOwnerDeletion: true,
    })
  })

  test("the controller is one owner, ownership is any", () => {
    const plain = { ...ownerReferenceTo(shop({ uid: "plain" })), controller: false }
    const child = shop({ ownerReferences: [plain, ownerReferenceTo(shop({ uid: "boss" }))] })
    expect(controllerOf(child)?.uid).toBe("boss")
    expect(isOwnedBy(child, "plain")).toBe(true)
    expect(isOwnedBy(child, "stranger")).toBe(false)
    expect(controllerOf(shop())).toBeUndefined()
  })
})

describe("finalizers", () => {
  test("are added once and taken off, in new objects", () => {
    const bare = shop()
    const held = withFinalizer(withFinalizer(bare, "x"), "y")
    expect(held.metadata.finalizers).toEqual(["x", "y"])
    expect(withFinalizer(held, "x")).toBe(held)
    expect(hasFinalizer(bare, "x")).toBe(false)
    expect(withoutFinalizer(held, "x").metadata.finalizers).toEqual(["y"])
    expect(withoutFinalizer(held, "z")).toBe(held)
  })

  test("the list goes with its last entry", () => {
    expect(withoutFinalizer(withFinalizer(shop(), "x"), "x")).toEqual(shop())
  })
})

describe("label selectors", () => {
  test("labels become a selector in the order of their keys", () => {
    expect(formatMatchLabels({ b: "2", a: "1" })).toBe("a=1,b=2")
    expect(formatMatchLabels({})).toBe("")
  })
})

describe("merge patches", () => {
  // The table of RFC 7386, appendix A.
  test.each([
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [
      ["a", "b"],
      ["c", "d"],
      ["c", "d"],
    ],
    [{ a: "b" }, ["c"], ["c"]],
    [{ a: "foo" }, null, null],
    [{ a: "foo" }, "bar", "bar"],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])("%j patched by %j is %j", (target, patch, wanted) => {
    expect(mergePatch(target, patch)).toEqual(wanted)
  })

  test("change nothing that they were given", () => {
    const target = Object.freeze({ a: Object.freeze({ b: 1 }) })
    expect(mergePatch(target, { a: { c: 2 } })).toEqual({ a: { b: 1, c: 2 } })
    expect(target).toEqual({ a: { b: 1 } })
  })

  test.each([
    [{ a: 1 }, { a: 1 }, undefined],
    [{ a: 1, b: { c: 1, d: 2 } }, { a: 1, b: { c: 1, d: 3 } }, { b: { d: 3 } }],
    [{ a: 1, b: 2 }, { a: 1 }, { b: null }],
    [{ a: [1, 2] }, { a: [1] }, { a: [1] }],
    [{ a: 1 }, { a: { b: 1 } }, { a: { b: 1 } }],
    [{ a: { b: 1 } }, { a: 1 }, { a: 1 }],
    [{ a: 1 }, { a: 1, b: null }, undefined],
    [undefined, { a: { b: null, c: 1 } }, { a: { c: 1 } }],
    [{ a: "text" }, { a: {} }, { a: {} }],
  ])("from %j to %j is %j", (before, after, wanted) => {
    const patch = diffToMergePatch(before, after)
    expect(patch).toEqual(wanted)
  })

  test("lead from one value to the other", () => {
    const before = { a: 1, b: { c: [1], d: { e: "x" } }, f: true }
    const after = { a: 2, b: { c: [1, 2], d: { g: "y" } }, h: {} }
    expect(mergePatch(before, diffToMergePatch(before, after))).toEqual(after)
  })

  test("keep a member called __proto__ a member", () => {
    const hostile = JSON.parse('{"__proto__": {"polluted": 1}}')
    const merged = mergePatch({ a: 1 }, hostile)
    expect(Object.keys(merged as object)).toEqual(["a", "__proto__"])
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype)
    expect(Object.keys(diffToMergePatch({}, hostile) as object)).toEqual(["__proto__"])
  })
})
