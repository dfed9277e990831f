import { describe, expect, test } from "bun:test"
import { workloadLabel } from "../../../src/plan/mod.ts"
import { indented, katalog } from "../../support/makers.ts"
import { diagnosticsOf, objectOf, operatorOf, problemsOf } from "./support.ts"

/** One entry under one list, its keys in YAML, one a line. */
const entry = (kind: string, keys: string) => `  ${kind}:\n    - ${keys.trim().split("\n").join("\n      ")}`

type Row = readonly [keys: string, object: object]

describe("a configMap", () => {
  const rows: readonly Row[] = [
    ["name: a", { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } }],
    ["data: { a: b }", { metadata: { name: "shop-config" }, data: { a: "b" } }],
    ["name: a\nnamespace: far", { metadata: { name: "a", namespace: "far" } }],
    ['name: "{{ .metadata.name }}-x"', { metadata: { name: "shop-x" } }],
    ["name: a\nannotations: { note: hi }", { metadata: { annotations: { note: "hi" } } }],
    ['name: a\nlabels: { team: "{{ .metadata.labels.team }}" }', { metadata: { labels: { team: "blue" } } }],
    ['name: a\ndata: { n: "{{ .spec.replicas }}", b: "{{ .spec.on }}" }', { data: { n: "3", b: "true" } }],
    ['name: a\ndata: { there: x, gone: "{{ .spec.nothing }}" }', { data: { there: "x" } }],
    ["name: a\noverrides: { immutable: true }", { immutable: true }],
  ]
  test.each(rows)("%j", (keys, object) => {
    expect(objectOf(entry("configMaps", keys))).toMatchObject(object)
    expect(problemsOf(entry("configMaps", keys))).toEqual([])
  })
})

describe("a secret", () => {
  const rows: readonly Row[] = [
    ["name: a", { kind: "Secret", type: "Opaque", data: {} }],
    ["data: { user: shop }", { metadata: { name: "shop-secret" }, data: { user: "c2hvcA==" } }],
    ['name: a\ndata: { n: "{{ .spec.replicas }}" }', { data: { n: "Mw==" } }],
    ["name: a\ndata: { a: ü€ }", { data: { a: "w7zigqw=" } }],
    ["name: a\nbase64Data: { user: c2hvcA== }", { data: { user: "c2hvcA==" } }],
    ["name: a\ndata: { a: x, b: x }\nbase64Data: { b: eQ== }", { data: { a: "eA==", b: "eQ==" } }],
    ["name: a\ntype: kubernetes.io/tls", { type: "kubernetes.io/tls" }],
  ]
  test.each(rows)("%j", (keys, object) => {
    expect(objectOf(entry("secrets", keys))).toMatchObject(object)
    expect(problemsOf(entry("secrets", keys))).toEqual([])
  })
})

test("a serviceAccount", () => {
  const object = objectOf(entry("serviceAccounts", "annotations: { role: x }"))
  expect(object).toEqual({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "shop-sa", annotations: { role: "x" } },
  })
})

describe("a service", () => {
  const port = (more: object = {}) => ({ port: 80, targetPort: 80, protocol: "TCP", ...more })
  const rows: readonly Row[] = [
    [
      "port: 80\nselector: { app: x }",
      { metadata: { name: "shop-svc" }, spec: { type: "ClusterIP", selector: { app: "x" }, ports: [port()] } },
    ],
    ["port: 80\ntargetPort: http", { spec: { ports: [port({ targetPort: "http" })] } }],
    ['port: 80\ntargetPort: "{{ .spec.port }}"', { spec: { ports: [port({ targetPort: 8080 })] } }],
    [
      'port: "{{ .spec.port }}"\nprotocol: UDP',
      { spec: { ports: [{ port: 8080, targetPort: 8080, protocol: "UDP" }] } },
    ],
    ["port: 80\ntype: LoadBalancer", { spec: { type: "LoadBalancer" } }],
    ["port: 80\nheadless: true", { spec: { clusterIP: "None" } }],
    ['port: 80\nheadless: "{{ .spec.on }}"', { spec: { clusterIP: "None" } }],
    ["port: 80\noverrides: { spec: { ports: [{ port: 81 }] } }", { spec: { ports: [{ port: 81 }] } }],
  ]
  test.each(rows)("%j", (keys, object) => {
    expect(objectOf(entry("services", keys))).toMatchObject(object)
    expect(problemsOf(entry("services", keys))).toEqual([])
  })

  test("has no clusterIP and no ports unless it says so", () => {
    expect(objectOf(entry("services", "name: a"))["spec"]).toEqual({ type: "ClusterIP" })
    expect(objectOf(entry("services", "name: a\nheadless: false"))["spec"]).toEqual({ type: "ClusterIP" })
  })

  const web = 'deployments: [{ name: "{{ .metadata.name }}-web", image: nginx }]'
  const service = "services: [{ name: a, port: 80 }]"

  test("selects the only workload of its custom resource", () => {
    expect(objectOf(`  ${service}\n  ${web}`)["spec"]).toMatchObject({ selector: { [workloadLabel]: "shop-web" } })
  })

  test("finds it in another block too", () => {
    const [first] = operatorOf(`onCreate:\n  ${web}\nonReconcile:\n  ${service}`).resources.slice(-1)
    expect(JSON.stringify(first?.object.source)).toContain("{{ .metadata.name }}-web")
  })

  test.each([
    ["two workloads", `deployments: [{ name: a, image: x }, { name: b, image: x }]`],
    ["a workload per element", `deployments: [{ name: a, image: x, forEach: { field: spec.list } }]`],
  ])("with %s needs a selector", (_, workloads) => {
    const text = (more: string) =>
      katalog(`onReconcile:\n  ${workloads}\n  services:\n    - { name: a, port: 80${more} }`)
    expect(diagnosticsOf(text(""))).toEqual(["ORK0405 12"])
    expect(diagnosticsOf(text(", selector: { a: b }"))).toEqual([])
    expect(diagnosticsOf(text(", overrides: { spec: { selector: { a: b } } }"))).toEqual([])
  })
})

describe("manifests and custom", () => {
  test("a manifest is complete as it stands, labels of the entry merged in", () => {
    const object = objectOf(
      entry(
        "manifests",
        `labels: { b: "2" }
object:
  apiVersion: v1
  kind: ConfigMap
  metadata: { name: "{{ .metadata.name }}", labels: { a: "1" } }
  data: { n: "{{ .spec.replicas }}" }`,
      ),
    )
    expect(object).toEqual({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "shop", labels: { a: "1", b: "2" } },
      data: { n: "3" },
    })
  })

  test("a bare manifest means the same", () => {
    const bare = objectOf(entry("manifests", "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata: { x: y }"))
    expect(bare).toMatchObject({ metadata: { name: "a" }, data: { x: "y" } })
  })

  test("a custom object carries its spec with native types", () => {
    const keys = `apiVersion: db.example/v1
kind: Database
metadata: { name: "{{ .metadata.name }}", labels: { a: b } }
spec: { size: "{{ .spec.replicas }}", tags: "{{ .spec.list }}", note: "{{ .spec.replicas }} of them" }`
    expect(objectOf(entry("custom", keys))).toEqual({
      apiVersion: "db.example/v1",
      kind: "Database",
      metadata: { name: "shop", labels: { a: "b" } },
      spec: { size: 3, tags: ["a", "b"], note: "3 of them" },
    })
  })

  test.each(["custom", "manifests"])("a template for the kind is refused (%s)", (kind) => {
    const keys = 'apiVersion: v1\nkind: "{{ .spec.text }}"\nmetadata: { name: a }'
    expect(diagnosticsOf(katalog(`onReconcile:\n${entry(kind, keys)}`))).toEqual(["ORK0404 12"])
  })
})

describe("the plan of an entry", () => {
  test("orders kinds in waves: namespaces, what workloads read, the rest", () => {
    const { resources } = operatorOf(`onReconcile:
  deployments: [{ name: a, image: x }]
  configMaps: [{ name: a }]
  secrets: [{ name: a }]
  serviceAccounts: [{ name: a }]
  roles: [{ name: a, rules: [{ resources: pods, verbs: get }] }]
  networkPolicies: [{ name: a, profile: deny-all }]
  persistentVolumeClaims: [{ name: a, storage: 1Gi }]
  jobs: [{ name: a, image: x }]
  ingresses: [{ name: a, serviceName: a, servicePort: 80 }]
  manifests:
    - { apiVersion: v1, kind: Namespace, metadata: { name: a } }
    - { apiVersion: x.example/v1, kind: Other, metadata: { name: a } }`)
    expect(Object.fromEntries(resources.map(({ gvk, wave }) => [gvk.kind, wave]))).toEqual({
      Deployment: 2,
      ConfigMap: 1,
      Secret: 1,
      ServiceAccount: 1,
      Namespace: 0,
      Role: 1,
      NetworkPolicy: 1,
      PersistentVolumeClaim: 1,
      Job: 2,
      Ingress: 2,
      Other: 2,
    })
  })

  test("knows its lifecycle, its place and its options", () => {
    const [made, kept, other] = operatorOf(`onCreate:
  configMaps:
    - { name: a }
    - { name: b, reconcile: true }
onReconcile:
  configMaps:
    - { name: c, id: mine, prune: false, deletionPolicy: retain, adoption: never, forceConflict: false }`).resources
    expect(made).toMatchObject({ id: "onCreate.configMaps[0]", lifecycle: "once", where: "katalog.yaml:11:15" })
    expect(made).toMatchObject({ prune: true, retain: false, adoption: "ifUnowned", forceConflict: true })
    expect(kept).toMatchObject({ lifecycle: "managed" })
    expect(other).toMatchObject({ id: "mine", prune: false, retain: true, adoption: "never", forceConflict: false })
  })

  test("random functions are for once entries only", () => {
    const text = (block: string, more = "") =>
      katalog(`${block}:\n  secrets:\n    - { name: a, data: { p: "{{ randomAlphanumeric 8 }}" }${more} }`)
    expect(diagnosticsOf(text("onCreate"))).toEqual([])
    expect(diagnosticsOf(text("onReconcile"))).toHaveLength(1)
    expect(diagnosticsOf(text("onCreate", ", reconcile: true"))).toHaveLength(1)
  })
})

test.each(["constructor", "toString", "hasOwnProperty"])("a kind called %s is one like any other", (kind) => {
  const custom = `custom:\n  - { apiVersion: a.b/v1, kind: ${kind}, metadata: { name: a } }\n`
  const roles = `manifests:\n  - { apiVersion: rbac.authorization.k8s.io/v1, kind: ${kind}, metadata: { name: b } }\n`
  expect(diagnosticsOf(katalog(`onReconcile:\n${indented(custom + roles, 2)}`))).toEqual([])
})
