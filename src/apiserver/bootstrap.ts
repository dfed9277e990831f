import type { Gvr, KubeObject } from "../kube/mod.ts"
import type { Api } from "./api.ts"
import { mapAt, specOf, textAt } from "./fields.ts"
import { gvrs } from "./gvrs.ts"
import { standardClass } from "./pretend/claims.ts"
import { pretendNode } from "./pretend/node.ts"
import { Refusal } from "./refusal.ts"

/** What a new cluster has from its first moment on; what is there already stays as it is. */
export async function bootstrap(
  api: Api,
  options: { readonly nowMs: number; readonly pretend: boolean; readonly port: number },
): Promise<void> {
  const { pretend, nowMs, port } = options
  for (const name of ["default", "kube-system", "kube-public", "kube-node-lease"]) {
    await make(api, { apiVersion: "v1", kind: "Namespace", metadata: { name } }, gvrs.namespaces)
  }
  await advertise(api, port)
  if (!pretend) return
  await make(api, standardClass, gvrs.storageClasses)
  await register(api, nowMs)
}

async function make(api: Api, object: KubeObject, gvr: Gvr): Promise<void> {
  const { namespace = "", name = "" } = object.metadata
  if (api.get(gvr, { namespace, name })) return
  try {
    await api.create(gvr, object, { manager: "kube-apiserver" })
  } catch (error) {
    // Made by somebody else in between.
    if (!(error instanceof Refusal && error.code === 409)) throw error
  }
}

/** The Service `kubernetes` and where it leads: to this server. */
async function advertise(api: Api, port: number): Promise<void> {
  const labels = { component: "apiserver", provider: "kubernetes" }
  const metadata = { namespace: "default", name: "kubernetes" }
  const ports = [{ name: "https", port: 443, protocol: "TCP", targetPort: port }]
  const service = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { ...metadata, labels },
    spec: { ports, clusterIP: "10.96.0.1" },
  }
  await make(api, service, gvrs.services)
  const own = { "kubernetes.io/service-name": "kubernetes" }
  const found = api.get(gvrs.endpointSlices, metadata)
  const content = {
    addressType: "IPv4",
    endpoints: [{ addresses: ["127.0.0.1"], conditions: { ready: true, serving: true, terminating: false } }],
    ports: [{ name: "https", port, protocol: "TCP" }],
  }
  const slice = { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata: { ...metadata, labels: own } }
  // The port is another one after each start.
  if (found) await api.update(gvrs.endpointSlices, { ...found, ...content }, { manager: "kube-apiserver" })
  else await make(api, { ...slice, ...content }, gvrs.endpointSlices)
}

async function register(api: Api, nowMs: number): Promise<void> {
  const node = pretendNode(nowMs)
  await make(api, node, gvrs.nodes)
  const found = api.get(gvrs.nodes, { namespace: "", name: node.metadata.name ?? "" })
  if (found === undefined || textAt(mapAt(found, "status", "nodeInfo"), "kubeletVersion") !== "") return
  // A node is kept free of Pods until it is ready: this one is.
  const { taints: _, ...spec } = specOf(found)
  const ready = await api.update(gvrs.nodes, { ...found, spec }, { manager: "kube-controller-manager" })
  const object = { ...ready, status: node["status"] }
  await api.update(gvrs.nodes, object, { manager: "kubelet", subresource: "status" })
}
