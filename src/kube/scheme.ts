import type { Gvk, Gvr } from "./gvk.ts"

/** A kind that every API server has: what its resource is called, and whether its objects have a namespace. */
export interface BuiltinKind {
  readonly gvk: Gvk
  readonly gvr: Gvr
  readonly namespaced: boolean
}

type Row = readonly [kind: string, resource: string, scope?: "cluster"]

const byVersion: Readonly<Record<string, readonly Row[]>> = {
  v1: [
    ["ConfigMap", "configmaps"],
    ["LimitRange", "limitranges"],
    ["Namespace", "namespaces", "cluster"],
    ["Node", "nodes", "cluster"],
    ["PersistentVolume", "persistentvolumes", "cluster"],
    ["PersistentVolumeClaim", "persistentvolumeclaims"],
    ["Pod", "pods"],
    ["PodTemplate", "podtemplates"],
    ["ReplicationController", "replicationcontrollers"],
    ["ResourceQuota", "resourcequotas"],
    ["Secret", "secrets"],
    ["Service", "services"],
    ["ServiceAccount", "serviceaccounts"],
  ],
  "apiextensions.k8s.io/v1": [["CustomResourceDefinition", "customresourcedefinitions", "cluster"]],
  "apps/v1": [
    ["DaemonSet", "daemonsets"],
    ["Deployment", "deployments"],
    ["ReplicaSet", "replicasets"],
    ["StatefulSet", "statefulsets"],
  ],
  "autoscaling/v2": [["HorizontalPodAutoscaler", "horizontalpodautoscalers"]],
  "batch/v1": [
    ["CronJob", "cronjobs"],
    ["Job", "jobs"],
  ],
  "coordination.k8s.io/v1": [["Lease", "leases"]],
  "discovery.k8s.io/v1": [["EndpointSlice", "endpointslices"]],
  "events.k8s.io/v1": [["Event", "events"]],
  "flowcontrol.apiserver.k8s.io/v1": [["PriorityLevelConfiguration", "prioritylevelconfigurations", "cluster"]],
  "networking.k8s.io/v1": [
    ["Ingress", "ingresses"],
    ["IngressClass", "ingressclasses", "cluster"],
    ["NetworkPolicy", "networkpolicies"],
  ],
  "node.k8s.io/v1": [["RuntimeClass", "runtimeclasses", "cluster"]],
  "policy/v1": [["PodDisruptionBudget", "poddisruptionbudgets"]],
  "rbac.authorization.k8s.io/v1": [
    ["ClusterRole", "clusterroles", "cluster"],
    ["ClusterRoleBinding", "clusterrolebindings", "cluster"],
    ["Role", "roles"],
    ["RoleBinding", "rolebindings"],
  ],
  "scheduling.k8s.io/v1": [["PriorityClass", "priorityclasses", "cluster"]],
  "storage.k8s.io/v1": [["StorageClass", "storageclasses", "cluster"]],
}

/** The built-in kinds that operators make or read. What a server really serves, only discovery knows. */
export const builtinKinds: readonly BuiltinKind[] = Object.entries(byVersion).flatMap(([apiVersion, rows]) => {
  const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion]
  const at = { group: group ?? "", version: version ?? "" }
  return rows.map(([kind, resource, scope]) => ({
    gvk: { ...at, kind },
    gvr: { ...at, resource },
    namespaced: scope === undefined,
  }))
})
