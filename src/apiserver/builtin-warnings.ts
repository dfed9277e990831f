import type { KubeObject } from "../kube/mod.ts"
import { fractions, oldLabel, podWarnings } from "./builtin-warnings-pods.ts"
import { listAt, mapAt, numberAt, specOf, textAt } from "./fields.ts"
import { dnsLabelProblems } from "./names.ts"

type Warn = (object: KubeObject, old: KubeObject | undefined) => readonly string[]

/** Where the template of Pods is in a kind that has one. */
const templates: Readonly<Record<string, string>> = {
  "v1/PodTemplate": "template",
  "v1/ReplicationController": "spec.template",
  "apps/v1/DaemonSet": "spec.template",
  "apps/v1/Deployment": "spec.template",
  "apps/v1/ReplicaSet": "spec.template",
  "apps/v1/StatefulSet": "spec.template",
  "batch/v1/CronJob": "spec.jobTemplate.spec.template",
  "batch/v1/Job": "spec.template",
}

const rules: Readonly<Record<string, Warn>> = {
  "v1/Pod": (pod, old) => {
    if (old !== undefined) return []
    return [...nameWarnings(pod, "the Pod's hostname"), ...podWarnings(pod, "")]
  },
  "v1/Service": serviceWarnings,
  "v1/PersistentVolume": volumeWarnings,
  "v1/PersistentVolumeClaim": claimWarnings,
  "batch/v1/Job": jobWarnings,
  "discovery.k8s.io/v1/EndpointSlice": (slice) =>
    slice["addressType"] === "FQDN" ? ["spec.addressType: FQDN endpoints are deprecated"] : [],
  "networking.k8s.io/v1/Ingress": (ingress, old) =>
    old === undefined && ingress.metadata.annotations?.[ingressClass] !== undefined
      ? [`annotation ${JSON.stringify(ingressClass)} is deprecated, please use 'spec.ingressClassName' instead`]
      : [],
  "node.k8s.io/v1/RuntimeClass": (runtime) =>
    Object.keys(mapAt(runtime, "scheduling", "nodeSelector")).flatMap((key) => {
      const why = oldLabel(key)
      return why === undefined ? [] : [`scheduling.nodeSelector: ${why}`]
    }),
  "storage.k8s.io/v1/StorageClass": classWarnings,
}

const ingressClass = "kubernetes.io/ingress.class"
const storageClass = "volume.beta.kubernetes.io/storage-class"

/** What deserves a warning in an object of a built-in kind though it is allowed. */
export function builtinWarnings(object: KubeObject, old: KubeObject | undefined): readonly string[] {
  const kind = `${object.apiVersion}/${object.kind}`
  const own = Object.hasOwn(rules, kind) ? (rules[kind]?.(object, old) ?? []) : []
  const template = Object.hasOwn(templates, kind) ? templates[kind] : undefined
  if (template === undefined) return own
  // A template is looked at when somebody changes it.
  if (old !== undefined && old.metadata.generation === object.metadata.generation) return own
  const hasJobs = old === undefined ? nameWarnings(object, "Pod names and hostnames") : []
  return [...own, ...hasJobs, ...podWarnings(mapAt(object, ...template.split(".")), template)]
}

function nameWarnings({ metadata }: KubeObject, where: string): readonly string[] {
  const problems = dnsLabelProblems(metadata.name ?? "")
  if (problems.length === 0) return []
  const why = "which can result in surprising behavior; a DNS label is recommended"
  return [`metadata.name: this is used in ${where}, ${why}: [${problems.join(" ")}]`]
}

function serviceWarnings(service: KubeObject): readonly string[] {
  const spec = specOf(service)
  const hints = "service.kubernetes.io/topology-aware-hints"
  const isHeadless = spec["clusterIP"] === "None"
  const externals = Array.isArray(spec["externalIPs"]) && spec["externalIPs"].length > 0
  return [
    ...(service.metadata.annotations?.[hints] === undefined
      ? []
      : [`annotation ${hints} is deprecated, please use service.kubernetes.io/topology-mode instead`]),
    ...(isHeadless && textAt(spec, "loadBalancerIP") !== ""
      ? ["spec.loadBalancerIP is ignored for headless services"]
      : []),
    ...(isHeadless && externals ? ["spec.externalIPs is ignored for headless services"] : []),
    ...(isHeadless && spec["sessionAffinity"] === "ClientIP"
      ? ["spec.SessionAffinity is ignored for headless services"]
      : []),
    ...(externals && !isHeadless
      ? ["spec.externalIPs is deprecated and may no longer be implemented in some clusters"]
      : []),
    ...(spec["type"] !== "ExternalName" && textAt(spec, "externalName") !== ""
      ? ['spec.externalName is ignored when spec.type is not "ExternalName"']
      : []),
    ...(spec["trafficDistribution"] === "PreferClose"
      ? ['spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"']
      : []),
  ]
}

function volumeWarnings(volume: KubeObject): readonly string[] {
  const { annotations = {} } = volume.metadata
  const mounts = "volume.beta.kubernetes.io/mount-options"
  const recycles = specOf(volume)["persistentVolumeReclaimPolicy"] === "Recycle"
  return [
    ...classAnnotation(volume),
    ...(annotations[mounts] === undefined
      ? []
      : [`metadata.annotations[${mounts}]: deprecated since v1.31; use "mountOptions" attribute instead`]),
    ...(recycles
      ? [
          "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.",
        ]
      : []),
  ]
}

function claimWarnings(claim: KubeObject): readonly string[] {
  return [
    ...classAnnotation(claim),
    ...fractions(mapAt(claim, "spec", "resources", "requests"), "spec.resources.requests"),
  ]
}

function classAnnotation({ metadata }: KubeObject): readonly string[] {
  if (metadata.annotations?.[storageClass] === undefined) return []
  return [`metadata.annotations[${storageClass}]: deprecated since v1.8; use "storageClassName" attribute instead`]
}

function jobWarnings(job: KubeObject): readonly string[] {
  const spec = specOf(job)
  const isLarge = numberAt(spec, "completions") > 100_000 && numberAt(spec, "parallelism") > 10_000
  if (spec["completionMode"] !== "Indexed" || !isLarge) return []
  return [
    "spec: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail",
  ]
}

function classWarnings(storage: KubeObject): readonly string[] {
  return listAt(storage, "allowedTopologies").flatMap((topology, i) =>
    listAt(topology, "matchLabelExpressions").flatMap((expression, j) => {
      const why = oldLabel(textAt(expression, "key"))
      return why === undefined ? [] : [`allowedTopologies[${i}].matchLabelExpressions[${j}].key: ${why}`]
    }),
  )
}
