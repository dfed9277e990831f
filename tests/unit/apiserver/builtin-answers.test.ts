import { describe, expect, test } from "bun:test"
import {
  type Api,
  builtinAdmission,
  builtinResources,
  createApiServer,
  type RequestContext,
} from "../../../src/apiserver/mod.ts"
import { apiVersionOf, type KubeObject } from "../../../src/kube/mod.ts"
import { systemClock, systemRandom } from "../../../src/system.ts"
import answers from "./builtin-answers.json" with { type: "json" }

/** What a real server answered to dry runs of creates, written by scripts/generate-apiserver-data.ts. */
const recorded = answers as unknown as readonly { readonly sent: KubeObject; readonly got: KubeObject }[] // our own file

const user = { name: "admin", groups: ["system:masters", "system:authenticated"] }

/** Everything that a namespace has from the start, for what admission adds. */
async function home(): Promise<Api> {
  const { api } = createApiServer({ clock: systemClock, random: systemRandom, resources: builtinResources() })
  const manager = "test"
  for (const namespace of new Set(recorded.map(({ got }) => got.metadata.namespace ?? "default"))) {
    const space = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }
    const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { namespace, name: "default" } }
    await api.create({ group: "", version: "v1", resource: "namespaces" }, space, { manager })
    await api.create({ group: "", version: "v1", resource: "serviceaccounts" }, account, { manager })
  }
  const header = {
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    metadata: { name: "system-node-critical" },
  }
  const classes = { group: "scheduling.k8s.io", version: "v1", resource: "priorityclasses" }
  await api.create(classes, { ...header, value: 2_000_001_000 }, { manager })
  return api
}

const api = await home()
const admission = builtinAdmission(
  { api: () => api, clock: systemClock },
  { mutate: async ({ object }) => object, validate: async () => undefined },
)

async function created(sent: KubeObject, got: KubeObject): Promise<unknown> {
  const resource = builtinResources().find(
    ({ gvr, kind }) => kind === sent.kind && apiVersionOf(gvr) === sent.apiVersion,
  )!
  const { strategy } = resource
  const { uid = "", creationTimestamp = "", namespace, name = "" } = got.metadata
  const home = namespace === undefined ? {} : { namespace }
  const context: RequestContext = { user, now: creationTimestamp, subresource: "", dryRun: true }
  const object = { ...sent, metadata: { ...sent.metadata, uid, creationTimestamp, ...home } }
  const call = { resource, operation: "CREATE", namespace: namespace ?? "", name, old: undefined, context } as const
  const draft = { ...call, options: {}, warn: () => undefined, object: strategy.complete(object) }
  return normal(strategy.prepareCreate(strategy.complete(await admission.mutate(draft)), context))
}

/** Without what each server chooses for itself. */
function normal(object: unknown): unknown {
  const text = JSON.stringify(object)
    .replace(/kube-api-access-\w+/g, "kube-api-access")
    .replace(/"10\.\d+\.\d+\.\d+"/g, '"address"')
    .replace(/"(nodePort|healthCheckNodePort)":\d+/g, '"$1":1')
    .replace(/,"extra":\{"authentication[^}]*\}/, "")
  return JSON.parse(text)
}

describe("a created object gets the defaults that a real server gives it", () => {
  test("for enough kinds", () => expect(new Set(recorded.map(({ sent }) => sent.kind)).size).toBeGreaterThan(50))
  for (const [index, { sent, got }] of recorded.entries()) {
    test(`${sent.kind} ${index}`, async () => expect(await created(sent, got)).toEqual(normal(got)))
  }
})

describe("a complete object", () => {
  test.each(recorded.map(({ sent, got }) => [sent.kind, got] as const))("stays as it is: %s", (kind, got) => {
    const { strategy } = builtinResources().find(
      ({ gvr, kind: own }) => own === kind && apiVersionOf(gvr) === got.apiVersion,
    )!
    expect(strategy.complete(got)).toEqual(got)
  })
})
