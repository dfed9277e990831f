import { getPath, type KubeObject, parsePath, type StatusCause, semanticEqual } from "../kube/mod.ts"
import { type Fields, listAt, mapAt, specOf, textAt } from "./fields.ts"
import { forbidden, invalidValue } from "./names.ts"

type Change = (object: KubeObject, old: KubeObject) => readonly StatusCause[]

/** Fields that never change once they are set. */
const fixed: Readonly<Record<string, readonly string[]>> = {
  CSIDriver: ["spec.attachRequired", "spec.volumeLifecycleModes"],
  DaemonSet: ["spec.selector"],
  Deployment: ["spec.selector"],
  EndpointSlice: ["addressType"],
  IngressClass: ["spec.controller"],
  Job: ["spec.selector", "spec.completionMode", "spec.template"],
  PersistentVolume: ["spec.volumeMode"],
  ReplicaSet: ["spec.selector"],
  RuntimeClass: ["handler"],
  Secret: ["type"],
  StatefulSet: ["spec.serviceName", "spec.selector", "spec.podManagementPolicy"],
  StorageClass: ["reclaimPolicy", "volumeBindingMode"],
  VolumeAttributesClass: ["driverName", "parameters"],
}

const byKind: Readonly<Record<string, Change>> = {
  ClusterRoleBinding: roleChange,
  ConfigMap: (object, old) => immutableChange(object, old, ["data", "binaryData"]),
  Job: jobChange,
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
  StatefulSet: statefulChange,
  StorageClass: (object, old) =>
    ["parameters", "provisioner"]
      .filter((member) => !semanticEqual(object[member], old[member]))
      .map((member) => forbidden(member, `updates to ${member} are forbidden.`)),
}

/** What a change of a stored object must leave as it is. */
export function changeCauses(object: KubeObject, old: KubeObject): readonly StatusCause[] {
  const kept = (fixed[object.kind] ?? []).flatMap((path) => {
    const [now, before] = [getPath(object, parsePath(path)), getPath(old, parsePath(path))]
    return semanticEqual(now, before) ? [] : [invalidValue(path, now ?? null, "field is immutable")]
  })
  return [...kept, ...(byKind[object.kind]?.(object, old) ?? [])]
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
  // An indexed Job may grow, when it runs as many Pods as it completes.
  if (completionMode === "Indexed" || completions === specOf(old)["completions"]) return []
  return [invalidValue("spec.completions", completions ?? null, "field is immutable")]
}

function claimChange(object: KubeObject, old: KubeObject): readonly StatusCause[] {
  const core = (claim: KubeObject) => {
    const {
      resources: _,
      volumeAttributesClassName: __,
      volumeName: ___,
      storageClassName: ____,
      ...rest
    } = specOf(claim)
    return rest
  }
  const before = specOf(old)
  const isBoundToOther = before["volumeName"] !== undefined && before["volumeName"] !== specOf(object)["volumeName"]
  const isOtherClass =
    before["storageClassName"] !== undefined && before["storageClassName"] !== specOf(object)["storageClassName"]
  if (semanticEqual(core(object), core(old)) && !isBoundToOther && !isOtherClass) return []
  const why =
    "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
  return [forbidden("spec", why)]
}

const podChanges =
  "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"

function podChange(object: KubeObject, old: KubeObject): readonly StatusCause[] {
  return semanticEqual(fixedPod(specOf(object)), fixedPod(specOf(old))) ? [] : [forbidden("spec", podChanges)]
}

// What the scheduler, kubectl debug and the gates of a Pod may change is left out as well.
function fixedPod(spec: Fields): unknown {
  const { activeDeadlineSeconds, tolerations, terminationGracePeriodSeconds, schedulingGates, ...others } = spec
  const { nodeName, nodeSelector, affinity, ephemeralContainers, ...rest } = others
  const plain = (member: string) => listAt(rest, member).map(({ image: _, resources: __, ...container }) => container)
  return { ...rest, containers: plain("containers"), initContainers: plain("initContainers") }
}

function serviceChange(object: KubeObject, old: KubeObject): readonly StatusCause[] {
  const [spec, before] = [specOf(object), specOf(old)]
  const isKept = textAt(spec, "type") !== "ExternalName" && textAt(before, "type") !== "ExternalName"
  if (!isKept || before["clusterIP"] === undefined || spec["clusterIP"] === before["clusterIP"]) return []
  return [invalidValue("spec.clusterIPs[0]", spec["clusterIPs"] ?? [spec["clusterIP"]], "may not change once set")]
}

const statefulChanges =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"

function statefulChange(object: KubeObject, old: KubeObject): readonly StatusCause[] {
  const claims = (set: KubeObject) => specOf(set)["volumeClaimTemplates"]
  return semanticEqual(claims(object), claims(old)) ? [] : [forbidden("spec", statefulChanges)]
}
