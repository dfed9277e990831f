import type { Run } from "../run.ts"
import { field } from "../values.ts"
import { str } from "./convert.ts"
import { Family } from "./define.ts"
import { at, commas, conditionAt, listAt, numberAt, textAt } from "./reading.ts"

const first = { piped: "first" } as const

const scaling = new Family("hpa")
scaling.fixed("hpaMinReplicas(object) number", "the lower bound, 1 when unset", (_, o) =>
  at(o, "spec", "minReplicas") === undefined ? 1 : numberAt(o, "spec", "minReplicas"),
)
for (const [name, part, key] of [
  ["hpaMaxReplicas", "spec", "maxReplicas"],
  ["hpaCurrentReplicas", "status", "currentReplicas"],
  ["hpaDesiredReplicas", "status", "desiredReplicas"],
] as const) {
  scaling.fixed(`${name}(object) number`, `${part}.${key}, 0 when unset`, (_, o) => numberAt(o, part, key))
}
scaling.fixed(
  "hpaAtMax(object) bool",
  "whether as many replicas run as are allowed",
  (_, o) => numberAt(o, "spec", "maxReplicas") > 0 && current(o) >= numberAt(o, "spec", "maxReplicas"),
)
scaling.fixed(
  "hpaScaling(object) bool",
  "whether another number of replicas is wanted than runs",
  (_, o) => current(o) !== numberAt(o, "status", "desiredReplicas"),
)
for (const type of ["ScalingActive", "ScalingLimited", "AbleToScale"]) {
  scaling.fixed(
    `hpa${type}(object) bool`,
    `whether condition ${type} is True`,
    (_, o) => conditionAt(o, type)?.status === "True",
  )
}
scaling.fixed("hpaMetricTypes(object) string", "the types of its metrics, with commas between them", (run, o) =>
  commas(
    run,
    (listAt(o, "_currentMetrics").length > 0 ? listAt(o, "_currentMetrics") : listAt(o, "spec", "metrics")).map((one) =>
      textAt(run, one, ["type"]),
    ),
  ),
)
for (const [name, key] of [
  ["hpaScaleTargetKind", "kind"],
  ["hpaScaleTargetName", "name"],
] as const) {
  scaling.fixed(
    `${name}(object) string`,
    `the ${key} of what it scales`,
    (run, o) => textAt(run, o, ["_scaleTarget", key]) || textAt(run, o, ["spec", "scaleTargetRef", key]),
  )
}

function current(object: unknown): number {
  return numberAt(object, "status", "currentReplicas")
}

/** Functions on HorizontalPodAutoscalers. */
export const hpa = scaling.defs

const claims = new Family("pvc")
claims.fixed("pvcBound(object) bool", "whether the claim is bound", (_, o) => at(o, "status", "phase") === "Bound")
claims.fixed("pvcPhase(object) string", "the phase of the claim", (run, o) => textAt(run, o, ["status", "phase"]))
claims.fixed(
  "pvcCapacity(object) string",
  "the storage it has, or asks for",
  (run, o) =>
    textAt(run, o, ["status", "capacity", "storage"]) || textAt(run, o, ["spec", "resources", "requests", "storage"]),
)
claims.fixed("pvcStorageClass(object) string", "its storage class", (run, o) =>
  textAt(run, o, ["spec", "storageClassName"]),
)
claims.fixed("pvcAccessModes(object) string", "its access modes, with commas between them", (run, o) => modes(run, o))
claims.fixed(
  "pvcProvisioner(object) string",
  "what provides its storage",
  (run, o) =>
    textAt(run, o, ["metadata", "annotations", "volume.kubernetes.io/storage-provisioner"]) ||
    textAt(run, o, ["metadata", "annotations", "volume.beta.kubernetes.io/storage-provisioner"]) ||
    textAt(run, o, ["_storageClass", "provisioner"]),
)
claims.fixed(
  "pvcVolumeMode(object) string",
  "Filesystem or Block",
  (run, o) => textAt(run, o, ["spec", "volumeMode"]) || textAt(run, o, ["_pv", "spec", "volumeMode"]) || "Filesystem",
)
for (const [name, key] of [
  ["pvcStorageClassProvisioner", "provisioner"],
  ["pvcStorageClassReclaimPolicy", "reclaimPolicy"],
] as const) {
  claims.fixed(`${name}(object) string`, `the ${key} of its storage class; needs enrich: [storageclass]`, (run, o) =>
    textAt(run, o, ["_storageClass", key]),
  )
}
claims.fixed(
  "pvReclaimPolicy(object) string",
  "what becomes of the volume once the claim is gone; of a volume, or a claim with enrich: [pv]",
  (run, o) =>
    textAt(run, volume(o), ["spec", "persistentVolumeReclaimPolicy"]) || textAt(run, volume(o), ["reclaimPolicy"]),
)
claims.fixed(
  "pvAccessModes(object) string",
  "the access modes of the volume, with commas between them; of a volume, or a claim with enrich: [pv]",
  (run, o) => modes(run, volume(o)),
)

function volume(claimOrVolume: unknown): unknown {
  return field(claimOrVolume, "_pv") ?? claimOrVolume
}

function modes(run: Run, object: unknown): string {
  const found =
    at(object, "spec", "accessModes") === undefined
      ? listAt(object, "accessModes")
      : listAt(object, "spec", "accessModes")
  return commas(
    run,
    found.map((mode) => str(run, mode)),
  )
}

/** Functions on claims and volumes. */
export const pvc = claims.defs

const nodes = new Family("node")
nodes.fixed("nodeReady(object) bool", "whether the node is ready", (_, o) => conditionAt(o, "Ready")?.status === "True")
nodes.fixed(
  "nodeCondition(object, type) string",
  "the status of a condition: True, False or Unknown; empty when there is none",
  (run, o, type) => conditionAt(o, str(run, type))?.status ?? "",
  first,
)
nodes.fixed("nodeTaints(object) string", "its taints as key=value:effect, with commas between them", (run, o) =>
  commas(
    run,
    listAt(o, "spec", "taints").map((taint) => taintText(run, taint)),
  ),
)
for (const [name, key] of [
  ["nodeAllocatableCPU", "cpu"],
  ["nodeAllocatableMemory", "memory"],
] as const) {
  nodes.fixed(`${name}(object) string`, `the ${key} that pods can have`, (run, o) =>
    textAt(run, o, ["status", "allocatable", key]),
  )
}
for (const [name, key] of [
  ["podNodeName", "name"],
  ["podNodeZone", "zone"],
  ["podNodeRegion", "region"],
  ["podNodeInstanceType", "instanceType"],
] as const) {
  nodes.fixed(
    `${name}(object) string`,
    `the ${key} of the pod's node; needs enrich: [node]`,
    (run, o) => textAt(run, o, ["_node", key]) || (key === "name" ? textAt(run, o, ["spec", "nodeName"]) : ""),
  )
}
nodes.aliases({ podNode: "podNodeName" })

function taintText(run: Run, taint: unknown): string {
  const value = textAt(run, taint, ["value"])
  return `${textAt(run, taint, ["key"])}${value === "" ? "" : `=${value}`}:${textAt(run, taint, ["effect"])}`
}

/** Functions on nodes. */
export const node = nodes.defs

const events = new Family("warnings")
events.fixed("hasWarnings(object) bool", "whether there are warnings", (_, o) => warningsOf(o).length > 0)
events.fixed("warningCount(object) number", "how many there are", (_, o) => warningsOf(o).length)
events.fixed("firstWarning(object) string", "the message of the first one", (run, o) =>
  textAt(run, warningsOf(o)[0], ["message"]),
)
events.fixed("firstWarningReason(object) string", "the reason of the first one", (run, o) =>
  textAt(run, warningsOf(o)[0], ["reason"]),
)
for (const [name, key] of [
  ["warningMessages", "message"],
  ["warningReasons", "reason"],
] as const) {
  events.fixed(`${name}(object) string`, `each ${key} once, with commas between them`, (run, o) =>
    commas(run, [...new Set(warningsOf(o).map((one) => textAt(run, one, [key])))]),
  )
}

function warningsOf(object: unknown): readonly unknown[] {
  return listAt(object, "_warnings")
}

/** Functions on the warnings about an object, as `enrich: [events]` gives them. */
export const warnings = events.defs
