import { controllerOf, formatGroupKind, type Gvk, getPath, type KubeObject, objectKey } from "../kube/mod.ts"
import { type OperatorPlan, workloadLabel } from "../plan/mod.ts"
import {
  claimValue,
  jobValue,
  nodeValue,
  podValue,
  replicaSetValue,
  sliceValue,
  storageClassValue,
  volumeValue,
  warningValue,
} from "./enrich-values.ts"

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
export type FoundBy = "key" | "controller" | "about" | "stem" | "service" | "label"

/** What of a kind is kept, and how it is found. */
export interface EnrichSource {
  readonly gvk: Gvk
  /** What children get, as `value`, and the metadata that the indexes read; undefined for what nothing asks for. */
  readonly project: (object: KubeObject) => KubeObject | undefined
  readonly indexes: Readonly<Partial<Record<FoundBy, (object: KubeObject) => readonly string[]>>>
  readonly fieldSelector?: string
}

function gvk(group: string, kind: string): Gvk {
  return { group, version: "v1", kind }
}

interface Kept {
  readonly value: (object: KubeObject) => unknown
  /** Of its labels: all, or only the named one. */
  readonly labels?: "all" | string
  readonly creation?: boolean
}

/** Keeps what identifies an object, what controls it, and its value. */
function keep({ value, labels, creation }: Kept): (object: KubeObject) => KubeObject {
  return (object) => {
    const { name, namespace, uid, resourceVersion, labels: own = {}, creationTimestamp } = object.metadata
    const controller = controllerOf(object)
    const named = labels === undefined ? undefined : own[labels]
    const metadata = {
      ...(name === undefined ? {} : { name }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(controller === undefined ? {} : { ownerReferences: [controller] }),
      ...(labels === "all" ? { labels: own } : {}),
      ...(labels === undefined || named === undefined ? {} : { labels: { [labels]: named } }),
      ...(creation && creationTimestamp !== undefined ? { creationTimestamp } : {}),
    }
    return { apiVersion: object.apiVersion, kind: object.kind, metadata, value: value(object) }
  }
}

const serviceName = "kubernetes.io/service-name"
const keepReplicaSet = keep({ value: replicaSetValue })
const keepJob = keep({ value: jobValue, creation: true })
const keepWarning = keep({ value: warningValue })

function projectReplicaSet(set: KubeObject): KubeObject | undefined {
  return controllerOf(set)?.kind === "Deployment" ? keepReplicaSet(set) : undefined
}

function projectJob(job: KubeObject): KubeObject | undefined {
  return controllerOf(job)?.kind === "CronJob" ? keepJob(job) : undefined
}

function projectWarning(event: KubeObject): KubeObject | undefined {
  const uid = getPath(event, ["regarding", "uid"])
  if (event["type"] !== "Warning" || typeof uid !== "string") return undefined
  return { ...keepWarning(event), about: uid }
}

function byController(object: KubeObject): readonly string[] {
  const uid = controllerOf(object)?.uid
  return uid === undefined ? [] : [uid]
}

function byAbout(event: KubeObject): readonly string[] {
  return [String(event["about"])]
}

// `data-web-0` belongs to the template `data` of StatefulSet `web`.
function byStem({ metadata: { namespace, name = "" } }: KubeObject): readonly string[] {
  return [objectKey(namespace, name.replace(/-\d+$/, ""))]
}

function byService({ metadata: { namespace, labels } }: KubeObject): readonly string[] {
  return [objectKey(namespace, labels?.[serviceName] ?? "")]
}

function byLabel({ metadata: { namespace, labels } }: KubeObject): readonly string[] {
  return Object.entries(labels ?? {}).map(([key, value]) => objectKey(namespace, `${key}=${value}`))
}

/** Every source. Projections and indexes are constants, so that operators share informers. */
export const enrichSources: Readonly<Record<SourceName, EnrichSource>> = {
  pods: {
    gvk: gvk("", "Pod"),
    project: keep({ value: podValue, labels: "all" }),
    indexes: { controller: byController, label: byLabel },
  },
  replicaSets: { gvk: gvk("apps", "ReplicaSet"), project: projectReplicaSet, indexes: { controller: byController } },
  jobs: { gvk: gvk("batch", "Job"), project: projectJob, indexes: { controller: byController } },
  events: {
    gvk: gvk("events.k8s.io", "Event"),
    project: projectWarning,
    indexes: { about: byAbout },
    fieldSelector: "type=Warning",
  },
  claims: { gvk: gvk("", "PersistentVolumeClaim"), project: keep({ value: claimValue }), indexes: { stem: byStem } },
  volumes: { gvk: gvk("", "PersistentVolume"), project: keep({ value: volumeValue }), indexes: {} },
  storageClasses: {
    gvk: gvk("storage.k8s.io", "StorageClass"),
    project: keep({ value: storageClassValue }),
    indexes: {},
  },
  slices: {
    gvk: gvk("discovery.k8s.io", "EndpointSlice"),
    project: keep({ value: sliceValue, labels: serviceName }),
    indexes: { service: byService },
  },
  nodes: { gvk: gvk("", "Node"), project: keep({ value: nodeValue }), indexes: {} },
}

/** One informer that a plan needs: a source, which of its objects, and how they are found beside by key. */
export interface EnrichWatch {
  readonly source: SourceName
  readonly labelSelector?: string
  readonly indexes: readonly FoundBy[]
}

const jobName = "batch.kubernetes.io/job-name"
const podOwners = ["Deployment.apps", "StatefulSet.apps", "ReplicaSet.apps", "DaemonSet.apps"]

/** The informers that a plan's targets need for the kinds of children it makes; none for a plan without `enrich`. */
export function watchesOf(plan: OperatorPlan): readonly EnrichWatch[] {
  const kinds = new Set(plan.resources.map((resource) => formatGroupKind(resource.gvk)))
  const targets = new Set<string>(plan.enrich.map(({ target }) => target))
  const makes = (...names: readonly string[]) => names.some((name) => kinds.has(name))
  const asks = (...names: readonly string[]) => names.some((name) => targets.has(name))
  const label = plan.labelsPods ? { labelSelector: workloadLabel } : {}
  const cronJobs = asks("events", "cronjob") && makes("CronJob.batch")
  const replicaSets = asks("pods", "events", "replicasets") && makes("Deployment.apps")
  const watches: readonly (readonly [boolean, EnrichWatch])[] = [
    ...podWatches(plan, { makes, asks }),
    [replicaSets, { source: "replicaSets", ...label, indexes: ["controller"] }],
    [cronJobs, { source: "jobs", indexes: ["controller"] }],
    [asks("events"), { source: "events", indexes: ["about"] }],
    [asks("pvcs", "pvc"), { source: "claims", ...(asks("pvc") ? {} : label), indexes: ["stem"] }],
    [asks("pv"), { source: "volumes", indexes: [] }],
    [asks("storageclass"), { source: "storageClasses", indexes: [] }],
    [asks("endpoints"), { source: "slices", labelSelector: serviceName, indexes: ["service"] }],
    [asks("node"), { source: "nodes", indexes: [] }],
  ]
  return watches.flatMap(([isNeeded, watch]) => (isNeeded ? [watch] : []))
}

interface Wants {
  readonly makes: (...kinds: readonly string[]) => boolean
  readonly asks: (...targets: readonly string[]) => boolean
}

// Pods of Jobs never have the workload label, but one of their own.
function podWatches(plan: OperatorPlan, { makes, asks }: Wants): readonly (readonly [boolean, EnrichWatch])[] {
  const behind = asks("backingpods")
  const workloads = behind || (asks("pods", "events") && makes(...podOwners))
  const jobs = (asks("pods", "events") && makes("Job.batch")) || (asks("events") && makes("CronJob.batch"))
  const all: EnrichWatch = { source: "pods", indexes: behind ? ["controller", "label"] : ["controller"] }
  if (workloads && !plan.labelsPods) return [[true, all]]
  return [
    [workloads, { ...all, labelSelector: workloadLabel }],
    [jobs, { ...all, labelSelector: jobName }],
  ]
}

/** One question to a source, as text. */
export function questionOf(source: SourceName, by: FoundBy, value: string): string {
  return `${source} ${by} ${value}`
}

/** Every question that an object of a watch answers. */
export function questionsAbout({ source, indexes }: EnrichWatch, object: KubeObject): readonly string[] {
  const { namespace, name = "" } = object.metadata
  const values = (by: FoundBy) => enrichSources[source].indexes[by]?.(object) ?? []
  return [
    questionOf(source, "key", objectKey(namespace, name)),
    ...indexes.flatMap((by) => values(by).map((value) => questionOf(source, by, value))),
  ]
}
