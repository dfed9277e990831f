import { afterAll, beforeAll, expect, test } from "bun:test"
import { TestCluster } from "../support/cluster.ts"
import { Ork, ork as runOrk } from "../support/ork.ts"
import { conditionOf, describeEntry, katalog, type Live, until, World } from "./world.ts"

const guests = "guests.farewell.example.io/v1"
const namespace = "house"

let cluster: TestCluster
let world: World
beforeAll(async () => {
  cluster = await TestCluster.start({ nodes: true, audit: true })
  world = new World(cluster)
  await world.namespace(namespace)
})
afterAll(() => cluster?.[Symbol.asyncDispose]())

const start = async () => Ork.start({ katalog: katalog("farewell"), kubeconfig: await cluster.identity("host") })
const drain = (...flags: readonly string[]) =>
  runOrk(["drain", katalog("farewell"), "--kubeconfig", cluster.kubeconfig, "-o", "json", ...flags])

async function guest(name: string): Promise<Live> {
  const metadata = { name, namespace }
  const cr = { apiVersion: "farewell.example.io/v1", kind: "Guest", metadata, spec: { note: "hi" } }
  await until("the CRD is served", () => world.create(guests, cr))
  return await world.ready(guests, namespace, name)
}

const release = (name: string) =>
  world.patch(
    { resource: guests, namespace, name },
    { metadata: { labels: { "orkestra.io/deletion-protection": "false" } } },
  )

const gone = (name: string) =>
  until(`${name} is gone`, async () => (await world.get(guests, namespace, name)) === undefined, 60_000)

test("a guest is protected, then leaves in steps, also when ork dies in between, and nothing stays", async () => {
  const first = await start()
  const cr = await guest("anna")
  await until("the protection is in force", async () => {
    const path = `${world.pathOf(guests, namespace, "anna")}?dryRun=All`
    const answer = await world.request("DELETE", path)
    return answer.status === 403 && (await answer.text()).includes("orkestra.io/deletion-protection=false")
  })
  await release("anna")
  const held = { resource: "services", namespace, name: "anna" }
  await world.patch(held, { metadata: { finalizers: ["example.io/held"] } })
  const since = new Date()
  await world.delete(guests, namespace, "anna")
  await until("it says what it waits for", async () => {
    const condition = conditionOf(await world.get(guests, namespace, "anna"), "Ready")
    return condition?.message.startsWith("step traffic: Service/house/anna")
  })
  expect((await world.get("deployments", namespace, "anna"))?.metadata["deletionTimestamp"]).toBeUndefined()
  await first.stop("SIGKILL")

  await using _second = await start()
  await world.patch(held, { metadata: { finalizers: null } })
  await gone("anna")
  for (const resource of ["services", "deployments", "configmaps", "pods", "jobs"]) {
    // The garbage collector notices a new kind only after half a minute.
    await until(`no ${resource} are left`, async () => (await world.children(resource, cr)).length === 0, 90_000)
  }
  const order = (await world.asked({ user: "host", verbs: ["delete", "patch"], since }))
    .filter(({ resource, verb }) => verb === "delete" || resource === "jobs")
    .map(describeEntry)
  // A deletion may be asked for once more before the watch has told of it.
  expect(order.length).toBeLessThanOrEqual(6)
  expect([...new Set(order)]).toEqual([
    "delete services house/anna",
    "delete deployments house/anna",
    "patch jobs house/anna-goodbye",
    "delete configmaps default/anna",
    "delete jobs house/anna-goodbye",
  ])
}, 180_000)

test("ork drain lets a guest go without ork, and takes the protection away", async () => {
  const host = await start()
  await guest("bert")
  await host.stop("SIGKILL")
  const dry = JSON.parse((await drain("--dry-run")).stdout)
  expect(dry.objects.map(({ name }: { name: string }) => name)).toEqual(["bert"])
  expect(dry.policies).toHaveLength(2)
  const { code, stdout } = await drain()
  expect({ code, ...JSON.parse(stdout) }).toEqual({ ...dry, code: 0, dryRun: false })
  await until("it can be deleted", async () => {
    const answer = await world.request("DELETE", world.pathOf(guests, namespace, "bert"))
    await answer.text()
    return answer.ok
  })
  await gone("bert")
}, 120_000)
