import { type Interaction, merge, post, type Step } from "./interaction.ts"
import { account, pod, pods, said } from "./pods.ts"

const enforced = (level: string, more: object = {}): Step =>
  merge(
    "/api/v1/namespaces/{ns}",
    { metadata: { labels: { "pod-security.kubernetes.io/enforce": level, ...more } } },
    said,
  )

const restricted = {
  securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
}
const tight = { securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } } }
const baselineSpecs: readonly object[] = [
  pod("a", { hostNetwork: true, hostPID: true, hostIPC: true }),
  pod("b", {
    volumes: [
      { name: "v", hostPath: { path: "/" } },
      { name: "w", hostPath: { path: "/" } },
    ],
  }),
  pod("c", {}, { ports: [{ containerPort: 80, hostPort: 80 }] }),
  pod("d", {}, { securityContext: { privileged: true } }),
  pod("e", {}, { securityContext: { capabilities: { add: ["SYS_ADMIN", "CHOWN", "NET_ADMIN"] } } }),
  pod(
    "f",
    { securityContext: { seLinuxOptions: { type: "x", user: "u", role: "r" } } },
    { securityContext: { seLinuxOptions: { type: "y" } } },
  ),
  pod("g", {
    securityContext: {
      sysctls: [
        { name: "kernel.msgmax", value: "1" },
        { name: "net.ipv4.tcp_rmem", value: "1" },
      ],
    },
  }),
  pod(
    "h",
    { securityContext: { seccompProfile: { type: "Unconfined" } } },
    { securityContext: { seccompProfile: { type: "Unconfined" } } },
  ),
  pod("i", {}, { securityContext: { appArmorProfile: { type: "Unconfined" } } }),
  pod(
    "k",
    {},
    {
      livenessProbe: { httpGet: { host: "example.com", port: 80 } },
      lifecycle: { preStop: { tcpSocket: { host: "h", port: 1 } } },
    },
  ),
  pod(
    "l",
    { hostNetwork: true },
    { ports: [{ containerPort: 80, hostPort: 80 }], securityContext: { privileged: true } },
  ),
  pod("m", { hostUsers: false }, { securityContext: { procMount: "Unmasked" } }),
  pod("o"),
]
const restrictedSpecs: readonly object[] = [
  pod("a"),
  pod("b", restricted),
  pod(
    "c",
    {
      ...restricted,
      volumes: [
        { name: "v", nfs: { server: "s", path: "/" } },
        { name: "w", hostPath: { path: "/" } },
        { name: "x", emptyDir: {} },
      ],
    },
    tight,
  ),
  pod(
    "d",
    { securityContext: { runAsNonRoot: false, runAsUser: 0, seccompProfile: { type: "RuntimeDefault" } } },
    tight,
  ),
  pod("e", restricted, {
    securityContext: {
      ...tight.securityContext,
      runAsNonRoot: false,
      runAsUser: 0,
      capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE", "CHOWN"] },
    },
  }),
  pod("f", { ...restricted, initContainers: [{ name: "i", image: "i" }] }, tight),
  pod("g", restricted, tight),
  pod("h", { securityContext: { runAsNonRoot: true } }, tight),
  pod("i", { hostNetwork: true, os: { name: "windows" }, securityContext: { runAsNonRoot: true } }),
]

const isRestricted = { metadata: { labels: { "pod-security.kubernetes.io/enforce": "restricted" } } }

/** What namespaces with labels of Pod security say to Pods. */
export const podSecuritySuite: readonly Interaction[] = [
  {
    name: "baseline Pods",
    steps: [account, enforced("baseline"), ...baselineSpecs.map((one) => post(`${pods}?dryRun=All`, one, said))],
  },
  {
    name: "restricted Pods",
    steps: [account, enforced("restricted"), ...restrictedSpecs.map((one) => post(`${pods}?dryRun=All`, one, said))],
  },
  {
    name: "Pods of which is warned",
    steps: [
      account,
      enforced("privileged", {
        "pod-security.kubernetes.io/warn": "restricted",
        "pod-security.kubernetes.io/warn-version": "v1.24",
      }),
      post(`${pods}?dryRun=All`, pod("a", { automountServiceAccountToken: false }), { ignore: "managedFields" }),
      post(`/apis/apps/v1/namespaces/{ns}/deployments?dryRun=All`, {
        metadata: { name: "b" },
        spec: {
          selector: { matchLabels: { a: "b" } },
          template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "a", image: "a" }] } },
        },
      }),
      post(`/apis/batch/v1/namespaces/{ns}/cronjobs?dryRun=All`, {
        metadata: { name: "b" },
        spec: {
          schedule: "* * * * *",
          jobTemplate: {
            spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "a", image: "a" }] } } },
          },
        },
      }),
    ],
  },
  {
    name: "labels of Pod security",
    steps: [
      enforced("strict"),
      enforced("baseline", { "pod-security.kubernetes.io/enforce-version": "one" }),
      enforced("baseline", { "pod-security.kubernetes.io/enforce-version": "v1.20" }),
      post(
        "/api/v1/namespaces?dryRun=All",
        {
          metadata: {
            name: "{ns}-a",
            labels: { "pod-security.kubernetes.io/warn": "x", "pod-security.kubernetes.io/audit-version": "v2" },
          },
        },
        said,
      ),
    ],
  },
  {
    name: "Pod security that comes later",
    steps: [
      account,
      post(pods, pod("a", { hostNetwork: true }), said),
      post(pods, pod("b"), said),
      // Only tried, until the server's cache of Pods has both.
      merge("/api/v1/namespaces/{ns}?dryRun=All", isRestricted, { untilWarnings: 3 }),
      merge("/api/v1/namespaces/{ns}", isRestricted),
      merge(`${pods}/a`, { metadata: { labels: { a: "b" } } }, said),
      merge(`${pods}/a`, { spec: { containers: [{ name: "a", image: "b" }] } }, said),
    ],
  },
]
