import { describe, expect, test } from "bun:test"
import { builtinSchemas, covers, formatPath, getPath, isRecord, type Schema, schemaSet } from "../../../src/kube/mod.ts"

const set = builtinSchemas()
const schema = set.root({ group: "apps", version: "v1", kind: "StatefulSet" })

const desired = {
  metadata: { name: "db", labels: { app: "db" }, annotations: { note: "x" }, finalizers: ["example.com/hold"] },
  spec: {
    replicas: 3,
    serviceName: "db",
    selector: { matchLabels: { app: "db" }, matchExpressions: [{ key: "tier", operator: "In", values: ["a", "b"] }] },
    template: {
      metadata: { labels: { app: "db" } },
      spec: {
        nodeSelector: { disk: "ssd" },
        tolerations: [{ key: "k", operator: "Exists" }],
        automountServiceAccountToken: false,
        containers: [
          {
            name: "db",
            image: "postgres",
            args: ["-c", "x"],
            ports: [{ containerPort: 5432, protocol: "TCP", name: "sql" }],
            env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }],
            resources: { limits: { cpu: "500m", memory: "1Gi" } },
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
            readinessProbe: { httpGet: { port: 80, path: "/ready" }, periodSeconds: 5 },
          },
        ],
        volumes: [{ name: "c", configMap: { name: "c", items: [{ key: "a", path: "b" }] } }],
      },
    },
    volumeClaimTemplates: [
      {
        metadata: { name: "d" },
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
      },
    ],
  },
}

type Steps = readonly (string | number)[]

function leaves(value: unknown, steps: Steps = []): readonly Steps[] {
  if (Array.isArray(value)) return value.flatMap((element, i) => leaves(element, [...steps, i]))
  if (isRecord(value)) return Object.entries(value).flatMap(([key, child]) => leaves(child, [...steps, key]))
  return [steps]
}

/** The object with another value at `steps`; undefined takes the leaf away. */
function withLeaf(steps: Steps, leaf: unknown): unknown {
  const copy: unknown = structuredClone(desired)
  const parent = getPath(copy, steps.slice(0, -1))
  const last = steps.at(-1)
  if (Array.isArray(parent) && typeof last === "number") parent.splice(last, 1, ...(leaf === undefined ? [] : [leaf]))
  else if (isRecord(parent)) Object.assign(parent, { [String(last)]: leaf })
  return copy
}

const all = leaves(desired)

describe("covers looks at every leaf", () => {
  test("the object covers itself", () => {
    expect(covers(desired, desired, schema, set)).toEqual([])
  })

  test("each changed leaf is found", () => {
    const other = (leaf: unknown) =>
      typeof leaf === "number" ? leaf + 1 : typeof leaf === "boolean" ? !leaf : "9876543"
    const missed = all.filter(
      (steps) => covers(withLeaf(steps, other(getPath(desired, steps))), desired, schema, set).length === 0,
    )
    expect(missed.map(formatPath)).toEqual([])
    expect(all.length).toBeGreaterThanOrEqual(40)
  })

  test("each missing leaf is found, except one that has its default", () => {
    const missed = all.filter((steps) => covers(withLeaf(steps, undefined), desired, schema, set).length === 0)
    expect(missed.map(formatPath)).toEqual(["spec.template.spec.containers[0].ports[0].protocol"])
  })
})

describe("covers, at the edges", () => {
  const spec = (field: Schema): Schema => ({ type: "object", properties: { spec: field } })
  const strings: Schema = { type: "array", items: { type: "string" } }
  const differs = (live: unknown, wanted: unknown, field: Schema, among = set) =>
    covers({ spec: live }, { spec: wanted }, spec(field), among)

  test("zero values at the top of a built-in kind are absent too", () => {
    const priority = set.root({ group: "scheduling.k8s.io", version: "v1", kind: "PriorityClass" })
    expect(covers({ value: 1 }, { value: 1, globalDefault: false }, priority, set)).toEqual([])
  })

  test("a default may stand beside a reference", () => {
    const small = schemaSet({}, { Name: { type: "string" } })
    const named: Schema = { type: "object", properties: { name: { $ref: "Name", default: "x" } } }
    expect(differs({}, { name: "x" }, named, small)).toEqual([])
    expect(differs({}, { name: "y" }, named, small)).toEqual(["spec.name"])
  })

  test("empty extras inside an atomic value are tolerated, filled ones are not", () => {
    const atomic: Schema = {
      type: "object",
      "x-kubernetes-map-type": "atomic",
      properties: {
        a: { type: "string" },
        b: { type: "string" },
        list: strings,
        map: { type: "object", properties: { c: strings } },
      },
    }
    expect(differs({ a: "1", b: "", list: [], map: { c: null } }, { a: "1" }, atomic)).toEqual([])
    expect(differs({ a: "1", list: ["x"], map: { c: ["x"] } }, { a: "1" }, atomic)).toEqual(["spec.list", "spec.map"])
  })

  test("inside an atomic list, a keyed list and a set have no extras either", () => {
    const keyed: Schema = {
      type: "array",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
      items: { type: "object", properties: { name: { type: "string" } } },
    }
    const set = { ...strings, "x-kubernetes-list-type": "set" }
    const atomic: Schema = { type: "array", items: { type: "object", properties: { keyed, set } } }
    const wanted = [{ keyed: [{ name: "a" }], set: ["a"] }]
    expect(differs(wanted, wanted, atomic)).toEqual([])
    expect(differs([{ keyed: [{ name: "a" }, { name: "b" }], set: ["a", "b"] }], wanted, atomic)).toEqual([
      "spec[0].keyed",
      "spec[0].set",
    ])
    expect(differs([{ name: "b" }, { name: "a" }], [{ name: "a" }], keyed)).toEqual([])
  })

  test("a keyed list without keys, or with elements that are no maps, is compared as a whole", () => {
    const keyless: Schema = { ...strings, "x-kubernetes-list-type": "map" }
    expect(differs(["a", "b"], ["b"], keyless)).toEqual(["spec"])
    expect(differs(["b"], ["b"], { ...keyless, "x-kubernetes-list-map-keys": ["name"] })).toEqual([])
  })

  test("times and encoded bytes are compared by value, other text by letter", () => {
    const time: Schema = { type: "string", format: "date-time" }
    expect(differs("2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", time)).toEqual([])
    expect(differs("2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", time)).toEqual(["spec"])
    expect(differs("2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", { type: "string" })).toEqual(["spec"])
    expect(differs("a", 1, time)).toEqual(["spec"])
  })

  test("below 100 levels values are compared exactly", () => {
    const nested = (levels: number, leaf: object): unknown => (levels === 0 ? leaf : { a: nested(levels - 1, leaf) })
    const count = (levels: number) =>
      covers(nested(levels, { x: 1, extra: 1 }), nested(levels, { x: 1 }), undefined, set).length
    expect([count(100), count(101)]).toEqual([0, 1])
  })
})
