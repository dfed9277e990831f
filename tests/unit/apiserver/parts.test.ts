import { describe, expect, test } from "bun:test"
import { fieldsOf } from "../../../src/apiserver/duplicates.ts"
import { matchesFields, parseFieldSelector } from "../../../src/apiserver/field-selector.ts"
import { parseRoute } from "../../../src/apiserver/router.ts"
import { SortedNames } from "../../../src/apiserver/sorted-names.ts"
import { parseAccept } from "../../../src/apiserver/wire/accept.ts"
import { seeded } from "../../../src/base/mod.ts"
import { pods } from "../../support/api-resources.ts"

describe("a path", () => {
  const place = { namespace: "", name: "", subresource: "", isWatch: false }
  const core = { ...place, group: "", version: "v1", apiVersion: "v1" }
  const apps = { ...place, group: "apps", version: "v1", apiVersion: "apps/v1" }
  const paths = [
    ["/api/v1/pods", { ...core, resource: "pods" }],
    ["/api/v1/namespaces/shop/pods/web", { ...core, resource: "pods", namespace: "shop", name: "web" }],
    [
      "/api/v1/namespaces/shop/pods/web/log",
      { ...core, resource: "pods", namespace: "shop", name: "web", subresource: "log" },
    ],
    ["/api/v1/namespaces/shop", { ...core, resource: "namespaces", name: "shop" }],
    ["/api/v1/namespaces/shop/finalize", { ...core, resource: "namespaces", name: "shop", subresource: "finalize" }],
    ["/api/v1/namespaces/shop/status", { ...core, resource: "namespaces", name: "shop", subresource: "status" }],
    ["/apis/apps/v1/deployments/", { ...apps, resource: "deployments" }],
    ["/apis/apps/v1/watch/deployments", { ...apps, resource: "deployments", isWatch: true }],
    [
      "/apis/apps/v1/namespaces/a%2Fb/deployments/x%20y",
      { ...apps, resource: "deployments", namespace: "a/b", name: "x y" },
    ],
    ["/apis/apps/v1", undefined],
    ["/api/v1", undefined],
    ["/apis", undefined],
    ["/", undefined],
    ["/metrics", undefined],
    ["/api/v1/pods/%", undefined],
  ] as const
  test.each(paths)("%s leads where it says", (path, route) => {
    expect(parseRoute(path)).toEqual(route)
  })
})

describe("a JSON text", () => {
  const texts: readonly (readonly [string, readonly string[]])[] = [
    ['{"a":1,"b":{"a":1}}', []],
    ['{"a":1,"a":2}', ["a"]],
    ['{"a":{"b":[{"c":1},{"c":1,"c":2}]}}', ["a.b[1].c"]],
    ['{"a":"\\"a\\":1","\\u0061":2}', ["a"]],
    ['{"a\\\\":1,"a":2}', []],
    ['["a","a",{"a":"a"}]', []],
    ["[]", []],
  ]
  test.each(texts)("%s names what it has twice", (text, duplicates) => {
    expect(fieldsOf(text).duplicates).toEqual(duplicates)
  })
})

describe("a field selector", () => {
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "a,b=c", namespace: "shop" },
    status: { phase: "Running" },
  }
  const selectors: readonly (readonly [string, boolean])[] = [
    ["", true],
    ["metadata.name=a\\,b\\=c", true],
    ["metadata.name==a", false],
    ["metadata.name!=a,status.phase=Running", true],
    ["status.phase!=Running", false],
    ["metadata.namespace=shop,", true],
  ]
  test.each(selectors)("%s is met or not", (text, isMet) => {
    expect(matchesFields(parseFieldSelector(text, pods), pod, pods)).toBe(isMet)
  })
  test.each(["spec.nope=a", "nothing", "metadata.labels.a=b"])("%s is refused", (text) => {
    expect(() => parseFieldSelector(text, pods)).toThrow()
  })
})

describe("an Accept header", () => {
  const protobuf = "application/vnd.kubernetes.protobuf"
  const table = "application/json;as=Table;v=v1;g=meta.k8s.io"
  const headers: readonly (readonly [string | null, string])[] = [
    [null, ""],
    ["*/*", ""],
    [`${protobuf}, application/json`, ""],
    [`${table},${protobuf}`, "Table"],
    [`application/json;q=0.5, ${table}`, "Table"],
    ["application/json;as=Other;v=v1;g=meta.k8s.io, application/json", ""],
    ["application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io", "PartialObjectMetadata"],
  ]
  test.each(headers)("%s gets the first form that is served", (header, as) => {
    expect(parseAccept(header).as).toBe(as as never) // the table's texts are forms
  })
  test.each([protobuf, "text/html", "application/json;as=Other;v=v1;g=meta.k8s.io"])("%s is refused", (header) => {
    expect(() => parseAccept(header)).toThrow()
  })
})

test("sorted names are those of a set, after any changes", () => {
  const random = seeded(3)
  const names = new SortedNames()
  const plain = new Set<string>()
  for (let step = 0; step < 2_000; step++) {
    const name = `${["a", "a-b", "b"][Math.floor(random.next() * 3)]}/${Math.floor(random.next() * 40)}`
    if (plain.delete(name)) names.remove(name)
    else {
      plain.add(name)
      names.add(name)
    }
    if (random.next() > 0.1) continue
    const sorted = [...plain].sort()
    expect(names.below("")).toEqual(sorted)
    expect(names.below("a/")).toEqual(sorted.filter((one) => one.startsWith("a/")))
  }
})
