import { get, type Interaction, merge, post, put, type Step } from "./interaction.ts"

interface Kind {
  readonly path: string
  readonly spec: object
  /** What a write of the status tries to change beside it. */
  readonly change: object
  readonly status: object
}

const labels = { app: "a" }
const template = { metadata: { labels }, spec: { containers: [{ name: "a", image: "a:1" }] } }
const ending = { spec: { ...template.spec, restartPolicy: "Never" } }
const home = (group: string, plural: string) => `${group}/namespaces/{ns}/${plural}`
const condition = { type: "Odd", status: "True", lastTransitionTime: "2024-01-01T00:00:00Z", reason: "R", message: "m" }

const kinds: Readonly<Record<string, Kind>> = {
  Deployment: {
    path: home("/apis/apps/v1", "deployments"),
    spec: { replicas: 0, paused: true, selector: { matchLabels: labels }, template },
    change: { replicas: 3 },
    status: { replicas: 2, readyReplicas: 1, conditions: [condition] },
  },
  ReplicaSet: {
    path: home("/apis/apps/v1", "replicasets"),
    spec: { replicas: 0, selector: { matchLabels: labels }, template },
    change: { minReadySeconds: 3 },
    status: { replicas: 2, readyReplicas: 3 },
  },
  StatefulSet: {
    path: home("/apis/apps/v1", "statefulsets"),
    spec: { replicas: 0, serviceName: "s", selector: { matchLabels: labels }, template },
    change: { replicas: 3 },
    status: { replicas: 1, readyReplicas: 2, availableReplicas: 3, collisionCount: 9 },
  },
  Job: {
    path: home("/apis/batch/v1", "jobs"),
    spec: { suspend: true, template: ending },
    change: { parallelism: 3 },
    status: { active: -1, ready: 0 },
  },
  CronJob: {
    path: home("/apis/batch/v1", "cronjobs"),
    spec: { suspend: true, schedule: "* * * * *", jobTemplate: { spec: { template: ending } } },
    change: { schedule: "1 * * * *" },
    status: { lastScheduleTime: "2024-01-01T00:00:00Z" },
  },
  Service: {
    path: home("/api/v1", "services"),
    spec: { ports: [{ port: 80 }], type: "LoadBalancer" },
    change: { sessionAffinity: "ClientIP" },
    status: { loadBalancer: { ingress: [{ ip: "1.2.3.4" }] } },
  },
  Ingress: {
    path: home("/apis/networking.k8s.io/v1", "ingresses"),
    spec: { defaultBackend: { service: { name: "a", port: { number: 80 } } } },
    change: { ingressClassName: "b" },
    status: { loadBalancer: { ingress: [{ hostname: "a.example.com" }] } },
  },
  PersistentVolumeClaim: {
    path: home("/api/v1", "persistentvolumeclaims"),
    spec: { accessModes: ["ReadWriteOnce"], storageClassName: "none", resources: { requests: { storage: "1Gi" } } },
    change: { volumeName: "v" },
    status: { phase: "Lost" },
  },
  PodDisruptionBudget: {
    path: home("/apis/policy/v1", "poddisruptionbudgets"),
    spec: { minAvailable: 1, selector: { matchLabels: { none: "such" } } },
    change: { minAvailable: 2 },
    status: { currentHealthy: 1, desiredHealthy: 1, disruptionsAllowed: -1, expectedPods: 1 },
  },
  HorizontalPodAutoscaler: {
    path: home("/apis/autoscaling/v2", "horizontalpodautoscalers"),
    spec: { maxReplicas: 3, scaleTargetRef: { kind: "Deployment", name: "none", apiVersion: "apps/v1" } },
    change: { maxReplicas: 4 },
    status: { currentReplicas: -1, desiredReplicas: 2 },
  },
  ResourceQuota: {
    path: home("/api/v1", "resourcequotas"),
    spec: { hard: { "count/odd.example.com": "1" } },
    change: { hard: { pods: "2" } },
    status: { used: { "count/odd.example.com": "-1" } },
  },
  ReplicationController: {
    path: home("/api/v1", "replicationcontrollers"),
    spec: { replicas: 0, selector: labels, template },
    change: { minReadySeconds: 3 },
    status: { replicas: 0, readyReplicas: 1 },
  },
  PersistentVolume: {
    path: "/api/v1/persistentvolumes",
    spec: {
      capacity: { storage: "1Gi" },
      accessModes: ["ReadWriteOnce"],
      hostPath: { path: "/a" },
      storageClassName: "none",
    },
    change: { persistentVolumeReclaimPolicy: "Delete" },
    status: { phase: "Failed", message: "m" },
  },
  FlowSchema: {
    path: "/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas",
    spec: { priorityLevelConfiguration: { name: "exempt" }, matchingPrecedence: 500 },
    change: { matchingPrecedence: 600 },
    status: { conditions: [{ ...condition, type: "Odd" }] },
  },
}

const moving = { only: ["code", "reason", "message", "causes"] as const, because: "controllers write the same object" }
const named = ({ path }: Kind) => (path.includes("{ns}") ? "x" : "{ns}")

/** Kinds that no controller writes at the same time. */
const quiet = new Set(["CronJob", "Ingress", "PersistentVolumeClaim"])

function steps(kind: Kind, plain: Partial<Step>): readonly Step[] {
  const name = named(kind)
  const at = `${kind.path}/${name}`
  const metadata = { name, labels: { a: "b" }, annotations: { c: "d" } }
  const other = { labels: { e: "f" }, annotations: { g: "h" }, finalizers: ["example.com/f"] }
  return [
    post(kind.path, { metadata, spec: kind.spec }, moving),
    merge(`${at}/status?dryRun=All`, { metadata: other, spec: kind.change, status: kind.status }, plain),
    merge(`${at}?dryRun=All`, { metadata: other, status: kind.status }, plain),
    put(`${at}/status?dryRun=All`, { metadata: { name }, spec: kind.spec, status: kind.status }, plain),
    get(`${at}/status`, moving),
  ]
}

/** What a write of the status changes, and what one of the rest leaves alone. */
export const statusSuite: readonly Interaction[] = Object.entries(kinds).map(([name, kind]) => ({
  name: `the status of a ${name}`,
  steps: steps(kind, quiet.has(name) ? { ignore: "managedFields" } : moving),
}))
