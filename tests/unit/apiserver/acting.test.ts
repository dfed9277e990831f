import { describe, expect, test } from "bun:test"
import { startCluster, type User } from "../../../src/apiserver/mod.ts"
import { seeded, silent } from "../../../src/base/mod.ts"
import { FakeClock } from "../../support/clock.ts"

// The texts are compared with a real server in tests/contract/apiserver/suite-access.ts.

const group = "rbac.authorization.k8s.io"
const reviews = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
const admin: User = { name: "admin", groups: ["system:masters"] }
const eve: User = { name: "eve", groups: ["system:authenticated"] }

async function world(enforceRbac = true) {
  const deps = { clock: new FakeClock(), random: seeded(1), log: silent }
  const cluster = await startCluster(deps, { pretend: false, authority: "CA", port: 1, enforceRbac })
  const ask = async (user: User, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) => {
    const init = body === undefined ? { headers } : { method: "POST", body: JSON.stringify(body), headers }
    const response = await cluster.fetch(new Request(`http://api${path}`, init), user)
    return { code: response.status, body: JSON.parse(await response.text()) }
  }
  const grant = async (name: string, rules: readonly object[]) => {
    await ask(admin, `/apis/${group}/v1/clusterroles`, { metadata: { name }, rules })
    const roleRef = { apiGroup: group, kind: "ClusterRole", name }
    const subjects = [{ apiGroup: group, kind: "User", name: "eve" }]
    await ask(admin, `/apis/${group}/v1/clusterrolebindings`, { metadata: { name }, roleRef, subjects })
  }
  return { ask, grant, [Symbol.asyncDispose]: () => cluster.close() }
}

describe("acting as somebody else", () => {
  test("is for administrators, and gives the groups that are asked for", async () => {
    await using at = await world()
    const headers = { "Impersonate-User": "bob", "Impersonate-Group": "dev, ops", "Impersonate-Extra-Team": "web" }
    const { body } = await at.ask(admin, reviews, {}, headers)
    expect(body.status.userInfo).toEqual({
      ...{ username: "bob", groups: ["dev", "ops", "system:authenticated"], extra: { team: ["web"] } },
    })
    const account = await at.ask(admin, reviews, {}, { "Impersonate-User": "system:serviceaccount:shop:runner" })
    expect(account.body.status.userInfo.groups).toEqual([
      ...["system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated"],
    ])
    expect((await at.ask(admin, reviews, {}, { "Impersonate-Group": "dev" })).code).toBe(400)
  })

  test("is for others as far as a role allows it", async () => {
    await using at = await world()
    expect((await at.ask(eve, reviews, {}, { "Impersonate-User": "bob" })).code).toBe(403)
    await at.grant("actor", [{ apiGroups: [""], resources: ["users"], verbs: ["impersonate"], resourceNames: ["bob"] }])
    expect((await at.ask(eve, reviews, {}, { "Impersonate-User": "bob" })).body.status.userInfo.username).toBe("bob")
    expect((await at.ask(eve, reviews, {}, { "Impersonate-User": "amy" })).code).toBe(403)
    const group = { "Impersonate-User": "bob", "Impersonate-Group": "system:masters" }
    expect((await at.ask(eve, reviews, {}, group)).code).toBe(403)
  })
})

describe("a role", () => {
  const roles = `/apis/${group}/v1/namespaces/default/roles`
  const secrets = { metadata: { name: "r" }, rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["get"] }] }
  const ofRoles = { apiGroups: [group], resources: ["roles"], verbs: ["create"] }

  test("gives no more than its author has", async () => {
    await using at = await world()
    await at.grant("author", [ofRoles])
    expect((await at.ask(eve, roles, secrets)).code).toBe(403)
    await at.grant("reader", [{ apiGroups: [""], resources: ["*"], verbs: ["get"] }])
    expect((await at.ask(eve, roles, secrets)).code).toBe(201)
  })

  test("gives more where its author may escalate", async () => {
    await using at = await world()
    await at.grant("author", [{ ...ofRoles, verbs: ["create", "escalate"] }])
    expect((await at.ask(eve, roles, secrets)).code).toBe(201)
  })

  test("that collects others is for administrators", async () => {
    await using at = await world()
    await at.grant("author", [{ ...ofRoles, resources: ["clusterroles"] }])
    const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { a: "b" } }] }
    const collecting = { metadata: { name: "all" }, aggregationRule, rules: [] }
    expect((await at.ask(eve, `/apis/${group}/v1/clusterroles`, collecting)).code).toBe(403)
    expect((await at.ask(admin, `/apis/${group}/v1/clusterroles`, collecting)).code).toBe(201)
  })

  test("is anybody's to give where roles decide nothing", async () => {
    await using at = await world(false)
    expect((await at.ask(eve, roles, secrets)).code).toBe(201)
  })
})
