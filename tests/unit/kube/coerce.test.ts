import { describe, expect, test } from "bun:test"
import { builtinSchemas, coerce, crdSchema, type KubeObject, type Schema } from "../../../src/kube/mod.ts"

const set = builtinSchemas()
const string: Schema = { type: "string" }
const quantity: Schema = { type: "string", format: "quantity" }
const intOrString: Schema = { "x-kubernetes-int-or-string": true }

function coerced(value: unknown, schema: Schema | undefined): unknown {
  const result = coerce(value, schema, set)
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}

function errorPaths(value: unknown, schema: Schema | undefined): readonly string[] {
  const result = coerce(value, schema, set)
  return result.ok ? [] : result.error.map((error) => error.path)
}

describe("a scalar takes the type of its place", () => {
  test.each([
    ["3", { type: "integer" }, 3],
    [" -3 ", { type: "integer" }, -3],
    [3.0, { type: "integer" }, 3],
    ["3.0", { type: "integer" }, 3],
    ["1e+06", { type: "integer" }, 1_000_000],
    ["0.5", { type: "number" }, 0.5],
    [3, string, "3"],
    [0.5, string, "0.5"],
    [true, string, "true"],
    ["", string, ""],
    ["true", { type: "boolean" }, true],
    ["False", { type: "boolean" }, false],
    [2, quantity, "2"],
    [" 1Gi", quantity, "1Gi"],
    ["80", intOrString, 80],
    ["http", intOrString, "http"],
    ["007", intOrString, "007"],
    ["25%", intOrString, "25%"],
    [80, intOrString, 80],
    [0.5, intOrString, "0.5"],
  ] as const)("%p under %p is %p", (value, schema, wanted) => {
    expect(coerced(value, schema)).toBe(wanted)
  })

  test.each([
    ["two", { type: "integer" }],
    [2.5, { type: "integer" }],
    ["9007199254740993", { type: "integer" }],
    [true, { type: "integer" }],
    ["9007199254740993", { type: "number" }],
    ["0x10", { type: "number" }],
    ["1_000", { type: "number" }],
    ["yes", { type: "boolean" }],
    [1, { type: "boolean" }],
    [{ a: 1 }, string],
    [["a"], string],
    ["much", quantity],
    [true, quantity],
    [false, intOrString],
    ["text", { type: "array" }],
    ["text", { type: "object" }],
    [[1], { type: "object", properties: {} }],
  ] as const)("%p under %p is an error", (value, schema) => {
    expect(errorPaths(value, schema)).toEqual([""])
  })
})

describe("nothing is left out", () => {
  const schema: Schema = {
    type: "object",
    properties: { a: { type: "integer" }, b: string, list: { type: "array", items: string } },
  }

  test("undefined and null members and undefined list elements go", () => {
    expect(coerced({ a: undefined, b: null, list: ["x", undefined, null, "y"] }, schema)).toStrictEqual({
      list: ["x", "y"],
    })
  })

  test("blank text is nothing for a number, and text for a string", () => {
    expect(coerced({ a: " ", b: "" }, schema)).toStrictEqual({ b: "" })
  })

  test("without a schema only undefined goes", () => {
    expect(coerced({ a: undefined, b: null, c: [1, undefined, "2"] }, undefined)).toStrictEqual({
      b: null,
      c: [1, "2"],
    })
    expect(coerced({ a: undefined }, undefined)).not.toHaveProperty("a")
  })
})

describe("built-in kinds", () => {
  const deployment = set.root({ group: "apps", version: "v1", kind: "Deployment" })
  const configMap = set.root({ group: "", version: "v1", kind: "ConfigMap" })

  test("a rendered deployment gets its numbers and its text", () => {
    const rendered = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: 7, labels: { tier: 1 }, annotations: { on: true } },
      spec: {
        replicas: "3",
        template: {
          spec: { containers: [{ name: "web", ports: [{ containerPort: "80" }], resources: { limits: { cpu: 1 } } }] },
        },
      },
    }
    expect(coerced(rendered, deployment)).toEqual({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "7", labels: { tier: "1" }, annotations: { on: "true" } },
      spec: {
        replicas: 3,
        template: {
          spec: { containers: [{ name: "web", ports: [{ containerPort: 80 }], resources: { limits: { cpu: "1" } } }] },
        },
      },
    })
  })

  test("configMap data is text", () => {
    expect(coerced({ data: { port: 80, on: false } }, configMap)).toEqual({ data: { port: "80", on: "false" } })
  })

  test("every mistake is reported with its path, an unknown field with the nearest name", () => {
    const result = coerce(
      { spec: { replicass: 1, template: { spec: { containers: [{ ports: [{ containerPort: "x" }] }] } } } },
      deployment,
      set,
    )
    expect(result.ok ? [] : result.error).toMatchObject([
      { path: "spec.replicass", message: expect.stringContaining('"replicas"') },
      { path: "spec.template.spec.containers[0].ports[0].containerPort" },
    ])
  })
})

describe("custom kinds", () => {
  const schema = crdSchema(
    crd({
      type: "object",
      properties: {
        spec: {
          type: "object",
          properties: {
            free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
            empty: { type: "object" },
            pod: { type: "object", "x-kubernetes-embedded-resource": true, properties: { spec: { type: "object" } } },
          },
        },
      },
    }),
    "v1",
  )

  test("preserved fields pass as they are, closed objects are closed", () => {
    expect(coerced({ spec: { free: { any: "1", deep: [{ x: null }] } } }, schema)).toEqual({
      spec: { free: { any: "1", deep: [{ x: null }] } },
    })
    expect(errorPaths({ spec: { empty: { any: 1 }, other: 1 } }, schema)).toEqual(["spec.empty.any", "spec.other"])
  })

  test("the header and an embedded resource's header are known", () => {
    const object = {
      apiVersion: "a/v1",
      kind: "K",
      metadata: { labels: { a: 1 } },
      spec: { pod: { metadata: { labels: { b: 2 } } } },
    }
    expect(coerced(object, schema)).toMatchObject({
      metadata: { labels: { a: "1" } },
      spec: { pod: { metadata: { labels: { b: "2" } } } },
    })
  })
})

describe("hostile values", () => {
  test("a member called __proto__ stays a member and never becomes a prototype", () => {
    const value = coerced(JSON.parse('{"__proto__": {"polluted": "yes"}}'), undefined)
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(Object.keys(value as object)).toEqual(["__proto__"])
    expect(errorPaths(JSON.parse('{"__proto__": 1, "constructor": 2}'), { type: "object", properties: {} })).toEqual([
      "__proto__",
      "constructor",
    ])
  })

  test("nesting is followed to 100 levels and refused at 101", () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) })
    expect(errorPaths(nested(100), undefined)).toHaveLength(0)
    expect(errorPaths(nested(101), undefined)).toHaveLength(1)
  })

  test("at most 50 errors are kept", () => {
    const wrong = (count: number) => Array.from({ length: count }, () => "x")
    const schema: Schema = { type: "array", items: { type: "integer" } }
    expect(errorPaths(wrong(50), schema)).toHaveLength(50)
    expect(errorPaths(wrong(51), schema)).toHaveLength(50)
  })
})

function crd(schema: Schema): KubeObject {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "shops.example.com" },
    spec: {
      group: "example.com",
      names: { kind: "Shop" },
      versions: [{ name: "v1", schema: { openAPIV3Schema: schema } }],
    },
  }
}
