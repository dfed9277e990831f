import { applied, get, type Interaction, jsonPatch, merge, post, put, remove, strategic, watch } from "./interaction.ts"

const core = "/api/v1/namespaces/{ns}"
const widgets = "/apis/demo.example/v1/namespaces/{ns}/widgets"
const widget = (name: string, spec: unknown = { size: 1 }, more: object = {}) => ({
  apiVersion: "demo.example/v1",
  kind: "Widget",
  metadata: { name },
  spec,
  ...more,
})
const w = `${widgets}/w`
const text = "the message has the text of the object"

const deployments = "/apis/apps/v1/namespaces/{ns}/deployments"
const deployment = (name: string, spec: object = {}) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name },
  spec: {
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: "web", image: "web:1" }] } },
    ...spec,
  },
})
const ingresses = "/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses"
const ingress = { metadata: { name: "i" }, spec: { defaultBackend: { service: { name: "s", port: { number: 80 } } } } }
const roles = "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles"
const leases = "/apis/coordination.k8s.io/v1/namespaces/{ns}/leases"

/** The kind that the suite needs on both servers. */
export const widgetCrd = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "widgets.demo.example" },
  spec: {
    group: "demo.example",
    scope: "Namespaced",
    names: { plural: "widgets", singular: "widget", kind: "Widget", listKind: "WidgetList", shortNames: ["wd"] },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec: {
                type: "object",
                properties: {
                  size: { type: "integer" },
                  replicas: { type: "integer" },
                  color: { type: "string", default: "red" },
                  tags: { type: "array", items: { type: "string" } },
                },
              },
              status: {
                type: "object",
                properties: {
                  replicas: { type: "integer" },
                  selector: { type: "string" },
                  phase: { type: "string" },
                },
              },
            },
          },
        },
        subresources: {
          status: {},
          scale: {
            specReplicasPath: ".spec.replicas",
            statusReplicasPath: ".status.replicas",
            labelSelectorPath: ".status.selector",
          },
        },
      },
    ],
  },
}

/** Kinds with rules of their own. */
export const kindSuite: readonly Interaction[] = [
  {
    name: "custom resources: create and read",
    steps: [
      post(widgets, widget("w")),
      post(widgets, widget("w")),
      get(w),
      get(`${widgets}/none`),
      get(widgets),
      post(widgets, { kind: "Widget", metadata: { name: "x" } }),
      post(
        widgets,
        { apiVersion: "demo.example/v1", metadata: { name: "x" } },
        { only: ["code", "reason"], because: text },
      ),
      post(
        widgets,
        { ...widget("x"), apiVersion: "demo.example/v2" },
        { only: ["code", "reason"], because: "a strange warning" },
      ),
      post(widgets, { ...widget("x"), kind: "Gadget" }),
      post(widgets, widget("x", { size: "a" })),
      post(widgets, widget("x", { nope: 1 })),
      post(`${widgets}?fieldValidation=Strict`, widget("y", { nope: 1, more: { a: 1 } })),
      post(widgets, widget("z", null)),
      post(widgets, { ...widget("Z_") }),
      post(widgets, widget("f", {}, { metadata: { name: "f", finalizers: ["plain"] } })),
      post(widgets, widget("l", {}, { metadata: { name: "l", labels: { a: 1 } } })),
      post(widgets, widget("s", {}, { status: { phase: "x" } })),
      post(widgets, { ...widget(""), metadata: { generateName: "made-" } }),
    ],
  },
  {
    name: "custom resources: update",
    steps: [
      put(w, widget("w")),
      post(widgets, widget("w")),
      put(w, widget("w")),
      put(w, widget("w", { size: 2 }, { metadata: { name: "w", resourceVersion: "{1.metadata.resourceVersion}" } })),
      put(w, widget("w", { size: 3 }, { metadata: { name: "w", resourceVersion: "{1.metadata.resourceVersion}" } })),
      put(w, widget("w", { size: 2 }, { metadata: { name: "w", resourceVersion: "{3.metadata.resourceVersion}" } })),
      put(
        w,
        widget(
          "w",
          { size: 2 },
          { metadata: { name: "w", resourceVersion: "{3.metadata.resourceVersion}", uid: "x" } },
        ),
      ),
      put(
        w,
        widget(
          "w",
          { size: 2 },
          { metadata: { name: "w", resourceVersion: "{3.metadata.resourceVersion}", labels: { a: "b" } } },
        ),
      ),
      put(
        w,
        { ...widget("w"), apiVersion: "demo.example/v2" },
        { only: ["code", "reason"], because: "a strange warning" },
      ),
      put(`${w}/status`, widget("w", {}, { status: { phase: "x" } })),
      put(
        `${w}/status`,
        widget(
          "w",
          { size: 9 },
          {
            status: { phase: "x" },
            metadata: { name: "w", resourceVersion: "{7.metadata.resourceVersion}", labels: { c: "d" } },
          },
        ),
      ),
      get(`${w}/status`),
      put(
        `${w}/status`,
        widget(
          "w",
          {},
          { status: { phase: 1 }, metadata: { name: "w", resourceVersion: "{10.metadata.resourceVersion}" } },
        ),
      ),
    ],
  },
  {
    name: "custom resources: patches",
    steps: [
      post(widgets, widget("w", { size: 1, tags: ["a"] })),
      merge(w, { spec: { size: 2 } }),
      merge(w, { spec: { size: null } }),
      merge(w, { spec: { tags: ["b"] } }),
      merge(w, { spec: { color: null } }),
      merge(w, { spec: { size: "a" } }),
      merge(w, { spec: { nope: 1 } }),
      merge(`${w}?fieldValidation=Strict`, { spec: { nope: 1 } }, { only: ["code", "reason"], because: text }),
      merge(w, { metadata: { labels: { a: 1 } } }, { only: ["code", "reason"], because: text }),
      merge(w, { status: { phase: "x" } }),
      strategic(w, { spec: { size: 3 } }),
      jsonPatch(w, [{ op: "replace", path: "/spec/tags/0", value: "c" }]),
      jsonPatch(w, [{ op: "add", path: "/spec/tags/-", value: "d" }]),
      merge(`${w}/status`, { status: { phase: "x" }, spec: { size: 7 }, metadata: { labels: { a: "b" } } }),
      merge(`${w}/status`, { status: null }),
      merge(`${w}/nothing`, {}),
      post(`${w}/status`, {}),
      get(w),
    ],
  },
  {
    name: "custom resources: apply",
    steps: [
      applied(`${w}?fieldManager=a`, widget("w", { size: 1, tags: ["x"] })),
      applied(`${w}?fieldManager=a`, widget("w", { size: 1, tags: ["x"] })),
      applied(`${w}?fieldManager=b`, widget("w", { size: 2 })),
      applied(`${w}?fieldManager=b&force=true`, widget("w", { size: 2, tags: ["y"] })),
      applied(`${w}?fieldManager=a`, widget("w", {})),
      applied(`${w}?fieldManager=a`, widget("w", { nope: 1 })),
      applied(`${w}?fieldManager=a`, widget("w", { size: "x" })),
      applied(`${w}?fieldManager=a`, widget("w", { size: null })),
      applied(`${w}?fieldManager=a`, { ...widget("w"), apiVersion: "demo.example/v2" }),
      applied(`${w}/status?fieldManager=s`, {
        apiVersion: "demo.example/v1",
        kind: "Widget",
        metadata: { name: "w" },
        status: { phase: "x" },
      }),
      applied(`${widgets}/none/status?fieldManager=s`, {
        apiVersion: "demo.example/v1",
        kind: "Widget",
        metadata: { name: "none" },
        status: { phase: "x" },
      }),
      get(w),
    ],
  },
  {
    name: "custom resources: scale",
    steps: [
      post(widgets, widget("w", { replicas: 2 })),
      get(`${w}/scale`),
      merge(`${w}/scale`, { spec: { replicas: 3 } }),
      put(`${w}/scale`, { metadata: { name: "w" }, spec: { replicas: 4 } }),
      put(`${w}/scale`, { metadata: { name: "w", resourceVersion: "1" }, spec: { replicas: 5 } }),
      put(`${w}/scale`, { metadata: { name: "w" }, spec: { replicas: -1 } }),
      put(`${w}/scale`, { spec: { replicas: 1 } }),
      put(`${w}/scale`, { metadata: { name: "v" }, spec: { replicas: 1 } }),
      merge(`${w}/scale`, { spec: { replicas: "x" } }, { only: ["code", "reason"], because: text }),
      merge(`${w}/scale`, { spec: { replicas: 0 } }),
      jsonPatch(`${w}/scale`, [{ op: "add", path: "/spec/replicas", value: 6 }]),
      get(`${widgets}/none/scale`),
      merge(`${widgets}/none/scale`, { spec: { replicas: 3 } }),
      remove(`${w}/scale`),
    ],
  },
  {
    name: "custom resources: delete",
    steps: [
      post(widgets, widget("w")),
      remove(w),
      remove(w),
      post(widgets, widget("w", {}, { metadata: { name: "w", finalizers: ["example.com/a"] } })),
      remove(w),
      merge(w, { spec: { size: 5 } }),
      merge(w, { metadata: { finalizers: [] } }),
      get(w),
      post(widgets, widget("a")),
      post(widgets, widget("b")),
      remove(widgets),
      get(widgets),
    ],
  },
  {
    name: "custom resources: watch and table",
    steps: [
      post(widgets, widget("w")),
      merge(w, { spec: { size: 2 } }),
      remove(w),
      watch(`${widgets}?resourceVersion={0.metadata.resourceVersion}`),
      post(widgets, widget("v")),
      get(widgets, { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" }),
      get(`${widgets}?fieldSelector=spec.size%3D1`),
      get(`${widgets}?fieldSelector=metadata.name%3Dv`),
      watch(`${widgets}?fieldSelector=metadata.name%3Dv`),
    ],
  },
  {
    name: "status of a built-in kind",
    steps: [
      post(ingresses, ingress),
      merge(`${ingresses}/i/status`, { status: { loadBalancer: { ingress: [{ ip: "10.0.0.1" }] } } }),
      merge(`${ingresses}/i/status`, { spec: { ingressClassName: "x" } }),
      merge(`${ingresses}/i`, { status: { loadBalancer: null } }),
      merge(`${ingresses}/i`, { spec: { ingressClassName: "x" } }),
      put(`${ingresses}/i/status`, { ...ingress, status: { loadBalancer: {} } }),
      merge(`${ingresses}/i/status`, { metadata: { labels: { a: "b" } } }),
      get(`${ingresses}/i/status`),
      remove(`${ingresses}/i/status`),
      remove(`${ingresses}/i`),
    ],
  },
  {
    name: "Deployments, tried only",
    steps: [
      post(`${deployments}?dryRun=All`, deployment("d")),
      post(`${deployments}?dryRun=All`, deployment("d", { replicas: 3, strategy: { type: "Recreate" } })),
      post(`${deployments}?dryRun=All`, deployment("d", { replicas: -1 })),
      post(`${deployments}?dryRun=All`, deployment("d", { selector: { matchLabels: { other: "x" } } })),
      post(`${deployments}?dryRun=All`, deployment("d", { selector: undefined })),
      post(`${deployments}?dryRun=All`, deployment("d", { replicas: "3" })),
      post(`${deployments}?dryRun=All`, deployment("d", { replicas: 1.5 })),
      post(`${deployments}?dryRun=All`, deployment("d", { template: { spec: { containers: "x" } } })),
      post(`${deployments}?dryRun=All`, deployment("d", { template: [] })),
      post(`${deployments}?dryRun=All`, { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "d" } }),
      applied(`${deployments}/d?fieldManager=a&dryRun=All`, deployment("d")),
      applied(`${deployments}/d?fieldManager=a&dryRun=All`, deployment("d", { replicass: 1 })),
      get(`${deployments}/d`),
      get(`${deployments}/d/scale`),
      merge(`${deployments}/d/scale`, { spec: { replicas: 1 } }),
      get(`${deployments}/d/nothing`),
    ],
  },
  {
    name: "kinds that a PUT creates",
    steps: [
      put(`${roles}/r`, { metadata: { name: "r" }, rules: [] }),
      put(`${roles}/r`, { metadata: { name: "r" }, rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }] }),
      put(`${roles}/s`, { metadata: { name: "s", uid: "x" }, rules: [] }),
      put(`${leases}/l`, { metadata: { name: "l" }, spec: {} }),
      put(`${leases}/l`, { metadata: { name: "l" }, spec: { holderIdentity: "a" } }),
      put(`${leases}/l`, {
        metadata: { name: "l", resourceVersion: "{3.metadata.resourceVersion}" },
        spec: { holderIdentity: "a" },
      }),
      remove(`${leases}/l`),
      remove(`${roles}/r`),
    ],
  },
  {
    name: "names of other kinds",
    steps: [
      post(roles, { metadata: { name: "a:b C" }, rules: [] }),
      post(roles, { metadata: { name: "a%b" }, rules: [] }),
      post(roles, { metadata: { name: ".." }, rules: [] }),
      post("/api/v1/namespaces?dryRun=All", { metadata: { name: "a.b" } }),
      post("/api/v1/namespaces?dryRun=All", { metadata: { name: "a".repeat(64) } }),
      post(`${core}/services?dryRun=All`, {
        metadata: { name: "1a" },
        spec: { clusterIP: "None", ports: [{ port: 80 }] },
      }),
      post(`${core}/secrets?dryRun=All`, { metadata: { name: "a.b" } }),
      post("/apis/batch/v1/namespaces/{ns}/cronjobs?dryRun=All", {
        metadata: { name: "c".repeat(53) },
        spec: {
          schedule: "* * * * *",
          jobTemplate: {
            spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "a", image: "b" }] } } },
          },
        },
      }),
    ],
  },
  {
    name: "answers to deletions",
    steps: [
      post(`${core}/serviceaccounts`, { metadata: { name: "a" } }),
      remove(`${core}/serviceaccounts/a`),
      post(`${core}/secrets`, { metadata: { name: "a" } }),
      remove(`${core}/secrets/a`),
      post(`${core}/podtemplates`, {
        metadata: { name: "a" },
        template: { spec: { containers: [{ name: "a", image: "b" }] } },
      }),
      remove(`${core}/podtemplates/a`),
      post(`${core}/limitranges`, { metadata: { name: "a" }, spec: { limits: [{ type: "Pod" }] } }),
      remove(`${core}/limitranges/a`),
    ],
  },
  {
    name: "namespaces",
    steps: [
      get("/api/v1/namespaces/{ns}"),
      merge("/api/v1/namespaces/{ns}", { metadata: { labels: { a: "b" } } }),
      merge("/api/v1/namespaces/{ns}", { metadata: { labels: { "kubernetes.io/metadata.name": "x" } } }),
      post("/api/v1/namespaces", { metadata: { name: "{ns}" } }),
      remove("/api/v1/namespaces/kube-system"),
      remove("/api/v1/namespaces/not-there"),
      { method: "DELETE", path: "/api/v1/namespaces" },
      get("/api/v1/namespaces/{ns}/status"),
      get("/api/v1/namespaces/{ns}/finalize"),
    ],
  },
]
