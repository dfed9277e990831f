import { describe, expect, test } from "bun:test"
import { builtinSchemas, deepFreeze, strategicMergePatch } from "../../../src/kube/mod.ts"

const set = builtinSchemas()
const schema = set.root({ group: "", version: "v1", kind: "Pod" })
const merge = (target: unknown, patch: unknown) => strategicMergePatch(deepFreeze(target), patch, { schema, set })

const containers = (...list: readonly object[]) => ({ spec: { containers: list } })
const env = (more: object, ...names: readonly string[]) =>
  containers({ name: "web", env: names.map((name) => ({ name })), ...more })
const finalizers = (...list: readonly string[]) => ({ metadata: { finalizers: list } })
const order = (...names: readonly string[]) => ({ "$setElementOrder/env": names.map((name) => ({ name })) })
const patchEnv = (more: object, ...list: readonly object[]) => containers({ name: "web", env: list, ...more })

describe("a strategic merge patch", () => {
  const cases: readonly (readonly [name: string, target: object, patch: object, expected: object])[] = [
    [
      "merges maps and removes by null",
      { metadata: { labels: { a: "1", b: "2" } } },
      { metadata: { labels: { a: null, c: "3" } } },
      { metadata: { labels: { b: "2", c: "3" } } },
    ],
    [
      "merges items by their key",
      containers({ name: "a", image: "1" }, { name: "b" }),
      containers({ name: "a", tty: true }),
      containers({ name: "a", image: "1", tty: true }, { name: "b" }),
    ],
    [
      "puts new items before those it does not name",
      containers({ name: "a" }, { name: "b" }),
      containers({ name: "c" }),
      containers({ name: "c" }, { name: "a" }, { name: "b" }),
    ],
    ["deletes an item", env({}, "A", "B"), patchEnv({}, { name: "A", $patch: "delete" }), env({}, "B")],
    ["replaces a list", env({}, "A", "B"), patchEnv({}, { name: "C" }, { $patch: "replace" }), env({}, "C")],
    [
      "replaces a map",
      { metadata: { labels: { a: "1" } } },
      { metadata: { labels: { $patch: "replace", b: "2" } } },
      { metadata: { labels: { b: "2" } } },
    ],
    [
      "empties a map",
      { metadata: { labels: { a: "1" } } },
      { metadata: { labels: { $patch: "delete" } } },
      { metadata: { labels: {} } },
    ],
    [
      "replaces lists that do not merge",
      containers({ name: "a", args: ["x"] }),
      containers({ name: "a", args: ["y"] }),
      containers({ name: "a", args: ["y"] }),
    ],
    ["unites sets of texts, new ones in front", finalizers("a", "b"), finalizers("c", "b"), finalizers("c", "a", "b")],
    [
      "deletes from a set",
      finalizers("a", "b"),
      { metadata: { "$deleteFromPrimitiveList/finalizers": ["a"] } },
      finalizers("b"),
    ],
    [
      "orders items",
      env({}, "A", "B", "C"),
      patchEnv(order("D", "C", "A"), { name: "D" }),
      env({}, "D", "B", "C", "A"),
    ],
    [
      "orders items without changing them",
      env({}, "A", "B"),
      containers({ name: "web", ...order("B", "A") }),
      env({}, "B", "A"),
    ],
    [
      "keeps only the keys it retains",
      { spec: { volumes: [{ name: "v", emptyDir: {} }] } },
      { spec: { volumes: [{ name: "v", $retainKeys: ["name", "configMap"], configMap: { name: "c" } }] } },
      { spec: { volumes: [{ name: "v", configMap: { name: "c" } }] } },
    ],
    [
      "adds what was not there without directives and nulls",
      {},
      patchEnv(order("A"), { name: "A", value: null }, { name: "B", $patch: "delete" }),
      env({}, "A"),
    ],
  ]
  test.each(cases)("%s", (_, target, patch, expected) => {
    expect(merge(target, patch)).toEqual({ ok: true, value: expected })
  })

  const refused: readonly (readonly [name: string, target: object, patch: unknown])[] = [
    ["that is no object", {}, []],
    ["with an item without its key", env({}, "A"), patchEnv({}, { value: "x" })],
    ["with an unknown directive", { metadata: { labels: { a: "1" } } }, { metadata: { labels: { $patch: "merge" } } }],
    ["with an unknown directive in an item", env({}, "A"), patchEnv({}, { name: "A", $patch: "twist" })],
    [
      "whose items do not follow its own order",
      env({}, "A", "B"),
      patchEnv(order("B", "A"), { name: "A" }, { name: "B" }),
    ],
    [
      "that sets what it does not retain",
      { spec: { volumes: [{ name: "v" }] } },
      { spec: { volumes: [{ name: "v", $retainKeys: ["name"], emptyDir: {} }] } },
    ],
    [
      "that deletes from a set without a list",
      finalizers("a"),
      { metadata: { "$deleteFromPrimitiveList/finalizers": "a" } },
    ],
  ]
  test.each(refused)("%s is refused", (_, target, patch) => expect(merge(target, patch).ok).toBe(false))
})
