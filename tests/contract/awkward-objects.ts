/** An object before its values have the types of its kind. */
export interface Awkward {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly [field: string]: unknown }
  readonly [field: string]: unknown
}

/** Objects as people write them: numbers as text, empty values, defaults spelled out, every kind of volume. */
const md = (name: string, extra = {}) => ({
  name,
  namespace: "default",
  labels: { a: "b", n: 1 },
  annotations: { "x.y/z": "", k: "v" },
  ...extra,
})
const container = {
  name: "web",
  image: "nginx",
  command: [],
  args: ["a", "b"],
  workingDir: "",
  stdin: false,
  tty: false,
  imagePullPolicy: "Always",
  ports: [{ containerPort: "80" }, { containerPort: 80, protocol: "UDP", name: "u", hostPort: 0 }],
  env: [
    { name: "A", value: "" },
    { name: "B", value: 1 },
    { name: "C", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
    { name: "D", valueFrom: { resourceFieldRef: { resource: "limits.cpu" } } },
    { name: "E", valueFrom: { secretKeyRef: { name: "s", key: "k", optional: false } } },
    { name: "F", valueFrom: { configMapKeyRef: { name: "s", key: "k" } } },
  ],
  envFrom: [{ configMapRef: { name: "x" } }, { prefix: "", secretRef: { name: "y", optional: true } }],
  resources: {
    limits: { cpu: "1000m", memory: "1024Mi", "ephemeral-storage": "1.5Gi" },
    requests: { cpu: 0.5, memory: "0.5Gi" },
  },
  readinessProbe: {
    httpGet: { path: "/", port: "80", httpHeaders: [{ name: "h", value: "v" }] },
    initialDelaySeconds: 0,
    periodSeconds: "5",
  },
  livenessProbe: { tcpSocket: { port: "80" } },
  startupProbe: { exec: { command: ["x"] } },
  lifecycle: { preStop: { exec: { command: ["x"] } } },
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: false,
    runAsNonRoot: true,
    capabilities: { drop: ["ALL"], add: [] },
    seccompProfile: { type: "RuntimeDefault" },
  },
  volumeMounts: [
    { name: "e", mountPath: "/e", readOnly: false, subPath: "" },
    { name: "c", mountPath: "/c", readOnly: true },
  ],
}
const podSpec = {
  containers: [container],
  initContainers: [{ name: "i", image: "x" }],
  restartPolicy: "Always",
  hostNetwork: false,
  hostPID: false,
  serviceAccountName: "",
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  terminationGracePeriodSeconds: 0,
  nodeSelector: { a: "b" },
  tolerations: [
    { key: "k", operator: "Exists" },
    { key: "z", value: "v", effect: "NoSchedule" },
  ],
  securityContext: {},
  dnsConfig: { options: [{ name: "ndots", value: "1" }] },
  imagePullSecrets: [{ name: "p" }],
  hostAliases: [{ ip: "1.2.3.4", hostnames: ["a"] }],
  affinity: {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 1, podAffinityTerm: { topologyKey: "z", labelSelector: { matchLabels: { a: "b" } } } },
      ],
    },
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: "k", operator: "In", values: ["v"] }] }],
      },
    },
  },
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: "z", whenUnsatisfiable: "ScheduleAnyway", labelSelector: { matchLabels: { a: "b" } } },
  ],
  volumes: [
    { name: "e", emptyDir: {} },
    { name: "c", configMap: { name: "c", items: [{ key: "a", path: "b" }] } },
    { name: "s", secret: { secretName: "s" } },
    { name: "h", hostPath: { path: "/x" } },
    {
      name: "p",
      projected: {
        sources: [
          { serviceAccountToken: { path: "t" } },
          { configMap: { name: "c" } },
          {
            downwardAPI: {
              items: [
                { path: "l", fieldRef: { fieldPath: "metadata.labels" } },
                { path: "r", resourceFieldRef: { containerName: "web", resource: "limits.cpu" } },
              ],
            },
          },
        ],
      },
    },
    { name: "d", downwardAPI: { items: [{ path: "l", fieldRef: { fieldPath: "metadata.labels" } }] } },
    { name: "pv", persistentVolumeClaim: { claimName: "x", readOnly: false } },
    {
      name: "eph",
      ephemeral: {
        volumeClaimTemplate: {
          spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1024Mi" } } },
        },
      },
    },
    { name: "mem", emptyDir: { medium: "Memory", sizeLimit: "1024Mi" } },
    { name: "nfs", nfs: { server: "s", path: "/", readOnly: false } },
    { name: "csi", csi: { driver: "d", readOnly: false } },
  ],
}
const tmpl = (extra = {}) => ({ metadata: { labels: { a: "b" } }, spec: { ...podSpec, ...extra } })
const sel = { matchLabels: { a: "b" } }
export const awkward: readonly Awkward[] = [
  { apiVersion: "v1", kind: "ConfigMap", metadata: md("c"), data: { a: 1, b: true, e: "" }, binaryData: { x: "aGk=" } },
  { apiVersion: "v1", kind: "Secret", metadata: md("s"), stringData: { a: "hi", e: "" }, data: { b: "aG\nk=\n" } },
  {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: md("sa"),
    automountServiceAccountToken: false,
    imagePullSecrets: [{ name: "x" }],
  },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: md("svc"),
    spec: {
      selector: { a: "b" },
      ports: [
        { port: "80", targetPort: "http" },
        { name: "b", port: 81, targetPort: "8080", protocol: "UDP" },
      ].map((p, i) => ({ name: `p${i}`, ...p })),
      sessionAffinity: "",
      publishNotReadyAddresses: false,
      type: "ClusterIP",
    },
  },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: md("lb"),
    spec: {
      selector: { a: "b" },
      type: "LoadBalancer",
      allocateLoadBalancerNodePorts: false,
      ports: [{ port: 80 }],
      loadBalancerSourceRanges: ["10.0.0.0/8"],
      externalIPs: [],
      internalTrafficPolicy: "Cluster",
    },
  },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: md("hl"),
    spec: { clusterIP: "None", selector: { a: "b" }, ports: [{ port: 80 }] },
  },
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: md("d"),
    spec: {
      replicas: "2",
      selector: sel,
      template: tmpl(),
      paused: false,
      minReadySeconds: 0,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "1", maxUnavailable: "25%" } },
      revisionHistoryLimit: 0,
    },
  },
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: md("d0"),
    spec: {
      replicas: 0,
      selector: sel,
      template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "x", image: "y", resources: {} }] } },
      strategy: {},
    },
  },
  {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: md("st"),
    spec: {
      serviceName: "hl",
      selector: sel,
      template: tmpl(),
      volumeClaimTemplates: [
        {
          metadata: { name: "data", labels: { a: "b" } },
          spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1024Mi" } } },
        },
      ],
      updateStrategy: { rollingUpdate: { partition: 0 } },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete" },
    },
  },
  {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: md("ds"),
    spec: { selector: sel, template: tmpl(), updateStrategy: { type: "RollingUpdate" } },
  },
  { apiVersion: "apps/v1", kind: "ReplicaSet", metadata: md("rs"), spec: { selector: sel, template: tmpl() } },
  {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: md("j"),
    spec: {
      suspend: false,
      backoffLimit: 0,
      ttlSecondsAfterFinished: 0,
      parallelism: 1,
      template: { metadata: { labels: { a: "b" } }, spec: { ...podSpec, restartPolicy: "Never" } },
      podFailurePolicy: {
        rules: [
          { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget" }] },
          { action: "FailJob", onExitCodes: { operator: "In", values: [3] } },
        ],
      },
    },
  },
  {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: md("cj"),
    spec: {
      schedule: "* * * * *",
      suspend: false,
      jobTemplate: {
        spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "x", image: "y" }] } } },
      },
    },
  },
  {
    apiVersion: "v1",
    kind: "Pod",
    metadata: md("p"),
    spec: {
      ...podSpec,
      automountServiceAccountToken: false,
      serviceAccountName: "default",
      tolerations: undefined,
      volumes: podSpec.volumes.filter((v) => v.name !== "eph"),
    },
  },
  {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: md("pvc"),
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, storageClassName: "" },
  },
  {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: md("ing"),
    spec: {
      ingressClassName: "nginx",
      tls: [{ hosts: ["a.b"], secretName: "t" }],
      rules: [
        {
          host: "a.b",
          http: {
            paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "s", port: { number: "80" } } } }],
          },
        },
      ],
    },
  },
  {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: md("np"),
    spec: {
      podSelector: {},
      policyTypes: ["Ingress"],
      ingress: [
        {
          from: [
            { podSelector: {} },
            { namespaceSelector: { matchLabels: { a: "b" } } },
            { ipBlock: { cidr: "10.0.0.0/8" } },
          ],
          ports: [{ port: "80" }, { port: "http", protocol: "TCP" }],
        },
      ],
    },
  },
  {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: md("np2"),
    spec: { podSelector: { matchLabels: {} }, ingress: [{}], egress: [] },
  },
  {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: md("hpa"),
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "d" },
      minReplicas: 1,
      maxReplicas: "3",
      metrics: [
        { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: "80" } } },
        { type: "Resource", resource: { name: "memory", target: { type: "AverageValue", averageValue: "1024Mi" } } },
      ],
      behavior: {
        scaleDown: { stabilizationWindowSeconds: 0, policies: [{ type: "Percent", value: 10, periodSeconds: 60 }] },
      },
    },
  },
  {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: md("pdb"),
    spec: { minAvailable: "1", selector: sel },
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    metadata: md("r"),
    rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"], resourceNames: [] }],
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: md("rb"),
    roleRef: { kind: "Role", name: "r", apiGroup: "rbac.authorization.k8s.io" },
    subjects: [
      { kind: "ServiceAccount", name: "sa", namespace: "default" },
      { kind: "User", name: "u" },
    ],
  },
  { apiVersion: "v1", kind: "Namespace", metadata: { name: "ns1", labels: { a: true } } },
  {
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: md("rq", { namespace: "kube-public" }),
    spec: { hard: { cpu: 1, "requests.memory": "1024Mi", pods: "10" } },
  },
  {
    apiVersion: "v1",
    kind: "LimitRange",
    metadata: md("lr", { namespace: "kube-public" }),
    spec: { limits: [{ type: "Container", default: { cpu: "1000m" }, defaultRequest: { cpu: 0.1 } }] },
  },
  {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: "pv" },
    spec: {
      capacity: { storage: "1024Mi" },
      accessModes: ["ReadWriteOnce"],
      hostPath: { path: "/x" },
      persistentVolumeReclaimPolicy: "Retain",
      storageClassName: "",
    },
  },
  {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: "sc" },
    provisioner: "x/y",
    parameters: { a: 1 },
    allowVolumeExpansion: false,
  },
  {
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    metadata: { name: "pc" },
    value: "10",
    globalDefault: false,
    description: "",
  },
  {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: md("l"),
    spec: {
      holderIdentity: "x",
      leaseDurationSeconds: 15,
      renewTime: "2026-01-01T00:00:00.000000Z",
      acquireTime: "2026-01-01T01:00:00.000000+01:00",
    },
  },
  {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "shops.example.com" },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { kind: "Shop", plural: "shops" },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: [{ name: "A", type: "string", jsonPath: ".spec.a" }],
          schema: {
            openAPIV3Schema: {
              type: "object",
              properties: {
                spec: {
                  type: "object",
                  properties: {
                    a: { type: "string", default: "x" },
                    n: { type: "integer", minimum: 0 },
                    on: { type: "boolean" },
                    ios: { "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, { type: "string" }] },
                    list: {
                      type: "array",
                      items: {
                        type: "object",
                        properties: { p: { type: "string" }, q: { type: "string", default: "dq" } },
                      },
                    },
                    free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
                    nil: { type: "string", nullable: true },
                  },
                },
                status: { type: "object", properties: { phase: { type: "string" }, empty: { type: "object" } } },
              },
            },
          },
        },
      ],
    },
  },
]
