import { isRecord, type KubeObject } from "../kube/mod.ts"
import type { Api } from "./api.ts"
import { listAt, mapAt, numberAt, specOf, statusOf, textAt, textsAt, withMeta } from "./fields.ts"
import { gvrs } from "./gvrs.ts"
import { selectsLabels } from "./label-selector.ts"
import { mapOf } from "./metadata.ts"
import type { Connect, ConnectCall } from "./ports.ts"
import { badRequest, conflict, internal, methodNotAllowed, notFound, Refusal } from "./refusal.ts"

function success(): Response {
  const status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 }
  return Response.json(status, { status: 201 })
}

/** Evicts a Pod: a deletion that disruption budgets may refuse for now. */
export const evict: Connect = async (call) => {
  const { request, resource, namespace, name, api, context } = call
  if (request.method !== "POST") throw methodNotAllowed()
  const body = await bodyOf(request)
  mustMeanThis(call, body, "Eviction")
  const pod = api.get(gvrs.pods, { namespace, name })
  if (pod === undefined) throw notFound(resource, name)
  const options = optionsOf(body)
  mustMeet(call, pod, options)
  const budget = budgetOf(api, pod)
  if (context.dryRun) return success()
  if (budget !== undefined) await charge(api, budget, pod, context.now)
  await api.delete(gvrs.pods, { namespace, name }, { ...options, isAdmitted: true })
  return success()
}

/** Puts a Pod on a node, as a scheduler does. */
export const bind: Connect = async (call) => {
  const { request, resource, namespace, api, context } = call
  if (request.method !== "POST") throw methodNotAllowed()
  const body = await bodyOf(request)
  // A Binding of its own names its Pod itself.
  const name = call.subresource === "" ? textAt(mapAt(body, "metadata"), "name") : call.name
  mustMeanThis({ ...call, name }, body, "Binding")
  const target = mapOf(body, "target")
  const [kind, node] = [textAt(target, "kind"), textAt(target, "name")]
  if (kind !== "" && kind !== "Node") {
    throw internal(`target.kind: Unsupported value: ${JSON.stringify(kind)}: supported values: "Node", "<empty>"`)
  }
  if (node === "") throw internal("target.name: Required value")
  const pod = api.get(gvrs.pods, { namespace, name })
  const pods = api.resource(gvrs.pods) ?? resource
  if (pod === undefined) throw notFound(pods, name)
  const before = textAt(specOf(pod), "nodeName")
  const isEnding = pod.metadata.deletionTimestamp !== undefined
  if (isEnding || before !== "") {
    const own = `pod ${name} is ${isEnding ? "being deleted, cannot be assigned to a host" : `already assigned to node ${JSON.stringify(before)}`}`
    throw conflict({ ...pods, gvr: { ...pods.gvr, resource: "pods/binding" } }, name, own)
  }
  if (context.dryRun) return success()
  const bound = { ...scheduled(pod, context.now), spec: { ...specOf(pod), nodeName: node } }
  const annotations = textsAt(mapAt(body, "metadata"), "annotations")
  const noted =
    Object.keys(annotations).length === 0 ? {} : { annotations: { ...pod.metadata.annotations, ...annotations } }
  await api.update(gvrs.pods, withMeta(bound, noted), {
    manager: managerOf(call),
    subresource: "binding",
    isAdmitted: true,
  })
  return success()
}

function scheduled(pod: KubeObject, now: string): KubeObject {
  const others = listAt(statusOf(pod), "conditions").filter(({ type }) => type !== "PodScheduled")
  const condition = { type: "PodScheduled", status: "True", lastProbeTime: null, lastTransitionTime: now }
  return { ...pod, status: { ...statusOf(pod), conditions: [...others, condition] } }
}

function mustMeanThis({ name }: Pick<ConnectCall, "name">, body: KubeObject, kind: string): void {
  if (body.metadata.name === name) return
  throw badRequest(`name in URL does not match name in ${kind} object`)
}

function managerOf({ request }: ConnectCall): string {
  return (request.headers.get("User-Agent") ?? "").split("/", 1)[0] || "unknown"
}

async function bodyOf(request: Request): Promise<KubeObject> {
  try {
    const value: unknown = await request.json()
    if (isRecord(value)) return { apiVersion: "", kind: "", ...value, metadata: mapAt(value, "metadata") }
  } catch {
    // said below
  }
  throw badRequest("the body of the request is no JSON object")
}

interface EvictionOptions {
  readonly uid?: string
  readonly resourceVersion?: string
}

function optionsOf(body: KubeObject): EvictionOptions {
  const { uid, resourceVersion } = mapAt(body, "deleteOptions", "preconditions")
  return {
    ...(typeof uid === "string" ? { uid } : {}),
    ...(typeof resourceVersion === "string" ? { resourceVersion } : {}),
  }
}

function mustMeet({ resource, name }: ConnectCall, { metadata }: KubeObject, { uid }: EvictionOptions): void {
  if (uid === undefined || uid === metadata.uid) return
  const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`
  // Here the kind stands where elsewhere the resource does.
  throw conflict({ ...resource, gvr: { ...resource.gvr, resource: "Pod" } }, name, why)
}

const violated = "Cannot evict pod as it would violate the pod's disruption budget."

/** The budget that an eviction costs something; refuses where it allows none. */
function budgetOf(api: Api, pod: KubeObject): KubeObject | undefined {
  const { namespace = "", labels, name = "", deletionTimestamp } = pod.metadata
  const isOver = ["Pending", "Failed", "Succeeded"].includes(textAt(statusOf(pod), "phase"))
  if (api.resource(gvrs.disruptionBudgets) === undefined || isOver || deletionTimestamp !== undefined) return undefined
  const budgets = api.list(gvrs.disruptionBudgets, namespace).filter((one) => {
    const { selector } = specOf(one)
    return selector !== undefined && selectsLabels(selector, labels)
  })
  const [budget, another] = budgets
  if (another !== undefined) {
    throw internal("This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.")
  }
  if (budget === undefined || statusOf(budget)["disruptionsAllowed"] !== 0) return budget
  const status = statusOf(budget)
  const needs = `needs ${numberAt(status, "desiredHealthy")} healthy pods and has ${numberAt(status, "currentHealthy")} currently`
  const cause = { reason: "DisruptionBudget", message: `The disruption budget ${budget.metadata.name} ${needs}` }
  throw new Refusal(429, "TooManyRequests", violated, { name, kind: "pods", causes: [cause] })
}

/** One disruption less is allowed from now on, before anybody counts again. */
async function charge(api: Api, budget: KubeObject, pod: KubeObject, now: string): Promise<void> {
  const status = statusOf(budget)
  const allowed = numberAt(status, "disruptionsAllowed")
  if (allowed < 1) return
  const disruptedPods = { ...mapAt(status, "disruptedPods"), [pod.metadata.name ?? ""]: now }
  const object = { ...budget, status: { ...status, disruptionsAllowed: allowed - 1, disruptedPods } }
  await api.update(gvrs.disruptionBudgets, object, { manager: "kube-apiserver", subresource: "status" })
}
