import { conditions } from "./conditions.ts"
import {
  block,
  blocks,
  clusterFields,
  type Kind,
  kubeList,
  objectFields,
  orTemplate,
  podFields,
  protocol,
  selector,
  servingFields,
  statefulRollingUpdate,
  texts,
  words,
} from "./entry-fields.ts"
import { platformKinds } from "./platform-kinds.ts"
import {
  anything,
  byForm,
  countTemplate,
  duration,
  flag,
  flagTemplate,
  list,
  oneOf,
  oneOfOrTemplate,
  place,
  rawMap,
  type Shape,
  scalarMap,
  text,
} from "./shape.ts"
import type { EntryKind } from "./spec.ts"

type Fields = Readonly<Record<string, Shape>>

const clusterScoped: Fields = clusterFields
const object: Fields = objectFields
const copied: Fields = { ...object, toNamespaces: words, fromNamespace: text }

const workload: Fields = { ...object, ...servingFields, rollingUpdate: block(blocks.rollingUpdate) }

function direction(noun: string, step: string): Shape {
  const when = place("conditions", { fields: { when: conditions, or: conditions } })
  return place(noun, {
    fields: { conditions: when, [step]: countTemplate, target: countTemplate },
    required: ["conditions"],
  })
}

const autoscale = place("autoscale", {
  fields: {
    min: countTemplate,
    max: countTemplate,
    cooldown: duration,
    scaleUp: direction("scaleUp", "increment"),
    scaleDown: direction("scaleDown", "decrement"),
  },
  required: ["max"],
})

const rules = orTemplate(
  list(
    place("a rule", {
      fields: { apiGroups: words, resources: words, verbs: words, resourceNames: words, nonResourceURLs: words },
      required: ["verbs"],
    }),
  ),
)

const binding: Fields = {
  roleRef: place("roleRef", { fields: { name: text, kind: oneOf("Role", "ClusterRole") }, required: ["name"] }),
  subjects: orTemplate(
    list(
      place("a subject", {
        fields: { kind: oneOfOrTemplate("ServiceAccount", "User", "Group"), name: text, namespace: text },
        required: ["name"],
      }),
    ),
  ),
}

const volume: Fields = { storageClassName: scalarMember(), accessModes: words, volumeMode: text }

/** The empty text means something: no class at all. */
function scalarMember(): Shape {
  return byForm((value) => (value === "" ? anything : text))
}

const claimTemplate = place("a volumeClaimTemplate", {
  fields: { name: text, storageClass: scalarMember(), storageSize: text, mountPath: text, accessModes: words },
  required: ["name", "storageSize", "mountPath"],
})

const tls = place("tls", {
  fields: { commonName: text, dnsNames: words, validFor: duration },
  required: ["commonName"],
})

const jobFields: Fields = { ...object, ...podFields }

/** What each list of entries takes beside the common fields. */
export const kinds: Readonly<Record<Exclude<EntryKind, "manifests">, Kind>> = {
  configMaps: {
    noun: "a configMap",
    fields: { ...copied, fromConfigMap: text, data: texts },
  },
  secrets: {
    noun: "a secret",
    fields: {
      ...copied,
      fromSecret: text,
      type: text,
      data: texts,
      base64Data: texts,
      once: flag,
      rotateAfter: duration,
      tls,
    },
  },
  services: {
    noun: "a service",
    fields: {
      ...object,
      type: oneOfOrTemplate("ClusterIP", "NodePort", "LoadBalancer", "ExternalName"),
      headless: flagTemplate,
      port: countTemplate,
      targetPort: text,
      protocol,
      ports: kubeList,
      selector: texts,
    },
  },
  serviceAccounts: { noun: "a serviceAccount", fields: object },
  deployments: {
    noun: "a deployment",
    fields: { ...workload, replicas: countTemplate, autoscale },
    required: ["image"],
  },
  statefulSets: {
    noun: "a statefulSet",
    fields: {
      ...workload,
      replicas: countTemplate,
      autoscale,
      tag: text,
      serviceName: text,
      volumeClaimTemplates: list(claimTemplate),
      rollingUpdate: statefulRollingUpdate,
    },
    required: ["image"],
  },
  replicaSets: {
    noun: "a replicaSet",
    fields: { ...workload, replicas: countTemplate, autoscale },
    required: ["image"],
  },
  daemonSets: { noun: "a daemonSet", fields: workload, required: ["image"] },
  pods: { noun: "a pod", fields: { ...object, ...servingFields }, required: ["image"] },
  jobs: { noun: "a job", fields: { ...jobFields, backoffLimit: countTemplate }, required: ["image"] },
  cronJobs: {
    noun: "a cronJob",
    fields: {
      ...jobFields,
      schedule: text,
      suspend: flagTemplate,
      successfulJobsHistoryLimit: countTemplate,
      failedJobsHistoryLimit: countTemplate,
      concurrencyPolicy: oneOfOrTemplate("allow", "forbid", "replace", "Allow", "Forbid", "Replace"),
      startingDeadlineSeconds: countTemplate,
    },
    required: ["image", "schedule"],
  },
  ingresses: {
    noun: "an ingress",
    fields: {
      ...object,
      host: text,
      serviceName: text,
      servicePort: text,
      path: text,
      pathType: oneOfOrTemplate("Prefix", "Exact", "ImplementationSpecific"),
      className: text,
      tls: place("tls", { fields: { create: flag, secretName: text, hosts: words } }),
    },
    required: ["serviceName", "servicePort"],
  },
  networkPolicies: {
    noun: "a networkPolicy",
    fields: {
      ...copied,
      fromNetworkPolicy: text,
      ...blocks.networkPolicies.fields,
      podSelector: selector,
      profile: text,
    },
    required: ["name"],
  },
  namespaces: { noun: "a namespace", fields: { ...clusterScoped, finalizers: words } },
  persistentVolumeClaims: {
    noun: "a persistentVolumeClaim",
    fields: { ...object, ...volume, storage: text, volumeName: text },
    required: ["name", "storage"],
  },
  persistentVolumes: {
    noun: "a persistentVolume",
    fields: {
      ...clusterScoped,
      ...volume,
      capacity: text,
      reclaimPolicy: oneOfOrTemplate("Retain", "Delete", "Recycle"),
      hostPath: text,
      csiDriver: text,
      csiVolumeHandle: text,
    },
    required: ["name", "capacity"],
  },
  roles: { noun: "a role", fields: { ...object, rules }, required: ["rules"] },
  roleBindings: { noun: "a roleBinding", fields: { ...object, ...binding }, required: ["roleRef", "subjects"] },
  clusterRoles: { noun: "a clusterRole", fields: { ...clusterScoped, rules }, required: ["rules"] },
  clusterRoleBindings: {
    noun: "a clusterRoleBinding",
    fields: { ...clusterScoped, ...binding },
    required: ["roleRef", "subjects"],
  },
  hpa: {
    noun: "an hpa",
    fields: {
      ...object,
      scaleTargetRef: place("scaleTargetRef", { fields: { apiVersion: text, kind: text, name: text } }),
      deploymentRef: place("deploymentRef", { fields: { name: text }, required: ["name"] }),
      minReplicas: countTemplate,
      maxReplicas: countTemplate,
      targetCPUUtilizationPercentage: countTemplate,
      behavior: block(blocks.hpa),
    },
    required: ["maxReplicas"],
  },
  pdb: {
    noun: "a pdb",
    fields: { ...object, ...blocks.pdb.fields, selector, behavior: block(blocks.pdb) },
  },
  resourceQuotas: {
    noun: "a resourceQuota",
    fields: { ...copied, fromResourceQuota: text, ...blocks.resourceQuotas.fields, profile: text },
  },
  limitRanges: {
    noun: "a limitRange",
    fields: { ...copied, fromLimitRange: text, ...blocks.limitRanges.fields, profile: text },
  },
  custom: {
    noun: "a custom entry",
    fields: {
      apiVersion: text,
      kind: text,
      metadata: place("metadata", {
        fields: { ...object, labels: scalarMap },
        required: ["name"],
      }),
      spec: anything,
      status: orTemplate(rawMap),
      hasStatus: flagTemplate,
      namespaced: flag,
    },
    required: ["apiVersion", "kind", "metadata"],
    otherwise: 'use "manifests:" for objects with other fields',
  },
  ...platformKinds,
}
