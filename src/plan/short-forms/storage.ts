import { field, listField, type Skeleton } from "../entry.ts"
import type { Form } from "./context.ts"

const once = ["ReadWriteOnce"] as const

/** A PersistentVolumeClaim. */
export function persistentVolumeClaim({ entry }: Form): Skeleton {
  return {
    spec: {
      accessModes: listField(entry, "accessModes") ?? once,
      storageClassName: field(entry, "storageClassName"),
      volumeMode: field(entry, "volumeMode") ?? "Filesystem",
      volumeName: field(entry, "volumeName"),
      resources: { requests: { storage: field(entry, "storage") } },
    },
  }
}

/** A PersistentVolume on a path of its node, or of a CSI driver. */
export function persistentVolume({ entry }: Form): Skeleton {
  const path = field(entry, "hostPath")
  const driver = field(entry, "csiDriver")
  return {
    spec: {
      capacity: { storage: field(entry, "capacity") },
      accessModes: listField(entry, "accessModes") ?? once,
      storageClassName: field(entry, "storageClassName"),
      volumeMode: field(entry, "volumeMode"),
      persistentVolumeReclaimPolicy: field(entry, "reclaimPolicy") ?? "Retain",
      hostPath: path && { path },
      csi: driver && { driver, volumeHandle: field(entry, "csiVolumeHandle") },
    },
  }
}
