import { describe, expect, test } from "bun:test"
import { OrkError } from "../../../src/base/mod.ts"
import type { KubeObject } from "../../../src/kube/mod.ts"
import { causesOf } from "../../../src/manager/causes.ts"
import { FakeClock } from "../../support/clock.ts"
import { EmbeddedServer } from "../../support/embedded-server.ts"
import { workload } from "../../support/workloads.ts"

const container = (reason: string) => ({ name: "web", state: { waiting: { reason } } })

function pod(name: string, reason?: string, app = "web"): KubeObject {
  const turned = { type: "Ready", status: reason ? "False" : "True", lastTransitionTime: "2026-01-01T00:00:00Z" }
  const status = { phase: "Pending", conditions: [turned], containerStatuses: reason ? [container(reason)] : [] }
  const metadata = { name, namespace: "default", labels: { app } }
  return { apiVersion: "v1", kind: "Pod", metadata, spec: { containers: [{ name: "web", image: "web" }] }, status }
}

function warning(about: KubeObject, name: string, fields: Readonly<Record<string, unknown>>): KubeObject {
  const { uid, name: called = "", namespace = "" } = about.metadata
  const involvedObject = { apiVersion: about.apiVersion, kind: about.kind, name: called, namespace, uid }
  const metadata = { name, namespace: "default" }
  return { apiVersion: "v1", kind: "Event", metadata, involvedObject, type: "Warning", ...fields }
}

async function worldWith(...objects: readonly KubeObject[]) {
  const clock = new FakeClock()
  const server = new EmbeddedServer(clock)
  const child = server.put({ ...workload("Deployment", "web"), metadata: { name: "web", namespace: "default" } })
  const stored = objects.map((object) => server.put(object))
  const mapper = await server.mapper()
  const causes = (of = child) => causesOf({ client: server, clock, resourceOf: (gvk) => mapper.byKind(gvk) }, of)
  return { server, child, stored, causes }
}

describe("what is behind a child that is not ready", () => {
  test("its Pods that are not ready, those with the same reason in one line; others' Pods are left out", async () => {
    const same = Array.from({ length: 12 }, (_, i) => pod(`b-${i}`, "ImagePullBackOff"))
    const { causes } = await worldWith(
      pod("a", "CrashLoopBackOff"),
      pod("c"),
      pod("d", "ErrImagePull", "other"),
      ...same,
    )
    expect(await causes()).toMatchObject([
      { object: "Pod/default/a", why: "container web: CrashLoopBackOff", sinceMs: Date.parse("2026-01-01T00:00:00Z") },
      { object: "Pod/default/b-0", why: "container web: ImagePullBackOff (and 11 more Pods)" },
    ])
  })

  test("the latest warning about it and about the first such Pod, shortened", async () => {
    const { server, child, stored, causes } = await worldWith(pod("a", "ErrImagePull"))
    const [first = child] = stored
    const at = (minute: number) => `2026-01-01T00:0${minute}:00Z`
    server.put(warning(child, "1", { reason: "Old", message: "x", lastTimestamp: at(1) }))
    server.put(warning(child, "2", { reason: "New", message: "x".repeat(1_000), lastTimestamp: at(2) }))
    server.put(warning(child, "3", { reason: "Calm", type: "Normal", lastTimestamp: at(3) }))
    server.put(warning(first, "4", { reason: "Failed", message: "no such image", eventTime: "2026-01-01T00:04:00.0Z" }))
    const found = await causes()
    expect(found.map(({ object, why }) => [object, why.slice(0, 21)])).toEqual([
      ["Pod/default/a", "container web: ErrIma"],
      ["Deployment/default/web", `New: ${"x".repeat(16)}`],
      ["Pod/default/a", "Failed: no such image"],
    ])
    expect(found[1]?.why.length).toBeLessThan(400)
  })

  test("a controller that may not make Pods", async () => {
    const { child, causes } = await worldWith()
    const failure = { type: "ReplicaFailure", status: "True", message: "exceeded quota" }
    const refused = { ...child, status: { conditions: [failure] } }
    expect(await causes(refused)).toMatchObject([{ object: "Deployment/default/web", why: "exceeded quota" }])
  })

  test("what may not be read is said", async () => {
    const { server, causes } = await worldWith(pod("a", "ErrImagePull"))
    server.faults.add(({ kind }) => (kind === "Pod" ? new OrkError("api/forbidden", "pods: forbidden") : undefined))
    expect(await causes()).toMatchObject([{ why: expect.stringMatching(/could not be read: .*forbidden/) }])
  })

  test("at most five lines", async () => {
    const pods = Array.from({ length: 8 }, (_, i) => pod(`a-${i}`, `Reason${i}`))
    expect(await (await worldWith(...pods)).causes()).toHaveLength(5)
  })
})
