import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import * as http from "node:http"
import {
  CrDetail,
  CrdHealth,
  CrdInfo,
  CrEvents,
  CrList,
  KatalogSummary,
  Probe,
  Problem,
  readBody,
} from "../../src/server/mod.ts"
import { TestCluster } from "../support/cluster.ts"
import { Ork } from "../support/ork.ts"
import { conditionOf, type Live, shipped, until, World } from "./world.ts"

const websites = "websites.hello.example.io/v1"
const gvk = "hello.example.io/v1, Kind=Website"

let cluster: TestCluster
let world: World
beforeAll(async () => {
  cluster = await TestCluster.start({ nodes: true, audit: true })
  world = new World(cluster)
})
afterAll(() => cluster?.[Symbol.asyncDispose]())

describe("the snippet that opened the project", () => {
  test("becomes a running operator in its folder, with every file applied", async () => {
    await using ork = Ork.start({ kubeconfig: await cluster.identity("seed"), cwd: shipped("seed-website") })
    await ork.line({ message: "operator healthy", operator: "website" })
    const sample = await world.ready("websites.seed.example.io/v1", "websites", "sample")
    expect(conditionOf(sample, "Ready")).toMatchObject({ status: "True", reason: "ReconcileSucceeded" })
    expect(sample.metadata["finalizers"]).toBeUndefined()
    const applied = ork.lines.filter((line) => line["file"] !== undefined).map((line) => line.message)
    expect(applied).toEqual([
      "created Namespace/websites",
      "created CustomResourceDefinition/websites.seed.example.io",
      "created Website/websites/sample",
    ])
    const health = readBody(CrdHealth, await (await ork.get("/katalog/website/health")).json())
    expect(health).toMatchObject({ ok: true, value: { state: "healthy", healthy: true, resourceCount: 1 } })
    const writes = await world.writes("seed", new Date(0))
    expect(writes).toHaveLength(4)
    expect(await ork.stop("SIGINT")).toBe(0)
  })
})

describe("hello-website", () => {
  let ork: Ork
  let hello: Live
  beforeAll(async () => {
    ork = Ork.start({ katalog: shipped("hello-website"), kubeconfig: await cluster.identity("hello") })
    hello = await world.ready(websites, "default", "hello")
  })
  afterAll(() => ork?.[Symbol.asyncDispose]())

  const body = async (path: string) => await (await ork.get(path)).json()

  /** A Website of its own, ready; drift in it is nobody else's trouble. */
  async function website(name: string, spec: Readonly<Record<string, unknown>> = {}): Promise<Live> {
    const whole = { image: "nginx:1.29", replicas: 1, ...spec }
    const metadata = { name, namespace: "default" }
    await world.create(websites, { apiVersion: "hello.example.io/v1", kind: "Website", metadata, spec: whole })
    return await world.ready(websites, "default", name)
  }

  test("makes the children that the Katalog names, owned by the CR", async () => {
    const names = async (resource: string) =>
      (await world.children(resource, hello)).map((child) => child.metadata.name)
    expect(await names("configmaps")).toEqual(["hello-page"])
    expect(await names("services")).toEqual(["hello"])
    expect(await names("deployments")).toEqual(["hello"])
    for (const resource of ["configmaps", "services", "deployments"]) {
      const [child] = await world.children(resource, hello)
      expect(child?.metadata["ownerReferences"]).toEqual([
        {
          apiVersion: "hello.example.io/v1",
          kind: "Website",
          name: "hello",
          uid: hello.metadata.uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ])
      expect(child?.metadata.labels).toMatchObject({ "managed-by": "orkestra", "orkestra-owner": "hello" })
    }
    const [page] = await world.children("configmaps", hello)
    expect(page?.["data"]).toEqual({ "index.html": "<h1>Hello from a Katalog</h1>\n" })
    const [service] = await world.children("services", hello)
    expect(service?.["spec"].selector).toEqual({ "orkestra.orkspace.io/workload": "hello" })
    const [deployment] = await world.children("deployments", hello)
    expect(deployment?.["spec"].replicas).toBe(2)
    expect(deployment?.["spec"].template.metadata.labels).toMatchObject({ "orkestra.orkspace.io/workload": "hello" })
  })

  test("tells the truth in the status, and leaves the rest of the CR to its user", async () => {
    expect(hello["status"]).toMatchObject({ url: "http://hello.default.svc", readyReplicas: 2, observedGeneration: 1 })
    const states = hello["status"].conditions.map((c: { type: string; status: string }) => [c.type, c.status])
    expect(states).toEqual([
      ["Ready", "True"],
      ["Reconciling", "False"],
      ["Stalled", "False"],
    ])
    expect(hello.metadata["finalizers"]).toBeUndefined()
    expect(hello.metadata.labels).toBeUndefined()
    expect(hello.metadata["annotations"]).toBeUndefined()
    expect((await cluster.kubectl("wait", "--for=condition=Ready", "web/hello", "--timeout=5s")).code).toBe(0)
  })

  test("records events that kubectl shows", async () => {
    const columns = "custom-columns=TYPE:.type,REASON:.reason,MESSAGE:.message"
    const args = ["get", "events", "--no-headers", "--field-selector=involvedObject.kind=Website", "-o", columns]
    const shown = await until("the event", async () => {
      const { stdout } = await cluster.kubectl(...args)
      return stdout.includes("ConfigMap/default/hello-page") && stdout
    })
    expect(shown).toMatch(/^Normal +Reconciled +created .*Deployment\/default\/hello/m)
  })

  test("publishes the five metrics, labelled with the GVK", async () => {
    const answer = await ork.get("/metrics")
    expect(answer.headers.get("content-type")).toStartWith("text/plain")
    const text = await answer.text()
    const value = (name: string, labels = "") =>
      Number(new RegExp(`^${name}\\{crd="${gvk}"${labels}\\} (\\S+)$`, "m").exec(text)?.[1])
    expect(value("controller_reconcile_total", ',result="success"')).toBeGreaterThan(0)
    expect(value("controller_reconcile_duration_seconds_count")).toBeGreaterThan(0)
    expect(value("controller_queue_depth")).toBe(0)
    expect(value("controller_workers_processing")).toBe(0)
    expect(value("controller_resource_count")).toBe(1)
  })

  test("answers every route in its published shape", async () => {
    const summary = readBody(KatalogSummary, await body("/katalog"))
    expect(summary).toMatchObject({
      ok: true,
      value: {
        ...{ name: "hello-website", total: 1, totalEnabled: 1, OrkReady: true, isKonductor: true },
        ...{ healthy: true, status: 200, statusCounts: { healthy: 1, degraded: 0, started: 0, pending: 0 } },
        crds: [{ name: "website", state: "healthy", workers: 3, resourceCount: 1, queueDepth: 0 }],
      },
    })
    const info = readBody(CrdInfo, await body("/katalog/website"))
    expect(info).toMatchObject({ ok: true, value: { gvk, workers: 3, workersSource: "default", resync: "10m" } })
    const health = readBody(CrdHealth, await body("/katalog/website/health"))
    expect(health).toMatchObject({ ok: true, value: { state: "healthy", status: 200, consecutiveFails: 0 } })
    const list = readBody(CrList, await body("/katalog/website/cr?field=spec.image"))
    expect(list).toMatchObject({
      ok: true,
      value: { gvk, items: [{ name: "hello", ready: true, value: "nginx:1.29" }] },
    })
    for (const path of ["/katalog/website/cr/hello", "/katalog/website/cr/default/hello"]) {
      const detail = readBody(CrDetail, await body(path))
      expect(detail).toMatchObject({
        ok: true,
        value: {
          ready: true,
          readyReason: "ReconcileSucceeded",
          children: { Deployment: { name: "hello", ready: true }, Service: { name: "hello" }, ConfigMap: {} },
        },
      })
      const events = readBody(CrEvents, await body(`${path}/events`))
      expect(events).toMatchObject({ ok: true, value: { events: [{ type: "Normal", reason: "Reconciled" }] } })
    }
    expect(await body("/katalog/raw")).toMatchObject({ spec: { crds: { website: { crdFile: "website-crd.yaml" } } } })
    for (const path of ["/katalog/enriched", "/katalog/website/raw", "/katalog/website/enriched"]) {
      expect([path, (await ork.get(path)).status]).toEqual([path, 200])
    }
  })

  test("answers probes, and refuses what is not there and other hosts", async () => {
    for (const path of ["/startup", "/health", "/ready", "/healthz", "/livez", "/readyz"]) {
      expect(readBody(Probe, await body(path))).toMatchObject({ ok: true, value: { ok: true, status: 200 } })
    }
    for (const path of ["/nothing", "/katalog/wbsite", "/katalog/website/cr/default/nobody"]) {
      const answer = await ork.get(path)
      expect(answer.status).toBe(404)
      expect(readBody(Problem, await answer.json()).ok).toBe(true)
    }
    expect(await statusFor(await ork.url(), "evil.example.com")).toBe(421)
    expect(await statusFor(await ork.url(), "localhost")).toBe(200)
  })

  const drifts: readonly (readonly [string, string, (name: string) => Promise<unknown>])[] = [
    [
      "a Deployment that somebody scaled",
      "deployments",
      (name) =>
        world.patch({ resource: "deployments", namespace: "default", name }, { spec: { replicas: 7 } }, "scaler"),
    ],
    [
      "a ConfigMap that somebody edited",
      "configmaps",
      (name) =>
        world.patch(
          { resource: "configmaps", namespace: "default", name: `${name}-page` },
          { data: { "index.html": "defaced" } },
          "scaler",
        ),
    ],
    ["a Service that somebody deleted", "services", (name) => world.delete("services", "default", name)],
  ]
  test.each(drifts)("repairs %s within a second and says it", async (_what, resource, spoil) => {
    const cr = await website(`drift-${resource}`, { replicas: 1 })
    const name = cr.metadata.name ?? ""
    const states = async () => (await world.children(resource, cr)).map(essence)
    const before = await states()
    const spoiledAt = performance.now()
    await spoil(name)
    await until("the repair", async () => Bun.deepEquals(await states(), before), 10_000)
    expect(performance.now() - spoiledAt).toBeLessThan(1_000)
    const kind = { deployments: "Deployment", configmaps: "ConfigMap", services: "Service" }[resource]
    await until("the event", async () => {
      const events = readBody(CrEvents, await body(`/katalog/website/cr/default/${name}/events`))
      const wanted =
        resource === "services"
          ? { reason: "Reconciled", said: [`created ${kind}/default/`] }
          : { reason: "DriftCorrected", said: [`${kind}/default/`, "scaler"] }
      return (
        events.ok &&
        events.value.events.some(
          (event) => event.reason === wanted.reason && wanted.said.every((part) => event.message.includes(part)),
        )
      )
    })
  })

  test("rolls a change of the spec through the children and the status", async () => {
    const cr = await website("rolling")
    await world.patch(
      { resource: websites, namespace: "default", name: "rolling" },
      { spec: { image: "nginx:1.30", replicas: 3, title: "New" } },
    )
    const changed = await world.ready(websites, "default", "rolling")
    expect(changed["status"]).toMatchObject({ readyReplicas: 3, observedGeneration: 2 })
    const [deployment] = await world.children("deployments", cr)
    expect(deployment?.["spec"]).toMatchObject({
      replicas: 3,
      template: { spec: { containers: [{ image: "nginx:1.30" }] } },
    })
    expect(deployment?.["status"].availableReplicas).toBe(3)
    const [page] = await world.children("configmaps", cr)
    expect(page?.["data"]["index.html"]).toContain("New")
  })

  test("leaves nothing behind a deleted CR, and does not make its children again", async () => {
    const cr = await website("leaving")
    const since = new Date()
    await world.delete(websites, "default", "leaving")
    await until(
      "the children are gone",
      async () => {
        const left = await Promise.all(["configmaps", "services", "deployments"].map((r) => world.children(r, cr)))
        return left.flat().length === 0
      },
      60_000,
    ) // the garbage collector learns about a new CRD within 30 s
    expect((await world.writes("hello", since)).filter((write) => write.includes("leaving"))).toEqual([])
    expect((await ork.get("/katalog/website/cr/default/leaving")).status).toBe(404)
  })

  test("stops in order when told to, and a later start leaves alone what was edited in the sample CR", async () => {
    expect(await ork.stop("SIGTERM")).toBe(0)
    expect(ork.lines.at(-1)?.message).toBe("stopped")
    await world.patch(
      { resource: websites, namespace: "default", name: "hello" },
      { spec: { replicas: 4 } },
      "kubectl-edit",
    )
    ork = Ork.start({ katalog: shipped("hello-website"), kubeconfig: await cluster.identity("hello-again") })
    const left = await ork.line({ message: /Website\/default\/hello/, level: "warn" })
    expect(String(left["changedBy"])).toContain("kubectl-edit")
    const edited = await world.ready(websites, "default", "hello")
    expect([edited["spec"].replicas, edited["status"].readyReplicas]).toEqual([4, 4])
  })
})

/** What drift is judged by: the parts that a Katalog declares. */
function essence(object: Live): unknown {
  return { name: object.metadata.name, data: object["data"], replicas: object["spec"]?.replicas }
}

/** The status code for a request that names `host`; fetch would not let us choose. */
function statusFor(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    http
      .get(`${url}/katalog`, { headers: { host } }, (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      })
      .on("error", reject)
  })
}
