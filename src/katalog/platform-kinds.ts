import {
  clusterFields,
  type Kind,
  kubeList,
  objectFields,
  selector,
  servingFields,
  texts,
  words,
} from "./entry-fields.ts"
import { anything, flagTemplate, oneOfOrTemplate, rawMap, scalar, text, wrong } from "./shape.ts"
import type { PlatformKind } from "./spec.ts"

/** Kubernetes has no kind of its own for these: the entry names the one that it means. */
const vendorFields = { ...objectFields, apiVersion: text, kind: text, spec: anything }

function vendor(noun: string): Kind {
  const otherwise = `its own fields stand under "spec:"`
  return { noun, fields: vendorFields, required: ["apiVersion", "kind"], otherwise }
}

/** Kinds that serve a whole cluster, and kinds of its add-ons. */
export const platformKinds: Readonly<Record<PlatformKind, Kind>> = {
  podTemplates: { noun: "a podTemplate", fields: { ...objectFields, ...servingFields }, required: ["image"] },
  storageClasses: {
    noun: "a storageClass",
    fields: {
      ...clusterFields,
      provisioner: text,
      parameters: texts,
      reclaimPolicy: oneOfOrTemplate("Retain", "Delete"),
      volumeBindingMode: oneOfOrTemplate("Immediate", "WaitForFirstConsumer"),
      allowVolumeExpansion: flagTemplate,
      mountOptions: words,
      allowedTopologies: kubeList,
      isDefault: flagTemplate,
    },
    required: ["provisioner"],
  },
  storageSnapshots: {
    noun: "a storageSnapshot",
    fields: {
      ...objectFields,
      persistentVolumeClaimName: text,
      volumeSnapshotContentName: text,
      volumeSnapshotClassName: text,
    },
  },
  storageBackups: vendor("a storageBackup"),
  storageLocations: vendor("a storageLocation"),
  storagePools: vendor("a storagePool"),
  storageVolumes: vendor("a storageVolume"),
  serviceMonitors: {
    noun: "a serviceMonitor",
    fields: {
      ...objectFields,
      selector,
      namespaceSelector: rawMap,
      port: text,
      path: text,
      interval: text,
      scrapeTimeout: text,
      endpoints: kubeList,
      jobLabel: text,
    },
  },
  priorityClasses: {
    noun: "a priorityClass",
    fields: {
      ...clusterFields,
      value: text,
      globalDefault: flagTemplate,
      description: scalar,
      preemptionPolicy: oneOfOrTemplate("PreemptLowerPriority", "Never"),
    },
    required: ["value"],
  },
  priorityLevelConfigurations: {
    noun: "a priorityLevelConfiguration",
    fields: { ...clusterFields, type: oneOfOrTemplate("Limited", "Exempt"), limited: rawMap, exempt: rawMap },
  },
  runtimeClasses: {
    noun: "a runtimeClass",
    fields: { ...clusterFields, handler: text, overhead: texts, nodeSelector: texts, tolerations: kubeList },
    required: ["handler"],
  },
}

/** Lists that were published for kinds that Kubernetes has no more: what to write instead. */
export const goneKinds = {
  podSecurityPolicies: wrong({
    code: "ORK0220",
    message: "Kubernetes has no PodSecurityPolicy since version 1.25",
    help: `label the namespace "pod-security.kubernetes.io/enforce: restricted" and use "securityContext" and "podSecurity" of the workloads`,
  }),
}
