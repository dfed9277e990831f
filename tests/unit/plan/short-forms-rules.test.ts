import { describe, expect, test } from "bun:test"
import { workloadLabel } from "../../../src/plan/mod.ts"
import { katalog } from "../../support/makers.ts"
import { diagnosticsOf, objectOf, operatorOf, resultsOf, shop } from "./support.ts"

/** The diagnostics of one entry under one list, in flow style on line 10. */
const said = (kind: string, keys: string, more = "") =>
  diagnosticsOf(katalog(`onReconcile:\n  ${kind}: [{ ${keys} }]${more && `\n  ${more}`}`)).filter(isOurs)

/** What the check against the schemas of the kinds says is tested elsewhere. */
const isOurs = (line: string) => !line.startsWith("ORK05")

describe("what can be said against an entry", () => {
  type Row = readonly [kind: string, keys: string, code: string]
  const rows: readonly Row[] = [
    ["pdb", "selector: { a: b }", "ORK0108"],
    ["pdb", "selector: { a: b }, minAvailable: 1, maxUnavailable: 1", "ORK0422"],
    ["pdb", "selector: { a: b }, minAvailable: 1, behavior: { profile: rolling }", "ORK0422"],
    ["pdb", "selector: { a: b }, behavior: { minAvailable: 1, maxUnavailable: 1 }", "ORK0422"],
    ["pdb", "minAvailable: 1", "ORK0405"],
    ["hpa", "maxReplicas: 3", "ORK0405"],
    ["hpa", "maxReplicas: 3, scaleTargetRef: { name: a }, deploymentRef: { name: a }", "ORK0422"],
    ["hpa", "scaleTargetRef: { name: a }", "ORK0108"],
    ["services", "port: 80, ports: [{ port: 81 }]", "ORK0422"],
    ["persistentVolumes", "name: a, capacity: 1Gi", "ORK0108"],
    ["persistentVolumes", "name: a, capacity: 1Gi, csiDriver: d", "ORK0108"],
    ["persistentVolumes", "name: a, capacity: 1Gi, hostPath: /a, csiDriver: d, csiVolumeHandle: h", "ORK0422"],
    ["resourceQuotas", "name: a", "ORK0108"],
    ["limitRanges", "name: a", "ORK0108"],
    ["configMaps", "namespace: a, toNamespaces: [b]", "ORK0422"],
    ["replicaSets", "image: a, rollingUpdate: { profile: safe }", "ORK0122"],
    ["roles", "name: a", "ORK0108"],
    ["networkPolicies", "podSelector: {}", "ORK0108"],
    ["namespaces", "name: a, namespace: b", "ORK0107"],
    ["statefulSets", "image: a, rollingUpdate: { maxSurge: 1 }", "ORK0107"],
    ["configMaps", "fromNamespace: a", "ORK0108"],
    ["secrets", "fromSecret: a, once: true", "ORK0422"],
    ["secrets", "fromSecret: a, tls: { commonName: a }", "ORK0422"],
    ["secrets", "type: Opaque, tls: { commonName: a }", "ORK0422"],
    ["secrets", "rotateAfter: 30d", "ORK0108"],
    ["resourceQuotas", "fromResourceQuota: a, hard: { pods: 1 }", "ORK0422"],
    ["limitRanges", "fromLimitRange: a, profile: small", "ORK0422"],
    ["networkPolicies", "name: a, fromNetworkPolicy: a, ingress: []", "ORK0422"],
    ["secrets", 'fromSecret: "{{ .spec.text }}", fromNamespace: platform', "ORK0424"],
    ["deployments", "image: a, autoscale: { min: 1 }", "ORK0108"],
    ["deployments", "image: a, autoscale: { max: 3, scaleUp: { conditions: { when: [] }, decrement: 1 } }", "ORK0107"],
    ["deployments", "image: a, replicas: 1, autoscale: { max: 3 }", "ORK0122"],
  ]
  test.each(rows)("%s { %s } is %s", (kind, keys, code) => {
    expect(said(kind, keys)).toEqual([`${code} 10`])
  })

  const fine: readonly (readonly [kind: string, keys: string])[] = [
    ["pdb", "minAvailable: 1, overrides: { spec: { selector: { matchLabels: { a: b } } } }"],
    ["persistentVolumes", "name: a, capacity: 1Gi, overrides: { spec: { nfs: { server: s, path: / } } }"],
    ["hpa", "maxReplicas: 3, overrides: { spec: { scaleTargetRef: { kind: X, name: a } } }"],
    ["networkPolicies", "name: a, profile: deny-all, podSelector: { a: b }"],
    ["secrets", 'fromSecret: "{{ .spec.text }}"'],
    ["secrets", 'fromSecret: "{{ .metadata.name }}", fromNamespace: platform'],
    ["secrets", "tls: { commonName: a }, rotateAfter: 30d"],
  ]
  test.each(fine)("%s { %s } is fine", (kind, keys) => {
    expect(said(kind, keys)).toEqual([])
  })
})

describe("an entry that points to a workload without saying which", () => {
  const workload = (kind: string) => `${kind}: [{ name: web, image: nginx }]`

  test.each(["deployments", "statefulSets", "replicaSets", "daemonSets"])("finds the only one among %s", (kind) => {
    const labels = { [workloadLabel]: "web" }
    expect(objectOf(`  services: [{ port: 80 }]\n  ${workload(kind)}`)).toMatchObject({ spec: { selector: labels } })
    expect(objectOf(`  pdb: [{ minAvailable: 1 }]\n  ${workload(kind)}`)).toMatchObject({
      spec: { selector: { matchLabels: labels } },
    })
  })

  test("scales the only workload, whatever its kind", () => {
    expect(objectOf(`  hpa: [{ maxReplicas: 3 }]\n  ${workload("statefulSets")}`)).toMatchObject({
      spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "StatefulSet", name: "web" } },
    })
    expect(said("hpa", "maxReplicas: 3", workload("daemonSets"))).toEqual(["ORK0405 10"])
  })
})

describe("replicas of a workload that an hpa scales", () => {
  const replicasOf = (hpa: string, web = 'name: "{{ .metadata.name }}-web", image: nginx') => {
    const object = objectOf(`  deployments: [{ ${web} }]\n  ${hpa}`)
    return Object.hasOwn(Object(object["spec"]), "replicas")
  }
  type Row = readonly [what: string, hpa: string, isWritten: boolean]
  const rows: readonly Row[] = [
    ["by its name", 'hpa: [{ maxReplicas: 3, scaleTargetRef: { name: "{{.metadata.name}}-web" } }]', false],
    ["without a name", "hpa: [{ maxReplicas: 3 }]", false],
    ["by deploymentRef", 'hpa: [{ maxReplicas: 3, deploymentRef: { name: "{{ .metadata.name }}-web" } }]', false],
    ["by another name", "hpa: [{ maxReplicas: 3, scaleTargetRef: { name: other } }]", true],
    [
      "by another kind",
      'hpa: [{ maxReplicas: 3, scaleTargetRef: { kind: StatefulSet, name: "{{ .metadata.name }}-web" } }]',
      true,
    ],
    [
      "in a manifest",
      'manifests: [{ apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: { name: a }, spec: { maxReplicas: 3, scaleTargetRef: { kind: Deployment, name: "{{ .metadata.name }}-web" } } }]',
      false,
    ],
  ]
  test.each(rows)("named %s: written %p", (_, hpa, isWritten) => {
    expect(replicasOf(hpa)).toBe(isWritten)
  })

  test("are reported as without effect where they are written", () => {
    const lists = "deployments: [{ name: web, image: a, replicas: 3 }]"
    expect(said("hpa", "maxReplicas: 3", lists)).toEqual(["ORK0122 11"])
  })
})

test("autoscale and an hpa on one workload exclude each other", () => {
  expect(said("deployments", "name: web, image: a, autoscale: { max: 3 }", "hpa: [{ maxReplicas: 3 }]")).toEqual([
    "ORK0422 10",
  ])
})

describe("how an entry is kept", () => {
  const planOf = (lists: string) => operatorOf(`onReconcile:\n  ${lists}`).resources[0]
  test.each([
    ["jobs: [{ image: a }]", "create"],
    ["jobs: [{ image: a, onImmutable: recreate }]", "replace"],
    ["pods: [{ image: a }]", "replace"],
    ["secrets: [{ once: true }]", "create"],
    ["secrets: [{ once: false }]", "apply"],
    ["deployments: [{ image: a }]", "apply"],
    [
      "manifests: [{ apiVersion: batch/v1, kind: Job, metadata: { name: a }, spec: { template: { spec: { containers: [{ name: a, image: b }] } } } }]",
      "create",
    ],
  ])("%s: %s", (lists, policy) => {
    expect(planOf(lists)?.updatePolicy).toBe(policy as "create")
  })

  test("random functions are for what is made once, and never for a name", () => {
    const random = '"{{ randomAlphanumeric 8 }}"'
    expect(said("secrets", `once: true, data: { a: ${random} }`)).toEqual([])
    expect(said("secrets", `data: { a: ${random} }`)).toEqual(["ORK0306 10"])
    expect(said("secrets", `once: true, name: ${random}`)).toEqual(["ORK0306 10"])
    expect(diagnosticsOf(katalog(`onCreate:\n  jobs: [{ image: a, name: ${random} }]`))).toEqual(["ORK0306 10"])
  })
})

describe("several namespaces", () => {
  const spaces = (list: string, data = {}) =>
    resultsOf(`  configMaps: [{ name: a, toNamespaces: ${list} }]`, { ...shop, ...data })[0]
  const homes = (list: string, data = {}) => spaces(list, data)?.rendered.map(({ object }) => object.metadata.namespace)

  test("get an object each, in the order of the list, doubles and blanks left out", () => {
    expect(homes('[b, "{{ .metadata.namespace }}", b, "{{ .spec.blank }}"]')).toEqual(["b", "web"])
    expect(homes('"{{ .spec.list }}"')).toEqual(["a", "b"])
    expect(homes('"{{ .spec.none }}"')).toEqual([])
    expect(homes('"{{ .spec.nothing }}"')).toEqual([])
    expect(spaces("[x, y]")?.rendered.map(({ id }) => id)).toEqual([
      "onReconcile.configMaps[0][x]",
      "onReconcile.configMaps[0][y]",
    ])
  })

  test("are bounded, and must be names", () => {
    const many = (count: number) => ({ spec: { many: Array.from({ length: count }, (_, index) => `n${index}`) } })
    expect(homes('"{{ .spec.many }}"', many(1_000))).toHaveLength(1_000)
    expect(spaces('"{{ .spec.many }}"', many(1_001))?.failures).toMatchObject([{ code: "template/budget" }])
    expect(spaces('"{{ .spec.rows }}"')?.failures).toMatchObject([{ code: "template/type" }])
  })
})
