import { describe, expect, test } from "bun:test"
import type { GenericSchema } from "valibot"
import {
  CrDetail,
  CrdHealth,
  CrdInfo,
  CrEvents,
  CrList,
  createApp,
  KatalogSummary,
  readBody,
} from "../../../src/server/mod.ts"
import { child, cr, type FakeView, fakeView, nowMs, operator, pendingOperator } from "../../support/view.ts"

/** GETs a body and checks that it has every field of its schema and none beside them. */
async function get<S extends GenericSchema>(schema: S, path: string, fake: FakeView = {}) {
  const response = await createApp(fakeView(fake))(new Request(`http://localhost${path}`))
  const json: unknown = await response.json()
  const body = readBody(schema, json)
  if (!body.ok) throw new Error(`${path}: ${body.error}`)
  expect<unknown>(body.value).toEqual(json)
  return { code: response.status, body: body.value }
}

const dependency = { name: "website", condition: "healthy", state: "degraded", satisfied: false } as const
const shopFleet = [
  operator(),
  pendingOperator({ name: "shop", why: "waits for website", dependencies: [dependency] }),
  operator({ name: "region", namespaced: false, enabled: false, state: "not started" }),
]

describe("/katalog", () => {
  const summary = async (fake: FakeView) => (await get(KatalogSummary, "/katalog", fake)).body

  test("sums up the enabled CRDs, in start order", async () => {
    const body = await summary({ operators: shopFleet })
    expect(body).toMatchObject({ name: "sites", version: "1.2.0", total: 3, totalEnabled: 2, totalDegraded: 0 })
    expect(body.statusCounts).toEqual({ healthy: 1, degraded: 0, started: 0, pending: 1 })
    expect(body.dependencyGraph).toEqual([
      { name: "website", dependsOn: [] },
      { name: "shop", dependsOn: ["website"] },
      { name: "region", dependsOn: [] },
    ])
    expect(body.namespaces).toEqual({ "ork-system": ["website", "shop", "region"] })
  })

  test("one row has the published names", async () => {
    const { crds } = await summary({})
    expect(crds).toEqual([
      {
        name: "website",
        state: "healthy",
        healthy: true,
        workers: 3,
        workersProcessing: 1,
        workersIdle: 2,
        workerDetails: {
          "apps.example.io/v1, Kind=Website-worker-0": "processing",
          "apps.example.io/v1, Kind=Website-worker-1": "idle",
          "apps.example.io/v1, Kind=Website-worker-2": "idle",
        },
        queueDepth: 1,
        maxQueueDepth: 0,
        errorRate: 0.025,
        resourceCount: 1,
        totalReconciles: 40,
        rbacCount: 1,
        dependencies: [],
        conversion: { enabled: false },
        admission: { webhooksEnabled: false, validationTotal: 0, validationDenied: 0 },
      },
    ])
  })

  test("is healthy when every enabled CRD is healthy or started", async () => {
    const started = operator({ name: "shop", state: "started" })
    expect(await summary({ operators: [operator(), started] })).toMatchObject({
      OrkReady: true,
      isKonductor: true,
      healthy: true,
      status: 200,
      degradedReason: "",
    })
    expect(await summary({ operators: shopFleet })).toMatchObject({ healthy: false, status: 200 })
  })

  test("one degraded CRD makes the body say 503, under code 200", async () => {
    const degraded = operator({ state: "degraded", why: "5 failures in a row" })
    const { code, body } = await get(KatalogSummary, "/katalog", { operators: [degraded, operator({ name: "shop" })] })
    expect(code).toBe(200)
    expect(body).toMatchObject({ healthy: false, status: 503, totalDegraded: 1, OrkReady: true })
    expect(body.degradedReason).toContain("website (5 failures in a row)")
  })

  test("a disabled CRD that is degraded counts for nothing", async () => {
    const disabled = operator({ name: "shop", enabled: false, state: "degraded" })
    expect(await summary({ operators: [operator(), disabled] })).toMatchObject({ healthy: true, status: 200 })
  })

  test("a follower answers for itself and names the leader", async () => {
    const body = await summary({ leadership: { isLeader: false, holder: "host-b" } })
    expect(body).toMatchObject({ isKonductor: false, leader: "host-b", healthy: false, status: 200, OrkReady: true })
    expect(body.degradedReason).toContain("host-b")
  })
})

describe("/katalog/{crd}/health", () => {
  const health = (fake: FakeView) => get(CrdHealth, "/katalog/website/health", fake)

  const codes = [
    ["not started", 503],
    ["pending", 200],
    ["started", 200],
    ["healthy", 200],
    ["degraded", 503],
    ["gated", 200],
  ] as const
  test.each(codes)("%s answers %i", async (state, status) => {
    const { code, body } = await health({ operators: [operator({ state })] })
    expect(code).toBe(status)
    expect(body).toMatchObject({ state, status, healthy: state === "healthy", pending: state === "pending" })
  })

  test("tells times, counters and the last error", async () => {
    const { body } = await health({ operators: [operator({ failing: 2, worstOffender: "web/shop" })] })
    expect(body).toMatchObject({
      started: true,
      startedAt: "2026-03-01T11:55:00Z",
      uptime: "5m",
      lastReconcile: "2026-03-01T11:59:57Z",
      errorRate: 0.025,
      lastError: "Deployment/shop/web: denied",
      failingResources: 2,
      worstOffender: "web/shop",
      hasUnhealthyDependencies: false,
    })
  })

  test("one that never ran says so", async () => {
    const { body } = await health({ operators: [pendingOperator({ dependencies: [dependency] })] })
    expect(body).toMatchObject({
      started: false,
      startedAt: "not started",
      uptime: "0s",
      lastReconcile: "never",
      errorRate: 0,
      hasUnhealthyDependencies: true,
      why: "CRD is not installed",
    })
  })
})

describe("/katalog/{crd}", () => {
  test("has flat worker numbers, their source, and always metrics", async () => {
    const { body } = await get(CrdInfo, "/katalog/website")
    expect(body).toMatchObject({
      gvk: "apps.example.io/v1, Kind=Website",
      workers: 3,
      workersSource: "configured",
      workersActive: 3,
      workersProcessing: 1,
      workersIdle: 2,
      resync: "10m",
      queue: { depth: 1, failureThreshold: 5 },
      rbac: [{ group: "apps", resource: "deployments", verbs: ["get", "list", "watch", "patch"] }],
      metrics: {
        workers: 3,
        queueDepth: 1,
        errorRate: 0.025,
        successRate: 0.975,
        workersBusyPercent: 33.3333,
        workersIdlePercent: 66.6667,
        reconcileDurationP95Ms: 12.5,
        errorRatePercent: 2.5,
      },
    })
  })

  test("without workers and reconciles every rate is zero", async () => {
    const { body } = await get(CrdInfo, "/katalog/website", { operators: [pendingOperator()] })
    expect(body.metrics).toMatchObject({ errorRate: 0, successRate: 0, workersBusyPercent: 0, errorRatePercent: 0 })
  })

  test("tells each dependency and whether it holds", async () => {
    const { body } = await get(CrdInfo, "/katalog/shop", { operators: shopFleet })
    expect(body.dependencies).toEqual({ website: { ...dependency, acceptableCondition: "healthy" } })
  })
})

describe("/katalog/{crd}/cr", () => {
  const list = async (query: string, fake: FakeView = {}) =>
    (await get(CrList, `/katalog/website/cr${query}`, fake)).body

  test("lists the CRs of the cache", async () => {
    const bare = cr("bare", { status: undefined, metadata: { generation: undefined } })
    expect(await list("", { objects: { website: [cr("shop"), bare] } })).toEqual({
      crd: "website",
      gvk: "apps.example.io/v1, Kind=Website",
      total: 2,
      items: [
        {
          name: "shop",
          namespace: "web",
          phase: "Running",
          ready: true,
          readyReason: "ReconcileSucceeded",
          age: "2h",
          generation: 2,
        },
        { name: "bare", namespace: "web", ready: false, age: "2h", generation: 0 },
      ],
    })
  })

  test("with ?field each item carries the value at that path, and nothing where there is none", async () => {
    const objects = { website: [cr("shop", { spec: { ports: [{ port: 80 }] } }), cr("blog")] }
    const values = async (field: string) => (await list(`?field=${field}`, { objects })).items.map((item) => item.value)
    expect(await values("spec.ports[0].port")).toEqual([80, undefined])
    expect(await values(".metadata.name")).toEqual(["shop", "blog"])
    expect(await values("spec.constructor.name")).toEqual([undefined, undefined])
  })

  test("a field has 1 to 32 steps in at most 256 characters", async () => {
    const code = async (field: string) => {
      const request = new Request(`http://localhost/katalog/website/cr?field=${field}`)
      return (await createApp(fakeView())(request)).status
    }
    expect(await code(Array(32).fill("a").join("."))).toBe(200)
    expect(await code(Array(33).fill("a").join("."))).toBe(400)
    expect(await code("a".repeat(256))).toBe(200)
    expect(await code("a".repeat(257))).toBe(400)
    expect(await code("")).toBe(400)
  })

  test("values of Secrets are never shown", async () => {
    const secret = child("v1", "Secret", { data: { password: "aHVudGVyMg==" } })
    const app = createApp(fakeView({ objects: { website: [secret] } }))
    const response = await app(new Request("http://localhost/katalog/website/cr?field=data.password"))
    expect(response.status).toBe(403)
    expect(await response.text()).not.toContain("aHVudGVyMg")
    expect((await list("", { objects: { website: [secret] } })).total).toBe(1)
  })
})

describe("/katalog/{crd}/cr/{ns}/{name}", () => {
  const detail = async (path: string, fake: FakeView = {}) => (await get(CrDetail, path, fake)).body

  test("shows status, readiness and where the events are", async () => {
    const body = await detail("/katalog/website/cr/web/shop")
    expect(body).toMatchObject({
      name: "shop",
      namespace: "web",
      phase: "Running",
      ready: true,
      readyReason: "ReconcileSucceeded",
      readyMessage: "all children are ready",
      generation: 2,
      status: { phase: "Running" },
      children: {},
      eventsEndpoint: "/katalog/website/cr/web/shop/events",
    })
    expect(await detail("/katalog/website/cr/shop")).toEqual(body)
  })

  test("groups children by kind: one as itself, several as a list", async () => {
    const deployment = child("apps/v1", "Deployment", {
      metadata: { generation: 1 },
      spec: { replicas: 2 },
      status: { observedGeneration: 1, replicas: 2, readyReplicas: 1 },
    })
    const maps = ["a", "b"].map((name) => child("v1", "ConfigMap", { metadata: { name } }))
    const { children } = await detail("/katalog/website/cr/web/shop", { children: [deployment, ...maps] })
    expect(children["Deployment"]).toMatchObject({
      name: "the-deployment",
      kind: "Deployment",
      ready: false,
      createdAt: "2026-03-01T10:00:00Z",
      status: { replicas: 2, readyReplicas: 1 },
    })
    expect(children["ConfigMap"]).toMatchObject([
      { name: "a", ready: true },
      { name: "b", ready: true },
    ])
  })

  test("of a Secret only the name is told", async () => {
    const secret = child("v1", "Secret", {
      metadata: { annotations: { last: "hunter2" } },
      data: { password: "hunter2" },
      status: { phase: "hunter2" },
    })
    const body = await detail("/katalog/website/cr/web/shop", { children: [secret] })
    expect(body.children["Secret"]).toMatchObject({ name: "the-secret", ready: true })
    expect(JSON.stringify(body)).not.toContain("hunter2")
  })

  test("a cluster-scoped CR has no namespace in its path", async () => {
    const fake = {
      operators: [operator({ namespaced: false })],
      objects: { website: [cr("eu", { metadata: { namespace: undefined } })] },
    }
    const body = await detail("/katalog/website/cr/eu", fake)
    expect(body).toMatchObject({ namespace: "", eventsEndpoint: "/katalog/website/cr/eu/events" })
    expect((await get(CrEvents, body.eventsEndpoint, fake)).body).toMatchObject({ name: "eu", namespace: "" })
  })
})

describe("the events of a CR", () => {
  const events = [
    { type: "Warning", reason: "ReconcileError", message: "denied", atMs: nowMs - 5_000 },
    { type: "Normal", reason: "Reconciled", message: "created Deployment/web", atMs: nowMs - 4 * 86_400_000 },
  ] as const

  test("come in the order of the view, with their age", async () => {
    const { body } = await get(CrEvents, "/katalog/website/cr/web/shop/events", { events })
    expect(body).toEqual({
      name: "shop",
      namespace: "web",
      events: [
        { type: "Warning", reason: "ReconcileError", message: "denied", age: "5s" },
        { type: "Normal", reason: "Reconciled", message: "created Deployment/web", age: "4d" },
      ],
    })
  })

  test("are also below the name alone", async () => {
    const { body } = await get(CrEvents, "/katalog/website/cr/shop/events", { events })
    expect(body.events).toHaveLength(2)
  })

  test("a CR that is itself called events is found by its namespace", async () => {
    const objects = { website: [cr("events")] }
    const { body } = await get(CrDetail, "/katalog/website/cr/web/events", { objects })
    expect(body.name).toBe("events")
  })
})
