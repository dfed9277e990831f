/**
 * 1,000 CRs, each with a ConfigMap, a headless Service and a status: `ork run` beside a bare loop that sends the same
 * writes, in one run, on one API server. Then the same ork at rest, under drift, under many changes, restarted, and with
 * a steady stream of new CRs.
 * Prints times, ratios, and what the audit log counted, and writes them to results.json.
 */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { inParallel, ms, OrkError } from "../../src/base/mod.ts"
import {
  conditionOf,
  getPath,
  type KubeObject,
  keyOf,
  type ObjectKey,
  objectKey,
  type ResourceInfo,
} from "../../src/kube/mod.ts"
import { type Client, connect, loadKubeconfig } from "../../src/runtime/mod.ts"
import { systemClock, systemFiles, systemRandom } from "../../src/system.ts"
import { TestCluster } from "../support/cluster.ts"

const count = Number(Bun.env["ORK_BENCH_COUNT"] ?? 1_000)
const parallel = 8
const root = join(import.meta.dir, "../..")
const katalog = join(import.meta.dir, "katalogs/thousand")
const crdFile = join(katalog, "item-crd.yaml")

const item: ResourceInfo = resource("bench.example.io", "Item", "items")
const configMap = resource("", "ConfigMap", "configmaps")
const service = resource("", "Service", "services")

function resource(group: string, kind: string, plural: string): ResourceInfo {
  const gvk = { group, version: "v1", kind }
  const gvr = { group, version: "v1", resource: plural }
  return { gvk, gvr, namespaced: true, singular: "", shortNames: [], verbs: [], subresources: ["status"] }
}

async function clientOf(kubeconfig: string): Promise<Client> {
  const deps = { files: systemFiles, clock: systemClock, random: systemRandom }
  const endpoint = await loadKubeconfig(deps, { path: kubeconfig, env: {}, home: undefined })
  return connect(endpoint, deps, { version: "bench" }).client
}

function itemOf(namespace: string, index: number): KubeObject {
  const metadata = { name: nameOf(index), namespace }
  return { apiVersion: "bench.example.io/v1", kind: "Item", metadata, spec: { size: "small" } }
}

/** Brings server and connections to speed, so that whoever comes first has no disadvantage. */
async function warmUp(client: Client): Promise<void> {
  await inParallel(range().slice(0, 300), parallel, async (index) => {
    const metadata = { name: `warm-${index}`, namespace: "bare" }
    await client.create(configMap, { apiVersion: "v1", kind: "ConfigMap", metadata })
  })
}

/** The same four writes for each CR that ork needs: the CR itself, two children, one status. */
async function bareLoop(client: Client): Promise<number> {
  const started = performance.now()
  await inParallel(range(), parallel, async (index) => {
    await makeBare(client, await client.create(item, itemOf("bare", index)))
  })
  return performance.now() - started
}

async function makeBare(client: Client, cr: KubeObject): Promise<void> {
  await Promise.all(
    childrenOf(cr).map(([kind, child]) => client.apply(kind, child, { fieldManager: "bare", force: true })),
  )
  await client.patch(item, keyOf(cr), { type: "merge", body: { status: statusOf(cr) } }, { subresource: "status" })
}

function range(): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1)
}

/** As ork makes them: the same labels, annotations and owner reference, so that the server has the same work. */
function childrenOf(cr: KubeObject): readonly (readonly [ResourceInfo, KubeObject])[] {
  const { name = "", namespace = "", uid = "" } = cr.metadata
  const owner = { apiVersion: cr.apiVersion, kind: cr.kind, name, uid, controller: true, blockOwnerDeletion: true }
  const metadata = {
    name,
    namespace,
    resourceVersion: "1",
    labels: { "managed-by": "bare", "orkestra-owner": name, "orkestra.orkspace.io/owner-uid": uid },
    annotations: {
      "orkestra.orkspace.io/owner": `bench.example.io/Item/${namespace}/${name}`,
      "orkestra.orkspace.io/entry": "onReconcile.configMaps[0]",
      "orkestra.orkspace.io/lifecycle": "managed",
      "orkestra.orkspace.io/applied": "0123456789a",
    },
    ownerReferences: [owner],
  }
  const spec = {
    type: "ClusterIP",
    clusterIP: "None",
    selector: { item: name },
    ports: [{ port: 80, targetPort: 80, protocol: "TCP" }],
  }
  return [
    [configMap, { apiVersion: "v1", kind: "ConfigMap", metadata, data: { size: "small" } }],
    [service, { apiVersion: "v1", kind: "Service", metadata, spec }],
  ]
}

function statusOf(cr: KubeObject): unknown {
  const condition = (type: string, status: string) => {
    return {
      type,
      status,
      reason: "ReconcileSucceeded",
      message: "",
      lastTransitionTime: "2026-01-01T00:00:00Z",
      observedGeneration: 1,
    }
  }
  return {
    observedGeneration: 1,
    address: `${cr.metadata.name}.${cr.metadata.namespace}.svc`,
    conditions: [condition("Ready", "True"), condition("Reconciling", "False"), condition("Stalled", "False")],
  }
}

/** Milliseconds from the first create to the last Ready=True, seen by a watch. */
async function orkRun(client: Client): Promise<number> {
  const ready = await watchReady(client, "ork", count)
  const started = performance.now()
  await inParallel(range(), parallel, async (index) => {
    await client.create(item, itemOf("ork", index))
  })
  await ready.all
  return performance.now() - started
}

/** When each CR was first seen to be Ready, from now on, until so many are. */
async function watchReady(client: Client, namespace: string, wanted: number) {
  const { items, resourceVersion } = await client.list(item, { namespace })
  const before = new Set(items.map(keyOf))
  const seenAt = new Map<ObjectKey, number>()
  const stop = new AbortController()
  const follow = async () => {
    for await (const event of client.watch(item, { namespace, resourceVersion, signal: stop.signal })) {
      if (event.type === "BOOKMARK") continue
      const key = keyOf(event.object)
      const isReady = conditionOf(event.object["status"], "Ready")?.status === "True"
      if (isReady && !before.has(key) && !seenAt.has(key)) seenAt.set(key, performance.now())
      if (seenAt.size === wanted) return
    }
    throw new Error(`the watch ended after ${seenAt.size} of ${wanted}`)
  }
  return { seenAt, all: follow() }
}

const paced = { everyMs: 50, warmUp: 100, times: 400 }

/** 20 CRs a second: milliseconds from sending a create until a watch shows it Ready; sorted, without the first ones. */
async function pacedTimes(client: Client, namespace: string, then?: (cr: KubeObject) => Promise<void>) {
  const total = paced.warmUp + paced.times
  const ready = await watchReady(client, namespace, total)
  const sentAt = new Map<ObjectKey, number>()
  const started = performance.now()
  const made: Promise<void>[] = []
  for (let i = 0; i < total; i++) {
    await systemClock.sleep(ms(Math.max(0, started + i * paced.everyMs - performance.now())))
    const cr = itemOf(namespace, count + 1 + i)
    sentAt.set(keyOf(cr), performance.now())
    made.push(client.create(item, cr).then((created) => then?.(created)))
  }
  await Promise.all(made)
  await ready.all
  const times = [...sentAt].slice(paced.warmUp).map(([key, at]) => (ready.seenAt.get(key) ?? Number.NaN) - at)
  return times.sort((a, b) => a - b)
}

interface Running {
  readonly child: Bun.Subprocess<"ignore", "ignore", "pipe">
  readonly startedAt: number
}

const binary = join(root, "dist/ork")
const program = existsSync(binary) ? [binary] : [process.execPath, "run", join(root, "src/main.ts")]

/** Resolves once the operator has started. */
async function startOrk(kubeconfig: string): Promise<Running> {
  const args = ["run", "-f", katalog, "--kubeconfig", kubeconfig, "--port", "0", "--log-format", "json"]
  const startedAt = performance.now()
  const child = Bun.spawn([...program, ...args], { stdin: "ignore", stdout: "ignore", stderr: "pipe" })
  const lines = child.stderr.pipeThrough(new TextDecoderStream()).getReader()
  for (let text = ""; !text.includes('"operator started"'); ) {
    const { value, done } = await lines.read()
    if (done) throw new Error(`ork ended: ${text}`)
    text += value
  }
  void drain(lines)
  return { child, startedAt }
}

async function drain(lines: { read(): Promise<{ readonly done: boolean }> }): Promise<void> {
  while (!(await lines.read()).done);
}

/** The most memory that it has had, in MiB. */
async function stopOrk({ child }: Running): Promise<number> {
  child.kill("SIGINT")
  await child.exited
  return (child.resourceUsage()?.maxRSS ?? 0) / 2 ** 20
}

/** CPU seconds of a running process so far; only where there is /proc. */
function cpuOf({ child }: Running): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}

function residentMiB({ child }: Running): number {
  const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1]
  return Number(kib) / 1024
}

const nameOf = (index: number) => `item-${String(index).padStart(4, "0")}`
const keyAt = (index: number) => objectKey("ork", nameOf(index))

/** Milliseconds from a foreign write on a child until it is taken back, seen by a watch; sorted. */
async function driftTimes(client: Client, times: number): Promise<readonly number[]> {
  const { resourceVersion } = await client.list(configMap, { namespace: "ork" })
  const stop = new AbortController()
  const waiting = new Map<string, () => void>()
  const watching = (async () => {
    for await (const event of client.watch(configMap, { namespace: "ork", resourceVersion, signal: stop.signal })) {
      if (event.type !== "MODIFIED") continue
      if (getPath(event.object["data"], ["size"]) === "small") waiting.get(keyOf(event.object))?.()
    }
  })().catch(() => undefined) // it ends when it is stopped
  const found: number[] = []
  for (let i = 1; i <= times; i++) {
    const key = keyAt(i)
    const repaired = new Promise<void>((resolve) => waiting.set(key, resolve))
    const at = performance.now()
    await client.patch(configMap, key, { type: "merge", body: { data: { size: "drift" } } }, { fieldManager: "rival" })
    await repaired
    found.push(performance.now() - at)
  }
  stop.abort(new OrkError("net/closed", "done"))
  await watching
  return found.sort((a, b) => a - b)
}

/** 1,000 changes of 100 CRs as fast as possible: how long they took, and then until the cluster showed them all. */
async function manyChanges(client: Client) {
  const started = performance.now()
  const sizes = new Map<ObjectKey, string>()
  const changes = Array.from({ length: 1_000 }, (_, index) => index)
  await inParallel(changes, parallel, async (index) => {
    const key = keyAt((index % 100) + 1)
    const size = `s${index}`
    const body = { spec: { size } }
    const { metadata } = await client.patch(item, key, { type: "merge", body }, {})
    // The newest version wins, whichever answer comes last.
    if (Number(metadata.resourceVersion) > Number(versions.get(key) ?? 0)) {
      versions.set(key, metadata.resourceVersion ?? "0")
      sizes.set(key, size)
    }
  })
  const at = performance.now()
  for (const [key, size] of sizes) {
    while (getPath((await client.get(configMap, key))?.["data"], ["size"]) !== size) await systemClock.sleep(ms(5))
  }
  return { tookMs: Math.round(at - started), settledMs: Math.round(performance.now() - at) }
}

const versions = new Map<ObjectKey, string>()

/** What ork asked since `since`, without Events and Leases. */
async function askedBy(cluster: TestCluster, since: Date) {
  await systemClock.sleep(ms(500)) // an entry is written just after its answer
  const calls = (await cluster.audit({ user: "ork", since })).filter(
    ({ resource }) => resource !== "events" && resource !== "leases",
  )
  const writes = calls.filter(({ verb }) => ["create", "update", "patch", "delete"].includes(verb))
  const reads = calls.filter(({ verb }) => verb === "get" || verb === "list")
  const conflicts = writes.filter(({ code }) => code === 409 || code === 422)
  return { writes: writes.length, reads: reads.length, conflicts: conflicts.length }
}

const seconds = (value: number) => Number((value / 1_000).toFixed(2))
const at = (sorted: readonly number[], share: number) => Math.round(sorted[Math.floor(sorted.length * share)] ?? 0)

const spread = (sorted: readonly number[]) => ({ p50: at(sorted, 0.5), p99: at(sorted, 0.99) })

/** What an ork with nothing to do asks, and the share of a CPU that it takes. */
async function atRest(cluster: TestCluster, ork: Running, duration: string) {
  const since = new Date()
  const before = cpuOf(ork)
  await systemClock.sleep(ms(duration))
  const cpuShare = Number(((cpuOf(ork) - before) / (ms(duration) / 1_000)).toFixed(4))
  return { ...(await askedBy(cluster, since)), cpuShare }
}

async function main(): Promise<void> {
  await using cluster = await TestCluster.start({ audit: true })
  for (const namespace of ["bare", "ork"]) await cluster.kubectl("create", "namespace", namespace)
  await cluster.kubectl("apply", "-f", crdFile)
  await cluster.kubectl("wait", "--for=condition=Established", "crd/items.bench.example.io")
  const client = await clientOf(await cluster.identity("bench"))
  await warmUp(client)
  const kubeconfig = await cluster.identity("ork")
  const ork = await startOrk(kubeconfig)
  let since = new Date()
  const orkMs = await orkRun(client)
  const created = await askedBy(cluster, since)
  const createCpuS = cpuOf(ork)
  const rssMiB = residentMiB(ork)
  const idle20s = await atRest(cluster, ork, "20s")
  await systemClock.sleep(ms("40s"))
  const idleAfter60s = await atRest(cluster, ork, "30s")
  const drift = await driftTimes(client, 100)
  since = new Date()
  const changes = await manyChanges(client)
  const changed = await askedBy(cluster, since)
  const peakMiB = await stopOrk(ork)
  await client.patch(item, keyAt(1), { type: "merge", body: { spec: { size: "while-away" } } })
  since = new Date()
  const again = await startOrk(kubeconfig)
  while (getPath((await client.get(configMap, keyAt(1)))?.["data"], ["size"]) !== "while-away") {
    await systemClock.sleep(ms(5))
  }
  const restartMs = performance.now() - again.startedAt
  const restarted = await askedBy(cluster, since)
  const restartCpuS = cpuOf(again)
  since = new Date()
  const orkPaced = await pacedTimes(client, "ork")
  const pacedAsked = await askedBy(cluster, since)
  await stopOrk(again)
  const bareMs = await bareLoop(client)
  const barePaced = await pacedTimes(client, "bare", (cr) => makeBare(client, cr))
  const results = {
    crs: count,
    program: program[0] === binary ? "dist/ork" : "src/main.ts",
    bareLoopS: seconds(bareMs),
    orkS: seconds(orkMs),
    ratio: Number((bareMs / orkMs).toFixed(2)),
    createCpuS,
    writesPerCr: created.writes / count,
    readsPerCr: created.reads / count,
    conflicts: created.conflicts,
    idle20s,
    idleAfter60s,
    driftMs: spread(drift),
    changes1000Of100: { ...changed, ...changes },
    restart: { ...restarted, ms: Math.round(restartMs), cpuS: restartCpuS },
    readyMs20PerSecond: { ...spread(orkPaced), bare: spread(barePaced), conflicts: pacedAsked.conflicts },
    rssMiB: Math.round(rssMiB),
    peakMiB: Math.round(peakMiB),
  }
  show(results)
  await Bun.write(join(import.meta.dir, "results.json"), `${JSON.stringify(results, null, 2)}\n`)
}

type Results = Readonly<Record<string, unknown>>

/** One line per figure, with its goal where there is one. */
function show(results: Results): void {
  const goals: Readonly<Record<string, string>> = {
    ratio: "of the bare loop's speed, goal 0.9, floor 0.8",
    createCpuS: "goal 1.5, start included",
    writesPerCr: "goal 3",
    readsPerCr: "goal 0",
    conflicts: "goal 0",
    idleAfter60s: "goal 0 writes, 0 reads, 0.001",
    driftMs: "goal 7 and 15",
    changes1000Of100: "goal at most 400 writes, 0 conflicts, 1000 ms",
    restart: "goal 3 writes, 500 ms, 0.5 s CPU",
    readyMs20PerSecond: "goal 17 and 30, 0 conflicts",
    rssMiB: "goal 75",
  }
  for (const [name, value] of Object.entries(results)) {
    const goal = goals[name]
    console.log(`  ${name.padEnd(18)} ${JSON.stringify(value)}${goal === undefined ? "" : `   (${goal})`}`)
  }
}

await main()
