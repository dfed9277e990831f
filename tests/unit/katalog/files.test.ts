import { describe, expect, test } from "bun:test"
import { resolveFiles } from "../../../src/katalog/files.ts"
import { load, readManifests } from "../../../src/katalog/mod.ts"
import { memoryFiles } from "../../support/files.ts"
import { errorCodes, websiteCrd, websiteKatalog } from "./support.ts"

const object = (name: string) => `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name} }\n`

describe("files that a Katalog names", () => {
  const files = memoryFiles({
    "shop/katalog.yaml": "",
    "shop/rbac/b.yaml": "",
    "shop/rbac/a.yaml": "",
    "shop/rbac/c.txt": "",
    "shared/x.yaml": "",
    "/abs/y.yaml": "",
  })
  const paths = (written: string) => {
    const found = resolveFiles(files, { written, at: "x", katalog: "shop/katalog.yaml" })
    return found.ok ? found.value.map((ref) => ref.path) : found.error.code
  }
  test.each([
    ["rbac/a.yaml", ["shop/rbac/a.yaml"]],
    ["./rbac/a.yaml", ["shop/rbac/a.yaml"]],
    ["rbac/*.yaml", ["shop/rbac/a.yaml", "shop/rbac/b.yaml"]],
    ["**/*.yaml", ["shop/katalog.yaml", "shop/rbac/a.yaml", "shop/rbac/b.yaml"]],
    ["../shared/*.yaml", ["shared/x.yaml"]],
    ["../shared/x.yaml", ["shared/x.yaml"]],
    ["/abs/y.yaml", ["/abs/y.yaml"]],
    ["rbac", "ORK0201"],
    ["rbac/d.yaml", "ORK0201"],
    ["other/*.yaml", "ORK0201"],
    ["https://example.com/a.yaml", "ORK0209"],
    ["oci://example.com/a", "ORK0110"],
  ])("%s", (written, expected) => {
    expect<unknown>(paths(written)).toEqual(expected)
  })
})

describe("manifests", () => {
  const read = (text: string) => readManifests(memoryFiles({ "a.yaml": text }), "a.yaml")
  const names = (text: string) => {
    const result = read(text)
    return result.ok ? result.value.map((one) => `${one.kind}/${one.metadata.name}`) : result.error.map((d) => d.code)
  }
  test("hold many documents; empty ones do not count", () => {
    expect(names(`${object("a")}---\n---\n# nothing\n---\n${object("b")}`)).toEqual(["Namespace/a", "Namespace/b"])
  })
  test("may be JSON, with a byte order mark", () => {
    expect(names('\uFEFF{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a"}}')).toEqual(["Namespace/a"])
  })
  test("open lists, and items of a typed list know their kind", () => {
    const item = "{ metadata: { name: a } }"
    expect(names(`apiVersion: v1\nkind: NamespaceList\nitems: [${item}]\n`)).toEqual(["Namespace/a"])
    expect(names(`apiVersion: v1\nkind: List\nitems: [${item}]\n`)).toEqual(["ORK0202"])
  })
  test("without a name, or no object at all, are refused", () => {
    expect(names("apiVersion: v1\nkind: Namespace\nmetadata: {}\n---\n5\n")).toEqual(["ORK0202", "ORK0202"])
  })
  test("that cannot be opened are refused", () => {
    const result = readManifests(memoryFiles({}), "a.yaml")
    expect(result.ok ? [] : result.error.map((d) => d.code)).toEqual(["ORK0101"])
  })
  test("an empty manifest holds no objects", () => {
    expect(names("# later\n")).toEqual([])
  })
  test("of more than a Katalog's size are read", () => {
    expect(names(`${object("a")}${"# padding\n".repeat(120_000)}`)).toEqual(["Namespace/a"])
  })
})

test("mistakes in a manifest are shown in that file", () => {
  const text = websiteKatalog("      setup: [broken.yaml]\n")
  expect(errorCodes(text, { "broken.yaml": "a: [" })).toEqual(["ORK0102"])
  expect(errorCodes(text, { "broken.yaml": websiteCrd })).toEqual([])
})

test.each(["-", "/dev/fd/63", "/dev/stdin"])(
  "the files of a Katalog from %s are those of the current folder",
  (path) => {
    const files = memoryFiles({
      [path]: websiteKatalog("      setup: [a.yaml]\n"),
      "a.yaml": "{ apiVersion: v1, kind: Namespace, metadata: { name: a } }",
    })
    expect(load(files, path).diagnostics).toEqual([])
  },
)
