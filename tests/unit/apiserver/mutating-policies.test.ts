import { describe, expect, test } from "bun:test"
import { Refusal } from "../../../src/apiserver/mod.ts"
import { LocalCluster } from "../../support/local-cluster.ts"

// What policies make of objects is compared with a real server in tests/contract/apiserver/suite-mutating.ts.

const group = "admissionregistration.k8s.io"
const applying = (expression: string) => ({ patchType: "ApplyConfiguration", applyConfiguration: { expression } })
const patching = (expression: string) => ({ patchType: "JSONPatch", jsonPatch: { expression } })

async function start(resources: readonly string[], spec: object) {
  const cluster = await LocalCluster.start({ pretend: false })
  const make = (kind: string, spec: object) => {
    const object = { apiVersion: `${group}/v1`, kind, metadata: { name: "p" }, spec }
    const resource = kind.endsWith("y") ? `${kind.toLowerCase().slice(0, -1)}ies` : `${kind.toLowerCase()}s`
    return cluster.cluster.api.create({ group, version: "v1", resource }, object, { manager: "t" })
  }
  const rule = { operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources }
  const matchConstraints = { resourceRules: [rule] }
  await make("MutatingAdmissionPolicy", { matchConstraints, reinvocationPolicy: "Never", ...spec })
  await make("MutatingAdmissionPolicyBinding", { policyName: "p" })
  return cluster
}

const configMap = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" }, data: { a: "b" } }

describe("a mutating policy", () => {
  test("merges what it declares, and patches", async () => {
    const merge = applying(
      'Object{metadata: Object.metadata{labels: {"of": object.data.a}}, data: {"z": `1`}}'.replaceAll("`", "'"),
    )
    const patch = patching("[JSONPatch{op: 'remove', path: '/data/a'}]")
    await using cluster = await start(["configmaps"], { mutations: [merge, patch] })
    const made = await cluster.create(configMap)
    expect(made).toMatchObject({ metadata: { labels: { of: "b" } } })
    expect(made["data"]).toEqual({ z: "1" })
  })

  test("that fails refuses the write, unless it is to be ignored", async () => {
    const mutations = [applying("Object{data: {'z': object.data.none}}")]
    await using strict = await start(["configmaps"], { mutations })
    expect(strict.create(configMap)).rejects.toThrow(Refusal)
    await using lenient = await start(["configmaps"], { mutations, failurePolicy: "Ignore" })
    expect((await lenient.create(configMap))["data"]).toEqual({ a: "b" })
  })

  test("may add a container, which gets what containers get", async () => {
    const sidecar = "Object{spec: Object.spec{containers: [Object.spec.containers{name: 's', image: 's'}]}}"
    await using cluster = await start(["pods"], { mutations: [applying(sidecar)] })
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "a" },
      spec: { containers: [{ name: "a", image: "a" }] },
    }
    const { spec } = cluster.get("v1", "Pod", (await cluster.create(pod)).metadata.name ?? "")
    expect(spec.containers.map(({ name }: { name: string }) => name)).toEqual(["a", "s"])
    for (const { volumeMounts, imagePullPolicy } of spec.containers) {
      expect(volumeMounts).toHaveLength(1)
      expect(imagePullPolicy).toBe("Always")
    }
  })

  test("is not stored when its expression gives something else", async () => {
    for (const expression of ["1", "[1]", "object", "Object{", "JSONPatch{op: 'add'}"]) {
      expect(start(["configmaps"], { mutations: [applying(expression)] })).rejects.toThrow(Refusal)
    }
  })
})
