import { describe, expect, test } from "bun:test"
import { Refusal } from "../../../src/apiserver/mod.ts"
import { LocalCluster } from "../../support/local-cluster.ts"

// The texts are compared with a real server in tests/contract/apiserver/suite-admission.ts and its neighbours.

const pod = (name: string, spec: object = {}, container: object = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: { containers: [{ name: "a", image: "a", ...container }], ...spec },
})
const deployment = (replicas: number) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web" },
  spec: {
    replicas,
    selector: { matchLabels: { app: "web" } },
    template: { metadata: { labels: { app: "web" } }, spec: pod("").spec },
  },
})
const quota = (hard: object) => ({ apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "q" }, spec: { hard } })
const service = (name: string, spec: object = {}) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name },
  spec: { ports: [{ port: 80 }], ...spec },
})

async function code(made: Promise<unknown>): Promise<number> {
  try {
    await made
    return 201
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
}

describe("a quota", () => {
  test("refuses the Pod that is one too many, and takes it once another has gone", async () => {
    await using cluster = await LocalCluster.start({ pretend: false })
    await cluster.create(quota({ pods: "1" }))
    await cluster.settle()
    expect(await code(cluster.create(pod("a")))).toBe(201)
    expect(await code(cluster.create(pod("b")))).toBe(403)
    await cluster.settle()
    expect(cluster.get("v1", "ResourceQuota", "q").status).toEqual({ hard: { pods: "1" }, used: { pods: "1" } })
    await cluster.cluster.api.delete(
      { group: "", version: "v1", resource: "pods" },
      { namespace: "default", name: "a" },
      { graceSeconds: 0 },
    )
    await cluster.settle()
    expect(cluster.get("v1", "ResourceQuota", "q").status.used).toEqual({ pods: "0" })
    expect(await code(cluster.create(pod("b")))).toBe(201)
  })

  test("is never exceeded by writes at the same time", async () => {
    await using cluster = await LocalCluster.start({ pretend: false })
    await cluster.create(quota({ pods: "3" }))
    await cluster.settle()
    const codes = await Promise.all(Array.from({ length: 8 }, (_, index) => code(cluster.create(pod(`p${index}`)))))
    expect(codes.filter((one) => one === 201).length).toBe(3)
    expect(new Set(codes)).toEqual(new Set([201, 403]))
  })

  test("adds up in the spelling of its objects", async () => {
    await using cluster = await LocalCluster.start({ pretend: false })
    await cluster.create(quota({ "requests.cpu": "2", "requests.memory": "4Gi" }))
    await cluster.settle()
    const resources = { requests: { cpu: "600m", memory: "1536Mi" } }
    for (const name of ["a", "b"]) await cluster.create(pod(name, {}, { resources }))
    const { used } = cluster.get("v1", "ResourceQuota", "q").status
    expect(used).toEqual({ "requests.cpu": "1200m", "requests.memory": "3Gi" })
  })

  test("keeps a Deployment below what it asks for, which says so, until there is room", async () => {
    await using cluster = await LocalCluster.start()
    await cluster.create(quota({ pods: "1" }))
    await cluster.settle()
    await cluster.create(deployment(2))
    await cluster.settle("10s")
    const { status } = cluster.get("apps/v1", "Deployment", "web")
    expect(status).toMatchObject({ replicas: 1, unavailableReplicas: 1 })
    expect(status.conditions).toContainEqual(expect.objectContaining({ type: "ReplicaFailure", status: "True" }))
    const events = cluster.cluster.api.list({ group: "", version: "v1", resource: "events" }, "default")
    expect(events.filter(({ reason }) => reason === "FailedCreate").length).toBe(1)
    await cluster.edit("v1", "ResourceQuota", "q", { hard: { pods: "5" } })
    await cluster.settle("20s")
    const now = cluster.get("apps/v1", "Deployment", "web").status
    expect(now.readyReplicas).toBe(2)
    expect(now.conditions.map(({ type }: { type: string }) => type).sort()).toEqual(["Available", "Progressing"])
  })
})

test("the Pod of an account that is not there is refused; the usual one is waited for", async () => {
  await using cluster = await LocalCluster.start({ pretend: false })
  expect(await code(cluster.create(pod("a", { serviceAccountName: "nobody" })))).toBe(403)
  await cluster.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "new" } })
  const made = cluster.create({ ...pod("a"), metadata: { name: "a", namespace: "new" } })
  await cluster.settle()
  expect((await made)["spec"]).toMatchObject({ serviceAccountName: "default" })
})

test("the priority of a Pod is that of its class, or of the usual one", async () => {
  await using cluster = await LocalCluster.start({ pretend: false })
  const classed = (name: string, more: object) => ({
    ...{ apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", metadata: { name }, ...more },
  })
  const gvr = { group: "scheduling.k8s.io", version: "v1", resource: "priorityclasses" }
  const make = (name: string, more: object) => cluster.cluster.api.create(gvr, classed(name, more), { manager: "t" })
  await make("high", { value: 1000 })
  await make("usual", { value: 10, globalDefault: true })
  expect(await code(make("other", { value: 11, globalDefault: true }))).toBe(403)
  expect((await cluster.create(pod("a", { priorityClassName: "high" })))["spec"]).toMatchObject({ priority: 1000 })
  expect((await cluster.create(pod("b")))["spec"]).toMatchObject({ priority: 10, priorityClassName: "usual" })
  expect(await code(cluster.create(pod("c", { priorityClassName: "none" })))).toBe(403)
})

test("claims and Ingresses that name no class get the usual one", async () => {
  await using cluster = await LocalCluster.start()
  const { api } = cluster.cluster
  const group = "networking.k8s.io"
  const annotations = { "ingressclass.kubernetes.io/is-default-class": "true" }
  const ingressClass = {
    ...{ apiVersion: `${group}/v1`, kind: "IngressClass", metadata: { name: "web", annotations } },
    spec: { controller: "example.com/web" },
  }
  await api.create({ group, version: "v1", resource: "ingressclasses" }, ingressClass, { manager: "t" })
  const backend = { service: { name: "a", port: { number: 80 } } }
  const ingress = {
    apiVersion: `${group}/v1`,
    kind: "Ingress",
    metadata: { name: "a" },
    spec: { defaultBackend: backend },
  }
  expect((await cluster.create(ingress))["spec"]).toMatchObject({ ingressClassName: "web" })
  const claim = {
    ...{ apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "a" } },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  }
  expect((await cluster.create(claim))["spec"]).toMatchObject({ storageClassName: "standard" })
})

test("Services that are made at the same time get addresses and ports of their own", async () => {
  await using cluster = await LocalCluster.start({ pretend: false })
  const made = await Promise.all(
    Array.from({ length: 20 }, (_, index) => cluster.create(service(`s${index}`, { type: "NodePort" }))),
  )
  const specs = made.map((one) => one["spec"] as { clusterIP: string; ports: { nodePort: number }[] }) // as it is answered
  expect(new Set(specs.map(({ clusterIP }) => clusterIP)).size).toBe(20)
  expect(new Set(specs.map(({ ports }) => ports[0]?.nodePort)).size).toBe(20)
  const asked = () => ["x", "y"].map((name) => code(cluster.create(service(name, { clusterIP: "10.96.77.77" }))))
  expect((await Promise.all(asked())).sort()).toEqual([201, 422])
  expect(await code(cluster.create(service("z", { clusterIP: "192.0.2.1" })))).toBe(422)
})
