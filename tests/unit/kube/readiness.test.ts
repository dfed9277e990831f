import { describe, expect, test } from "bun:test"
import { type KubeObject, readinessOf } from "../../../src/kube/mod.ts"

interface Parts {
  readonly spec?: object
  readonly status?: object
  readonly metadata?: object
}

function object(kind: string, { spec, status, metadata = {} }: Parts): KubeObject {
  const slash = kind.lastIndexOf("/")
  const apiVersion = slash === -1 ? "v1" : `${kind.slice(0, slash)}/v1`
  return { apiVersion, kind: kind.slice(slash + 1), metadata: { name: "a", generation: 2, ...metadata }, spec, status }
}

const condition = (type: string, status: string, reason = "Because", message = "so it is") => ({
  type,
  status,
  reason,
  message,
})
const conditions = (...list: readonly object[]) => ({ conditions: list })
const seen = { observedGeneration: 2 }
const rolledOut = { ...seen, replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 }
const three = { replicas: 3 }

describe("ready", () => {
  test.each<[string, string, Parts]>([
    ["a Deployment rolled out and available", "apps/Deployment", { spec: three, status: rolledOut }],
    ["a Deployment of no replicas", "apps/Deployment", { spec: { replicas: 0 }, status: seen }],
    [
      "a StatefulSet rolled out",
      "apps/StatefulSet",
      { spec: three, status: { ...rolledOut, currentRevision: "b", updateRevision: "b" } },
    ],
    [
      "a StatefulSet at its partition",
      "apps/StatefulSet",
      {
        spec: { ...three, updateStrategy: { rollingUpdate: { partition: 2 } } },
        status: { ...rolledOut, updatedReplicas: 1, currentRevision: "a", updateRevision: "b" },
      },
    ],
    ["a DaemonSet on no node", "apps/DaemonSet", { status: { ...seen, desiredNumberScheduled: 0 } }],
    [
      "a DaemonSet on every node",
      "apps/DaemonSet",
      { status: { ...seen, desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2, numberReady: 2 } },
    ],
    ["a ReplicaSet with all replicas", "apps/ReplicaSet", { spec: three, status: rolledOut }],
    ["a complete Job", "batch/Job", { status: conditions(condition("Complete", "True")) }],
    ["a ready Pod", "Pod", { status: { phase: "Running", ...conditions(condition("Ready", "True")) } }],
    ["a Pod that succeeded", "Pod", { status: { phase: "Succeeded" } }],
    ["a bound claim", "PersistentVolumeClaim", { status: { phase: "Bound" } }],
    ["a Service without a load balancer", "Service", { spec: { type: "ClusterIP" } }],
    [
      "a load balancer with an address",
      "Service",
      { spec: { type: "LoadBalancer" }, status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } } },
    ],
    ["an active Namespace", "Namespace", { status: { phase: "Active" } }],
    [
      "an established CRD",
      "apiextensions.k8s.io/CustomResourceDefinition",
      { status: conditions(condition("NamesAccepted", "True"), condition("Established", "True")) },
    ],
    ["a ConfigMap that exists", "ConfigMap", {}],
    ["a custom object without status", "example.com/Shop", {}],
    [
      "a custom object with Ready=True",
      "example.com/Shop",
      { status: { ...seen, ...conditions(condition("Ready", "True"), condition("Stalled", "False")) } },
    ],
    [
      "a Ready condition of this generation",
      "example.com/Shop",
      { status: conditions({ ...condition("Ready", "True"), observedGeneration: 2 }) },
    ],
    [
      "a Ready condition of this generation",
      "example.com/Shop",
      { status: conditions({ ...condition("Ready", "True"), observedGeneration: 2 }) },
    ],
    ["somebody else's kind called Deployment", "example.com/Deployment", { spec: three }],
  ])("%s", (_name, kind, parts) => {
    expect(readinessOf(object(kind, parts))).toEqual({ ready: true })
  })
})

describe("not ready, and may become so", () => {
  test.each<[string, string, Parts, string]>([
    ["an object being deleted", "ConfigMap", { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } }, "deleted"],
    ["a new Deployment nobody has looked at", "apps/Deployment", { spec: three }, "not seen"],
    [
      "a Deployment of an older generation",
      "apps/Deployment",
      { spec: three, status: { ...rolledOut, observedGeneration: 1 } },
      "generation 2",
    ],
    [
      "a Deployment being updated",
      "apps/Deployment",
      { spec: three, status: { ...rolledOut, updatedReplicas: 2 } },
      "2 of 3 replicas updated",
    ],
    [
      "a Deployment with old replicas",
      "apps/Deployment",
      { spec: three, status: { ...rolledOut, replicas: 4 } },
      "1 old replica ",
    ],
    [
      "a Deployment short of replicas",
      "apps/Deployment",
      { spec: three, status: { ...rolledOut, availableReplicas: 1 } },
      "1 of 3 replicas available",
    ],
    [
      "a Deployment that says it is unavailable",
      "apps/Deployment",
      { spec: three, status: { ...rolledOut, ...conditions(condition("Available", "False")) } },
      "Because",
    ],
    ["a Deployment of the default size", "apps/Deployment", { status: seen }, "0 of 1 replica"],
    [
      "a StatefulSet short of replicas",
      "apps/StatefulSet",
      { spec: three, status: { ...rolledOut, readyReplicas: 2 } },
      "2 of 3 replicas ready",
    ],
    ["a StatefulSet shrinking", "apps/StatefulSet", { spec: { replicas: 1 }, status: rolledOut }, "2 extra replicas"],
    [
      "a StatefulSet being updated",
      "apps/StatefulSet",
      { spec: three, status: { ...rolledOut, updatedReplicas: 1, currentRevision: "a", updateRevision: "b" } },
      "1 of 3",
    ],
    ["a DaemonSet not scheduled", "apps/DaemonSet", { status: seen }, "not scheduled"],
    [
      "a DaemonSet short of pods",
      "apps/DaemonSet",
      { status: { ...seen, desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 1, numberReady: 2 } },
      "1 of 2 pods",
    ],
    [
      "a DaemonSet being updated",
      "apps/DaemonSet",
      { status: { ...seen, desiredNumberScheduled: 2, updatedNumberScheduled: 1, numberAvailable: 2, numberReady: 2 } },
      "1 of 2 pods updated",
    ],
    ["a ReplicaSet short of replicas", "apps/ReplicaSet", { spec: three, status: seen }, "0 of 3"],
    [
      "a ReplicaSet that cannot create pods",
      "apps/ReplicaSet",
      { spec: three, status: { ...seen, ...conditions(condition("ReplicaFailure", "True", "FailedCreate", "quota")) } },
      "FailedCreate: quota",
    ],
    ["a Job at work", "batch/Job", { spec: { completions: 3 }, status: { succeeded: 1 } }, "1 of 3 completions"],
    ["a suspended Job", "batch/Job", { spec: { suspend: true } }, "suspended"],
    [
      "a Pod that cannot be scheduled",
      "Pod",
      { status: { phase: "Pending", ...conditions(condition("PodScheduled", "False", "Unschedulable")) } },
      "Unschedulable",
    ],
    [
      "a Pod that waits for its image",
      "Pod",
      {
        status: {
          phase: "Pending",
          containerStatuses: [{ name: "c", state: { waiting: { reason: "ImagePullBackOff" } } }],
        },
      },
      "container c: ImagePullBackOff",
    ],
    ["a Pod nobody has looked at", "Pod", {}, "phase"],
    ["a claim without a volume", "PersistentVolumeClaim", { status: { phase: "Pending" } }, "bound"],
    [
      "a load balancer with an empty list of addresses",
      "Service",
      { spec: { type: "LoadBalancer" }, status: { loadBalancer: { ingress: [] } } },
      "address",
    ],
    [
      "a Pod whose containers are being made",
      "Pod",
      {
        status: {
          phase: "Pending",
          initContainerStatuses: [
            { name: "i", state: {} },
            { name: "j", state: { waiting: { reason: "PodInitializing" } } },
          ],
          containerStatuses: [{ name: "c", state: { waiting: { reason: "ContainerCreating" } } }],
        },
      },
      "phase is Pending",
    ],
    [
      "a load balancer without an address",
      "Service",
      { spec: { type: "LoadBalancer" }, status: { loadBalancer: {} } },
      "address",
    ],
    ["a new CRD", "apiextensions.k8s.io/CustomResourceDefinition", {}, "established"],
    [
      "a custom object with Ready=False",
      "example.com/Shop",
      { status: conditions(condition("Ready", "False", "Waiting", "for the db")) },
      "Waiting: for the db",
    ],
    [
      "a custom object with Ready=Unknown",
      "example.com/Shop",
      { status: conditions(condition("Ready", "Unknown")) },
      "Because",
    ],
    [
      "a custom object that reconciles",
      "example.com/Shop",
      { status: conditions(condition("Ready", "True"), condition("Reconciling", "True", "Busy")) },
      "Busy",
    ],
    [
      "a custom object of an older generation",
      "example.com/Shop",
      { status: { observedGeneration: 1, ...conditions(condition("Ready", "True")) } },
      "generation 2",
    ],
    [
      "a Ready condition of an older generation",
      "example.com/Shop",
      { status: conditions({ ...condition("Ready", "True"), observedGeneration: 1 }) },
      "generation 2",
    ],
  ])("%s", (_name, kind, parts, why) => {
    expect(readinessOf(object(kind, parts))).toEqual({ ready: false, failed: false, why: expect.stringContaining(why) })
  })
})

describe("failed", () => {
  test.each<[string, string, Parts]>([
    [
      "a Deployment past its deadline",
      "apps/Deployment",
      {
        spec: three,
        status: { ...seen, ...conditions(condition("Progressing", "False", "ProgressDeadlineExceeded")) },
      },
    ],
    ["a failed Job", "batch/Job", { status: conditions(condition("Failed", "True", "BackoffLimitExceeded")) }],
    ["a failed Pod", "Pod", { status: { phase: "Failed", reason: "Evicted" } }],
    [
      "a Pod that crashes again and again",
      "Pod",
      {
        status: {
          phase: "Running",
          containerStatuses: [
            { name: "a", state: { running: {} } },
            { name: "c", state: { waiting: { reason: "CrashLoopBackOff" } } },
          ],
        },
      },
    ],
    ["a claim that lost its volume", "PersistentVolumeClaim", { status: { phase: "Lost" } }],
    [
      "a CRD whose names are taken",
      "apiextensions.k8s.io/CustomResourceDefinition",
      { status: conditions(condition("NamesAccepted", "False")) },
    ],
    [
      "a stalled custom object",
      "example.com/Shop",
      { status: conditions(condition("Ready", "False"), condition("Stalled", "True", "BadSpec")) },
    ],
  ])("%s", (_name, kind, parts) => {
    expect(readinessOf(object(kind, parts))).toMatchObject({ ready: false, failed: true })
  })
})

test("a status of the wrong shape is not ready, and never an exception", () => {
  for (const status of [
    null,
    "up",
    [],
    { conditions: "none", replicas: "3", containerStatuses: [null, { state: 1 }] },
  ]) {
    for (const kind of [
      "apps/Deployment",
      "apps/StatefulSet",
      "apps/DaemonSet",
      "batch/Job",
      "Pod",
      "PersistentVolumeClaim",
    ]) {
      expect(readinessOf({ ...object(kind, {}), spec: "x", status })).toMatchObject({ ready: false, failed: false })
    }
  }
})
