import { get, type Interaction, post } from "./interaction.ts"
import { account, core, pod, pods, said } from "./pods.ts"

const classed = (name: string, more: object) =>
  post("/apis/scheduling.k8s.io/v1/priorityclasses", { metadata: { name }, ...more }, said)

const podAdmission: readonly Interaction[] = [
  {
    name: "a Pod of an account that is not there",
    steps: [
      account,
      post(pods, pod("a", { serviceAccountName: "nobody" }), said),
      post(pods, pod("a", { serviceAccount: "nobody" }), said),
      post(
        pods,
        { ...pod("a"), metadata: { generateName: "a-" }, spec: { ...pod("").spec, serviceAccountName: "nobody" } },
        said,
      ),
    ],
  },
  {
    name: "what an account says about its Pods",
    steps: [
      post(
        `${core}/serviceaccounts`,
        { metadata: { name: "quiet" }, automountServiceAccountToken: false, imagePullSecrets: [{ name: "pull" }] },
        said,
      ),
      post(
        `${core}/serviceaccounts`,
        {
          metadata: { name: "strict", annotations: { "kubernetes.io/enforce-mountable-secrets": "true" } },
          secrets: [{ name: "s" }],
        },
        said,
      ),
      post(pods, pod("a", { serviceAccountName: "quiet" }), { ignore: "managedFields" }),
      post(pods, pod("b", { serviceAccountName: "quiet", imagePullSecrets: [{ name: "own" }] }), {
        ignore: "managedFields",
      }),
      post(
        pods,
        pod("c", { serviceAccountName: "strict", volumes: [{ name: "v", secret: { secretName: "t" } }] }),
        said,
      ),
      post(
        pods,
        pod(
          "d",
          { serviceAccountName: "strict" },
          { env: [{ name: "A", valueFrom: { secretKeyRef: { name: "t", key: "k" } } }] },
        ),
        said,
      ),
      post(pods, pod("e", { serviceAccountName: "strict" }, { envFrom: [{ secretRef: { name: "t" } }] }), said),
      post(pods, pod("f", { serviceAccountName: "strict", imagePullSecrets: [{ name: "t" }] }), said),
      post(
        pods,
        pod("g", { serviceAccountName: "strict", volumes: [{ name: "v", secret: { secretName: "s" } }] }),
        said,
      ),
    ],
  },
  {
    name: "priorities of Pods",
    steps: [
      account,
      post(pods, pod("a", { priorityClassName: "none-such" }), said),
      classed("{ns}", { value: 1000, preemptionPolicy: "Never" }),
      post(pods, pod("b", { priorityClassName: "{ns}", automountServiceAccountToken: false }), {
        until: 201,
        ignore: "managedFields",
      }),
      post(pods, pod("c", { priority: 5 }), said),
      post(pods, pod("c", { priorityClassName: "{ns}", priority: 5 }), said),
      post(pods, pod("c", { priorityClassName: "{ns}", preemptionPolicy: "PreemptLowerPriority" }), said),
      post(pods, pod("d", { priorityClassName: "system-node-critical", automountServiceAccountToken: false }), {
        ignore: "managedFields",
      }),
      post(pods, pod("e", { priority: 0, automountServiceAccountToken: false }), { ignore: "managedFields" }),
      get("/apis/scheduling.k8s.io/v1/priorityclasses/system-node-critical", { ignore: "metadata" }),
    ],
  },
  {
    name: "tolerations of Pods",
    steps: [
      account,
      ...[
        [{ operator: "Exists" }],
        [{ key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoSchedule" }],
        [{ key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute", tolerationSeconds: 5 }],
      ].map((tolerations, index) =>
        post(pods, pod(`a${index}`, { tolerations, automountServiceAccountToken: false }), { ignore: "managedFields" }),
      ),
    ],
  },
  {
    name: "runtime classes of Pods",
    steps: [
      account,
      post(pods, pod("a", { runtimeClassName: "none-such" }), said),
      post(
        "/apis/node.k8s.io/v1/runtimeclasses",
        {
          metadata: { name: "{ns}" },
          handler: "h",
          overhead: { podFixed: { cpu: "10m" } },
          scheduling: { nodeSelector: { a: "b" }, tolerations: [{ key: "k", operator: "Exists" }] },
        },
        said,
      ),
      post(pods, pod("b", { runtimeClassName: "{ns}", automountServiceAccountToken: false }), {
        ignore: "managedFields",
      }),
      post(pods, pod("c", { runtimeClassName: "{ns}", overhead: { cpu: "5m" } }), said),
      post(pods, pod("d", { overhead: { cpu: "5m" } }), said),
      post(pods, pod("e", { runtimeClassName: "{ns}", nodeSelector: { a: "c" } }), said),
    ],
  },
]

const classes: readonly Interaction[] = [
  {
    name: "addresses of Services",
    steps: [
      post(
        `${core}/services`,
        { metadata: { name: "a" }, spec: { ports: [{ port: 80 }], clusterIP: "192.0.2.1" } },
        said,
      ),
      post(
        `${core}/services`,
        { metadata: { name: "a" }, spec: { ports: [{ port: 80 }], clusterIP: "10.0.0.0" } },
        said,
      ),
      post(
        `${core}/services`,
        { metadata: { name: "a" }, spec: { ports: [{ port: 80, nodePort: 80 }], type: "NodePort" } },
        said,
      ),
      post(
        `${core}/services`,
        {
          metadata: { name: "a" },
          spec: {
            ports: [
              { name: "a", port: 80, nodePort: 31999 },
              { name: "b", port: 81, nodePort: 31999 },
            ],
            type: "NodePort",
          },
        },
        { only: ["code", "reason"], because: "the port may be another Service's" },
      ),
      post(
        `${core}/services`,
        { metadata: { name: "a" }, spec: { ports: [{ port: 80 }], clusterIP: "10.0.0.256" } },
        said,
      ),
      post(
        `${core}/services`,
        { metadata: { name: "a" }, spec: { ports: [{ port: 80 }], clusterIP: "fd00::1" } },
        said,
      ),
      post(
        `${core}/services`,
        { metadata: { name: "a" }, spec: { ports: [{ port: 80 }], ipFamilyPolicy: "RequireDualStack" } },
        said,
      ),
      post(
        `${core}/services`,
        { metadata: { name: "a" }, spec: { ports: [{ port: 80 }], ipFamilies: ["IPv6"] } },
        said,
      ),
    ],
  },
]

/** What admission that every server has makes of Pods and Services. */
export const admissionSuite: readonly Interaction[] = [...podAdmission, ...classes]
