import { describe, expect, test } from "bun:test"
import { OrkError } from "../../../src/base/mod.ts"
import {
  apiVersionOf,
  type Condition,
  codeOfStatus,
  conditionOf,
  conditionsOf,
  deepFreeze,
  describeObject,
  formatGroupKind,
  formatGvk,
  formatPath,
  getPath,
  gvkOf,
  isKubeObject,
  isNewer,
  isTerminating,
  keyOf,
  nameProblem,
  objectKey,
  parseApiVersion,
  parsePath,
  parseQuantity,
  type ResourceInfo,
  restMapper,
  type Status,
  shortenName,
  shortHash,
  splitKey,
  statusError,
  statusOf,
  withCondition,
  withPath,
} from "../../../src/kube/mod.ts"

describe("kinds and keys", () => {
  test("group and version come apart and together", () => {
    for (const apiVersion of ["v1", "apps/v1", "example.com/v1beta1"]) {
      expect(apiVersionOf(parseApiVersion(apiVersion))).toBe(apiVersion)
    }
    expect(gvkOf({ apiVersion: "apps/v1", kind: "Deployment" })).toEqual({
      group: "apps",
      version: "v1",
      kind: "Deployment",
    })
  })

  test("print as published", () => {
    expect(formatGvk({ group: "apps", version: "v1", kind: "Deployment" })).toBe("apps/v1, Kind=Deployment")
    expect(formatGvk({ group: "", version: "v1", kind: "Pod" })).toBe("/v1, Kind=Pod")
    expect(formatGroupKind({ group: "", kind: "Pod" })).toBe("Pod")
    expect(formatGroupKind({ group: "apps", kind: "Deployment" })).toBe("Deployment.apps")
  })

  test("keys of namespaced and cluster-scoped objects come apart and together", () => {
    expect(splitKey(objectKey("shop", "web"))).toEqual({ namespace: "shop", name: "web" })
    expect(splitKey(objectKey("", "web"))).toEqual({ namespace: undefined, name: "web" })
    const object = { apiVersion: "v1", kind: "Pod", metadata: { namespace: "shop", name: "web" } }
    expect(String(keyOf(object))).toBe("shop/web")
    expect(describeObject(object)).toBe("Pod/shop/web")
    expect(describeObject({ kind: "Node", metadata: { name: "n" } })).toBe("Node/n")
  })

  test("a mapper finds what the server serves and guesses nothing", () => {
    const resource = (version: string): ResourceInfo => ({
      gvk: { group: "example.com", version, kind: "Shop" },
      gvr: { group: "example.com", version, resource: "shops" },
      namespaced: true,
      singular: "shop",
      shortNames: [],
      verbs: ["get"],
      subresources: [],
    })
    const mapper = restMapper([resource("v2"), resource("v1")])
    expect(mapper.byKind({ group: "example.com", version: "v1", kind: "Shop" })?.gvr.version).toBe("v1")
    expect(mapper.byResource({ group: "example.com", version: "v2", resource: "shops" })?.gvk.version).toBe("v2")
    expect(mapper.byGroupKind("example.com", "Shop").map((r) => r.gvk.version)).toEqual(["v2", "v1"])
    expect(mapper.byGroupKind("example.com", "Other")).toEqual([])
    expect(mapper.byKind({ group: "example.com", version: "v3", kind: "Shop" })).toBeUndefined()
  })
})

describe("names", () => {
  test.each(["a", "a-b", "a.b-c", "0", "x".repeat(253)])("%p can name an object", (name) => {
    expect(nameProblem(name)).toBeUndefined()
  })

  test.each(["", "A", "-a", "a-", "a..b", "a_b", "a/b", "a b", "x".repeat(254), "a\n"])("%p cannot", (name) => {
    expect(nameProblem(name)).toBeString()
  })

  test("a long name is shortened to its limit, and different names stay different", () => {
    const long = "x".repeat(80)
    expect(shortenName("x".repeat(63), 63)).toHaveLength(63)
    expect(shortenName(long, 63)).toHaveLength(63)
    expect(shortenName(`${long}a`, 63)).not.toBe(shortenName(`${long}b`, 63))
    expect(nameProblem(shortenName(`${"x".repeat(50)}.-${long}`, 63))).toBeUndefined()
  })

  test("the hash is stable and spreads", () => {
    expect(shortHash("a")).toBe(shortHash("a"))
    expect(new Set(Array.from({ length: 10_000 }, (_, i) => shortHash(`name-${i}`))).size).toBe(10_000)
  })
})

describe("objects", () => {
  test("have apiVersion, kind and metadata", () => {
    expect(isKubeObject({ apiVersion: "v1", kind: "Pod", metadata: {} })).toBe(true)
    expect(isKubeObject({ apiVersion: "v1", kind: "Pod", metadata: [] })).toBe(false)
    expect(isKubeObject(null)).toBe(false)
  })

  test("freeze to the bottom", () => {
    const frozen = deepFreeze({ a: [{ b: { c: 1 } }] })
    expect(Object.isFrozen(frozen.a[0]?.b)).toBe(true)
  })

  test("are terminating once deletion was asked for", () => {
    const pod = { apiVersion: "v1", kind: "Pod", metadata: {} }
    expect(isTerminating(pod)).toBe(false)
    expect(isTerminating({ ...pod, metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } })).toBe(true)
  })
})

describe("conditions", () => {
  const ready: Condition = { type: "Ready", status: "True", reason: "Ok", message: "", lastTransitionTime: "t0" }
  const busy: Condition = { ...ready, type: "Reconciling" }

  test("malformed entries are left out", () => {
    expect(conditionsOf({ conditions: [ready, null, "x", { type: 1 }] })).toEqual([ready])
    expect(conditionsOf({ conditions: "x" })).toEqual([])
    expect(conditionOf(undefined, "Ready")).toBeUndefined()
  })

  test("the time moves only when the status flips, and others stay where they are", () => {
    const { lastTransitionTime: _, ...plain } = ready
    expect(withCondition([ready, busy], { ...plain, reason: "Other" }, "t1")).toEqual([
      { ...ready, reason: "Other" },
      busy,
    ])
    expect(withCondition([ready, busy], { ...plain, status: "False" }, "t1")[0]?.lastTransitionTime).toBe("t1")
    expect(withCondition([busy], plain, "t1")).toEqual([busy, { ...ready, lastTransitionTime: "t1" }])
  })
})

describe("paths", () => {
  test("come apart and together", () => {
    expect(parsePath(".spec.a[0].b")).toEqual(["spec", "a", 0, "b"])
    expect(formatPath(["spec", "a", 0, "b"])).toBe("spec.a[0].b")
    expect(parsePath(formatPath(["metadata", "labels", "example.com/a"]))).toEqual([
      "metadata",
      "labels",
      "example.com/a",
    ])
  })

  test("read own members only", () => {
    expect(getPath({ a: [{ b: 1 }] }, ["a", 0, "b"])).toBe(1)
    expect(getPath({ a: 1 }, ["a", "b"])).toBeUndefined()
    expect(getPath({}, ["constructor", "name"])).toBeUndefined()
    expect(getPath([1], ["length"])).toBeUndefined()
  })

  test("write into a copy", () => {
    const before = { a: { b: 1 }, c: { d: 2 } }
    const after = withPath(before, ["a", "x"], 3)
    expect(after).toEqual({ a: { b: 1, x: 3 }, c: { d: 2 } })
    expect(after["c"]).toBe(before.c)
    expect(before.a).toEqual({ b: 1 })
  })

  test("a step called __proto__ makes a member and nothing else", () => {
    const written = withPath({}, ["__proto__", "polluted"], 1)
    expect(Object.keys(written)).toEqual(["__proto__"])
    expect("polluted" in {}).toBe(false)
  })
})

describe("quantities", () => {
  test.each([
    ["1", 1],
    ["100m", 0.1],
    ["0.1", 0.1],
    ["1Gi", 2 ** 30],
    ["1.5G", 1.5e9],
    ["2e3", 2000],
    ["-1", -1],
    ["1.", 1],
    [".5", 0.5],
    [3, 3],
  ])("%p is %p", (text, wanted) => {
    expect(parseQuantity(text)).toBe(wanted)
  })

  test.each(["", "m", "1 Gi", "1gi", "abc", "1ee3", "--1", "1constructor", null, {}, true])("%p is none", (text) => {
    expect(parseQuantity(text)).toBeUndefined()
  })

  test("a long text that is none takes no time that grows with its square", () => {
    const startedAt = performance.now()
    expect(parseQuantity(`${"1".repeat(200_000)}!`)).toBeUndefined()
    expect(performance.now() - startedAt).toBeLessThan(1_000)
  })
})

describe("resource versions", () => {
  test.each([
    ["10", "9", true],
    ["9", "10", false],
    ["5", "5", false],
    ["90071992547409931", "90071992547409930", true],
    ["x", "1", false],
    [undefined, "1", false],
  ])("%p newer than %p: %p", (a, b, wanted) => {
    expect(isNewer(a, b)).toBe(wanted)
  })
})

describe("how a server says no", () => {
  const status = (fields: Partial<Status>): Status => ({ kind: "Status", ...fields })

  test.each([
    [409, status({ reason: "AlreadyExists" }), "api/already-exists"],
    [409, status({ reason: "Conflict" }), "api/conflict"],
    [
      409,
      status({ reason: "Conflict", details: { causes: [{ reason: "FieldManagerConflict" }] } }),
      "api/field-conflict",
    ],
    [422, status({ reason: "Invalid", message: "Item a is invalid: spec.x is wrong" }), "api/invalid"],
    [
      422,
      status({ reason: "Invalid", message: "the server rejected our request due to an error in our request" }),
      "api/conflict",
    ],
    [500, status({ message: "failed to create typed patch object (x)" }), "api/invalid"],
    [500, status({ reason: "InternalError" }), "api/unavailable"],
    [404, undefined, "api/not-found"],
    [429, undefined, "api/throttled"],
    [503, undefined, "api/unavailable"],
    [410, status({ reason: "SomethingNew" }), "api/expired"],
    [403, status({ reason: "constructor" }), "api/forbidden"],
  ] as const)("%p is %p", (http, body, code) => {
    expect(codeOfStatus(http, body)).toBe(code)
  })

  test("the error keeps the server's words and its status", () => {
    const body = status({ reason: "Invalid", message: "spec.x is wrong" })
    const error = statusError("Shop/a: apply", 422, body, 1_000)
    expect(error).toBeInstanceOf(OrkError)
    expect(error).toMatchObject({ code: "api/invalid", retryAfterMs: 1_000, retryable: false })
    expect(statusOf(error)).toBe(body)
    expect(statusOf(statusError("Shop/a: get", 502, undefined, undefined))).toBeUndefined()
  })
})
