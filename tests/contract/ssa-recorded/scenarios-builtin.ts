import {
  apply,
  configMap,
  container,
  containers,
  create,
  deployment,
  force,
  json,
  merge,
  put,
  type Scenario,
  secret,
  service,
  strategic,
  whole,
} from "./scenarios.ts"

const row = (name: string, ...steps: Scenario["steps"]): Scenario => ({ name, steps })
const web = (more: object = {}) => deployment(whole([container("web", { ...more })]))
const env = (...names: readonly string[]) => ({ env: names.map((name) => ({ name, value: name.toLowerCase() })) })
const lastApplied = (config: object) => ({
  annotations: { "kubectl.kubernetes.io/last-applied-configuration": `${JSON.stringify(config)}\n` },
})

/** The server's own kinds. */
export const builtinScenarios: readonly Scenario[] = [
  row(
    "data of two managers",
    apply("a", configMap({ x: "1", y: "2" })),
    apply("b", configMap({ z: "3" })),
    apply("a", configMap({ x: "1" })),
  ),
  row(
    "the same value is shared",
    apply("a", configMap({ x: "1" })),
    apply("b", configMap({ x: "1" })),
    apply("a", configMap()),
    apply("b", configMap()),
  ),
  row("a conflict", apply("a", configMap({ x: "1", y: "1" })), apply("b", configMap({ x: "2", y: "2" }))),
  row(
    "conflicts with two managers",
    apply("a", configMap({ x: "1" })),
    apply("b", configMap({ y: "1" })),
    apply("c", configMap({ x: "2", y: "2" })),
    force("c", configMap({ x: "2", y: "2" })),
  ),
  row(
    "a forced apply",
    apply("a", configMap({ x: "1", y: "1" })),
    force("b", configMap({ x: "2" })),
    apply("a", configMap({ x: "1", y: "1" })),
  ),
  row(
    "an apply that changes nothing",
    apply("a", configMap({ x: "1" })),
    apply("a", configMap({ x: "1" })),
    force("a", configMap({ x: "1" })),
  ),
  row(
    "a manager that applies nothing",
    apply("a", configMap({ x: "1" })),
    apply("b", configMap()),
    apply("a", configMap()),
  ),
  row(
    "labels, annotations, finalizers",
    apply("a", configMap(undefined, { labels: { l: "1" }, annotations: { n: "1" }, finalizers: ["x.example/f"] })),
    apply("b", configMap(undefined, { labels: { l: "1", m: "2" }, finalizers: ["x.example/g"] })),
    apply("a", configMap(undefined, { labels: {} })),
    apply("b", configMap()),
  ),
  row(
    "owner references",
    apply(
      "a",
      configMap(undefined, {
        ownerReferences: [
          { apiVersion: "v1", kind: "ConfigMap", name: "o", uid: "11111111-1111-4111-8111-111111111111" },
        ],
      }),
    ),
    apply(
      "b",
      configMap(undefined, {
        ownerReferences: [
          { apiVersion: "v1", kind: "ConfigMap", name: "p", uid: "22222222-2222-4222-8222-222222222222" },
        ],
      }),
    ),
  ),
  row(
    "null data",
    apply("a", configMap({ x: null })),
    apply("b", { ...configMap(), data: null }),
    apply("a", configMap({ x: "1" })),
  ),
  row("a number in data", apply("a", configMap({ x: 5 }))),
  row("an unknown field of a ConfigMap", apply("a", { ...configMap(), stuff: {} })),
  row("managed fields in a config", apply("a", configMap({}, { managedFields: [] }))),
  row(
    "keys that need escapes",
    apply("a", configMap({ "a.b": "1", __proto__x: "2" }, { annotations: { "x.example/a-b": "<&>" } })),
  ),
  row("immutable and binary", apply("a", { ...configMap({ x: "1" }), binaryData: { b: "AAEC" }, immutable: false })),
  row(
    "a secret",
    apply("a", secret({ data: { x: "MQ==" }, type: "Opaque" })),
    apply("b", secret({ stringData: { y: "2" } })),
    apply("b", secret({})),
  ),
  row(
    "kubectl create and edit",
    create("kubectl-create", configMap({ x: "1" })),
    apply("a", configMap({ x: "2" })),
    merge("kubectl-edit", { data: { x: "3", y: "1" } }),
    apply("a", configMap({ x: "1" })),
    force("a", configMap({ x: "1" })),
  ),
  row(
    "an update by the applier's name",
    apply("a", configMap({ x: "1" })),
    put("a", { data: { x: "2" } }),
    apply("a", configMap({ x: "2" })),
    apply("a", configMap({ x: "3" })),
    apply("a", configMap()),
  ),
  row(
    "client-side apply becomes server-side",
    create("kubectl-client-side-apply", configMap({ x: "1", y: "1" }, lastApplied(configMap({ x: "1", y: "1" })))),
    apply("kubectl", configMap({ x: "2" })),
    apply("kubectl", configMap({ x: "2", z: "1" })),
  ),
  row(
    "client-side apply, changed by another",
    create("kubectl-client-side-apply", configMap({ x: "1" }, lastApplied(configMap({ x: "1" })))),
    merge("other", { data: { x: "5" } }),
    apply("kubectl", configMap({ x: "2" })),
  ),
  row(
    "managed fields cleared on a ConfigMap",
    create("c", configMap({ x: "1" })),
    merge("m", { metadata: { managedFields: [] } }),
    apply("a", configMap({ x: "1" })),
    apply("a", configMap({ y: "1" })),
  ),
  row(
    "containers of two managers",
    apply("a", web()),
    apply("b", deployment(containers(container("side", { image: "envoy" })))),
    apply("b", deployment(containers(container("other")))),
    apply("a", deployment(whole([container("web")], { paused: true }))),
  ),
  row(
    "env in order",
    apply("a", web(env("A", "B"))),
    apply("b", deployment(containers({ name: "web", ...env("C") }))),
    apply("a", web(env("B", "D", "A"))),
    apply("b", deployment(containers({ name: "web", ...env("C", "A") }))),
  ),
  row(
    "env is taken over",
    apply("a", web(env("A", "B"))),
    apply("b", deployment(containers({ name: "web", env: [{ name: "A", value: "other" }] }))),
    force("b", deployment(containers({ name: "web", env: [{ name: "A", value: "other" }] }))),
    apply("a", web(env("B"))),
  ),
  row(
    "container ports with default protocol",
    apply("a", web({ ports: [{ containerPort: 80 }, { containerPort: 53, protocol: "UDP" }] })),
    apply(
      "b",
      deployment(containers({ name: "web", ports: [{ containerPort: 80, name: "http" }, { containerPort: 53 }] })),
    ),
    apply("a", web()),
  ),
  {
    name: "replicas are let go",
    steps: [
      apply("a", deployment({ ...whole([container("web")]), replicas: 0 })),
      apply("a", deployment({ ...whole([container("web")]), replicas: undefined })),
    ],
    refilled: ["spec.replicas"],
  },
  row(
    "replicas are handed to a scaler",
    apply("a", web()),
    merge("scaler", { spec: { replicas: 2 } }),
    apply("a", web()),
    apply("a", deployment({ ...whole([container("web")]), replicas: undefined })),
    merge("scaler", { spec: { replicas: 0 } }),
  ),
  row(
    "args and command are atomic",
    apply("a", web({ args: ["x", "y"], command: ["c"] })),
    apply("b", deployment(containers({ name: "web", args: ["x"] }))),
    force("b", deployment(containers({ name: "web", args: ["x"] }))),
  ),
  row(
    "volumes and mounts",
    apply(
      "a",
      deployment({
        ...whole([container("web", { volumeMounts: [{ name: "v", mountPath: "/v" }] })]),
        template: {
          metadata: { labels: { app: "web" } },
          spec: {
            volumes: [{ name: "v", emptyDir: {} }],
            containers: [container("web", { volumeMounts: [{ name: "v", mountPath: "/v" }] })],
          },
        },
      }),
    ),
    apply(
      "b",
      deployment({
        template: {
          spec: {
            volumes: [
              { name: "v", emptyDir: { medium: "Memory" } },
              { name: "w", configMap: { name: "c" } },
            ],
          },
        },
      }),
    ),
  ),
  row(
    "the strategy",
    apply("a", deployment(whole([container("web")], { strategy: { rollingUpdate: { maxSurge: 1 } } }))),
    apply("b", deployment({ strategy: { rollingUpdate: { maxSurge: "10%", maxUnavailable: 0 } } })),
  ),
  row(
    "resources",
    apply("a", web({ resources: { limits: { cpu: "1" }, requests: { cpu: "1" } } })),
    apply("b", deployment(containers({ name: "web", resources: { limits: { cpu: "1", memory: "1Gi" } } }))),
    apply("a", web({ resources: {} })),
  ),
  row(
    "a Deployment by create",
    create("kubectl-create", web(env("A"))),
    apply("a", deployment(containers({ name: "web", image: "nginx:2" }))),
    strategic("kubectl-patch", { spec: containers({ name: "web", image: "nginx:3" }) }),
  ),
  row(
    "strategic lists",
    create("c", web({ ...env("A", "B"), ports: [{ containerPort: 80 }] })),
    strategic("s", {
      spec: containers({
        name: "web",
        env: [
          { name: "B", $patch: "delete" },
          { name: "C", value: "c" },
        ],
      }),
    }),
    strategic("s", {
      spec: {
        template: {
          spec: { "$setElementOrder/containers": [{ name: "new" }, { name: "web" }], containers: [container("new")] },
        },
      },
    }),
    strategic("s", { metadata: { labels: { $patch: "replace", z: "1" }, finalizers: ["x.example/a", "x.example/b"] } }),
    strategic("s", {
      metadata: {
        "$deleteFromPrimitiveList/finalizers": ["x.example/a"],
        "$setElementOrder/finalizers": ["x.example/c", "x.example/b"],
        finalizers: ["x.example/c"],
      },
    }),
    strategic("s", { metadata: { finalizers: null } }),
  ),
  {
    name: "strategic retainKeys",
    steps: [
      create("c", web()),
      strategic("s", { spec: { strategy: { $retainKeys: ["type"], type: "Recreate" } } }),
      strategic("s", { spec: { template: { spec: { $patch: "replace", containers: [container("only")] } } } }),
    ],
    refilled: ["restartPolicy", "terminationGracePeriodSeconds", "dnsPolicy", "securityContext", "schedulerName"].map(
      (key) => `spec.template.spec.${key}`,
    ),
  },
  row(
    "strategic order of env",
    create("c", web(env("A", "B", "C"))),
    strategic("s", {
      spec: {
        template: {
          spec: {
            containers: [
              {
                name: "web",
                "$setElementOrder/env": [{ name: "D" }, { name: "C" }, { name: "A" }],
                env: [{ name: "D", value: "d" }],
              },
            ],
          },
        },
      },
    }),
    strategic("s", { spec: containers({ name: "web", env: [{ $patch: "replace" }, { name: "Z", value: "z" }] }) }),
    strategic("s", { spec: containers({ name: "web", $patch: "delete" }, container("x")) }),
  ),
  row(
    "JSON patch on a Deployment",
    create("c", web(env("A"))),
    json(
      "j",
      { op: "test", path: "/spec/replicas", value: 0 },
      { op: "add", path: "/spec/template/spec/containers/0/env/-", value: { name: "B", value: "b" } },
      { op: "copy", from: "/spec/template/metadata/labels/app", path: "/spec/template/metadata/labels/copied~1x" },
    ),
  ),
  row(
    "service ports",
    apply("a", service({ ports: [{ port: 80, name: "http" }], selector: { a: "1" } })),
    apply("b", service({ ports: [{ port: 81, name: "other" }] })),
    apply("b", service({ ports: [{ port: 80, name: "b" }] })),
    apply("b", service({ selector: { b: "2" } })),
    apply("b", service({ ports: [{ port: 80, protocol: "UDP", name: "udp" }] })),
    apply("a", service({ ports: [{ port: 80, name: "http", targetPort: 8080 }], selector: { a: "1" } })),
  ),
  row(
    "service without ports",
    apply(
      "a",
      service({
        ports: [
          { port: 80, name: "x" },
          { port: 81, name: "y" },
        ],
      }),
    ),
    apply("b", service({ ports: [{ port: 81, name: "y" }] })),
    apply("a", service({ ports: [{ port: 80, name: "x" }] })),
    apply("a", service({})),
  ),
  row(
    "a duplicate port",
    apply(
      "a",
      service({
        ports: [
          { port: 80, name: "x" },
          { port: 80, name: "y" },
        ],
      }),
    ),
  ),
  row(
    "a Deployment loses its managed fields",
    create("c", web()),
    merge("m", { metadata: { managedFields: [{}] } }),
    apply("a", deployment({ replicas: 1 })),
    force("a", deployment({ replicas: 0 })),
  ),
]
