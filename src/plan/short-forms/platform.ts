import { isRecord, shortenName } from "../../kube/mod.ts"
import { asText, derivedFrom, field, isTrue, listField, type Skeleton } from "../entry.ts"
import { derived, written } from "../value.ts"
import { podTemplate } from "../workload.ts"
import type { Form } from "./context.ts"

/** A PodTemplate, for what makes Pods of it elsewhere. */
export function podTemplateObject(form: Form): Skeleton {
  return { template: podTemplate(form, {}) }
}

const defaultClass = "storageclass.kubernetes.io/is-default-class"

/** A StorageClass. */
export function storageClass({ entry, name }: Form): Skeleton {
  const isDefault = field(entry, "isDefault")
  const annotations = derived({ own: field(entry, "annotations") ?? {}, isDefault }, (input) => {
    const { own, isDefault: marked } = isRecord(input) ? input : {}
    return { ...(isRecord(own) ? own : {}), [defaultClass]: String(isTrue(marked)) }
  })
  return {
    ...(isDefault && { metadata: { name, annotations } }),
    provisioner: field(entry, "provisioner"),
    parameters: field(entry, "parameters"),
    reclaimPolicy: field(entry, "reclaimPolicy"),
    volumeBindingMode: field(entry, "volumeBindingMode"),
    allowVolumeExpansion: field(entry, "allowVolumeExpansion"),
    mountOptions: listField(entry, "mountOptions"),
    allowedTopologies: field(entry, "allowedTopologies"),
  }
}

/** A VolumeSnapshot, of a claim or of what the storage system has already. */
export function volumeSnapshot({ entry }: Form): Skeleton {
  return {
    spec: {
      volumeSnapshotClassName: field(entry, "volumeSnapshotClassName"),
      source: {
        persistentVolumeClaimName: field(entry, "persistentVolumeClaimName"),
        volumeSnapshotContentName: field(entry, "volumeSnapshotContentName"),
      },
    },
  }
}

/** A ServiceMonitor; without a selector it means the Services of its custom resource. */
export function serviceMonitor({ entry }: Form): Skeleton {
  const [port, path, interval, scrapeTimeout] = ["port", "path", "interval", "scrapeTimeout"].map((key) =>
    field(entry, key),
  )
  return {
    spec: {
      jobLabel: field(entry, "jobLabel"),
      selector: derivedFrom(field(entry, "selector") ?? ownServices(entry.at), (value) =>
        isRecord(value) && ("matchLabels" in value || "matchExpressions" in value) ? value : { matchLabels: value },
      ),
      namespaceSelector: field(entry, "namespaceSelector"),
      endpoints: field(entry, "endpoints") ?? [{ port, path, interval, scrapeTimeout }],
    },
  }
}

// Every child has the label, a Service among them.
function ownServices(at: string): Skeleton {
  const name = written("{{ .metadata.name }}", at)
  return { "orkestra-owner": derivedFrom(name, (value) => shortenName(asText(value), 63)) }
}

/** A PriorityClass. */
export function priorityClass({ entry }: Form): Skeleton {
  return {
    value: field(entry, "value"),
    globalDefault: field(entry, "globalDefault"),
    description: field(entry, "description"),
    preemptionPolicy: field(entry, "preemptionPolicy"),
  }
}

/** A PriorityLevelConfiguration. */
export function priorityLevelConfiguration({ entry }: Form): Skeleton {
  const exempt = field(entry, "exempt")
  const type = field(entry, "type") ?? (exempt ? "Exempt" : "Limited")
  return { spec: { type, limited: field(entry, "limited"), exempt } }
}

/** A RuntimeClass. */
export function runtimeClass({ entry }: Form): Skeleton {
  const nodeSelector = field(entry, "nodeSelector")
  const tolerations = field(entry, "tolerations")
  const overhead = field(entry, "overhead")
  return {
    handler: field(entry, "handler"),
    overhead: overhead && { podFixed: overhead },
    scheduling: nodeSelector || tolerations ? { nodeSelector, tolerations } : undefined,
  }
}
