import { expect, test } from "bun:test"
import { LocalCluster } from "../../support/local-cluster.ts"
import { podTemplate, workload } from "../../support/workloads.ts"

function service(name: string, spec: Readonly<Record<string, unknown>> = {}) {
  const ports = [{ port: 80, targetPort: 8080 }]
  return { apiVersion: "v1", kind: "Service", metadata: { name }, spec: { selector: { app: name }, ports, ...spec } }
}

function slice(cluster: LocalCluster, name: string) {
  return cluster
    .list("discovery.k8s.io/v1", "EndpointSlice", "default")
    .find(({ metadata }) => metadata.labels["kubernetes.io/service-name"] === name)
}

test("a Service leads to the ready Pods that it selects, and follows them", async () => {
  await using cluster = await LocalCluster.start()
  await cluster.create(service("web"))
  await cluster.create(workload("Deployment", "web", { replicas: 2 }))
  await cluster.settle()
  const addresses = cluster.list("v1", "Pod", "default").map(({ status }) => status.podIP)
  const found = slice(cluster, "web")
  expect(found.endpoints.flatMap((one: { addresses: string[] }) => one.addresses).sort()).toEqual(addresses.sort())
  expect(found.endpoints.every((one: { conditions: { ready: boolean } }) => one.conditions.ready)).toBe(true)
  expect(found.ports).toEqual([{ name: "", port: 8080, protocol: "TCP" }])
  expect(cluster.get("v1", "Endpoints", "web").subsets[0].addresses).toHaveLength(2)
  await cluster.edit("apps/v1", "Deployment", "web", { replicas: 0 })
  await cluster.settle()
  expect(slice(cluster, "web").endpoints ?? []).toEqual([])
  expect(cluster.get("v1", "Endpoints", "web").subsets).toBeUndefined()
  await cluster.delete("v1", "Service", "web")
  await cluster.settle()
  expect([slice(cluster, "web"), cluster.get("v1", "Endpoints", "web")]).toEqual([undefined, undefined])
})

const defaultBackend = { service: { name: "web", port: { number: 80 } } }

test("load balancers and Ingresses get an address", async () => {
  await using cluster = await LocalCluster.start()
  await cluster.create(service("web", { type: "LoadBalancer" }))
  await cluster.create({
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name: "web" },
    spec: { defaultBackend },
  })
  await cluster.settle()
  for (const [apiVersion, kind] of [
    ["v1", "Service"],
    ["networking.k8s.io/v1", "Ingress"],
  ] as const) {
    expect(cluster.get(apiVersion, kind, "web").status.loadBalancer.ingress[0].ip).toMatch(/^203\.0\.113\.\d+$/)
  }
  expect(await cluster.writesIn("24h")).toBe(0)
})

test("an autoscaler keeps its target within bounds", async () => {
  await using cluster = await LocalCluster.start()
  await cluster.create(workload("Deployment", "web", { replicas: 1 }))
  const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "web" }
  const spec = { scaleTargetRef, minReplicas: 3, maxReplicas: 5 }
  await cluster.create({
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "web" },
    spec,
  })
  await cluster.settle()
  expect(cluster.get("apps/v1", "Deployment", "web").spec.replicas).toBe(3)
  await cluster.edit("apps/v1", "Deployment", "web", { replicas: 9 })
  await cluster.settle()
  expect(cluster.get("apps/v1", "Deployment", "web").spec.replicas).toBe(5)
  const { status } = cluster.get("autoscaling/v2", "HorizontalPodAutoscaler", "web")
  expect(status).toMatchObject({ currentReplicas: 5, desiredReplicas: 5 })
  expect(await cluster.writesIn("24h")).toBe(0)
})

test("a budget counts what may be disrupted", async () => {
  await using cluster = await LocalCluster.start()
  await cluster.create(workload("Deployment", "web", { replicas: 3 }))
  const spec = { minAvailable: 2, selector: { matchLabels: { app: "web" } } }
  await cluster.create({ apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: { name: "web" }, spec })
  await cluster.settle()
  const { status } = cluster.get("policy/v1", "PodDisruptionBudget", "web")
  expect(status).toMatchObject({ currentHealthy: 3, desiredHealthy: 2, expectedPods: 3, disruptionsAllowed: 1 })
})

const troubles = [
  ["CrashLoopBackOff", "Running", "False"],
  ["NotReady", "Running", "False"],
  ["ErrImagePull", "Pending", "False"],
  ["Unschedulable", "Pending", undefined],
] as const

test.each(troubles)("a Pod fails as its annotation asks: %s", async (trouble, phase, ready) => {
  await using cluster = await LocalCluster.start()
  const { metadata, spec } = podTemplate("web", { trouble })
  await cluster.create({ apiVersion: "v1", kind: "Pod", metadata: { ...metadata, name: "web" }, spec })
  await cluster.settle()
  const { status } = cluster.get("v1", "Pod", "web")
  expect(status.phase).toBe(phase)
  expect(status.conditions.find((c: { type: string }) => c.type === "Ready")?.status).toBe(ready)
  if (trouble === "Unschedulable") expect(cluster.reasons("Pod", "web")).toEqual(["FailedScheduling"])
  else if (trouble !== "NotReady") expect(status.containerStatuses[0].state.waiting.reason).toBe(trouble)
  expect(await cluster.writesIn("24h")).toBe(0)
})
