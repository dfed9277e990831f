import { describe, expect, test } from "bun:test"
import { deepFreeze, jsonPatch, patchOperationsMax } from "../../../src/kube/mod.ts"

const add = (path: string, value: unknown) => ({ op: "add", path, value })

describe("a JSON patch", () => {
  const cases: readonly (readonly [name: string, target: unknown, patch: readonly object[], expected: unknown])[] = [
    ["adds a member", { a: 1 }, [add("/b", 2)], { a: 1, b: 2 }],
    ["adds over a member", { a: 1 }, [add("/a", 2)], { a: 2 }],
    ["inserts into a list", { l: [1, 3] }, [add("/l/1", 2)], { l: [1, 2, 3] }],
    ["appends to a list", { l: [1] }, [add("/l/-", 2), add("/l/2", 3)], { l: [1, 2, 3] }],
    ["removes from a list", { l: [1, 2, 3] }, [{ op: "remove", path: "/l/1" }], { l: [1, 3] }],
    ["replaces in a list of maps", { l: [{ a: 1 }] }, [{ op: "replace", path: "/l/0/a", value: 2 }], { l: [{ a: 2 }] }],
    ["replaces what is not there", {}, [{ op: "replace", path: "/a", value: 1 }], { a: 1 }],
    ["copies what is not there", {}, [{ op: "copy", from: "/a", path: "/b" }], { b: null }],
    ["replaces the whole", { a: 1 }, [{ op: "replace", path: "", value: [1] }], [1]],
    ["moves", { a: { b: 1 } }, [{ op: "move", from: "/a/b", path: "/c" }], { a: {}, c: 1 }],
    ["moves inside a list", { l: [1, 2, 3] }, [{ op: "move", from: "/l/0", path: "/l/2" }], { l: [2, 3, 1] }],
    ["copies", { a: [1] }, [{ op: "copy", from: "/a", path: "/b" }], { a: [1], b: [1] }],
    ["reads escapes", { "a/b": { "~": 1 } }, [{ op: "replace", path: "/a~1b/~0", value: 2 }], { "a/b": { "~": 2 } }],
    ["reads ~01 as ~1", { "~1": 1 }, [{ op: "remove", path: "/~01" }], {}],
    ["tests", { a: { b: [1] } }, [{ op: "test", path: "/a", value: { b: [1] } }], { a: { b: [1] } }],
    ["tests an absent member as null", {}, [{ op: "test", path: "/a", value: null }], {}],
    ["keeps a key called __proto__ a key", {}, [add("/__proto__", 1)], JSON.parse('{"__proto__":1}')],
  ]
  test.each(cases)("%s", (_, target, patch, expected) => {
    expect(jsonPatch(deepFreeze(target), patch)).toEqual({ ok: true, value: expected })
  })

  const failures: readonly (readonly [name: string, target: unknown, patch: readonly unknown[], kind: string])[] = [
    ["a failed test", { a: 1 }, [{ op: "test", path: "/a", value: 2 }], "failed"],
    ["a parent that is absent", {}, [add("/a/b", 1)], "failed"],
    ["a member to remove that is absent", {}, [{ op: "remove", path: "/a" }], "failed"],
    ["an inherited member", {}, [{ op: "remove", path: "/constructor" }], "failed"],
    ["a place after the end", { l: [1] }, [add("/l/2", 1)], "failed"],
    ["an item to remove after the end", { l: [1] }, [{ op: "remove", path: "/l/1" }], "failed"],
    ["an index with a zero in front", { l: [1, 2] }, [{ op: "remove", path: "/l/01" }], "failed"],
    ["a move into itself", { a: { b: 1 } }, [{ op: "move", from: "/a", path: "/a/b" }], "failed"],
    ["an unknown op", {}, [{ op: "merge", path: "/a" }], "malformed"],
    ["a path without a slash", {}, [add("a", 1)], "malformed"],
    ["a missing value", {}, [{ op: "add", path: "/a" }], "malformed"],
    ["a missing from", {}, [{ op: "copy", path: "/a" }], "malformed"],
  ]
  test.each(failures)("is refused for %s", (_, target, patch, kind) => {
    expect(jsonPatch(target, patch)).toMatchObject({ ok: false, error: { kind } })
  })

  test("may have 10,000 operations and no more", () => {
    const operations = (count: number) => Array.from({ length: count }, () => ({ op: "test", path: "/a", value: 1 }))
    expect(jsonPatch({ a: 1 }, operations(patchOperationsMax)).ok).toBe(true)
    expect(jsonPatch({ a: 1 }, operations(patchOperationsMax + 1))).toMatchObject({ error: { kind: "malformed" } })
  })

  test("may point 1,000 steps deep and no deeper", () => {
    const pointer = (steps: number) => [{ op: "test", path: "/a".repeat(steps), value: null }]
    expect(jsonPatch({}, pointer(1_000)).ok).toBe(true)
    expect(jsonPatch({}, pointer(1_001))).toMatchObject({ error: { kind: "malformed" } })
  })
})
