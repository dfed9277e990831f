import { isTerminating, type KubeObject, ownerReferenceTo, semanticEqual } from "../../kube/mod.ts"
import type { Action, Pass, ServerController } from "../controllers.ts"
import { type Fields, listAt, mapAt, specOf, statusOf, textAt, textsAt } from "../fields.ts"
import { gvrs, prefixOf } from "../gvrs.ts"
import type { Change } from "../storage.ts"
import { nodeName } from "./node.ts"
import { PairIndex } from "./pair-index.ts"
import {
  byAge,
  event,
  getByKey,
  hexOf,
  isReady,
  namespaceOf,
  type PretendDeps,
  podPrefix,
  statusUpdate,
  templateHash,
} from "./workload.ts"

const managedBy = "endpoints.kubernetes.io/managed-by"
const sliceManager = "endpointslice-controller.k8s.io"

/** Keeps the EndpointSlice and the Endpoints of every Service with a selector, and gives load balancers an address. */
export function serviceController(deps: PretendDeps): ServerController {
  const known: Known = { services: new PairIndex(), pods: new PairIndex() }
  return {
    name: "services",
    manager: "kube-controller-manager",
    prefixes: [prefixOf(gvrs.services), prefixOf(gvrs.ingresses), podPrefix],
    keys: (change) => {
      note(known, change)
      const { prefix, namespace, name, object } = change
      if (prefix !== podPrefix) return [`${prefix} ${namespace}/${name}`]
      const labels = object.metadata.labels ?? {}
      return known.services.withAny(namespace, labels).flatMap((name) => {
        const service = deps.api.get(gvrs.services, { namespace, name })
        return service !== undefined && isFor(service, labels) ? [`services ${namespace}/${name}`] : []
      })
    },
    look: (key) => {
      const [prefix = "", name = ""] = key.split(" ")
      const isService = prefix === prefixOf(gvrs.services)
      const object = getByKey(deps.api, isService ? gvrs.services : gvrs.ingresses, name)
      if (object === undefined && isService) return { actions: orphanedEndpoints(deps, name) }
      if (object === undefined || isTerminating(object)) return { actions: [] }
      return isService ? serve(deps, known, object) : { actions: address(gvrs.ingresses, object) }
    },
  }
}

/** Services by one pair of their selectors, and Pods by their labels. */
interface Known {
  readonly services: PairIndex
  readonly pods: PairIndex
}

function note({ services, pods }: Known, change: Change): void {
  const { prefix, type, object, previous } = change
  const now = type === "DELETED" ? undefined : object
  // A store that was there before is told as additions, of which nothing was known.
  const was = previous ?? (type === "DELETED" ? object : undefined)
  if (prefix === podPrefix) pods.note(change, was?.metadata.labels ?? {}, now?.metadata.labels ?? {})
  else if (prefix === prefixOf(gvrs.services)) services.note(change, firstPair(was), firstPair(now))
}

function firstPair(service: KubeObject | undefined): Readonly<Record<string, string>> {
  const pairs = service === undefined ? [] : Object.entries(textsAt(specOf(service), "selector"))
  return Object.fromEntries(pairs.slice(0, 1))
}

function isFor(service: KubeObject, labels: Readonly<Record<string, string>>): boolean {
  const selector = Object.entries(textsAt(specOf(service), "selector"))
  return selector.length > 0 && selector.every(([key, value]) => labels[key] === value)
}

function serve(deps: PretendDeps, known: Known, service: KubeObject): Pass {
  const balanced = textAt(specOf(service), "type") === "LoadBalancer" ? balance(service) : []
  const selector = textsAt(specOf(service), "selector")
  if (Object.keys(selector).length === 0) return { actions: balanced }
  const { namespace = "" } = service.metadata
  const pods = known.pods
    .withRarest(namespace, selector)
    .flatMap((name) => deps.api.get(gvrs.pods, { namespace, name }) ?? [])
    .filter(({ metadata }) => isFor(service, metadata.labels ?? {}))
    .filter((pod) => textAt(statusOf(pod), "podIP") !== "")
    .filter((pod) => !["Succeeded", "Failed"].includes(textAt(statusOf(pod), "phase")))
    .sort(byAge)
  return { actions: [...balanced, ...slice(deps, service, pods), ...endpoints(deps, service, pods)] }
}

function balance(service: KubeObject): readonly Action[] {
  const actions = address(gvrs.services, service)
  const message = "Ensured load balancer"
  if (actions.length === 0) return []
  return [...actions, event(service, "service-controller", { reason: "EnsuredLoadBalancer", message })]
}

/** An address from the range that is reserved for documentation: it leads nowhere. */
function address(gvr: (typeof gvrs)["services" | "ingresses"], object: KubeObject): readonly Action[] {
  if (listAt(mapAt(statusOf(object), "loadBalancer"), "ingress").length > 0) return []
  const last = (Number.parseInt(hexOf(object.metadata.uid ?? "", 4), 16) % 254) + 1
  const mode = gvr === gvrs.services ? { ipMode: "VIP" } : {}
  const status = { ...statusOf(object), loadBalancer: { ingress: [{ ip: `203.0.113.${last}`, ...mode }] } }
  return statusUpdate(gvr, object, status)
}

function portsOf(service: KubeObject, pods: readonly KubeObject[]): readonly Fields[] {
  return listAt(specOf(service), "ports").map((port) => ({
    ...(port["name"] === undefined ? {} : { name: port["name"] }),
    port: targetOf(port, pods),
    protocol: port["protocol"] ?? "TCP",
  }))
}

function targetOf(port: Fields, pods: readonly KubeObject[]): unknown {
  const { targetPort = port["port"] } = port
  if (typeof targetPort === "number") return targetPort
  const ports = pods.flatMap((pod) => listAt(specOf(pod), "containers").flatMap((c) => listAt(c, "ports")))
  return ports.find(({ name }) => name === targetPort)?.["containerPort"] ?? port["port"]
}

function referenceTo({ kind, metadata: { namespace, name, uid } }: KubeObject): Fields {
  return { kind, namespace, name, uid }
}

function slice({ api, owned }: PretendDeps, service: KubeObject, pods: readonly KubeObject[]): readonly Action[] {
  const { name = "", uid = "", labels = {} } = service.metadata
  const mine = owned
    .of(uid, prefixOf(gvrs.endpointSlices))
    .flatMap((ref) => api.get(gvrs.endpointSlices, ref) ?? [])
    .filter(({ metadata }) => metadata.labels?.["endpointslice.kubernetes.io/managed-by"] === sliceManager)
  const content = {
    addressType: "IPv4",
    endpoints: pods.map((pod) => {
      const ready = isReady(pod) && !isTerminating(pod)
      return {
        addresses: [textAt(statusOf(pod), "podIP")],
        conditions: { ready, serving: isReady(pod), terminating: isTerminating(pod) },
        ...{ nodeName, targetRef: referenceTo(pod) },
      }
    }),
    ports: portsOf(service, pods).map((port) => ({ name: "", ...port })),
    // A slice that leads nowhere has neither.
    ...(pods.length === 0 ? { endpoints: null, ports: null } : {}),
  }
  const [found] = mine
  const own = { "endpointslice.kubernetes.io/managed-by": sliceManager, "kubernetes.io/service-name": name }
  const marked = { ...labels, ...own }
  if (found) {
    const next = { ...found, ...content, metadata: { ...found.metadata, labels: marked } }
    return semanticEqual(next, found) ? [] : [{ do: "update", gvr: gvrs.endpointSlices, object: next }]
  }
  const metadata = {
    ...{
      name: `${name}-${templateHash(uid).slice(0, 5)}`,
      generateName: `${name}-`,
      ...namespaceOf(service),
      labels: marked,
    },
    ownerReferences: [ownerReferenceTo(service)],
  }
  const object = { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata, ...content }
  return [{ do: "create", gvr: gvrs.endpointSlices, object }]
}

/** The Endpoints of a Service that is gone: nothing owns them. */
function orphanedEndpoints({ api }: PretendDeps, key: string): readonly Action[] {
  const found = getByKey(api, gvrs.endpoints, key)
  if (found === undefined || !isManaged(found)) return []
  const { namespace = "", name = "", uid = "" } = found.metadata
  return [{ do: "delete", gvr: gvrs.endpoints, ref: { namespace, name }, options: { uid } }]
}

function isManaged({ metadata }: KubeObject): boolean {
  return metadata.labels?.[managedBy] === "endpoint-controller"
}

function endpoints({ api }: PretendDeps, service: KubeObject, pods: readonly KubeObject[]): readonly Action[] {
  const { namespace = "", name = "", labels = {} } = service.metadata
  const addressesOf = (list: readonly KubeObject[]) =>
    list.map((pod) => ({ ip: textAt(statusOf(pod), "podIP"), nodeName, targetRef: referenceTo(pod) }))
  const living = pods.filter((pod) => !isTerminating(pod))
  const [ready, waiting] = [addressesOf(living.filter(isReady)), addressesOf(living.filter((pod) => !isReady(pod)))]
  const subset = {
    ...(ready.length > 0 ? { addresses: ready } : {}),
    ...(waiting.length > 0 ? { notReadyAddresses: waiting } : {}),
    ports: portsOf(service, pods),
  }
  const subsets = living.length > 0 ? { subsets: [subset] } : {}
  const metadata = {
    name,
    ...namespaceOf(service),
    labels: { ...labels, [managedBy]: "endpoint-controller" },
  }
  const found = api.get(gvrs.endpoints, { namespace, name })
  if (found === undefined) {
    return [
      { do: "create", gvr: gvrs.endpoints, object: { apiVersion: "v1", kind: "Endpoints", metadata, ...subsets } },
    ]
  }
  // Somebody's own Endpoints are left alone.
  if (!isManaged(found)) return []
  const { subsets: _, ...rest } = found
  const next: KubeObject = { ...rest, ...subsets }
  return semanticEqual(next, found) ? [] : [{ do: "update", gvr: gvrs.endpoints, object: next }]
}
