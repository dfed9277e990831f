import { type Interaction, post, type Step, strategic } from "./interaction.ts"

const core = "/api/v1/namespaces/{ns}"
const apps = "/apis/apps/v1/namespaces/{ns}"
const batch = "/apis/batch/v1/namespaces/{ns}"
const rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}"

const containers = [{ name: "a", image: "a:1" }]
const named = (more: object) => ({ metadata: { name: "x" }, ...more })
const pod = (spec: object = {}) => named({ spec: { containers, ...spec } })
const template = (labels: object, spec: object = {}) => ({ metadata: { labels }, spec: { containers, ...spec } })
const workload = (spec: object = {}) =>
  named({ spec: { replicas: 0, selector: { matchLabels: { a: "b" } }, template: template({ a: "b" }), ...spec } })
const job = (spec: object = {}) =>
  named({ spec: { suspend: true, template: { spec: { containers, restartPolicy: "Never" } }, ...spec } })
const claimed = {
  accessModes: ["ReadWriteOnce"],
  storageClassName: "none",
  resources: { requests: { storage: "1Gi" } },
}
const claim = () => named({ spec: claimed })
const service = (spec: object = {}) => named({ spec: { selector: { a: "b" }, ports: [{ port: 80 }], ...spec } })
const spec = (members: object) => ({ spec: members })

/** What is said, and whether it is taken; what an object becomes is compared elsewhere. */
const said: Partial<Step> = {
  only: ["code", "reason", "message", "causes"],
  because: "controllers of a real cluster write meanwhile",
}

type Row = readonly [
  path: string,
  object: { readonly metadata: { readonly name: string } },
  patches: Readonly<Record<string, unknown>>,
]

const pods: Row = [
  `${core}/pods`,
  pod({
    automountServiceAccountToken: false,
    nodeSelector: { none: "such" },
    terminationGracePeriodSeconds: 5,
    tolerations: [{ key: "a", operator: "Exists" }],
  }),
  {
    "its image": spec({ containers: [{ name: "a", image: "a:2" }] }),
    "its image to nothing": spec({ containers: [{ name: "a", image: "" }] }),
    "its environment": spec({ containers: [{ name: "a", image: "a:1", env: [{ name: "A", value: "b" }] }] }),
    "its command": spec({ containers: [{ name: "a", image: "a:1", command: ["b"] }] }),
    "its containers": spec({ containers: [...containers, { name: "b", image: "b" }] }),
    "its restart policy": spec({ restartPolicy: "Never" }),
    "its account": spec({ serviceAccountName: "b" }),
    "its host network": spec({ hostNetwork: true }),
    "its deadline": spec({ activeDeadlineSeconds: 100 }),
    "its grace": spec({ terminationGracePeriodSeconds: 7 }),
    "its node": spec({ nodeName: "b" }),
    "its tolerations": spec({ tolerations: [] }),
    "its host name": spec({ hostname: "h" }),
    "its labels": { metadata: { labels: { b: "c" } } },
    "its priority": spec({ priorityClassName: "system-node-critical" }),
    "its resources": spec({ containers: [{ name: "a", image: "a:1", resources: { requests: { cpu: "1" } } }] }),
  },
]

const claims: Row = [
  `${core}/persistentvolumeclaims`,
  claim(),
  {
    "its size": spec({ resources: { requests: { storage: "2Gi" } } }),
    "its size to less": spec({ resources: { requests: { storage: "1Mi" } } }),
    "its modes": spec({ accessModes: ["ReadWriteMany"] }),
    "its class": spec({ storageClassName: "other" }),
    "its volume": spec({ volumeName: "v" }),
    "its volume mode": spec({ volumeMode: "Block" }),
    "its selector": spec({ selector: { matchLabels: { a: "b" } } }),
    "its labels": { metadata: { labels: { b: "c" } } },
  },
]

const jobs: Row = [
  `${batch}/jobs`,
  job(),
  {
    "its image": spec({ template: { spec: { containers: [{ name: "a", image: "a:2" }] } } }),
    "its Pods' labels": spec({ template: { metadata: { labels: { c: "d" } } } }),
    "its backoff": spec({ backoffLimit: 2 }),
    "its parallelism": spec({ parallelism: 2 }),
    "its completions": spec({ completions: 3 }),
    "its deadline": spec({ activeDeadlineSeconds: 30, ttlSecondsAfterFinished: 3 }),
    "its selector": spec({ selector: { matchLabels: { a: "b" } } }),
    "its time to live to less than nothing": spec({ ttlSecondsAfterFinished: -1 }),
  },
]

const running: Row = [
  `${batch}/jobs`,
  job({ suspend: false }),
  {
    "its image": spec({ template: { spec: { containers: [{ name: "a", image: "a:2" }] } } }),
    "its node": spec({ template: { spec: { nodeSelector: { a: "b" } } } }),
    "its annotations": spec({ template: { metadata: { annotations: { a: "b" } } } }),
  },
]

const sets: Row = [
  `${apps}/statefulsets`,
  workload({ serviceName: "s", volumeClaimTemplates: [{ metadata: { name: "v" }, spec: claimed }] }),
  {
    "its image": spec({ template: { spec: { containers: [{ name: "a", image: "a:2" }] } } }),
    "its scale": spec({ replicas: 0, minReadySeconds: 3, revisionHistoryLimit: 3 }),
    "its service": spec({ serviceName: "t" }),
    "its claims": spec({ volumeClaimTemplates: [] }),
    "its management": spec({ podManagementPolicy: "Parallel" }),
    "its selector": spec({ selector: { matchLabels: { a: "c" } }, template: { metadata: { labels: { a: "c" } } } }),
    "its strategy": spec({ updateStrategy: { type: "OnDelete", rollingUpdate: null } }),
    "its Pods' labels": spec({ template: { metadata: { labels: { a: "c" } } } }),
  },
]

const deployments: Row = [
  `${apps}/deployments`,
  workload(),
  {
    "its selector": spec({ selector: { matchLabels: { c: "d" } } }),
    "its selector and template": spec({
      selector: { matchLabels: { c: "d" } },
      template: { metadata: { labels: { c: "d" } } },
    }),
    "its image": spec({ template: { spec: { containers: [{ name: "a", image: "a:2" }] } } }),
    "its containers to none": spec({ template: { spec: { containers: [] } } }),
    "its strategy": spec({ strategy: { type: "Recreate" } }),
    "its strategy, whole": spec({ strategy: { type: "Recreate", rollingUpdate: null } }),
    "its surge": spec({ strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } }),
    "its surge to nonsense": spec({ strategy: { rollingUpdate: { maxSurge: "a" } } }),
    "its deadline": spec({ progressDeadlineSeconds: 3, minReadySeconds: 10 }),
    "its history": spec({ revisionHistoryLimit: -1 }),
  },
]

const daemons: Row = [
  `${apps}/daemonsets`,
  workload({ replicas: undefined }),
  {
    "its selector": spec({ selector: { matchLabels: { c: "d" } } }),
    "its image": spec({ template: { spec: { containers: [{ name: "a", image: "a:2" }] } } }),
    "its strategy": spec({ updateStrategy: { type: "OnDelete" } }),
    "its strategy to an unknown one": spec({ updateStrategy: { type: "X" } }),
    "its surge": spec({ updateStrategy: { rollingUpdate: { maxUnavailable: 0 } } }),
  },
]

const services: Row = [
  `${core}/services`,
  service(),
  {
    "its address": spec({ clusterIP: "10.0.0.77", clusterIPs: ["10.0.0.77"] }),
    "its first address only": spec({ clusterIP: "10.0.0.77" }),
    "its address to none": spec({ clusterIP: "None", clusterIPs: ["None"] }),
    "its address to nothing": spec({ clusterIP: null }),
    "its address to nonsense": spec({ clusterIP: "x", clusterIPs: ["x"] }),
    "its family": spec({ ipFamilies: ["IPv6"] }),
    "its policy": spec({ ipFamilyPolicy: "RequireDualStack" }),
    "its ports to none": spec({ ports: [] }),
    "its ports to nameless ones": spec({ ports: [{ port: 80 }, { port: 81 }] }),
    "its type": spec({ type: "X" }),
    "its selector": spec({ selector: { b: "c" } }),
    "its affinity": spec({ sessionAffinity: "ClientIP" }),
    "its external policy": spec({ externalTrafficPolicy: "Local" }),
    "its internal policy": spec({ internalTrafficPolicy: "X" }),
    "its class": spec({ loadBalancerClass: "a/b" }),
  },
]

const outside: Row = [
  `${core}/services`,
  service({ type: "LoadBalancer", externalTrafficPolicy: "Local", loadBalancerClass: "a/b" }),
  {
    "its type to an inner one": spec({ type: "ClusterIP" }),
    "its type to a node's": spec({ type: "NodePort" }),
    "its type to a name": spec({ type: "ExternalName", externalName: "a.b" }),
    "its class": spec({ loadBalancerClass: "a/c" }),
    "its policy": spec({ externalTrafficPolicy: "Cluster" }),
    "its node ports": spec({ allocateLoadBalancerNodePorts: false }),
    "its ports": spec({
      ports: [
        { port: 80, name: "a" },
        { port: 81, name: "b" },
      ],
    }),
  },
]

const roles: Row = [
  `${rbac}/rolebindings`,
  named({ roleRef: { kind: "Role", name: "a" }, subjects: [{ kind: "User", name: "u" }] }),
  {
    "its role": { roleRef: { name: "b" } },
    "its role's kind": { roleRef: { kind: "ClusterRole" } },
    "its role's group": { roleRef: { apiGroup: "x" } },
    "its subjects": { subjects: [{ kind: "Group", name: "g" }] },
    "its subjects to nameless ones": { subjects: [{ kind: "User" }] },
    "its subjects to unknown ones": { subjects: [{ kind: "X", name: "a" }] },
  },
]

const configs: Row = [
  `${core}/configmaps`,
  named({ data: { a: "b" }, binaryData: { c: "YQ==" }, immutable: true }),
  {
    "its data": { data: { a: "c" } },
    "its binary data": { binaryData: { c: "Yg==" } },
    "both of its data": { data: { a: "c" }, binaryData: { c: "Yg==" } },
    "that it is fixed": { immutable: null },
    "its labels": { metadata: { labels: { a: "b" } } },
  },
]

const secrets: Row = [
  `${core}/secrets`,
  named({ data: { a: "Yg==" }, immutable: true }),
  {
    "its data": { data: { a: "Yw==" } },
    "its data as text": { stringData: { a: "c" } },
    "that it is fixed": { immutable: false },
    "its type": { type: "a/b" },
    "its type and data": { type: "kubernetes.io/tls" },
  },
]

const kinds: Readonly<Record<string, Row>> = {
  "a Pod": pods,
  "a claim": claims,
  "a suspended Job": jobs,
  "a Job": running,
  "a StatefulSet": sets,
  "a Deployment": deployments,
  "a DaemonSet": daemons,
  "a Service": services,
  "a Service for everybody": outside,
  "a binding": roles,
  "a fixed ConfigMap": configs,
  "a fixed Secret": secrets,
}

const taken = service({ clusterIP: "{0.spec.clusterIP}" })

/** Changes of the kinds that people change most, and what a server has to say about them. */
export const changeSuite: readonly Interaction[] = [
  ...Object.entries(kinds).flatMap(([kind, [path, object, patches]]) =>
    Object.entries(patches).map(([what, patch]) => ({
      name: `changes ${kind}: ${what}`,
      steps: [post(path, object, said), strategic(`${path}/${object.metadata.name}?dryRun=All`, patch, said)],
    })),
  ),
  {
    name: "addresses and node ports that others have",
    steps: [
      post(`${core}/services`, service({ type: "NodePort", ports: [{ port: 80 }] }), said),
      post(`${core}/services`, { ...taken, metadata: { name: "y" } }, said),
      post(
        `${core}/services?dryRun=All`,
        `{"metadata":{"name":"y"},"spec":{"type":"NodePort","ports":[{"port":80,"nodePort":{0.spec.ports.0.nodePort}}]}}`,
        said,
      ),
    ],
  },
  {
    name: "Pods in a namespace with a LimitRange",
    steps: [
      post(
        `${core}/limitranges`,
        named({
          spec: {
            limits: [
              {
                type: "Container",
                default: { cpu: "500m", memory: "64Mi" },
                defaultRequest: { cpu: "100m", memory: "32Mi" },
              },
            ],
          },
        }),
      ),
      post(`${core}/pods?dryRun=All`, pod({ automountServiceAccountToken: false })),
      post(
        `${core}/pods?dryRun=All`,
        pod({
          automountServiceAccountToken: false,
          containers: [{ name: "a", image: "a:1", resources: { requests: { cpu: "200m" } } }],
          initContainers: [{ name: "b", image: "b:1", resources: { limits: { memory: "48Mi" } } }],
        }),
      ),
    ],
  },
]
