import { describe, expect, test } from "bun:test"
import { type Diagnostic, orderDiagnostics } from "../../../src/base/mod.ts"
import { load } from "../../../src/katalog/mod.ts"
import { build } from "../../../src/plan/mod.ts"
import { memoryFiles } from "../../support/files.ts"
import { indented } from "../../support/makers.ts"

const condition = "{ type: object, properties: { type: { type: string }, status: { type: string } } }"
const kept = `{ observedGeneration: { type: integer }, conditions: { type: array, items: ${condition} } }`

const specSchema = `
type: object
required: [title]
properties:
  title: { type: string }
  image: { type: string }
  replicas: { type: integer }
  on: { type: boolean }
  port: { type: string }
  names: { type: array, items: { type: string } }
  rows: { type: array, items: { type: object, properties: { name: { type: string }, size: { type: integer } } } }
  env: { type: object, additionalProperties: { type: string } }
  requests: { type: object, additionalProperties: { x-kubernetes-int-or-string: true } }
  extra: { type: object, x-kubernetes-preserve-unknown-fields: true }`

interface CrdParts {
  readonly spec?: string
  readonly status?: string
  readonly subresources?: string
}

function crdText({ spec = specSchema, status = kept, subresources = "{ status: {} }" }: CrdParts): string {
  return `apiVersion: apiextensions.k8s.io/v1
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
      subresources: ${subresources}
      schema:
        openAPIV3Schema:
          type: object
          required: [spec, status, kind]
          properties:
            status: { type: object, properties: ${status} }
            spec:${indented(spec, 14)}
`
}

const withCrd = "crdFile: crd.yaml"
const withoutCrd = "apiTypes: { group: demo.example, version: v1, kind: Website }"

interface Setting extends CrdParts {
  readonly head?: string
  readonly motif?: string
}

/** What is found in an operatorBox: severity, code, and the marked text. */
function found(box: string, setting: Setting = {}): readonly string[] {
  return orderDiagnostics(reported(box, setting)).map(
    ({ severity, code, span }) => `${severity} ${code} ${span?.file.text.slice(span.start, span.end) ?? "nowhere"}`,
  )
}

function reported(box: string, { head = withCrd, motif = "", ...parts }: Setting = {}): readonly Diagnostic[] {
  const lines = ["apiVersion: orkestra.orkspace.io/v1", "kind: Katalog", "spec:", "  crds:", "    website:"]
  const katalog = [...lines, `      ${head}`, "      operatorBox:", indented(box, 8), ""].join("\n")
  const files = memoryFiles({ "katalog.yaml": katalog, "crd.yaml": crdText(parts), "motif.yaml": motif })
  const { spec, spans, diagnostics } = load(files, "katalog.yaml")
  if (!spec) throw new Error(JSON.stringify(diagnostics.map(({ message, path }) => [message, path])))
  return build(spec, spans).diagnostics
}

function entries(lists: string): string {
  return `onReconcile:\n${indented(lists, 2)}`
}

describe("paths", () => {
  test("of a template are checked in every place of an entry", () => {
    const box = entries(`deployments:
  - name: "{{ .spec.a1 }}"
    image: "{{ .spec.a2 }}"
    labels: { x: "{{ .spec.a3 }}" }
    resources: { requests: { cpu: "{{ .spec.a4 }}" } }
    probes: { liveness: { path: "/{{ .spec.a5 }}" } }
    overrides: { metadata: { annotations: { a: "{{ .spec.a6 }}" } } }
    when:
      - { field: spec.a7, exists: true }
      - { field: "{{ .spec.a8 }}", equals: x }
      - { field: spec.title, equals: "{{ .spec.a9 }}" }
secrets:
  - { name: s, data: { a: "{{ .spec.b1 }}" }, toNamespaces: ["{{ .spec.b2 }}"] }`)
    const marked = ["a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9", "b1", "b2"]
    expect(found(box)).toEqual(marked.map((name) => `error ORK0501 ${name}`))
  })

  test("of one template that serves several places are reported once", () => {
    const box = entries('deployments: [{ name: "{{ .metadata.nmae }}", image: a }]')
    expect(reported(box).map(({ code }) => code)).toEqual(["ORK0501"])
  })

  test("are checked in all blocks, their conditions, and the status", () => {
    const box = `onCreate:
  when: [{ field: spec.a1, exists: true }]
  configMaps: [{ name: "{{ .spec.a2 }}" }]
onDelete:
  configMaps: [{ name: "{{ .spec.a3 }}" }]
status:
  fields:
    - path: conditions
      value: "{{ .spec.a4 }}"
      when: [{ field: spec.a5, exists: true }]`
    expect(found(box)).toEqual(["a1", "a2", "a3", "a4", "a5"].map((name) => `error ORK0501 ${name}`))
  })

  test("of what onDelete names are not what making it would need", () => {
    const kinds = ["deployments", "services", "ingresses", "persistentVolumeClaims", "persistentVolumes", "roles"]
    const more = ["roleBindings", "hpa", "pdb", "cronJobs", "networkPolicies", "secrets"]
    const lists = [...kinds, ...more].map((kind) => `  ${kind}: [{ name: a }]`)
    expect(found(["onDelete:", ...lists].join("\n"))).toEqual([])
    expect(found("onDelete:\n  deployments: [{ name: '{{ .spec.titel }}' }]")).toEqual(["error ORK0501 titel"])
  })

  test("are checked where only one step of a condition is wrong", () => {
    const conditions = '[{ field: "spec.rows[0].naem", exists: true }, { field: .metadata.labels.app, exists: true }]'
    expect(found(entries(`configMaps: [{ name: a, when: ${conditions} }]`))).toEqual(["error ORK0501 naem"])
  })

  test("of the elements of forEach are known by every name", () => {
    const box = entries(`configMaps:
  - { name: "{{ .item.naem }}{{ .row.siez }}{{ .index }}", forEach: { field: spec.rows, as: row } }
  - { name: "{{ .item }}-{{ .value }}", forEach: { field: spec.env } }
  - { name: "{{ .item.any }}", forEach: { field: spec.extra.list } }
  - { name: "{{ .item.any }}", forEach: { field: spec.row } }`)
    expect(found(box)).toEqual(["error ORK0501 naem", "error ORK0501 siez", "error ORK0501 row"])
  })

  test("of forEach lead to a list or a map", () => {
    expect(found(entries('configMaps: [{ name: "{{ .item }}", forEach: { field: spec.title } }]'))).toEqual([
      "error ORK0502 spec.title",
    ])
  })

  test("are not judged without a crdFile, nor below an open schema", () => {
    const box = entries('configMaps: [{ name: "{{ .spec.imgae }}{{ .status.any }}{{ .metadata.nmae }}" }]')
    expect(found(box, { head: withoutCrd })).toEqual([])
    const open = "\ntype: object\nx-kubernetes-preserve-unknown-fields: true"
    expect(found(entries('configMaps: [{ name: "{{ .spec.imgae }}" }]'), { spec: open })).toEqual([])
  })
})

test("paths in a Motif may be missing in one of the CRDs that import it; what it is given may not", () => {
  const motif = `apiVersion: orkestra.orkspace.io/v1
kind: Motif
metadata: { name: page }
inputs: [{ name: host }]
resources:
  configMaps: [{ name: "{{ .spec.a1 }}{{ .inputs.host }}", labels: { a: "{{ .spec.title }}" } }]
status:
  fields: [{ path: url, value: "{{ .spec.a2 }}" }]
`
  const head = `${withCrd}\n      imports: [{ motif: ./motif.yaml, with: { host: "{{ .spec.a3 }}" } }]`
  const box = entries("configMaps: [{ name: a }]")
  expect(found(box, { head, motif, status: kept.replace("{", "{ url: { type: string },") })).toEqual([
    "error ORK0501 a3",
    "warning ORK0501 a1",
    "warning ORK0501 a2",
  ])
})

describe("the status", () => {
  test("has what the schema has, what the Katalog writes, and what is always written", () => {
    const box = `onReconcile:
  configMaps:
    - name: a
      data: { a: "{{ .status.url }}{{ .status.conditions }}{{ .status.observedGeneration }}{{ .status.ulr }}" }
      when: [{ field: status.phase.now, exists: true }]
status:
  fields: [{ path: phase.now, value: x }]`
    const status = kept.replace("{", "{ url: { type: string },")
    expect(found(box, { status })).toEqual(["error ORK0501 ulr", "warning ORK0503 phase"])
  })

  test("drops a declared field that the schema lacks, at the step that is missing", () => {
    const status = kept.replace("{", "{ address: { type: object, properties: { host: { type: string } } },")
    const fields = "[{ path: address.host, value: x }, { path: address.prot, value: x }]"
    expect(found(`status: { fields: ${fields} }`, { status })).toEqual(["warning ORK0503 prot"])
  })

  test("drops conditions that the schema lacks: one note for the CRD", () => {
    const reading = entries('configMaps: [{ name: "{{ .status.conditions }}{{ .status.observedGeneration }}" }]')
    expect(found(reading, { status: "{}" })).toEqual(["note ORK0504 crd.yaml"])
    expect(found("status: { conditions: false }", { status: "{}" })).toEqual([])
  })

  test("is not written at all without the subresource", () => {
    expect(found("status: { fields: [{ path: url, value: x }] }", { subresources: "{}" })).toEqual([
      "warning ORK0503 crd.yaml",
    ])
    expect(found(entries("configMaps: [{ name: a }]"), { subresources: "{}" })).toEqual(["note ORK0504 crd.yaml"])
  })

  test("takes values of its types", () => {
    const status = kept.replace("{", "{ n: { type: integer }, s: { type: string }, b: { type: boolean },")
    const box = `status:
  fields:
    - { path: n, value: "{{ .spec.names }}" }
    - { path: n, value: "{{ .spec.replicas }}" }
    - { path: n, value: many }
    - { path: s, value: "{{ .spec.replicas }}" }
    - { path: b, value: "{{ .spec.replicas }}" }
    - { path: s, value: "{{ .spec.names }}", type: string }
    - { path: n, value: soon, type: int }
    - { path: n, value: "{{ .spec.title }}", type: auto }`
    expect(found(box, { status })).toEqual([
      "error ORK0502 .spec.names",
      "error ORK0502 many",
      "error ORK0502 .spec.replicas",
      "error ORK0502 soon",
    ])
  })
})

describe("children", () => {
  const web = 'deployments: [{ name: web, image: "{{ .spec.image }}" }]\n'
  const reading = (...paths: readonly string[]) =>
    `configMaps: [{ name: a, data: { a: "${paths.map((path) => `{{ .children.${path} }}`).join("")}" } }]`

  test("have the kinds that entries make, with the fields of each kind", () => {
    expect(found(entries(web + reading("job", "deploymnt.status", "deployment.status.redy")))).toEqual([
      "error ORK0505 job",
      "error ORK0505 deploymnt",
      "error ORK0501 redy",
    ])
  })

  test("are found by kind, by kinds and name, by id, and with what is added to them", () => {
    const paths = ["deployment.metadata.name", "deployments.web.status.readyReplicas", "configmap.data.x"]
    const more = ["configMaps.a.data.x", "deployments.byId.web.any", "byId.web.any", "deployment._pods"]
    expect(found(entries(web + reading(...paths, ...more)))).toEqual([])
  })

  test("of a kind that several entries make at a time are ambiguous in the singular", () => {
    const two = "services: [{ name: a, port: 80 }, { name: b, port: 80 }]\n"
    const path = reading("service.spec", "services.a.spec")
    expect(found(entries(web + two + path))).toEqual(["warning ORK0507 service"])
    const oneOf = two.replaceAll("port: 80", "port: 80, when: [{ field: spec.on, equals: true }]")
    expect(found(entries(web + oneOf + path))).toEqual([])
  })

  test("of the Katalog's own kinds have the fields of their CRD", () => {
    const custom =
      "custom: [{ apiVersion: demo.example/v1, kind: Website, metadata: { name: x }, spec: { title: x } }]\n"
    expect(found(entries(custom + reading("website.spec.titel", "website.spec.title", "custom.any")))).toEqual([
      "error ORK0501 titel",
    ])
  })
})

describe("an object", () => {
  test("has no fields that its kind lacks, in a manifest and in overrides", () => {
    const box = entries(`deployments:
  - { name: a, image: a, overrides: { spec: { replicass: 3, template: { spec: { hostNetwrk: true } } } } }
manifests:
  - { apiVersion: v1, kind: ConfigMap, metadata: { name: a, lables: {} }, dta: {} }
  - object: { apiVersion: v1, kind: ConfigMap, metadata: { name: b, annotatons: {} }, date: {} }
  - { apiVersion: any.example/v1, kind: Any, metadata: { name: a }, spec: { any: 1 } }`)
    const marked = ["replicass", "hostNetwrk", "lables", "dta", "annotatons", "date"]
    expect(found(box)).toEqual(marked.map((name) => `error ORK0501 ${name}`))
  })

  test("has values of the types of its kind, as written", () => {
    const box = entries(`manifests:
  - apiVersion: v1
    kind: Service
    metadata: { name: 1 }
    spec: { ports: [{ port: "80", targetPort: http }, { port: http }], selector: app, clusterIP: { a: 1 }, sessionAffinity: [a] }`)
    expect(found(box)).toEqual([
      "error ORK0502 http",
      "error ORK0502 app",
      "error ORK0502 { a: 1 }",
      "error ORK0502 [a]",
    ])
  })

  test("has values of the types of its kind, also where a short form computes them", () => {
    const box = entries(`deployments:
  - { name: a, image: a, volumeMounts: [{ name: x, mountPath: /x, readOnly: maybe }], rollingUpdate: { maxSurge: 1 } }
resourceQuotas:
  - { name: a, hard: { pods: many } }
networkPolicies:
  - { name: a, ingress: [{ ports: [{ port: 80, endPort: "81" }], from: [{ ipBlock: { cdr: x } }] }] }`)
    expect(found(box).map((line) => line.slice(0, 18))).toEqual([
      "error ORK0502 mayb",
      "error ORK0502 many",
      "error ORK0501 [{ p",
    ])
  })

  test("of the Katalog's own kinds has the types and fields of its CRD", () => {
    const box = entries(`custom:
  - apiVersion: demo.example/v1
    kind: Website
    metadata: { name: x }
    spec: { titel: x, title: x, names: "{{ .spec.title }}", replicas: "{{ .spec.replicas }}", extra: { a: { b: 1 } } }`)
    expect(found(box)).toEqual(["error ORK0501 titel", "error ORK0502 .spec.title"])
  })

  test("has the fields that the server cannot do without", () => {
    const pod = "spec: { containers: [{ name: a }] }"
    const box = (adoption: string) =>
      entries(`manifests:
  - { object: { apiVersion: v1, kind: Pod, metadata: { name: a }, ${pod} }, adoption: ${adoption} }
custom:
  - { apiVersion: demo.example/v1, kind: Website, metadata: { name: x }, spec: { on: true }, adoption: ${adoption} }`)
    const missing = ["error ORK0506 { name: a }", "error ORK0506 { on: true }"]
    for (const adoption of ["never", "ifUnowned"]) expect(found(box(adoption))).toEqual(missing)
    // A part of what somebody else made.
    expect(found(box("force"))).toEqual([])
  })
})

test("nothing valid is refused", () => {
  const box = `onReconcile:
  deployments:
    - name: "{{ .metadata.name }}"
      image: "{{ .spec.image }}:{{ .spec.extra.tag | default \\"latest\\" }}"
      replicas: '{{ .spec.replicas | default 1 }}'
      port: "{{ .spec.port }}"
      command: "{{ .spec.names }}"
      args: ["--size={{ .spec.replicas }}", "{{ .spec.replicas }}", "{{ .spec.on }}", 3, true]
      env:
        - { name: SIZE, value: "{{ .spec.replicas }}" }
        - { name: ON, value: true }
      nodeSelector: "{{ .spec.env }}"
      resources: { requests: "{{ .spec.requests }}", limits: { cpu: "{{ .spec.title }}", memory: "{{ .spec.replicas }}Mi" } }
      probes: { readiness: { port: "{{ .spec.port }}", periodSeconds: "{{ .spec.replicas }}" } }
      overrides: { spec: { template: { spec: { terminationGracePeriodSeconds: "30", hostNetwork: "{{ .spec.on }}" } } } }
  services:
    - { name: a, port: "{{ .spec.port | toInt }}", targetPort: "{{ .spec.title }}" }
  manifests:
    - apiVersion: v1
      kind: ConfigMap
      metadata: { name: b, labels: "{{ .metadata.labels }}", annotations: { n: 3 } }
      data: { n: 3, yaml: "{{ toYaml .spec }}", on: true }
    - apiVersion: apps/v1
      kind: Deployment
      metadata: { name: b }
      spec:
        replicas: '{{ if .spec.on }}{{ .spec.replicas }}{{ else }}0{{ end }}'
        selector: { matchLabels: { app: b } }
        template: { metadata: { labels: { app: b } }, spec: "{{ .spec.extra.pod }}" }`
  expect(found(box)).toEqual([])
})

test("a value of any depth is checked", () => {
  const deep = `${"{ a: ".repeat(60)}"{{ .spec.imgae }}"${" }".repeat(60)}`
  const box = entries(`manifests: [{ apiVersion: any.example/v1, kind: Any, metadata: { name: a }, spec: ${deep} }]`)
  expect(found(box)).toEqual(["error ORK0501 imgae"])
})
