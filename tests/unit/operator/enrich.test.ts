import { describe, expect, test } from "bun:test"
import { OrkError } from "../../../src/base/mod.ts"
import { type KubeObject, ownerReferenceTo } from "../../../src/kube/mod.ts"
import { workloadLabel } from "../../../src/plan/mod.ts"
import { katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const box = `onReconcile:
  deployments: [{ name: "{{ .metadata.name }}", image: nginx }]
status:
  fields:
    - { path: pods, value: "{{ podNames .children.deployment }}" }
    - { path: restarts, value: "{{ podMaxRestarts .children.deployment }}" }
    - { path: warnings, value: "{{ warningMessages .children.deployment }}" }`

const start = (enrich: string, body = box, objects: readonly KubeObject[] = []) =>
  World.start(katalog(body, `resync: 100h\n${enrich}`), { objects: [website("shop"), website("other"), ...objects] })

const statusOf = (world: World, name = "shop") => {
  const {
    conditions: _conditions,
    observedGeneration: _generation,
    ...own
  } = Object(world.server.read("Website", `default/${name}`)?.["status"])
  return own as Readonly<Record<string, unknown>> // the test's own fields
}

interface Below {
  readonly kind: string
  readonly name: string
  readonly owner: KubeObject | undefined
  readonly apiVersion?: string
  readonly [field: string]: unknown
}

/** Puts an object that `owner` controls, with the label of its workload. */
function below(world: World, { kind, name, owner, apiVersion = "v1", metadata, ...rest }: Below): KubeObject {
  if (!owner) throw new Error("no owner")
  const labels = { [workloadLabel]: "shop" }
  const own = { name, namespace: "default", labels, ownerReferences: [ownerReferenceTo(owner)] }
  return world.server.put({ apiVersion, kind, metadata: { ...own, ...Object(metadata) }, ...rest })
}

function rollOut(world: World, name: string, restartCount = 0): KubeObject {
  const owner = world.server.read("Deployment", "default/shop")
  const set = below(world, { apiVersion: "apps/v1", kind: "ReplicaSet", name, owner })
  const containerStatuses = [{ name: "main", restartCount, ready: true, state: { running: {} } }]
  return below(world, { kind: "Pod", name: `${name}-a`, owner: set, status: { phase: "Running", containerStatuses } })
}

function warn(world: World, about: KubeObject, name: string, note: string): KubeObject {
  const { kind, metadata } = about
  return world.server.put({
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    metadata: { name, namespace: "default" },
    type: "Warning",
    reason: "Failed",
    note,
    regarding: { kind, name: metadata.name, uid: metadata.uid },
  })
}

const reads = (world: World) =>
  new Set(world.server.calls.filter(({ verb }) => verb === "list" || verb === "watch").map(({ kind }) => kind))

describe("a status that reads enriched children", () => {
  test("has the Pods of a Deployment through its ReplicaSets, and follows them", async () => {
    await using world = await start("enrich: [pods]")
    expect(statusOf(world)["pods"]).toBe("")
    rollOut(world, "shop-1")
    await world.settle()
    rollOut(world, "shop-2", 4)
    await world.settle()
    expect(statusOf(world)).toMatchObject({ pods: "shop-1-a,shop-2-a", restarts: 4 })
    world.server.remove("Pod", "default/shop-1-a")
    await world.settle()
    expect(statusOf(world)["pods"]).toBe("shop-2-a")
    expect(statusOf(world, "other")["pods"]).toBe("")
  })

  test("has the warnings about the child and about what stands below it, the newest first", async () => {
    await using world = await start("enrich: [warnings]")
    const pod = rollOut(world, "shop-1")
    warn(world, pod, "one", "no such image")
    await world.settle()
    await world.advance("10s")
    warn(world, Object(world.server.read("Deployment", "default/shop")), "two", "no quota")
    await world.settle()
    expect(statusOf(world)["warnings"]).toBe("no quota,no such image")
    world.server.remove("Event", "default/one")
    await world.settle()
    expect(statusOf(world)["warnings"]).toBe("no quota")
  })

  test("is the same after a restart: nothing is written, not even for a moment", async () => {
    await using world = await start("enrich: [pods, events]")
    warn(world, rollOut(world, "shop-1", 2), "one", "no such image")
    await world.settle()
    world.server.takeWrites()
    await world.restart()
    await world.advance("1h")
    expect(world.server.takeWrites()).toEqual([])
    expect(statusOf(world)).toEqual({ pods: "shop-1-a", restarts: 2, warnings: "no such image" })
  })

  test("is computed once for a flock of changes, of the CR that they concern alone", async () => {
    await using world = await start("enrich: [pods]")
    const before = world.operator().health.total
    for (let count = 0; count < 20; count++) rollOut(world, `shop-${count}`)
    await world.settle()
    expect(world.operator().health.total - before).toBe(1)
    expect(String(statusOf(world)["pods"]).split(",")).toHaveLength(20)
  })

  test("is computed once for what comes within a moment", async () => {
    await using world = await start("enrich: [pods]")
    const before = world.operator().health.total
    for (const name of ["one", "two", "three"]) {
      rollOut(world, name)
      await world.advance("50ms")
    }
    await world.settle()
    expect(world.operator().health.total - before).toBe(1)
    expect(statusOf(world)["pods"]).toBe("one-a,three-a,two-a")
  })

  test("waits at the start for kinds whose list is on its way", async () => {
    await using world = await start("enrich: [pods]")
    rollOut(world, "shop-1")
    await world.settle()
    await world.stop()
    world.server.takeWrites()
    const answer = Promise.withResolvers<void>()
    const { server } = world
    const watch = server.watch.bind(server)
    server.watch = async function* (resource, options) {
      if (resource.gvk.kind === "Pod") await answer.promise
      yield* watch(resource, options)
    }
    await world.restart()
    expect(world.operator().isWorking).toBe(false)
    answer.resolve()
    await world.settle()
    expect(world.operator().isWorking).toBe(true)
    expect(world.server.takeWrites()).toEqual([])
  })

  test("no longer wakes for what its last pass did not ask", async () => {
    await using world = await start("enrich: [pods]")
    rollOut(world, "shop-1")
    await world.settle()
    world.server.edit("ReplicaSet", "default/shop-1", { metadata: { ownerReferences: [] } })
    await world.settle()
    expect(statusOf(world)["pods"]).toBe("")
    const seen = world.operator().health.total
    world.server.edit("Pod", "default/shop-1-a", { status: { phase: "Failed" } })
    await world.settle()
    expect(world.operator().health.total).toBe(seen)
  })

  test("rests when a change concerns nothing that is kept", async () => {
    await using world = await start("enrich: [pods]")
    rollOut(world, "shop-1")
    await world.settle()
    const seen = world.operator().health.total
    world.server.edit("Pod", "default/shop-1-a", { metadata: { annotations: { beat: "1" } } })
    await world.settle()
    expect(world.operator().health.total).toBe(seen)
    world.server.edit("Pod", "default/shop-1-a", { status: { phase: "Failed" } })
    await world.settle()
    expect(world.operator().health.total).toBe(seen + 1)
  })
})

describe("what is watched", () => {
  test("is nothing for a Katalog without enrich, and nothing for targets that no child takes", async () => {
    const extra = ["Pod", "ReplicaSet", "Event", "Node", "Job", "PersistentVolume", "EndpointSlice"]
    await using plain = await start("")
    for (const kind of extra)
      expect([kind, plain.server.calls.some((c) => c.verb === "watch" && c.kind === kind)]).toEqual([kind, false])
    await using named = await start("enrich: [node, pvcs, owner]")
    for (const kind of extra)
      expect([kind, named.server.calls.some((c) => c.verb === "watch" && c.kind === kind)]).toEqual([kind, false])
  })

  test("is only what the targets need", async () => {
    await using world = await start("enrich: [pods]")
    expect([...reads(world)]).toContain("Pod")
    expect([...reads(world)]).toContain("ReplicaSet")
    expect(world.server.calls.some(({ verb, kind }) => verb === "watch" && kind === "Event")).toBe(false)
  })

  test("and may not be read, costs a warning, and no pass", async () => {
    await using world = await World.start(katalog(box, "resync: 100h\nenrich: [pods, events]"))
    world.server.faults.add(({ verb, kind }) =>
      (verb === "list" || verb === "watch") && kind === "Pod"
        ? new OrkError("api/forbidden", "no Pods for you")
        : undefined,
    )
    await world.restart()
    world.server.put(website("shop"))
    await world.settle()
    rollOut(world, "shop-1")
    warn(world, Object(world.server.read("Deployment", "default/shop")), "one", "no quota")
    await world.settle()
    await world.advance("1h")
    expect(world.condition("Stalled")?.status).toBe("False")
    expect(statusOf(world)).toMatchObject({ pods: "", warnings: "no quota" })
    const said = world.lines.filter(({ message }) => message.startsWith("enrich goes without"))
    expect(said).toMatchObject([{ level: "warn", fields: { code: "api/forbidden" } }])
    // From here on nothing but the list of Pods wakes the CR: it is ready.
    const replicas = { replicas: 1, readyReplicas: 1, updatedReplicas: 1, availableReplicas: 1 }
    world.server.edit("Deployment", "default/shop", { status: { observedGeneration: 1, ...replicas } })
    await world.advance("1h")
    expect(world.condition("Ready")?.status).toBe("True")
    world.server.faults.clear()
    await world.advance("10m")
    expect(statusOf(world)).toMatchObject({ pods: "shop-1-a", warnings: "no quota" })
  })
})

describe("a condition of a target", () => {
  const gated = "enrich: [{ pods: { when: [{ field: spec.look, equals: true }] } }]"

  test("decides whether it is added", async () => {
    await using world = await start(gated)
    rollOut(world, "shop-1")
    await world.settle()
    expect(statusOf(world)["pods"]).toBe("")
    world.server.edit("Website", "default/shop", { spec: { look: true } })
    await world.settle()
    expect(statusOf(world)["pods"]).toBe("shop-1-a")
  })

  test("that fails is said on the CR, and leaves the target out", async () => {
    await using world = await start('enrich: [{ pods: { when: [{ field: "{{ fail \\"no\\" }}", equals: true }] } }]')
    expect(world.condition("Stalled")).toMatchObject({ status: "True", reason: "TemplateError" })
    expect(world.condition("Ready")?.message).toContain("enrich pods")
  })
})

describe("every kind that is read", () => {
  const named = (kind: string, name: string, apiVersion: string, more: object = {}): KubeObject => ({
    apiVersion,
    kind,
    metadata: {
      name,
      ...(["Node", "PersistentVolume", "StorageClass"].includes(kind) ? {} : { namespace: "default" }),
    },
    ...more,
  })
  const zone = (name: string) => ({ metadata: { labels: { "topology.kubernetes.io/zone": name } } })
  const claim = "persistentVolumeClaims: [{ name: data, storage: 1Gi, storageClassName: fast, volumeName: v1 }]"
  const service = "services: [{ name: web, port: 80, selector: { app: web } }]"
  const cronJob = 'cronJobs: [{ name: often, image: a, schedule: "0 4 * * *" }]'
  const claims = "{ name: db, image: a, volumeClaimTemplates: [{ name: data, storageSize: 1Gi, mountPath: /a }] }"
  const slice = (ip: string) => ({ endpoints: [{ addresses: [ip] }], ports: [{ port: 80 }] })
  const labelled = (labels: Readonly<Record<string, string>>) => ({
    metadata: { name: "web-a", namespace: "default", labels },
  })

  interface Row {
    readonly entries: string
    readonly value: string
    /** The first state, and what it shows. */
    readonly put: (world: World) => unknown
    readonly first: unknown
    /** The second one. */
    readonly change: (world: World) => unknown
    readonly second: unknown
  }
  const rows: Readonly<Record<string, Row>> = {
    node: {
      entries: "pods: [{ name: one, image: a, overrides: { spec: { nodeName: n1 } } }]",
      value: "{{ podNodeZone .children.pod }}",
      put: (world) =>
        world.server.put({ ...named("Node", "n1", "v1"), ...{ metadata: { name: "n1", ...zone("a").metadata } } }),
      first: "a",
      change: (world) => world.server.edit("Node", "n1", zone("b")),
      second: "b",
    },
    pv: {
      entries: claim,
      value: "{{ pvReclaimPolicy .children.pvc }}",
      put: (world) =>
        world.server.put(named("PersistentVolume", "v1", "v1", { spec: { persistentVolumeReclaimPolicy: "Retain" } })),
      first: "Retain",
      change: (world) =>
        world.server.edit("PersistentVolume", "v1", { spec: { persistentVolumeReclaimPolicy: "Delete" } }),
      second: "Delete",
    },
    storageclass: {
      entries: claim,
      value: "{{ pvcStorageClassReclaimPolicy .children.pvc }}",
      put: (world) => world.server.put(named("StorageClass", "fast", "storage.k8s.io/v1", { reclaimPolicy: "Delete" })),
      first: "Delete",
      change: (world) => world.server.remove("StorageClass", "fast"),
      second: "",
    },
    pvc: {
      entries:
        "persistentVolumes: [{ name: disk, capacity: 1Gi, hostPath: /a, overrides: { spec: { claimRef: { namespace: default, name: data } } } }]",
      value: '{{ .children.pv._pvc.phase | default "none" }}',
      put: (world) => world.server.put(named("PersistentVolumeClaim", "data", "v1", { status: { phase: "Pending" } })),
      first: "Pending",
      change: (world) => world.server.edit("PersistentVolumeClaim", "default/data", { status: { phase: "Bound" } }),
      second: "Bound",
    },
    pvcs: {
      entries: `statefulSets: [${claims}]`,
      value: "{{ statefulSetPVCCount .children.statefulSet }}",
      put: (world) =>
        world.server.put({
          ...named("PersistentVolumeClaim", "data-db-0", "v1"),
          metadata: { name: "data-db-0", namespace: "default", labels: { [workloadLabel]: "db" } },
        }),
      first: 1,
      change: (world) => world.server.remove("PersistentVolumeClaim", "default/data-db-0"),
      second: 0,
    },
    endpoints: {
      entries: service,
      value: "{{ serviceEndpoints .children.service }}",
      put: (world) =>
        world.server.put({
          ...named("EndpointSlice", "web-x", "discovery.k8s.io/v1", slice("10.0.0.1")),
          metadata: { name: "web-x", namespace: "default", labels: { "kubernetes.io/service-name": "web" } },
        }),
      first: "10.0.0.1:80",
      change: (world) => world.server.edit("EndpointSlice", "default/web-x", slice("10.0.0.2")),
      second: "10.0.0.2:80",
    },
    backingpods: {
      entries: service,
      value: "{{ backingPodNames .children.service }}",
      put: (world) => world.server.put({ ...named("Pod", "web-a", "v1"), ...labelled({ app: "web" }) }),
      first: "web-a",
      change: (world) => world.server.edit("Pod", "default/web-a", labelled({ app: "other" })),
      second: "",
    },
    cronjob: {
      entries: cronJob,
      value: "{{ cronJobLastJobSucceeded .children.cronJob }}",
      put: (world) =>
        below(world, {
          kind: "Job",
          apiVersion: "batch/v1",
          name: "often-1",
          owner: world.server.read("CronJob", "default/often"),
        }),
      first: false,
      change: (world) =>
        world.server.edit("Job", "default/often-1", { status: { conditions: [{ type: "Complete", status: "True" }] } }),
      second: true,
    },
  }

  test.each(Object.entries(rows))(
    "for %s wakes its CR, and after a restart nothing is written",
    async (target, row) => {
      const body = `onReconcile:\n  ${row.entries}\nstatus:\n  fields: [{ path: seen, value: '${row.value}' }]`
      await using world = await World.start(katalog(body, `resync: 100h\nenrich: [${target}]`), {
        objects: [website("shop")],
      })
      const seen = () => statusOf(world)["seen"]
      row.put(world)
      await world.settle()
      expect<unknown>(seen()).toEqual(row.first)
      row.change(world)
      await world.settle()
      expect<unknown>(seen()).toEqual(row.second)
      world.server.takeWrites()
      await world.restart()
      expect(world.server.takeWrites()).toEqual([])
    },
  )
})
