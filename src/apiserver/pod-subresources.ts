import { isRecord, type KubeObject, matches, type Selector } from "../kube/mod.ts"
import type { Api } from "./api.ts"
import { mapOf } from "./metadata.ts"
import type { Connect, ConnectCall } from "./ports.ts"
import { badRequest, methodNotAllowed, notFound, Refusal } from "./refusal.ts"

const pods = { group: "", version: "v1", resource: "pods" }
const budgets = { group: "policy", version: "v1", resource: "poddisruptionbudgets" }

/** Evicts a Pod: a deletion that disruption budgets may refuse for now. */
export const evict: Connect = async (call) => {
  const { request, resource, namespace, name, api } = call
  if (request.method !== "POST") throw methodNotAllowed()
  const body = await bodyOf(request)
  const pod = api.get(pods, { namespace, name })
  if (pod === undefined) throw notFound(resource, name)
  mustNotBreakBudget(api, pod)
  if (!call.context.dryRun) await api.delete(pods, { namespace, name }, optionsOf(body))
  return Response.json(
    { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 },
    { status: 201 },
  )
}

/** Puts a Pod on a node, as a scheduler does. */
export const bind: Connect = async (call) => {
  const { request, resource, namespace, name, api } = call
  if (request.method !== "POST") throw methodNotAllowed()
  const target = mapOf(await bodyOf(request), "target")
  const node = target["name"]
  if (typeof node !== "string" || node === "") throw badRequest("target.name: Required value")
  const pod = api.get(pods, { namespace, name })
  if (pod === undefined) throw notFound(resource, name)
  await api.update(
    pods,
    { ...pod, spec: { ...mapOf(pod, "spec"), nodeName: node } },
    {
      manager: managerOf(call),
      subresource: "binding",
    },
  )
  return Response.json(
    { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 },
    { status: 201 },
  )
}

function managerOf({ request }: ConnectCall): string {
  return (request.headers.get("User-Agent") ?? "").split("/", 1)[0] || "unknown"
}

async function bodyOf(request: Request): Promise<KubeObject> {
  try {
    const value: unknown = await request.json()
    if (isRecord(value)) return { apiVersion: "", kind: "", ...value, metadata: {} }
  } catch {
    // said below
  }
  throw badRequest("the body of the request is no JSON object")
}

function optionsOf(body: KubeObject) {
  const options = mapOf(body, "deleteOptions")
  const preconditions = isRecord(options["preconditions"]) ? options["preconditions"] : {}
  const { uid, resourceVersion } = preconditions
  return {
    ...(typeof uid === "string" ? { uid } : {}),
    ...(typeof resourceVersion === "string" ? { resourceVersion } : {}),
  }
}

function mustNotBreakBudget(api: Api, pod: KubeObject): void {
  const { namespace = "", labels, name = "" } = pod.metadata
  if (api.resource(budgets) === undefined || mapOf(pod, "status")["phase"] === "Pending") return
  const concerned = api.list(budgets, namespace).filter((budget) => {
    const selector = selectorOf(mapOf(budget, "spec")["selector"])
    return selector !== undefined && matches(selector, labels)
  })
  const strict = concerned.find((budget) => mapOf(budget, "status")["disruptionsAllowed"] === 0)
  if (strict === undefined) return
  const message = "Cannot evict pod as it would violate the pod's disruption budget."
  const why = `The disruption budget ${strict.metadata.name} needs more healthy pods`
  const cause = { reason: "DisruptionBudget", message: why }
  throw new Refusal(429, "TooManyRequests", message, { name, kind: "pods", causes: [cause] })
}

function selectorOf(value: unknown): Selector | undefined {
  const labels = isRecord(value) && isRecord(value["matchLabels"]) ? value["matchLabels"] : undefined
  if (labels === undefined) return undefined
  return Object.entries(labels).map(([key, value]) => ({ key, operator: "in", values: [String(value)] }))
}
