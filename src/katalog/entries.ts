import { isRecord } from "../kube/mod.ts"
import { conditions } from "./conditions.ts"
import {
  anything,
  byForm,
  countTemplate,
  flag,
  flagTemplate,
  judge,
  judged,
  list,
  oneOf,
  oneOfOrTemplate,
  place,
  rawMap,
  type Shape,
  scalar,
  scalarMap,
  scalars,
  text,
} from "./shape.ts"
import type { EntryKind } from "./spec.ts"

/** Keys that every entry may have; the rest are the fields of its own kind. */
export const commonFields: Readonly<Record<string, Shape>> = {
  when: conditions,
  or: conditions,
  forEach: place("forEach", { fields: { field: text, as: text }, required: ["field"] }),
  reconcile: flag,
  forceConflict: flag,
  labels: scalarMap,
  prune: flag,
  deletionPolicy: oneOf("delete", "retain"),
  adoption: oneOf("never", "ifUnowned", "force"),
  id: text,
  overrides: rawMap,
}

const commonLater: readonly string[] = ["sleep", "onImmutable"]
const rawFields = 'write other Kubernetes fields under "overrides:"'

const probe = place("a probe", {
  fields: {
    type: oneOf("http", "tcp"),
    path: text,
    port: countTemplate,
    initialDelaySeconds: countTemplate,
    periodSeconds: countTemplate,
    failureThreshold: countTemplate,
    successThreshold: countTemplate,
    timeoutSeconds: countTemplate,
  },
  later: ["profile"],
  otherwise: rawFields,
})

const named = list(place("a reference", { fields: { name: text }, required: ["name"] }))
const kubeList = list(rawMap)

const podFields: Readonly<Record<string, Shape>> = {
  image: text,
  command: scalars,
  args: scalars,
  workingDirectory: text,
  imagePullSecrets: list(judgedReference()),
  nodeSelector: scalarMap,
  serviceAccountName: text,
  resources: place("resources", { fields: { requests: scalarMap, limits: scalarMap }, later: ["profile"] }),
  securityContext: place("securityContext", {
    fields: {
      allowPrivilegeEscalation: flagTemplate,
      readOnlyRootFilesystem: flagTemplate,
      runAsNonRoot: flagTemplate,
      capabilities: place("capabilities", { fields: { add: scalars, drop: scalars } }),
    },
    later: ["profile"],
    otherwise: rawFields,
  }),
  podSecurity: place("podSecurity", {
    fields: { runAsNonRoot: flagTemplate, runAsUser: countTemplate, runAsGroup: countTemplate, fsGroup: countTemplate },
    later: ["profile"],
    otherwise: rawFields,
  }),
  volumes: kubeList,
  volumeMounts: kubeList,
  env: list(
    place("an environment variable", { fields: { name: text, value: scalar, valueFrom: rawMap }, required: ["name"] }),
  ),
  envFrom: place("envFrom", { fields: { secretRef: named, configMapRef: named } }),
  probes: place("probes", { fields: { startup: probe, liveness: probe, readiness: probe } }),
}

/** `my-secret`, or `{ name: my-secret }`. */
function judgedReference(): Shape {
  const map = place("a reference", { fields: { name: text }, required: ["name"] })
  return byForm((value) => (isRecord(value) ? map : text))
}

const protocol = oneOfOrTemplate("TCP", "UDP", "SCTP")
const object: Readonly<Record<string, Shape>> = { name: text, namespace: text, annotations: scalarMap }

interface Kind {
  readonly noun: string
  readonly fields: Readonly<Record<string, Shape>>
  readonly required?: readonly string[]
  readonly later?: readonly string[]
  readonly otherwise?: string
}

const kinds: Readonly<Record<Exclude<EntryKind, "manifests">, Kind>> = {
  configMaps: {
    noun: "a configMap",
    fields: { ...object, data: scalarMap },
    later: ["toNamespaces", "fromConfigMap", "fromNamespace"],
  },
  secrets: {
    noun: "a secret",
    fields: { ...object, type: text, data: scalarMap, base64Data: scalarMap },
    later: ["toNamespaces", "fromSecret", "fromNamespace", "once", "rotateAfter", "tls"],
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
      selector: scalarMap,
    },
    later: ["ports"],
  },
  serviceAccounts: { noun: "a serviceAccount", fields: object },
  deployments: {
    noun: "a deployment",
    fields: {
      ...object,
      ...podFields,
      replicas: countTemplate,
      port: countTemplate,
      protocol,
      rollingUpdate: place("rollingUpdate", { fields: { maxSurge: text, maxUnavailable: text }, later: ["profile"] }),
    },
    required: ["image"],
    later: ["autoscale"],
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
      namespaced: flag,
    },
    required: ["apiVersion", "kind", "metadata"],
    later: ["status", "hasStatus"],
    otherwise: 'use "manifests:" for objects with other fields',
  },
}

const bareObject = judged((record, report) => {
  for (const [key, shape] of Object.entries(commonFields)) {
    if ((record[key] ?? null) !== null) judge(shape, key, record, report)
  }
  judgeObject(record, report)
})

const completeObject = judged(judgeObject)

function judgeObject(...[record, report]: Parameters<Parameters<typeof judged>[0]>): void {
  for (const key of ["apiVersion", "kind"]) {
    if ((record[key] ?? null) !== null) judge(text, key, record, report)
    else report.here({ code: "ORK0108", message: `"${key}" is missing in a manifest`, help: `add "${key}:"` })
  }
  const metadata = record["metadata"]
  if (isRecord(metadata) && (metadata["name"] ?? null) !== null) return
  report.here({
    code: "ORK0108",
    message: `"metadata.name" is missing in a manifest`,
    help: `add "metadata: { name: ... }"`,
  })
}

const wrappedObject = place("a manifest entry", {
  fields: { ...commonFields, object: completeObject },
  later: commonLater,
  otherwise: 'put the fields of the object under "object:"',
})

/** Shapes of one entry, by the list it stands in. */
export const entryShapes: Readonly<Record<EntryKind, Shape>> = {
  configMaps: entry(kinds.configMaps),
  secrets: entry(kinds.secrets),
  services: entry(kinds.services),
  serviceAccounts: entry(kinds.serviceAccounts),
  deployments: entry(kinds.deployments),
  custom: entry(kinds.custom),
  manifests: byForm((value) => (isRecord(value) && Object.hasOwn(value, "object") ? wrappedObject : bareObject)),
}

function entry(kind: Kind): Shape {
  return place(kind.noun, {
    fields: { ...commonFields, ...kind.fields },
    required: kind.required ?? [],
    later: [...commonLater, ...(kind.later ?? [])],
    otherwise: kind.otherwise ?? rawFields,
  })
}

/** Lists that the published format knows and this version does not build. */
export const laterKinds: readonly string[] = [
  "statefulSets",
  "replicaSets",
  "pods",
  "jobs",
  "cronJobs",
  "daemonSets",
  "ingresses",
  "networkPolicies",
  "namespaces",
  "persistentVolumeClaims",
  "persistentVolumes",
  "roles",
  "roleBindings",
  "clusterRoles",
  "clusterRoleBindings",
  "hpa",
  "pdb",
  "resourceQuotas",
  "limitRanges",
  "podTemplates",
  "storageClasses",
  "storageLocations",
  "storagePools",
  "storageBackups",
  "storageSnapshots",
  "storageVolumes",
  "serviceMonitors",
  "priorityClasses",
  "priorityLevelConfigurations",
  "runtimeClasses",
  "podSecurityPolicies",
]
