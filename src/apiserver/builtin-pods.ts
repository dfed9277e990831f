import { type KubeObject, parseQuantity, shortHash } from "../kube/mod.ts"
import { fill } from "./builtin-types.ts"
import { type Fields, listAt, mapAt, specOf, textAt } from "./fields.ts"

/** What only Pods get, and no template of them. */
export function completePod(pod: KubeObject): KubeObject {
  const spec = specOf(pod)
  const complete = (container: Fields) =>
    withRequests(spec["hostNetwork"] === true ? withHostPorts(container) : container)
  return { ...pod, spec: fill(withContainers(spec, complete), { enableServiceLinks: true }) }
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

const critical: Readonly<Record<string, number>> = {
  "system-cluster-critical": 2_000_000_000,
  "system-node-critical": 2_000_001_000,
}

/** What admission and the first look at a new Pod add: account, token, tolerations, priority, status. */
export function createPod(pod: KubeObject): KubeObject {
  const spec = specOf(pod)
  const account = textAt(spec, "serviceAccountName") || textAt(spec, "serviceAccount") || "default"
  const priority = critical[textAt(spec, "priorityClassName")] ?? 0
  const named = fill(
    { ...spec, serviceAccountName: account, serviceAccount: account },
    { priority, preemptionPolicy: "PreemptLowerPriority" },
  )
  const tokened = spec["automountServiceAccountToken"] === false ? named : withToken(pod, named)
  const tolerations = [...listAt(spec, "tolerations"), ...missingTolerations(listAt(spec, "tolerations"))]
  return { ...pod, spec: { ...tokened, tolerations }, status: { phase: "Pending", qosClass: qosClass(spec) } }
}

function missingTolerations(given: readonly Fields[]): readonly Fields[] {
  const keys = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]
  const tolerates = (key: string) =>
    given.some(
      ({ key: own = "", effect = "" }) => (own === key || own === "") && (effect === "NoExecute" || effect === ""),
    )
  return keys
    .filter((key) => !tolerates(key))
    .map((key) => ({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 }))
}

const tokenPath = "/var/run/secrets/kubernetes.io/serviceaccount"

function withToken({ metadata }: KubeObject, spec: Fields): Fields {
  const known = listAt(spec, "volumes").find((volume) => textAt(volume, "name").startsWith("kube-api-access-"))
  const name =
    known === undefined ? `kube-api-access-${shortHash(metadata.uid ?? "").slice(0, 5)}` : textAt(known, "name")
  const mounted = withContainers(spec, (container) => withMount(container, name))
  const containers = [...listAt(spec, "containers"), ...listAt(spec, "initContainers")]
  const wanted = containers.some((container) => !hasMount(container))
  const volumes = known === undefined && wanted ? [...listAt(spec, "volumes"), tokenVolume(name)] : spec["volumes"]
  return { ...mounted, ...(volumes === undefined ? {} : { volumes }) }
}

function hasMount(container: Fields): boolean {
  return listAt(container, "volumeMounts").some((mount) => mount["mountPath"] === tokenPath)
}

function withMount(container: Fields, name: string): Fields {
  if (hasMount(container)) return container
  const mount = { name, readOnly: true, mountPath: tokenPath }
  return { ...container, volumeMounts: [...listAt(container, "volumeMounts"), mount] }
}

function tokenVolume(name: string): Fields {
  const namespace = { path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }
  const sources = [
    { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
    { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
    { downwardAPI: { items: [namespace] } },
  ]
  return { name, projected: { sources, defaultMode: 420 } }
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
