/** A storm: random edits of custom resources and their children while the API server, the network and ork itself fail. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { type Random, seeded } from "../../src/base/mod.ts"
import { pause } from "../cluster/processes.ts"
import { type Live, until, World } from "../e2e/world.ts"
import type { TestCluster } from "../support/cluster.ts"
import { Ork } from "../support/ork.ts"
import { calm, FaultProxy, storm as stormWeather, type Upstream } from "./proxy.ts"

/** How long and how hard. */
export interface StormOptions {
  readonly seed: number
  readonly seconds: number
  readonly sites: number
  /** Edits a second. */
  readonly pace: number
  /** Kills ork without warning about every so many seconds. */
  readonly killEverySeconds: number
  /** Also restarts the API server, compacts etcd and leaves connections half open. */
  readonly heavy: boolean
}

/** What came of it. */
export interface Report {
  readonly edits: number
  /** Writes that edits and repairs needed, each taken alone: more would be useless. */
  readonly needed: number
  /** Writes of ork that the API server took. */
  readonly writes: number
  readonly played: Readonly<Record<string, number>>
  /** What should exist and does not, is not as declared, or exists and should not. */
  readonly wrong: readonly string[]
  /** Writes after everything had settled. */
  readonly restless: readonly string[]
}

const sites = "sites.storm.example.io/v1"
const user = "storm"

interface Spec {
  readonly title: string
  readonly list: readonly string[]
  readonly far: boolean
}

/** Runs one storm on `cluster` and tells what it left. */
export async function weather(cluster: TestCluster, options: StormOptions): Promise<Report> {
  const random = seeded(options.seed)
  const world = new World(cluster)
  await world.namespace("far")
  await using proxy = new FaultProxy(await upstream(cluster), random)
  const crew = new Crew(proxy)
  try {
    await crew.line("operator started")
    await collected(world)
    const driver = new Driver(world, random)
    proxy.weather = stormWeather
    const trouble = options.heavy ? heavy(cluster, { proxy, world, seconds: options.seconds }) : Promise.resolve()
    const endsAt = performance.now() + options.seconds * 1_000
    let killAt = performance.now() + options.killEverySeconds * 500
    while (performance.now() < endsAt) {
      await driver.act(options.sites)
      if (performance.now() > killAt) {
        await crew.kill()
        killAt += options.killEverySeconds * 1_000 * (0.5 + random.next())
      }
      await pause((1_000 / options.pace) * (0.5 + random.next()))
    }
    await trouble
    proxy.weather = calm
    await crew.alive()
    const wrong = await settled(driver)
    await pause(2_000)
    const since = new Date()
    await pause(4_000)
    const writes = (await world.asked({ user, verbs: ["create", "update", "patch", "delete"] })).filter(
      ({ code, resource }) => code < 300 && !["events", "leases", "customresourcedefinitions"].includes(resource),
    )
    return {
      edits: driver.edits,
      needed: driver.needed,
      writes: writes.length,
      played: { ...proxy.played, kill: crew.kills },
      wrong,
      restless: await world.writes(user, since),
    }
  } finally {
    await crew[Symbol.asyncDispose]()
  }
}

/** Waits until the garbage collector knows the new kind, which takes it up to a minute: what it does late is not ork's. */
async function collected(world: World): Promise<void> {
  const metadata = { name: "first", namespace: "default" }
  const spec = { title: "first", list: [], far: false }
  await world.create(sites, { apiVersion: "storm.example.io/v1", kind: "Site", metadata, spec })
  const page = () => world.get("configmaps", "default", "first-page")
  await until("the first page", page)
  await world.delete(sites, "default", "first")
  await until("the garbage collector has taken it", async () => (await page()) === undefined, 120_000)
}

async function upstream(cluster: TestCluster): Promise<Upstream> {
  const config = JSON.parse(readFileSync(await cluster.identity(user), "utf8"))
  const text = (base64: string) => Buffer.from(base64, "base64").toString()
  const { cluster: server } = config.clusters[0]
  const { user: me } = config.users[0]
  return {
    server: server.server,
    tls: {
      ca: text(server["certificate-authority-data"]),
      cert: text(me["client-certificate-data"]),
      key: text(me["client-key-data"]),
    },
  }
}

/** The running ork, which is killed and started again. */
class Crew implements AsyncDisposable {
  kills = 0
  readonly #proxy: FaultProxy
  #ork: Ork

  constructor(proxy: FaultProxy) {
    this.#proxy = proxy
    this.#ork = this.#start()
  }

  async line(message: string): Promise<void> {
    await this.#ork.line({ message }, { timeoutMs: 60_000 })
  }

  async kill(): Promise<void> {
    this.kills++
    await this.#ork.stop("SIGKILL")
    await this.#ork[Symbol.asyncDispose]()
    this.#ork = this.#start()
  }

  /** Fails when ork has ended by itself. */
  async alive(): Promise<void> {
    if (!this.#ork.isRunning) throw new Error(`ork ended in the storm:\n${this.#ork.tail()}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ork[Symbol.asyncDispose]()
  }

  #start(): Ork {
    return Ork.start({ katalog: join(import.meta.dir, "katalog"), kubeconfig: this.#proxy.kubeconfig })
  }
}

async function heavy(
  cluster: TestCluster,
  { proxy, world, seconds }: { readonly proxy: FaultProxy; readonly world: World; readonly seconds: number },
): Promise<void> {
  const part = (seconds * 1_000) / 10
  await pause(part)
  await cluster.restartApiServer()
  await pause(part * 2)
  await cluster.compact((await world.list("namespaces"))[0]?.metadata.resourceVersion ?? "1")
  await proxy.halfOpen(Math.min(90_000, part * 5))
}

/** Who edits; it knows what should exist. */
class Driver {
  edits = 0
  needed = 0
  readonly #world: World
  readonly #random: Random
  readonly #specs = new Map<string, Spec>()

  constructor(world: World, random: Random) {
    this.#world = world
    this.#random = random
  }

  /** One thing that somebody does; the API server itself may be away, then it is done again. */
  async act(count: number): Promise<void> {
    const name = `site-${Math.floor(this.#random.next() * count)}`
    const roll = this.#random.next()
    const spec = this.#specs.get(name)
    const next = this.#spec()
    await until(
      "an edit is taken",
      async () => {
        if (!spec) await this.#create(name, next)
        else if (roll < 0.6) await this.#edit(name, spec, next)
        else if (roll < 0.7) await this.#remove(name, spec)
        else if (roll < 0.85) await this.#drift(name)
        else await this.#loss(name)
        return true
      },
      200_000,
    )
    this.edits++
  }

  /** What is not as it should be now. */
  async wrong(): Promise<readonly string[]> {
    const live = new Map((await this.#world.list(sites, "default")).map((site) => [site.metadata.name ?? "", site]))
    const extra = [...live.keys()].filter((name) => !this.#specs.has(name)).map((name) => `${name} still exists`)
    const found = await Promise.all(
      [...this.#specs].map(([name, spec]) => wrongOf(live.get(name), { name, spec, world: this.#world })),
    )
    return [...extra, ...found.flat(), ...(await this.#orphans([...live.values()]))]
  }

  async #orphans(live: readonly Live[]): Promise<readonly string[]> {
    const uids = new Set(live.map(({ metadata }) => metadata.uid))
    const label = "orkestra.orkspace.io/owner-uid"
    const all = await Promise.all(
      ["configmaps", "secrets"].map((resource) => this.#world.list(resource, undefined, label)),
    )
    return all
      .flat()
      .filter(({ metadata }) => !uids.has(metadata.labels?.[label] ?? ""))
      .map(({ metadata }) => `orphan ${JSON.stringify(metadata)}`)
  }

  #spec(): Spec {
    const of = <T>(all: readonly T[]) => all.filter(() => this.#random.next() < 0.5)
    return {
      title: `t${Math.floor(this.#random.next() * 1_000)}`,
      list: of(["p", "q", "r"]),
      far: this.#random.next() < 0.3,
    }
  }

  async #create(name: string, spec: Spec): Promise<void> {
    // A site that is still going is another life of the same name.
    // With its connections half open ork sees nothing of its end, for as long as that lasts.
    await until("the former life is over", async () => !(await this.#world.get(sites, "default", name)), 180_000)
    const metadata = { name, namespace: "default" }
    await this.#world.create(sites, { apiVersion: "storm.example.io/v1", kind: "Site", metadata, spec })
    this.#specs.set(name, spec)
    // The children, the Secret and its record on the CR, the finalizer that the far child needs, the status.
    this.needed += childrenOf(name, spec).length + 3 + (spec.far ? 1 : 0)
  }

  async #edit(name: string, before: Spec, next: Spec): Promise<void> {
    await this.#world.patch({ resource: sites, namespace: "default", name }, { spec: next })
    this.#specs.set(name, next)
    const all = new Set([...childrenOf(name, before), ...childrenOf(name, next)])
    this.needed += all.size + 1 + (before.far === next.far ? 0 : 1)
  }

  async #remove(name: string, spec: Spec): Promise<void> {
    await this.#world.delete(sites, "default", name)
    this.#specs.delete(name)
    // Far children and the finalizer are ork's; the garbage collector has the others.
    this.needed += spec.far ? 2 : 0
  }

  async #drift(name: string): Promise<void> {
    const target = { resource: "configmaps", namespace: "default", name: `${name}-page` }
    if (await this.#world.get(target.resource, target.namespace, target.name)) {
      await this.#world.patch(target, { data: { title: "drift" } }).catch(() => undefined) // gone meanwhile
      this.needed += 1
    }
  }

  async #loss(name: string): Promise<void> {
    await this.#world.delete("configmaps", "default", `${name}-page`)
    this.needed += 1
  }
}

function childrenOf(name: string, { list, far }: Spec): readonly string[] {
  const near = ["page", ...list].map((part) => `default/${name}-${part}`)
  return far ? [...near, `far/${name}-far`] : near
}

async function wrongOf(
  live: Live | undefined,
  { name, spec, world }: { readonly name: string; readonly spec: Spec; readonly world: World },
): Promise<readonly string[]> {
  if (live === undefined) return [`${name} does not exist`]
  const children = await world.children("configmaps", live)
  const found = children.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort()
  const wanted = [...childrenOf(name, spec)].sort()
  const wrong: string[] = []
  if (found.join() !== wanted.join()) wrong.push(`${name}: has ${found.join()}, not ${wanted.join()}`)
  const titles = children
    .filter(({ metadata }) => metadata.namespace === "default")
    .map((child) => child["data"]?.title)
  if (titles.some((title) => title !== spec.title)) wrong.push(`${name}: titles ${titles.join()}, not ${spec.title}`)
  if (live["status"]?.title !== spec.title)
    wrong.push(`${name}: status.title ${live["status"]?.title}, not ${spec.title}`)
  const secrets = await world.children("secrets", live)
  if (secrets.length !== 1) wrong.push(`${name}: has ${secrets.length} Secrets`)
  const { finalizers = [] } = live.metadata
  if (finalizers.length !== (spec.far ? 1 : 0)) wrong.push(`${name}: finalizers ${finalizers.join()}`)
  return wrong
}

/** Waits until nothing is wrong; after the time, tells what still is. */
async function settled(driver: Driver): Promise<readonly string[]> {
  let wrong: readonly string[] = []
  const isRight = async () => {
    wrong = await driver.wrong()
    return wrong.length === 0
  }
  await until("everything is as declared", isRight, 90_000).catch(() => undefined) // what is wrong is the answer
  return wrong
}
