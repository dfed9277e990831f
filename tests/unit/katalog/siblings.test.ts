import { describe, expect, test } from "bun:test"
import { Ajv2020 } from "ajv/dist/2020"
import { schemaOf } from "../../../src/katalog/json-schema.ts"
import { parseYaml } from "../../../src/katalog/yaml.ts"
import { loadText } from "./support.ts"

const head = (kind: string) => `apiVersion: orkestra.orkspace.io/v1\nkind: ${kind}\nmetadata: { name: platform }\n`
const good = {
  Komposer: `${head("Komposer")}imports:
  files: [./web/katalog.yaml, https://example.com/katalog.yaml, { url: $KATALOG, auth: { type: github, fromEnv: TOKEN } }]
  helm: [{ repo: https://example.com, chart: web, version: 1.2.3, valueFiles: [a.yaml], values: { a: b } }]
  registry: [oci://example.com/a:v1, { url: postgres:v14, oci: true, useKomposer: true, katalog: { a: { branch: main } } }]
security: { namespaceProtection: { restrictedNamespaces: [kube-system] } }
spec:
  crds:
    website: { enabled: false }
    shop: { workers: 5, resync: 1m }
`,
  Simulate: `${head("Simulate")}spec:
  katalog: ./katalog.yaml
  cr: ./cr.yaml
  cycles: 5
  skipExternal: true
  expect:
    steady: true
    steadyAt: 3
    noErrors: true
    ops: [{ cycle: 1, verb: create, resource: deployments, name: web, count: 2 }, { include: more.yaml }]
    absent: [{ cycle: 1, verb: delete, resource: services }]
    crds: { website: { steady: true } }
`,
  E2E: `${head("E2E")}spec:
  katalog: ./katalog.yaml
  crd: crd.yaml
  cr: cr.yaml
  cluster: { provider: kind, name: test, reuse: true }
  setup: { apply: [a.yaml], helm: [{ repo: https://example.com, chart: web }], wait: [{ kind: Pod, ready: true }] }
  expect:
    - name: there
      after: cr-applied
      timeout: 60s
      resources: [{ kind: Deployment, name: web, ready: true, count: 1 }]
      commands: [{ run: "true", exitCode: 0, outputContains: a }]
      kubectl:
        patch: { kind: Website, name: shop, type: merge, patch: { spec: {} } }
        get: [{ kind: Website, name: shop, field: .status.phase, equals: Ready }]
      onFailure: { commands: ["kubectl get pods"] }
    - { include: gone.yaml }
imports: [./other.yaml, { path: ./more.yaml, freshCluster: true }]
`,
} as const

describe.each(["Komposer", "Simulate", "E2E"] as const)("a %s", (kind) => {
  test("fits its schema", () => {
    const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schemaOf(kind))
    validate(parseYaml({ path: "", text: good[kind] }).documents[0]?.data)
    expect(validate.errors ?? []).toEqual([])
  })

  test("is refused where a Katalog is meant, and the help names the Katalog", () => {
    const { spec, diagnostics } = loadText(good[kind])
    expect(spec).toBeUndefined()
    expect(diagnostics.map(({ code, path }) => [code, path])).toEqual([["ORK0110", "kind"]])
    expect(diagnostics[0]?.help).toContain("katalog.yaml")
  })

  test("with a slip is told about it all the same", () => {
    const { diagnostics } = loadText(`${good[kind]}specs: {}\n`)
    expect(diagnostics.map(({ code }) => code)).toEqual(["ORK0110", "ORK0107"])
  })
})

test("older layouts of a Komposer are no mistakes", () => {
  const old = `apiVersion: orkestra.konductor.io/v1Alpha
kind: Komposer
sources: { files: [a.yaml] }
spec:
  crds: [{ name: website, operatorBox: { reconciler: { workers: 5 } } }]
`
  expect(loadText(old).diagnostics.map(({ code }) => code)).toEqual(["ORK0110"])
})

test("a Motif is checked where it is imported", () => {
  expect(loadText(head("Motif")).diagnostics.map(({ code }) => code)).toEqual(["ORK0109"])
})
