import { describe, expect, test } from "bun:test"
import { OrkError, seeded, silent } from "../../../src/base/mod.ts"
import { load } from "../../../src/katalog/mod.ts"
import { objectKey } from "../../../src/kube/mod.ts"
import { Notifier, type Watched } from "../../../src/manager/notifier.ts"
import { build } from "../../../src/plan/mod.ts"
import { FakeClock } from "../../support/clock.ts"
import { memoryFiles } from "../../support/files.ts"
import { katalog } from "../../support/makers.ts"

const block = (teams: string) =>
  katalog("").replace("spec:", `notification: { defaults: { slackWebhookUrl: $HOOK }, teams: { ${teams} } }\nspec:`)

function plansOf(teams: string) {
  const { spec, spans, diagnostics } = load(memoryFiles({ "katalog.yaml": block(teams) }), ".")
  const plan = spec && build(spec, spans).plan
  if (!plan) throw new Error(JSON.stringify(diagnostics))
  return plan.notifications
}

const degraded: Watched = {
  katalog: plansOf("a: {}")[0]?.katalog ?? "",
  name: "website",
  state: "degraded",
  lastError: "no disk",
  worstOffender: objectKey("web", "shop"),
}

function world(teams: string) {
  const clock = new FakeClock()
  const sent: { readonly webhook: string; readonly text: string }[] = []
  const state = { reachable: true }
  const notifier = new Notifier({
    clock,
    log: silent,
    random: seeded(1),
    send: (message) => {
      if (!state.reachable) return Promise.reject(new OrkError("net/refused", "no"))
      sent.push(message)
      return Promise.resolve()
    },
  })
  const plans = plansOf(teams)
  const look = (operator: Watched = degraded) => notifier.tell(plans, [operator], new AbortController().signal)
  return { clock, sent, state, look }
}

describe("a team is told that an operator is degraded", () => {
  test("at once, and again after its interval for as long as it lasts", async () => {
    const { clock, sent, look } = world("a: { interval: 5m }")
    await look()
    await look()
    expect(sent).toHaveLength(1)
    await clock.advance("4m59s")
    await look()
    expect(sent).toHaveLength(1)
    await clock.advance("1s")
    await look()
    expect(sent).toHaveLength(2)
  })

  test("anew when it was well in between", async () => {
    const { sent, look } = world("a: {}")
    await look()
    await look({ ...degraded, state: "healthy" })
    await look()
    expect(sent).toHaveLength(2)
  })

  test("in its own words, which know what happened", async () => {
    const words = '"{{ .KatalogName }} {{ .CRDName }} {{ .Namespace }}/{{ .Name }}: {{ .Error }}"'
    const { sent, look } = world(`a: { message: ${words} }, b: { slack: { webhook: https://b.example } }`)
    await look()
    expect(sent.map(({ webhook }) => webhook)).toEqual(["$HOOK", "https://b.example"])
    expect(sent[0]?.text).toBe(`${degraded.katalog} website web/shop: no disk`)
    expect(sent[1]?.text).toContain("no disk")
  })

  test("a minute later where the message did not get there", async () => {
    const { clock, sent, state, look } = world("a: { interval: 1h }")
    state.reachable = false
    await look()
    state.reachable = true
    await look()
    expect(sent).toEqual([])
    await clock.advance("1m")
    await look()
    expect(sent).toHaveLength(1)
  })
})

test("nobody is told of operators that are well, or of other Katalogs", async () => {
  const { sent, look } = world("a: {}")
  for (const state of ["healthy", "started", "pending", "gated", "not started"] as const)
    await look({ ...degraded, state })
  await look({ ...degraded, katalog: "another" })
  expect(sent).toEqual([])
})

test("a Notifier looks every ten seconds until it is stopped", async () => {
  const clock = new FakeClock()
  let looks = 0
  const notifier = new Notifier({
    clock,
    random: seeded(1),
    log: silent,
    send: () => Promise.resolve(),
  })
  const stop = new AbortController()
  const running = notifier.run(() => ({ plans: [], operators: Array(looks++ * 0).fill(degraded) }), stop.signal)
  await clock.advance("25s")
  expect(looks).toBe(3)
  stop.abort(new Error("stopped"))
  expect(await running.catch(String)).toContain("stopped")
})
