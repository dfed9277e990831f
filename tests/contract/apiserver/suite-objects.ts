import { applied, get, type Interaction, merge, post, put, remove, strategic, watch } from "./interaction.ts"

const core = "/api/v1/namespaces/{ns}"
const pods = `${core}/pods`
const claims = `${core}/persistentvolumeclaims`
const secrets = `${core}/secrets`
const services = `${core}/services`
const jobs = "/apis/batch/v1/namespaces/{ns}/jobs"
const quotas = `${core}/resourcequotas`
const table = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" }

const pod = (name: string, spec: object = {}, more: object = {}) => ({
  metadata: { name, labels: { app: name } },
  spec: { automountServiceAccountToken: false, containers: [{ name: "a", image: "b:1" }], ...spec },
  ...more,
})
const job = {
  metadata: { name: "j" },
  spec: { suspend: true, template: { spec: { restartPolicy: "Never", containers: [{ name: "a", image: "b:1" }] } } },
}
const claim = {
  metadata: { name: "c" },
  spec: { storageClassName: "none", accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
}

/** Built-in kinds whose life is more than being stored. */
export const objectSuite: readonly Interaction[] = [
  {
    name: "Pods that wait for a node",
    steps: [
      post(pods, pod("p")),
      get(`${pods}?fieldSelector=spec.nodeName%3D,metadata.name%3Dp`),
      get(`${pods}?fieldSelector=status.phase%3DRunning`),
      merge(`${pods}/p`, { metadata: { labels: { x: "y" } } }),
      strategic(`${pods}/p`, { spec: { containers: [{ name: "a", image: "b:2" }] } }),
      remove(`${pods}/p`),
      get(`${pods}/p`),
    ],
  },
  {
    name: "Pods on a node end gracefully",
    steps: [
      post(pods, pod("p", { nodeName: "nowhere" })),
      remove(`${pods}/p`),
      remove(`${pods}/p?gracePeriodSeconds=50`),
      remove(`${pods}/p?gracePeriodSeconds=10`),
      post(pods, pod("p")),
      remove(`${pods}/p?gracePeriodSeconds=0`),
      get(`${pods}/p`),
      post(pods, pod("q", { nodeName: "nowhere", terminationGracePeriodSeconds: 0 })),
      remove(`${pods}/q`),
      get(`${pods}/q`),
    ],
  },
  {
    name: "evictions",
    steps: [
      post(pods, pod("p")),
      post(`${pods}/p/eviction`, { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "p" } }),
      get(`${pods}/p`),
      post(`${pods}/p/eviction`, { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "p" } }),
    ],
  },
  {
    name: "the status of a Pod",
    steps: [
      post(pods, pod("p")),
      merge(`${pods}/p/status`, { status: { phase: "Running", podIP: "10.0.0.1", podIPs: [{ ip: "10.0.0.1" }] } }),
      merge(`${pods}/p`, { status: { phase: "Failed" } }),
      get(`${pods}?fieldSelector=status.phase%3DRunning`),
      applied(`${pods}/p/status?fieldManager=s&force=true`, {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "p" },
        status: { message: "hello" },
      }),
      watch(`${pods}?resourceVersion={0.metadata.resourceVersion}&fieldSelector=status.phase%3DRunning`),
    ],
  },
  {
    name: "Secrets",
    steps: [
      post(secrets, { metadata: { name: "s" }, stringData: { a: "b" } }),
      merge(`${secrets}/s`, { stringData: { c: "d" } }),
      put(`${secrets}/s`, { metadata: { name: "s" }, data: { e: "Zg==" } }),
      put(`${secrets}/s`, { metadata: { name: "s" }, data: { e: "Zg==" }, type: "other" }),
      post(
        secrets,
        { metadata: { name: "t" }, data: { e: "%" } },
        { only: ["code", "reason"], because: "Go's base64" },
      ),
      get(`${secrets}?fieldSelector=type%3DOpaque`),
      get(`${secrets}/s`, table),
    ],
  },
  {
    name: "Services",
    steps: [
      post(`${services}?dryRun=All`, { metadata: { name: "s" }, spec: { clusterIP: "None", ports: [{ port: 80 }] } }),
      post(services, {
        metadata: { name: "s" },
        spec: { clusterIP: "None", selector: { a: "b" }, ports: [{ port: 80 }] },
      }),
      merge(`${services}/s`, { spec: { selector: { a: "c" } } }),
      strategic(`${services}/s`, { spec: { ports: [{ port: 81, name: "b" }] } }, { only: ["code"], because: "causes" }),
      get(`${services}/s`, table),
      remove(`${services}/s`),
    ],
  },
  {
    name: "claims are held while they are in use",
    steps: [post(claims, claim), remove(`${claims}/c?dryRun=All`), get(`${claims}/c`, table)],
  },
  {
    name: "Jobs are orphaned by a raw deletion",
    steps: [post(`${jobs}?dryRun=All`, job, { only: ["code"], because: "uids as labels" }), remove(`${jobs}/none`)],
  },
  {
    name: "quotas",
    steps: [
      post(quotas, { metadata: { name: "q" }, spec: { hard: { "count/widgets.demo.example": "5" } } }),
      merge(`${quotas}/q/status`, { status: { hard: { "count/widgets.demo.example": "5" } } }),
      remove(`${quotas}/q`),
    ].slice(0, 1),
  },
  {
    name: "Events under both of their names",
    steps: [
      post(`${core}/events`, {
        metadata: { name: "e" },
        involvedObject: { kind: "Pod", namespace: "{ns}", name: "p" },
        reason: "Tried",
        message: "m",
        type: "Normal",
        source: { component: "suite" },
      }),
      get("/apis/events.k8s.io/v1/namespaces/{ns}/events/e"),
      get(`${core}/events?fieldSelector=involvedObject.name%3Dp`),
      get(`${core}/events?fieldSelector=involvedObject.name%3Dq`),
      get(`${core}/events/e`, table),
      remove(`${core}/events/e`),
    ],
  },
  {
    name: "autoscalers in both of their versions",
    steps: [
      post("/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers?dryRun=All", {
        metadata: { name: "h" },
        spec: { maxReplicas: 3, scaleTargetRef: { kind: "Deployment", name: "x", apiVersion: "apps/v1" } },
      }),
      post("/apis/autoscaling/v1/namespaces/{ns}/horizontalpodautoscalers?dryRun=All", {
        metadata: { name: "h" },
        spec: { maxReplicas: 3, scaleTargetRef: { kind: "Deployment", name: "x", apiVersion: "apps/v1" } },
      }),
    ],
  },
  {
    name: "tokens of ServiceAccounts that are refused",
    steps: [
      { ...get(`${core}/serviceaccounts/default`), until: 200, only: ["code"], because: "it is made a moment later" },
      post(`${core}/serviceaccounts/none/token`, { spec: {} }),
      post(`${core}/serviceaccounts/default/token`, { spec: { expirationSeconds: 599 } }),
      post(`${core}/serviceaccounts/default/token`, { spec: { expirationSeconds: 2 ** 32 + 1 } }),
      post(`${core}/serviceaccounts/default/token`, { metadata: { name: "other" }, spec: {} }),
      post(`${core}/serviceaccounts/default/token`, { metadata: { namespace: "other" }, spec: {} }),
      ...["Pod", "Secret", "Node", "ConfigMap"].map((kind) =>
        post(`${core}/serviceaccounts/default/token`, {
          spec: { boundObjectRef: { kind, apiVersion: "v1", name: "x" } },
        }),
      ),
      { ...post(pods, pod("other", { serviceAccountName: "default" })), ignore: "managedFields" },
      post(`${core}/serviceaccounts/default/token`, {
        spec: { boundObjectRef: { kind: "Pod", apiVersion: "v1", name: "other", uid: "wrong" } },
      }),
      get(`${core}/serviceaccounts/default/token`),
    ],
  },
  {
    name: "Services with names of ports that cannot be",
    steps: ["1.5Gi", "TCP", "Web", "x".repeat(16), "web", "-a", "1", ""]
      .map((targetPort) =>
        post(`${services}?dryRun=All`, { metadata: { name: "s" }, spec: { ports: [{ port: 80, targetPort }] } }),
      )
      .map((step) => ({ ...step, only: ["code", "reason", "causes"], because: "addresses are drawn" })),
  },
]
