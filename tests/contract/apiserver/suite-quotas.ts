import { get, type Interaction, merge, post, type Step } from "./interaction.ts"
import { account, asks, core, pod, pods, said } from "./pods.ts"

const limited = (name: string, limits: readonly object[]): Step =>
  post(`${core}/limitranges`, { metadata: { name }, spec: { limits } }, said)

const limitSuite: readonly Interaction[] = [
  {
    name: "a LimitRange gives defaults",
    steps: [
      account,
      limited("l", [{ type: "Container", default: { cpu: "200m" }, defaultRequest: { cpu: "100m", memory: "1Mi" } }]),
      post(pods, pod("a"), { ignore: "volumeMounts", only: ["code"], because: "volumes" }),
      post(pods, pod("b", { initContainers: [{ name: "i", image: "i" }] }, asks({ cpu: "50m" })), {
        only: ["code"],
        because: "volumes",
      }),
    ],
  },
  {
    name: "a LimitRange has a minimum and a maximum",
    steps: [
      account,
      limited("l", [{ type: "Container", min: { cpu: "100m" }, max: { cpu: "1" } }]),
      post(pods, pod("a", {}, asks({ cpu: "50m" }, { cpu: "1" })), said),
      post(pods, pod("b", {}, asks({ cpu: "1500m" }, { cpu: "2" })), said),
      post(pods, pod("c", {}, asks({ cpu: "1" }, { cpu: "50m" })), said),
      post(pods, pod("d"), said),
      post(pods, pod("e", {}, asks({ cpu: "0.1" }, { cpu: "1000m" })), said),
      post(
        pods,
        pod(
          "f",
          { initContainers: [{ name: "i", image: "i", ...asks({ cpu: "1m" }, { cpu: "2" }) }] },
          asks({ cpu: "1" }, { cpu: "2" }),
        ),
        said,
      ),
    ],
  },
  {
    name: "a LimitRange without defaults wants to be told",
    steps: [
      account,
      limited("l", [
        { type: "Container", min: { memory: "1Mi" }, max: { memory: "1Gi" }, default: { memory: "64Mi" } },
      ]),
      post(pods, pod("a"), said),
      post(pods, pod("b", {}, asks({ memory: "2Gi" }, { memory: "2Gi" })), said),
    ],
  },
  {
    name: "a LimitRange has a greatest ratio",
    steps: [
      account,
      limited("l", [{ type: "Container", maxLimitRequestRatio: { cpu: "2" } }]),
      post(pods, pod("a", {}, asks({ cpu: "100m" }, { cpu: "300m" })), said),
      post(pods, pod("b", {}, asks({ cpu: "100m" }, { cpu: "200m" })), said),
      post(pods, pod("c", {}, asks({ cpu: "100m" })), said),
      post(pods, pod("d"), said),
    ],
  },
  {
    name: "a LimitRange of Pods",
    steps: [
      account,
      limited("l", [{ type: "Pod", max: { cpu: "1" }, min: { memory: "10Mi" } }]),
      post(pods, pod("a", {}, asks({ cpu: "600m", memory: "5Mi" }, { cpu: "600m" })), said),
      post(
        pods,
        {
          metadata: { name: "b" },
          spec: {
            containers: ["a", "b"].map((name) => ({
              name,
              image: "a",
              ...asks({ cpu: "600m", memory: "5Mi" }, { cpu: "600m" }),
            })),
          },
        },
        said,
      ),
      post(
        pods,
        pod(
          "c",
          { initContainers: [{ name: "i", image: "i", ...asks({ cpu: "2", memory: "1Gi" }, { cpu: "2" }) }] },
          asks({ cpu: "600m", memory: "50Mi" }, { cpu: "600m" }),
        ),
        said,
      ),
      post(
        pods,
        pod(
          "d",
          {
            initContainers: [
              {
                name: "i",
                image: "i",
                restartPolicy: "Always",
                ...asks({ cpu: "500m", memory: "5Mi" }, { cpu: "500m" }),
              },
            ],
          },
          asks({ cpu: "600m", memory: "5Mi" }, { cpu: "600m" }),
        ),
        said,
      ),
    ],
  },
  {
    name: "a LimitRange of claims",
    steps: [
      limited("l", [{ type: "PersistentVolumeClaim", max: { storage: "2Gi" }, min: { storage: "1Gi" } }]),
      ...["500Mi", "1Gi", "3Gi"].map((storage) =>
        post(
          `${core}/persistentvolumeclaims?dryRun=All`,
          { metadata: { name: "c" }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } } },
          said,
        ),
      ),
    ],
  },
]

const quota = (name: string, hard: object, spec: object = {}): Step =>
  post(`${core}/resourcequotas`, { metadata: { name }, spec: { hard, ...spec } }, said)
const counted = (name: string) => get(`${core}/resourcequotas/${name}`, { ...said, untilField: "status.used" })
const used = (name: string) => get(`${core}/resourcequotas/${name}`, { ignore: "managedFields" })
const configMap = (name: string) => post(`${core}/configmaps`, { metadata: { name } }, said)
const service = (name: string, spec: object) =>
  post(`${core}/services`, { metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } }, said)
const claim = (name: string, storage: string, more: object = {}) =>
  post(
    `${core}/persistentvolumeclaims`,
    { metadata: { name }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } }, ...more } },
    said,
  )

/** What ResourceQuotas and LimitRanges refuse and add. */
export const quotaSuite: readonly Interaction[] = [
  ...limitSuite,
  {
    name: "a quota of Pods",
    steps: [
      account,
      quota("q", { pods: "1", "requests.cpu": "500m", "limits.memory": "1Gi" }),
      counted("q"),
      post(pods, pod("a"), said),
      post(pods, pod("b", {}, asks({ cpu: "600m" }, { memory: "1Mi" })), said),
      post(pods, pod("c", {}, asks({ cpu: "400m" }, { memory: "1Mi" })), said),
      used("q"),
      post(pods, pod("d", {}, asks({ cpu: "400m" }, { memory: "1Mi" })), said),
      post(`${pods}?dryRun=All`, pod("d", {}, asks({ cpu: "50m" }, { memory: "2Gi" })), said),
    ],
  },
  {
    name: "a quota of objects",
    steps: [
      get(`${core}/configmaps/kube-root-ca.crt`, { ...said, until: 200 }),
      quota("q", {
        configmaps: "2",
        "count/configmaps": "2",
        "count/deployments.apps": "0",
        "count/leases.coordination.k8s.io": "1",
      }),
      counted("q"),
      configMap("a"),
      configMap("b"),
      post(`/apis/coordination.k8s.io/v1/namespaces/{ns}/leases`, { metadata: { name: "a" } }, said),
      post(`/apis/coordination.k8s.io/v1/namespaces/{ns}/leases`, { metadata: { name: "b" } }, said),
      post(
        `/apis/apps/v1/namespaces/{ns}/deployments`,
        {
          metadata: { name: "b" },
          spec: {
            selector: { matchLabels: { a: "b" } },
            template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "a", image: "a" }] } },
          },
        },
        said,
      ),
      used("q"),
    ],
  },
  {
    name: "a quota of Services",
    steps: [
      quota("q", { services: "3", "services.nodeports": "1", "services.loadbalancers": "0" }),
      counted("q"),
      service("a", {}),
      service("b", { type: "LoadBalancer" }),
      service("c", {
        type: "NodePort",
        ports: [
          { name: "a", port: 80 },
          { name: "b", port: 81 },
        ],
      }),
      service("d", { type: "NodePort" }),
      merge(`${core}/services/a`, { spec: { type: "NodePort" } }, said),
      used("q"),
    ],
  },
  {
    name: "a quota of claims",
    steps: [
      quota("q", {
        persistentvolumeclaims: "2",
        "requests.storage": "3Gi",
        "fast.storageclass.storage.k8s.io/requests.storage": "1Gi",
      }),
      counted("q"),
      claim("a", "2Gi"),
      claim("b", "2Gi"),
      claim("c", "2Gi", { storageClassName: "fast" }),
      claim("d", "1Gi", { storageClassName: "fast" }),
      claim("e", "1Mi"),
      used("q"),
    ],
  },
  {
    name: "quotas of some Pods",
    steps: [
      account,
      quota("best", { pods: "0" }, { scopes: ["BestEffort"] }),
      quota("ending", { pods: "0" }, { scopes: ["Terminating"] }),
      quota(
        "urgent",
        { pods: "0" },
        {
          scopeSelector: {
            matchExpressions: [{ scopeName: "PriorityClass", operator: "In", values: ["system-node-critical"] }],
          },
        },
      ),
      counted("best"),
      counted("ending"),
      counted("urgent"),
      post(pods, pod("a"), said),
      post(pods, pod("b", { activeDeadlineSeconds: 5 }, asks({ cpu: "1m" })), said),
      post(pods, pod("c", { priorityClassName: "system-node-critical" }, asks({ cpu: "1m" })), said),
      post(pods, pod("d", {}, asks({ cpu: "1m" })), said),
      used("best"),
    ],
  },
  {
    name: "a quota that is not counted yet",
    steps: [post(`${core}/resourcequotas?dryRun=All`, { metadata: { name: "q" }, spec: { hard: { pods: "1" } } })],
  },
]
