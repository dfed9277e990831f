import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import {
  builtinSchemas,
  coerce,
  covers,
  gvkOf,
  isKubeObject,
  type KubeObject,
  prune,
  validate,
} from "../../src/kube/mod.ts"
import { saysImmutable } from "../../src/operator/steps/replace.ts"
import { TestCluster } from "../support/cluster.ts"
import { addOnKinds, kindNames, objectsOf } from "../support/kinds.ts"
import { awkward } from "./awkward-objects.ts"

const schemas = builtinSchemas()

/** In place of the add-ons: CRDs that take anything. */
const addOns: readonly KubeObject[] = addOnKinds.map(([kind, plural, group]) => {
  const open = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } }
  // Groups of the Kubernetes project are only for APIs that it has reviewed.
  const annotations = { "api-approved.kubernetes.io": "unapproved, a stand-in for tests" }
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}`, annotations },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, plural, singular: kind.toLowerCase() },
      versions: [{ name: "v1", served: true, storage: true, schema: open }],
    },
  }
})

if (TestCluster.available()) {
  let cluster: TestCluster

  beforeAll(async () => {
    cluster = await TestCluster.start()
    for (const crd of addOns) await apply(crd, false)
    await cluster.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
  }, 900_000)

  afterAll(async () => {
    await cluster[Symbol.asyncDispose]()
  })

  /** One server-side apply; what the server makes of the object. */
  const apply = async (object: KubeObject, dryRun: boolean): Promise<KubeObject> => {
    const run = dryRun ? ["--dry-run=server"] : []
    const flags = ["--server-side", "--force-conflicts", "--validate=strict", "-o", "json", ...run]
    const { code, stdout, stderr } = await cluster.kubectlWith(
      { stdin: JSON.stringify(object) },
      "apply",
      ...flags,
      "-f",
      "-",
    )
    if (code !== 0) throw new Error(`${object.kind} ${object.metadata.name}: ${stderr}`)
    const answer: unknown = JSON.parse(stdout)
    if (!isKubeObject(answer)) throw new Error("no object in the answer")
    return answer
  }

  const differences = (live: KubeObject, desired: KubeObject) =>
    covers(live, desired, schemas.root(gvkOf(desired)), schemas)

  // First of all: a quota among the short forms would refuse these Pods.
  describe.each(awkward.map((object) => [`${object.kind} ${object.metadata.name}`, object] as const))(
    "awkward: %s",
    (_, object) => {
      test("is typed, accepted, and covered by what the server makes of it", async () => {
        const schema = schemas.root(gvkOf(object))
        const typed = coerce(object, schema, schemas)
        if (!typed.ok || !isKubeObject(typed.value)) throw new Error(JSON.stringify(typed))
        const live = await apply(typed.value, false)
        expect(differences(live, typed.value)).toEqual([])
        expect(differences(live, live)).toEqual([])
        expect(prune(live, schema, schemas).dropped).toEqual([])
        expect(validate(live, schema, schemas)).toEqual([])
      }, 60_000)
    },
  )

  describe.each([...kindNames])("%s", (kind) => {
    test("are accepted by the API server, in every field", async () => {
      for (const object of objectsOf(kind)) expect(await apply(object, true)).toMatchObject({ kind: object.kind })
    }, 60_000)

    test("are not written again once they are there", async () => {
      for (const object of objectsOf(kind)) {
        const live = await apply(object, false)
        expect([object.metadata.name, differences(live, object)]).toEqual([object.metadata.name, []])
      }
    }, 60_000)
  })

  describe("a field that never changes", () => {
    const volume = {
      metadata: { name: "fixed" },
      spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"] },
    }
    const named = (kind: string, apiVersion: string, rest: object): KubeObject => ({
      apiVersion,
      kind,
      metadata: { name: "fixed", namespace: "kube-system" },
      ...rest,
    })
    const pod = (label: string, image = "nginx") => ({
      metadata: { labels: { a: label } },
      spec: { containers: [{ name: "web", image }] },
    })
    const workload = (label: string) => ({
      spec: { selector: { matchLabels: { a: label } }, template: pod(label) },
    })
    const claim = (storageClassName: string) => ({
      spec: { storageClassName, accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    })
    const roleRef = (name: string) => ({ roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name } })
    const job = (image: string) => ({
      spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "web", image }] } } },
    })
    const fixed = (apiVersion: string, kind: string, rest: object): KubeObject => ({
      apiVersion,
      kind,
      metadata: { name: "fixed" },
      ...rest,
    })
    const driver = (type: string) => ({ provisioner: "disk.example.com", parameters: { type } })
    const rows: readonly (readonly [before: KubeObject, after: KubeObject])[] = [
      [named("Deployment", "apps/v1", workload("a")), named("Deployment", "apps/v1", workload("b"))],
      [named("StatefulSet", "apps/v1", workload("a")), named("StatefulSet", "apps/v1", workload("b"))],
      [named("PersistentVolumeClaim", "v1", claim("a")), named("PersistentVolumeClaim", "v1", claim("b"))],
      [named("Secret", "v1", { type: "a/b" }), named("Secret", "v1", { type: "a/c" })],
      [
        named("RoleBinding", "rbac.authorization.k8s.io/v1", roleRef("a")),
        named("RoleBinding", "rbac.authorization.k8s.io/v1", roleRef("b")),
      ],
      [named("Job", "batch/v1", job("a")), named("Job", "batch/v1", job("b"))],
      [
        named("Service", "v1", { spec: { ports: [{ port: 80 }] } }),
        named("Service", "v1", { spec: { ports: [{ port: 80 }], clusterIP: "None" } }),
      ],
      [
        { apiVersion: "v1", kind: "PersistentVolume", ...volume, spec: { ...volume.spec, hostPath: { path: "/a" } } },
        { apiVersion: "v1", kind: "PersistentVolume", ...volume, spec: { ...volume.spec, hostPath: { path: "/b" } } },
      ],
      [
        fixed("storage.k8s.io/v1", "StorageClass", driver("a")),
        fixed("storage.k8s.io/v1", "StorageClass", driver("b")),
      ],
      [
        fixed("scheduling.k8s.io/v1", "PriorityClass", { value: 1 }),
        fixed("scheduling.k8s.io/v1", "PriorityClass", { value: 2 }),
      ],
      [
        fixed("node.k8s.io/v1", "RuntimeClass", { handler: "a" }),
        fixed("node.k8s.io/v1", "RuntimeClass", { handler: "b" }),
      ],
    ]
    test.each(rows.map(([before, after]) => [before.kind, before, after] as const))(
      "of a %s is refused in words that are understood",
      async (_, before, after) => {
        await apply(before, false)
        const answer = await apply(after, false).then(
          () => "accepted",
          (error: unknown) => String(error),
        )
        expect([answer, saysImmutable(answer)]).toEqual([answer, true])
      },
      60_000,
    )
  })
} else test.skip("the short forms against a real API server", () => undefined)
