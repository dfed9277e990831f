import { applied, as, get, type Interaction, jsonPatch, merge, post, put, remove, type Step } from "./interaction.ts"
import { core, said } from "./pods.ts"

const rbac = "/apis/rbac.authorization.k8s.io/v1"
const roles = `${rbac}/namespaces/{ns}/roles`
const bindings = `${rbac}/namespaces/{ns}/rolebindings`
const robot = "robot-{ns}"

const rule = (verbs: string, resources: string, more: object = {}) => ({
  apiGroups: [""],
  verbs: verbs.split(" "),
  resources: resources.split(" "),
  ...more,
})
const ofRbac = (verbs: string, resources: string, more: object = {}) =>
  rule(verbs, resources, { apiGroups: ["rbac.authorization.k8s.io"], ...more })
const role = (name: string, rules: readonly object[]) => ({ metadata: { name }, rules })
const binding = (name: string, to: object, user = robot) => ({
  metadata: { name },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", ...to },
  subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: user }],
})
/** Gives the robot some rights, and waits until they count. */
const granted = (name: string, ...rules: readonly object[]): readonly Step[] => [
  post(roles, role(name, rules), said),
  post(bindings, binding(name, { name }), said),
]
const may = (verb: string, resource: string, more: object = {}): Step =>
  as(
    robot,
    post(
      "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
      {
        spec: { resourceAttributes: { namespace: "{ns}", verb, resource, ...more } },
      },
      { only: ["code"], because: "it is asked until it is so" },
    ),
  )
const robots = (step: Step) => as(robot, { ...step, ...said })
const settled = get(`${core}/configmaps/none`, { ...said, until: 404 })

/** Who may give which rights, and act as whom. */
export const accessSuite: readonly Interaction[] = [
  {
    name: "nobody gives more than they have",
    steps: [
      ...granted("maker", rule("get list", "configmaps"), ofRbac("create get update patch", "roles rolebindings")),
      as(robot, settled),
      robots(post(roles, role("same", [rule("get", "configmaps")]))),
      robots(post(roles, role("more", [rule("get", "secrets")]))),
      robots(post(roles, role("more", [rule("get list watch", "configmaps secrets"), rule("*", "pods")]))),
      robots(post(roles, role("more", [rule("get", "secrets", { resourceNames: ["a", "b"] })]))),
      robots(post(roles, role("more", [rule("get", "configmaps", { resourceNames: ["a"] })]))),
      robots(post(roles, role("more", [rule("get", "*", { apiGroups: ["*"] })]))),
      robots(post(roles, role("more", [rule("get", "deployments deployments/scale", { apiGroups: ["apps"] })]))),
      robots(merge(`${roles}/same`, { rules: [rule("get", "secrets")] })),
      robots(merge(`${roles}/same`, { metadata: { labels: { a: "b" } } })),
      robots(put(`${roles}/same`, role("same", [rule("get delete", "configmaps")]))),
      robots(
        applied(`${roles}/made?fieldManager=m`, {
          apiVersion: "rbac.authorization.k8s.io/v1",
          kind: "Role",
          ...role("made", [rule("get", "nodes")]),
        }),
      ),
      robots(post(roles, role("own", []))),
      robots(post(`${roles}?dryRun=All`, role("more", [rule("get", "secrets")]))),
    ],
  },
  {
    name: "nobody binds more than they have",
    steps: [
      ...granted("maker", rule("get list", "configmaps"), ofRbac("create get update patch", "roles rolebindings")),
      post(roles, role("secrets", [rule("get", "secrets")]), said),
      as(robot, settled),
      robots(post(bindings, binding("own", { name: "maker" }))),
      robots(post(bindings, binding("more", { name: "secrets" }))),
      robots(post(bindings, binding("more", { kind: "ClusterRole", name: "system:basic-user" }))),
      robots(post(bindings, binding("none", { name: "none" }))),
      robots(post(bindings, binding("none", { kind: "ClusterRole", name: "none" }))),
      robots(merge(`${bindings}/own`, { subjects: [{ kind: "ServiceAccount", name: "a", namespace: "b" }] })),
      robots(post(`${rbac}/clusterrolebindings`, binding("{ns}", { kind: "ClusterRole", name: "view" }))),
    ],
  },
  {
    name: "who may bind and escalate",
    steps: [
      ...granted(
        "maker",
        ofRbac("create get update patch escalate", "roles"),
        ofRbac("create get", "rolebindings"),
        ofRbac("bind", "roles", { resourceNames: ["secrets"] }),
        ofRbac("bind", "clusterroles", { resourceNames: ["view"] }),
        rule("get", "configmaps"),
      ),
      as(robot, settled),
      robots(post(roles, role("secrets", [rule("get", "secrets")]))),
      robots(post(roles, role("nodes", [rule("get", "nodes")]))),
      robots(post(bindings, binding("secrets", { name: "secrets" }))),
      robots(post(bindings, binding("nodes", { name: "nodes" }))),
      robots(post(bindings, binding("view", { kind: "ClusterRole", name: "view" }))),
      robots(post(bindings, binding("later", { name: "secrets" }))),
    ],
  },
  {
    name: "what is refused to whom has no rights",
    steps: [
      as(robot, get(`${core}/configmaps`, said)),
      as(robot, get(`${core}/configmaps/a`, said)),
      as(robot, get("/api/v1/nodes", said)),
      as(robot, get("/api/v1/namespaces/{ns}", said)),
      as(robot, post(`${core}/pods`, { metadata: { name: "a" } }, said)),
      as(robot, post(`${core}/pods`, { metadata: { generateName: "a-" } }, said)),
      as(robot, remove(`${core}/pods`)),
      as(robot, get(`${core}/pods/a/log`, said)),
      as(robot, get("/apis/apps/v1/namespaces/{ns}/deployments/a/scale", said)),
      as(robot, get("/metrics", said)),
      as(robot, get("/version", { only: ["code"], because: "builds differ" })),
      as(robot, get("/apis/unknown.example.com/v1/things", said)),
      as(robot, get("/api/v1/namespaces/{ns}/things", said)),
      as(robot, get(`${core}/configmaps?watch=1`, said)),
      as(robot, jsonPatch(`${core}/configmaps/a`, [], said)),
      as(robot, put(`${core}/configmaps/a`, { metadata: { name: "a" } }, said)),
    ],
  },
  {
    name: "acting as somebody else",
    steps: [
      as("jane", post("/apis/authentication.k8s.io/v1/selfsubjectreviews", {})),
      as("jane", post("/apis/authentication.k8s.io/v1/selfsubjectreviews", {}), { "Impersonate-Group": "devs" }),
      as("jane", post("/apis/authentication.k8s.io/v1/selfsubjectreviews", {}), { "Impersonate-Uid": "1-2-3" }),
      as("jane", post("/apis/authentication.k8s.io/v1/selfsubjectreviews", {}), {
        "Impersonate-Extra-Team": "web",
        "Impersonate-Extra-A%2fB": "c",
      }),
      as("system:serviceaccount:{ns}:robot", post("/apis/authentication.k8s.io/v1/selfsubjectreviews", {})),
      as("system:serviceaccount:{ns}:robot", post("/apis/authentication.k8s.io/v1/selfsubjectreviews", {}), {
        "Impersonate-Group": "devs",
      }),
      as("system:anonymous", post("/apis/authentication.k8s.io/v1/selfsubjectreviews", {}, said)),
      as("jane", post("/apis/authentication.k8s.io/v1/selfsubjectreviews", {}), {
        "Impersonate-Group": "system:unauthenticated",
      }),
      { ...get("/api/v1/namespaces/{ns}", said), headers: { "Impersonate-Group": "devs" } },
      { ...get("/api/v1/namespaces/{ns}", said), headers: { "Impersonate-Uid": "1" } },
      as("jane", post("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", { spec: { namespace: "{ns}" } })),
      as(
        "jane",
        post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
          spec: { resourceAttributes: { namespace: "{ns}", verb: "get", resource: "pods" } },
        }),
        { "Impersonate-Group": "system:masters" },
      ),
      as("jane", get(`${core}/configmaps`, { only: ["code"], because: "what is there does not matter" }), {
        "Impersonate-Group": "system:masters",
      }),
    ],
  },
  {
    name: "rights as the robot sees them",
    steps: [
      ...granted(
        "maker",
        rule("get list", "configmaps"),
        rule("get", "secrets", { resourceNames: ["a"] }),
        rule("create", "pods/exec"),
      ),
      as(robot, settled),
      as(robot, post("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", { spec: { namespace: "{ns}" } })),
      as(robot, post("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", { spec: {} }, said)),
      may("get", "configmaps"),
      as(
        robot,
        post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
          spec: { resourceAttributes: { namespace: "{ns}", verb: "get", resource: "configmaps" } },
        }),
      ),
      as(
        robot,
        post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
          spec: { resourceAttributes: { namespace: "{ns}", verb: "delete", resource: "configmaps" } },
        }),
      ),
      as(
        robot,
        post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
          spec: { resourceAttributes: { namespace: "{ns}", verb: "get", resource: "secrets", name: "a" } },
        }),
      ),
      as(robot, get(`${core}/secrets/b`, said)),
    ],
  },
]
