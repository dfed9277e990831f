import type { KubeObject } from "../kube/mod.ts"

interface Rule {
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
  readonly verbs: readonly string[]
}

const apiVersion = "rbac.authorization.k8s.io/v1"
const labels = { "kubernetes.io/bootstrapping": "rbac-defaults" }
const aggregate = "rbac.authorization.k8s.io/aggregate-to-"
const read = ["get", "list", "watch"]
const write = ["create", "delete", "deletecollection", "patch", "update"]

const core = [
  ...["configmaps", "endpoints", "persistentvolumeclaims", "pods", "replicationcontrollers"],
  ...["replicationcontrollers/scale", "serviceaccounts", "services"],
]
const coreRead = [
  ...["bindings", "events", "limitranges", "namespaces", "namespaces/status", "persistentvolumeclaims/status"],
  ...["pods/log", "pods/status", "replicationcontrollers/status", "resourcequotas", "resourcequotas/status"],
  "services/status",
]
const workloads: readonly (readonly [string, readonly string[]])[] = [
  [
    "apps",
    [
      ...["controllerrevisions", "daemonsets", "deployments", "deployments/scale", "replicasets"],
      ...["replicasets/scale", "statefulsets", "statefulsets/scale"],
    ],
  ],
  ["autoscaling", ["horizontalpodautoscalers"]],
  ["batch", ["cronjobs", "jobs"]],
  ["networking.k8s.io", ["ingresses", "networkpolicies"]],
  ["policy", ["poddisruptionbudgets"]],
  ["discovery.k8s.io", ["endpointslices"]],
]
const rbac = ["roles", "rolebindings"]

function workloadRules(verbs: readonly string[], withStatus: boolean): readonly Rule[] {
  return workloads.map(([group, resources]) => {
    const plain = resources.filter((name) => !name.includes("/") && name !== "networkpolicies")
    const status = withStatus ? plain.map((name) => `${name}/status`) : []
    return { apiGroups: [group], resources: [...resources, ...status], verbs }
  })
}

const view: readonly Rule[] = [
  { apiGroups: [""], resources: [...core, ...coreRead], verbs: read },
  ...workloadRules(read, true),
]
const edit: readonly Rule[] = [
  ...view,
  {
    apiGroups: [""],
    resources: ["secrets", "pods/attach", "pods/exec", "pods/portforward", "pods/proxy", "services/proxy"],
    verbs: read,
  },
  { apiGroups: [""], resources: ["serviceaccounts"], verbs: ["impersonate"] },
  { apiGroups: [""], resources: [...core, "events", "secrets", "serviceaccounts/token"], verbs: write },
  {
    apiGroups: [""],
    resources: ["pods/attach", "pods/eviction", "pods/exec", "pods/portforward", "pods/proxy"],
    verbs: write,
  },
  ...workloadRules(write, false),
  { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: [...read, ...write] },
]
const admin: readonly Rule[] = [
  ...edit,
  { apiGroups: ["rbac.authorization.k8s.io"], resources: rbac, verbs: [...read, ...write] },
  { apiGroups: ["authorization.k8s.io"], resources: ["localsubjectaccessreviews"], verbs: ["create"] },
]
const everything: readonly Rule[] = [
  { apiGroups: ["*"], resources: ["*"], verbs: ["*"] },
  { nonResourceURLs: ["*"], verbs: ["*"] },
]
const discovery: readonly Rule[] = [
  {
    nonResourceURLs: [
      "/api",
      "/api/*",
      "/apis",
      "/apis/*",
      "/healthz",
      "/livez",
      "/openapi",
      "/openapi/*",
      "/readyz",
      "/version",
      "/version/",
    ],
    verbs: ["get"],
  },
]
const basic: readonly Rule[] = [
  {
    apiGroups: ["authorization.k8s.io"],
    resources: ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
    verbs: ["create"],
  },
  { apiGroups: ["authentication.k8s.io"], resources: ["selfsubjectreviews"], verbs: ["create"] },
]

const publicInfo: readonly Rule[] = [
  { nonResourceURLs: ["/healthz", "/livez", "/readyz", "/version", "/version/"], verbs: ["get"] },
]
const issuerDiscovery: readonly Rule[] = [
  {
    nonResourceURLs: ["/.well-known/openid-configuration", "/openid/v1/jwks"].flatMap((path) => [path, `${path}/`]),
    verbs: ["get"],
  },
]
const trustBundles: readonly Rule[] = [
  { apiGroups: ["certificates.k8s.io"], resources: ["clustertrustbundles"], verbs: ["get", "list", "watch"] },
]

function role(name: string, rules: readonly Rule[], more: Readonly<Record<string, string>> = {}): KubeObject {
  return { apiVersion, kind: "ClusterRole", metadata: { name, labels: { ...labels, ...more } }, rules }
}

/** Everything in `system:aggregate-to-NAME` and in roles with its label comes together in `name`. */
function aggregated(name: string, rules: readonly Rule[], more: Readonly<Record<string, string>> = {}): KubeObject {
  const clusterRoleSelectors = [{ matchLabels: { [`${aggregate}${name}`]: "true" } }]
  return { ...role(name, rules, more), aggregationRule: { clusterRoleSelectors } }
}

function binding(name: string, groups: readonly string[]): KubeObject {
  const subjects = groups.map((group) => ({ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: group }))
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name }
  return { apiVersion, kind: "ClusterRoleBinding", metadata: { name, labels }, subjects, roleRef }
}

/** The roles that users know of every cluster, and who has them. */
export function bootstrapRoles(): { readonly roles: readonly KubeObject[]; readonly bindings: readonly KubeObject[] } {
  return {
    roles: [
      role("cluster-admin", everything),
      aggregated("admin", admin),
      aggregated("edit", edit, { [`${aggregate}admin`]: "true" }),
      aggregated("view", view, { [`${aggregate}edit`]: "true" }),
      role("system:aggregate-to-admin", admin, { [`${aggregate}admin`]: "true" }),
      role("system:aggregate-to-edit", edit, { [`${aggregate}edit`]: "true" }),
      role("system:aggregate-to-view", view, { [`${aggregate}view`]: "true" }),
      role("system:discovery", discovery),
      role("system:basic-user", basic),
      role("system:public-info-viewer", publicInfo),
      role("system:service-account-issuer-discovery", issuerDiscovery),
      role("system:cluster-trust-bundle-discovery", trustBundles),
    ],
    bindings: [
      binding("cluster-admin", ["system:masters"]),
      binding("system:discovery", ["system:authenticated"]),
      binding("system:basic-user", ["system:authenticated"]),
      binding("system:public-info-viewer", ["system:authenticated", "system:unauthenticated"]),
      binding("system:service-account-issuer-discovery", ["system:serviceaccounts"]),
      binding("system:cluster-trust-bundle-discovery", ["system:serviceaccounts"]),
    ],
  }
}
