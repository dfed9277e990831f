import { describe, expect, test } from "bun:test"
import { isRecord } from "../../../src/kube/mod.ts"
import { katalog } from "../../support/makers.ts"
import { diagnosticsOf, objectOf, resultsOf, shop } from "./support.ts"

const said = (kind: string, keys: string) => diagnosticsOf(katalog(`onReconcile:\n  ${kind}: [{ ${keys} }]`))
const withProfiles = (profiles: string, text: string) => `profiles: ${profiles}\n${text}`
const deployment = (keys: string) => katalog(`onReconcile:\n  deployments: [{ image: a, ${keys} }]`)

function containerOf(keys: string, data = shop as Readonly<Record<string, unknown>>): unknown {
  const spec = objectOf(`  deployments: [{ image: a, port: 80, ${keys} }]`, data)["spec"]
  return JSON.parse(JSON.stringify(isRecord(spec) ? spec["template"] : {})).spec.containers[0]
}

test("a profile stands for the fields of its block", () => {
  expect(containerOf("resources: { profile: tiny }")).toMatchObject({
    resources: { requests: { cpu: "25m", memory: "64Mi" }, limits: { cpu: "100m", memory: "128Mi" } },
  })
  expect(containerOf("probes: { liveness: { path: /l, profile: fast } }")).toMatchObject({
    livenessProbe: {
      httpGet: { path: "/l", port: 80 },
      initialDelaySeconds: 5,
      periodSeconds: 10,
      failureThreshold: 2,
      timeoutSeconds: 5,
    },
  })
  expect(containerOf("securityContext: { profile: baseline }")).toMatchObject({
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["NET_RAW"] } },
  })
})

describe("a profile that a template chooses", () => {
  const keys = 'resources: { profile: "{{ .spec.size }}" }, probes: { liveness: { profile: "{{ .spec.probe }}" } }'
  const sized = (size?: string) => ({ ...shop, spec: { size, probe: "slow-start" } })

  test("is looked up for each custom resource", () => {
    expect(containerOf(keys, sized("large"))).toMatchObject({
      resources: { limits: { cpu: "2", memory: "2Gi" } },
      livenessProbe: { httpGet: { path: "/", port: 80 }, failureThreshold: 30 },
    })
    expect(containerOf(keys, sized("tiny"))).toMatchObject({ resources: { limits: { memory: "128Mi" } } })
  })

  test("stands for nothing where the template yields nothing", () => {
    expect(containerOf(keys, sized())).not.toHaveProperty("resources")
  })

  test.each(["huge", "constructor", "__proto__"])("fails the entry of that custom resource alone: %s", (size) => {
    const [result] = resultsOf(`  deployments: [{ image: a, ${keys} }]`, sized(size))
    expect(result?.rendered).toEqual([])
    expect(result?.failures).toMatchObject([{ code: "template/type", where: "katalog.yaml:10:59" }])
  })
})

describe("mistakes with profiles", () => {
  type Row = readonly [kind: string, keys: string, codes: readonly string[]]
  const rows: readonly Row[] = [
    ["deployments", "image: a, resources: { profile: smal }", ["ORK0420 10"]],
    ["deployments", "image: a, resources: { profile: small, limits: { cpu: 1 } }", ["ORK0421 10"]],
    ["deployments", "image: a, rollingUpdate: { profile: safe, maxSurge: 1 }", ["ORK0421 10"]],
    ["deployments", "image: a, probes: { startup: { profile: fast, periodSeconds: 1 } }", ["ORK0421 10"]],
    ["deployments", "image: a, probes: { startup: { profile: fast, path: /a, port: 1, type: tcp } }", []],
    ["deployments", "image: a, podSecurity: { profile: strict }", ["ORK0420 10"]],
    ["networkPolicies", "name: a, profile: deny-all, ingress: []", ["ORK0421 10"]],
    ["hpa", "deploymentRef: { name: a }, maxReplicas: 3, behavior: { profile: web, scaleUp: {} }", ["ORK0421 10"]],
    ["pdb", "selector: { a: b }, behavior: { profile: none }", ["ORK0420 10"]],
    ["resourceQuotas", "profile: tiny", ["ORK0420 10"]],
    ["limitRanges", "profile: small, limits: []", ["ORK0421 10"]],
  ]
  test.each(rows)("%s { %s }: %j", (kind, keys, codes) => {
    expect(said(kind, keys)).toEqual(codes)
  })

  test("explicit limits of a quota win over its profile, with a warning", () => {
    expect(said("resourceQuotas", "profile: small, hard: { pods: 1 }")).toEqual(["ORK0421 10"])
    expect(objectOf("  resourceQuotas: [{ profile: small, hard: { pods: 1 } }]")["spec"]).toEqual({
      hard: { pods: "1" },
    })
  })
})

describe("profiles of the Katalog", () => {
  test("are found first, with their templates", () => {
    const text = withProfiles(
      '{ resources: { mine: { limits: { cpu: "{{ .spec.replicas }}" } }, small: { limits: { cpu: 9 } } } }',
      deployment("resources: { profile: mine }"),
    )
    expect(diagnosticsOf(text)).toEqual(["ORK0423 1"])
    expect(
      diagnosticsOf(withProfiles("{ resources: { mine: {} } }", deployment("resources: { profile: min }"))),
    ).toEqual(["ORK0420 11"])
  })

  test("are read at the top and under spec, and stand once", () => {
    const under = (profiles: string) =>
      deployment("resources: { profile: mine }").replace("spec:\n", `spec:\n  profiles: ${profiles}\n`)
    const mine = "{ resources: { mine: { limits: { cpu: 1 } } } }"
    expect(diagnosticsOf(under(mine))).toEqual([])
    expect(diagnosticsOf(withProfiles(mine, under(mine)))).toEqual(["ORK0206 6"])
  })

  test("have the fields of their class only", () => {
    expect(diagnosticsOf(withProfiles("{ resources: { a: { cpu: 1 } } }", deployment("name: a")))).toEqual([
      "ORK0107 1",
    ])
    expect(diagnosticsOf(withProfiles("{ resource: {} }", deployment("name: a")))).toEqual(["ORK0107 1"])
    expect(diagnosticsOf(withProfiles("{ reconcile: { a: { cpu: 1 } } }", deployment("name: a")))).toEqual([
      "ORK0107 1",
    ])
  })
})
