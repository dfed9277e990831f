import { describe, expect, test } from "bun:test"
import { builtinSchemas, covers, type Gvk, type Schema, semanticEqual, stableHash } from "../../../src/kube/mod.ts"

const set = builtinSchemas()
const core = (kind: string): Gvk => ({ group: "", version: "v1", kind })
const service = set.root(core("Service"))
const deployment = set.root({ group: "apps", version: "v1", kind: "Deployment" })

interface Case {
  readonly name: string
  readonly kind?: Gvk
  readonly schema?: Schema
  readonly live: unknown
  readonly desired: unknown
  readonly differs?: readonly string[]
}

function check({ kind, schema, live, desired, differs = [] }: Case): void {
  expect(covers(live, desired, schema ?? (kind && set.root(kind)), set)).toEqual(differs)
}

const container = (fields: object) => ({ spec: { template: { spec: { containers: [{ name: "web", ...fields }] } } } })
const apps: Gvk = { group: "apps", version: "v1", kind: "Deployment" }
const web = "spec.template.spec.containers[0]"

describe("covers, in built-in kinds", () => {
  const cases: readonly Case[] = [
    {
      name: "fields of others are ignored",
      kind: apps,
      live: { spec: { replicas: 3, paused: true } },
      desired: { spec: { replicas: 3 } },
    },
    {
      name: "a changed value is a difference",
      kind: apps,
      live: { spec: { replicas: 2 } },
      desired: { spec: { replicas: 3 } },
      differs: ["spec.replicas"],
    },
    {
      name: "an absent value is a difference",
      kind: apps,
      live: { spec: {} },
      desired: { spec: { replicas: 3 } },
      differs: ["spec.replicas"],
    },
    {
      name: "apiVersion and kind may be absent, as in lists",
      kind: core("ConfigMap"),
      live: { data: {} },
      desired: { apiVersion: "v1", kind: "ConfigMap", data: {} },
    },
    {
      name: "quantities are compared by value",
      kind: apps,
      live: container({ resources: { limits: { cpu: "1", memory: "1Gi" } } }),
      desired: container({ resources: { limits: { cpu: "1000m", memory: "1024Mi" } } }),
    },
    {
      name: "different quantities differ",
      kind: apps,
      live: container({ resources: { limits: { cpu: "1" } } }),
      desired: container({ resources: { limits: { cpu: "1001m" } } }),
      differs: [`${web}.resources.limits.cpu`],
    },
    {
      name: "a label is no quantity",
      kind: core("Pod"),
      live: { metadata: { labels: { cpu: "1" } } },
      desired: { metadata: { labels: { cpu: "1000m" } } },
      differs: ["metadata.labels.cpu"],
    },
    {
      name: "zero values that the server drops are absent",
      kind: apps,
      live: container({}),
      desired: container({ stdin: false, env: [], command: null, workingDir: "", resources: { limits: {} } }),
    },
    {
      name: "false is not absent where absence means true",
      kind: apps,
      live: container({ securityContext: {} }),
      desired: container({ securityContext: { allowPrivilegeEscalation: false } }),
      differs: [`${web}.securityContext.allowPrivilegeEscalation`],
    },
    {
      name: "true is never absent",
      kind: apps,
      live: container({}),
      desired: container({ stdin: true }),
      differs: [`${web}.stdin`],
    },
    {
      name: "containers are found by name in any order",
      kind: apps,
      live: {
        spec: {
          template: {
            spec: {
              containers: [
                { name: "side", image: "s" },
                { name: "web", image: "w" },
              ],
            },
          },
        },
      },
      desired: container({ image: "w" }),
    },
    {
      name: "a missing element differs in each value it declares",
      kind: apps,
      live: { spec: { template: { spec: { containers: [{ name: "side" }] } } } },
      desired: container({ image: "w" }),
      differs: [web],
    },
    {
      name: "atomic lists differ in length",
      kind: apps,
      live: container({ args: ["a", "b"] }),
      desired: container({ args: ["a"] }),
      differs: [`${web}.args`],
    },
    {
      name: "atomic lists differ in order",
      kind: apps,
      live: container({ args: ["b", "a"] }),
      desired: container({ args: ["a", "b"] }),
      differs: [`${web}.args[0]`, `${web}.args[1]`],
    },
    {
      name: "atomic selectors are compared whole",
      kind: apps,
      live: { spec: { selector: { matchLabels: { a: "1", b: "2" } } } },
      desired: { spec: { selector: { matchLabels: { a: "1" } } } },
      differs: ["spec.selector.matchLabels.b"],
    },
    {
      name: "granular maps are not",
      kind: core("ConfigMap"),
      live: { data: { a: "1", b: "2" } },
      desired: { data: { a: "1" } },
    },
    {
      name: "what the server fills inside an atomic value is tolerated",
      kind: apps,
      live: container({
        env: [{ name: "A", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } } }],
      }),
      desired: container({ env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }] }),
    },
    {
      name: "a rule that grew is a difference",
      kind: { group: "rbac.authorization.k8s.io", version: "v1", kind: "Role" },
      live: { rules: [{ verbs: ["get"], resources: ["pods"], apiGroups: [""], resourceNames: ["x"] }] },
      desired: { rules: [{ verbs: ["get"], resources: ["pods"], apiGroups: [""] }] },
      differs: ["rules[0].resourceNames"],
    },
    {
      name: "claim templates keep what the server filled",
      kind: { group: "apps", version: "v1", kind: "StatefulSet" },
      live: {
        spec: {
          volumeClaimTemplates: [
            {
              apiVersion: "v1",
              kind: "PersistentVolumeClaim",
              metadata: { name: "d" },
              spec: { accessModes: ["ReadWriteOnce"], volumeMode: "Filesystem" },
              status: { phase: "Pending" },
            },
          ],
        },
      },
      desired: {
        spec: { volumeClaimTemplates: [{ metadata: { name: "d" }, spec: { accessModes: ["ReadWriteOnce"] } }] },
      },
    },
    {
      name: "a set holds its elements in any order, beside others'",
      kind: core("Pod"),
      live: { metadata: { finalizers: ["b", "a", "c"] } },
      desired: { metadata: { finalizers: ["a", "b"] } },
    },
    {
      name: "a set that lacks one differs",
      kind: core("Pod"),
      live: { metadata: { finalizers: ["b"] } },
      desired: { metadata: { finalizers: ["b", "a"] } },
      differs: ["metadata.finalizers[1]"],
    },
    {
      name: "a list where a map should be differs",
      kind: core("ConfigMap"),
      live: { data: [] },
      desired: { data: { a: "1" } },
      differs: ["data"],
    },
  ]
  test.each(cases.map((one) => [one.name, one] as const))("%s", (_name, one) => check(one))
})

describe("covers, in services and secrets", () => {
  test("ports are matched with the default protocol on both sides", () => {
    const live = {
      spec: {
        ports: [
          { port: 80, protocol: "UDP", targetPort: 1 },
          { port: 80, protocol: "TCP", targetPort: 8080, nodePort: 30000 },
        ],
      },
    }
    expect(covers(live, { spec: { ports: [{ port: 80, targetPort: 8080 }] } }, service, set)).toEqual([])
    expect(
      covers({ spec: { ports: [{ port: 80 }] } }, { spec: { ports: [{ port: 80, protocol: "TCP" }] } }, service, set),
    ).toEqual([])
    expect(covers(live, { spec: { ports: [{ port: 80, protocol: "SCTP" }] } }, service, set)).toEqual(["spec.ports[0]"])
  })

  test("a member called stringData means something in Secrets only", () => {
    const other = { apiVersion: "example.com/v1", kind: "Secret", stringData: { a: "x" } }
    expect(covers({ data: { a: "eA==" } }, other, undefined, set)).toEqual(["stringData"])
  })

  test("empty text where a choice is asked for declares nothing", () => {
    const live = { spec: { sessionAffinity: "None", clusterIP: "10.0.0.1" } }
    expect(covers(live, { spec: { sessionAffinity: "" } }, service, set)).toEqual([])
    expect(covers(live, { spec: { clusterIP: "" } }, service, set)).toEqual(["spec.clusterIP"])
  })

  test("80 equals its text only in an int-or-string field", () => {
    const ports = (port: unknown, targetPort: unknown) => ({ spec: { ports: [{ port, targetPort }] } })
    expect(covers(ports(80, 80), ports(80, "80"), service, set)).toEqual([])
    expect(covers({ spec: { replicas: 80 } }, { spec: { replicas: "80" } }, deployment, set)).toEqual(["spec.replicas"])
  })

  test("stringData is compared with the encoded data, and wins over data", () => {
    const desired = (text: string) => ({
      apiVersion: "v1",
      kind: "Secret",
      data: { a: "b2xk" },
      stringData: { a: text },
    })
    const secret = set.root(core("Secret"))
    expect(covers({ data: { a: "Z3LDvMOf" } }, desired("grüß"), secret, set)).toEqual([])
    expect(covers({ data: { a: "Z3LDvMOf" } }, desired("other"), secret, set)).toEqual(["data.a"])
    expect(
      covers({ data: { a: "b2xk" } }, { apiVersion: "v1", kind: "Secret", data: { a: "b2\nxk\n" } }, secret, set),
    ).toEqual([])
  })
})

describe("covers, in custom kinds", () => {
  const spec = (properties: Readonly<Record<string, Schema>>): Schema => ({
    type: "object",
    properties: { spec: { type: "object", properties } },
  })
  const cases: readonly Case[] = [
    {
      name: "false and 0 are values",
      schema: spec({ on: { type: "boolean" }, n: { type: "integer" } }),
      live: { spec: {} },
      desired: { spec: { on: false, n: 0 } },
      differs: ["spec.on", "spec.n"],
    },
    {
      name: "absent equals the default",
      schema: spec({ n: { type: "integer", default: 3 } }),
      live: { spec: {} },
      desired: { spec: { n: 3 } },
    },
    {
      name: "a null declares a nullable field",
      schema: spec({ n: { type: "integer", nullable: true } }),
      live: { spec: { n: 1 } },
      desired: { spec: { n: null } },
      differs: ["spec.n"],
    },
    {
      name: "defaults inside atomic elements are tolerated",
      schema: spec({
        l: {
          type: "array",
          items: { type: "object", properties: { a: { type: "string" }, b: { type: "string", default: "x" } } },
        },
      }),
      live: { spec: { l: [{ a: "1", b: "x" }] } },
      desired: { spec: { l: [{ a: "1" }] } },
    },
    {
      name: "other extras inside atomic elements are not",
      schema: spec({
        l: {
          type: "array",
          items: { type: "object", properties: { a: { type: "string" }, b: { type: "string", default: "x" } } },
        },
      }),
      live: { spec: { l: [{ a: "1", b: "y" }] } },
      desired: { spec: { l: [{ a: "1" }] } },
      differs: ["spec.l[0].b"],
    },
    {
      name: "an atomic map has no extras",
      schema: spec({
        m: { type: "object", additionalProperties: { type: "string" }, "x-kubernetes-map-type": "atomic" },
      }),
      live: { spec: { m: { a: "1", b: "2" } } },
      desired: { spec: { m: { a: "1" } } },
      differs: ["spec.m.b"],
    },
    {
      name: "a kind without a schema is compared leniently",
      live: { a: 1, list: [{ b: 1, filled: true }] },
      desired: { a: 1, list: [{ b: 1 }] },
    },
    {
      name: "a kind without a schema still differs in values and lengths",
      live: { a: 1, list: [1] },
      desired: { a: "1", list: [1, 2] },
      differs: ["a", "list"],
    },
    {
      name: "a member named like a built-in of objects is absent until written",
      live: { data: {} },
      desired: { data: JSON.parse('{"constructor": "x", "__proto__": "y"}') },
      differs: ["data.constructor", "data.__proto__"],
    },
  ]
  test.each(cases.map((one) => [one.name, one] as const))("%s", (_name, one) => check(one))
})

describe("semanticEqual", () => {
  test("ignores the order of keys and undefined members, and nothing else", () => {
    expect(semanticEqual({ a: 1, b: [{ c: null }] }, { b: [{ c: null, d: undefined }], a: 1 })).toBe(true)
    expect(semanticEqual([1, 2], [2, 1])).toBe(false)
    expect(semanticEqual([1, 2], [1, 3])).toBe(false)
    expect(semanticEqual({ a: 1 }, { a: 1, b: 2 })).toBe(false)
    expect(semanticEqual({ a: 1, b: 2 }, { a: 1 })).toBe(false)
    expect(semanticEqual({ a: null }, {})).toBe(false)
    expect(semanticEqual({ 0: 1 }, [1])).toBe(false)
    expect(semanticEqual("1", 1)).toBe(false)
    expect(semanticEqual(JSON.parse('{"__proto__": {"a": 1}}'), {})).toBe(false)
  })
})

describe("stableHash", () => {
  test("does not depend on the order of keys, nor on absent members", () => {
    expect(stableHash({ a: 1, b: { c: 2 } })).toBe(stableHash({ b: { d: null, c: 2, e: undefined }, a: 1 }))
    expect(stableHash(undefined)).toBe(stableHash(null))
  })

  test("tells apart what differs", () => {
    const values = [{ a: 1 }, { a: "1" }, { b: 1 }, { a: [1] }, { a: { 0: 1 } }, [], {}, "", null, 0, false]
    expect(new Set(values.map(stableHash)).size).toBe(values.length)
  })
})

test("a long set is compared in one go", () => {
  const schema = {
    properties: { names: { type: "array", "x-kubernetes-list-type": "set", items: { type: "string" } } },
  }
  const names = (prefix: string) => Array.from({ length: 20_000 }, (_, index) => `${prefix}-${index}`)
  const started = Bun.nanoseconds()
  expect(covers({ names: names("a").toReversed() }, { names: names("a") }, schema as Schema, set)).toEqual([])
  expect(covers({ names: names("a") }, { names: names("b") }, schema as Schema, set)).toHaveLength(20_000)
  // Each with each takes minutes.
  expect((Bun.nanoseconds() - started) / 1e9).toBeLessThan(10)
})
