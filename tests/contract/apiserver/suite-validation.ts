import { type Interaction, merge, post, put, type Step } from "./interaction.ts"

const core = "/api/v1/namespaces/{ns}"
const apps = "/apis/apps/v1/namespaces/{ns}"
const batch = "/apis/batch/v1/namespaces/{ns}"
const networking = "/apis/networking.k8s.io/v1/namespaces/{ns}"
const rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}"

const containers = [{ name: "a", image: "a:1" }]
const pod = (spec: object) => ({ metadata: { name: "p" }, spec: { containers, ...spec } })
const template = (labels: object, spec: object = {}) => ({ metadata: { labels }, spec: { containers, ...spec } })
const workload = (spec: object) => ({
  metadata: { name: "w" },
  spec: { selector: { matchLabels: { a: "b" } }, template: template({ a: "b" }), ...spec },
})
const job = (spec: object) => ({
  metadata: { name: "j" },
  spec: { template: { spec: { containers, restartPolicy: "Never" } }, ...spec },
})
const service = (spec: object) => ({ metadata: { name: "s" }, spec })
const named = (more: object) => ({ metadata: { name: "x" }, ...more })

/** Causes say it; the message repeats them in an order of the server's own. */
const causes: Partial<Step> = { only: ["code", "reason", "causes"], because: "the message repeats the causes" }

type Row = readonly [name: string, path: string, bodies: readonly unknown[]]

const refused: readonly Row[] = [
  ["a Pod without containers", `${core}/pods`, [named({ spec: {} }), named({ spec: { containers: [] } })]],
  ["a container without an image", `${core}/pods`, [pod({ containers: [{ name: "a" }] })]],
  ["a container without a name", `${core}/pods`, [pod({ containers: [{ image: "a" }] })]],
  ["two containers of one name", `${core}/pods`, [pod({ containers: [...containers, ...containers] })]],
  ["a container whose name is no label", `${core}/pods`, [pod({ containers: [{ name: "A_b", image: "a" }] })]],
  ["an unknown pull policy", `${core}/pods`, [pod({ containers: [{ name: "a", image: "a", imagePullPolicy: "X" }] })]],
  ["an unknown restart policy", `${core}/pods`, [pod({ restartPolicy: "X" })]],
  [
    "a port that is none",
    `${core}/pods`,
    [pod({ containers: [{ name: "a", image: "a", ports: [{ containerPort: 70000 }] }] })],
  ],
  [
    "a mount without a volume",
    `${core}/pods`,
    [pod({ containers: [{ name: "a", image: "a", volumeMounts: [{ name: "v", mountPath: "/a" }] }] })],
  ],
  [
    "requests above limits",
    `${core}/pods`,
    [pod({ containers: [{ name: "a", image: "a", resources: { requests: { cpu: "2" }, limits: { cpu: "1" } } }] })],
  ],
  [
    "two volumes of one name",
    `${core}/pods`,
    [
      pod({
        volumes: [
          { name: "v", emptyDir: {} },
          { name: "v", emptyDir: {} },
        ],
      }),
    ],
  ],
  ["a Deployment without a selector", `${apps}/deployments`, [workload({ selector: undefined })]],
  ["a Deployment with an empty selector", `${apps}/deployments`, [workload({ selector: {} })]],
  ["a Deployment that selects others", `${apps}/deployments`, [workload({ selector: { matchLabels: { a: "c" } } })]],
  ["a Deployment of less than nothing", `${apps}/deployments`, [workload({ replicas: -1 })]],
  [
    "a Deployment whose Pods end",
    `${apps}/deployments`,
    [workload({ template: template({ a: "b" }, { restartPolicy: "Never" }) })],
  ],
  ["an unknown strategy", `${apps}/deployments`, [workload({ strategy: { type: "X" } })]],
  ["a ReplicaSet that selects others", `${apps}/replicasets`, [workload({ selector: { matchLabels: { a: "c" } } })]],
  ["a StatefulSet that selects others", `${apps}/statefulsets`, [workload({ selector: { matchLabels: { a: "c" } } })]],
  ["a StatefulSet without a selector", `${apps}/statefulsets`, [workload({ selector: undefined })]],
  ["a DaemonSet that selects others", `${apps}/daemonsets`, [workload({ selector: { matchLabels: { a: "c" } } })]],
  ["a Job whose Pods go on", `${batch}/jobs`, [named({ spec: { template: { spec: { containers } } } })]],
  ["a Job of less than nothing", `${batch}/jobs`, [job({ parallelism: -1 })]],
  [
    "a schedule that is none",
    `${batch}/cronjobs`,
    [named({ spec: { schedule: "x", jobTemplate: { spec: job({}).spec } } })],
  ],
  ["a schedule that is missing", `${batch}/cronjobs`, [named({ spec: { jobTemplate: { spec: job({}).spec } } })]],
  ["a Service without ports", `${core}/services`, [service({}), service({ ports: [] })]],
  ["a Service of an unknown type", `${core}/services`, [service({ type: "X", ports: [{ port: 80 }] })]],
  [
    "a Service port out of range",
    `${core}/services`,
    [service({ ports: [{ port: 0 }] }), service({ ports: [{ port: 70000 }] })],
  ],
  ["ports without names", `${core}/services`, [service({ ports: [{ port: 80 }, { port: 81 }] })]],
  [
    "two ports of one name",
    `${core}/services`,
    [
      service({
        ports: [
          { name: "a", port: 80 },
          { name: "a", port: 81 },
        ],
      }),
    ],
  ],
  [
    "two ports of one number",
    `${core}/services`,
    [
      service({
        ports: [
          { name: "a", port: 80 },
          { name: "b", port: 80 },
        ],
      }),
    ],
  ],
  ["an external name that is missing", `${core}/services`, [service({ type: "ExternalName" })]],
  ["a node port without a node", `${core}/services`, [service({ ports: [{ port: 80, nodePort: 30100 }] })]],
  ["a key that is no key", `${core}/configmaps`, [named({ data: { "a/b": "c" } })]],
  ["a key in both maps", `${core}/configmaps`, [named({ data: { a: "c" }, binaryData: { a: "YQ==" } })]],
  ["a Secret's key that is no key", `${core}/secrets`, [named({ data: { "a/b": "YQ==" } })]],
  ["a certificate without parts", `${core}/secrets`, [named({ type: "kubernetes.io/tls" })]],
  ["a registry login without its file", `${core}/secrets`, [named({ type: "kubernetes.io/dockerconfigjson" })]],
  ["a claim without anything", `${core}/persistentvolumeclaims`, [named({ spec: {} })]],
  ["an Ingress without rules", `${networking}/ingresses`, [named({ spec: {} })]],
  [
    "an Ingress path without a type",
    `${networking}/ingresses`,
    [
      named({
        spec: {
          rules: [{ http: { paths: [{ path: "/", backend: { service: { name: "a", port: { number: 80 } } } }] } }],
        },
      }),
    ],
  ],
  [
    "an Ingress backend without a port",
    `${networking}/ingresses`,
    [named({ spec: { defaultBackend: { service: { name: "a" } } } })],
  ],
  ["a binding to no role", `${rbac}/rolebindings`, [named({ roleRef: {} }), named({})]],
  ["a binding of an unknown kind", `${rbac}/rolebindings`, [named({ roleRef: { kind: "X", name: "a" } })]],
  [
    "an account without a namespace",
    `${rbac}/rolebindings`,
    [named({ roleRef: { kind: "Role", name: "a" }, subjects: [{ kind: "ServiceAccount", name: "a" }] })],
  ],
  ["a rule without verbs", `${rbac}/roles`, [named({ rules: [{ apiGroups: [""], resources: ["a"] }] })]],
  ["a rule without resources", `${rbac}/roles`, [named({ rules: [{ verbs: ["get"] }] })]],
  [
    "an autoscaler upside down",
    "/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers",
    [
      named({
        spec: {
          minReplicas: 3,
          maxReplicas: 1,
          scaleTargetRef: { kind: "Deployment", name: "a", apiVersion: "apps/v1" },
        },
      }),
      named({ spec: { scaleTargetRef: { kind: "Deployment", name: "a", apiVersion: "apps/v1" } } }),
    ],
  ],
  [
    "a budget with both bounds",
    "/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets",
    [named({ spec: { minAvailable: 1, maxUnavailable: 1 } })],
  ],
  ["a Deployment of nothing", `${apps}/deployments`, [named({})]],
  ["a Job of nothing", `${batch}/jobs`, [named({})]],
  ["a CronJob of nothing", `${batch}/cronjobs`, [named({})]],
  ["a Pod of nothing", `${core}/pods`, [named({})]],
  ["a claim of nothing", `${core}/persistentvolumeclaims`, [named({})]],
  ["a DaemonSet of nothing", `${apps}/daemonsets`, [named({})]],
  ["a StatefulSet of nothing", `${apps}/statefulsets`, [named({})]],
  ["a controller of nothing", `${core}/replicationcontrollers`, [named({})]],
  ["a class without a provisioner", "/apis/storage.k8s.io/v1/storageclasses", [named({})]],
]

type Change = readonly [
  name: string,
  path: string,
  object: { readonly metadata: { readonly name: string } },
  patch: unknown,
]

const changes: readonly Change[] = [
  [
    "a Deployment's selector",
    `${apps}/deployments`,
    workload({}),
    { spec: { selector: { matchLabels: { a: "c" } }, template: { metadata: { labels: { a: "c" } } } } },
  ],
  [
    "a DaemonSet's selector",
    `${apps}/daemonsets`,
    workload({}),
    { spec: { selector: { matchLabels: { a: "c" } }, template: { metadata: { labels: { a: "c" } } } } },
  ],
  [
    "a ReplicaSet's selector",
    `${apps}/replicasets`,
    workload({}),
    { spec: { selector: { matchLabels: { a: "c" } }, template: { metadata: { labels: { a: "c" } } } } },
  ],
  ["a StatefulSet's service", `${apps}/statefulsets`, workload({}), { spec: { serviceName: "c" } }],
  ["a Job's completions", `${batch}/jobs`, job({}), { spec: { completions: 5 } }],
  ["a Job's mode", `${batch}/jobs`, job({}), { spec: { completionMode: "Indexed" } }],
  [
    "a Service's address",
    `${core}/services`,
    service({ ports: [{ port: 80 }] }),
    { spec: { clusterIP: "10.0.255.254", clusterIPs: ["10.0.255.254"] } },
  ],
  [
    "a ConfigMap that is fixed",
    `${core}/configmaps`,
    named({ immutable: true, data: { a: "b" } }),
    { data: { a: "c" } },
  ],
  [
    "that a ConfigMap is fixed",
    `${core}/configmaps`,
    named({ immutable: true, data: { a: "b" } }),
    { immutable: false },
  ],
  [
    "a Secret that is fixed",
    `${core}/secrets`,
    named({ immutable: true, data: { a: "YQ==" } }),
    { data: { a: "Yg==" } },
  ],
  ["a Secret's type", `${core}/secrets`, named({}), { type: "a/b" }],
  [
    "a binding's role",
    `${rbac}/rolebindings`,
    named({ roleRef: { kind: "Role", name: "a" } }),
    { roleRef: { name: "b" } },
  ],
  ["a Deployment's scale", `${apps}/deployments`, workload({}), { spec: { replicas: -1 } }],
]

/** Objects that are no good, and changes that are not allowed. */
export const validationSuite: readonly Interaction[] = [
  ...refused.map(([name, path, bodies]) => ({
    name: `refuses ${name}`,
    steps: bodies.map((body) => post(`${path}?dryRun=All`, body, causes)),
  })),
  ...changes.map(([name, path, object, patch]) => ({
    name: `refuses to change ${name}`,
    steps: [
      post(path, object, { only: ["code"], because: "defaults are compared elsewhere" }),
      merge(`${path}/${object.metadata.name}`, patch, causes),
    ],
  })),
  {
    name: "takes back a Deployment as it was read",
    steps: [
      post(`${apps}/deployments`, workload({})),
      put(`${apps}/deployments/w`, workload({ replicas: 2 }), {
        only: ["code"],
        because: "controllers of a real cluster write meanwhile",
      }),
    ],
  },
]
