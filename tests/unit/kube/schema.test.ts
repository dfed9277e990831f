import { describe, expect, test } from "bun:test"
import {
  builtinSchemas,
  crdSchema,
  hasStatusSubresource,
  type KubeObject,
  memberOf,
  prune,
  type Schema,
  schemaSet,
  validate,
  withCrds,
} from "../../../src/kube/mod.ts"

const set = builtinSchemas()

function crd(version: object): KubeObject {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "shops.example.com" },
    spec: { group: "example.com", names: { kind: "Shop" }, versions: [version] },
  }
}

describe("schema sets", () => {
  test("the built-in kinds that short forms make are all there", () => {
    const kinds = [
      ["", "v1", ["ConfigMap", "Secret", "Service", "ServiceAccount", "Namespace", "PersistentVolumeClaim", "Pod"]],
      ["apps", "v1", ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"]],
      ["batch", "v1", ["Job", "CronJob"]],
      ["networking.k8s.io", "v1", ["Ingress", "NetworkPolicy"]],
      ["autoscaling", "v2", ["HorizontalPodAutoscaler"]],
      ["policy", "v1", ["PodDisruptionBudget"]],
      ["rbac.authorization.k8s.io", "v1", ["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"]],
    ] as const
    const missing = kinds.flatMap(([group, version, names]) =>
      names.filter((kind) => memberOf(set.root({ group, version, kind }) ?? {}, "metadata") === undefined),
    )
    expect(missing).toEqual([])
  })

  test("every reference leads to a definition", () => {
    const seen = new Set<Schema>()
    const open: string[] = []
    const walk = (schema: Schema): void => {
      const target = set.resolve(schema)
      if (schema.$ref !== undefined && !target["x-ork-builtin"]) open.push(schema.$ref)
      if (seen.has(target)) return
      seen.add(target)
      for (const member of Object.values(target.properties ?? {})) walk(member)
      if (target.items) walk(target.items)
      if (typeof target.additionalProperties === "object") walk(target.additionalProperties)
    }
    walk(set.root({ group: "apps", version: "v1", kind: "StatefulSet" }) ?? {})
    walk(set.root({ group: "apiextensions.k8s.io", version: "v1", kind: "CustomResourceDefinition" }) ?? {})
    expect(open).toEqual([])
    expect(seen.size).toBeGreaterThan(100)
  })

  test("a reference may be wrapped, unknown, or circular", () => {
    const small = schemaSet({}, { A: { type: "integer" }, B: { $ref: "A" }, C: { $ref: "C" } })
    expect(small.resolve({ allOf: [{ $ref: "A" }], default: {} }).type).toBe("integer")
    expect(small.resolve({ $ref: "B" }).type).toBe("integer")
    expect(memberOf(small.resolve({ $ref: "C" }), "x")).toBeDefined()
    expect(memberOf(small.resolve({ $ref: "nowhere" }), "x")).toBeDefined()
    expect(small.root({ group: "", version: "v1", kind: "constructor" })).toBeUndefined()
  })

  test("custom kinds stand beside the built-in ones", () => {
    const both = withCrds(set, [
      crd({ name: "v2", schema: { openAPIV3Schema: { type: "object", properties: { spec: { type: "object" } } } } }),
    ])
    expect(both.root({ group: "example.com", version: "v2", kind: "Shop" })?.properties).toHaveProperty("spec")
    expect(both.root({ group: "example.com", version: "v1", kind: "Shop" })).toBeUndefined()
    expect(both.root({ group: "", version: "v1", kind: "Pod" })).toBe(
      set.root({ group: "", version: "v1", kind: "Pod" }),
    )
  })
})

describe("the schema of a CRD", () => {
  test("has the header of every object", () => {
    const schema = crdSchema(crd({ name: "v1", schema: { openAPIV3Schema: { type: "object" } } }), "v1")
    expect(Object.keys(schema?.properties ?? {})).toEqual(["apiVersion", "kind", "metadata"])
  })

  test.each([
    ["no schema", { name: "v1" }],
    ["another version", { name: "v2", schema: { openAPIV3Schema: { type: "object" } } }],
    ["text for a schema", { name: "v1", schema: { openAPIV3Schema: "object" } }],
    ["text for properties", { name: "v1", schema: { openAPIV3Schema: { properties: "a" } } }],
    ["a list for items", { name: "v1", schema: { openAPIV3Schema: { properties: { good: {}, a: { items: [] } } } } }],
    ["a reference", { name: "v1", schema: { openAPIV3Schema: { properties: { a: { $ref: "x" } } } } }],
  ])("is absent with %s", (_name, version) => {
    expect(crdSchema(crd(version), "v1")).toBeUndefined()
  })

  test("is read to 100 levels and absent at 101", () => {
    const nested = (levels: number): Schema => (levels === 0 ? {} : { items: nested(levels - 1) })
    const read = (levels: number) => crdSchema(crd({ name: "v1", schema: { openAPIV3Schema: nested(levels) } }), "v1")
    expect(read(100)).toBeDefined()
    expect(read(101)).toBeUndefined()
  })

  test("says whether status is a subresource", () => {
    expect(hasStatusSubresource(crd({ name: "v1", subresources: { status: {} } }), "v1")).toBe(true)
    expect(hasStatusSubresource(crd({ name: "v1", subresources: { scale: {} } }), "v1")).toBe(false)
    expect(hasStatusSubresource(crd({ name: "v1" }), "v1")).toBe(false)
    expect(hasStatusSubresource(crd({ name: "v1", subresources: { status: {} } }), "v2")).toBe(false)
  })
})

describe("prune", () => {
  const schema: Schema = {
    type: "object",
    properties: {
      phase: { type: "string" },
      conditions: { type: "array", items: { type: "object", properties: { type: { type: "string" } } } },
      empty: { type: "object" },
      free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
      counts: { type: "object", additionalProperties: { type: "integer" } },
      any: { type: "object", additionalProperties: true },
      none: { type: "object", additionalProperties: false },
    },
  }

  test("drops what the schema does not have and says what", () => {
    const status = {
      phase: "a",
      conditions: [{ type: "Ready", reason: "x" }],
      empty: { a: 1 },
      free: { a: 1 },
      counts: { b: 2 },
      any: { c: 1 },
      none: { d: 1 },
      more: {},
    }
    expect(prune(status, schema, set)).toEqual({
      value: {
        phase: "a",
        conditions: [{ type: "Ready" }],
        empty: {},
        free: { a: 1 },
        counts: { b: 2 },
        any: { c: 1 },
        none: {},
      },
      dropped: ["conditions[0].reason", "empty.a", "none.d", "more"],
    })
  })

  test("drops nothing without a schema, and knows no inherited names", () => {
    expect(prune({ a: 1 }, undefined, set)).toEqual({ value: { a: 1 }, dropped: [] })
    expect(prune(JSON.parse('{"__proto__": {}, "toString": 1}'), schema, set).dropped).toEqual([
      "__proto__",
      "toString",
    ])
  })
})

describe("validate", () => {
  const a = (schema: Schema): Schema => ({ type: "object", properties: { a: schema } })

  test.each([
    [{ type: "integer" }, 1.5],
    [{ type: "string" }, 1],
    [{ type: "array" }, {}],
    [{ type: "object" }, []],
    [{ type: "boolean" }, "true"],
    [{ type: "string" }, null],
    [{ type: "string", enum: ["x", "y"] }, "z"],
    [{ type: "integer", minimum: 2 }, 1],
    [{ type: "integer", maximum: 2 }, 3],
    [{ type: "integer", minimum: 2, exclusiveMinimum: true }, 2],
    [{ type: "integer", maximum: 2, exclusiveMaximum: true }, 2],
    [{ type: "integer", format: "int32" }, 2 ** 31],
    [{ type: "string", minLength: 2 }, "ä"],
    [{ type: "string", maxLength: 2 }, "abc"],
    [{ type: "string", pattern: "^a+$" }, "b"],
    [{ type: "string", format: "date-time" }, "yesterday"],
    [{ type: "string", format: "quantity" }, "much"],
    [{ "x-kubernetes-int-or-string": true }, true],
    [{ type: "array", minItems: 1 }, []],
    [{ type: "array", maxItems: 1 }, [1, 2]],
  ] as const)("%p does not allow %p", (schema, value) => {
    expect(validate({ a: value }, a(schema), set).map((error) => error.path)).toEqual(["a"])
  })

  test.each([
    [{ type: "number" }, 1.5],
    [{ type: "string", nullable: true }, null],
    [{ "x-kubernetes-int-or-string": true }, "25%"],
    [{ type: "integer", minimum: 2, maximum: 2 }, 2],
    [{ type: "integer", exclusiveMinimum: true }, 2],
    [{ type: "array", minItems: 1, maxItems: 1 }, [1]],
    [{ type: "string", minLength: 1, maxLength: 1 }, "ä"],
    [{}, { any: ["thing", null] }],
  ] as const)("%p allows %p", (schema, value) => {
    expect(validate({ a: value }, a(schema), set)).toEqual([])
  })

  test("null is an empty list in the server's own types, and nowhere else", () => {
    const hpa = set.root({ group: "autoscaling", version: "v2", kind: "HorizontalPodAutoscaler" })
    const problems = validate({ status: { currentMetrics: null } }, hpa, set)
    expect(problems.map((error) => error.path)).not.toContain("status.currentMetrics")
    expect(validate({ a: null }, a({ type: "array", items: {} }), set)).toHaveLength(1)
  })

  test("leaves to the server a pattern that it cannot read or that is too long", () => {
    const problems = (pattern: string, value: string) => validate({ a: value }, a({ type: "string", pattern }), set)
    expect(problems("(", "x")).toEqual([])
    expect(problems(`^${"a".repeat(999)}`, "x")).toHaveLength(1)
    expect(problems(`^${"a".repeat(1_000)}`, "x")).toEqual([])
  })

  test("judges a pattern that would backtrack for ever in no time", () => {
    const schema = a({ type: "string", pattern: "^(a|a)*$" })
    expect(validate({ a: `${"a".repeat(5_000)}!` }, schema, set)).toHaveLength(1)
  })

  test("names required members by their own path, and looks into lists", () => {
    const schema = a({
      type: "array",
      items: { type: "object", required: ["b"], properties: { b: { type: "integer" } } },
    })
    expect(validate({ a: [{}, { b: "x" }] }, schema, set).map((error) => error.path)).toEqual(["a[0].b", "a[1].b"])
  })
})
