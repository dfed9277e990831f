import { type Interaction, post, type Step } from "./interaction.ts"
import { core, said } from "./pods.ts"

const group = "/apis/admissionregistration.k8s.io/v1"
const rule = { operations: ["CREATE", "UPDATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"] }
const namespaceSelector = { matchLabels: { "kubernetes.io/metadata.name": "{ns}" } }
const invalid = { only: ["code", "reason", "causes"] as const, because: "several causes come in no order" }

const applying = (expression: string) => ({ patchType: "ApplyConfiguration", applyConfiguration: { expression } })
const patching = (expression: string) => ({ patchType: "JSONPatch", jsonPatch: { expression } })

function policy(spec: object, name = "{ns}", more: Partial<Step> = said, query = ""): Step {
  const matchConstraints = { namespaceSelector, resourceRules: [rule] }
  const object = {
    ...{ apiVersion: "admissionregistration.k8s.io/v1", kind: "MutatingAdmissionPolicy", metadata: { name } },
    spec: { matchConstraints, reinvocationPolicy: "Never", ...spec },
  }
  return post(`${group}/mutatingadmissionpolicies${query}`, object, more)
}

const bound = (spec: object = {}, name = "{ns}"): Step =>
  post(`${group}/mutatingadmissionpolicybindings`, { metadata: { name }, spec: { policyName: name, ...spec } }, said)

const tried = (spec: object) => policy(spec, "tried", invalid, "?dryRun=All")
const configMap = (more: object = {}) => ({ metadata: { name: "c" }, data: { a: "b" }, ...more })
const maps = `${core}/configmaps?dryRun=All`
const untilThere = { untilField: "data.z", ignore: "managedFields" }
const untilRefused = { ...said, until: 403 }

/** A policy that changes a ConfigMap, and what becomes of it. */
const changed = (
  name: string,
  spec: object,
  body: object = configMap(),
  more: Partial<Step> = untilThere,
): Interaction => ({
  name: `a mutating policy ${name}`,
  steps: [policy(spec), bound(), post(maps, body, more)],
})

const z = 'Object{data: {"z": "1"}}'

/** Policies that change what is written. */
export const mutatingSuite: readonly Interaction[] = [
  {
    name: "mutating policies that are wrong",
    steps: [
      tried({}),
      tried({ mutations: [] }),
      tried({ mutations: [applying("1")] }),
      tried({ mutations: [applying("")] }),
      tried({ mutations: [applying("object")] }),
      tried({ mutations: [patching("1")] }),
      tried({ mutations: [patching("[1]")] }),
      tried({ mutations: [patching('JSONPatch{op: "add", path: "/a", value: 1}')] }),
      tried({ mutations: [{ patchType: "Odd" }] }),
      tried({ mutations: [{ patchType: "JSONPatch" }] }),
      tried({ mutations: [{ patchType: "ApplyConfiguration", jsonPatch: { expression: "[]" } }] }),
      tried({ mutations: [applying(z)], reinvocationPolicy: "Odd" }),
      tried({ mutations: [applying(z)], failurePolicy: "Odd" }),
      tried({ mutations: [applying(z)], variables: [{ name: "a b", expression: "1" }] }),
      tried({ mutations: [applying("Object{data: variables.x}")] }),
      tried({ mutations: [applying(z)], matchConditions: [{ name: "c", expression: "1" }] }),
      tried({ mutations: [applying(z)], matchConstraints: {} }),
      tried({ mutations: [applying(z)] }),
    ],
  },
  changed("merges", { mutations: [applying(z)] }),
  changed("merges labels", {
    mutations: [
      applying('Object{metadata: Object.metadata{labels: {"l": object.data.a}}, data: {"z": "1", "a": "c"}}'),
    ],
  }),
  changed("patches", {
    mutations: [
      patching('[JSONPatch{op: "add", path: "/data/z", value: "1"}, JSONPatch{op: "remove", path: "/data/a"}]'),
    ],
  }),
  changed("patches objects", {
    mutations: [
      patching(
        'has(object.metadata.labels) ? [] : [JSONPatch{op: "add", path: "/metadata/labels", value: {}}, JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("example.com/a"), value: "b"}]',
      ),
      applying(z),
    ],
  }),
  changed("copies", {
    mutations: [patching('[JSONPatch{op: "copy", from: "/data/a", path: "/data/z"}]')],
  }),
  changed("tests and does nothing", {
    mutations: [
      patching('[JSONPatch{op: "test", path: "/data/a", value: "x"}, JSONPatch{op: "remove", path: "/data"}]'),
      applying(z),
    ],
  }),
  changed("has variables and conditions", {
    variables: [{ name: "v", expression: "object.data.a + '!'" }],
    matchConditions: [{ name: "c", expression: "request.operation == 'CREATE'" }],
    mutations: [applying('Object{data: {"z": variables.v}}')],
  }),
  changed("fails", { mutations: [applying('Object{data: {"z": object.data.none}}')] }, configMap(), untilRefused),
  changed("fails with a patch", { mutations: [patching('[JSONPatch{op: "remove", path: "/none"}]')] }, configMap(), {
    ...untilRefused,
    only: ["code", "reason"],
    because: "a patch library has its own words",
  }),
  changed("knows no such field", { mutations: [applying('Object{none: "a"}')] }, configMap(), untilRefused),
  changed("is ignored where it fails", {
    failurePolicy: "Ignore",
    mutations: [applying('Object{data: {"y": object.data.none}}'), applying(z)],
  }),
  {
    name: "mutating policies one after another",
    steps: [
      policy({ mutations: [applying(z)] }, "{ns}-b"),
      policy(
        {
          reinvocationPolicy: "IfNeeded",
          mutations: [applying('Object{data: {"x": has(object.data.z) ? "after" : "before"}}')],
        },
        "{ns}-0",
      ),
      bound({}, "{ns}-0"),
      bound({}, "{ns}-b"),
      post(maps, configMap(), untilThere),
    ],
  },
  {
    name: "a mutating policy with parameters",
    steps: [
      post(`${core}/configmaps`, { metadata: { name: "p" }, data: { v: "w" } }, said),
      policy({
        paramKind: { apiVersion: "v1", kind: "ConfigMap" },
        mutations: [applying('Object{data: {"z": params.data.v}}')],
      }),
      bound({ paramRef: { name: "p", namespace: "{ns}", parameterNotFoundAction: "Deny" } }),
      post(maps, configMap(), untilThere),
    ],
  },
  {
    name: "a mutating policy of Pods",
    steps: [
      policy({
        matchConstraints: { namespaceSelector, resourceRules: [{ ...rule, resources: ["pods"] }] },
        mutations: [
          applying(
            'Object{metadata: Object.metadata{labels: {"z": "1"}}, spec: Object.spec{containers: object.spec.containers.map(c, Object.spec.containers{name: c.name, imagePullPolicy: "Always"})}}',
          ),
        ],
      }),
      bound(),
      post(
        `${core}/pods?dryRun=All`,
        {
          metadata: { name: "a" },
          spec: {
            automountServiceAccountToken: false,
            containers: [
              { name: "a", image: "a:1" },
              { name: "b", image: "b:1" },
            ],
          },
        },
        { untilField: "metadata.labels.z", ignore: "managedFields" },
      ),
    ],
  },
  {
    name: "a mutating policy of atomic lists",
    steps: [
      policy({
        matchConstraints: { namespaceSelector, resourceRules: [{ ...rule, resources: ["pods"] }] },
        mutations: [
          applying('Object{spec: Object.spec{containers: [Object.spec.containers{name: "a", args: ["x"]}]}}'),
        ],
      }),
      bound(),
      post(
        `${core}/pods?dryRun=All`,
        {
          metadata: { name: "a" },
          spec: { automountServiceAccountToken: false, containers: [{ name: "a", image: "a:1" }] },
        },
        untilRefused,
      ),
    ],
  },
]
