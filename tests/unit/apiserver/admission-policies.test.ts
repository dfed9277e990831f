import { describe, expect, test } from "bun:test"
import { judgeByPolicies } from "../../../src/apiserver/admission-policies.ts"
import { type Api, builtinResources } from "../../../src/apiserver/mod.ts"
import { TestApi } from "../../support/api-client.ts"

// What a denial looks like is compared with a real server in tests/contract/apiserver/suite-webhooks.ts.

const group = "/apis/admissionregistration.k8s.io/v1"
const configMaps = "/api/v1/namespaces/shop/configmaps"
const rule = { operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"] }

async function start(policy: object, binding: object = {}) {
  const holder: { api?: Api } = {}
  const world = new TestApi({
    resources: builtinResources(),
    admission: {
      mutate: (call) => Promise.resolve(call.object),
      validate: async (call) => (holder.api === undefined ? undefined : judgeByPolicies(holder.api, call)),
    },
  })
  holder.api = world.server.api
  await world.ask("POST", "/api/v1/namespaces", { metadata: { name: "shop" } })
  await world.ask("POST", configMaps, { metadata: { name: "limits", labels: { limits: "yes" } }, data: { max: "2" } })
  const made = await world.ask("POST", `${group}/validatingadmissionpolicies`, {
    metadata: { name: "p" },
    spec: { matchConstraints: { resourceRules: [rule] }, ...policy },
  })
  expect(made.code).toBe(201)
  await world.ask("POST", `${group}/validatingadmissionpolicybindings`, {
    metadata: { name: "b" },
    spec: { policyName: "p", validationActions: ["Deny"], ...binding },
  })
  const create = (data: object = { a: "b" }) => world.ask("POST", configMaps, { metadata: { name: "c" }, data })
  return { world, create, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() }
}

const no = [{ expression: "false" }]
const paramKind = { apiVersion: "v1", kind: "ConfigMap" }
const counted = [{ expression: "object.data.size() <= int(params.data.max)" }]

describe("whether a policy refuses", () => {
  test.each<[string, object, object, number]>([
    ["always", { validations: no }, {}, 422],
    ["with a reason", { validations: [{ expression: "false", reason: "Forbidden" }] }, {}, 403],
    [
      "other kinds only",
      { validations: no, matchConstraints: { resourceRules: [{ ...rule, resources: ["secrets"] }] } },
      {},
      201,
    ],
    [
      "all but these",
      { validations: no, matchConstraints: { resourceRules: [rule], excludeResourceRules: [rule] } },
      {},
      201,
    ],
    [
      "when a condition holds",
      { validations: no, matchConditions: [{ name: "c", expression: "object.data.a == 'z'" }] },
      {},
      201,
    ],
    [
      "where it is bound",
      { validations: no },
      { matchResources: { objectSelector: { matchLabels: { a: "b" } } } },
      201,
    ],
    ["and only warns", { validations: no }, { validationActions: ["Warn"] }, 201],
    ["when it fails", { validations: [{ expression: "object.data.z == ''" }] }, {}, 422],
    ["unless it may fail", { failurePolicy: "Ignore", validations: [{ expression: "object.data.z == ''" }] }, {}, 201],
    [
      "above its parameter",
      { paramKind, validations: counted },
      { paramRef: { name: "limits", namespace: "shop", parameterNotFoundAction: "Deny" } },
      201,
    ],
    [
      "without its parameter",
      { paramKind, validations: counted },
      { paramRef: { name: "gone", namespace: "shop", parameterNotFoundAction: "Deny" } },
      422,
    ],
    [
      "with no parameter needed",
      { paramKind, validations: counted },
      { paramRef: { name: "gone", namespace: "shop", parameterNotFoundAction: "Allow" } },
      201,
    ],
    [
      "by a chosen parameter",
      { paramKind, validations: [{ expression: "params.data.max == '3'" }] },
      { paramRef: { selector: { matchLabels: { limits: "yes" } }, parameterNotFoundAction: "Deny" } },
      422,
    ],
  ])("%s", async (_, policy, binding, code) => {
    await using cluster = await start(policy, binding)
    expect((await cluster.create()).code).toBe(code)
  })
})

test("a warning says which policy", async () => {
  await using cluster = await start({ validations: no }, { validationActions: ["Warn", "Audit"] })
  const { headers } = await cluster.create()
  expect(headers.get("warning")).toContain("Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b'")
})

test("a policy that does not compile is not stored", async () => {
  await using cluster = await start({ validations: no })
  const refused = await cluster.world.ask("POST", `${group}/validatingadmissionpolicies`, {
    metadata: { name: "q" },
    spec: { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: "objet.a" }] },
  })
  expect(refused).toMatchObject({
    code: 422,
    body: { details: { causes: [{ field: "spec.validations[0].expression" }] } },
  })
})
