import { expect, test } from "bun:test"
import { LocalCluster } from "../../support/local-cluster.ts"

const space = {
  ...{ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } },
  spec: { finalizers: ["kubernetes"] },
}

test("a new cluster has what every cluster has", async () => {
  await using cluster = await LocalCluster.start()
  const names = cluster.list("v1", "Namespace").map(({ metadata }) => metadata.name)
  expect(names).toEqual(["default", "kube-node-lease", "kube-public", "kube-system"])
  expect(cluster.get("v1", "Service", "kubernetes")).toBeDefined()
  expect(cluster.get("v1", "Node", "local").spec.taints).toBeUndefined()
  expect(cluster.get("v1", "Node", "local").status.conditions.at(-1)).toMatchObject({ type: "Ready", status: "True" })
  for (const name of ["cluster-admin", "admin", "edit", "view"]) {
    expect(cluster.get("rbac.authorization.k8s.io/v1", "ClusterRole", name)).toBeDefined()
  }
})

test("a namespace gets its account and the server's authority, and gets them again", async () => {
  await using cluster = await LocalCluster.start()
  await cluster.create(space)
  await cluster.settle()
  expect(cluster.get("v1", "ServiceAccount", "default", "shop")).toBeDefined()
  expect(cluster.get("v1", "ConfigMap", "kube-root-ca.crt", "shop").data).toEqual({ "ca.crt": "CA" })
  await cluster.delete("v1", "ConfigMap", "kube-root-ca.crt")
  await cluster.delete("v1", "ServiceAccount", "default")
  await cluster.settle()
  expect(cluster.get("v1", "ConfigMap", "kube-root-ca.crt")).toBeDefined()
  expect(cluster.get("v1", "ServiceAccount", "default")).toBeDefined()
})

test("a deleted namespace goes with everything in it", async () => {
  await using cluster = await LocalCluster.start()
  await cluster.create(space)
  await cluster.create({ apiVersion: "v1", kind: "Secret", metadata: { name: "a", namespace: "shop" } })
  await cluster.settle()
  await cluster.delete("v1", "Namespace", "shop")
  await cluster.settle()
  expect(cluster.get("v1", "Namespace", "shop")).toBeUndefined()
  for (const kind of ["Secret", "ConfigMap", "ServiceAccount"]) expect(cluster.list("v1", kind, "shop")).toEqual([])
})

test("a namespace that something holds says what, once, and goes when that is gone", async () => {
  await using cluster = await LocalCluster.start()
  await cluster.create(space)
  const finalizers = ["test.example/hold"]
  const held = await cluster.create({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "a", namespace: "shop", finalizers },
  })
  await cluster.settle()
  await cluster.delete("v1", "Namespace", "shop")
  await cluster.settle()
  const { status } = cluster.get("v1", "Namespace", "shop")
  expect(status.phase).toBe("Terminating")
  const byType = Object.fromEntries(status.conditions.map((c: { type: string }) => [c.type, c]))
  expect(byType["NamespaceContentRemaining"]).toMatchObject({ status: "True", reason: "SomeResourcesRemain" })
  expect(byType["NamespaceFinalizersRemaining"].message).toContain("test.example/hold in 1 resource instances")
  expect(byType["NamespaceDeletionContentFailure"].status).toBe("False")
  expect(await cluster.writesIn("1h")).toBe(0)
  const live = cluster.get("v1", "Secret", "a", "shop")
  const { finalizers: _, ...metadata } = live.metadata
  await cluster.cluster.api.update(
    { group: "", version: "v1", resource: "secrets" },
    { ...live, metadata },
    { manager: "t" },
  )
  await cluster.settle()
  expect(cluster.get("v1", "Namespace", "shop")).toBeUndefined()
  expect(held.metadata.finalizers).toEqual(finalizers)
})
