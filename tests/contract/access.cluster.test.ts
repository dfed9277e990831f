import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { load } from "../../src/katalog/mod.ts"
import { isRecord, type KubeObject } from "../../src/kube/mod.ts"
import { build, clusterRoleOf, type Plan } from "../../src/plan/mod.ts"
import { systemFiles } from "../../src/system.ts"
import { describeEntry, shipped, until, World } from "../e2e/world.ts"
import { TestCluster } from "../support/cluster.ts"
import { Ork } from "../support/ork.ts"

const user = "limited"
const place = { namespace: "default", leaseName: "ork-shop" }

function planOf(path: string): Plan {
  const { spec, spans } = load(systemFiles, path)
  const plan = spec && build(spec, spans).plan
  if (!plan) throw new Error(`${path} is wrong`)
  return plan
}

if (TestCluster.available({ nodes: true })) {
  let cluster: TestCluster
  let world: World
  let ork: Ork
  const katalog = shipped("shop")

  const allow = async (name: string, of: string) => {
    const role = clusterRoleOf(planOf(of), place, { name, optional: true })
    const binding: KubeObject = {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name }],
    }
    await world.create("clusterroles", role)
    await world.create("clusterrolebindings", binding)
  }

  /** What the server refused, without doubles. */
  const refused = async (who = user) => {
    const asked = await world.asked({ user: who })
    return [...new Set(asked.filter(({ code }) => code === 403).map(describeEntry))]
  }

  beforeAll(async () => {
    cluster = await TestCluster.start({ nodes: true, audit: true })
    world = new World(cluster)
    const crds = await cluster.kubectl("apply", "-f", `${katalog}/crds`)
    if (crds.code !== 0) throw new Error(crds.stderr)
    await allow(user, katalog)
    ork = Ork.start({
      katalog,
      kubeconfig: await cluster.identity(user, { groups: [] }),
      flags: ["--no-apply", "--leader-election", "on", "--namespace", place.namespace],
    })
    await until("the samples are taken", async () => {
      return (await cluster.kubectl("apply", "-f", `${katalog}/examples`)).code === 0
    })
  }, 900_000)

  afterAll(async () => {
    await ork?.[Symbol.asyncDispose]()
    await cluster?.[Symbol.asyncDispose]()
  })

  describe("an identity with the ClusterRole of a plan and nothing else", () => {
    test("brings every custom resource to Ready", async () => {
      await world.ready("tenants.shop.example.io/v1", undefined, "acme")
      await world.ready("databases.shop.example.io/v1", "default", "orders")
      await world.ready("shops.shop.example.io/v1", "default", "corner")
      expect(await refused()).toEqual([])
    }, 120_000)

    test("takes away what is no longer declared, and finishes deletions", async () => {
      const shop = { resource: "shops.shop.example.io/v1", namespace: "default", name: "corner" }
      await world.patch(shop, { spec: { languages: ["en"] } })
      await until("the ConfigMap is gone", async () => !(await world.get("configmaps", "default", "corner-de")))
      for (const [resource, namespace, name] of [
        ["shops.shop.example.io/v1", "default", "corner"],
        ["databases.shop.example.io/v1", "default", "orders"],
        ["tenants.shop.example.io/v1", undefined, "acme"],
      ] as const) {
        await world.delete(resource, namespace, name)
        await until(`${name} is gone`, async () => !(await world.get(resource, namespace, name)))
      }
      expect(await refused()).toEqual([])
    }, 120_000)

    test("reads others, and is woken by them", async () => {
      const reader = "limited-reader"
      const reads = shipped("cross-operator")
      expect((await cluster.kubectl("apply", "-f", `${reads}/crds`)).code).toBe(0)
      await allow(reader, reads)
      const flags = ["--no-apply", "--leader-election", "off"]
      await using _ork = Ork.start({
        ...{ katalog: reads, flags },
        kubeconfig: await cluster.identity(reader, { groups: [] }),
      })
      await until("the samples are taken", async () => {
        return (await cluster.kubectl("apply", "-f", `${reads}/examples`)).code === 0
      })
      const app = await world.ready("apps.data.example.io/v1", "default", "checkout")
      await until("the App shows what it reads", async () => {
        const found = await world.get("apps.data.example.io/v1", "default", app.metadata.name ?? "")
        return found?.["status"].database === "Ready" && found["status"].lastScaled
      })
      expect(await refused(reader)).toEqual([])
    }, 120_000)

    test("has elected its leader and recorded events", async () => {
      const lease = await world.get("leases", place.namespace, place.leaseName)
      expect(isRecord(lease) && lease["spec"].holderIdentity).not.toBe("")
      const asked = await world.asked({ user, verbs: ["create"] })
      expect(asked.filter(({ resource, code }) => resource === "events" && code === 201).length).toBeGreaterThan(0)
    })
  })
}
