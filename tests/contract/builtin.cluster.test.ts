import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { readProbes } from "../../scripts/apiserver-defaults.ts"
import { builtinResources, type Resource } from "../../src/apiserver/mod.ts"
import { apiVersionOf, type KubeObject } from "../../src/kube/mod.ts"
import { sendTo } from "../support/ask.ts"
import { TestCluster } from "../support/cluster.ts"
import type { Send } from "./apiserver/interaction.ts"

const table = "application/json;as=Table;v=v1;g=meta.k8s.io"
const listed = builtinResources().filter(({ verbs, kind }) => verbs.includes("watch") && kind !== "IPAddress")

const metrics = "autoscaling.alpha.kubernetes.io/metrics"

interface Table {
  /** Null where there is none. */
  readonly rows: readonly { readonly cells: readonly unknown[]; readonly object: KubeObject }[] | null
}

if (TestCluster.available({ nodes: true })) {
  let cluster: TestCluster
  let send: Send
  const tables = new Map<Resource, Table>()

  beforeAll(async () => {
    cluster = await TestCluster.start({ nodes: true })
    send = await sendTo(cluster)
    await createProbes(send)
    await Bun.sleep(5_000) // Pods run, Jobs end
    for (const resource of listed) {
      const path = `${baseOf(resource)}/${resource.gvr.resource}?includeObject=Object`
      const answer = await send({ method: "GET", path, headers: { Accept: table }, body: undefined })
      tables.set(resource, (await answer.json()) as Table) // the server's answer to this Accept
    }
  }, 300_000)

  afterAll(async () => {
    await cluster[Symbol.asyncDispose]()
  })

  describe.each(listed.map((resource) => [resource.kind, resource] as const))("the rows of %s", (_, resource) => {
    test("are those of a real API server", () => {
      // What the older version of autoscalers has no member for goes into an annotation, in a form of the server's own.
      const isPlain = ({ metadata }: KubeObject) => metadata.annotations?.[metrics] === undefined
      const rows = (tables.get(resource)?.rows ?? []).filter(({ object }) => isPlain(object))
      const ours = rows.map(({ object }) => resource.columns.map(({ cell }) => cell(object, Date.now())))
      const comparable = (cells: readonly unknown[]) =>
        cells.map((cell, index) => (isTime(resource.columns[index]?.name ?? "") ? "" : cell))
      expect(ours.map(comparable)).toEqual(rows.map(({ cells }) => comparable(cells)))
    })
  })

  test("most kinds have rows to compare", () => {
    expect([...tables.values()].filter(({ rows }) => (rows ?? []).length > 0).length).toBeGreaterThan(45)
  })
} else test.skip("the rows of built-in kinds against a real server", () => undefined)

function isTime(column: string): boolean {
  return /Age|Seen|Last Schedule|Duration|Restarts/.test(column)
}

function baseOf({ gvr }: Resource): string {
  return `${gvr.group === "" ? "/api" : "/apis"}/${apiVersionOf(gvr)}`
}

/** Creates every probe for real, but for those that would judge the others. */
async function createProbes(send: Send): Promise<void> {
  const named = new Set(["APIService", "CustomResourceDefinition", "CSIDriver", "IPAddress"])
  const skipped = new Set(["LimitRange", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"])
  for (const [index, probe] of (await readProbes()).entries()) {
    const { apiVersion, kind } = probe
    const resource = listed.find(({ gvr, kind: own }) => own === kind && apiVersionOf(gvr) === apiVersion)
    if (resource === undefined || skipped.has(String(kind)) || /AdmissionPolicy$/.test(String(kind))) continue
    const metadata = probe["metadata"] as object // every probe has one
    const name = named.has(String(kind)) ? {} : { name: `probe-${index}` }
    const home = resource.namespaced ? "/namespaces/default" : ""
    await send({
      method: "POST",
      path: `${baseOf(resource)}${home}/${resource.gvr.resource}`,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...probe, metadata: { ...metadata, ...name } }),
    })
  }
}
