import {
  controllerOf,
  formatGroupKind,
  type Gvk,
  getPath,
  gvkOf,
  isRecord,
  type KubeObject,
  type ObjectMeta,
  objectKey,
} from "../kube/mod.ts"
import { type OperatorPlan, workloadLabel } from "../plan/mod.ts"

/** The kinds of objects that children are enriched from. */
export type SourceName =
  | "pods"
  | "replicaSets"
  | "jobs"
  | "events"
  | "claims"
  | "volumes"
  | "storageClasses"
  | "slices"
  | "nodes"

/** How objects of a source are found: by key, or by one of its indexes. */
export type Found = "key" | "controller" | "about" | "stem" | "service" | "label"

/** What of a kind is kept, and how it is found. */
export interface EnrichSource {
  readonly gvk: Gvk
  /** Only the fields that are read; undefined for objects that nothing asks for. */
  readonly project: (object: KubeObject) => KubeObject | undefined
  readonly indexes: Readonly<Partial<Record<Found, (object: KubeObject) => readonly string[]>>>
  readonly fieldSelector?: string
}

const gvk = (group: string, kind: string): Gvk => ({ group, version: "v1", kind })

const byController = (object: KubeObject): readonly string[] => {
  const uid = controllerOf(object)?.uid
  return uid === undefined ? [] : [uid]
}

/** What every cache needs of the metadata, and the `more` that is read. */
function headOf({ metadata }: KubeObject, more: readonly (keyof ObjectMeta)[] = []): ObjectMeta {
  const kept = ["name", "namespace", "uid", "resourceVersion", ...more]
  // Keys of the metadata with their own values.
  return Object.fromEntries(Object.entries(metadata).filter(([key]) => kept.includes(key))) as ObjectMeta
}

function controlled(object: KubeObject): Partial<ObjectMeta> {
  const controller = controllerOf(object)
  return controller === undefined ? {} : { ownerReferences: [controller] }
}

/** The members of a map that are called so; a map that is none is left out. */
function pick(value: unknown, keys: readonly string[]): Readonly<Record<string, unknown>> | undefined {
  if (!isRecord(value)) return undefined
  return Object.fromEntries(Object.entries(value).filter(([key]) => keys.includes(key)))
}

function cut(object: KubeObject, metadata: ObjectMeta, fields: Readonly<Record<string, unknown>>): KubeObject {
  const { apiVersion, kind } = object
  const present = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
  return { apiVersion, kind, metadata, ...present }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function conditions(object: KubeObject, types: readonly string[]): readonly unknown[] {
  return listOf(getPath(object, ["status", "conditions"]))
    .filter((one) => isRecord(one) && types.includes(String(one["type"])))
    .map((one) => pick(one, ["type", "status"]))
}

const containerFields = ["name", "ready", "restartCount", "state", "lastState"]

function projectPod(pod: KubeObject): KubeObject {
  const metadata = { ...headOf(pod, ["labels", "deletionTimestamp"]), ...controlled(pod) }
  const status = pick(pod["status"], ["phase", "podIP"]) ?? {}
  const containers = listOf(getPath(pod, ["status", "containerStatuses"]))
  return cut(pod, metadata, {
    spec: pick(pod["spec"], ["nodeName"]),
    status: {
      ...status,
      conditions: conditions(pod, ["Ready"]),
      containerStatuses: containers.map((one) => pick(one, containerFields)),
    },
  })
}

const revision = "deployment.kubernetes.io/revision"

function projectReplicaSet(set: KubeObject): KubeObject | undefined {
  if (controllerOf(set)?.kind !== "Deployment") return undefined
  const value = set.metadata.annotations?.[revision]
  const metadata = {
    ...headOf(set),
    ...controlled(set),
    ...(value === undefined ? {} : { annotations: { [revision]: value } }),
  }
  return cut(set, metadata, {
    spec: pick(set["spec"], ["replicas"]),
    status: pick(set["status"], ["replicas", "readyReplicas"]),
  })
}

function projectJob(job: KubeObject): KubeObject | undefined {
  if (controllerOf(job)?.kind !== "CronJob") return undefined
  return cut(
    job,
    { ...headOf(job, ["creationTimestamp"]), ...controlled(job) },
    {
      status: {
        ...pick(job["status"], ["active", "succeeded", "failed", "startTime", "completionTime"]),
        conditions: conditions(job, ["Complete", "Failed"]),
      },
    },
  )
}

function projectEvent(event: KubeObject): KubeObject | undefined {
  if (event["type"] !== "Warning") return undefined
  const { reason, note, message, series, count, deprecatedCount, lastTimestamp, deprecatedLastTimestamp, eventTime } =
    event
  return cut(event, headOf(event, ["creationTimestamp"]), {
    ...{ reason, note, message, series, count, deprecatedCount, lastTimestamp, deprecatedLastTimestamp, eventTime },
    regarding: pick(event["regarding"] ?? event["involvedObject"], ["kind", "name", "uid"]),
  })
}

const storage = [
  "accessModes",
  "volumeMode",
  "storageClassName",
  "volumeName",
  "persistentVolumeReclaimPolicy",
  "capacity",
  "resources",
]

function projectStorage(object: KubeObject): KubeObject {
  return cut(object, headOf(object), {
    spec: pick(object["spec"], storage),
    status: pick(object["status"], ["phase", "capacity"]),
  })
}

const classFields = ["provisioner", "reclaimPolicy", "volumeBindingMode", "allowVolumeExpansion"]

function projectStorageClass(object: KubeObject): KubeObject {
  return cut(object, headOf(object), pick(object, classFields) ?? {})
}

const serviceName = "kubernetes.io/service-name"

function projectSlice(slice: KubeObject): KubeObject {
  const name = slice.metadata.labels?.[serviceName]
  const metadata = { ...headOf(slice), ...(name === undefined ? {} : { labels: { [serviceName]: name } }) }
  const endpoints = listOf(slice["endpoints"]).map((one) => ({
    addresses: getPath(one, ["addresses"]),
    ready: getPath(one, ["conditions", "ready"]) !== false,
  }))
  const ports = listOf(slice["ports"]).map((one) => pick(one, ["port"]))
  return cut(slice, metadata, { endpoints, ports })
}

const nodeLabels = {
  zone: "topology.kubernetes.io/zone",
  region: "topology.kubernetes.io/region",
  instanceType: "node.kubernetes.io/instance-type",
} as const

function projectNode(node: KubeObject): KubeObject {
  const labels = node.metadata.labels ?? {}
  const kept = Object.entries(nodeLabels).flatMap(([key, label]) => (labels[label] ? [[key, labels[label]]] : []))
  return cut(node, headOf(node), Object.fromEntries(kept))
}

// `data-web-0` belongs to the template `data` of StatefulSet `web`.
const byStem = ({ metadata: { namespace, name = "" } }: KubeObject): readonly string[] => [
  objectKey(namespace, name.replace(/-\d+$/, "")),
]

const byService = ({ metadata: { namespace, labels } }: KubeObject): readonly string[] => [
  objectKey(namespace, labels?.[serviceName] ?? ""),
]

const byLabel = ({ metadata: { namespace, labels } }: KubeObject): readonly string[] =>
  Object.entries(labels ?? {}).map(([key, value]) => objectKey(namespace, `${key}=${value}`))

const byRegarding = (event: KubeObject): readonly string[] => {
  const uid = getPath(event, ["regarding", "uid"])
  return typeof uid === "string" ? [uid] : []
}

/** Every source. Projections and indexes are constants, so that operators share informers. */
export const enrichSources: Readonly<Record<SourceName, EnrichSource>> = {
  pods: { gvk: gvk("", "Pod"), project: projectPod, indexes: { controller: byController, label: byLabel } },
  replicaSets: {
    gvk: gvk("apps", "ReplicaSet"),
    project: projectReplicaSet,
    indexes: { controller: byController },
  },
  jobs: { gvk: gvk("batch", "Job"), project: projectJob, indexes: { controller: byController } },
  events: {
    gvk: gvk("events.k8s.io", "Event"),
    project: projectEvent,
    indexes: { about: byRegarding },
    fieldSelector: "type=Warning",
  },
  claims: { gvk: gvk("", "PersistentVolumeClaim"), project: projectStorage, indexes: { stem: byStem } },
  volumes: { gvk: gvk("", "PersistentVolume"), project: projectStorage, indexes: {} },
  storageClasses: { gvk: gvk("storage.k8s.io", "StorageClass"), project: projectStorageClass, indexes: {} },
  slices: { gvk: gvk("discovery.k8s.io", "EndpointSlice"), project: projectSlice, indexes: { service: byService } },
  nodes: { gvk: gvk("", "Node"), project: projectNode, indexes: {} },
}

/** One informer that a plan needs: a source and which of its objects. */
export interface EnrichWatch {
  readonly source: SourceName
  readonly labelSelector?: string
  /** The indexes of the source that the plan's targets use. */
  readonly indexes: readonly Found[]
}

const jobName = "batch.kubernetes.io/job-name"

/** The informers that a plan's targets need for the kinds of children it makes; none for a plan without `enrich`. */
export function watchesOf(plan: OperatorPlan): readonly EnrichWatch[] {
  const kinds = new Set(plan.resources.map(({ gvk: of }) => formatGroupKind(of)))
  const targets = new Set(plan.enrich.map(({ target }) => target))
  const makes = (...names: readonly string[]) => names.some((name) => kinds.has(name))
  const asks = (...names: readonly string[]) => [...targets].some((target) => names.includes(target))
  const follows = asks("pods", "events")
  const owners = follows && makes("Deployment.apps", "StatefulSet.apps", "ReplicaSet.apps", "DaemonSet.apps")
  const jobs = follows && (makes("Job.batch") || (asks("events") && makes("CronJob.batch")))
  const label = plan.labelsPods ? { labelSelector: workloadLabel } : {}
  const behind = asks("backingpods")
  const watches: EnrichWatch[] = []
  const add = (when: boolean, watch: EnrichWatch) => when && watches.push(watch)
  const indexes = behind ? (["controller", "label"] as const) : (["controller"] as const)
  add(owners || behind || (jobs && !plan.labelsPods), { source: "pods", ...label, indexes })
  add(jobs && plan.labelsPods, { source: "pods", labelSelector: jobName, indexes })
  const replicaSets = asks("pods", "events", "replicasets") && makes("Deployment.apps")
  add(replicaSets, { source: "replicaSets", ...label, indexes: ["controller"] })
  add(asks("events", "cronjob") && makes("CronJob.batch"), { source: "jobs", indexes: ["controller"] })
  add(asks("events"), { source: "events", indexes: ["about"] })
  add(asks("pvcs", "pvc"), {
    source: "claims",
    ...(asks("pvc") ? {} : label),
    indexes: asks("pvcs") ? ["stem"] : [],
  })
  add(asks("pv"), { source: "volumes", indexes: [] })
  add(asks("storageclass"), { source: "storageClasses", indexes: [] })
  add(asks("endpoints"), { source: "slices", indexes: ["service"] })
  add(asks("node"), { source: "nodes", indexes: [] })
  return watches
}

/** Everything under which an object of a source is asked for. */
export function questionsAbout(source: SourceName, indexes: readonly Found[], object: KubeObject): readonly string[] {
  const { namespace, name = "" } = object.metadata
  const keys = indexes.flatMap((index) =>
    (enrichSources[source].indexes[index]?.(object) ?? []).map((value) => questionOf(source, index, value)),
  )
  return [questionOf(source, "key", objectKey(namespace, name)), ...keys]
}

/** One question to a source, as text. */
export function questionOf(source: SourceName, by: Found, value: string): string {
  return `${source} ${by} ${value}`
}

/** The kind of an object as targets name it: `Deployment.apps`. */
export function groupKindOf(object: KubeObject): string {
  return formatGroupKind(gvkOf(object))
}
