import { getPath, type KubeObject, parsePath } from "../kube/mod.ts"
import { accessRows } from "./builtin-tables-access.ts"
import { coreRows } from "./builtin-tables-core.ts"
import { networkRows } from "./builtin-tables-network.ts"
import { ageOf, type Row, type RowOf } from "./builtin-tables-text.ts"
import { workloadRows } from "./builtin-tables-workloads.ts"
import type { TableCell } from "./resource.ts"

const rows: Readonly<Record<string, RowOf>> = { ...coreRows, ...workloadRows, ...networkRows, ...accessRows }

/** Columns that show a field as it is. */
const plain: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Lease: { Holder: "spec.holderIdentity" },
  Namespace: { Status: "status.phase" },
  PriorityClass: { Value: "value", "Global-Default": "globalDefault", PreemptionPolicy: "preemptionPolicy" },
  PriorityLevelConfiguration: { Type: "spec.type" },
  RuntimeClass: { Handler: "handler" },
  VolumeAttachment: {
    Attacher: "spec.attacher",
    PV: "spec.source.persistentVolumeName",
    Node: "spec.nodeName",
    Attached: "status.attached",
  },
  VolumeAttributesClass: { DriverName: "driverName" },
  ClusterTrustBundle: { SignerName: "spec.signerName" },
}

/** How the cells of a kind are made: by column, from an object. */
export function tableCells(kind: string): (column: string, object: KubeObject, nowMs: number) => TableCell {
  const rowOf = rows[kind]
  let last: { readonly object: KubeObject; readonly nowMs: number; readonly row: Row } | undefined
  return (column, object, nowMs) => {
    if (last?.object !== object || last.nowMs !== nowMs) last = { object, nowMs, row: rowOf?.(object, nowMs) ?? {} }
    const own = last.row[column]
    if (own !== undefined) return own
    if (column === "Name") return object.metadata.name ?? ""
    if (column === "Age") return ageOf(object.metadata.creationTimestamp, nowMs)
    if (column === "Created At") return object.metadata.creationTimestamp ?? null
    const path = plain[kind]?.[column]
    const value = path === undefined ? undefined : getPath(object, parsePath(path))
    return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
      ? value
      : emptyOf(column)
  }
}

const booleans = new Set(["Attached", "Global-Default"])

function emptyOf(column: string): TableCell {
  return booleans.has(column) ? false : ""
}
