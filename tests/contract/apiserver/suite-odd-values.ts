import { applied, type Interaction, post, type Step } from "./interaction.ts"
import { oddWorkloads } from "./odd-workloads.ts"

/** A valid object of a kind, and values that make it another: `spec.a.0.b` to the value there; undefined takes it away. */
interface Odd {
  readonly path: string
  readonly object: Readonly<Record<string, unknown>>
  readonly values: Readonly<Record<string, readonly unknown[]>>
}

const core = "/api/v1/namespaces/{ns}"
const networking = "/apis/networking.k8s.io/v1"
const containers = [{ name: "a", image: "a:1" }]
const long = "a".repeat(300)
const texts = ["", "a b", "A_b", "a/b", "-a", long]

const odd: Readonly<Record<string, Odd>> = {
  ...oddWorkloads,
  ConfigMap: {
    path: `${core}/configmaps`,
    object: { data: { a: "b" }, binaryData: { c: "AA==" } },
    values: { "binaryData.c": ["%", "AA", "AA=", "", "a b", 1], "metadata.creationTimestamp": ["x", "", 1], zzz: [1] },
  },
  Secret: { path: `${core}/secrets`, object: { data: { a: "YQ==" } }, values: { "data.a": ["%", "AA", true] } },
  Service: {
    path: `${core}/services`,
    object: { spec: { ports: [{ name: "a", port: 80 }], selector: { a: "b" } } },
    values: {
      "spec.internalTrafficPolicy": ["", "x", "Local"],
      "spec.ports.0.targetPort": ["", "x", 0, -1, 70_000, true, 1.5, {}, ["a"], 2 ** 40],
      "spec.ports.0.appProtocol": texts,
      "spec.ports.0.name": ["a b", "A", "1"],
      "spec.loadBalancerClass": ["", "a b", "a.b/c"],
    },
  },
  Ingress: {
    path: `${networking}/namespaces/{ns}/ingresses`,
    object: {
      spec: {
        ingressClassName: "a",
        rules: [
          {
            host: "a.b",
            http: {
              paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "a", port: { number: 80 } } } }],
            },
          },
        ],
        tls: [{ hosts: ["a.b"], secretName: "a" }],
      },
    },
    values: {
      "spec.ingressClassName": texts,
      "spec.rules.0.host": ["*", "*.a.b", "10.0.0.1", "a_b", "A.b"],
      "spec.rules.0.http.paths.0.path": ["a", "//", "/./a", "/a/..", "", "/%2f"],
      "spec.rules.0.http.paths.0.pathType": ["", "x", "ImplementationSpecific", undefined],
      "spec.rules.0.http.paths.0.backend": [{}, undefined, { resource: { kind: "A", name: "b" } }],
      "spec.rules.0.http.paths.0.backend.service.name": texts,
      "spec.rules.0.http.paths.0.backend.service.port": [
        {},
        { name: "a", number: 1 },
        { number: 70_000 },
        { name: "A" },
      ],
      "spec.tls.0.hosts": [["a b"], ["*.a"], ["*"], [""]],
      "spec.tls.0.secretName": texts,
    },
  },
  IngressClass: {
    path: `${networking}/ingressclasses`,
    object: { spec: { controller: "a.b/c", parameters: { kind: "A", name: "b" } } },
    values: {
      "spec.controller": ["", "a", "a/b c", "A/b", `a/${long}`],
      "spec.parameters.scope": ["", "x", "Namespace", "Cluster"],
      "spec.parameters.namespace": ["a", ""],
      "spec.parameters.kind": ["", "a/b", ".."],
      "spec.parameters.apiGroup": ["", "a b"],
    },
  },
  NetworkPolicy: {
    path: `${networking}/namespaces/{ns}/networkpolicies`,
    object: {
      spec: {
        podSelector: { matchLabels: { a: "b" } },
        ingress: [{ ports: [{ port: 80 }], from: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] } }] }],
      },
    },
    values: {
      "spec.podSelector.matchLabels": [{ "/a": "b" }, { a: "b c" }, { [long]: "a" }],
      "spec.podSelector.matchExpressions": [
        [{ key: "a", operator: "In" }],
        [{ key: "a", operator: "Exists", values: ["b"] }],
        [{ key: "", operator: "x" }],
        [{ key: "a", operator: "NotIn", values: ["a b"] }],
      ],
      "spec.policyTypes": [["x"], ["Ingress", "Ingress", "Ingress"], []],
      "spec.ingress.0.ports.0": [
        { port: 0 },
        { port: "A" },
        { port: 80, endPort: 70 },
        { endPort: 1 },
        { port: "a", endPort: 1 },
        { protocol: "x" },
      ],
      "spec.ingress.0.from.0": [{}, { ipBlock: { cidr: "10.0.0.0/8" }, podSelector: {} }],
      "spec.ingress.0.from.0.ipBlock.cidr": ["", "x", "10.0.0.1/8", "::1/128"],
      "spec.ingress.0.from.0.ipBlock.except": [["x"], ["11.0.0.0/16"], ["10.0.0.0/8"], [""]],
    },
  },
  HorizontalPodAutoscaler: {
    path: "/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers",
    object: {
      spec: {
        maxReplicas: 3,
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "a" },
        metrics: [
          { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 1 } } },
        ],
        behavior: { scaleUp: { policies: [{ type: "Pods", value: 1, periodSeconds: 1 }] } },
      },
    },
    values: {
      "spec.maxReplicas": [0, -1],
      "spec.minReplicas": [-1, 0, 5],
      "spec.scaleTargetRef.kind": ["", "a/b"],
      "spec.metrics.0.type": ["", "x", "Pods"],
      "spec.metrics.0.pods": [{ metric: { name: "a" }, target: { type: "AverageValue", averageValue: 1 } }],
      "spec.metrics.0.resource.target": [{}, { type: "x" }, { type: "Value", value: 0 }, { type: "AverageValue" }],
      "spec.metrics.0.resource.target.averageUtilization": [0, -1],
      "spec.behavior.scaleUp.policies": [[], [{ type: "x", value: 0, periodSeconds: 0 }]],
      "spec.behavior.scaleUp.stabilizationWindowSeconds": [-1, 4000],
      "spec.behavior.scaleUp.selectPolicy": ["", "x"],
    },
  },
  PodDisruptionBudget: {
    path: "/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets",
    object: { spec: { selector: { matchLabels: { a: "b" } }, minAvailable: 1 } },
    values: { "spec.minAvailable": [-1, "a", "150%", "", "50%", true], "spec.unhealthyPodEvictionPolicy": ["", "x"] },
  },
  RoleBinding: {
    path: "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings",
    object: { roleRef: { kind: "ClusterRole", name: "view" }, subjects: [{ kind: "User", name: "a" }] },
    values: {
      "subjects.0.kind": ["", "x", "ServiceAccount"],
      "subjects.0.apiGroup": ["", "x"],
      "subjects.0.name": ["", "a b"],
      "roleRef.name": ["a/b", "..", ""],
    },
  },
  PersistentVolumeClaim: {
    path: `${core}/persistentvolumeclaims`,
    object: { spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } },
    values: {
      "spec.accessModes": [[], ["x"], ["ReadWriteOnce", "ReadWriteOncePod"]],
      "spec.resources.requests.storage": ["0", "-1", "", "x", "1mm", true, {}, 1.5],
      "spec.storageClassName": texts,
      "spec.dataSource": [{}, { kind: "A", name: "b" }, { kind: "A", name: "b", apiGroup: "a b" }],
      "spec.volumeMode": ["", "x"],
    },
  },
  StorageClass: {
    path: "/apis/storage.k8s.io/v1/storageclasses",
    object: { provisioner: "a.b", allowedTopologies: [{ matchLabelExpressions: [{ key: "a", values: ["b"] }] }] },
    values: {
      provisioner: ["", "a b", "A.b"],
      "allowedTopologies.0.matchLabelExpressions.0": [{ key: "a" }, { key: "/", values: ["b", "b"] }],
      parameters: [{ "": "a" }],
      reclaimPolicy: ["", "Recycle"],
    },
  },
  ResourceQuota: {
    path: `${core}/resourcequotas`,
    object: { spec: { hard: { pods: "1" } } },
    values: {
      "spec.hard": [
        { a: 1 },
        { "a b": 1 },
        { pods: "-1" },
        { pods: "1.5" },
        { "requests.nvidia.com/gpu": 1 },
        { pods: "" },
      ],
      "spec.scopes": [["x"], ["BestEffort", "NotBestEffort"], ["VolumeAttributesClass"]],
    },
  },
  LimitRange: {
    path: `${core}/limitranges`,
    object: { spec: { limits: [{ type: "Container", max: { cpu: "2" } }] } },
    values: {
      "spec.limits.0.type": ["", "x", "Pod", "PersistentVolumeClaim"],
      "spec.limits.0.min": [{ cpu: "3" }, { a: 1 }, { "a.b/c": 1 }],
      "spec.limits.0.default": [{ cpu: "3" }],
      "spec.limits.0.maxLimitRequestRatio": [{ cpu: "0.5" }],
    },
  },
  PriorityClass: {
    path: "/apis/scheduling.k8s.io/v1/priorityclasses",
    object: { value: 1 },
    values: { value: [2_000_000_000, -1], preemptionPolicy: ["", "x"] },
  },
  Lease: {
    path: "/apis/coordination.k8s.io/v1/namespaces/{ns}/leases",
    object: { spec: { holderIdentity: "a" } },
    values: {
      "spec.acquireTime": ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00.123456Z", "x", "", 1],
      "spec.leaseDurationSeconds": [0, -1],
    },
  },
  EndpointSlice: {
    path: "/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices",
    object: { addressType: "IPv4", endpoints: [{ addresses: ["10.0.0.1"] }], ports: [{ name: "a", port: 80 }] },
    values: {
      "endpoints.0.addresses": [[], [""], ["::1"], ["127.0.0.1"], ["169.254.0.1"]],
      "endpoints.0.hostname": ["", "a b"],
      "ports.0.name": ["A", "a b", ""],
      addressType: ["", "x", "FQDN"],
    },
  },
  PersistentVolume: {
    path: "/api/v1/persistentvolumes",
    object: { spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], hostPath: { path: "/a" } } },
    values: {
      "spec.capacity": [{}, { storage: "0" }, { a: 1 }],
      "spec.accessModes": [[], ["x"]],
      "spec.nfs": [{ server: "a", path: "/b" }],
      "spec.hostPath": [undefined],
      "spec.storageClassName": ["a b"],
    },
  },
  Node: {
    path: "/api/v1/nodes",
    object: { spec: { taints: [{ key: "a", effect: "NoSchedule" }] } },
    values: {
      "spec.taints.0.effect": ["", "x"],
      "spec.taints.0.key": ["", "a b"],
      "spec.podCIDR": ["x", "10.0.0.1/8"],
    },
  },
  ControllerRevision: {
    path: "/apis/apps/v1/namespaces/{ns}/controllerrevisions",
    object: { revision: 1, data: { a: "b" } },
    values: { data: [undefined, "a", []] },
  },
  CronJob: {
    path: "/apis/batch/v1/namespaces/{ns}/cronjobs",
    object: {
      spec: {
        schedule: "* * * * *",
        jobTemplate: { spec: { template: { spec: { containers, restartPolicy: "Never" } } } },
      },
    },
    values: { "spec.startingDeadlineSeconds": [-1, 0], "spec.concurrencyPolicy": ["", "x"] },
  },
}

function withAt(value: unknown, steps: readonly string[], leaf: unknown): unknown {
  const [first = "", ...rest] = steps
  if (steps.length === 0) return leaf
  if (Array.isArray(value))
    return value.map((item, index) => (String(index) === first ? withAt(item, rest, leaf) : item))
  const members = (value ?? {}) as Readonly<Record<string, unknown>> // our own rows
  return { ...members, [first]: withAt(members[first], rest, leaf) }
}

const causes: Partial<Step> = { only: ["code", "reason", "causes"], because: "the message repeats the causes" }

/** Each value in a create and in an apply, tried dry. */
export const oddValueSuite: readonly Interaction[] = Object.entries(odd).flatMap(([kind, { path, object, values }]) =>
  Object.entries(values).map(([at, list]): Interaction => {
    const apiVersion = path.replace(/^\/apis?\//, "").replace(/\/(namespaces|[a-z]+$).*/, "")
    const made = list.map((leaf) =>
      withAt({ apiVersion, kind, metadata: { name: "x" }, ...object }, at.split("."), leaf),
    )
    return {
      name: `${kind}: odd values of ${at}`,
      steps: [
        ...made.map((body) => post(`${path}?dryRun=All`, body, causes)),
        ...made.map((body) => applied(`${path}/x?dryRun=All&fieldManager=m`, body, causes)),
      ],
    }
  }),
)
