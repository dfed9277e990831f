import { describe, expect, test } from "bun:test"
import { builtinResources, type RequestContext } from "../../../src/apiserver/mod.ts"
import { apiVersionOf, type KubeObject } from "../../../src/kube/mod.ts"
import answers from "./builtin-answers.json" with { type: "json" }

/** What a real server answered to dry runs of creates, written by scripts/generate-apiserver-data.ts. */
const text = JSON.stringify(answers).replace(/"nodePort":\d+/g, '"nodePort":30100') // a dry run gives any number
const recorded: readonly { readonly sent: KubeObject; readonly got: KubeObject }[] = JSON.parse(text)

const user = { name: "admin", groups: [] }
const context: RequestContext = { user, now: "2026-01-01T00:00:00Z", subresource: "", dryRun: true }

function causes(object: KubeObject, old?: KubeObject): readonly string[] {
  const { strategy } = builtinResources().find(
    ({ gvr, kind }) => kind === object.kind && apiVersionOf(gvr) === object.apiVersion,
  )!
  return strategy.validate(strategy.complete(object), old, context).map(({ field, message }) => `${field}: ${message}`)
}

describe("what a real server takes is taken, and may be written again", () => {
  test.each(recorded.map(({ got }, index) => [`${got.kind} ${index}`, got] as const))("%s", (_, got) => {
    expect(causes(got)).toEqual([])
    expect(causes(got, got)).toEqual([])
  })
})

const find = (kind: string) => recorded.find(({ got }) => got.kind === kind)!.got
const withSpec = (object: KubeObject, spec: object): KubeObject => ({
  ...object,
  spec: { ...(object["spec"] as object), ...spec }, // the kinds below have one
})

test("what a type requires is asked for at its place", () => {
  const pod = withSpec(find("Pod"), { containers: [{ image: "a" }, { name: "b" }] })
  expect(causes(pod)).toEqual(["spec.containers[0].name: Required value", "spec.containers[1].image: Required value"])
})

test("texts are one of those that are allowed, numbers not below zero", () => {
  const deployment = withSpec(find("Deployment"), { replicas: -1 })
  expect(causes(deployment)).toEqual(["spec.replicas: Invalid value: -1: must be greater than or equal to 0"])
  const [cause] = causes(withSpec(find("Service"), { sessionAffinity: "X" }))
  expect(cause).toStartWith('spec.sessionAffinity: Unsupported value: "X": supported values: "ClientIP", "None"')
})

test("a selector must choose the template's labels, and stays", () => {
  const deployment = find("Deployment")
  const other = withSpec(deployment, { selector: { matchLabels: { a: "c" } } })
  expect(causes(other, deployment)).toEqual([
    'spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`',
    'spec.selector: Invalid value: {"matchLabels":{"a":"c"}}: field is immutable',
  ])
})

test("a status is not judged by the rules of a spec", () => {
  const deployment = withSpec(find("Deployment"), { replicas: -1 })
  const { strategy } = builtinResources().find(({ kind }) => kind === "Deployment")!
  expect(strategy.validate(deployment, deployment, { ...context, subresource: "status" })).toEqual([])
})

test("an approval changes the conditions of a request, and nothing else", () => {
  const request = find("CertificateSigningRequest")
  const { strategy } = builtinResources().find(({ kind }) => kind === "CertificateSigningRequest")!
  const status = { conditions: [{ type: "Approved", status: "True" }] }
  const approved = strategy.prepareUpdate({ ...withSpec(request, { signerName: "other.b/c" }), status }, request, {
    ...context,
    subresource: "approval",
  })
  expect(approved["status"]).toEqual(status)
  expect(approved["spec"]).toEqual(request["spec"])
})

describe("a Pod is told what is wrong with it", () => {
  const container = (more: object) => withSpec(find("Pod"), { containers: [{ name: "a", image: "a", ...more }] })
  const rows: readonly (readonly [object, string])[] = [
    [{ env: [{ name: "A=B", value: "c" }] }, "spec.containers[0].env[0].name"],
    [{ env: [{ name: "A", valueFrom: {} }] }, "spec.containers[0].env[0].valueFrom"],
    [{ ports: [{ name: "80", containerPort: 80 }] }, "spec.containers[0].ports[0].name"],
    [{ livenessProbe: {} }, "spec.containers[0].livenessProbe"],
    [{ readinessProbe: { httpGet: { path: "/" } } }, "spec.containers[0].readinessProbe.httpGet.port"],
    [{ volumeMounts: [{ name: "none", mountPath: "/a" }] }, "spec.containers[0].volumeMounts[0].name"],
    [{ resources: { requests: { cpu: "-1" } } }, "spec.containers[0].resources.requests[cpu]"],
  ]
  test.each(rows)("%j", (more, field) => {
    expect(causes(container(more)).map((cause) => cause.split(": ")[0])).toEqual([field])
  })
})

test("a suspended Job's Pods may still be steered, and not changed otherwise", () => {
  const job = withSpec(find("Job"), { suspend: true })
  const steered = (spec: object) => {
    const template = job["spec"] as { readonly template: { readonly spec: object } } // a Job as it was recorded
    return withSpec(job, { template: { ...template.template, spec: { ...template.template.spec, ...spec } } })
  }
  expect(causes(steered({ nodeSelector: { a: "b" } }), job)).toEqual([])
  expect(causes(steered({ terminationGracePeriodSeconds: 3 }), job)[0]).toStartWith("spec.template.spec: ")
})

test("a Service forgets what only its former type knew", () => {
  const service = find("Service")
  const balanced = withSpec(service, {
    type: "LoadBalancer",
    externalTrafficPolicy: "Local",
    healthCheckNodePort: 30500,
  })
  const { strategy } = builtinResources().find(({ kind }) => kind === "Service")!
  const inner = strategy.prepareUpdate(withSpec(balanced, { type: "ClusterIP" }), balanced, context)
  expect(inner["spec"]).not.toHaveProperty("externalTrafficPolicy")
  expect(inner["spec"]).not.toHaveProperty("healthCheckNodePort")
})

test("no two Services are given the same address or node port, and none takes another's", () => {
  const { strategy } = builtinResources().find(({ kind }) => kind === "Service")!
  const stored: KubeObject[] = []
  const crowded = { ...context, list: () => stored }
  const spec = { type: "NodePort", ports: [{ name: "a", port: 80 }], selector: { a: "b" } }
  const of = (uid: string, more: object = {}): KubeObject =>
    strategy.complete({ apiVersion: "v1", kind: "Service", metadata: { name: "s", uid }, spec: { ...spec, ...more } })
  for (let index = 0; index < 1_000; index++) stored.push(strategy.prepareCreate(of(`u${index}`), crowded))
  const specs = stored.map((service) => service["spec"] as { clusterIP: string; ports: [{ nodePort: number }] }) // as made
  expect(new Set(specs.map(({ clusterIP }) => clusterIP)).size).toBe(1_000)
  expect(new Set(specs.map(({ ports }) => ports[0].nodePort)).size).toBe(1_000)
  const greedy = of("x", { clusterIP: specs[0]!.clusterIP, ports: specs[1]!.ports })
  const fields = strategy
    .validate(strategy.prepareCreate(greedy, crowded), undefined, { ...crowded, dryRun: false })
    .map(({ field }) => field)
  expect(fields).toEqual(["spec.clusterIPs", "spec.ports[0].nodePort"])
})
