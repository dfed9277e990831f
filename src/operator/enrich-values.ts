import { controllerOf, getPath, isRecord, type KubeObject } from "../kube/mod.ts"

type Plain = Readonly<Record<string, unknown>>

function at(value: unknown, ...steps: readonly string[]): unknown {
  return getPath(value, steps)
}

function list(value: unknown, ...steps: readonly string[]): readonly unknown[] {
  const found = at(value, ...steps)
  return Array.isArray(found) ? found : []
}

function text(value: unknown, ...steps: readonly string[]): string {
  const found = at(value, ...steps)
  return typeof found === "string" ? found : ""
}

function count(value: unknown, ...steps: readonly string[]): number {
  const found = at(value, ...steps)
  return typeof found === "number" ? found : 0
}

/** Without the members that have no value. */
function present(members: Plain): Plain {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== ""))
}

function isTrue(object: unknown, type: string): boolean {
  return list(object, "status", "conditions").some((one) => at(one, "type") === type && at(one, "status") === "True")
}

/** `{ name, ip, phase, ready, node, restartCount, containers }`, of a StatefulSet's Pod also `ordinal`. */
export function podValue(pod: KubeObject): Plain {
  const { name = "", deletionTimestamp } = pod.metadata
  const containers = list(pod, "status", "containerStatuses")
  const ordinal = controllerOf(pod)?.kind === "StatefulSet" ? /-(\d{1,9})$/.exec(name)?.[1] : undefined
  return {
    name,
    ip: text(pod, "status", "podIP"),
    phase: text(pod, "status", "phase"),
    ready: isTrue(pod, "Ready"),
    node: text(pod, "spec", "nodeName"),
    restartCount: containers.reduce((sum: number, one) => sum + count(one, "restartCount"), 0),
    ...(ordinal === undefined ? {} : { ordinal: Number(ordinal) }),
    ...(deletionTimestamp === undefined ? {} : { terminating: true }),
    containers: containers.map(containerValue),
  }
}

function containerValue(container: unknown): Plain {
  const [state = ""] = Object.keys(recordAt(container, "state"))
  const last = at(container, "lastState", "terminated")
  return {
    name: text(container, "name"),
    ready: at(container, "ready") === true,
    restartCount: count(container, "restartCount"),
    state,
    ...ending(at(container, "state", state)),
    ...(last === undefined ? {} : { lastState: { terminated: ending(last) } }),
  }
}

function ending(state: unknown): Plain {
  return present({ reason: at(state, "reason"), exitCode: at(state, "exitCode") })
}

function recordAt(value: unknown, ...steps: readonly string[]): Plain {
  const found = at(value, ...steps)
  return isRecord(found) ? found : {}
}

/** `{ name, revision, replicas, readyReplicas }`. */
export function replicaSetValue(set: KubeObject): Plain {
  return {
    name: set.metadata.name,
    revision: Number(set.metadata.annotations?.["deployment.kubernetes.io/revision"] ?? 0),
    replicas: count(set, "status", "replicas"),
    readyReplicas: count(set, "status", "readyReplicas"),
  }
}

/** `{ name, succeeded, failed, startTime, completionTime }`: how one run of a CronJob went. */
export function jobValue(job: KubeObject): Plain {
  return present({
    name: job.metadata.name,
    succeeded: isTrue(job, "Complete"),
    failed: isTrue(job, "Failed"),
    startTime: at(job, "status", "startTime"),
    completionTime: at(job, "status", "completionTime"),
  })
}

/** `{ reason, message, count, lastTimestamp }`, of an Event of either API. */
export function warningValue(event: KubeObject): Plain {
  const seen = count(event, "series", "count") || count(event, "deprecatedCount") || count(event, "count")
  return {
    reason: text(event, "reason"),
    message: text(event, "note") || text(event, "message"),
    count: seen || 1,
    lastTimestamp:
      text(event, "series", "lastObservedTime") ||
      text(event, "deprecatedLastTimestamp") ||
      text(event, "lastTimestamp") ||
      text(event, "eventTime") ||
      (event.metadata.creationTimestamp ?? ""),
  }
}

/** `{ name, phase, capacity, storageClass, volume }`. */
export function claimValue(claim: KubeObject): Plain {
  return present({
    name: claim.metadata.name,
    phase: at(claim, "status", "phase"),
    capacity: at(claim, "status", "capacity", "storage"),
    storageClass: at(claim, "spec", "storageClassName"),
    volume: at(claim, "spec", "volumeName"),
  })
}

/** `{ name, phase, spec }`, with the spec as in Kubernetes and only what is not about the kind of volume. */
export function volumeValue(volume: KubeObject): Plain {
  const keys = ["accessModes", "capacity", "persistentVolumeReclaimPolicy", "storageClassName", "volumeMode"]
  const spec = Object.fromEntries(keys.map((key) => [key, at(volume, "spec", key)]))
  return present({ name: volume.metadata.name, phase: at(volume, "status", "phase"), spec: present(spec) })
}

/** `{ name, provisioner, reclaimPolicy, volumeBindingMode, allowVolumeExpansion }`. */
export function storageClassValue(storageClass: KubeObject): Plain {
  const keys = ["provisioner", "reclaimPolicy", "volumeBindingMode", "allowVolumeExpansion"]
  const own = Object.fromEntries(keys.map((key) => [key, storageClass[key]]))
  return present({ name: storageClass.metadata.name, ...own })
}

/** A list of `{ ip, port, ready }`: each address with each port. */
export function sliceValue(slice: KubeObject): readonly Plain[] {
  const ports = list(slice, "ports").map((one) => at(one, "port"))
  return list(slice, "endpoints").flatMap((endpoint) =>
    list(endpoint, "addresses").flatMap((ip) =>
      (ports.length === 0 ? [undefined] : ports).map((port) =>
        // What does not say counts as ready.
        present({ ip, port, ready: at(endpoint, "conditions", "ready") !== false }),
      ),
    ),
  )
}

/** `{ name, zone, region, instanceType }`. */
export function nodeValue({ metadata: { name, labels } }: KubeObject): Plain {
  return present({
    name,
    zone: labels?.["topology.kubernetes.io/zone"],
    region: labels?.["topology.kubernetes.io/region"],
    instanceType: labels?.["node.kubernetes.io/instance-type"],
  })
}

/** `{ name, kind, uid }` of what controls an object. */
export function ownerValue(object: KubeObject): Plain | undefined {
  const owner = controllerOf(object)
  return owner && { name: owner.name, kind: owner.kind, uid: owner.uid }
}

/** What a HorizontalPodAutoscaler measures and scales. */
export function scalingValues(scaler: KubeObject): Plain {
  const { name, kind, apiVersion } = recordAt(scaler, "spec", "scaleTargetRef")
  return {
    _currentMetrics: list(scaler, "status", "currentMetrics"),
    _scaleTarget: present({ name, kind, apiVersion }),
  }
}

/** The addresses of an Ingress, and the names of the Secrets that its TLS needs. */
export function ingressValues(ingress: KubeObject): Plain {
  const addresses = list(ingress, "status", "loadBalancer", "ingress").map(
    (one) => text(one, "ip") || text(one, "hostname"),
  )
  const secrets = list(ingress, "spec", "tls").map((one) => text(one, "secretName"))
  const names = (all: readonly string[]) => [...new Set(all.filter((one) => one !== ""))]
  return { _loadBalancerIPs: names(addresses), _tlsSecrets: names(secrets) }
}

/** The names of the Jobs of a CronJob that run. */
export function activeJobs(cronJob: KubeObject): readonly Plain[] {
  return list(cronJob, "status", "active").map((one) => ({ name: text(one, "name") }))
}

/** What names of claims begin with, one for each template of a StatefulSet. */
export function claimStems(set: KubeObject): readonly string[] {
  const templates = list(set, "spec", "volumeClaimTemplates")
  return templates.map((one) => `${text(one, "metadata", "name")}-${set.metadata.name}`)
}

/** The labels that a Service selects Pods by; none for one without a selector. */
export function selectorOf(service: KubeObject): readonly (readonly [string, string])[] {
  return Object.entries(recordAt(service, "spec", "selector")).map(([key, value]) => [key, String(value)])
}
