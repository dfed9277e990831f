import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { type Cluster, startCluster } from "../../src/apiserver/mod.ts"
import { silent } from "../../src/base/mod.ts"
import { systemClock, systemRandom } from "../../src/system.ts"
import { sendTo } from "../support/ask.ts"
import { TestCluster } from "../support/cluster.ts"
import type { Interaction, Seen, Send } from "./apiserver/interaction.ts"
import { differences, run } from "./apiserver/run.ts"
import { widgetCrd } from "./apiserver/suite-kinds.ts"
import { allSuites } from "./apiserver/suites.ts"

/** Interactions that run at the same time. */
const parallel = 6

if (TestCluster.available()) {
  let real: TestCluster
  let embedded: Cluster
  const answers = new Map<string, { readonly real: readonly Seen[]; readonly ours: readonly Seen[] }>()

  beforeAll(async () => {
    real = await TestCluster.start()
    const deps = { clock: systemClock, random: systemRandom, log: silent }
    embedded = await startCluster(deps, { pretend: false, authority: "none", port: 1, enforceRbac: true })
    const sends = { real: await sendTo(real), ours: toEmbedded(embedded) }
    for (const send of Object.values(sends))
      await create(send, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", widgetCrd)
    await Bun.sleep(1_000) // both serve a new kind a moment later
    const queue = [...allSuites.entries()]
    const worker = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [index, interaction] = next
        answers.set(interaction.name, await both(interaction, `suite-${index}`, sends))
      }
    }
    await Promise.all(Array.from({ length: parallel }, worker))
  }, 300_000)

  afterAll(async () => {
    await embedded.close()
    await real[Symbol.asyncDispose]()
  })

  test("the suite asks at least 900 things", () => {
    expect(allSuites.reduce((count, { steps }) => count + steps.length, 0)).toBeGreaterThanOrEqual(900)
  })

  describe.each(allSuites.map(({ name, steps }) => [name, steps] as const))("%s", (name, steps) => {
    test("is answered as a real API server answers", () => {
      const seen = answers.get(name)
      const wrong = steps.flatMap(({ method, path }, index) =>
        differences(seen?.real[index], seen?.ours[index]).map((text) => `${index} ${method} ${path} ${text}`),
      )
      expect(wrong).toEqual([])
    })
  })
} else test.skip("the embedded API server against a real one", () => undefined)

async function both(interaction: Interaction, namespace: string, sends: { readonly real: Send; readonly ours: Send }) {
  for (const send of Object.values(sends)) await create(send, "/api/v1/namespaces", { metadata: { name: namespace } })
  // Pods want it; a controller makes it.
  const account = `/api/v1/namespaces/${namespace}/serviceaccounts/default`
  await Promise.all(Object.values(sends).map((send) => waitFor(send, account)))
  const [real, ours] = await Promise.all([
    run(interaction, namespace, sends.real),
    run(interaction, namespace, sends.ours),
  ])
  return { real, ours }
}

async function waitFor(send: Send, path: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if ((await send({ method: "GET", path, headers: {}, body: undefined })).ok) return
    await Bun.sleep(50)
  }
}

async function create(send: Send, path: string, body: unknown): Promise<void> {
  const headers = { "Content-Type": "application/json", "User-Agent": "suite/1" }
  const answer = await send({ method: "POST", path, headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(await answer.text())
}

function toEmbedded(cluster: Cluster): Send {
  return ({ method, path, headers, body }) =>
    cluster.fetch(new Request(`http://embedded${path}`, { method, headers, ...(body === undefined ? {} : { body }) }))
}
