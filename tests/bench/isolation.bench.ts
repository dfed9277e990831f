/**
 * What the trouble of one operator costs another: from the create of a custom resource until it is Ready, while each kind
 * of trouble is at rest and while it goes on, in turns, on one API server. Prints both and their ratio, and writes them to
 * isolation.json. `ORK_FAULTS=heavy,loops` runs some only.
 */
import { join } from "node:path"
import { inParallel, ms, OrkError } from "../../src/base/mod.ts"
import { conditionOf, type KubeObject, keyOf, type ObjectKey, type ResourceInfo } from "../../src/kube/mod.ts"
import { type Client, connect, loadKubeconfig } from "../../src/runtime/mod.ts"
import { systemClock, systemFiles, systemRandom } from "../../src/system.ts"
import { TestCluster } from "../support/cluster.ts"
import { Ork } from "../support/ork.ts"

const group = "isolation.example.io"
const katalog = join(import.meta.dir, "katalogs/isolation")
const perSecond = 20
const sampleCount = 30
const rounds = 6
const heavyCount = 2_000

const pause = (length: number) => systemClock.sleep(ms(length))

function resource(apiGroup: string, kind: string, plural: string, namespaced = true): ResourceInfo {
  const version = "v1"
  const gvr = { group: apiGroup, version, resource: plural }
  const more = { singular: "", shortNames: [], verbs: [], subresources: ["status"] }
  return { gvk: { group: apiGroup, version, kind }, gvr, namespaced, ...more }
}

const well = resource(group, "Well", "wells")
const brief = resource(group, "Brief", "briefs")
const trouble = resource(group, "Trouble", "troubles")
const configMap = resource("", "ConfigMap", "configmaps")
const crds = resource("apiextensions.k8s.io", "CustomResourceDefinition", "customresourcedefinitions", false)

const cr = (of: ResourceInfo, namespace: string, name: string, spec: unknown): KubeObject => ({
  apiVersion: `${group}/v1`,
  kind: of.gvk.kind,
  metadata: { name, namespace },
  spec,
})

/** Trouble: what is there while it lasts, and what somebody does again and again. */
interface Fault {
  readonly name: string
  /** Custom resources that have it. */
  readonly count: number
  readonly spec: Readonly<Record<string, unknown>>
  /** Pause between two things that somebody does; default: an edit of the next custom resource. */
  readonly everyMs: number
  readonly act?: (client: Client, turn: number) => Promise<unknown>
}

const plain = (fault: string, more: Readonly<Record<string, unknown>> = {}) => ({
  name: fault,
  count: 20,
  spec: { fault, ...more },
  everyMs: 100,
})

const bell = (client: Client, turn: number) =>
  client.apply(
    configMap,
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "bell", namespace: "trouble" },
      data: { turn: `${turn}` },
    },
    { fieldManager: "bench", force: true },
  )

/** The CRD goes with all of its objects, and comes back. */
async function vanish(client: Client): Promise<void> {
  const definition = await client.get(crds, keyOf({ metadata: { name: `briefs.${group}` } } as KubeObject)) // a key of its name
  if (!definition) return
  await client.delete(crds, keyOf(definition))
  await pause(1_000)
  const { name } = definition.metadata
  const { apiVersion, kind, spec } = Object(definition)
  await client.apply(
    crds,
    { apiVersion, kind, metadata: { name: name ?? "" }, spec },
    { fieldManager: "bench", force: true },
  )
  await pause(500)
  await client.create(brief, cr(brief, "trouble", `brief-${performance.now().toFixed(0)}`, {})).catch(() => undefined) // not served yet
}

const faults: readonly Fault[] = [
  // What the measurement itself differs by.
  { ...plain("nothing"), count: 0, everyMs: 60_000, act: async () => undefined },
  plain("throws"),
  plain("endless"),
  // Few and slow: an edit of a large object costs the API server 80 ms.
  { ...plain("elements", { list: Array.from({ length: 10_000 }, (_, index) => `e${index}`) }), count: 3, everyMs: 500 },
  plain("denied"),
  plain("away"),
  { ...plain("loops"), everyMs: 50 },
  { ...plain("large", { text: "x".repeat(1_400_000) }), count: 3, everyMs: 500 },
  { ...plain("vanished"), count: 0, everyMs: 200, act: vanish },
  // Pure computing: all of them are looked at again, and nothing is written.
  { ...plain("heavy"), count: heavyCount, everyMs: 1_000, act: bell },
]

async function clientOf(kubeconfig: string): Promise<Client> {
  const deps = { files: systemFiles, clock: systemClock, random: systemRandom }
  const endpoint = await loadKubeconfig(deps, { path: kubeconfig, env: {}, home: undefined })
  return connect(endpoint, deps, { version: "bench", timeoutMs: ms("3m") }).client
}

/** Creates custom resources at a steady pace, and tells how long each took to be Ready, in milliseconds. */
async function latencies(client: Client, prefix: string): Promise<readonly number[]> {
  const { resourceVersion } = await client.list(well, { namespace: "well" })
  const stop = new AbortController()
  const createdAt = new Map<ObjectKey, number>()
  const found: number[] = []
  const all = Promise.withResolvers<void>()
  const watching = (async () => {
    for await (const event of client.watch(well, { namespace: "well", resourceVersion, signal: stop.signal })) {
      if (event.type === "BOOKMARK" || conditionOf(event.object["status"], "Ready")?.status !== "True") continue
      const at = createdAt.get(keyOf(event.object))
      if (at === undefined) continue
      createdAt.delete(keyOf(event.object))
      found.push(performance.now() - at)
      if (found.length === sampleCount) all.resolve()
    }
  })().catch(() => undefined) // it ends when it is stopped
  const startedAt = performance.now()
  for (let i = 0; i < sampleCount; i++) {
    const object = cr(well, "well", `${prefix}-${i}`, { size: "small" })
    createdAt.set(keyOf(object), performance.now())
    await client.create(well, object)
    await pause(Math.max(0, startedAt + ((i + 1) * 1_000) / perSecond - performance.now()))
  }
  const late = () => all.reject(new Error(`only ${found.length} of ${sampleCount} became Ready: ${prefix}`))
  const timer = systemClock.sleep(ms("60s"), stop.signal).then(late, () => undefined) // stopped: all were Ready
  await all.promise
  stop.abort(new OrkError("net/closed", "done"))
  await Promise.all([watching, timer])
  return found
}

interface Pair {
  readonly without: readonly number[]
  readonly beside: readonly number[]
}

/** Rounds of a moment without and a moment beside the trouble, so that what else the machine does is in both. */
async function measure(client: Client, fault: Fault): Promise<Pair> {
  const names = Array.from({ length: fault.count }, (_, index) => `${fault.name}-${index}`)
  await inParallel(names, 4, async (name) => {
    await client.create(trouble, cr(trouble, "trouble", name, fault.spec))
  })
  await pause(fault.count > 100 ? 15_000 : 2_000)
  const without: number[] = []
  const beside: number[] = []
  for (let round = 0; round < rounds; round++) {
    without.push(...(await latencies(client, `${fault.name}-without-${round}`)))
    const over = new AbortController()
    const troubled = disturb(client, fault, { names, over: over.signal })
    await pause(300)
    beside.push(...(await latencies(client, `${fault.name}-beside-${round}`)))
    over.abort()
    await troubled
    await pause(700)
  }
  await client.deleteCollection(trouble, { namespace: "trouble" })
  await pause(fault.count > 100 ? 10_000 : 1_000)
  return { without: without.sort((a, b) => a - b), beside: beside.sort((a, b) => a - b) }
}

async function disturb(
  client: Client,
  fault: Fault,
  { names, over }: { readonly names: readonly string[]; readonly over: AbortSignal },
): Promise<void> {
  for (let turn = 0; !over.aborted; turn++) {
    const name = names[turn % Math.max(1, names.length)] ?? ""
    const edit = () =>
      client.patch(trouble, keyOf(cr(trouble, "trouble", name, {})), {
        type: "merge",
        body: { spec: { n: `${turn}` } },
      })
    await (fault.act ? fault.act(client, turn) : edit())
    await systemClock.sleep(ms(fault.everyMs), over).catch(() => undefined) // only `over` ends it early
  }
}

/** ork as a user that may do everything but touch Secrets. */
async function allowAllButSecrets(cluster: TestCluster): Promise<string> {
  const rules = [
    {
      apiGroups: [group, "events.k8s.io", "apiextensions.k8s.io", "admissionregistration.k8s.io"],
      resources: ["*"],
      verbs: ["*"],
    },
    { apiGroups: [""], resources: ["configmaps", "events", "namespaces"], verbs: ["*"] },
    { nonResourceURLs: ["*"], verbs: ["get"] },
  ]
  const version = "rbac.authorization.k8s.io/v1"
  const role = { apiVersion: version, kind: "ClusterRole", metadata: { name: "ork" }, rules }
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "ork" }
  const subjects = [{ apiGroup: roleRef.apiGroup, kind: "User", name: "ork" }]
  const binding = { apiVersion: version, kind: "ClusterRoleBinding", metadata: { name: "ork" }, roleRef, subjects }
  const list = { apiVersion: "v1", kind: "List", items: [role, binding] }
  await cluster.kubectlWith({ stdin: JSON.stringify(list) }, "apply", "-f", "-")
  return await cluster.identity("ork", { groups: [] })
}

const at = (sorted: readonly number[], share: number) => sorted[Math.floor(sorted.length * share)] ?? 0
const round = (value: number) => Number(value.toFixed(2))

async function main(): Promise<void> {
  const wanted = Bun.env["ORK_FAULTS"]?.split(",")
  await using cluster = await TestCluster.start()
  for (const namespace of ["well", "trouble"]) await cluster.kubectl("create", "namespace", namespace)
  const client = await clientOf(await cluster.identity("bench"))
  await using ork = Ork.start({ katalog, kubeconfig: await allowAllButSecrets(cluster) })
  await ork.line({ message: "operator started", operator: "well" }, { timeoutMs: 60_000 })
  await latencies(client, "warm")
  const results: Record<string, unknown> = {}
  for (const fault of faults.filter(({ name }) => wanted?.includes(name) ?? true)) {
    const { without, beside } = await measure(client, fault)
    const figures = (sorted: readonly number[]) => ({ p50: round(at(sorted, 0.5)), p99: round(at(sorted, 0.99)) })
    const ratio = { p50: round(at(beside, 0.5) / at(without, 0.5)), p99: round(at(beside, 0.99) / at(without, 0.99)) }
    results[fault.name] = { without: figures(without), beside: figures(beside), ratio }
    console.log(`  ${fault.name.padEnd(10)} ${JSON.stringify(results[fault.name])}`)
  }
  if (!wanted) await Bun.write(join(import.meta.dir, "isolation.json"), `${JSON.stringify(results, null, 2)}\n`)
}

await main()
