import { expect, test } from "bun:test"
import { Bug } from "../../../../src/base/mod.ts"
import { prometheusMetrics } from "../../../../src/runtime/mod.ts"

const crd = "example.com/v1, Kind=Widget"

test("the five published metrics are printed with their names and labels", async () => {
  const metrics = prometheusMetrics()
  metrics.count("controller_reconcile_total", { crd, result: "success" })
  metrics.count("controller_reconcile_total", { crd, result: "success" }, 2)
  metrics.observe("controller_reconcile_duration_seconds", { crd }, 0.02)
  metrics.gauge("controller_queue_depth", { crd }, 4)
  metrics.gauge("controller_workers_processing", { crd }, 2)
  metrics.gauge("controller_resource_count", { crd }, 7)
  const lines = (await metrics.text()).split("\n")
  expect(lines).toContain(`controller_reconcile_total{crd="${crd}",result="success"} 3`)
  expect(lines).toContain(`controller_reconcile_duration_seconds_bucket{le="0.01",crd="${crd}"} 0`)
  expect(lines).toContain(`controller_reconcile_duration_seconds_bucket{le="0.025",crd="${crd}"} 1`)
  expect(lines).toContain(`controller_queue_depth{crd="${crd}"} 4`)
  expect(lines).toContain(`controller_workers_processing{crd="${crd}"} 2`)
  expect(lines).toContain(`controller_resource_count{crd="${crd}"} 7`)
  expect(lines).toContain("# TYPE process_cpu_seconds_total counter")
})

test("a histogram counts what lies above its last bound too, and labels keep their quotes and lines", async () => {
  const metrics = prometheusMetrics()
  for (const seconds of [0.02, 60]) metrics.observe("controller_reconcile_duration_seconds", { crd: 'a"\n\\' }, seconds)
  const lines = (await metrics.text()).split("\n")
  const name = "controller_reconcile_duration_seconds"
  const label = 'crd="a\\"\\n\\\\"'
  expect(lines).toContain(`${name}_bucket{le="10",${label}} 1`)
  expect(lines).toContain(`${name}_bucket{le="+Inf",${label}} 2`)
  expect(lines).toContain(`${name}_sum{${label}} 60.02`)
  expect(lines).toContain(`${name}_count{${label}} 2`)
})

test("what an operator wrote is forgotten with it, and nothing else", async () => {
  const metrics = prometheusMetrics()
  for (const own of [crd, "example.com/v1, Kind=Other"]) {
    metrics.gauge("controller_queue_depth", { crd: own }, 1)
    metrics.count("controller_reconcile_total", { crd: own, result: "error" })
    metrics.observe("controller_reconcile_duration_seconds", { crd: own }, 1)
  }
  metrics.gauge("ork_leader", { lease: "ork-shop" }, 1)
  metrics.forget({ crd })
  const text = await metrics.text()
  expect(text).not.toContain("Kind=Widget")
  expect(text.match(/Kind=Other/g)?.length).toBeGreaterThan(10)
  expect(text).toContain('ork_leader{lease="ork-shop"} 1')
})

test("a name, kind or label that was not declared is a bug", () => {
  const metrics = prometheusMetrics()
  expect(() => metrics.count("ork_unheard_of_total", {})).toThrow(Bug)
  expect(() => metrics.gauge("controller_reconcile_total", { crd, result: "error" }, 1)).toThrow(Bug)
  expect(() => metrics.gauge("controller_queue_depth", {}, 1)).toThrow(Bug)
  expect(() => metrics.gauge("controller_queue_depth", { crd, more: "x" }, 1)).toThrow(Bug)
})

test("other layers may declare what they write", async () => {
  const declared = { kind: "counter", name: "ork_calls_total", labels: ["verb"], help: "Calls." } as const
  const metrics = prometheusMetrics([declared])
  metrics.count("ork_calls_total", { verb: "get" })
  expect(await metrics.text()).toContain('ork_calls_total{verb="get"} 1')
})

test("two sets of metrics know nothing of each other", async () => {
  const [one, two] = [prometheusMetrics(), prometheusMetrics()]
  one.gauge("controller_queue_depth", { crd }, 1)
  expect(await two.text()).not.toContain("Kind=Widget")
})
