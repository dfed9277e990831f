import type { StatusCause } from "../kube/mod.ts"
import { type Fields, listAt, specOf, statusOf, textAt } from "./fields.ts"
import { gvrs } from "./gvrs.ts"
import { invalidValue } from "./names.ts"
import type { Connect, ConnectCall } from "./ports.ts"
import { badRequest, invalid, notFound, Refusal } from "./refusal.ts"

const noContainer = "the embedded API server runs no containers"

function refuse({ namespace, name, resource }: ConnectCall, what: string): Refusal {
  const where = namespace === "" ? name : `${namespace}/${name}`
  const message = `${noContainer}: there is ${what} ${where}; use a cluster with nodes for that`
  return new Refusal(501, "NotImplemented", message, { name, kind: resource.gvr.resource })
}

/** Looks as a real server does before it asks a node, then says that there is none that could answer. */
function ofPod(what: string, check: (call: ConnectCall, spec: Fields) => Response | undefined): Connect {
  return async (call) => {
    const { api, namespace, name } = call
    const pod = api.get(gvrs.pods, { namespace, name })
    if (pod === undefined) throw notFound(call.resource, name)
    const answer = check(call, { ...specOf(pod), podIP: textAt(statusOf(pod), "podIP") })
    if (answer !== undefined) return answer
    throw refuse(call, what)
  }
}

function queryOf({ request }: ConnectCall): URLSearchParams {
  return new URL(request.url).searchParams
}

function mustNameContainer(call: ConnectCall, spec: Fields): void {
  const kinds = ["containers", "initContainers", "ephemeralContainers"]
  const names = kinds.map((kind) => listAt(spec, kind).map((container) => textAt(container, "name")))
  const container = queryOf(call).get("container") ?? ""
  if (container !== "" && !names.flat().includes(container)) {
    throw badRequest(`container ${container} is not valid for pod ${call.name}`)
  }
  const [own = []] = names
  if (container !== "" || own.length === 1) return
  const must = `a container name must be specified for pod ${call.name}`
  throw badRequest(`${must}, choose one of: [${own.join(" ")}]`)
}

function within(call: ConnectCall, spec: Fields): undefined {
  mustNameContainer(call, spec)
  onNode(call, spec)
}

function onNode({ name }: ConnectCall, spec: Fields): undefined {
  if (textAt(spec, "nodeName") === "") throw badRequest(`pod ${name} does not have a host assigned`)
}

const least = { limitBytes: 1, sinceSeconds: 1, tailLines: 0 } as const

function log(call: ConnectCall, spec: Fields): Response | undefined {
  const query = queryOf(call)
  const causes = Object.entries(least).flatMap(([key, min]): readonly StatusCause[] => {
    const given = query.get(key)
    if (given === null || Number(given) >= min) return []
    const must = min === 0 ? "must be greater than or equal to 0" : "must be greater than 0"
    return [invalidValue(key, Number(given), must)]
  })
  if (causes.length > 0) {
    throw invalid({ gvr: { group: "", version: "v1", resource: "" }, kind: "PodLogOptions" }, call.name, causes)
  }
  mustNameContainer(call, spec)
  // Where no node has it yet, there is nothing to read.
  return textAt(spec, "nodeName") === "" ? new Response(null, { status: 204 }) : undefined
}

/** Clear answers to what needs a container: its log, a command in it, its ports. */
export const withoutContainers: Readonly<Record<string, Connect>> = {
  "pods/log": ofPod("no log of Pod", log),
  "pods/exec": ofPod("nothing to execute in Pod", within),
  "pods/attach": ofPod("nothing to attach to in Pod", within),
  "pods/portforward": ofPod("no port to forward of Pod", onNode),
  "pods/proxy": ofPod("no port to reach of Pod", (_, { podIP }) => {
    if (podIP === "") throw badRequest("address not allowed")
    return undefined
  }),
  "nodes/proxy": async (call) => {
    if (call.api.get(gvrs.nodes, { namespace: "", name: call.name }) === undefined) {
      throw notFound(call.resource, call.name)
    }
    throw refuse(call, "no kubelet on Node")
  },
  "services/proxy": async (call) => {
    const { api, namespace, name } = call
    if (api.get(gvrs.services, { namespace, name }) !== undefined) throw refuse(call, "no Pod to reach behind Service")
    const message = `no endpoints available for service ${JSON.stringify(name)}`
    throw new Refusal(503, "ServiceUnavailable", message, {})
  },
}
