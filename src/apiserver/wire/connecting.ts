import { apiVersionOf, isRecord, type KubeObject } from "../../kube/mod.ts"
import { noSuchResource } from "../refusal.ts"
import type { Subresource } from "../resource.ts"
import { parseBody } from "./body.ts"
import { callOf } from "./calls.ts"
import type { ResourceRequest } from "./request.ts"

/** Answers a subresource, or a kind that is never stored, with a handler of its own. */
export async function answerConnect(request: ResourceRequest): Promise<Response> {
  const { answering, asked, route, resource } = request
  const key = route.subresource === "" ? route.resource : `${route.resource}/${route.subresource}`
  const handler = answering.connect?.[key]
  if (handler === undefined) throw noSuchResource()
  const { context } = callOf(request, "CreateOptions")
  const { namespace, name, subresource } = route
  const below = resource.subresources.find((one) => one.name === subresource)
  const read = below === undefined ? asked.request : await admitted(request, below)
  return await handler({ request: read, resource, subresource, namespace, name, context, api: answering.api })
}

/** What is asked of something that runs: the kinds of its options. */
const options: Readonly<Record<string, string>> = {
  "nodes/proxy": "NodeProxyOptions",
  "pods/attach": "PodAttachOptions",
  "pods/exec": "PodExecOptions",
  "pods/portforward": "PodPortForwardOptions",
  "pods/proxy": "PodProxyOptions",
  "services/proxy": "ServiceProxyOptions",
}

/** Asks admission, as about every other write: reading a log is none. The request can be read once more. */
async function admitted(request: ResourceRequest, { name: subresource, gvk }: Subresource): Promise<Request> {
  const { answering, asked, route, query } = request
  const { admission } = answering.core
  const kind = options[`${route.resource}/${subresource}`]
  if (admission === undefined || (kind === undefined && asked.request.method !== "POST")) return asked.request
  const call = { ...callOf(request, "CreateOptions"), old: undefined }
  if (kind !== undefined) {
    const own = { group: "", version: "v1", kind }
    const object: KubeObject = { apiVersion: "v1", kind, ...askedOf(query), metadata: {} }
    await admission.validate({ ...call, operation: "CONNECT", object, gvk: own })
    return asked.request
  }
  if (gvk === undefined) return asked.request
  const body = await asked.request.bytes()
  const again = () => new Request(asked.request.url, { method: "POST", headers: asked.request.headers, body })
  const parsing = { parseYaml: answering.parseYaml, kind: gvk.kind }
  const { value } = await parseBody(again(), parsing)
  const given = isRecord(value) ? value : {}
  const metadata = isRecord(given["metadata"]) ? given["metadata"] : {}
  const home = { name: route.name, namespace: route.namespace }
  const own = { ...gvk, version: gvk.version || "v1" }
  const apiVersion = apiVersionOf(own)
  const object: KubeObject = { ...given, apiVersion, kind: gvk.kind, metadata: { ...metadata, ...home } }
  await admission.validate({ ...call, operation: "CREATE", object, gvk: own })
  return again()
}

// Of what may be said in a query, only commands are lists.
function askedOf(query: URLSearchParams): Readonly<Record<string, unknown>> {
  const keys = [...new Set(query.keys())]
  const value = (key: string) => {
    const [first = ""] = query.getAll(key)
    return key === "command" ? query.getAll(key) : first === "true" ? true : first
  }
  return Object.fromEntries(keys.filter((key) => query.get(key) !== "false").map((key) => [key, value(key)]))
}
