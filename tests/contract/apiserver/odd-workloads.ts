/** Valid objects that run Pods, and values that make others of them; as in suite-odd-values.ts. */
const containers = [{ name: "a", image: "a:1" }]
const template = { metadata: { labels: { a: "b" } }, spec: { containers } }
const selector = { matchLabels: { a: "b" } }
const long = "a".repeat(300)
const names = ["", "a b", "A", "a.b", long]

export const oddWorkloads = {
  Deployment: {
    path: "/apis/apps/v1/namespaces/{ns}/deployments",
    object: { spec: { selector, template } },
    values: {
      "spec.selector.matchLabels": [{ a: "b c" }, { "/": "b" }],
      "spec.strategy": [{ type: "RollingUpdate", rollingUpdate: { maxSurge: "x" } }, { type: "" }],
      "spec.strategy.rollingUpdate.maxUnavailable": [-1, "150%", "a", 1.5, {}, true],
      "spec.template.spec.containers.0.name": names,
      "spec.template.spec.containers.0.resizePolicy": [[{ resourceName: "x", restartPolicy: "y" }], [{}]],
      "spec.template.spec.containers.0.restartPolicyRules": [[{ action: "x" }], [{ action: "Restart", exitCodes: {} }]],
      "spec.template.spec.containers.0.readinessProbe": [
        { exec: { command: ["a"] }, terminationGracePeriodSeconds: 1 },
        { httpGet: { port: 80, httpHeaders: [{ name: "a b", value: "c" }] } },
        { grpc: { port: 0 } },
        { grpc: { port: 70_000 } },
      ],
      "spec.template.spec.containers.0.securityContext": [
        { seccompProfile: { type: "Localhost" } },
        { seccompProfile: { type: "Unconfined", localhostProfile: "a" } },
        { appArmorProfile: { type: "x" } },
        { appArmorProfile: {} },
      ],
      "spec.template.spec.containers.0.resources": [
        { claims: [{ name: "a" }] },
        { limits: { a: 1 } },
        { limits: { cpu: "0.1n" } },
        { requests: { memory: "" } },
      ],
      "spec.template.spec.runtimeClassName": names,
      "spec.template.spec.priorityClassName": names,
      "spec.template.spec.hostname": names,
      "spec.template.spec.hostnameOverride": names,
      "spec.template.spec.os": [{}, { name: "x" }],
      "spec.template.spec.schedulingGates": [[{ name: "" }], [{ name: "a b" }]],
      "spec.template.spec.resources": [{ limits: { a: 1 } }, { limits: { cpu: -1 } }],
      "spec.template.spec.overhead": [{ a: 1 }, { cpu: -1 }],
      "spec.template.spec.resourceClaims": [[{ name: "a" }], [{ name: "A", resourceClaimName: "b" }]],
      "spec.template.spec.ephemeralContainers": [[{ name: "e", image: "a" }]],
      "spec.template.spec.restartPolicy": ["", "x", "OnFailure"],
      "spec.template.spec.volumes": [[{ name: "v", secret: { secretName: "a" }, cephfs: { monitors: ["a"] } }]],
    },
  },
  StatefulSet: {
    path: "/apis/apps/v1/namespaces/{ns}/statefulsets",
    object: { spec: { selector, template, serviceName: "a" } },
    values: {
      "spec.podManagementPolicy": ["", "x"],
      "spec.updateStrategy": [{ type: "x" }],
      "spec.updateStrategy.rollingUpdate.maxUnavailable": [0, -1, "a"],
      "spec.serviceName": ["a b", "A", long],
      "spec.persistentVolumeClaimRetentionPolicy": [{ whenDeleted: "x" }],
      "spec.volumeClaimTemplates": [
        [{ metadata: { name: "v" }, spec: { accessModes: ["ReadWriteOnce"] } }],
        [{ metadata: { name: "v" }, spec: { accessModes: ["x"], resources: { requests: { storage: "-1" } } } }],
      ],
    },
  },
  DaemonSet: {
    path: "/apis/apps/v1/namespaces/{ns}/daemonsets",
    object: { spec: { selector, template } },
    values: { "spec.updateStrategy.rollingUpdate": [{ maxSurge: 1, maxUnavailable: 1 }, { maxUnavailable: "200%" }] },
  },
  Job: {
    path: "/apis/batch/v1/namespaces/{ns}/jobs",
    object: {
      spec: { completionMode: "Indexed", completions: 2, template: { spec: { containers, restartPolicy: "Never" } } },
    },
    values: {
      "spec.managedBy": ["", "a", "a.b/c"],
      "spec.maxFailedIndexes": [1, -1],
      "spec.successPolicy": [{ rules: [] }, { rules: [{}] }, { rules: [{ succeededCount: 5 }] }],
      "spec.podFailurePolicy": [
        { rules: [{ action: "x" }] },
        { rules: [{ action: "FailJob", onExitCodes: { operator: "In", values: [0, 0, 2, 1] } }] },
        { rules: [{ action: "FailIndex", onPodConditions: [{ type: "a b" }] }] },
      ],
      "spec.completionMode": ["", "x", "NonIndexed"],
    },
  },
  ReplicationController: {
    path: "/api/v1/namespaces/{ns}/replicationcontrollers",
    object: { spec: { selector: { a: "b" }, template } },
    values: { "spec.selector": [{ a: "c" }, {}], "spec.template.spec.restartPolicy": ["Never"] },
  },
  PodTemplate: {
    path: "/api/v1/namespaces/{ns}/podtemplates",
    object: { template },
    values: { "template.metadata.labels": [{ a: "b c" }, { "/": "" }], template: [{}] },
  },
} as const
