import type { Resource } from "./resource.ts"

/** What a PUT of a kind may do. */
export interface UpdateRules {
  /** Creates what is not there. */
  readonly creates: boolean
  /** Needs no resourceVersion. */
  readonly isUnconditional: boolean
}

const rbac = "rbac.authorization.k8s.io"
const creating = new Set([
  "endpoints",
  "events",
  "limitranges",
  "podtemplates",
  "services",
  "coordination.k8s.io/leases",
  "node.k8s.io/runtimeclasses",
  `${rbac}/clusterrolebindings`,
  `${rbac}/clusterroles`,
  `${rbac}/rolebindings`,
  `${rbac}/roles`,
])
const conditional = new Set([
  "admissionregistration.k8s.io/mutatingadmissionpolicies",
  "admissionregistration.k8s.io/mutatingadmissionpolicybindings",
  "admissionregistration.k8s.io/mutatingwebhookconfigurations",
  "admissionregistration.k8s.io/validatingadmissionpolicies",
  "admissionregistration.k8s.io/validatingadmissionpolicybindings",
  "admissionregistration.k8s.io/validatingwebhookconfigurations",
  "apiextensions.k8s.io/customresourcedefinitions",
  "apiregistration.k8s.io/apiservices",
  "coordination.k8s.io/leases",
  "node.k8s.io/runtimeclasses",
  "policy/poddisruptionbudgets",
  "storage.k8s.io/csidrivers",
  "storage.k8s.io/csinodes",
  "storage.k8s.io/csistoragecapacities",
  "storage.k8s.io/volumeattachments",
])

/** What a PUT of this kind may do. */
export function updateRulesOf({ prefix, isCustom }: Pick<Resource, "prefix" | "isCustom">): UpdateRules {
  return { creates: creating.has(prefix), isUnconditional: !isCustom && !conditional.has(prefix) }
}
