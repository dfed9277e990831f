/**
 * 1,000 CRs, each with a ConfigMap, a headless Service and a status: `ork run` beside a bare loop that sends the same
 * writes, in one run, on one API server. Prints times, their ratio, and what the audit log counted.
 */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { inParallel, ms, OrkError } from "../../src/base/mod.ts"
import { conditionOf, type KubeObject, keyOf, type ResourceInfo } from "../../src/kube/mod.ts"
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
  const metadata = { name: `item-${String(index).padStart(4, "0")}`, namespace }
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
    const cr = await client.create(item, itemOf("bare", index))
    await Promise.all(
      childrenOf(cr).map(([kind, child]) => client.apply(kind, child, { fieldManager: "bare", force: true })),
    )
    await client.patch(item, keyOf(cr), { type: "merge", body: { status: statusOf(cr) } }, { subresource: "status" })
  })
  return performance.now() - started
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
  const seen = new Set<string>()
  const watching = new AbortController()
  const allReady = watchReady(client, seen, watching.signal)
  const started = performance.now()
  await inParallel(range(), parallel, async (index) => {
    await client.create(item, itemOf("ork", index))
  })
  await allReady
  watching.abort(new OrkError("net/closed", "done"))
  return performance.now() - started
}

async function watchReady(client: Client, seen: Set<string>, signal: AbortSignal): Promise<void> {
  const { resourceVersion } = await client.list(item, { namespace: "ork" })
  for await (const event of client.watch(item, { namespace: "ork", resourceVersion, signal })) {
    if (event.type === "BOOKMARK") continue
    if (conditionOf(event.object["status"], "Ready")?.status === "True") seen.add(keyOf(event.object))
    if (seen.size === count) return
  }
  throw new Error(`the watch ended after ${seen.size} of ${count}`)
}

async function startOrk(kubeconfig: string) {
  const binary = join(root, "dist/ork")
  const program = existsSync(binary) ? [binary] : [process.execPath, "run", join(root, "src/main.ts")]
  const args = ["run", "-f", katalog, "--kubeconfig", kubeconfig, "--port", "0", "--log-format", "json"]
  const ork = Bun.spawn([...program, ...args], { stdout: "ignore", stderr: "pipe" })
  const lines = ork.stderr.pipeThrough(new TextDecoderStream()).getReader()
  for (let text = ""; !text.includes('"operator started"'); ) {
    const { value, done } = await lines.read()
    if (done) throw new Error(`ork ended: ${text}`)
    text += value
  }
  void drain(lines)
  return { ork, program: program[0] === binary ? "dist/ork" : "src/main.ts" }
}

async function drain(lines: { read(): Promise<{ readonly done: boolean }> }): Promise<void> {
  while (!(await lines.read()).done);
}

async function main(): Promise<void> {
  await using cluster = await TestCluster.start({ audit: true })
  for (const namespace of ["bare", "ork"]) await cluster.kubectl("create", "namespace", namespace)
  await cluster.kubectl("apply", "-f", crdFile)
  await cluster.kubectl("wait", "--for=condition=Established", "crd/items.bench.example.io")
  const client = await clientOf(await cluster.identity("bench"))
  await warmUp(client)
  const { ork, program } = await startOrk(await cluster.identity("ork"))
  const since = new Date()
  const orkMs = await orkRun(client)
  await systemClock.sleep(ms("1s"))
  ork.kill("SIGINT")
  await ork.exited
  const bareMs = await bareLoop(client)
  const usage = ork.resourceUsage()
  const calls = (await cluster.audit({ user: "ork", since })).filter(
    (e) => e.resource !== "events" && e.resource !== "leases",
  )
  const writes = calls.filter((call) => ["create", "update", "patch", "delete"].includes(call.verb))
  const reads = calls.filter((call) => call.verb === "get" || call.verb === "list")
  console.log(`${count} CRs (ConfigMap, headless Service, status), ${program}`)
  console.log(`  bare loop        ${(bareMs / 1_000).toFixed(2)} s`)
  console.log(
    `  ork              ${(orkMs / 1_000).toFixed(2)} s   ${(bareMs / orkMs).toFixed(2)} of the bare loop's speed (goal 0.70)`,
  )
  console.log(`  writes per CR    ${(writes.length / count).toFixed(3)} (goal 3)`)
  console.log(`  reads per CR     ${(reads.length / count).toFixed(3)} (goal 0)`)
  const kinds = Map.groupBy(
    writes,
    (call) => `${call.verb} ${call.resource}${call.subresource ? `/${call.subresource}` : ""} ${call.code}`,
  )
  for (const [kind, entries] of kinds) console.log(`    ${kind}  ${entries.length}`)
  const cpuS = Number(usage?.cpuTime.total ?? 0) / 1e6
  console.log(`  CPU of ork       ${cpuS.toFixed(1)} s; peak memory ${((usage?.maxRSS ?? 0) / 2 ** 20).toFixed(0)} MiB`)
}

await main()
