import { type Interaction, post, type Step } from "./interaction.ts"

// Nothing is kept: these are dry runs.

const group = "/apis/admissionregistration.k8s.io/v1"
const rule = { operations: ["*"], apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"] }
const hook = {
  name: "check.example.com",
  clientConfig: { url: "https://a.example.com/p" },
  rules: [rule],
  admissionReviewVersions: ["v1"],
  sideEffects: "None",
}
const invalid = { only: ["code", "reason", "causes"] as const, because: "several causes come in no order" }

function configured(webhooks: readonly object[], kind = "ValidatingWebhookConfiguration"): Step {
  const object = { apiVersion: "admissionregistration.k8s.io/v1", kind, metadata: { name: "tried" }, webhooks }
  return post(`${group}/${kind.toLowerCase()}s?dryRun=All`, object, invalid)
}

const all = (key: string, ...values: readonly unknown[]) =>
  values.map((value) => configured([{ ...hook, [key]: value }]))
const client = (...configs: readonly object[]) => all("clientConfig", ...configs)
const service = (fields: object) => ({ service: { namespace: "a", name: "b", ...fields } })
const rules = (...fields: readonly object[]) => all("rules", ...fields.map((one) => [{ ...rule, ...one }]))
const conditions = (...lists: readonly (readonly object[])[]) => all("matchConditions", ...lists)
const condition = (expression: string, name = "c") => ({ name, expression })

/** Configurations of webhooks. */
export const webhookSuite: readonly Interaction[] = [
  {
    name: "configurations of webhooks",
    steps: [
      configured([hook]),
      configured([hook], "MutatingWebhookConfiguration"),
      configured([hook, hook]),
      ...all("name", "x", "", "A.b.c", "a.b.c"),
      ...all("sideEffects", null, "Some", "Odd", "NoneOnDryRun"),
      ...all("failurePolicy", "Odd", "Ignore"),
      ...all("matchPolicy", "Odd", "Exact"),
      ...all("timeoutSeconds", 0, 1, 30, 31),
      ...all("admissionReviewVersions", [], ["v9"], ["v1", "v1"], ["v9", "v1beta1"]),
      configured([{ ...hook, reinvocationPolicy: "Odd" }], "MutatingWebhookConfiguration"),
    ],
  },
  {
    name: "addresses of webhooks",
    steps: [
      ...client(
        {},
        { url: "https://a", ...service({}) },
        { url: "http://a" },
        { url: "https:///b" },
        { url: "https://a/b#c" },
        { url: "https://u:p@a/b" },
        { url: "https://a/b?q=1" },
        { url: "a.example.com" },
      ),
      ...client(
        service({}),
        service({ name: "" }),
        service({ path: "x" }),
        service({ path: "/x//y" }),
        service({ port: 99_999 }),
      ),
    ],
  },
  {
    name: "rules of webhooks",
    steps: rules(
      { operations: [] },
      { operations: ["READ"] },
      { operations: ["*", "CREATE"] },
      { apiGroups: [] },
      { apiGroups: ["*", "a"] },
      { apiVersions: [] },
      { apiVersions: [""] },
      { resources: [] },
      { resources: ["*", "pods"] },
      { resources: ["*", "pods/status"] },
      { resources: ["pods/*", "pods/status"] },
      { resources: ["*/*", "pods"] },
      { scope: "Odd" },
      { scope: "Cluster" },
    ),
  },
  {
    name: "match conditions of webhooks",
    steps: conditions(
      [condition("true", "")],
      [condition("true", "a b")],
      [condition("true"), condition("true")],
      [condition("")],
      [condition("1")],
      [condition("object.foo == 1 && objet == 2")],
      [condition("request.foo == 1")],
      [
        condition(
          "request.userInfo.username == 'x' && request.kind.kind == 'y' && request.dryRun && has(request.options.a)",
        ),
      ],
      [condition("request.userInfo.groups.exists(g, g == 'a') && oldObject == null")],
      [condition("authorizer.group('').resource('pods').check('get').allowed()")],
    ),
  },
  {
    name: "admission policies that do not compile",
    steps: [
      policy({ validations: [{ expression: "objet.a == 1" }] }),
      policy({ validations: [{ expression: "1" }] }),
      policy({ validations: [{ expression: "true", messageExpression: "1" }] }),
      policy({ validations: [{ expression: "variables.x == params.y && namespaceObject.metadata.name == ''" }] }),
      policy({ variables: [{ name: "x", expression: "objet" }], validations: [{ expression: "true" }] }),
      policy({ matchConditions: [{ name: "c", expression: "1" }], validations: [{ expression: "true" }] }),
    ],
  },
  ...judged("says what failed", { expression: "object.data.a == 'x'" }),
  ...judged("has a message", { expression: "object.data.a == 'x'", message: "must be x" }),
  ...judged("makes its message", { expression: "object.data.a == 'x'", messageExpression: "'got ' + object.data.a" }),
  ...judged("fails", { expression: "object.data.z == 'x'", message: "m" }),
  ...judged("uses variables", { expression: "variables.v == 'x'" }),
  ...judged("looks at the request", {
    expression: "request.operation != 'CREATE' || namespaceObject.metadata.name == ''",
  }),
]

function policy(spec: object, query = "?dryRun=All", more: Partial<Step> = invalid): Step {
  const resourceRules = [{ ...rule, operations: ["CREATE"] }]
  const namespaceSelector = { matchLabels: { "kubernetes.io/metadata.name": "{ns}" } }
  const matchConstraints = { namespaceSelector, resourceRules }
  const header = { apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingAdmissionPolicy" }
  const object = { ...header, metadata: { name: "{ns}" }, spec: { matchConstraints, ...spec } }
  return post(`${group}/validatingadmissionpolicies${query}`, object, more)
}

/** A policy that refuses a ConfigMap. */
function judged(name: string, validation: object): readonly Interaction[] {
  const variables = [{ name: "v", expression: "object.data.a + 'b'" }]
  const binding = { metadata: { name: "{ns}" }, spec: { policyName: "{ns}", validationActions: ["Deny"] } }
  const configMap = { metadata: { name: "c" }, data: { a: "b" } }
  return [
    {
      name: `an admission policy ${name}`,
      steps: [
        policy({ variables, validations: [validation] }, "", {}),
        post(`${group}/validatingadmissionpolicybindings`, binding, { ignore: "managedFields" }),
        post("/api/v1/namespaces/{ns}/configmaps?dryRun=All", configMap, { until: 422 }),
      ],
    },
  ]
}
