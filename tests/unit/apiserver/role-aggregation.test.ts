import { expect, test } from "bun:test"
import { builtinResources } from "../../../src/apiserver/mod.ts"
import { roleAggregation } from "../../../src/apiserver/role-aggregation.ts"
import { TestApi } from "../../support/api-client.ts"

const roles = "/apis/rbac.authorization.k8s.io/v1/clusterroles"
const pods = { apiGroups: [""], resources: ["pods"], verbs: ["get"] }
const jobs = { apiGroups: ["batch"], resources: ["jobs"], verbs: ["get"] }

test("a role that collects has the rules of those with its labels, each once", async () => {
  await using world = new TestApi({ resources: builtinResources() })
  const { api } = world.server
  const labels = { "example.com/collect": "true" }
  await world.ask("POST", roles, { metadata: { name: "b", labels }, rules: [pods, jobs] })
  await world.ask("POST", roles, { metadata: { name: "a", labels }, rules: [jobs] })
  await world.ask("POST", roles, { metadata: { name: "other" }, rules: [{ ...pods, verbs: ["delete"] }] })
  await world.ask("POST", roles, {
    metadata: { name: "all", labels },
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: labels }] },
    rules: [],
  })
  const controller = roleAggregation(api)
  expect(controller.keys({} as never)).toEqual(["all"]) // any change concerns every role that collects
  const { actions } = controller.look("all", 0)
  expect(actions).toMatchObject([{ do: "update", object: { metadata: { name: "all" }, rules: [jobs, pods] } }])
  await world.ask("PUT", `${roles}/all`, actions[0]?.do === "update" ? actions[0].object : {})
  expect(controller.look("all", 0).actions).toEqual([])
})
