import { describe, expect, test } from "bun:test"
import { builtinResources, type RequestContext } from "../../../src/apiserver/mod.ts"
import type { KubeObject } from "../../../src/kube/mod.ts"

// The texts are compared with a real server in tests/contract/apiserver/suite-status.ts.

const user = { name: "admin", groups: ["system:masters"] }
const context: RequestContext = { user, now: "2026-01-01T00:00:00Z", subresource: "status", dryRun: false }

function strategyOf(kind: string) {
  return builtinResources().find((one) => one.kind === kind)!.strategy
}

function fields(apiVersion: string, kind: string, status: object): readonly (string | undefined)[] {
  const object = { apiVersion, kind, metadata: { name: "a" }, status }
  return strategyOf(kind)
    .validate(object, object, context)
    .map(({ field }) => field)
}

describe("a status", () => {
  test("counts nothing below nothing, and no more than there is", () => {
    expect(fields("apps/v1", "Deployment", { replicas: 2, readyReplicas: 1, availableReplicas: 1 })).toEqual([])
    expect(fields("apps/v1", "Deployment", { replicas: -1 })).toContain("status.replicas")
    expect(fields("apps/v1", "ReplicaSet", { replicas: 1, readyReplicas: 2 })).toEqual(["status.readyReplicas"])
    expect(fields("policy/v1", "PodDisruptionBudget", { disruptionsAllowed: -1 })).toEqual([
      "status.disruptionsAllowed",
    ])
    expect(fields("v1", "ResourceQuota", { used: { pods: "-1" } })).toEqual(["status.used[pods]"])
  })

  test("of a Deployment leaves its labels alone, that of a flow schema all metadata", () => {
    const old: KubeObject = { apiVersion: "", kind: "", metadata: { name: "a", labels: { a: "b" } }, spec: {} }
    const written = { labels: { a: "c" }, annotations: { d: "e" } }
    const left = (kind: string) => {
      const next = { ...old, kind, metadata: { ...old.metadata, ...written } }
      return strategyOf(kind).prepareUpdate(next, { ...old, kind }, context).metadata
    }
    expect(left("Deployment")).toMatchObject({ labels: { a: "b" }, annotations: { d: "e" } })
    expect(left("ReplicaSet")).toMatchObject({ labels: { a: "c" }, annotations: { d: "e" } })
    expect(left("FlowSchema")).toEqual({ name: "a", labels: { a: "b" } })
  })
})
