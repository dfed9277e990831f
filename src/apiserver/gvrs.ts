import type { Gvr } from "../kube/mod.ts"

function gvr(group: string, version: string, resource: string): Gvr {
  return { group, version, resource }
}

/** The built-in resources that the server's own controllers work with. */
export const gvrs = {
  bindings: gvr("rbac.authorization.k8s.io", "v1", "clusterrolebindings"),
  claims: gvr("", "v1", "persistentvolumeclaims"),
  configMaps: gvr("", "v1", "configmaps"),
  controllerRevisions: gvr("apps", "v1", "controllerrevisions"),
  crds: gvr("apiextensions.k8s.io", "v1", "customresourcedefinitions"),
  cronJobs: gvr("batch", "v1", "cronjobs"),
  daemonSets: gvr("apps", "v1", "daemonsets"),
  deployments: gvr("apps", "v1", "deployments"),
  disruptionBudgets: gvr("policy", "v1", "poddisruptionbudgets"),
  endpoints: gvr("", "v1", "endpoints"),
  endpointSlices: gvr("discovery.k8s.io", "v1", "endpointslices"),
  attributesClasses: gvr("storage.k8s.io", "v1", "volumeattributesclasses"),
  autoscalers: gvr("autoscaling", "v2", "horizontalpodautoscalers"),
  ingressClasses: gvr("networking.k8s.io", "v1", "ingressclasses"),
  ingresses: gvr("networking.k8s.io", "v1", "ingresses"),
  jobs: gvr("batch", "v1", "jobs"),
  limitRanges: gvr("", "v1", "limitranges"),
  namespaces: gvr("", "v1", "namespaces"),
  nodes: gvr("", "v1", "nodes"),
  pods: gvr("", "v1", "pods"),
  priorityClasses: gvr("scheduling.k8s.io", "v1", "priorityclasses"),
  quotas: gvr("", "v1", "resourcequotas"),
  replicaSets: gvr("apps", "v1", "replicasets"),
  namespacedRoles: gvr("rbac.authorization.k8s.io", "v1", "roles"),
  roleBindings: gvr("rbac.authorization.k8s.io", "v1", "rolebindings"),
  roles: gvr("rbac.authorization.k8s.io", "v1", "clusterroles"),
  runtimeClasses: gvr("node.k8s.io", "v1", "runtimeclasses"),
  secrets: gvr("", "v1", "secrets"),
  serviceAccounts: gvr("", "v1", "serviceaccounts"),
  services: gvr("", "v1", "services"),
  statefulSets: gvr("apps", "v1", "statefulsets"),
  storageClasses: gvr("storage.k8s.io", "v1", "storageclasses"),
  volumes: gvr("", "v1", "persistentvolumes"),
} as const satisfies Readonly<Record<string, Gvr>>

/** Where the objects of a built-in resource are kept. */
export function prefixOf({ group, resource }: Gvr): string {
  return group === "" ? resource : `${group}/${resource}`
}
