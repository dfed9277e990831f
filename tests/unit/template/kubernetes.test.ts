import { expect, test } from "bun:test"
import { functionCatalogue } from "../../../src/template/mod.ts"
import { outcome, rendered } from "./support.ts"

const whole = {
  metadata: { name: "web-3" },
  spec: { nodeName: "n1" },
  status: {
    podIP: "10.0.0.9",
    phase: "Running",
    conditions: [{ type: "Ready", status: "True" }],
    containerStatuses: [
      {
        name: "a",
        restartCount: 2,
        state: { running: {} },
        lastState: { terminated: { reason: "OOMKilled", exitCode: 137 } },
      },
      { name: "b", restartCount: 1, state: { waiting: { reason: "ErrImagePull" } } },
    ],
  },
}

test("whole pods are read like the short form", () => {
  const o = { o: { _pods: [whole] } }
  expect(rendered("{{ podNames .o }} {{ podIPs .o }} {{ podNodes .o }} {{ readyPodCount .o }}", o)).toBe(
    "web-3 10.0.0.9 n1 1",
  )
  expect(rendered("{{ podMaxRestarts .o }}{{ hasCrashingPod .o }}{{ podOOMKilledDetected .o }}", o)).toBe("3truetrue")
  expect(rendered("{{ podContainerReasons .o }}", o)).toBe("OOMKilled,ErrImagePull")
  expect(rendered('{{ podContainerState .o 3 "b" }}', o)).toBe("waiting")
  expect(rendered("{{ jobFirstExitCode .o }}", o)).toBe(137)
  expect(rendered("{{ podByOrdinal .o 3 }}", o)).toMatchObject({ name: "web-3", ready: true, ordinal: 3 })
})

test("a pod is its own pod, and pods come in the order of their names", () => {
  expect(rendered("{{ podPhases .p }}", { p: { kind: "Pod", ...whole } })).toBe("Running")
  const o = { o: { _pods: [{ name: "b" }, { name: "a" }] } }
  expect(rendered("{{ podNames .o }}", o)).toBe("a,b")
})

const families =
  "replicaset statefulset container pods job cronjob service ingress hpa pvc node warnings prometheus serve objects replicas"
const readers = functionCatalogue.filter((entry) => families.split(" ").includes(entry.family))
const strange: readonly unknown[] = [undefined, null, "text", 5, true, [], [1], { metadata: 1, spec: [], status: "x" }]

test.each(readers.map((entry) => [entry.name, entry] as const))(
  "%s answers for an object that is missing or strange",
  (_, entry) => {
    for (const o of strange) {
      const count = (entry.signature.match(/[,(]/g) ?? []).length - 1
      const call = `{{ ${entry.name} .o${' "1"'.repeat(Math.max(0, count))} }}`
      const found = outcome(call, { o })
      if ("failure" in found) expect(found.failure).toStartWith("template/")
      else expect("value" in found).toBe(true)
      if (o === undefined) expect("value" in found).toBe(true)
    }
  },
)

test("a list in a strange place of an object is no error", () => {
  const o = {
    spec: { containers: "x", rules: 5, taints: { a: 1 } },
    status: { loadBalancer: [] },
    _pods: {},
    _warnings: 7,
  }
  for (const { name, signature } of readers) {
    if (/,/.test(signature)) continue
    expect(outcome(`{{ ${name} .o }}`, { o })).toHaveProperty("value")
  }
})

test("the next time of a CronJob is in its zone, also where the clock is put forward", () => {
  const next = (schedule: string, timeZone: string) =>
    rendered("{{ cronJobNextScheduleTime .o }}", { o: { spec: { schedule, timeZone } } })
  expect(next("0 0 * * *", "America/New_York")).toBe("2026-01-02T05:00:00Z")
  // 02:30 does not exist on the day of the change, so the day after is next.
  expect(next("30 2 29 3 *", "Europe/Berlin")).toBe("2027-03-29T00:30:00Z")
  expect(next("0 0 * * *", "Nowhere/Town")).toBe("")
  expect(rendered("{{ cronJobNextScheduleTime .o }}", { o: { spec: { schedule: "@daily", suspend: true } } })).toBe("")
})

test("old ReplicaSets are those behind the newest revision, or without replicas where none is known", () => {
  const revision = (name: string, n: string) => ({
    metadata: { name, annotations: { "deployment.kubernetes.io/revision": n } },
  })
  const o = { _replicaSets: [revision("new", "10"), revision("old", "9")] }
  expect(rendered("{{ oldDeploymentReplicaSets .o }}", { o })).toBe("old")
  const bare = {
    _replicaSets: [
      { name: "a", replicas: 2 },
      { name: "b", replicas: 0 },
    ],
  }
  expect(rendered("{{ oldDeploymentReplicaSets .o }}", { o: bare })).toBe("b")
})

test("answers of Prometheus are read whole, as data, as a list or as a scalar", () => {
  const sample = [{ metric: { a: "x" }, value: [1, "2.5"] }]
  for (const q of [{ data: { result: sample } }, { result: sample }, sample, { body: { data: { result: sample } } }]) {
    expect(rendered("{{ promValue .q }}", { q })).toBe(2.5)
  }
  expect(rendered("{{ promValue .q }}", { q: { data: { result: [1, "7"] } } })).toBe(7)
  expect(rendered("{{ promValue .q }}", { q: "down" })).toBeUndefined()
  expect(rendered("{{ promAboveThreshold .q 1 }}{{ promBelowThreshold .q 1 }}", { q: null })).toBe("falsefalse")
})
