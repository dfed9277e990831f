import { describe, expect, test } from "bun:test"
import { builtinResources } from "../../../src/apiserver/mod.ts"
import { apiVersionOf, type KubeObject } from "../../../src/kube/mod.ts"

const now = Date.parse("2026-01-01T01:00:00Z")

function row(apiVersion: string, kind: string, object: object): Readonly<Record<string, unknown>> {
  const { columns } = builtinResources().find((one) => one.kind === kind && apiVersionOf(one.gvr) === apiVersion)!
  const whole: KubeObject = {
    apiVersion,
    kind,
    metadata: { name: "x", creationTimestamp: "2026-01-01T00:00:00Z" },
    ...object,
  }
  return Object.fromEntries(columns.map(({ name, cell }) => [name, cell(whole, now)]))
}

const containers = [{ name: "a" }, { name: "b" }]
const running = { ready: true, restartCount: 0, state: { running: {} } }

describe("the one word for the state of a Pod", () => {
  test.each([
    ["its phase", { phase: "Pending" }, { Ready: "0/2", Status: "Pending", Restarts: "0" }],
    ["its reason", { phase: "Failed", reason: "Evicted" }, { Status: "Evicted" }],
    ["what runs", { phase: "Running", containerStatuses: [running, running] }, { Ready: "2/2", Status: "Running" }],
    [
      "what waits",
      { phase: "Pending", containerStatuses: [{ state: { waiting: { reason: "ImagePullBackOff" } } }] },
      { Status: "ImagePullBackOff" },
    ],
    [
      "what ended without a reason",
      { phase: "Failed", containerStatuses: [{ state: { terminated: { exitCode: 3 } } }] },
      { Status: "ExitCode:3" },
    ],
    [
      "which init container is next",
      { phase: "Pending", initContainerStatuses: [{ state: { running: {} } }] },
      { Status: "Init:0/1" },
    ],
    [
      "when it was started again",
      {
        phase: "Running",
        containerStatuses: [
          { ...running, restartCount: 4, lastState: { terminated: { finishedAt: "2026-01-01T00:55:00Z" } } },
        ],
      },
      { Restarts: "4 (5m ago)", Age: "60m" },
    ],
  ])("says %s", (_, status, wanted) => {
    expect(row("v1", "Pod", { spec: { containers, initContainers: [{ name: "i" }] }, status })).toMatchObject(wanted)
  })

  test("says that it is going", () => {
    const metadata = { name: "x", deletionTimestamp: "2026-01-01T00:59:00Z" }
    expect(row("v1", "Pod", { metadata, status: { phase: "Running" } })["Status"]).toBe("Terminating")
  })
})

test("a Service shows its ports and where it is reached", () => {
  const ports = [
    { port: 80, nodePort: 30080, protocol: "TCP" },
    { port: 53, protocol: "UDP" },
  ]
  const spec = { type: "LoadBalancer", clusterIP: "10.96.0.9", ports, selector: { b: "c", a: "b" } }
  expect(row("v1", "Service", { spec })).toMatchObject({
    "External-IP": "<pending>",
    "Port(s)": "80:30080/TCP,53/UDP",
    Selector: "a=b,b=c",
  })
})

test("an autoscaler shows the same in both of its versions", () => {
  const common = { maxReplicas: 3, minReplicas: 1, scaleTargetRef: { kind: "Deployment", name: "a" } }
  const target = { type: "Utilization", averageUtilization: 70 }
  const newer = { spec: { ...common, metrics: [{ type: "Resource", resource: { name: "cpu", target } }] } }
  const older = { spec: { ...common, targetCPUUtilizationPercentage: 70 } }
  const wanted = { Reference: "Deployment/a", Targets: "cpu: <unknown>/70%", MinPods: "1", MaxPods: 3 }
  expect(row("autoscaling/v2", "HorizontalPodAutoscaler", newer)).toMatchObject(wanted)
  expect(row("autoscaling/v1", "HorizontalPodAutoscaler", older)).toMatchObject(wanted)
})

test("events and autoscalers are the same in both of their versions", async () => {
  const find = (apiVersion: string, kind: string) =>
    builtinResources().find((one) => one.kind === kind && apiVersionOf(one.gvr) === apiVersion)!
  const [older, newer] = [find("v1", "Event"), find("events.k8s.io/v1", "Event")]
  expect(newer.prefix).toBe(older.prefix)
  const event: KubeObject = {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: "e" },
    involvedObject: { kind: "Pod" },
    message: "m",
    reason: "r",
  }
  const [converted] = await newer.convert!([event], "events.k8s.io/v1")
  expect(converted).toMatchObject({
    apiVersion: "events.k8s.io/v1",
    regarding: { kind: "Pod" },
    note: "m",
    reason: "r",
  })
  expect(await older.convert!([converted!], "v1")).toEqual([event])
})
