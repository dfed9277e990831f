import { isKubeObject, isRecord, type KubeObject, mergePatch } from "../../../src/kube/mod.ts"
import type { Scenario, Step } from "./scenarios.ts"

/** One write as it went: the object before it, and what a real API server answered. */
export interface Recorded {
  readonly step: Step
  /** What was sent: the step's body with a name, or the whole object of a put. */
  readonly sent: unknown
  readonly before: KubeObject | undefined
  readonly httpStatus: number
  readonly answer: unknown
}

/** A scenario as it went. */
export interface Recording {
  readonly name: string
  readonly refilled: readonly string[]
  readonly steps: readonly Recorded[]
}

/** One request to an API server, answered with JSON. */
export type Ask = (request: {
  readonly method: string
  readonly path: string
  readonly type?: string
  readonly body?: unknown
}) => Promise<{ readonly httpStatus: number; readonly body: unknown }>

const plurals: Readonly<Record<string, string>> = {
  CronJob: "apis/batch/v1/namespaces/default/cronjobs",
  DaemonSet: "apis/apps/v1/namespaces/default/daemonsets",
  HorizontalPodAutoscaler: "apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers",
  Ingress: "apis/networking.k8s.io/v1/namespaces/default/ingresses",
  Lease: "apis/coordination.k8s.io/v1/namespaces/default/leases",
  LimitRange: "api/v1/namespaces/default/limitranges",
  NetworkPolicy: "apis/networking.k8s.io/v1/namespaces/default/networkpolicies",
  PodDisruptionBudget: "apis/policy/v1/namespaces/default/poddisruptionbudgets",
  ResourceQuota: "api/v1/namespaces/default/resourcequotas",
  Role: "apis/rbac.authorization.k8s.io/v1/namespaces/default/roles",
  RoleBinding: "apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings",
  ServiceAccount: "api/v1/namespaces/default/serviceaccounts",
  StatefulSet: "apis/apps/v1/namespaces/default/statefulsets",
  ConfigMap: "api/v1/namespaces/default/configmaps",
  Deployment: "apis/apps/v1/namespaces/default/deployments",
  Secret: "api/v1/namespaces/default/secrets",
  Service: "api/v1/namespaces/default/services",
  Widget: "apis/test.example/v1/namespaces/default/widgets",
}

const types: Readonly<Record<string, string>> = {
  apply: "application/apply-patch+yaml",
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
}

/** Plays a scenario against an API server. `pause` waits a moment, between looks at an object that is not yet still. */
export async function record(
  scenario: Scenario,
  name: string,
  { ask, pause }: { readonly ask: Ask; readonly pause: () => Promise<void> },
): Promise<Recording> {
  const first = scenario.steps[0]?.body
  const collection = `/${plurals[isRecord(first) ? String(first["kind"]) : ""]}`
  const path = `${collection}/${name}`
  const steps: Recorded[] = []
  for (const step of scenario.steps) {
    const before = await settled(path, { ask, pause })
    const sent = bodyOf(step, name, before)
    const subresource = step.subresource === undefined ? "" : `/${step.subresource}`
    const query = new URLSearchParams({
      fieldManager: step.by,
      fieldValidation: "Ignore",
      ...(step.force ? { force: "true" } : {}),
    })
    const type = types[step.verb]
    const { httpStatus, body } = await ask({
      method: step.verb === "create" ? "POST" : step.verb === "put" ? "PUT" : "PATCH",
      path: `${step.verb === "create" ? collection : path}${subresource}?${query}`,
      body: sent,
      ...(type === undefined ? {} : { type }),
    })
    steps.push({ step, sent, before, httpStatus, answer: body })
  }
  return { name: scenario.name, refilled: scenario.refilled ?? [], steps }
}

function bodyOf(step: Step, name: string, before: KubeObject | undefined): unknown {
  if (step.verb === "put") return mergePatch(before, step.body)
  if ((step.verb !== "apply" && step.verb !== "create") || !isRecord(step.body)) return step.body
  return withName(step.body, name)
}

function withName(body: Readonly<Record<string, unknown>>, name: string): unknown {
  const metadata = isRecord(body["metadata"]) ? body["metadata"] : {}
  return { ...body, metadata: { name, namespace: "default", ...metadata } }
}

/** Kinds whose controllers write on them; with true, they say which generation they have seen. */
const controlled = new Map([
  ["DaemonSet", true],
  ["Deployment", true],
  ["HorizontalPodAutoscaler", false],
  ["PodDisruptionBudget", true],
  ["ResourceQuota", false],
  ["StatefulSet", true],
])
const quietLooks = 4

/** The object once its controllers are done with it; undefined when there is none. */
async function settled(
  path: string,
  { ask, pause }: { readonly ask: Ask; readonly pause: () => Promise<void> },
): Promise<KubeObject | undefined> {
  let last: string | undefined
  let quiet = 0
  for (let looks = 0; looks < 100; looks++) {
    const { body } = await ask({ method: "GET", path })
    if (!isKubeObject(body) || body.kind === "Status") return undefined
    const counts = controlled.get(body.kind)
    if (counts === undefined) return body
    const status = isRecord(body["status"]) ? body["status"] : {}
    const isSeen = !counts || status["observedGeneration"] === body.metadata.generation
    quiet = isSeen && last === body.metadata.resourceVersion ? quiet + 1 : 0
    if (quiet === quietLooks) return body
    last = body.metadata.resourceVersion
    await pause()
  }
  throw new Error(`${path} does not come to rest`)
}
