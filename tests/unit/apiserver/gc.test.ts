import { expect, test } from "bun:test"
import type { KubeObject, OwnerReference } from "../../../src/kube/mod.ts"
import { LocalCluster } from "../../support/local-cluster.ts"

type Deletion = "Background" | "Foreground" | "Orphan"

function map(name: string, owners: readonly OwnerReference[] = [], finalizers?: readonly string[]): KubeObject {
  const metadata = { name, ownerReferences: owners, ...(finalizers ? { finalizers } : {}) }
  return { apiVersion: "v1", kind: "ConfigMap", metadata }
}

function reference(owner: KubeObject, more: Partial<OwnerReference> = {}): OwnerReference {
  const { name = "", uid = "" } = owner.metadata
  return { apiVersion: owner.apiVersion, kind: owner.kind, name, uid, ...more }
}

/** An owner, its child, and the child's child. */
async function family(cluster: LocalCluster, more: Partial<OwnerReference> = {}): Promise<void> {
  const owner = await cluster.create(map("owner"))
  const child = await cluster.create(map("child", [reference(owner, more)]))
  await cluster.create(map("grandchild", [reference(child, more)]))
}

function names(cluster: LocalCluster): readonly string[] {
  const all = cluster.list("v1", "ConfigMap", "default").map(({ metadata }) => metadata.name)
  return all.filter((name) => name !== "kube-root-ca.crt")
}

const endings: readonly (readonly [Deletion, readonly string[]])[] = [
  ["Background", []],
  ["Foreground", []],
  ["Orphan", ["child", "grandchild"]],
]

test.each(endings)("a deletion in propagation %s leaves what it should", async (propagation, left) => {
  await using cluster = await LocalCluster.start()
  await family(cluster, { blockOwnerDeletion: true })
  await cluster.delete("v1", "ConfigMap", "owner", propagation)
  await cluster.settle()
  expect(names(cluster)).toEqual(left)
  if (left.length > 0) expect(cluster.get("v1", "ConfigMap", "child").metadata.ownerReferences).toBeUndefined()
})

test("in the foreground an owner stays until what blocks it is gone", async () => {
  await using cluster = await LocalCluster.start()
  const owner = await cluster.create(map("owner"))
  await cluster.create(map("held", [reference(owner, { blockOwnerDeletion: true })], ["test.example/hold"]))
  await cluster.delete("v1", "ConfigMap", "owner", "Foreground")
  await cluster.settle()
  expect(names(cluster)).toEqual(["held", "owner"])
  const held = cluster.get("v1", "ConfigMap", "held")
  expect(held.metadata.deletionTimestamp).toBeString()
  const { finalizers: _, ...metadata } = held.metadata
  await cluster.cluster.api.update(
    { group: "", version: "v1", resource: "configmaps" },
    { ...held, metadata },
    { manager: "t" },
  )
  await cluster.settle()
  expect(names(cluster)).toEqual([])
})

test("what has another owner left stays, without the lost one", async () => {
  await using cluster = await LocalCluster.start()
  const [a, b] = [await cluster.create(map("a")), await cluster.create(map("b"))]
  await cluster.create(map("shared", [reference(a), reference(b)]))
  await cluster.delete("v1", "ConfigMap", "a")
  await cluster.settle()
  expect(cluster.get("v1", "ConfigMap", "shared").metadata.ownerReferences).toEqual([reference(b)])
})

test("an owner is known by its UID: one of the same name is none, an unknown kind is left alone", async () => {
  await using cluster = await LocalCluster.start()
  const owner = await cluster.create(map("owner"))
  await cluster.create(map("impostor", [reference(owner, { uid: "00000000-0000-0000-0000-000000000000" })]))
  await cluster.create(map("foreign", [reference(owner, { apiVersion: "none.example/v1", kind: "Nothing" })]))
  await cluster.settle("5m")
  expect(names(cluster)).toEqual(["foreign", "owner"])
})

test("what lost its owner while nobody looked is collected at the start", async () => {
  const { MemoryStorage } = await import("../../../src/apiserver/mod.ts")
  const ref = (name: string) => ({ prefix: "configmaps", namespace: "default", name })
  const child = map("child", [reference(map("owner"), { uid: "gone" })])
  const stored = { ...child, metadata: { ...child.metadata, namespace: "default", uid: "u", resourceVersion: "5" } }
  const storage = new MemoryStorage({ revision: 5, objects: [[ref("child"), stored]] })
  await using cluster = await LocalCluster.start({ storage })
  expect(names(cluster)).toEqual([])
})
