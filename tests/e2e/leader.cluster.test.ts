import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { CrdHealth, KatalogSummary, readBody } from "../../src/server/mod.ts"
import { pause } from "../cluster/processes.ts"
import { TestCluster } from "../support/cluster.ts"
import { Ork, ork as runOrk } from "../support/ork.ts"
import { conditionOf, describeEntry, katalog, until, World } from "./world.ts"

const pairs = "pairs.pair.example.io/v1"
const namespace = "led"

let cluster: TestCluster
let world: World
beforeAll(async () => {
  cluster = await TestCluster.start({ audit: true })
  world = new World(cluster)
  await world.namespace(namespace)
})
afterAll(() => cluster?.[Symbol.asyncDispose]())

const start = async (user: string, ...flags: readonly string[]) =>
  Ork.start({ katalog: katalog("pair"), kubeconfig: await cluster.identity(user), flags })

async function summaryOf(ork: Ork) {
  const body = readBody(KatalogSummary, await (await ork.get("/katalog")).json())
  if (!body.ok) throw new Error(body.error)
  return body.value
}

const leads = async (ork: Ork) =>
  (await summaryOf(ork)).isKonductor && (await summaryOf(ork)).crds[0]?.state !== "pending"
const lease = async () => (await world.get("leases", "default", "ork-pair"))?.["spec"]

/** Makes CRs all the while, so that a process which writes although it does not lead is seen. */
class Load implements AsyncDisposable {
  count = 0
  #stopped = false
  readonly #prefix: string
  readonly #done: Promise<void>

  constructor(prefix: string) {
    this.#prefix = prefix
    this.#done = this.#run()
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const name = `${this.#prefix}-${this.count}`
      const metadata = { name, namespace }
      await world.create(pairs, { apiVersion: "pair.example.io/v1", kind: "Pair", metadata, spec: { value: name } })
      this.count++
      await pause(100)
    }
  }

  /** Stops making CRs. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    await this.#done
  }

  /** Stops, and waits until every CR is Ready. */
  async settled(): Promise<void> {
    await this[Symbol.asyncDispose]()
    await until("all are Ready", async () => {
      const live = (await world.list(pairs, namespace)).filter((cr) => cr.metadata.name?.startsWith(`${this.#prefix}-`))
      return live.length === this.count && live.every((cr) => conditionOf(cr, "Ready")?.status === "True")
    })
  }
}

/** Who wrote, in the order of time, each run of writes by one user as one entry. */
async function reigns(since: Date): Promise<readonly string[]> {
  const writes = (await world.asked({ verbs: ["patch", "create", "update", "delete"], since })).filter(
    (entry) => entry.user.startsWith("ork-") && entry.namespace === namespace && entry.resource !== "events",
  )
  return writes.map((entry) => entry.user).filter((user, index, all) => user !== all[index - 1])
}

describe("two processes with leader election", () => {
  const election = ["--leader-election", "on"]
  let leader: Ork
  let follower: Ork
  let letter = "a".charCodeAt(0)
  const next = () => start(`ork-${String.fromCharCode(letter++)}`, ...election)

  beforeAll(async () => {
    leader = await next()
    await leader.line({ message: "operator started" })
    follower = await next()
    await until("the follower answers", async () => (await follower.get("/ready")).status === 200)
  })
  afterAll(async () => {
    await follower?.[Symbol.asyncDispose]()
    await leader?.[Symbol.asyncDispose]()
  })

  test("one works; the other keeps its caches, answers, and names the leader", async () => {
    await using load = new Load("one")
    await until("some CRs", async () => (await summaryOf(follower)).crds[0]?.resourceCount ?? 0 >= 3)
    const [first, second] = [await summaryOf(leader), await summaryOf(follower)]
    expect(first).toMatchObject({ isKonductor: true, OrkReady: true })
    expect(second).toMatchObject({
      isKonductor: false,
      OrkReady: true,
      crds: [{ state: "pending", workersProcessing: 0 }],
    })
    expect(first.leader).toBe((await lease())?.holderIdentity)
    expect(second.leader).toBe(first.leader ?? "")
    const health = readBody(CrdHealth, await (await follower.get("/katalog/pair/health")).json())
    expect(health).toMatchObject({
      ok: true,
      value: { isKonductor: false, pending: true, why: "another process leads" },
    })
    await load.settled()
    expect(await world.writes("ork-b", new Date(0))).toEqual([])
  })

  test("SIGTERM hands over at once: the lease is given back, and no write overlaps", async () => {
    const since = new Date()
    await using load = new Load("term")
    await until("the leader works", () => load.count >= 3)
    const toldAt = performance.now()
    expect(await leader.stop("SIGTERM")).toBe(0)
    await until("the other leads", () => leads(follower), 10_000)
    expect(performance.now() - toldAt).toBeLessThan(4_000)
    const atHandOver = load.count
    await until("more CRs", () => load.count >= atHandOver + 3)
    await load.settled()
    expect(await reigns(since)).toEqual(["ork-a", "ork-b"])
    leader = follower
    follower = await next()
    await until("the new follower answers", async () => (await follower.get("/ready")).status === 200)
  })

  test("a leader that hangs is replaced, and writes nothing when it wakes up", async () => {
    const since = new Date()
    await using load = new Load("stop")
    await until("the leader works", () => load.count >= 3)
    leader.send("SIGSTOP")
    const stoppedAt = performance.now()
    await until("the other leads", () => leads(follower), 30_000)
    expect(performance.now() - stoppedAt).toBeGreaterThan(5_000)
    await pause(1_000)
    leader.send("SIGCONT")
    await until("the old one knows", async () => !(await summaryOf(leader)).isKonductor, 10_000)
    const atHandOver = load.count
    await until("more CRs", () => load.count >= atHandOver + 5)
    await load.settled()
    expect(await reigns(since)).toEqual(["ork-b", "ork-c"])
    expect((await summaryOf(leader)).leader).toBe((await lease())?.holderIdentity)
    const former = leader
    leader = follower
    follower = former
  })

  test("kill -9 hands over when the lease has run out", async () => {
    const since = new Date()
    await using load = new Load("kill")
    await until("the leader works", () => load.count >= 3)
    await leader.stop("SIGKILL")
    await until("the other leads", () => leads(follower), 30_000)
    await load.settled()
    expect(await reigns(since)).toEqual(["ork-c", "ork-b"])
  })

  test("a process without election refuses to start beside the live Lease, and touches nothing", async () => {
    const kubeconfig = await cluster.identity("ork-alone")
    const answer = await runOrk(["run", "-f", katalog("pair"), "--kubeconfig", kubeconfig, "--port", "0"])
    expect(answer.code).toBe(1)
    expect(answer.stderr).toContain("Lease/default/ork-pair")
    expect(answer.stderr).toContain("--takeover")
    const asked = (await world.asked({ user: "ork-alone" })).map(describeEntry)
    expect(asked.filter((one) => !/^(get|list) /.test(one))).toEqual([])
    await using other = await start("ork-taker", "--takeover")
    await other.line({ message: "operator started" })
  })
})
