const pods = [
  {
    ...{ name: "shop-0", ip: "10.0.0.5", phase: "Running", ready: true, node: "node-a", restartCount: 0, ordinal: 0 },
    containers: [{ name: "web", state: "running" }],
  },
  {
    ...{ name: "shop-1", ip: "10.0.0.6", phase: "Running", ready: false, node: "node-b", restartCount: 4, ordinal: 1 },
    containers: [{ name: "web", state: "waiting", reason: "CrashLoopBackOff" }],
  },
]
const template = {
  spec: {
    containers: [
      {
        name: "web",
        image: "nginx:1.27",
        env: [{ name: "MODE", value: "fast" }],
        ports: [{ name: "http", containerPort: 8080 }],
      },
    ],
  },
}
const ready = { type: "Ready", status: "True", reason: "Fine", message: "all good" }

/** The custom resource and its children that the examples of the catalogue read. */
export const samples: Readonly<Record<string, unknown>> = {
  metadata: {
    name: "shop",
    namespace: "web",
    uid: "u-1",
    resourceVersion: "42",
    generation: 2,
    creationTimestamp: "2026-01-01T00:00:00Z",
    labels: { app: "shop", rank: "7" },
    annotations: { note: "hello", count: "12", "orkestra.orkspace.io/serve-target": "shop" },
    ownerReferences: [{ kind: "Tenant", name: "acme" }],
  },
  spec: {
    image: "nginx",
    replicas: 3,
    host: "shop.example.com/",
    ports: [80, 443],
    env: { A: "one", B: "two" },
    resources: { requests: { cpu: "250m", memory: "1Gi" } },
  },
  status: { phase: "Running", observedGeneration: 2, conditions: [ready] },
  deployment: {
    metadata: { name: "shop" },
    spec: { replicas: 2, template },
    status: { readyReplicas: 2, availableReplicas: 2, updatedReplicas: 1 },
    _pods: pods,
    _replicaSets: [
      { name: "shop-new", revision: 2 },
      { name: "shop-old", revision: 1 },
    ],
    _warnings: [{ reason: "BackOff", message: "restarting web", count: 3 }],
  },
  replicaSet: { metadata: { ownerReferences: [{ kind: "Deployment", name: "shop" }] } },
  statefulSet: {
    status: { currentRevision: "shop-1", updateRevision: "shop-2" },
    _pvcs: [{ name: "data-shop-0" }],
    _pods: pods,
  },
  pod: { spec: { nodeName: "node-a" }, _node: { name: "node-a", zone: "a", region: "eu", instanceType: "small" } },
  job: {
    status: { succeeded: 1, failed: 1 },
    _pods: [
      {
        name: "job-a",
        phase: "Failed",
        containers: [{ name: "main", state: "terminated", reason: "Error", exitCode: 3 }],
      },
      { name: "job-b", phase: "Succeeded", containers: [] },
    ],
  },
  cronJob: {
    spec: { schedule: "30 4 * * *", timeZone: "Europe/Berlin" },
    status: {
      active: [{ name: "backup-2" }],
      lastScheduleTime: "2026-01-02T03:00:00Z",
      lastSuccessfulTime: "2026-01-02T02:01:00Z",
    },
    _lastJob: { name: "backup-2", succeeded: false },
    _lastSuccessfulJob: { name: "backup-1" },
  },
  service: {
    spec: { clusterIP: "10.96.0.7", ports: [{ name: "http", port: 80, nodePort: 30080 }] },
    status: { loadBalancer: { ingress: [{ ip: "203.0.113.7", hostname: "lb.example.com" }] } },
    _endpoints: [{ ip: "10.0.0.5", port: 8080, ready: true }],
    _backingPods: [{ name: "shop-0" }],
  },
  ingress: {
    spec: {
      ingressClassName: "nginx",
      rules: [{ host: "shop.example.com" }, { host: "www.example.com" }],
      tls: [{ hosts: ["shop.example.com"], secretName: "shop-tls" }],
    },
    status: { loadBalancer: { ingress: [{ ip: "203.0.113.7" }] } },
  },
  hpa: {
    spec: { maxReplicas: 5, metrics: [{ type: "Resource" }], scaleTargetRef: { kind: "Deployment", name: "shop" } },
    status: { currentReplicas: 5, desiredReplicas: 5, conditions: [{ type: "ScalingLimited", status: "True" }] },
  },
  pvc: {
    metadata: { annotations: { "volume.kubernetes.io/storage-provisioner": "csi.example.com" } },
    spec: { storageClassName: "fast", accessModes: ["ReadWriteOnce"] },
    status: { phase: "Bound", capacity: { storage: "10Gi" } },
    _storageClass: { provisioner: "csi.example.com", reclaimPolicy: "Delete" },
    _pv: { spec: { persistentVolumeReclaimPolicy: "Retain", accessModes: ["ReadWriteOnce"] } },
  },
  node: {
    spec: { taints: [{ key: "gpu", value: "yes", effect: "NoSchedule" }] },
    status: { conditions: [ready], allocatable: { cpu: "4", memory: "8Gi" } },
  },
  query: {
    status: "success",
    data: {
      result: [
        { metric: { pod: "shop-0" }, value: [1_767_000_000, "0.25"] },
        { metric: { pod: "shop-1" }, value: [1_767_000_000, "0.5"] },
      ],
    },
  },
}
