import { describe, expect, test } from "bun:test"
import { builtinWarnings } from "../../../src/apiserver/builtin-warnings.ts"

const container = { name: "c", image: "i" }
const pod = (spec: object, metadata: object = {}) => ({
  ...{ apiVersion: "v1", kind: "Pod", metadata: { name: "a", ...metadata } },
  spec: { containers: [container], ...spec },
})
const env = (...values: readonly string[]) => ({
  containers: [{ ...container, env: values.map((value) => ({ name: "A", value })) }],
})

describe("what deserves a warning", () => {
  test.each([
    ["an old label of nodes", pod({ nodeSelector: { "beta.kubernetes.io/os": "linux" } }), 1],
    ["a new one", pod({ nodeSelector: { "kubernetes.io/os": "linux" } }), 0],
    ["a variable that hides another", pod(env("1", "2")), 1],
    ["a variable that adds to another", pod(env("1", "$(A)2")), 0],
    [
      "a port that is there twice",
      pod({ containers: [{ ...container, ports: [{ containerPort: 1 }, { containerPort: 1 }] }] }),
      1,
    ],
    ["a name with a dot", pod({}, { name: "a.b" }), 1],
    ["half a byte", pod({ containers: [{ ...container, resources: { limits: { memory: "500m" } } }] }), 1],
    ["half a core", pod({ containers: [{ ...container, resources: { limits: { cpu: "500m" } } }] }), 0],
    ["a spread of no Pods", pod({ topologySpreadConstraints: [{ topologyKey: "x" }] }), 1],
    ["a Git repository", pod({ volumes: [{ name: "v", gitRepo: {} }] }), 1],
  ])("%s", (_, object, count) => {
    expect(builtinWarnings(object, undefined)).toHaveLength(count)
  })

  test("a Pod that changes is none", () => {
    const object = pod(env("1", "2"))
    expect(builtinWarnings(object, object)).toEqual([])
  })

  test("a template is looked at when its object's generation grows", () => {
    const deployment = (generation: number) => ({
      ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "a", generation } },
      spec: { template: pod(env("1", "2")) },
    })
    const [warning] = builtinWarnings(deployment(2), deployment(1))
    expect(warning).toStartWith("spec.template.spec.containers[0].env[1]: hides")
    expect(builtinWarnings(deployment(1), deployment(1))).toEqual([])
  })
})
