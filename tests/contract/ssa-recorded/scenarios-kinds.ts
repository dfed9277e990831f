import { apply, container, create, merge, type Scenario, service, whole } from "./scenarios.ts"

type Body = Readonly<Record<string, unknown>>
const object = (apiVersion: string, kind: string, fields: Body): Body => ({ apiVersion, kind, metadata: {}, ...fields })
const pod = { metadata: { labels: { app: "web" } }, spec: { restartPolicy: "Never", containers: [container("web")] } }
const rule = { apiGroups: [""], resources: ["pods"], verbs: ["get"] }
const target = { apiVersion: "apps/v1", kind: "Deployment", name: "web" }
const backend = { service: { name: "web", port: { number: 80 } } }

/** One object of each kind whose structs decide what a create owns, and the label that an apply adds to it. */
const bodies: readonly Body[] = [
  object("apps/v1", "StatefulSet", { spec: whole([container("web")], { serviceName: "web" }) }),
  object("apps/v1", "DaemonSet", { spec: { ...whole([container("web")]), replicas: undefined } }),
  object("batch/v1", "CronJob", {
    spec: { suspend: true, schedule: "0 0 1 1 *", jobTemplate: { spec: { template: pod } } },
  }),
  object("v1", "ServiceAccount", { automountServiceAccountToken: false }),
  object("v1", "LimitRange", { spec: { limits: [{ type: "Container", max: { cpu: "1" } }] } }),
  object("v1", "ResourceQuota", { spec: { hard: { "count/gadgets.test.example": "10" } } }),
  object("rbac.authorization.k8s.io/v1", "Role", { rules: [rule] }),
  object("rbac.authorization.k8s.io/v1", "RoleBinding", {
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "r" },
    subjects: [{ kind: "ServiceAccount", name: "s", namespace: "default" }],
  }),
  object("networking.k8s.io/v1", "NetworkPolicy", { spec: { podSelector: {}, ingress: [{ ports: [{ port: 80 }] }] } }),
  object("networking.k8s.io/v1", "Ingress", {
    spec: { rules: [{ host: "a.example", http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }] },
  }),
  object("policy/v1", "PodDisruptionBudget", { spec: { minAvailable: 1, selector: { matchLabels: { app: "none" } } } }),
  object("autoscaling/v2", "HorizontalPodAutoscaler", { spec: { scaleTargetRef: target, maxReplicas: 3 } }),
  object("coordination.k8s.io/v1", "Lease", { spec: { holderIdentity: "me", leaseDurationSeconds: 15 } }),
  service({ ports: [{ port: 80 }], selector: { app: "web" } }),
]

/** Create, apply and patch of many kinds. */
export const kindScenarios: readonly Scenario[] = bodies.map((body) => ({
  name: `a ${body["kind"]} by create`,
  steps: [
    create("kubectl-create", body),
    apply("a", { ...object(String(body["apiVersion"]), String(body["kind"]), {}), metadata: { labels: { l: "1" } } }),
    merge("kubectl-label", { metadata: { labels: { l: "2", m: "1" } } }),
  ],
}))
