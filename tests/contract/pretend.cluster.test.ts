import { afterAll, beforeAll, expect, test } from "bun:test"
import { type Cluster, startCluster } from "../../src/apiserver/mod.ts"
import { silent } from "../../src/base/mod.ts"
import { isRecord, stableHash } from "../../src/kube/mod.ts"
import { systemClock, systemRandom } from "../../src/system.ts"
import { sendTo } from "../support/ask.ts"
import { TestCluster } from "../support/cluster.ts"
import { job, podTemplate, workload } from "../support/workloads.ts"
import type { Send } from "./apiserver/interaction.ts"

const apps = "/apis/apps/v1/namespaces/default"
const batch = "/apis/batch/v1/namespaces/default"

/** What is compared: everything that the controllers write, but where Pods are. */
const lists = [
  ...["deployments", "replicasets", "statefulsets", "daemonsets", "controllerrevisions"].map(
    (name) => `${apps}/${name}`,
  ),
  `${batch}/jobs`,
  "/apis/policy/v1/namespaces/default/poddisruptionbudgets",
  "/api/v1/namespaces/default/endpoints",
  "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices",
]

type Step = readonly [method: string, path: string, body: unknown]

function image(name: string, to: string): unknown {
  return { spec: { template: podTemplate(name, { image: to }) } }
}

/** One change after the other; after each, both clusters must come to the same. */
const steps: readonly (readonly [string, readonly Step[]])[] = [
  [
    "workloads come up",
    [
      ["POST", `${apps}/deployments`, workload("Deployment", "web", { replicas: 3 })],
      ["POST", `${apps}/statefulsets`, workload("StatefulSet", "db", { replicas: 2, serviceName: "db" })],
      ["POST", `${apps}/daemonsets`, workload("DaemonSet", "agent")],
      ["POST", `${batch}/jobs`, job("sum", { completions: 3, parallelism: 2 })],
      ["POST", `${batch}/jobs`, job("indexed", { completions: 2, parallelism: 2, completionMode: "Indexed" })],
      ["POST", `${batch}/jobs`, job("later", { suspend: true })],
      [
        "POST",
        "/api/v1/namespaces/default/services",
        { metadata: { name: "web" }, spec: { selector: { app: "web" }, ports: [{ port: 80 }] } },
      ],
      [
        "POST",
        "/apis/policy/v1/namespaces/default/poddisruptionbudgets",
        { metadata: { name: "web" }, spec: { minAvailable: 2, selector: { matchLabels: { app: "web" } } } },
      ],
    ],
  ],
  [
    "new templates roll out",
    [
      ["PATCH", `${apps}/deployments/web`, image("web", "nginx:2")],
      ["PATCH", `${apps}/statefulsets/db`, image("db", "pg:2")],
      ["PATCH", `${apps}/daemonsets/agent`, image("agent", "agent:2")],
    ],
  ],
  [
    "a former template comes back under a new revision",
    [["PATCH", `${apps}/deployments/web`, image("web", "nginx:1")]],
  ],
  [
    "everything is scaled",
    [
      ["PATCH", `${apps}/deployments/web`, { spec: { replicas: 5 } }],
      ["PATCH", `${apps}/statefulsets/db`, { spec: { replicas: 1 } }],
      ["PATCH", `${batch}/jobs/later`, { spec: { suspend: false } }],
    ],
  ],
  ["a Deployment is paused", [["PATCH", `${apps}/deployments/web`, { spec: { paused: true } }]]],
  ["nothing is left to run", [["PATCH", `${apps}/deployments/web`, { spec: { paused: false, replicas: 0 } }]]],
]

if (TestCluster.available({ nodes: true })) {
  let real: TestCluster
  let embedded: Cluster
  let sends: readonly Send[]

  beforeAll(async () => {
    real = await TestCluster.start({ nodes: true })
    const deps = { clock: systemClock, random: systemRandom, log: silent }
    embedded = await startCluster(deps, { pretend: true, authority: "none", port: 1 })
    sends = [await sendTo(real), (request) => embedded.fetch(requestOf(request))]
  }, 300_000)

  afterAll(async () => {
    await embedded.close()
    await real[Symbol.asyncDispose]()
  })

  test.each(steps)(
    "%s as on a real cluster",
    async (_, changes) => {
      for (const send of sends) for (const change of changes) await ask(send, change)
      let [theirs, ours]: readonly unknown[] = []
      for (let tries = 0; tries < 80; tries++) {
        ;[theirs, ours] = await Promise.all(sends.map(seen))
        if (Bun.deepEquals(theirs, ours)) break
        await Bun.sleep(250)
      }
      expect(ours).toEqual(theirs)
    },
    60_000,
  )
} else test.skip("what pretends against real controllers", () => undefined)

function requestOf({ method, path, headers, body }: Parameters<Send>[0]): Request {
  return new Request(`http://embedded${path}`, { method, headers, ...(body === undefined ? {} : { body }) })
}

async function ask(send: Send, [method, path, body]: Step): Promise<unknown> {
  const type = method === "PATCH" ? "application/merge-patch+json" : "application/json"
  const text = body === undefined ? undefined : JSON.stringify(body)
  const answer = await send({ method, path, headers: { "Content-Type": type, "User-Agent": "suite/1" }, body: text })
  if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`)
  return await answer.json()
}

/** All objects of all lists, without what must differ, in an order that does not depend on generated names. */
async function seen(send: Send): Promise<unknown> {
  const found = await Promise.all(lists.map((path) => ask(send, ["GET", path, undefined])))
  return found.map((list) => {
    const items = isRecord(list) && Array.isArray(list["items"]) ? list["items"] : []
    const own = items.filter(
      (item) => isRecord(item) && isRecord(item["metadata"]) && item["metadata"]["name"] !== "kubernetes",
    )
    return own.map(normal).sort((a, b) => (stableHash(a) < stableHash(b) ? -1 : 1))
  })
}

// How often a ReplicaSet was written, and what it was told last, hangs on how quickly its Pods were ready.
const dropped = new Set(
  "generation observedGeneration deployment.kubernetes.io/desired-replicas deployment.kubernetes.io/max-replicas uid resourceVersion managedFields creationTimestamp ownerReferences controller-uid batch.kubernetes.io/controller-uid ip nodeName endpoints last-change-trigger-time endpoints.kubernetes.io/last-change-trigger-time".split(
    " ",
  ),
)
const generated = "[bcdfghjklmnpqrstvwxz2456789]"

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0
}

/** Conditions stand in the order in which they came, which hangs on how quickly the Pods were ready. */
function byType(list: readonly unknown[]): readonly unknown[] {
  const typeOf = (item: unknown) => (isRecord(item) && "status" in item && "type" in item ? String(item["type"]) : "")
  return list.every((item) => typeOf(item) !== "") ? list.toSorted((a, b) => (typeOf(a) < typeOf(b) ? -1 : 1)) : list
}

function normal(value: unknown): unknown {
  if (Array.isArray(value)) return byType(value.map(normal))
  if (isRecord(value)) {
    const kept = Object.entries(value).filter(([key, member]) => !dropped.has(key) && member !== null)
    const members = kept.map(([key, member]) => [key, normal(member)] as const)
    // Annotations of which nothing is left.
    const isOf = (key: string, member: unknown) => key === "annotations" && isRecord(member) && isEmpty(member)
    return Object.fromEntries(members.filter(([key, member]) => !isOf(key, member)))
  }
  if (typeof value !== "string") return value
  if (/^\d{4}-\d\d-\d\dT/.test(value)) return "TIME"
  return value
    .replace(new RegExp(`-${generated}{5,10}\\b`, "g"), "-X")
    .replace(new RegExp(`\\b${generated}{8,10}\\b`, "g"), "HASH")
}
