import type { EntryKind, EntrySpec } from "../katalog/mod.ts"
import { apiVersionOf, type Gvk, isRecord, parseApiVersion } from "../kube/mod.ts"
import { field, type Skeleton } from "./entry.ts"
import { clusterRoleBinding, roleBinding, rules } from "./short-forms/access.ts"
import { configMap, limitRange, namespace, resourceQuota, secret } from "./short-forms/configuration.ts"
import type { Form, ShortFormContext } from "./short-forms/context.ts"
import { ingress, networkPolicy, service } from "./short-forms/network.ts"
import {
  podTemplateObject,
  priorityClass,
  priorityLevelConfiguration,
  runtimeClass,
  serviceMonitor,
  storageClass,
  volumeSnapshot,
} from "./short-forms/platform.ts"
import { horizontalPodAutoscaler, podDisruptionBudget } from "./short-forms/scaling.ts"
import { persistentVolume, persistentVolumeClaim } from "./short-forms/storage.ts"
import { cronJob, daemonSet, deployment, job, pod, replicaSet, statefulSet } from "./short-forms/workloads.ts"
import { childPath, derived, type Written, written } from "./value.ts"

/** Lists whose entries name their kind themselves, with the end of their default names. */
const namingKinds = {
  storageBackups: "-backup",
  storageLocations: "-location",
  storagePools: "-pool",
  storageVolumes: "-volume",
} as const

type NamingKind = keyof typeof namingKinds
type ShortFormKind = Exclude<EntryKind, "custom" | "manifests" | NamingKind>

function isNaming(kind: EntryKind): kind is NamingKind {
  return Object.hasOwn(namingKinds, kind)
}

/** How one kind of short form becomes an object. */
interface ShortForm {
  readonly gvk: Gvk
  /** The default name is the CR's with this at its end. */
  readonly suffix: string
  readonly body: (form: Form) => Skeleton
}

const core = (kind: string): Gvk => ({ group: "", version: "v1", kind })
const apps = (kind: string): Gvk => ({ group: "apps", version: "v1", kind })
const batch = (kind: string): Gvk => ({ group: "batch", version: "v1", kind })
const networking = (kind: string): Gvk => ({ group: "networking.k8s.io", version: "v1", kind })
const rbac = (kind: string): Gvk => ({ group: "rbac.authorization.k8s.io", version: "v1", kind })
const autoscaling: Gvk = { group: "autoscaling", version: "v2", kind: "HorizontalPodAutoscaler" }
const storage = (kind: string): Gvk => ({ group: "storage.k8s.io", version: "v1", kind })
const snapshot: Gvk = { group: "snapshot.storage.k8s.io", version: "v1", kind: "VolumeSnapshot" }
const monitor: Gvk = { group: "monitoring.coreos.com", version: "v1", kind: "ServiceMonitor" }
const priority: Gvk = { group: "scheduling.k8s.io", version: "v1", kind: "PriorityClass" }
const priorityLevel: Gvk = {
  group: "flowcontrol.apiserver.k8s.io",
  version: "v1",
  kind: "PriorityLevelConfiguration",
}
const runtime: Gvk = { group: "node.k8s.io", version: "v1", kind: "RuntimeClass" }
const policy: Gvk = { group: "policy", version: "v1", kind: "PodDisruptionBudget" }

const shortForms: Readonly<Record<ShortFormKind, ShortForm>> = {
  namespaces: { gvk: core("Namespace"), suffix: "-ns", body: namespace },
  configMaps: { gvk: core("ConfigMap"), suffix: "-config", body: configMap },
  secrets: { gvk: core("Secret"), suffix: "-secret", body: secret },
  services: { gvk: core("Service"), suffix: "-svc", body: service },
  serviceAccounts: { gvk: core("ServiceAccount"), suffix: "-sa", body: () => ({}) },
  deployments: { gvk: apps("Deployment"), suffix: "-deployment", body: deployment },
  statefulSets: { gvk: apps("StatefulSet"), suffix: "", body: statefulSet },
  replicaSets: { gvk: apps("ReplicaSet"), suffix: "-replicaset", body: replicaSet },
  daemonSets: { gvk: apps("DaemonSet"), suffix: "-daemonset", body: daemonSet },
  pods: { gvk: core("Pod"), suffix: "-pod", body: pod },
  jobs: { gvk: batch("Job"), suffix: "-job", body: job },
  cronJobs: { gvk: batch("CronJob"), suffix: "-cronjob", body: cronJob },
  ingresses: { gvk: networking("Ingress"), suffix: "-ingress", body: ingress },
  networkPolicies: { gvk: networking("NetworkPolicy"), suffix: "-policy", body: networkPolicy },
  persistentVolumeClaims: { gvk: core("PersistentVolumeClaim"), suffix: "-pvc", body: persistentVolumeClaim },
  persistentVolumes: { gvk: core("PersistentVolume"), suffix: "-pv", body: persistentVolume },
  roles: { gvk: rbac("Role"), suffix: "-role", body: rules },
  roleBindings: { gvk: rbac("RoleBinding"), suffix: "-rolebinding", body: roleBinding },
  clusterRoles: { gvk: rbac("ClusterRole"), suffix: "-cluster-role", body: rules },
  clusterRoleBindings: { gvk: rbac("ClusterRoleBinding"), suffix: "-crb", body: clusterRoleBinding },
  hpa: { gvk: autoscaling, suffix: "-hpa", body: horizontalPodAutoscaler },
  pdb: { gvk: policy, suffix: "-pdb", body: podDisruptionBudget },
  resourceQuotas: { gvk: core("ResourceQuota"), suffix: "-quota", body: resourceQuota },
  limitRanges: { gvk: core("LimitRange"), suffix: "-limits", body: limitRange },
  podTemplates: { gvk: core("PodTemplate"), suffix: "-podtemplate", body: podTemplateObject },
  storageClasses: { gvk: storage("StorageClass"), suffix: "-storageclass", body: storageClass },
  storageSnapshots: { gvk: snapshot, suffix: "-snapshot", body: volumeSnapshot },
  serviceMonitors: { gvk: monitor, suffix: "-monitor", body: serviceMonitor },
  priorityClasses: { gvk: priority, suffix: "-priority", body: priorityClass },
  priorityLevelConfigurations: { gvk: priorityLevel, suffix: "-level", body: priorityLevelConfiguration },
  runtimeClasses: { gvk: runtime, suffix: "-runtime", body: runtimeClass },
}

/** The kind that an entry renders to, or undefined when `apiVersion` or `kind` is missing or a template. */
export function gvkOfEntry(entry: EntrySpec): Gvk | undefined {
  if (entry.kind !== "custom" && entry.kind !== "manifests" && !isNaming(entry.kind)) return shortForms[entry.kind].gvk
  const body = entry.kind === "manifests" ? entry.fields["object"] : entry.fields
  if (!isRecord(body)) return undefined
  const { apiVersion, kind } = body
  if (typeof apiVersion !== "string" || typeof kind !== "string") return undefined
  return apiVersion.includes("{{") || kind.includes("{{") ? undefined : { ...parseApiVersion(apiVersion), kind }
}

/** The complete object that an entry stands for, templates still in its leaves. */
export function skeletonOf(entry: EntrySpec, context: ShortFormContext): Skeleton {
  return withOverrides(objectOf(entry, context), entry.overrides, `${entry.at}.overrides`)
}

function objectOf(entry: EntrySpec, context: ShortFormContext): Skeleton {
  if (entry.kind === "manifests") return completeObject(entry)
  if (entry.kind === "custom") return customObject(entry)
  const name = nameOf(entry)
  const metadata = { name, namespace: field(entry, "namespace"), annotations: field(entry, "annotations") }
  if (isNaming(entry.kind)) {
    const { apiVersion, kind, spec } = fieldsOf(entry)
    return { apiVersion, kind, metadata: mergeLabels(metadata, entry), spec }
  }
  const { gvk, body } = shortForms[entry.kind]
  const { metadata: own, ...rest } = body({ entry, name, context })
  return {
    apiVersion: apiVersionOf(gvk),
    kind: gvk.kind,
    metadata: { ...mergeLabels(metadata, entry), ...(isRecord(own) ? own : {}) },
    ...rest,
  }
}

/** The name of an entry's object: as written, or the published default. */
export function nameOf(entry: EntrySpec): Written {
  const own = ownName(entry)
  if (own) return own
  if (entry.kind === "secrets" && entry.fields["tls"] !== undefined) return written("orkestra-tls", entry.at)
  return written(`{{ .metadata.name }}${suffixOf(entry.kind)}`, entry.at)
}

function suffixOf(kind: EntryKind): string {
  if (kind === "custom" || kind === "manifests") return ""
  return isNaming(kind) ? namingKinds[kind] : shortForms[kind].suffix
}

function fieldsOf(entry: EntrySpec): Skeleton {
  return placed(entry.fields, entry.at)
}

function ownName(entry: EntrySpec): Written | undefined {
  const object = entry.kind === "manifests" ? entry.fields["object"] : entry.fields
  if (entry.kind !== "manifests" && entry.kind !== "custom") return field(entry, "name")
  const at = entry.kind === "manifests" ? `${entry.at}.object.metadata.name` : `${entry.at}.metadata.name`
  const metadata = isRecord(object) ? object["metadata"] : undefined
  const name = isRecord(metadata) ? metadata["name"] : undefined
  return name === undefined || name === null ? undefined : written(name, at)
}

function customObject(entry: EntrySpec): Skeleton {
  const metadata = isRecord(entry.fields["metadata"]) ? entry.fields["metadata"] : {}
  return {
    apiVersion: field(entry, "apiVersion"),
    kind: field(entry, "kind"),
    metadata: mergeLabels(placed(metadata, `${entry.at}.metadata`), entry),
    spec: field(entry, "spec"),
  }
}

function completeObject(entry: EntrySpec): Skeleton {
  const object = isRecord(entry.fields["object"]) ? entry.fields["object"] : {}
  const at = `${entry.at}.object`
  const metadata = isRecord(object["metadata"]) ? object["metadata"] : {}
  return { ...placed(object, at), metadata: mergeLabels(placed(metadata, `${at}.metadata`), entry) }
}

function placed(record: Readonly<Record<string, unknown>>, at: string): Skeleton {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, written(value, childPath(at, key))]))
}

function mergeLabels(metadata: Skeleton, entry: EntrySpec): Skeleton {
  const own = placed(entry.labels, `${entry.at}.labels`)
  if (Object.keys(own).length === 0) return metadata
  return {
    ...metadata,
    labels: derived({ base: metadata["labels"], own }, (input) => {
      const { base, own: top } = isRecord(input) ? input : {}
      return { ...(isRecord(base) ? base : {}), ...(isRecord(top) ? top : {}) }
    }),
  }
}

function withOverrides(body: Skeleton, overrides: Readonly<Record<string, unknown>>, at: string): Skeleton {
  if (Object.keys(overrides).length === 0) return body
  return derivedRoot(body, written(overrides, at))
}

// Overrides are merged into the rendered object: maps key by key, lists of named items by name, the rest replaced.
function derivedRoot(body: Skeleton, overrides: Written): Skeleton {
  return derived([body, overrides], (input) => {
    const [base, top] = Array.isArray(input) ? input : []
    return mergeOver(base, top)
  }) as unknown as Skeleton // a derived node stands where a map is expected; compileValue accepts both
}

/** `top` over `base`: maps merge key by key, lists whose items have names merge by name, everything else is replaced. */
export function mergeOver(base: unknown, top: unknown): unknown {
  if (isRecord(base) && isRecord(top)) {
    const merged: Record<string, unknown> = { ...base }
    for (const [key, value] of Object.entries(top)) merged[key] = key in base ? mergeOver(base[key], value) : value
    return merged
  }
  if (!Array.isArray(base) || !Array.isArray(top) || top.length === 0) return top
  if (!top.every((item) => isRecord(item) && "name" in item)) return top
  const names = new Set(base.map((item) => (isRecord(item) ? item["name"] : undefined)))
  const changed = base.map((item) => {
    const over = isRecord(item) ? top.find((candidate) => candidate["name"] === item["name"]) : undefined
    return over === undefined ? item : mergeOver(item, over)
  })
  return [...changed, ...top.filter((item) => !names.has(item["name"]))]
}
