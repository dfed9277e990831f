import { expect, test } from "bun:test"
import { LocalCluster } from "../../support/local-cluster.ts"
import { job, podTemplate, workload } from "../../support/workloads.ts"

const claims = [
  {
    metadata: { name: "data" },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "2Gi" } } },
  },
]

function names(cluster: LocalCluster, apiVersion: string, kind: string): readonly string[] {
  return cluster.list(apiVersion, kind, "default").map(({ metadata }) => metadata.name)
}

test("Pods of a StatefulSet mount what its claims hold", async () => {
  await using cluster = await LocalCluster.start()
  const { metadata, spec } = podTemplate("db")
  const containers = spec.containers.map((one) => ({ ...one, volumeMounts: [{ name: "data", mountPath: "/data" }] }))
  const template = { metadata, spec: { containers } }
  await cluster.create(workload("StatefulSet", "db", { replicas: 1, template, volumeClaimTemplates: claims }))
  await cluster.settle("5s")
  const mounted = cluster.get("v1", "Pod", "db-0").spec.volumes.map((volume: { name: string }) => volume.name)
  expect(mounted).toContain("data")
  expect(cluster.get("apps/v1", "StatefulSet", "db").status.readyReplicas).toBe(1)
})

test("a StatefulSet makes its Pods one after another, with claims that are bound", async () => {
  await using cluster = await LocalCluster.start()
  const spec = { replicas: 3, serviceName: "db", volumeClaimTemplates: claims }
  const order: string[] = []
  const listening = cluster.cluster.api.onChange(({ prefix, name, type, object }) => {
    if (prefix !== "pods" || type === "DELETED") return
    if (type === "ADDED") order.push(`+${name}`)
    const conditions = (object["status"] as { conditions?: { type: string; status: string }[] }).conditions ?? [] // a Pod's
    if (conditions.some((c) => c.type === "Ready" && c.status === "True") && !order.includes(`ready ${name}`)) {
      order.push(`ready ${name}`)
    }
  })
  await cluster.create(workload("StatefulSet", "db", spec))
  await cluster.settle("5s")
  listening[Symbol.dispose]()
  expect(order).toEqual(["+db-0", "ready db-0", "+db-1", "ready db-1", "+db-2", "ready db-2"])
  const { status } = cluster.get("apps/v1", "StatefulSet", "db")
  expect(status).toMatchObject({ replicas: 3, readyReplicas: 3, availableReplicas: 3, updatedReplicas: 3 })
  expect(status.currentRevision).toBe(status.updateRevision)
  const pod = cluster.get("v1", "Pod", "db-1")
  expect(pod.metadata.labels["statefulset.kubernetes.io/pod-name"]).toBe("db-1")
  expect(pod.spec.volumes[0].persistentVolumeClaim.claimName).toBe("data-db-1")
  const claim = cluster.get("v1", "PersistentVolumeClaim", "data-db-1")
  expect(claim.status).toMatchObject({ phase: "Bound", capacity: { storage: "2Gi" } })
  expect(cluster.get("v1", "PersistentVolume", claim.spec.volumeName).status.phase).toBe("Bound")
  expect(await cluster.writesIn("24h")).toBe(0)
})

test("a StatefulSet rolls out from the top, scales down from the top and keeps its claims", async () => {
  await using cluster = await LocalCluster.start()
  await cluster.create(workload("StatefulSet", "db", { replicas: 3, volumeClaimTemplates: claims }))
  await cluster.settle("5s")
  const gone: string[] = []
  const listening = cluster.cluster.api.onChange(({ prefix, name, type }) => {
    if (prefix === "pods" && type === "DELETED") gone.push(name)
  })
  await cluster.edit("apps/v1", "StatefulSet", "db", { template: podTemplate("db", { image: "pg:2" }) })
  await cluster.settle("10s")
  expect(gone.splice(0)).toEqual(["db-2", "db-1", "db-0"])
  const { status } = cluster.get("apps/v1", "StatefulSet", "db")
  expect([status.updatedReplicas, status.currentRevision]).toEqual([3, status.updateRevision])
  expect(names(cluster, "apps/v1", "ControllerRevision")).toHaveLength(2)
  await cluster.edit("apps/v1", "StatefulSet", "db", { replicas: 1 })
  await cluster.settle("5s")
  listening[Symbol.dispose]()
  expect(gone).toEqual(["db-2", "db-1"])
  expect(names(cluster, "v1", "PersistentVolumeClaim")).toHaveLength(3)
  await cluster.delete("v1", "PersistentVolumeClaim", "data-db-2")
  await cluster.settle()
  expect(cluster.list("v1", "PersistentVolume")).toHaveLength(2)
})

test("a StatefulSet that is Parallel makes all Pods at once; a partition keeps the lower ones", async () => {
  await using cluster = await LocalCluster.start()
  const updateStrategy = { type: "RollingUpdate", rollingUpdate: { partition: 2 } }
  await cluster.create(workload("StatefulSet", "db", { replicas: 3, podManagementPolicy: "Parallel", updateStrategy }))
  await cluster.settle()
  expect(names(cluster, "v1", "Pod")).toEqual(["db-0", "db-1", "db-2"])
  await cluster.edit("apps/v1", "StatefulSet", "db", { template: podTemplate("db", { image: "pg:2" }) })
  await cluster.settle("5s")
  const images = cluster.list("v1", "Pod", "default").map(({ spec }) => spec.containers[0].image)
  expect(images).toEqual(["nginx:1", "nginx:1", "pg:2"])
})

test("a DaemonSet runs on the one node and rolls out", async () => {
  await using cluster = await LocalCluster.start()
  await cluster.create(workload("DaemonSet", "agent"))
  await cluster.settle()
  const ready = { desiredNumberScheduled: 1, numberReady: 1, numberAvailable: 1, updatedNumberScheduled: 1 }
  expect(cluster.get("apps/v1", "DaemonSet", "agent").status).toMatchObject(ready)
  await cluster.edit("apps/v1", "DaemonSet", "agent", { template: podTemplate("agent", { image: "b" }) })
  await cluster.settle("3s")
  const [pod] = cluster.list("v1", "Pod", "default")
  expect([pod.spec.containers[0].image, pod.spec.nodeName]).toEqual(["b", "local"])
  expect(cluster.get("apps/v1", "DaemonSet", "agent").status).toMatchObject(ready)
  expect(await cluster.writesIn("24h")).toBe(0)
})

test("a Job completes with as many Pods as it asks for, at most as many at once as it allows", async () => {
  await using cluster = await LocalCluster.start()
  let most = 0
  const listening = cluster.cluster.api.onChange(() => {
    const active = cluster.list("v1", "Pod", "default").filter(({ status }) => !["Succeeded"].includes(status?.phase))
    most = Math.max(most, active.length)
  })
  await cluster.create(job("sum", { completions: 5, parallelism: 2 }))
  await cluster.settle("10s")
  listening[Symbol.dispose]()
  const { status } = cluster.get("batch/v1", "Job", "sum")
  expect(most).toBe(2)
  expect(status).toMatchObject({ succeeded: 5, ready: 0, terminating: 0, uncountedTerminatedPods: {} })
  expect(status.conditions.map((c: { type: string }) => c.type)).toEqual(["SuccessCriteriaMet", "Complete"])
  expect([status.startTime, status.completionTime]).toEqual([expect.any(String), expect.any(String)])
  expect(cluster.reasons("Job", "sum")).toContain("Completed")
  expect(await cluster.writesIn("24h")).toBe(0)
})

test("an indexed Job gives each Pod its index", async () => {
  await using cluster = await LocalCluster.start()
  await cluster.create(job("sum", { completions: 3, parallelism: 3, completionMode: "Indexed" }))
  await cluster.settle("5s")
  expect(cluster.get("batch/v1", "Job", "sum").status).toMatchObject({ succeeded: 3, completedIndexes: "0-2" })
})

test("a Job that fails too often has failed, and says why", async () => {
  await using cluster = await LocalCluster.start()
  await cluster.create(job("bad", { backoffLimit: 2 }, "Error"))
  await cluster.settle("20s")
  const { status } = cluster.get("batch/v1", "Job", "bad")
  expect(status.failed).toBe(3)
  expect(status.conditions.at(-1)).toMatchObject({ type: "Failed", status: "True", reason: "BackoffLimitExceeded" })
})

test("a Job can be suspended, and a finished one goes when its time is over", async () => {
  await using cluster = await LocalCluster.start()
  await cluster.create(job("later", { suspend: true, ttlSecondsAfterFinished: 60 }))
  await cluster.settle("1m")
  expect(names(cluster, "v1", "Pod")).toEqual([])
  expect(cluster.get("batch/v1", "Job", "later").status.conditions[0]).toMatchObject({
    type: "Suspended",
    status: "True",
  })
  await cluster.edit("batch/v1", "Job", "later", { suspend: false })
  await cluster.settle("5s")
  expect(cluster.get("batch/v1", "Job", "later").status.conditions.at(-1).type).toBe("Complete")
  await cluster.settle("2m")
  expect([names(cluster, "batch/v1", "Job"), names(cluster, "v1", "Pod")]).toEqual([[], []])
})

test("a CronJob makes a Job at each of its times, and keeps three", async () => {
  await using cluster = await LocalCluster.start()
  const jobTemplate = { spec: job("x")["spec"] }
  const spec = { schedule: "*/10 * * * *", jobTemplate }
  await cluster.create({ apiVersion: "batch/v1", kind: "CronJob", metadata: { name: "tick" }, spec })
  await cluster.settle("9m")
  expect(names(cluster, "batch/v1", "Job")).toEqual([])
  await cluster.settle("2m")
  expect(names(cluster, "batch/v1", "Job")).toHaveLength(1)
  const { status } = cluster.get("batch/v1", "CronJob", "tick")
  expect(status.lastScheduleTime).toBe("2026-01-01T00:10:00Z")
  expect(status.lastSuccessfulTime).toBeString()
  expect(status.active).toBeUndefined()
  await cluster.settle("1h")
  expect(names(cluster, "batch/v1", "Job")).toHaveLength(3)
  await cluster.edit("batch/v1", "CronJob", "tick", { suspend: true })
  await cluster.settle()
  expect(await cluster.writesIn("1h")).toBe(0)
})
