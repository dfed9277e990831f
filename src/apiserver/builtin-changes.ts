import { isIP } from "node:net"
import {
  getPath,
  isRecord,
  type KubeObject,
  parsePath,
  parseQuantity,
  type StatusCause,
  semanticEqual,
} from "../kube/mod.ts"
import { type Fields, listAt, mapAt, numberAt, specOf, textAt } from "./fields.ts"
import { forbidden, invalidValue } from "./names.ts"

type Change = (object: KubeObject, old: KubeObject) => readonly StatusCause[]

/** Fields that never change once they are set. */
const fixed: Readonly<Record<string, readonly string[]>> = {
  CSIDriver: ["spec.attachRequired", "spec.volumeLifecycleModes"],
  DaemonSet: ["spec.selector"],
  Deployment: ["spec.selector"],
  EndpointSlice: ["addressType"],
  IngressClass: ["spec.controller"],
  IPAddress: ["spec.parentRef"],
  ResourceClaim: ["spec"],
  ResourceClaimTemplate: ["spec"],
  VolumeAttachment: ["spec"],
  Job: [
    "spec.selector",
    "spec.completionMode",
    "spec.podFailurePolicy",
    "spec.backoffLimitPerIndex",
    "spec.managedBy",
    "spec.successPolicy",
  ],
  ControllerRevision: ["data"],
  CSIStorageCapacity: ["nodeTopology", "storageClassName"],
  ReplicaSet: ["spec.selector"],
  RuntimeClass: ["handler"],
  Secret: ["type"],
  StatefulSet: ["spec.serviceName", "spec.selector", "spec.podManagementPolicy", "spec.volumeClaimTemplates"],
  StorageClass: ["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"],
}

const byKind: Readonly<Record<string, Change>> = {
  ClusterRoleBinding: roleChange,
  ConfigMap: (object, old) => immutableChange(object, old, ["data", "binaryData"]),
  Event: eventChange,
  Job: jobChange,
  Node: nodeChange,
  PersistentVolume: volumeChange,
  PersistentVolumeClaim: claimChange,
  Pod: podChange,
  PriorityClass: (object, old) => [
    ...(object["value"] === old["value"] ? [] : [forbidden("value", "may not be changed in an update.")]),
    ...(object["preemptionPolicy"] === old["preemptionPolicy"]
      ? []
      : [invalidValue("preemptionPolicy", object["preemptionPolicy"] ?? null, "field is immutable")]),
  ],
  RoleBinding: roleChange,
  Secret: (object, old) => immutableChange(object, old, ["data"]),
  Service: serviceChange,
  ResourceQuota: (object, old) => {
    const scopes = (of: KubeObject) => [...new Set(listed(specOf(of)["scopes"]))].sort()
    if (semanticEqual(scopes(object), scopes(old))) return []
    return [invalidValue("spec.scopes", specOf(object)["scopes"] ?? null, "field is immutable")]
  },
  VolumeAttributesClass: (object, old) =>
    ["parameters", "driverName"]
      .filter((member) => !semanticEqual(object[member], old[member]))
      .map((member) => forbidden(member, `updates to ${member} are forbidden.`)),
}

function listed(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : []
}

/** Paths whose new value is not told: the server's own generated rules do not. */
const untold = new Set(
  Object.entries({
    IPAddress: ["spec.parentRef"],
    ResourceClaim: ["spec"],
    VolumeAttachment: ["spec"],
    EndpointSlice: ["addressType"],
    RuntimeClass: ["handler"],
    StorageClass: ["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"],
  }).flatMap(([kind, paths]) => paths.map((path) => `${kind} ${path}`)),
)

/** What a change of a stored object must leave as it is. */
export function changeCauses(object: KubeObject, old: KubeObject): readonly StatusCause[] {
  const kept = (fixed[object.kind] ?? []).flatMap((path) => {
    const [now, before] = [getPath(object, parsePath(path)), getPath(old, parsePath(path))]
    return semanticEqual(now, before)
      ? []
      : [invalidValue(path, untold.has(`${object.kind} ${path}`) ? null : shown(now, path), "field is immutable")]
  })
  return [...kept, ...(byKind[object.kind]?.(object, old) ?? [])]
}

// Maps are told in the order of their keys, empty lists as such.
function shown(value: unknown, path: string): unknown {
  if (value === undefined) return path === "spec.volumeClaimTemplates" ? [] : path === "spec.controller" ? "" : null
  if (!isRecord(value) || !isRecord(value["matchLabels"])) return value
  const labels = Object.entries(value["matchLabels"]).sort(([a], [b]) => (a < b ? -1 : 1))
  return { ...value, matchLabels: Object.fromEntries(labels) }
}

function roleChange(object: KubeObject, old: KubeObject): readonly StatusCause[] {
  const ref = mapAt(object, "roleRef")
  if (semanticEqual(ref, old["roleRef"])) return []
  const shown = { APIGroup: textAt(ref, "apiGroup"), Kind: textAt(ref, "kind"), Name: textAt(ref, "name") }
  return [invalidValue("roleRef", shown, "field is immutable")]
}

function immutableChange(object: KubeObject, old: KubeObject, members: readonly string[]): readonly StatusCause[] {
  if (old["immutable"] !== true) return []
  const why = "field is immutable when `immutable` is set"
  const changed = members.filter((member) => !semanticEqual(object[member], old[member]))
  return [...(object["immutable"] === true ? [] : ["immutable"]), ...changed].map((field) => forbidden(field, why))
}

function jobChange(object: KubeObject, old: KubeObject): readonly StatusCause[] {
  const { completions, completionMode } = specOf(object)
  const template = templateChange(object, old)
  // An indexed Job may grow, when it runs as many Pods as it completes.
  if (completionMode === "Indexed" || completions === specOf(old)["completions"]) return template
  return [...template, invalidValue("spec.completions", completions ?? null, "field is immutable")]
}

const ofEvents = [
  ...["regarding", "reason", "note", "deprecatedSource", "deprecatedFirstTimestamp", "deprecatedLastTimestamp"],
  ...["deprecatedCount", "type", "eventTime", "action", "related", "reportingController", "reportingInstance"],
]
/** What fields of an event were called before. */
const olderNames: Readonly<Record<string, string>> = {
  deprecatedCount: "count",
  deprecatedFirstTimestamp: "firstTimestamp",
  deprecatedLastTimestamp: "lastTimestamp",
  deprecatedSource: "source",
  note: "message",
  regarding: "involvedObject",
}

// Events of the older group may be rewritten.
function eventChange(event: KubeObject, old: KubeObject): readonly StatusCause[] {
  if (event.apiVersion === "v1") return []
  return ofEvents
    .filter((name) => !semanticEqual(event[name], old[name]))
    .map((name) => invalidValue(olderNames[name] ?? name, event[name] ?? "", "field is immutable"))
}

// Until a Job starts, others may still decide where its Pods will run.
function templateChange(object: KubeObject, old: KubeObject): readonly StatusCause[] {
  const [now, before] = [mapAt(specOf(object), "template"), mapAt(specOf(old), "template")]
  if (semanticEqual(now, before)) return []
  const isOpen = specOf(old)["suspend"] === true && mapAt(old, "status")["startTime"] === undefined
  if (!isOpen) return [invalidValue("spec.template", now, "field is immutable")]
  const [spec, oldSpec] = [mapAt(now, "spec"), mapAt(before, "spec")]
  const fixed = ({ nodeSelector, tolerations, schedulingGates, affinity, ...rest }: Fields) => rest
  if (semanticEqual(fixed(spec), fixed(oldSpec))) return []
  return [invalidValue("spec.template.spec", spec, "field is immutable")]
}

function nodeChange(node: KubeObject, old: KubeObject): readonly StatusCause[] {
  const [ranges, before] = [node, old].map((of) => listed(specOf(of)["podCIDRs"]))
  const isKept = (before ?? []).length === 0 || semanticEqual(ranges, before)
  const isSame = specOf(node)["externalID"] === specOf(old)["externalID"]
  const why = 'node updates may not change podCIDR except from "" to valid'
  return [
    ...(isKept ? [] : [forbidden("spec.podCIDRs", why)]),
    ...(isSame ? [] : [forbidden("spec.externalID", "may not be updated")]),
  ]
}

const notOfSources = new Set([
  ...["accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity", "persistentVolumeReclaimPolicy"],
  ...["storageClassName", "volumeAttributesClassName", "volumeMode"],
])

function volumeChange(volume: KubeObject, old: KubeObject): readonly StatusCause[] {
  const source = (of: KubeObject) =>
    Object.fromEntries(Object.entries(specOf(of)).filter(([name]) => !notOfSources.has(name)))
  const [mode, former] = [volume, old].map((of) => specOf(of)["volumeMode"])
  const why = "spec.persistentvolumesource is immutable after creation"
  return [
    ...(semanticEqual(source(volume), source(old)) ? [] : [forbidden("spec.persistentvolumesource", why)]),
    ...(mode === former ? [] : [invalidValue("volumeMode", mode ?? null, "field is immutable")]),
  ]
}

const claimText =
  "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"

function claimChange(object: KubeObject, old: KubeObject): readonly StatusCause[] {
  const [spec, before] = [specOf(object), specOf(old)]
  const isBound = mapAt(old, "status")["phase"] === "Bound"
  const core = ({ resources, volumeAttributesClassName, volumeName, storageClassName, ...rest }: Fields) =>
    isBound ? rest : { ...rest, resources, volumeAttributesClassName }
  const isOther = (member: string) => before[member] !== undefined && before[member] !== spec[member]
  const isKept = semanticEqual(core(spec), core(before)) && !isOther("volumeName") && !isOther("storageClassName")
  const { volumeMode } = spec
  const isOtherMode = volumeMode !== before["volumeMode"]
  return [
    ...(isKept ? [] : [forbidden("spec", claimText)]),
    ...(isOtherMode ? [invalidValue("volumeMode", volumeMode ?? null, "field is immutable")] : []),
    ...shrinkCauses(spec, old),
  ]
}

// A claim may ask for more, or for less again as long as it has got no more yet.
function shrinkCauses(spec: Fields, old: KubeObject): readonly StatusCause[] {
  const [asked, before] = [spec, specOf(old)].map((of) => amount(mapAt(of, "resources", "requests")["storage"]))
  const capacity = amount(mapAt(old, "status", "capacity")["storage"])
  if ((asked ?? 0) >= (before ?? 0) || (asked ?? 0) > (capacity ?? 0)) return []
  return [forbidden("spec.resources.requests.storage", "field can not be less than status.capacity")]
}

const amount = (value: unknown) => parseQuantity(value)

const podChanges =
  "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"

function podChange(object: KubeObject, old: KubeObject): readonly StatusCause[] {
  const [spec, before] = [specOf(object), specOf(old)]
  for (const member of ["containers", "initContainers"]) {
    if (listAt(spec, member).length === listAt(before, member).length) continue
    return [forbidden(`spec.${member}`, "pod updates may not add or remove containers")]
  }
  const kept = listAt(spec, "tolerations").map(({ tolerationSeconds: _, ...rest }) => rest)
  const isKept = ({ tolerationSeconds: _, ...rest }: Fields) => kept.some((one) => semanticEqual(one, rest))
  const why = "existing toleration can not be modified except its tolerationSeconds"
  return [
    ...(listAt(before, "tolerations").every(isKept) ? [] : [forbidden("spec.tolerations", why)]),
    ...(semanticEqual(fixedPod(spec, before), fixedPod(before, before)) ? [] : [forbidden("spec", podChanges)]),
  ]
}

// What kubectl debug and the gates of a Pod may change is left out as well; a Pod that is held back may still be steered.
function fixedPod(spec: Fields, old: Fields): unknown {
  const { activeDeadlineSeconds, tolerations, terminationGracePeriodSeconds, schedulingGates, ...others } = spec
  const { nodeSelector, affinity, ...rest } = others
  const plain = (member: string) => listAt(rest, member).map(({ image: _, ...container }) => container)
  const isHeld = listAt(old, "schedulingGates").length > 0
  const grace = terminationGracePeriodSeconds === 1 ? numberAt(old, "terminationGracePeriodSeconds") < 0 : false
  return {
    ...rest,
    ...(isHeld ? {} : { nodeSelector, affinity }),
    ...(grace ? {} : { terminationGracePeriodSeconds }),
    containers: plain("containers"),
    initContainers: plain("initContainers"),
  }
}

function serviceChange(object: KubeObject, old: KubeObject): readonly StatusCause[] {
  const [spec, before] = [specOf(object), specOf(old)]
  const [klass, oldClass] = [spec, before].map((of) => of["loadBalancerClass"])
  const isBalanced = textAt(spec, "type") === "LoadBalancer" && textAt(before, "type") === "LoadBalancer"
  if (isBalanced && klass !== oldClass) {
    return [invalidValue("spec.loadBalancerClass", klass ?? null, "may not change once set")]
  }
  const isKept = textAt(spec, "type") !== "ExternalName" && textAt(before, "type") !== "ExternalName"
  if (!isKept || before["clusterIP"] === undefined || spec["clusterIP"] === before["clusterIP"]) return []
  if (spec["clusterIP"] !== "None" && isIP(textAt(spec, "clusterIP")) === 0) return [] // said as such
  return [invalidValue("spec.clusterIPs[0]", spec["clusterIPs"] ?? [spec["clusterIP"]], "may not change once set")]
}
