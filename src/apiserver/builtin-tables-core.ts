import { conditionOf, isRecord, type KubeObject } from "../kube/mod.ts"
import type { Row, RowOf } from "./builtin-tables-text.ts"
import { accessModes, ageOf, none, stringsAt } from "./builtin-tables-text.ts"
import { type Fields, listAt, mapAt, numberAt, specOf, statusOf, textAt } from "./fields.ts"

/** The rows of nodes, storage, configuration, quotas and events. */
export const coreRows: Readonly<Record<string, RowOf>> = {
  ConfigMap: (object) => ({ Data: sizeOf(object["data"]) + sizeOf(object["binaryData"]) }),
  Secret: (object) => ({ Type: textAt(object, "type"), Data: sizeOf(object["data"]) }),
  ServiceAccount: () => ({}),
  Event: eventRow,
  Node: nodeRow,
  PersistentVolumeClaim: (object) => {
    const [spec, status] = [specOf(object), statusOf(object)]
    const volume = textAt(spec, "volumeName")
    return {
      Status: object.metadata.deletionTimestamp === undefined ? textAt(status, "phase") : "Terminating",
      Volume: volume,
      Capacity: volume === "" ? "" : textAt(mapAt(status, "capacity"), "storage"),
      "Access Modes": volume === "" ? "" : accessModes(stringsAt(status, "accessModes")),
      ...classCells(spec),
    }
  },
  PersistentVolume: (object) => {
    const [spec, status] = [specOf(object), statusOf(object)]
    const claim = mapAt(spec, "claimRef")
    return {
      Capacity: textAt(mapAt(spec, "capacity"), "storage"),
      "Access Modes": accessModes(stringsAt(spec, "accessModes")),
      "Reclaim Policy": textAt(spec, "persistentVolumeReclaimPolicy"),
      Status: object.metadata.deletionTimestamp === undefined ? textAt(status, "phase") : "Terminating",
      Claim: spec["claimRef"] === undefined ? "" : `${textAt(claim, "namespace")}/${textAt(claim, "name")}`,
      ...classCells(spec),
      Reason: textAt(status, "reason"),
    }
  },
  StorageClass: (object) => ({
    Name: `${object.metadata.name}${isDefault(object) ? " (default)" : ""}`,
    Provisioner: textAt(object, "provisioner"),
    ReclaimPolicy: textAt(object, "reclaimPolicy"),
    VolumeBindingMode: textAt(object, "volumeBindingMode"),
    AllowVolumeExpansion: object["allowVolumeExpansion"] === true,
  }),
  CSIDriver: (object) => {
    const spec = specOf(object)
    const audiences = listAt(spec, "tokenRequests").map((request) => textAt(request, "audience"))
    return {
      AttachRequired: spec["attachRequired"] !== false,
      PodInfoOnMount: spec["podInfoOnMount"] === true,
      StorageCapacity: spec["storageCapacity"] === true,
      TokenRequests: spec["tokenRequests"] === undefined ? "<unset>" : audiences.join(","),
      RequiresRepublish: spec["requiresRepublish"] === true,
      Modes: stringsAt(spec, "volumeLifecycleModes").join(",") || none,
    }
  },
  CSINode: (object) => ({ Drivers: listAt(specOf(object), "drivers").length }),
  ResourceQuota: (object) => {
    const status = statusOf(object)
    const [hard, used] = [mapAt(status, "hard"), mapAt(status, "used")]
    const text = (isLimit: boolean) =>
      Object.keys(hard)
        .sort()
        .filter((name) => name.startsWith("limits") === isLimit)
        .map((name) => `${name}: ${used[name] ?? "0"}/${hard[name]}`)
        .join(", ")
    return { Request: text(false), Limit: text(true) }
  },
}

function sizeOf(map: unknown): number {
  return isRecord(map) ? Object.keys(map).length : 0
}

const defaultClass = ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"]

function isDefault({ metadata }: KubeObject): boolean {
  return defaultClass.some((name) => metadata.annotations?.[name] === "true")
}

function classCells(spec: Fields): Row {
  return {
    StorageClass: textAt(spec, "storageClassName"),
    VolumeAttributesClass: textAt(spec, "volumeAttributesClassName") || "<unset>",
    VolumeMode: textAt(spec, "volumeMode") || "<unset>",
  }
}

function eventRow(event: KubeObject, nowMs: number): Row {
  const target = mapAt(event, event["regarding"] === undefined ? "involvedObject" : "regarding")
  const source = mapAt(event, event["source"] === undefined ? "deprecatedSource" : "source")
  const series = mapAt(event, "series")
  const at = (...names: readonly string[]) => names.map((name) => event[name]).find((time) => typeof time === "string")
  const first = ageOf(at("firstTimestamp", "deprecatedFirstTimestamp", "eventTime"), nowMs)
  const last = at("lastTimestamp", "deprecatedLastTimestamp")
  const seen = series["lastObservedTime"] ?? last
  const component =
    textAt(source, "component") || textAt(event, "reportingComponent") || textAt(event, "reportingController")
  const host = textAt(source, "host") || textAt(event, "reportingInstance")
  const name = textAt(target, "name")
  const count = numberAt(series, "count") || numberAt(event, "count") || numberAt(event, "deprecatedCount") || 1
  return {
    "Last Seen": seen === undefined ? first : ageOf(seen, nowMs),
    Type: textAt(event, "type"),
    Reason: textAt(event, "reason"),
    Object: `${textAt(target, "kind").toLowerCase()}${name === "" ? "" : `/${name}`}`,
    Subobject: textAt(target, "fieldPath"),
    Source: host === "" ? component : `${component}, ${host}`,
    Message: (textAt(event, "message") || textAt(event, "note")).trim(),
    "First Seen": first,
    Count: count,
  }
}

function nodeRow(node: KubeObject): Row {
  const [spec, status] = [specOf(node), statusOf(node)]
  const ready = conditionOf(status, "Ready")?.status
  const state = ready === undefined ? "Unknown" : ready === "True" ? "Ready" : "NotReady"
  const address = (type: string) => {
    const found = listAt(status, "addresses").find((one) => one["type"] === type)
    return found === undefined ? none : textAt(found, "address")
  }
  const info = mapAt(status, "nodeInfo")
  return {
    Status: spec["unschedulable"] === true ? `${state},SchedulingDisabled` : state,
    Roles: roles(node).join(",") || none,
    Version: textAt(info, "kubeletVersion"),
    "Internal-IP": address("InternalIP"),
    "External-IP": address("ExternalIP"),
    "OS-Image": textAt(info, "osImage") || "<unknown>",
    "Kernel-Version": kernelText(info),
    "Container-Runtime": textAt(info, "containerRuntimeVersion") || "<unknown>",
  }
}

function kernelText(info: Fields): string {
  const [kernel, architecture] = [textAt(info, "kernelVersion"), textAt(info, "architecture")]
  if (kernel === "") return "<unknown>"
  return architecture === "" ? kernel : `${kernel} (${architecture})`
}

function roles({ metadata }: KubeObject): readonly string[] {
  const found = Object.entries(metadata.labels ?? {}).flatMap(([key, value]) => {
    const role = key.startsWith("node-role.kubernetes.io/") ? key.slice("node-role.kubernetes.io/".length) : ""
    return role !== "" ? [role] : key === "kubernetes.io/role" && value !== "" ? [value] : []
  })
  return [...new Set(found)].sort()
}
