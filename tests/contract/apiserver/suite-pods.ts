import { type Interaction, post, type Step } from "./interaction.ts"

const said: Partial<Step> = {
  only: ["code", "reason", "message", "causes"],
  because: "what is taken is compared elsewhere",
}

const container = (more: object = {}) => ({ name: "a", image: "a:1", ...more })
const one = (more: object) => ({ containers: [container(more)] })
const mount = (more: object, volume: object = { name: "v", emptyDir: {} }) => ({
  ...one({ volumeMounts: [{ name: "v", mountPath: "/a", ...more }] }),
  volumes: [volume],
})
const volume = (source: object) => ({ ...one({}), volumes: [{ name: "v", ...source }] })
const affinity = (affinity: object) => ({ ...one({}), affinity })

/** Specs of Pods, most of them wrong, as people write them in templates. */
const specs: Readonly<Record<string, object>> = {
  "an environment without a name": one({ env: [{ value: "a" }] }),
  "an environment of a strange name": one({ env: [{ name: "a b", value: "c" }] }),
  "an environment with = in a name": one({ env: [{ name: "a=b", value: "c" }] }),
  "an environment from both": one({
    env: [{ name: "A", value: "c", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
  }),
  "an environment from nothing": one({ env: [{ name: "A", valueFrom: {} }] }),
  "an environment from an unknown field": one({
    env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.x" } } }],
  }),
  "an environment from no key": one({ env: [{ name: "A", valueFrom: { configMapKeyRef: { name: "m" } } }] }),
  "an environment from a nameless Secret": one({ env: [{ name: "A", valueFrom: { secretKeyRef: { key: "k" } } }] }),
  "all of a ConfigMap": one({ envFrom: [{ configMapRef: { name: "m" } }] }),
  "all of nothing": one({ envFrom: [{}] }),
  "all of a nameless ConfigMap": one({ envFrom: [{ configMapRef: {} }] }),
  "the same variable twice": one({
    env: [
      { name: "A", value: "b" },
      { name: "A", value: "c" },
    ],
  }),
  "a port of nothing": one({ ports: [{}] }),
  "a port with a long name": one({ ports: [{ name: "a-name-that-is-too-long", containerPort: 80 }] }),
  "a port with a strange name": one({ ports: [{ name: "A_b", containerPort: 80 }] }),
  "a port with a number as its name": one({ ports: [{ name: "80", containerPort: 80 }] }),
  "two ports of one name": one({
    ports: [
      { name: "a", containerPort: 80 },
      { name: "a", containerPort: 81 },
    ],
  }),
  "two ports of one number": one({
    ports: [
      { name: "a", containerPort: 80 },
      { name: "b", containerPort: 80 },
    ],
  }),
  "a port of an unknown protocol": one({ ports: [{ containerPort: 80, protocol: "X" }] }),
  "a port below nothing": one({ ports: [{ containerPort: -1 }] }),
  "a probe of nothing": one({ livenessProbe: {} }),
  "a probe of two kinds": one({ livenessProbe: { exec: { command: ["a"] }, tcpSocket: { port: 80 } } }),
  "a probe without a port": one({ readinessProbe: { httpGet: { path: "/" } } }),
  "a probe of a port out of range": one({ readinessProbe: { httpGet: { path: "/", port: 70000 } } }),
  "a probe of a strange port": one({ readinessProbe: { tcpSocket: { port: "a_b" } } }),
  "a probe without a command": one({ readinessProbe: { exec: {} } }),
  "a probe that waits less than nothing": one({ readinessProbe: { tcpSocket: { port: 80 }, periodSeconds: -1 } }),
  "a liveness that must succeed twice": one({ livenessProbe: { tcpSocket: { port: 80 }, successThreshold: 2 } }),
  "a start that must succeed twice": one({ startupProbe: { tcpSocket: { port: 80 }, successThreshold: 2 } }),
  "a scheme that is none": one({ readinessProbe: { httpGet: { path: "/", port: 80, scheme: "FTP" } } }),
  "a hook of nothing": one({ lifecycle: { preStop: {} } }),
  "a hook without a command": one({ lifecycle: { postStart: { exec: {} } } }),
  "a mount without a path": mount({ mountPath: "" }),
  "a mount with a colon": mount({ mountPath: "/a:b" }),
  "a mount that leaves its volume": mount({ subPath: "../a" }),
  "a mount of an absolute part": mount({ subPath: "/a" }),
  "two mounts of one path": {
    ...one({
      volumeMounts: [
        { name: "v", mountPath: "/a" },
        { name: "v", mountPath: "/a" },
      ],
    }),
    volumes: [{ name: "v", emptyDir: {} }],
  },
  "a mount without a name": mount({ name: "" }),
  "a volume of nothing": volume({}),
  "a volume of two kinds": volume({ emptyDir: {}, configMap: { name: "m" } }),
  "a volume of a nameless ConfigMap": volume({ configMap: {} }),
  "a volume of a nameless Secret": volume({ secret: {} }),
  "a volume of a nameless claim": volume({ persistentVolumeClaim: {} }),
  "a volume of no path": volume({ hostPath: {} }),
  "a volume of keys without paths": volume({ configMap: { name: "m", items: [{ key: "a" }] } }),
  "a volume of keys that leave": volume({ configMap: { name: "m", items: [{ key: "a", path: "../b" }] } }),
  "a volume with a strange mode": volume({ configMap: { name: "m", defaultMode: 9999 } }),
  "a volume without a name": { ...one({}), volumes: [{ emptyDir: {} }] },
  "a volume with a strange name": { ...one({}), volumes: [{ name: "A", emptyDir: {} }] },
  "resources below nothing": one({ resources: { requests: { cpu: "-1" } } }),
  "resources of an unknown kind": one({ resources: { requests: { gold: "1" } } }),
  "resources of a kind with a domain": one({ resources: { limits: { "a.b/gpu": "1" } } }),
  "resources of half a device": one({ resources: { limits: { "a.b/gpu": "500m" } } }),
  "resources of huge pages only": one({ resources: { limits: { "hugepages-2Mi": "2Mi" } } }),
  "privileges without escalation": one({ securityContext: { privileged: true, allowPrivilegeEscalation: false } }),
  "a user below nothing": one({ securityContext: { runAsUser: -1 } }),
  "a group below nothing": { ...one({}), securityContext: { fsGroup: -5 } },
  "an unknown seccomp profile": { ...one({}), securityContext: { seccompProfile: { type: "X" } } },
  "a name of a node that is none": { ...one({}), nodeName: "A_b" },
  "a node selector of a strange key": { ...one({}), nodeSelector: { "a b": "c" } },
  "a grace below nothing": { ...one({}), terminationGracePeriodSeconds: -1 },
  "a deadline of nothing": { ...one({}), activeDeadlineSeconds: 0 },
  "an unknown DNS policy": { ...one({}), dnsPolicy: "X" },
  "no DNS at all": { ...one({}), dnsPolicy: "None" },
  "a host name that is none": { ...one({}), hostname: "A_b" },
  "an alias of no address": { ...one({}), hostAliases: [{ ip: "x", hostnames: ["a"] }] },
  "a pull secret without a name": { ...one({}), imagePullSecrets: [{}] },
  "an image with spaces": one({ image: " a" }),
  "an unknown termination policy": one({ terminationMessagePolicy: "X" }),
  "an init container of one name": { ...one({}), initContainers: [container()] },
  "an init container with a probe": {
    ...one({}),
    initContainers: [container({ name: "b", readinessProbe: { tcpSocket: { port: 80 } } })],
  },
  "a sidecar with a probe": {
    ...one({}),
    initContainers: [container({ name: "b", restartPolicy: "Always", readinessProbe: { tcpSocket: { port: 80 } } })],
  },
  "a toleration of an unknown operator": { ...one({}), tolerations: [{ key: "a", operator: "X" }] },
  "a toleration that exists with a value": { ...one({}), tolerations: [{ key: "a", operator: "Exists", value: "b" }] },
  "a toleration of nothing": { ...one({}), tolerations: [{ value: "b" }] },
  "a toleration of an unknown effect": { ...one({}), tolerations: [{ key: "a", operator: "Exists", effect: "X" }] },
  "a toleration with seconds": {
    ...one({}),
    tolerations: [{ key: "a", operator: "Exists", effect: "NoSchedule", tolerationSeconds: 3 }],
  },
  "an affinity to Pods of no topology": affinity({
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { a: "b" } } }],
    },
  }),
  "an affinity of no weight": affinity({
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 0, podAffinityTerm: { topologyKey: "a", labelSelector: { matchLabels: { a: "b" } } } },
      ],
    },
  }),
  "an affinity to no nodes": affinity({
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } },
  }),
  "an affinity of an unknown operator": affinity({
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: "a", operator: "X" }] }],
      },
    },
  }),
  "an affinity to one of no values": affinity({
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: "a", operator: "In" }] }],
      },
    },
  }),
  "a spread of nothing": { ...one({}), topologySpreadConstraints: [{}] },
  "a spread of an unknown way": {
    ...one({}),
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "X", labelSelector: { matchLabels: { a: "b" } } },
    ],
  },
}

const labels: Readonly<Record<string, object>> = {
  "a label with a strange name": { labels: { "a b": "c", a: "b" } },
  "a label with a strange value": { labels: { c: "d e", a: "b" } },
  "an annotation with a strange name": { labels: { a: "b" }, annotations: { "a b": "c" } },
}

const template = (metadata: object, spec: object) => ({
  metadata: { name: "x" },
  spec: { selector: { matchLabels: { a: "b" } }, template: { metadata, spec } },
})

/** What a server says to the Pods of a Deployment, and to Pods. */
export const podSuite: readonly Interaction[] = [
  ...Object.entries(specs).map(([name, spec]) => ({
    name: `Pods with ${name}`,
    steps: [
      post("/api/v1/namespaces/{ns}/pods?dryRun=All", { metadata: { name: "x" }, spec }, said),
      post("/apis/apps/v1/namespaces/{ns}/deployments?dryRun=All", template({ labels: { a: "b" } }, spec), said),
    ],
  })),
  ...Object.entries(labels).map(([name, metadata]) => ({
    name: `Pods of a template with ${name}`,
    steps: ["deployments", "statefulsets", "daemonsets", "replicasets"].map((plural) =>
      post(`/apis/apps/v1/namespaces/{ns}/${plural}?dryRun=All`, template(metadata, one({})), said),
    ),
  })),
]
