import { describe, expect, test } from "bun:test"
import type { Diagnostic } from "../../../src/base/mod.ts"
import { diagnosticsMax } from "../../../src/katalog/bounded.ts"
import { load } from "../../../src/katalog/mod.ts"
import { build } from "../../../src/plan/mod.ts"
import { memoryFiles } from "../../support/files.ts"
import { indented } from "../../support/makers.ts"

const crd = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: websites.demo.example }
spec:
  group: demo.example
  scope: Namespaced
  names: { kind: Website, plural: websites }
  versions:
    - name: v1
      served: true
      storage: true
      subresources: { status: {} }
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: { type: object, properties: { size: { type: string, enum: [small, large] }, count: { type: integer, enum: [1, 2] } } }
            status: { type: object, x-kubernetes-preserve-unknown-fields: true }
`

function diagnosticsOf(box: string, head: string): readonly Diagnostic[] {
  const lines = ["apiVersion: orkestra.orkspace.io/v1", "kind: Katalog", "spec:", "  crds:", "    website:"]
  const katalog = [...lines, indented(head, 6), "      operatorBox:", indented(box, 8), ""].join("\n")
  const { spec, spans, diagnostics } = load(memoryFiles({ "katalog.yaml": katalog, "crd.yaml": crd }), "katalog.yaml")
  if (!spec) throw new Error(JSON.stringify(diagnostics.map(({ message, path }) => [message, path])))
  return build(spec, spans).diagnostics
}

/** The codes of what is found in an operatorBox, without notes. */
function found(box: string, head = "crdFile: crd.yaml"): readonly string[] {
  return diagnosticsOf(box, head).flatMap(({ severity, code }) => (severity === "note" ? [] : [code]))
}

const reported = (lists: string) => diagnosticsOf(`onReconcile:\n${indented(lists, 2)}`, "crdFile: crd.yaml")
const made = (lists: string) => found(`onReconcile:\n${indented(lists, 2)}`)

describe("names", () => {
  test.each(["Bad_Name", "a..b", "-a", `"${"a".repeat(254)}"`])("%s is refused", (name) => {
    expect(made(`configMaps: [{ name: ${name} }]`)).toEqual(["ORK0508"])
  })

  test.each(["page", "a.b-c", "123", `"${"a".repeat(253)}"`, '"{{ .metadata.name }}_X"'])("%s is not", (name) => {
    expect(made(`configMaps: [{ name: ${name} }]`)).toEqual([])
  })

  test("of roles are freer, and objects that are only deleted need none that fits", () => {
    expect(made("clusterRoles: [{ name: 'system:Reader', rules: [] }]")).toEqual([])
    expect(found("onDelete: { configMaps: [{ name: Bad_Name }] }")).toEqual([])
  })

  test("of whole objects are judged too", () => {
    const object = (name: string) => `manifests: [{ apiVersion: v1, kind: ConfigMap, metadata: { name: ${name} } }]`
    expect([made(object("A_B")), made(object("a-b"))]).toEqual([["ORK0508"], []])
  })
})

test("a flood of mistakes is cut, and what is left out is counted", () => {
  const entry = (_: unknown, index: number) => `  - { name: "{{ .spec.no }}-${index}" }`
  const many = (length: number) => ["configMaps:", ...Array.from({ length }, entry)].join("\n")
  expect(reported(many(diagnosticsMax)).filter(({ code }) => code === "ORK0510")).toEqual([])
  const over = reported(many(diagnosticsMax + 7))
  expect(over.filter(({ severity }) => severity === "error")).toHaveLength(diagnosticsMax)
  expect(over.at(-1)?.code).toBe("ORK0510")
})

describe("one object from two entries", () => {
  test.each([
    "configMaps: [{ name: a }, { name: a }]",
    "configMaps: [{ data: { a: x } }, { data: { b: x } }]",
    "configMaps: [{ name: a, namespace: '{{ .metadata.namespace }}' }, { name: a }]",
    "configMaps: [{ name: a }]\nmanifests: [{ apiVersion: v1, kind: ConfigMap, metadata: { name: a } }]",
  ])("%s", (lists) => expect(made(lists)).toEqual(["ORK0509"]))

  test.each([
    "configMaps: [{ name: a }, { name: b }]",
    "configMaps: [{ name: a }, { name: a, namespace: other }]",
    "configMaps: [{ name: a }, { name: a, when: [{ field: spec.size, equals: small }] }]",
    "configMaps: [{ name: a }]\nsecrets: [{ name: a }]",
  ])("is not made by %s", (lists) => expect(made(lists)).toEqual([]))

  test("is found across blocks, unless a block has conditions", () => {
    const first = "onCreate: { configMaps: [{ name: a }] }\nonReconcile:\n  configMaps: [{ name: a }]"
    expect(found(first)).toEqual(["ORK0509"])
    expect(found(`${first}\n  when: [{ field: spec.size, equals: small }]`)).toEqual([])
  })
})

describe("values", () => {
  test.each([
    ["services: [{ port: 65535 }]", []],
    ["services: [{ port: 65536 }]", ["ORK0114"]],
    ["services: [{ port: 1 }]", []],
    ["services: [{ port: 0 }]", ["ORK0114"]],
    ["deployments: [{ image: a, port: '70000' }]", ["ORK0114"]],
    ["services: [{ ports: [{ port: 80, targetPort: web, nodePort: 0 }] }]", []],
    ["services: [{ ports: [{ port: 80, targetPort: 70000 }] }]", ["ORK0114"]],
    ["deployments: [{ image: a, autoscale: { min: 3, max: 3 } }]", []],
    ["deployments: [{ image: a, autoscale: { min: 4, max: 3 } }]", ["ORK0114"]],
    ["deployments: [{ image: a, autoscale: { min: '{{ .spec.count }}', max: 3 } }]", []],
    ["cronJobs: [{ image: a, schedule: '*/5 * * * *' }]", []],
    ["cronJobs: [{ image: a, schedule: '@every 1h' }]", []],
    ["cronJobs: [{ image: a, schedule: '{{ .spec.size }}' }]", []],
    ["cronJobs: [{ image: a, schedule: 'every day' }]", ["ORK0508"]],
    ["cronJobs: [{ image: a, schedule: '61 * * * *' }]", ["ORK0508"]],
  ])("%s: %p", (lists, codes) => {
    expect(made(lists)).toEqual(codes)
  })
})

describe("conditions that never hold", () => {
  const judged = (condition: string) => made(`configMaps: [{ name: a, when: [${condition}] }]`)

  test.each([
    ["{ field: spec.count, between: [2, 2] }", []],
    ["{ field: spec.count, between: [3, 2] }", ["ORK0114"]],
    ["{ field: spec.count, between: '3, 2' }", ["ORK0114"]],
    ["{ field: spec.count, between: [3, '{{ .spec.count }}'] }", []],
    ["{ field: spec.size, equals: small }", []],
    ["{ field: spec.size, equals: smal }", ["ORK0502"]],
    ["{ field: spec.size, equals: '' }", []],
    ["{ field: spec.size, notEquals: smal }", []],
    ["{ field: spec.size, in: [small, huge] }", ["ORK0502"]],
    ["{ field: spec.size, in: 'small, large' }", []],
    ["{ field: spec.count, equals: '1' }", []],
    ["{ field: spec.count, equals: 3 }", ["ORK0502"]],
  ])("%s: %p", (condition, codes) => {
    expect(judged(condition)).toEqual(codes)
  })

  test("are not judged where the operator gives the field another value first", () => {
    const box = "onReconcile: { configMaps: [{ name: a, when: [{ field: spec.size, equals: tiny }] }] }"
    const normalized = "crdFile: crd.yaml\nnormalize: { spec: { size: '{{ .spec.size | toLower }}' } }"
    expect([found(box), found(box, normalized)]).toEqual([["ORK0502"], []])
  })
})

describe("a status path that begins with status", () => {
  const status = (path: string, head?: string) => found(`status: { fields: [{ path: ${path}, value: x }] }`, head)

  test("is said, with and without a CRD", () => {
    const open = "apiTypes: { group: demo.example, version: v1, kind: Website }"
    expect([status("url"), status("statusText"), status("status")]).toEqual([[], [], []])
    expect(status("status.url", open)).toEqual(["ORK0503"])
  })
})
