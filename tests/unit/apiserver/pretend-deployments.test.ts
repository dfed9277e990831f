import { expect, test } from "bun:test"
import { LocalCluster } from "../../support/local-cluster.ts"
import { podTemplate, workload } from "../../support/workloads.ts"

type Named = { readonly type: string }

function deployment(cluster: LocalCluster, name = "web") {
  return cluster.get("apps/v1", "Deployment", name)
}

function condition(cluster: LocalCluster, type: string) {
  return deployment(cluster).status.conditions.find((c: Named) => c.type === type)
}

/** Names, revisions and replicas of all ReplicaSets, by revision. */
function sets(cluster: LocalCluster): readonly (readonly [string, number])[] {
  return cluster
    .list("apps/v1", "ReplicaSet", "default")
    .map(({ metadata, spec }): [string, number] => [
      metadata.annotations["deployment.kubernetes.io/revision"],
      spec.replicas,
    ])
    .sort()
}

test("a Deployment gets a ReplicaSet and ready Pods, and then nothing is written", async () => {
  await using cluster = await LocalCluster.start()
  await cluster.create(workload("Deployment", "web", { replicas: 3 }))
  await cluster.settle()
  const { status, metadata } = deployment(cluster)
  expect(status).toMatchObject({ replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 })
  expect(status.unavailableReplicas).toBeUndefined()
  expect(status.observedGeneration).toBe(metadata.generation)
  expect(metadata.annotations["deployment.kubernetes.io/revision"]).toBe("1")
  expect(condition(cluster, "Available")).toMatchObject({ status: "True", reason: "MinimumReplicasAvailable" })
  expect(condition(cluster, "Progressing")).toMatchObject({ status: "True", reason: "NewReplicaSetAvailable" })
  const [set] = cluster.list("apps/v1", "ReplicaSet", "default")
  const hash = set.metadata.labels["pod-template-hash"]
  expect(set.metadata.name).toBe(`web-${hash}`)
  const pods = cluster.list("v1", "Pod", "default")
  expect(pods.map(({ metadata: { labels } }) => labels["pod-template-hash"])).toEqual([hash, hash, hash])
  expect(new Set(pods.map(({ status: { podIP } }) => podIP)).size).toBe(3)
  expect(cluster.reasons("Deployment", "web")).toEqual(["ScalingReplicaSet"])
  expect(await cluster.writesIn("24h")).toBe(0)
})

test("a new template rolls out within surge and unavailability, and going back raises the revision", async () => {
  await using cluster = await LocalCluster.start()
  const strategy = { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }
  await cluster.create(workload("Deployment", "web", { replicas: 4, strategy }))
  await cluster.settle()
  let [most, least] = [0, 99]
  const listening = cluster.cluster.api.onChange(() => {
    const pods = cluster.list("v1", "Pod", "default").filter(({ metadata }) => !metadata.deletionTimestamp)
    const isReady = ({ status }: { status: { conditions?: readonly { type: string; status: string }[] } }) =>
      status.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True")
    most = Math.max(most, pods.length)
    least = Math.min(least, pods.filter(isReady).length)
  })
  await cluster.edit("apps/v1", "Deployment", "web", { template: podTemplate("web", { image: "nginx:2" }) })
  await cluster.settle("10s")
  listening[Symbol.dispose]()
  expect([most, least]).toEqual([5, 4])
  expect(sets(cluster)).toEqual([
    ["1", 0],
    ["2", 4],
  ])
  await cluster.edit("apps/v1", "Deployment", "web", { template: podTemplate("web") })
  await cluster.settle("10s")
  expect(sets(cluster)).toEqual([
    ["2", 0],
    ["3", 4],
  ])
  expect(deployment(cluster).status).toMatchObject({ replicas: 4, updatedReplicas: 4, availableReplicas: 4 })
})

test("Recreate takes all old Pods away before it makes new ones", async () => {
  await using cluster = await LocalCluster.start()
  await cluster.create(workload("Deployment", "web", { replicas: 2, strategy: { type: "Recreate" } }))
  await cluster.settle()
  const images = new Set<string>()
  const listening = cluster.cluster.api.onChange(() => {
    const pods = cluster.list("v1", "Pod", "default").filter(({ metadata }) => !metadata.deletionTimestamp)
    images.add([...new Set(pods.map(({ spec }) => spec.containers[0].image))].join("+"))
  })
  await cluster.edit("apps/v1", "Deployment", "web", { template: podTemplate("web", { image: "nginx:2" }) })
  await cluster.settle("5s")
  listening[Symbol.dispose]()
  expect([...images]).toEqual(["nginx:1", "", "nginx:2"])
  expect(deployment(cluster).status.availableReplicas).toBe(2)
})

test("scaling goes up and down; a Pod that is deleted comes back", async () => {
  await using cluster = await LocalCluster.start()
  await cluster.create(workload("Deployment", "web", { replicas: 1 }))
  for (const replicas of [5, 2, 0, 3]) {
    await cluster.edit("apps/v1", "Deployment", "web", { replicas })
    await cluster.settle()
    expect(cluster.list("v1", "Pod", "default")).toHaveLength(replicas)
    expect(deployment(cluster).status.availableReplicas ?? 0).toBe(replicas)
  }
  await cluster.delete("v1", "Pod", cluster.list("v1", "Pod", "default")[0].metadata.name)
  await cluster.settle()
  expect(cluster.list("v1", "Pod", "default")).toHaveLength(3)
})

test("an image that cannot be had is told by Pod, events and, in the end, the rollout", async () => {
  await using cluster = await LocalCluster.start()
  const template = podTemplate("web", { trouble: "ImagePullBackOff" })
  await cluster.create(workload("Deployment", "web", { replicas: 1, template }))
  await cluster.settle()
  const [pod] = cluster.list("v1", "Pod", "default")
  expect(pod.status.phase).toBe("Pending")
  expect(pod.status.containerStatuses[0].state.waiting.reason).toBe("ImagePullBackOff")
  expect(cluster.reasons("Pod", pod.metadata.name)).toContain("BackOff")
  expect(condition(cluster, "Available").status).toBe("False")
  expect(condition(cluster, "Progressing").reason).toBe("ReplicaSetUpdated")
  await cluster.settle("11m")
  expect(condition(cluster, "Progressing")).toMatchObject({ status: "False", reason: "ProgressDeadlineExceeded" })
  expect(await cluster.writesIn("24h")).toBe(0)
})

test("a paused Deployment scales and does not roll out", async () => {
  await using cluster = await LocalCluster.start()
  await cluster.create(workload("Deployment", "web", { replicas: 1 }))
  await cluster.settle()
  await cluster.edit("apps/v1", "Deployment", "web", {
    paused: true,
    replicas: 3,
    template: podTemplate("web", { image: "b" }),
  })
  await cluster.settle()
  expect(sets(cluster)).toEqual([["1", 3]])
  await cluster.edit("apps/v1", "Deployment", "web", { paused: false })
  await cluster.settle("5s")
  expect(sets(cluster)).toEqual([
    ["1", 0],
    ["2", 3],
  ])
})

test("old ReplicaSets beyond the history limit go", async () => {
  await using cluster = await LocalCluster.start()
  await cluster.create(workload("Deployment", "web", { replicas: 1, revisionHistoryLimit: 1 }))
  for (const image of ["b", "c", "d"]) {
    await cluster.settle("3s")
    await cluster.edit("apps/v1", "Deployment", "web", { template: podTemplate("web", { image }) })
  }
  await cluster.settle("5s")
  expect(sets(cluster)).toEqual([
    ["3", 0],
    ["4", 1],
  ])
})

test("without pretending nothing acts on workloads", async () => {
  await using cluster = await LocalCluster.start({ pretend: false })
  await cluster.create(workload("Deployment", "web", { replicas: 1 }))
  await cluster.settle("1m")
  expect(cluster.list("apps/v1", "ReplicaSet", "default")).toEqual([])
  expect(cluster.list("v1", "Node")).toEqual([])
})
