import { applied, get, type Interaction, merge, post, put, remove, type Step, strategic } from "./interaction.ts"

/** How kubectl asks for a list, and for one object after a change. */
const table =
  "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"
/** Real controllers write meanwhile: what is compared is what kubectl decides by. */
const said: Partial<Step> = {
  only: ["code", "reason", "message", "causes"],
  because: "controllers of a real cluster write meanwhile",
}

const refused: Partial<Step> = { only: ["code", "reason"], because: "the message has the text of the object" }

const containers = [{ name: "a", image: "a:1" }]
const template = { metadata: { labels: { a: "b" } }, spec: { containers } }
const workload = { selector: { matchLabels: { a: "b" } }, template }
const once = { template: { spec: { containers, restartPolicy: "Never" } } }

interface Kind {
  readonly apiVersion: string
  readonly plural: string
  readonly more: object
  /** What an edit changes. */
  readonly edit: object
  /** A controller of a real cluster writes to it. */
  readonly isBusy?: boolean
}

const kinds: Readonly<Record<string, Kind>> = {
  ConfigMap: { apiVersion: "v1", plural: "configmaps", more: { data: { a: "b" } }, edit: { data: { a: "c" } } },
  Secret: { apiVersion: "v1", plural: "secrets", more: { data: { a: "Yg==" } }, edit: { data: { a: "Yw==" } } },
  // No ServiceAccount: every namespace gets one of its own, at some moment of its first second.
  Service: {
    ...{ apiVersion: "v1", plural: "services" },
    more: { spec: { clusterIP: "None", selector: { a: "b" }, ports: [{ name: "web", port: 80 }] } },
    edit: { spec: { ports: [{ name: "web", port: 80, targetPort: 8080 }] } },
  },
  PersistentVolumeClaim: {
    ...{ apiVersion: "v1", plural: "persistentvolumeclaims", isBusy: true },
    more: {
      spec: { accessModes: ["ReadWriteOnce"], storageClassName: "none", resources: { requests: { storage: "1Gi" } } },
    },
    edit: { metadata: { labels: { a: "b" } } },
  },
  Pod: {
    ...{ apiVersion: "v1", plural: "pods", isBusy: true },
    more: { spec: { containers, nodeSelector: { none: "such" } } },
    edit: { spec: { containers: [{ name: "a", image: "a:2" }] } },
  },
  LimitRange: {
    ...{ apiVersion: "v1", plural: "limitranges" },
    more: { spec: { limits: [{ type: "Container", default: { cpu: "1" } }] } },
    edit: { spec: { limits: [{ type: "Container", default: { cpu: "2" } }] } },
  },
  PodTemplate: {
    apiVersion: "v1",
    plural: "podtemplates",
    more: { template },
    edit: { metadata: { labels: { a: "b" } } },
  },
  Deployment: {
    ...{ apiVersion: "apps/v1", plural: "deployments", isBusy: true },
    more: { spec: { ...workload, replicas: 0 } },
    edit: { spec: { template: { spec: { containers: [{ name: "a", image: "a:2" }] } } } },
  },
  StatefulSet: {
    ...{ apiVersion: "apps/v1", plural: "statefulsets", isBusy: true },
    more: { spec: { ...workload, serviceName: "s", replicas: 0 } },
    edit: { spec: { minReadySeconds: 3 } },
  },
  DaemonSet: {
    ...{ apiVersion: "apps/v1", plural: "daemonsets", isBusy: true },
    more: { spec: { ...workload, template: { ...template, spec: { containers, nodeSelector: { none: "such" } } } } },
    edit: { spec: { minReadySeconds: 3 } },
  },
  Job: {
    ...{ apiVersion: "batch/v1", plural: "jobs", isBusy: true },
    more: { spec: { ...once, suspend: true } },
    edit: { spec: { backoffLimit: 2 } },
  },
  CronJob: {
    ...{ apiVersion: "batch/v1", plural: "cronjobs", isBusy: true },
    more: { spec: { schedule: "0 0 1 1 *", suspend: true, jobTemplate: { spec: once } } },
    edit: { spec: { schedule: "0 0 2 1 *" } },
  },
  Ingress: {
    ...{ apiVersion: "networking.k8s.io/v1", plural: "ingresses" },
    more: { spec: { defaultBackend: { service: { name: "s", port: { number: 80 } } } } },
    edit: { spec: { ingressClassName: "c" } },
  },
  NetworkPolicy: {
    ...{ apiVersion: "networking.k8s.io/v1", plural: "networkpolicies" },
    more: { spec: { podSelector: {} } },
    edit: { spec: { policyTypes: ["Ingress", "Egress"] } },
  },
  Role: {
    ...{ apiVersion: "rbac.authorization.k8s.io/v1", plural: "roles" },
    more: { rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }] },
    edit: { rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["list"] }] },
  },
  RoleBinding: {
    ...{ apiVersion: "rbac.authorization.k8s.io/v1", plural: "rolebindings" },
    more: { roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "r" } },
    edit: { subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "u" }] },
  },
  HorizontalPodAutoscaler: {
    ...{ apiVersion: "autoscaling/v2", plural: "horizontalpodautoscalers", isBusy: true },
    more: { spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "d" } } },
    edit: { spec: { maxReplicas: 4 } },
  },
  PodDisruptionBudget: {
    ...{ apiVersion: "policy/v1", plural: "poddisruptionbudgets", isBusy: true },
    more: { spec: { minAvailable: 1, selector: { matchLabels: { a: "b" } } } },
    edit: { spec: { minAvailable: 2 } },
  },
  Lease: {
    ...{ apiVersion: "coordination.k8s.io/v1", plural: "leases" },
    more: { spec: { holderIdentity: "a" } },
    edit: { spec: { holderIdentity: "b" } },
  },
}

const applyAnnotation = "kubectl.kubernetes.io/last-applied-configuration"

function steps(kind: string, { apiVersion, plural, more, edit, isBusy = false }: Kind): readonly Step[] {
  const root = apiVersion === "v1" ? "/api/v1" : `/apis/${apiVersion}`
  const all = `${root}/namespaces/{ns}/${plural}`
  const object = { apiVersion, kind, metadata: { name: "x" }, ...more }
  const seen = isBusy ? said : {}
  const client = "fieldManager=kubectl-client-side-apply&fieldValidation=Strict"
  const look: Partial<Step> = { accept: table, ...(isBusy ? { ...said, only: ["code"] } : {}) }
  const noted = { ...object, metadata: { name: "x", annotations: { [applyAnnotation]: "{}" } } }
  return [
    post(`${all}?fieldManager=kubectl-create&fieldValidation=Strict&dryRun=All`, object, isBusy ? said : {}),
    post(`${all}?${client}`, noted, seen),
    post(`${all}?${client}`, noted, said),
    get(`${all}?limit=500`, look),
    get(`${all}/x`, look),
    strategic(`${all}/x?${client}`, { metadata: { annotations: { [applyAnnotation]: "{ }" } } }, seen),
    strategic(`${all}/x?fieldManager=kubectl-edit&fieldValidation=Strict`, edit, seen),
    merge(`${all}/x?fieldManager=kubectl-label`, { metadata: { labels: { l: "v" } } }, seen),
    merge(`${all}/x?fieldManager=kubectl-annotate`, { metadata: { annotations: { n: "v" } } }, seen),
    applied(`${all}/x?fieldManager=kubectl&fieldValidation=Strict&dryRun=All`, object, said),
    applied(`${all}/x?fieldManager=kubectl&fieldValidation=Strict&force=true`, object, seen),
    merge(`${all}/x?fieldManager=kubectl-patch&fieldValidation=Strict`, { nothing: 1 }, refused),
    get(`${all}?labelSelector=l%3Dv&limit=500`, look),
    get(`${all}?fieldSelector=metadata.name%3Dy&limit=500`, { accept: table }),
    remove(`${all}/x?dryRun=All`, { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: "Background" }),
    remove(`${all}/none`, { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: "Background" }),
    put(`${all}/none?fieldManager=kubectl-replace`, { ...object, kind: "Nonsense" }, said),
  ].map((step) => (isBusy && step.method === "DELETE" ? { ...step, ...said } : step))
}

/** What kubectl sends for the kinds that a Katalog makes: create, apply, edit, label, annotate, get, delete. */
export const kubectlSuite: readonly Interaction[] = Object.entries(kinds).map(([kind, how]) => ({
  name: `kubectl with a ${kind}`,
  steps: steps(kind, how),
}))
