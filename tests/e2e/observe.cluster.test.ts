import { afterAll, beforeAll, expect, test } from "bun:test"
import { CrdHealth, readBody } from "../../src/server/mod.ts"
import { pause } from "../cluster/processes.ts"
import { TestCluster } from "../support/cluster.ts"
import { Ork } from "../support/ork.ts"
import { conditionOf, shipped, until, World } from "./world.ts"

const databases = "databases.data.example.io/v1"
const apps = "apps.data.example.io/v1"

let cluster: TestCluster
let world: World
let ork: Ork
const start = async () =>
  Ork.start({ katalog: shipped("cross-operator"), kubeconfig: await cluster.identity("cross"), flags: [] })
beforeAll(async () => {
  cluster = await TestCluster.start({ nodes: true, audit: true })
  world = new World(cluster)
  ork = await start()
})
afterAll(async () => {
  await ork?.[Symbol.asyncDispose]()
  await cluster?.[Symbol.asyncDispose]()
})

const app = () => world.get(apps, "default", "checkout")
const deployment = () => world.get("deployments", "default", "checkout")
const passes = async () => {
  const health = readBody(CrdHealth, await (await ork.get("/katalog/app/health")).json())
  return health.ok ? health.value.totalReconciles : 0
}
const writes = (since: Date) => world.writes("cross", since)
/** Waits until nothing has happened to the App for a while. */
const quiet = async () => {
  for (let before = -1, now = await passes(); before !== now; now = await passes()) {
    before = now
    await pause(700)
  }
}

test("a CR follows another one whose status this process writes, and shows the Event that it is told", async () => {
  const cr = await until("the App is Ready", async () => {
    const found = await app()
    return found && conditionOf(found, "Ready")?.status === "True" && found["status"].lastScaled && found
  })
  expect(cr["status"]).toMatchObject({ database: "Ready", lastScaled: expect.stringContaining("Scaled up") })
  const [container] = (await deployment())?.["spec"].template.spec.containers ?? []
  expect(container.env).toEqual([{ name: "DATABASE_HOST", value: "ledger.default.svc" }])
})

test("a watched object wakes it, another of its kind does not, and neither writes anything", async () => {
  await quiet()
  const since = new Date()
  const before = await passes()
  const values = { apiVersion: "v1", kind: "ConfigMap", data: { a: "b" } }
  await world.create("configmaps", { ...values, metadata: { name: "others", namespace: "default" } })
  await pause(500)
  expect(await passes()).toBe(before)
  await world.create("configmaps", { ...values, metadata: { name: "app-defaults", namespace: "default" } })
  await until("the App is looked at", async () => (await passes()) > before)
  await quiet()
  expect(await writes(since)).toEqual([])
})

test("what it read is gone, and comes back: so do its children", async () => {
  await world.delete(databases, "default", "ledger")
  await until("the Deployment is gone", async () => (await deployment()) === undefined)
  await until("the App says so", async () => (await app())?.["status"].database === "no Database ledger")
  await world.create(databases, {
    ...{ apiVersion: "data.example.io/v1", kind: "Database", spec: {} },
    metadata: { name: "ledger", namespace: "default" },
  })
  await until("the App has its Deployment again", async () => {
    const found = await app()
    return found && conditionOf(found, "Ready")?.status === "True" && found["status"].database === "Ready"
  })
})

test("a restart writes nothing, and follows on", async () => {
  await quiet()
  await ork[Symbol.asyncDispose]()
  const since = new Date()
  ork = await start()
  await ork.line({ message: "operator started", operator: "app" })
  await quiet()
  expect(await writes(since)).toEqual([])
  await world.delete(databases, "default", "ledger")
  await until("the Deployment is gone", async () => (await deployment()) === undefined)
})
