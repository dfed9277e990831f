import { expect, test } from "bun:test"
import { statusTable, table } from "../../../src/cli/table.ts"
import { CrdHealth, createApp, KatalogSummary, readBody } from "../../../src/server/mod.ts"
import { fakeView, operator, pendingOperator } from "../../support/view.ts"

async function statusOf(...operators: readonly ReturnType<typeof operator>[]): Promise<string> {
  const app = createApp(fakeView({ operators }))
  const get = async (path: string) => (await app(new Request(`http://localhost${path}`))).json()
  const summary = readBody(KatalogSummary, await get("/katalog"))
  const health = await Promise.all(
    operators.map(async ({ name }) => readBody(CrdHealth, await get(`/katalog/${name}/health`))),
  )
  if (!summary.ok) throw new Error(summary.error)
  return statusTable(
    summary.value,
    health.flatMap((one) => (one.ok ? [one.value] : [])),
  )
}

test("columns are as wide as their longest cell, two spaces apart, without trailing spaces", () => {
  const rows = [
    ["NAME", "STATE"],
    ["a-long-name", "ok"],
    ["b", ""],
  ]
  expect(table(rows)).toBe("NAME         STATE\na-long-name  ok\nb\n")
})

test("a table of nothing is empty", () => {
  expect(table([])).toBe("")
})

test("the status has one row per CRD", async () => {
  expect(await statusOf(operator(), operator({ name: "shop", state: "started", totalReconciles: 0 }))).toBe(
    [
      "CRD      STATE    WORKERS  QUEUE  ERRORS  RECONCILES  UPTIME",
      "website  healthy  3        1      2.5%    40          5m",
      "shop     started  3        1      0%      0           5m",
      "",
    ].join("\n"),
  )
})

test("below it stands why a CRD waits, and which CR fails most", async () => {
  const failing = operator({ name: "shop", failing: 2, worstOffender: "web/blog" })
  const lines = (await statusOf(operator(), pendingOperator({ name: "late" }), failing)).split("\n")
  expect(lines.slice(4)).toEqual(["", "late is pending: CRD is not installed", "shop: 2 failing, worst web/blog", ""])
})

test("a rare error does not read as none", async () => {
  const rare = operator({ totalReconciles: 9_000, failedReconciles: 3 })
  expect(await statusOf(rare)).toContain(" <0.1% ")
})

test("a CRD whose health is not known keeps its row", () => {
  const view = fakeView()
  const row = {
    ...operator(),
    healthy: true,
    workersProcessing: 0,
    workersIdle: 0,
    workerDetails: {},
    maxQueueDepth: 0,
  }
  const crd = { ...row, errorRate: 0, rbacCount: 0, dependencies: [], conversion: { enabled: false } }
  const admission = { webhooksEnabled: false, validationTotal: 0, validationDenied: 0 }
  const summary: KatalogSummary = {
    ...view.katalog,
    total: 1,
    totalEnabled: 1,
    totalDegraded: 0,
    OrkReady: true,
    isKonductor: true,
    healthy: true,
    status: 200,
    degradedReason: "",
    statusCounts: { healthy: 1, degraded: 0, started: 0, pending: 0 },
    namespaces: {},
    dependencyGraph: [],
    crds: [{ ...crd, admission }],
  }
  expect(statusTable(summary, []).split("\n")[1]).toEndWith("  -")
})
