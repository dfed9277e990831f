import { applied, get, type Interaction, jsonPatch, merge, post, put, remove, type Step, watch } from "./interaction.ts"

// Each interaction has an API group of its own: that of its namespace.

const crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
const group = "{ns}.example.com"
const things = (version = "v1") => `/apis/${group}/${version}/namespaces/{ns}/things`
const text = { type: "string" }
const int = { type: "integer" }
const object = (properties: object, more: object = {}) => ({ type: "object", properties, ...more })

const plain = object({
  spec: object({ size: { ...text, default: "s" }, replicas: int, note: text }),
  status: object({ replicas: int, selector: text }),
})

function version(name: string, fields: object = {}) {
  return { name, served: true, storage: name === "v1", schema: { openAPIV3Schema: plain }, ...fields }
}

function crd(spec: object = {}, plural = "things", names: object = {}) {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { plural, kind: "Thing", ...names },
      versions: [version("v1")],
      ...spec,
    },
  }
}

const thing = (name: string, fields: object = {}, of = "v1") => ({
  apiVersion: `${group}/${of}`,
  kind: "Thing",
  metadata: { name },
  ...fields,
})
const served = (path = things()): Step => get(path, { until: 200, only: ["code"], because: "a list has nothing in it" })
/** The CRD, once its list is served. */
const define = (spec: object = {}, path = things()): readonly Step[] => [post(crds, crd(spec)), served(path)]
const table = "application/json;as=Table;v=v1;g=meta.k8s.io"
const partial = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
const invalid = { only: ["code", "reason", "causes"] as const, because: "several causes come in no order" }

// A write of the scale is kept without its time by a real server.
const timeless = { ignore: "time" } as const

const statusPatch = (...operations: readonly object[]) => jsonPatch(`${things()}/a/status`, operations)

const definitions: readonly Interaction[] = [
  {
    name: "the life of a CRD",
    steps: [
      ...define(),
      get(`${crds}/things.${group}`),
      post(things(), thing("a", { spec: { size: "m" } })),
      remove(`${crds}/things.${group}`),
      get(`${crds}/things.${group}`, { until: 404 }),
      get(things(), { until: 404, only: ["code"], because: "the group goes a moment later" }),
    ],
  },
  {
    name: "a CRD waits for its objects",
    steps: [
      ...define(),
      post(things(), { ...thing("held"), metadata: { name: "held", finalizers: ["example.com/hold"] } }),
      remove(`${crds}/things.${group}`),
      get(`${things()}/held`, { untilField: "metadata.deletionTimestamp" }),
      post(things(), thing("late"), { until: 403 }),
      merge(`${things()}/held`, { metadata: { finalizers: null } }),
      get(`${crds}/things.${group}`, { until: 404 }),
    ],
  },
  {
    name: "names that another CRD has",
    steps: [
      ...define(),
      post(crds, crd({}, "others", { singular: "thing", shortNames: ["oo"] })),
      get(`${crds}/others.${group}`, { untilField: "status.conditions.1" }),
      get(`/apis/${group}/v1/others`, { only: ["code"], because: "no name, no answer" }),
      remove(`${crds}/things.${group}`),
      get(`/apis/${group}/v1/others`, { until: 200, only: ["code"], because: "a list has nothing in it" }),
      get(`${crds}/others.${group}`),
    ],
  },
  {
    name: "a CRD that changes",
    steps: [
      ...define(),
      merge(`${crds}/things.${group}`, { metadata: { labels: { a: "b" } } }),
      merge(`${crds}/things.${group}`, { spec: { scope: "Cluster" } }, invalid),
      merge(`${crds}/things.${group}`, { spec: { names: { kind: "Other" } } }, invalid),
      merge(`${crds}/things.${group}`, { spec: { versions: [version("v1"), version("v2")] } }),
      served(things("v2")),
      merge(`${crds}/things.${group}`, {
        spec: { versions: [version("v1", { storage: false }), version("v2", { storage: true })] },
      }),
      merge(`${crds}/things.${group}`, { spec: { versions: [version("v2", { storage: true })] } }, invalid),
      get(`${crds}/things.${group}`),
      get(`/apis/${group}`),
      get(`/apis/${group}/v1`),
    ],
  },
  {
    name: "CRDs that are refused",
    steps: [
      post(crds, crd({ scope: "Odd" }), invalid),
      post(crds, crd({ versions: [version("v1", { schema: {} })] }), invalid),
      post(crds, crd({ versions: [version("v1", { schema: { openAPIV3Schema: object({ spec: {} }) } })] }), invalid),
      post(crds, { ...crd(), metadata: { name: `other.${group}` } }, invalid),
      post(`${crds}?fieldValidation=Strict`, { ...crd({ odd: 1 }) }),
      post(`${crds}?dryRun=All`, crd()),
      get(`${crds}/things.${group}`),
    ],
  },
]

const objects: readonly Interaction[] = [
  {
    name: "defaults, pruning and validation of custom objects",
    steps: [
      ...define(),
      post(things(), thing("a", { spec: { odd: 1, note: null } })),
      post(`${things()}?fieldValidation=Strict`, thing("b", { spec: { odd: 1 } })),
      post(things(), thing("c", { spec: { replicas: "x", size: 1 } }), invalid),
      post(things(), thing("Not_A_Name"), invalid),
      post(things(), { ...thing("d"), apiVersion: "example.com/v9" }),
      post(things(), { ...thing("d"), kind: "Other" }),
      post(things(), { metadata: { name: "d" } }),
      put(`${things()}/a`, thing("a", { spec: {} })),
      merge(`${things()}/a`, { spec: { replicas: 1.5 } }, invalid),
      merge(`${things()}/a`, { spec: { size: null, replicas: 2 } }),
      jsonPatch(`${things()}/a`, [{ op: "replace", path: "/spec/size", value: "xl" }]),
      { method: "PATCH", path: `${things()}/a`, type: "application/strategic-merge-patch+json", body: {} },
      applied(`${things()}/a?fieldManager=m`, thing("a", { spec: { size: "l" } })),
      applied(`${things()}/a?fieldManager=m&force=true`, thing("a", { spec: { size: "l" } })),
      applied(`${things()}/new?fieldManager=m`, thing("new", { spec: { odd: 1 } })),
      remove(`${things()}/a`),
    ],
  },
  {
    name: "status and scale of custom objects",
    steps: [
      ...define({
        versions: [
          version("v1", {
            subresources: {
              status: {},
              scale: {
                specReplicasPath: ".spec.replicas",
                statusReplicasPath: ".status.replicas",
                labelSelectorPath: ".status.selector",
              },
            },
          }),
        ],
      }),
      post(things(), thing("a", { spec: { replicas: 2 }, status: { replicas: 9 } })),
      merge(`${things()}/a/status`, {
        metadata: { labels: { x: "y" } },
        spec: { size: "xl" },
        status: { replicas: 1 },
      }),
      merge(`${things()}/a`, { status: { replicas: 7 } }),
      get(`${things()}/a/scale`),
      merge(`${things()}/a/scale`, { spec: { replicas: 5 } }),
      merge(`${things()}/a/scale`, { spec: { replicas: -1 } }, invalid),
      merge(`${things()}/a/status`, { status: { replicas: "x" } }, invalid),
      get(`${things()}/a/status`, timeless),
      get(`${things()}/a/odd`),
      applied(`${things()}/a/status?fieldManager=s`, thing("a", { status: { selector: "a=b" } }), timeless),
      get(`${things()}/a`, timeless),
    ],
  },
  {
    name: "a status patched with tests instead of a version",
    steps: [
      ...define({ versions: [version("v1", { subresources: { status: {} } })] }),
      post(things(), thing("a")),
      statusPatch({ op: "test", path: "/metadata/uid", value: "another" }, { op: "add", path: "/status", value: {} }),
      statusPatch({ op: "test", path: "/status", value: null }, { op: "add", path: "/status", value: { replicas: 1 } }),
      statusPatch({ op: "test", path: "/status", value: null }, { op: "add", path: "/status", value: { replicas: 2 } }),
      merge(`${things()}/a`, { spec: { note: "edited" } }),
      statusPatch(
        { op: "test", path: "/status/selector", value: null },
        { op: "add", path: "/status/selector", value: "s" },
      ),
      statusPatch({ op: "test", path: "/status/selector", value: "t" }, { op: "remove", path: "/status/selector" }),
      statusPatch({ op: "test", path: "/status/selector/0/type", value: "t" }),
      statusPatch({ op: "test", path: "/metadata/resourceVersion", value: "1" }),
      statusPatch({ op: "add", path: "/metadata/labels", value: { x: "y" } }),
      // Only metadata that the subresource does not read: no precondition.
      merge(`${things()}/a/status`, { metadata: { uid: "another" }, status: { replicas: 3 } }),
      get(`${things()}/a`),
    ],
  },
  {
    name: "several versions of custom objects",
    steps: [
      ...define({ versions: [version("v1"), version("v2")] }, things("v2")),
      post(things("v2"), thing("a", { spec: { size: "m" } }, "v2")),
      get(`${things()}/a`),
      merge(`${things()}/a`, { spec: { note: "n" } }),
      get(`${things("v2")}/a`),
      get(things("v2")),
      watch(`${things("v2")}?resourceVersion=0`),
      applied(`${things("v2")}/a?fieldManager=m`, thing("a", { spec: { note: "o" } }, "v2")),
      applied(`${things("v2")}/a?fieldManager=m&force=true`, thing("a", { spec: { note: "o" } }, "v2")),
      put(`${things()}/a`, thing("a", {}, "v2")),
      remove(`${things("v2")}/a`),
    ],
  },
  {
    name: "columns and selectable fields of custom objects",
    steps: [
      ...define({
        names: { plural: "things", kind: "Thing", shortNames: ["th"], categories: ["all"] },
        versions: [
          version("v1", {
            additionalPrinterColumns: [
              { name: "Size", type: "string", jsonPath: ".spec.size" },
              { name: "Replicas", type: "integer", jsonPath: ".spec.replicas", priority: 1, description: "how many" },
              { name: "Since", type: "date", jsonPath: ".metadata.creationTimestamp" },
            ],
            selectableFields: [{ jsonPath: ".spec.size" }],
          }),
        ],
      }),
      post(things(), thing("a", { spec: { size: "m", replicas: 2 } })),
      post(things(), thing("b")),
      get(things(), { accept: table }),
      get(`${things()}/a`, { accept: table }),
      get(things(), { accept: partial }),
      get(`${things()}?fieldSelector=spec.size%3Dm`),
      get(`${things()}?fieldSelector=spec.size%21%3Dm`),
      get(`${things()}?fieldSelector=spec.replicas%3D2`),
      get(`${things()}?fieldSelector=metadata.name%3Db`),
      get(`/apis/${group}/v1`),
    ],
  },
  {
    name: "rules of custom objects",
    steps: [
      ...define({
        versions: [
          version("v1", {
            schema: {
              openAPIV3Schema: object({
                spec: object(
                  {
                    min: int,
                    max: int,
                    fixed: {
                      ...text,
                      maxLength: 9,
                      "x-kubernetes-validations": [{ rule: "self == oldSelf", message: "is immutable" }],
                    },
                  },
                  {
                    "x-kubernetes-validations": [{ rule: "!has(self.min) || !has(self.max) || self.min <= self.max" }],
                  },
                ),
              }),
            },
          }),
        ],
      }),
      post(things(), thing("a", { spec: { min: 2, max: 1 } })),
      post(things(), thing("a", { spec: { min: 1, max: 2, fixed: "f" } })),
      merge(`${things()}/a`, { spec: { min: 9 } }),
      merge(`${things()}/a`, { spec: { fixed: "g" } }),
      merge(`${things()}/a`, { spec: { max: 5 } }),
      applied(`${things()}/a?fieldManager=m`, thing("a", { spec: { min: 8 } })),
    ],
  },
]

const rbac = "/apis/rbac.authorization.k8s.io/v1"
const review = (spec: object) => post("/apis/authorization.k8s.io/v1/subjectaccessreviews", { spec })
const pods = { namespace: "{ns}", verb: "get", resource: "pods" }
const access: readonly Interaction[] = [
  {
    name: "access reviews",
    steps: [
      post(`${rbac}/namespaces/{ns}/roles`, {
        metadata: { name: "r" },
        rules: [
          { apiGroups: [""], resources: ["pods", "pods/log"], verbs: ["get", "list"] },
          { apiGroups: [""], resources: ["configmaps"], resourceNames: ["only"], verbs: ["get"] },
        ],
      }),
      post(`${rbac}/namespaces/{ns}/rolebindings`, {
        metadata: { name: "b" },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "r" },
        subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "jane-{ns}" }],
      }),
      { ...review({ user: "jane-{ns}", resourceAttributes: { ...pods, verb: "get" } }), untilField: "status.reason" },
      review({ user: "jane-{ns}", resourceAttributes: { ...pods, verb: "delete" } }),
      review({ user: "jane-{ns}", resourceAttributes: { ...pods, subresource: "log" } }),
      review({ user: "jane-{ns}", resourceAttributes: { ...pods, resource: "configmaps", name: "only" } }),
      review({ user: "jane-{ns}", resourceAttributes: { ...pods, resource: "configmaps" } }),
      review({ user: "root", groups: ["system:masters"], nonResourceAttributes: { path: "/x", verb: "get" } }),
      review({ user: "jane-{ns}" }),
      review({ resourceAttributes: pods }),
      post("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", { spec: {} }),
      post("/apis/authentication.k8s.io/v1/tokenreviews", { spec: { token: "none" } }),
      post("/apis/authentication.k8s.io/v1/tokenreviews", { spec: {} }),
    ],
  },
]

/** CRDs, their objects, and who may do what. */
export const crdSuite: readonly Interaction[] = [...definitions, ...objects, ...access]
