import { describe, expect, test } from "bun:test"
import { isRecord, shortenName } from "../../../src/kube/mod.ts"
import { mergeOver, workloadLabel } from "../../../src/plan/mod.ts"
import { objectOf, problemsOf, shop } from "./support.ts"

const entry = (keys: string) => `  deployments:\n    - image: nginx\n      ${keys.trim().split("\n").join("\n      ")}`

/** The Pod spec, or its first container. */
function podOf(keys: string): Readonly<Record<string, unknown>> {
  const spec = objectOf(entry(keys))["spec"]
  const template = isRecord(spec) ? spec["template"] : undefined
  const pod = isRecord(template) ? template["spec"] : undefined
  return isRecord(pod) ? pod : {}
}

function containerOf(keys: string): unknown {
  const containers = podOf(keys)["containers"]
  return Array.isArray(containers) ? containers[0] : undefined
}

test("the smallest deployment is complete", () => {
  expect(objectOf(entry("name: web"))).toEqual({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web" },
    spec: {
      replicas: 1,
      selector: { matchLabels: { [workloadLabel]: "web" } },
      template: {
        metadata: { labels: { [workloadLabel]: "web" } },
        spec: { containers: [{ name: "web", image: "nginx" }] },
      },
    },
  })
  expect(problemsOf(entry("name: web"))).toEqual([])
})

test("without a name it is called after its custom resource", () => {
  expect(objectOf(entry("replicas: 1")).metadata.name).toBe("shop-deployment")
  expect(containerOf("replicas: 1")).toMatchObject({ name: "shop-deployment" })
})

test("the Pods carry the entry's labels, the selector only the fixed one", () => {
  const spec = objectOf(entry(`name: web\nlabels: { team: blue, ${workloadLabel}: mine }`))["spec"]
  expect(spec).toMatchObject({
    selector: { matchLabels: { [workloadLabel]: "web" } },
    template: { metadata: { labels: { team: "blue", [workloadLabel]: "web" } } },
  })
})

test("a name too long for a label is shortened in the selector, the same in all places", () => {
  const name = "n".repeat(80)
  const short = shortenName(name, 63)
  expect(objectOf(entry(`name: ${name}`))["spec"]).toMatchObject({
    selector: { matchLabels: { [workloadLabel]: short } },
    template: { metadata: { labels: { [workloadLabel]: short } } },
  })
})

describe("a field of the container", () => {
  test.each([
    ["port: 80", { ports: [{ containerPort: 80, protocol: "TCP" }] }],
    ['port: "{{ .spec.port }}"\nprotocol: UDP', { ports: [{ containerPort: 8080, protocol: "UDP" }] }],
    ["command: [sh, -c]", { command: ["sh", "-c"] }],
    ["args: [a, 1]", { args: ["a", "1"] }],
    ["workingDirectory: /srv", { workingDir: "/srv" }],
    ["env: [{ name: A, value: 1 }]", { env: [{ name: "A", value: "1" }] }],
    [
      "env: [{ name: A, valueFrom: { secretKeyRef: { name: s, key: k } } }]",
      { env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }] },
    ],
    [
      "envFrom: { secretRef: [{ name: s }], configMapRef: [{ name: c }, { name: d }] }",
      { envFrom: [{ configMapRef: { name: "c" } }, { configMapRef: { name: "d" } }, { secretRef: { name: "s" } }] },
    ],
    ["resources: { requests: { cpu: 1, memory: 64Mi } }", { resources: { requests: { cpu: "1", memory: "64Mi" } } }],
    ["volumeMounts: [{ name: v, mountPath: /v }]", { volumeMounts: [{ name: "v", mountPath: "/v" }] }],
    [
      "securityContext: { runAsNonRoot: true, capabilities: { drop: [ALL] } }",
      { securityContext: { runAsNonRoot: true, capabilities: { drop: ["ALL"] } } },
    ],
    ["port: 80\nprobes: { readiness: {} }", { readinessProbe: { httpGet: { path: "/", port: 80 } } }],
    [
      "port: 80\nprobes: { liveness: { path: /live, periodSeconds: 3 } }",
      { livenessProbe: { periodSeconds: 3, httpGet: { path: "/live", port: 80 } } },
    ],
    ["port: 80\nprobes: { startup: { type: tcp, port: 9 } }", { startupProbe: { tcpSocket: { port: 9 } } }],
    [
      'port: "{{ .spec.port }}"\nprobes: { readiness: { type: tcp } }',
      { readinessProbe: { tcpSocket: { port: 8080 } } },
    ],
  ] as const)("%j", (keys, container) => {
    const text = `name: web\n${keys}`
    expect(containerOf(text)).toEqual({ name: "web", image: "nginx", ...portsOf(keys), ...container })
    expect(problemsOf(entry(text))).toEqual([])
  })

  function portsOf(keys: string): object {
    const containerPort = keys.startsWith("port: 80") ? 80 : keys.startsWith("port:") ? 8080 : undefined
    return containerPort === undefined ? {} : { ports: [{ containerPort, protocol: "TCP" }] }
  }
})

describe("a field of the Pod", () => {
  test.each([
    ["imagePullSecrets: [a, { name: b }]", { imagePullSecrets: [{ name: "a" }, { name: "b" }] }],
    ["nodeSelector: { disk: ssd }", { nodeSelector: { disk: "ssd" } }],
    ["serviceAccountName: runner", { serviceAccountName: "runner" }],
    [
      "podSecurity: { runAsUser: 1000, runAsNonRoot: true }",
      { securityContext: { runAsUser: 1000, runAsNonRoot: true } },
    ],
    [
      'volumes: [{ name: v, configMap: { name: "{{ .metadata.name }}" } }]',
      { volumes: [{ name: "v", configMap: { name: "shop" } }] },
    ],
  ] as const)("%j", (keys, pod) => {
    expect(podOf(`name: web\n${keys}`)).toEqual({ containers: [{ name: "web", image: "nginx" }], ...pod })
    expect(problemsOf(entry(`name: web\n${keys}`))).toEqual([])
  })
})

describe("a field of the deployment", () => {
  test.each([
    ["replicas: 0", { replicas: 0 }],
    ['replicas: "{{ .spec.replicas }}"', { replicas: 3 }],
    [
      "rollingUpdate: { maxSurge: 25%, maxUnavailable: 0 }",
      { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: 0 } } },
    ],
  ] as const)("%j", (keys, spec) => {
    expect(objectOf(entry(`name: web\n${keys}`))["spec"]).toMatchObject(spec)
    expect(problemsOf(entry(`name: web\n${keys}`))).toEqual([])
  })

  test("replicas that yield nothing are left out, for whoever scales it", () => {
    expect(objectOf(entry('name: web\nreplicas: "{{ .spec.nothing }}"'))["spec"]).not.toHaveProperty("replicas")
  })
})

describe("overrides", () => {
  test("merge lists of named items by name and everything else over it", () => {
    const object = objectOf(
      entry(`name: web
env: [{ name: A, value: a }]
overrides:
  metadata: { annotations: { note: "{{ .metadata.name }}" } }
  spec:
    minReadySeconds: 5
    template:
      spec:
        terminationGracePeriodSeconds: 1
        containers:
          - { name: web, env: [{ name: B, value: b }], tty: true }
          - { name: side, image: busybox }`),
    )
    expect(object.metadata.annotations).toEqual({ note: "shop" })
    expect(object["spec"]).toMatchObject({
      replicas: 1,
      minReadySeconds: 5,
      template: {
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: [
            {
              name: "web",
              image: "nginx",
              tty: true,
              env: [
                { name: "A", value: "a" },
                { name: "B", value: "b" },
              ],
            },
            { name: "side", image: "busybox" },
          ],
        },
      },
    })
  })

  test.each([
    [{ a: 1, b: 2 }, { b: 3 }, { a: 1, b: 3 }],
    [{ a: { b: 1 } }, { a: { c: 2 } }, { a: { b: 1, c: 2 } }],
    [[1, 2], [3], [3]],
    [[{ name: "a", x: 1 }], [{ name: "a", y: 2 }], [{ name: "a", x: 1, y: 2 }]],
    [[{ name: "a" }], [{ name: "b" }], [{ name: "a" }, { name: "b" }]],
    [[{ name: "a" }], [{ other: "b" }], [{ other: "b" }]],
    [[{ name: "a" }], [], []],
    [{ a: 1 }, null, null],
    [undefined, { a: 1 }, { a: 1 }],
  ])("%j under %j is %j", (base, top, merged) => {
    expect(mergeOver(base, top)).toEqual(merged)
  })
})

test("the data that a deployment is made from stays as it was", () => {
  const before = JSON.stringify(shop)
  objectOf(entry('name: web\nvolumes: [{ name: v, configMap: { name: "{{ .metadata.name }}" } }]'))
  expect(JSON.stringify(shop)).toBe(before)
})
