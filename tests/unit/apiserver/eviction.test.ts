import { expect, test } from "bun:test"
import { builtinResources, createApiServer } from "../../../src/apiserver/mod.ts"
import { seeded } from "../../../src/base/mod.ts"
import { FakeClock } from "../../support/clock.ts"

async function world() {
  const server = createApiServer({ clock: new FakeClock(), random: seeded(1), resources: builtinResources() })
  const ask = async (method: string, path: string, body?: unknown) => {
    const text = body === undefined ? {} : { body: JSON.stringify(body) }
    const response = await server.fetch(new Request(`http://api${path}`, { method, ...text }))
    return { code: response.status, body: JSON.parse(await response.text()) }
  }
  await ask("POST", "/api/v1/namespaces", { metadata: { name: "shop" } })
  return { server, ask }
}

test("an eviction deletes a Pod, unless a budget allows no disruption", async () => {
  const { server, ask } = await world()
  const pods = "/api/v1/namespaces/shop/pods"
  const budgets = "/apis/policy/v1/namespaces/shop/poddisruptionbudgets"
  const pod = (name: string) => ({
    metadata: { name, labels: { app: name } },
    spec: { containers: [{ name: "a", image: "b" }] },
  })
  for (const name of ["free", "kept"]) await ask("POST", pods, pod(name))
  const running = { ...(await ask("GET", `${pods}/kept`)).body, status: { phase: "Running" } }
  await ask("PUT", `${pods}/kept/status`, running)
  const budget = { metadata: { name: "b" }, spec: { minAvailable: 1, selector: { matchLabels: { app: "kept" } } } }
  const made = await ask("POST", budgets, budget)
  const none = { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 }
  await ask("PUT", `${budgets}/b/status`, { ...made.body, status: none })
  const evict = (name: string) =>
    ask("POST", `${pods}/${name}/eviction`, { apiVersion: "policy/v1", kind: "Eviction", metadata: { name } })
  expect((await evict("free")).code).toBe(201)
  expect((await ask("GET", `${pods}/free`)).code).toBe(404)
  expect((await evict("kept")).body).toMatchObject({
    code: 429,
    details: { causes: [{ reason: "DisruptionBudget" }] },
  })
  expect((await evict("none")).code).toBe(404)
  await server.close()
})

test("the namespaces of the cluster itself stay", async () => {
  const { server, ask } = await world()
  await ask("POST", "/api/v1/namespaces", { metadata: { name: "kube-system" } })
  expect((await ask("DELETE", "/api/v1/namespaces/kube-system")).body).toMatchObject({ code: 403, reason: "Forbidden" })
  expect((await ask("DELETE", "/api/v1/namespaces/shop")).code).toBe(200)
  await server.close()
})
