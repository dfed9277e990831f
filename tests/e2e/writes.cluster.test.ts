import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { CrdHealth, CrdInfo, readBody } from "../../src/server/mod.ts"
import { pause } from "../cluster/processes.ts"
import { TestCluster } from "../support/cluster.ts"
import { Ork } from "../support/ork.ts"
import { conditionOf, describeEntry, katalog, type Live, shipped, until, World } from "./world.ts"

const pairs = "pairs.pair.example.io/v1"

let cluster: TestCluster
let world: World
beforeAll(async () => {
  cluster = await TestCluster.start({ nodes: true, audit: true })
  world = new World(cluster)
})
afterAll(() => cluster?.[Symbol.asyncDispose]())

const isReady = (cr: Live) => conditionOf(cr, "Ready")?.status === "True"

async function createPairs(namespace: string, count: number): Promise<void> {
  await world.namespace(namespace)
  const names = Array.from({ length: count }, (_, index) => `pair-${index}`)
  await Promise.all(
    names.map((name) =>
      world.create(pairs, {
        ...{ apiVersion: "pair.example.io/v1", kind: "Pair" },
        metadata: { name, namespace },
        spec: { value: name },
      }),
    ),
  )
}

function allReady(namespace: string, count: number): Promise<readonly Live[]> {
  return until(`${count} Pairs in ${namespace} are Ready`, async () => {
    const live = await world.list(pairs, namespace)
    return live.length === count && live.every(isReady) && live
  })
}

describe("ork run, counted by the API server", () => {
  let user = ""
  const startPair = async (name: string, ...flags: readonly string[]) => {
    user = name
    return Ork.start({ katalog: katalog("pair"), kubeconfig: await cluster.identity(name), flags })
  }
  let ork: Ork
  beforeAll(async () => {
    ork = await startPair("pair")
    await ork.line({ message: "operator started" })
  })
  afterAll(() => ork?.[Symbol.asyncDispose]())

  const passes = async () => {
    const health = readBody(CrdHealth, await (await ork.get("/katalog/pair/health")).json())
    return health.ok ? health.value.totalReconciles : 0
  }

  test("a CR costs one write per child and one for its status, and nothing is read", async () => {
    const count = 20
    const since = new Date()
    await createPairs("counted", count)
    await allReady("counted", count)
    await pause(500)
    const asked = (await world.asked({ user, since })).filter(({ resource }) => resource !== "events")
    const tally = new Map<string, number>()
    for (const { verb, resource, subresource } of asked) {
      const call = `${verb} ${subresource ? `${resource}/${subresource}` : resource}`
      tally.set(call, (tally.get(call) ?? 0) + 1)
    }
    expect(Object.fromEntries(tally)).toEqual({
      "patch configmaps": count,
      "patch services": count,
      "patch pairs/status": count,
    })
    const events = async () => (await world.asked({ user, since })).filter(({ resource }) => resource === "events")
    await until("the events behind it", async () => (await events()).length >= count)
  })

  test("in steady state nothing is asked, while every CR is looked at each second", async () => {
    const since = new Date()
    const before = await passes()
    await until("three resyncs", async () => (await passes()) >= before + 60)
    const asked = (await world.asked({ user, since })).filter(({ verb }) => verb !== "watch")
    expect(asked.map(describeEntry)).toEqual([])
  })

  test("after a restart nothing is written, and nothing is looked for", async () => {
    expect(await ork.stop()).toBe(0)
    ork = await startPair("pair-restarted")
    await until("two rounds of passes", async () => (await passes()) >= 40)
    expect(await world.writes(user, new Date(0))).toEqual([])
    const reads = (await world.asked({ user, verbs: ["get", "list"] })).filter(({ resource }) => resource !== "")
    const gets = reads.filter(({ verb }) => verb === "get").map(describeEntry)
    expect([...new Set(gets)].sort()).toEqual([
      "get customresourcedefinitions pairs.pair.example.io",
      "get leases default/ork-pair",
    ])
    // Who else runs this Katalog. What it made before is noted, so no child is looked for.
    const lists = reads.filter(({ verb }) => verb === "list").map(({ resource }) => resource)
    expect(lists).toEqual(["leases"])
  })

  test("what changed while it was away is caught up with exactly one write", async () => {
    expect(await ork.stop()).toBe(0)
    const target = { resource: "configmaps", namespace: "counted", name: "pair-3-map" }
    await world.patch(target, { data: { value: "edited" } })
    await world.delete(pairs, "counted", "pair-4")
    ork = await startPair("pair-returned")
    await until(
      "the repair",
      async () => (await world.get("configmaps", "counted", target.name))?.["data"].value === "pair-3",
    )
    const before = await passes()
    await until("another round", async () => (await passes()) >= before + 19)
    expect(await world.writes(user, new Date(0))).toEqual(["patch configmaps counted/pair-3-map"])
    expect(await world.get(pairs, "counted", "pair-4")).toBeUndefined()
  })

  test("killed in the middle of 50 CRs, it leaves no duplicate and no orphan behind", async () => {
    const created = createPairs("killed", 50)
    await until(
      "some children",
      async () => (await world.list("configmaps", "killed", "managed-by=orkestra")).length >= 8,
      10_000,
    )
    await ork.stop("SIGKILL")
    await created
    expect((await world.list(pairs, "killed")).filter(isReady).length).toBeLessThan(50)
    ork = await startPair("pair-again")
    const owners = new Map((await allReady("killed", 50)).map((cr) => [cr.metadata.uid, cr.metadata.name]))
    for (const [resource, suffix] of [
      ["configmaps", "map"],
      ["services", "service"],
    ] as const) {
      const children = await world.list(resource, "killed", "managed-by=orkestra")
      expect(children).toHaveLength(50)
      for (const child of children) {
        const [owner, ...others] = child.metadata.ownerReferences ?? []
        expect(others).toEqual([])
        expect(child.metadata.name).toBe(`${owners.get(owner?.uid ?? "")}-${suffix}`)
      }
    }
    // Over both lives no child was made twice: what the first one had made is only looked at.
    const made = (await world.asked({ verbs: ["patch"] })).filter((e) => e.namespace === "killed" && e.code === 201)
    expect(made.length).toBeGreaterThan(90)
    expect(new Set(made.map(describeEntry)).size).toBe(made.length)
  })
})

describe("the shop", () => {
  const [databases, shops, tenants] = ["databases", "shops", "tenants"].map(
    (plural) => `${plural}.shop.example.io/v1`,
  ) as [string, string, string]
  let ork: Ork
  beforeAll(async () => {
    ork = Ork.start({ katalog: shipped("shop"), kubeconfig: await cluster.identity("shop") })
    await world.ready(shops, "default", "corner")
  })
  afterAll(() => ork?.[Symbol.asyncDispose]())

  test("starts its operators in the order of dependsOn, and makes all of them ready", async () => {
    const started = ork.linesWith({ message: "operator started" }).map((line) => line["operator"])
    expect(started).toEqual(["tenant", "database", "shop"])
    // `database: healthy` is more than started: its CRs have been looked at.
    const at = (message: string, operator: string) =>
      ork.lines.findIndex((line) => line.message === message && line["operator"] === operator)
    expect(at("operator started", "shop")).toBeGreaterThan(at("reconciled", "database"))
    await world.ready(tenants, undefined, "acme")
    const orders = await world.ready(databases, "default", "orders")
    expect(orders["status"]).toMatchObject({ host: "orders.default.svc", secretName: "orders-login" })
    expect((await world.get(shops, "default", "corner"))?.["status"]).toMatchObject({ phase: "Open" })
    const info = readBody(CrdInfo, await (await ork.get("/katalog/shop")).json())
    expect(info).toMatchObject({
      ok: true,
      value: { dependencies: { database: { state: "healthy", satisfied: true } } },
    })
  })

  test("shows no value of a Secret over HTTP", async () => {
    for (const path of ["/katalog/raw", "/katalog/enriched", "/katalog/database/raw", "/katalog/database/enriched"]) {
      const answer = await ork.get(path)
      const text = await answer.text()
      expect([path, answer.status, text.includes("(hidden)"), text.includes("randomAlphanumeric")]).toEqual([
        ...[path, 200, true, false],
      ])
    }
    const [login] = await world.children("secrets", await world.ready(databases, "default", "orders"))
    const password = Buffer.from(login?.["data"].password, "base64").toString()
    expect(password).toMatch(/^[A-Za-z0-9]{24}$/)
    for (const path of ["/katalog/database/cr/orders", "/katalog/database/cr/orders/events"]) {
      expect(await (await ork.get(path)).text()).not.toContain(password)
    }
    expect(ork.lines.map((line) => JSON.stringify(line)).join()).not.toContain(password)
  })

  test("does not make a once Secret again, even after a restart", async () => {
    const orders = await world.ready(databases, "default", "orders")
    expect(await world.children("secrets", orders)).toHaveLength(1)
    await world.delete("secrets", "default", "orders-login")
    // A pass after the deletion, seen by what it changes.
    await world.patch(
      { resource: databases, namespace: "default", name: "orders" },
      { spec: { image: "postgres:18.1" } },
    )
    await world.ready(databases, "default", "orders")
    expect(await world.children("secrets", orders)).toEqual([])
    expect(await ork.stop()).toBe(0)
    ork = Ork.start({ katalog: shipped("shop"), kubeconfig: await cluster.identity("shop-again") })
    await ork.line({ message: "operator healthy", operator: "shop" })
    await pause(500)
    expect(await world.writes("shop-again", new Date(0))).toEqual([])
    expect(await world.children("secrets", orders)).toEqual([])
  })

  test("prunes the child of an element that left the list", async () => {
    const corner = await world.ready(shops, "default", "corner")
    const maps = async () => (await world.children("configmaps", corner)).map((child) => child.metadata.name)
    expect(await maps()).toEqual(["corner-de", "corner-en"])
    await world.patch({ resource: shops, namespace: "default", name: "corner" }, { spec: { languages: ["de"] } })
    await until("the pruning", async () => Bun.deepEquals(await maps(), ["corner-de"]))
  })

  test("prunes the child whose condition turned false, and makes it again when it turns true", async () => {
    const corner = await world.ready(shops, "default", "corner")
    const services = async () => (await world.children("services", corner)).map((child) => child.metadata.name)
    expect(await services()).toEqual(["corner", "corner-public"])
    const target = { resource: shops, namespace: "default", name: "corner" }
    await world.patch(target, { spec: { public: false } })
    await until("the pruning", async () => Bun.deepEquals(await services(), ["corner"]))
    await world.patch(target, { spec: { public: true } })
    await until("the service", async () => Bun.deepEquals(await services(), ["corner", "corner-public"]))
  })

  test("removes the namespace of a deleted tenant", async () => {
    const acme = await world.ready(tenants, undefined, "acme")
    expect(await world.get("serviceaccounts", "acme", "runner")).toBeDefined()
    const namespace = await world.get("namespaces", undefined, "acme")
    expect(namespace?.metadata.ownerReferences).toMatchObject([{ kind: "Tenant", uid: acme.metadata.uid }])
    await world.delete(tenants, undefined, "acme")
    await until(
      "the namespace is gone",
      async () => (await world.get("namespaces", undefined, "acme")) === undefined,
      60_000,
    )
    expect(await world.get(tenants, undefined, "acme")).toBeUndefined()
  })
})
