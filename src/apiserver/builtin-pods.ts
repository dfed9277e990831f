import { type KubeObject, parseQuantity } from "../kube/mod.ts"
import { fill } from "./builtin-types.ts"
import { type Fields, listAt, mapAt, numberAt, specOf } from "./fields.ts"

/** What only Pods get, and no template of them. */
export function completePod(pod: KubeObject): KubeObject {
  const spec = specOf(pod)
  const complete = (container: Fields) =>
    withRequests(spec["hostNetwork"] === true ? withHostPorts(container) : container)
  return { ...pod, spec: fill(withVisitors(withContainers(spec, complete)), { enableServiceLinks: true }) }
}

// What comes in later to look around has defaults as well.
function withVisitors(spec: Fields): Fields {
  if (!Array.isArray(spec["ephemeralContainers"])) return spec
  const usual = { resources: {}, terminationMessagePath: "/dev/termination-log", terminationMessagePolicy: "File" }
  return { ...spec, ephemeralContainers: listAt(spec, "ephemeralContainers").map((one) => fill(one, usual)) }
}

function withContainers(spec: Fields, change: (container: Fields) => Fields): Fields {
  const members = ["containers", "initContainers"].filter((key) => Array.isArray(spec[key]))
  return { ...spec, ...Object.fromEntries(members.map((key) => [key, listAt(spec, key).map(change)])) }
}

function withHostPorts(container: Fields): Fields {
  if (!Array.isArray(container["ports"])) return container
  const ports = listAt(container, "ports").map((port) => fill(port, { hostPort: port["containerPort"] }))
  return { ...container, ports }
}

// A limit without a request is the request.
function withRequests(container: Fields): Fields {
  const resources = mapAt(container, "resources")
  const limits = mapAt(resources, "limits")
  if (Object.keys(limits).length === 0) return container
  return { ...container, resources: { ...resources, requests: { ...limits, ...mapAt(resources, "requests") } } }
}

/** What the first look at a new Pod adds; the rest is admission's. */
export function createPod(pod: KubeObject): KubeObject {
  const spec = specOf(pod)
  // Nothing ends before it is asked to.
  const isHasty = numberAt(spec, "terminationGracePeriodSeconds") < 0
  const patient = isHasty ? { ...pod, spec: { ...spec, terminationGracePeriodSeconds: 1 } } : pod
  return { ...patient, status: { phase: "Pending", qosClass: qosClass(spec) } }
}

/** How well a Pod is served when a node runs short. */
export function qosClass(spec: Fields): string {
  const containers = [...listAt(spec, "containers"), ...listAt(spec, "initContainers")]
  const counted = (map: Fields) => ["cpu", "memory"].filter((key) => (parseQuantity(map[key]) ?? 0) !== 0)
  let isGuaranteed = true
  let isBestEffort = true
  for (const container of containers) {
    const limits = mapAt(container, "resources", "limits")
    const requests = mapAt(container, "resources", "requests")
    if (counted(limits).length + counted(requests).length > 0) isBestEffort = false
    const isSame = counted(requests).every((key) => parseQuantity(requests[key]) === parseQuantity(limits[key]))
    if (counted(limits).length < 2 || !isSame) isGuaranteed = false
  }
  return isBestEffort ? "BestEffort" : isGuaranteed ? "Guaranteed" : "Burstable"
}
