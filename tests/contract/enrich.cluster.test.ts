import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { pause } from "../cluster/processes.ts"
import { katalog, type Live, until, World } from "../e2e/world.ts"
import { TestCluster } from "../support/cluster.ts"
import { Ork } from "../support/ork.ts"

const sites = "sites.enrich.example.io/v1"

if (TestCluster.available({ nodes: true })) {
  let cluster: TestCluster
  let world: World
  let ork: Ork

  const status = async () => (await world.get(sites, "default", "hello"))?.["status"] ?? {}

  /** The status once it holds `wanted`. */
  const reached = (wanted: Readonly<Record<string, unknown>>) =>
    until(JSON.stringify(wanted), async () => {
      const now = await status()
      return Object.entries(wanted).every(([key, value]) => now[key] === value) && now
    })

  const pods = async (): Promise<readonly Live[]> => {
    const { stdout } = await cluster.kubectl("get", "pods", "-l", "orkestra.orkspace.io/workload=hello", "-o", "json")
    return JSON.parse(stdout).items
  }

  beforeAll(async () => {
    cluster = await TestCluster.start({ nodes: true, audit: true })
    world = new World(cluster)
    const storageClass = {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "fast" },
      provisioner: "csi.example.io",
    }
    await cluster.kubectlWith({ stdin: JSON.stringify(storageClass) }, "apply", "-f", "-")
    ork = Ork.start({ katalog: katalog("enrich"), kubeconfig: await cluster.identity("enrich") })
    await ork.line({ message: "operator started" })
    await world.create(sites, {
      apiVersion: "enrich.example.io/v1",
      kind: "Site",
      metadata: { name: "hello", namespace: "default" },
      spec: { image: "nginx:1.29", replicas: 2 },
    })
  }, 900_000)

  afterAll(async () => {
    await ork?.[Symbol.asyncDispose]()
    await cluster?.[Symbol.asyncDispose]()
  })

  describe("a Site on a real cluster", () => {
    test("shows its Pods, endpoints, ReplicaSets, node and storage class", async () => {
      const now = await reached({ readyPods: 2, endpoints: 2, replicaSets: 1, provisioner: "csi.example.io" })
      const names = (await pods()).map(({ metadata }) => metadata.name).filter((name) => !name?.endsWith("-probe"))
      expect(now.pods.split(",").sort()).toEqual(names.sort())
      expect(now.behind).toBe(now.pods)
      const probe = await until("the probe is scheduled", async () => (await status()).node)
      expect((await cluster.kubectl("get", "node", probe)).code).toBe(0)
    }, 60_000)

    test("shows the restarts and the warnings of an image that cannot be pulled", async () => {
      const [first] = (await pods()).filter(({ metadata }) => !metadata.name?.endsWith("-probe"))
      if (!first) throw new Error("no Pod")
      const { name, namespace, uid } = first.metadata
      const waiting = { waiting: { reason: "ImagePullBackOff", message: "Back-off pulling image" } }
      const [container] = first["status"].containerStatuses
      const containerStatuses = [{ ...container, ready: false, restartCount: 4, state: waiting }]
      const patch = JSON.stringify({ status: { containerStatuses } })
      const patched = await cluster.kubectl(
        "patch",
        "pod",
        name ?? "",
        "--subresource=status",
        "--type=merge",
        "-p",
        patch,
      )
      expect(patched).toMatchObject({ code: 0 })
      const regarding = { kind: "Pod", namespace, name, uid, apiVersion: "v1" }
      // As the kubelet writes it, in the older of the two APIs.
      await world.create("events", {
        apiVersion: "v1",
        kind: "Event",
        metadata: { name: `${name}.1`, namespace: "default" },
        involvedObject: regarding,
        ...{ type: "Warning", reason: "Failed", message: "Failed to pull image", count: 3 },
        ...{ firstTimestamp: "2026-01-01T00:00:00Z", lastTimestamp: "2026-01-01T00:00:05Z" },
        ...{ source: { component: "kubelet" }, reportingComponent: "kubelet", reportingInstance: "n" },
      })
      await reached({ restarts: 4, isPullFailing: true, warnings: "Failed to pull image" })
    }, 60_000)

    test("leaves a target out while its condition is false, and follows a scale down", async () => {
      await world.patch({ resource: sites, namespace: "default", name: "hello" }, { spec: { replicas: 1 } })
      const now = await reached({ endpoints: 1, behind: "" })
      expect(now.pods.split(",")).toHaveLength(1)
    }, 60_000)

    test("follows the Jobs of its CronJob", async () => {
      await reached({ lastJob: await until("a Job", async () => (await status()).lastJob || false, 90_000) })
    }, 120_000)

    test("writes nothing while nothing changes, nor after a restart", async () => {
      await world.patch({ resource: sites, namespace: "default", name: "hello" }, { spec: { suspend: true } })
      await until("every Job has ended", async () => {
        const { stdout } = await cluster.kubectl("get", "jobs,cronjobs", "-o", "json")
        const items: readonly Live[] = JSON.parse(stdout).items
        return items.every((item) => (item.kind === "Job" ? item["status"].completionTime : item["spec"].suspend))
      })
      await pause(2_000)
      const since = new Date(performance.timeOrigin + performance.now())
      await pause(3_000)
      await ork.stop()
      ork = Ork.start({ katalog: katalog("enrich"), kubeconfig: await cluster.identity("enrich") })
      await ork.line({ message: "operator healthy" })
      await pause(3_000)
      expect(await world.writes("enrich", since)).toEqual([])
      expect(await status()).toMatchObject({
        restarts: expect.any(Number),
        readyPods: expect.any(Number),
        endpoints: 1,
      })
    }, 60_000)

    test("watches only what its targets need, and of Events only warnings", async () => {
      const asked = await world.asked({ user: "enrich", verbs: ["watch"] })
      const of = (resource: string) => asked.filter((entry) => entry.resource === resource).map(({ uri }) => uri)
      expect(of("events")).not.toEqual([])
      for (const uri of of("events")) expect(uri).toContain("fieldSelector=type%3DWarning")
      for (const uri of [...of("pods"), ...of("replicasets")]) expect(uri).toContain("labelSelector=")
      expect(of("persistentvolumes")).not.toEqual([])
      expect(of("persistentvolumeclaims").filter((uri) => !uri.includes("labelSelector="))).toEqual([])
    })
  })
}
