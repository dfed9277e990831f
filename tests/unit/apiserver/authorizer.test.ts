import { describe, expect, test } from "bun:test"
import { decide } from "../../../src/apiserver/authorizer.ts"
import { type Api, builtinResources } from "../../../src/apiserver/mod.ts"
import { reviews } from "../../../src/apiserver/reviews.ts"
import { TestApi } from "../../support/api-client.ts"

// Verdicts, reasons and texts are those of a real server with the same roles.

const rbac = "/apis/rbac.authorization.k8s.io/v1"
const authorization = "/apis/authorization.k8s.io/v1"
const roleRef = (kind: string, name: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind, name })

const objects: readonly (readonly [string, object])[] = [
  ["/api/v1/namespaces", { metadata: { name: "rb" } }],
  [
    `${rbac}/namespaces/rb/roles`,
    {
      metadata: { name: "r1" },
      rules: [
        { apiGroups: [""], resources: ["pods", "pods/log"], verbs: ["get", "list"] },
        { apiGroups: [""], resources: ["configmaps"], resourceNames: ["only"], verbs: ["get", "update"] },
        { apiGroups: ["apps"], resources: ["*"], verbs: ["*"] },
      ],
    },
  ],
  [
    `${rbac}/namespaces/rb/rolebindings`,
    {
      metadata: { name: "b1" },
      roleRef: roleRef("Role", "r1"),
      subjects: [
        { kind: "User", name: "jane" },
        { kind: "ServiceAccount", name: "sa", namespace: "rb" },
      ],
    },
  ],
  [
    `${rbac}/clusterroles`,
    {
      metadata: { name: "cr1" },
      rules: [
        { nonResourceURLs: ["/healthz/*", "/metrics"], verbs: ["get"] },
        { apiGroups: ["*"], resources: ["*/scale"], verbs: ["patch"] },
      ],
    },
  ],
  [
    `${rbac}/clusterrolebindings`,
    { metadata: { name: "cb1" }, roleRef: roleRef("ClusterRole", "cr1"), subjects: [{ kind: "Group", name: "devs" }] },
  ],
  [
    `${rbac}/clusterrolebindings`,
    { metadata: { name: "cb2" }, roleRef: roleRef("ClusterRole", "gone"), subjects: [{ kind: "User", name: "bob" }] },
  ],
]

async function start() {
  const holder: { api?: Api } = {}
  const world = new TestApi({
    resources: builtinResources(),
    connect: reviews({ userOf: (token) => (token === "good" ? { name: "jane", groups: ["devs"] } : undefined) }),
    authorize: (wish) => (holder.api === undefined ? { allowed: true } : decide(holder.api, wish.user, wish)),
  })
  holder.api = world.server.api
  for (const [path, object] of objects) await world.ask("POST", path, object)
  const asUser = async (method: string, path: string, name: string) => {
    const response = await world.server.fetch(new Request(`http://api${path}`, { method }), { name, groups: [] })
    return { code: response.status, body: JSON.parse(await response.text()) }
  }
  return { world, asUser, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() }
}

const pods = { verb: "get", resource: "pods" }
const toJane = 'RBAC: allowed by RoleBinding "b1/rb" of Role "r1" to User "jane"'
const toDevs = 'RBAC: allowed by ClusterRoleBinding "cb1" of ClusterRole "cr1" to Group "devs"'
const scale = { namespace: "rb", verb: "patch", group: "apps", resource: "deployments", subresource: "scale" }

const verdicts: readonly (readonly [object, object])[] = [
  [
    { user: "jane", resourceAttributes: { namespace: "rb", ...pods } },
    { allowed: true, reason: toJane },
  ],
  [
    { user: "jane", resourceAttributes: { namespace: "rb", ...pods, subresource: "log" } },
    { allowed: true, reason: toJane },
  ],
  [{ user: "jane", resourceAttributes: { namespace: "rb", ...pods, subresource: "exec" } }, { allowed: false }],
  [{ user: "jane", resourceAttributes: { namespace: "rb", verb: "delete", resource: "pods" } }, { allowed: false }],
  [{ user: "jane", resourceAttributes: pods }, { allowed: false }],
  [
    { user: "jane", resourceAttributes: { namespace: "rb", verb: "get", resource: "configmaps", name: "only" } },
    { allowed: true, reason: toJane },
  ],
  [{ user: "jane", resourceAttributes: { namespace: "rb", verb: "get", resource: "configmaps" } }, { allowed: false }],
  [
    { user: "jane", resourceAttributes: scale },
    { allowed: true, reason: toJane },
  ],
  [
    { user: "system:serviceaccount:rb:sa", resourceAttributes: { namespace: "rb", ...pods } },
    { allowed: true, reason: 'RBAC: allowed by RoleBinding "b1/rb" of Role "r1" to ServiceAccount "sa/rb"' },
  ],
  [
    { user: "x", groups: ["devs"], nonResourceAttributes: { path: "/healthz/ping", verb: "get" } },
    { allowed: true, reason: toDevs },
  ],
  [{ user: "x", groups: ["devs"], nonResourceAttributes: { path: "/healthz", verb: "get" } }, { allowed: false }],
  [
    { user: "x", groups: ["devs"], resourceAttributes: scale },
    { allowed: true, reason: toDevs },
  ],
  [{ user: "root", groups: ["system:masters"], resourceAttributes: { verb: "*", resource: "*" } }, { allowed: true }],
  [
    { user: "bob", resourceAttributes: pods },
    { allowed: false, reason: 'rbac: RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found' },
  ],
]

test("an access review says whether, and by what", async () => {
  await using cluster = await start()
  for (const [spec, status] of verdicts) {
    const { code, body } = await cluster.world.ask("POST", `${authorization}/subjectaccessreviews`, { spec })
    expect({ spec, code, status: body.status }).toEqual({ spec, code: 201, status })
  }
})

describe("a review that makes no sense is refused", () => {
  test.each([
    ["subjectaccessreviews", { user: "jane" }, 422, "spec"],
    ["subjectaccessreviews", { resourceAttributes: pods }, 422, "spec.user"],
    [
      "namespaces/rb/localsubjectaccessreviews",
      { user: "jane", resourceAttributes: { namespace: "other", ...pods } },
      422,
      "spec.resourceAttributes.namespace",
    ],
    ["selfsubjectrulesreviews", {}, 400, undefined],
  ])("%s %j", async (path, spec, code, field) => {
    await using cluster = await start()
    const answer = await cluster.world.ask("POST", `${authorization}/${path}`, { spec })
    expect([answer.code, answer.body.details?.causes?.[0]?.field]).toEqual([code, field])
  })
})

test("a list of what one may", async () => {
  await using cluster = await start()
  const request = new Request(`http://api${authorization}/selfsubjectrulesreviews`, {
    method: "POST",
    body: JSON.stringify({ spec: { namespace: "rb" } }),
  })
  await cluster.world.ask("POST", `${rbac}/clusterroles`, {
    metadata: { name: "ask" },
    rules: [{ apiGroups: ["authorization.k8s.io"], resources: ["selfsubjectrulesreviews"], verbs: ["create"] }],
  })
  await cluster.world.ask("POST", `${rbac}/clusterrolebindings`, {
    metadata: { name: "ask" },
    roleRef: roleRef("ClusterRole", "ask"),
    subjects: [{ kind: "User", name: "jane" }],
  })
  const response = await cluster.world.server.fetch(request, { name: "jane", groups: ["devs"] })
  const { status } = JSON.parse(await response.text())
  expect(status.incomplete).toBe(false)
  expect(status.nonResourceRules).toEqual([{ verbs: ["get"], nonResourceURLs: ["/healthz/*", "/metrics"] }])
  expect(status.resourceRules).toContainEqual({
    verbs: ["get", "list"],
    apiGroups: [""],
    resources: ["pods", "pods/log"],
  })
})

test("a token review knows whose a token is", async () => {
  await using cluster = await start()
  const ask = async (token: string) =>
    (await cluster.world.ask("POST", "/apis/authentication.k8s.io/v1/tokenreviews", { spec: { token } })).body.status
  expect(await ask("good")).toMatchObject({ authenticated: true, user: { username: "jane", groups: ["devs"] } })
  expect(await ask("bad")).toEqual({ user: {}, error: "invalid bearer token" })
})

describe("where roles decide, the refusal says what was wanted", () => {
  const cannot = (what: string) => `User "jane" cannot ${what}`
  test.each([
    [
      "GET",
      "/api/v1/namespaces/rb/secrets",
      `secrets is forbidden: ${cannot('list resource "secrets" in API group "" in the namespace "rb"')}`,
    ],
    [
      "GET",
      "/api/v1/nodes",
      `nodes is forbidden: ${cannot('list resource "nodes" in API group "" at the cluster scope')}`,
    ],
    [
      "GET",
      "/apis/batch/v1/namespaces/rb/jobs",
      `jobs.batch is forbidden: ${cannot('list resource "jobs" in API group "batch" in the namespace "rb"')}`,
    ],
    [
      "GET",
      "/api/v1/namespaces/rb",
      `namespaces "rb" is forbidden: ${cannot('get resource "namespaces" in API group "" in the namespace "rb"')}`,
    ],
    [
      "DELETE",
      "/api/v1/namespaces/rb/pods",
      `pods is forbidden: ${cannot('deletecollection resource "pods" in API group "" in the namespace "rb"')}`,
    ],
    ["GET", "/metrics", `forbidden: ${cannot('get path "/metrics"')}`],
  ])("%s %s", async (method, path, message) => {
    await using cluster = await start()
    expect(await cluster.asUser(method, path, "jane")).toMatchObject({
      code: 403,
      body: { reason: "Forbidden", message },
    })
    expect((await cluster.asUser("GET", "/api/v1/namespaces/rb/pods", "jane")).code).toBe(200)
  })
})
