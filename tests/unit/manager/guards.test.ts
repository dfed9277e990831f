import { describe, expect, test } from "bun:test"
import { OrkError } from "../../../src/base/mod.ts"
import { getPath, type KubeObject } from "../../../src/kube/mod.ts"
import { guardsOf } from "../../../src/plan/mod.ts"
import { katalog, resource, website } from "../../support/makers.ts"
import { planOf, World } from "../../support/world.ts"

const kind = "ValidatingAdmissionPolicy"
const binding = "ValidatingAdmissionPolicyBinding"
const name = "ork-demo-website-deletion"
const box = "onReconcile:\n  configMaps: [{ name: page }]"
const guarded = (more = "true") => katalog(`${box}\ndeletionProtection: ${more}`)
const names = (world: World) =>
  [...world.server.all(kind), ...world.server.all(binding)].map((one) => one.metadata.name)

describe("deletionProtection", () => {
  test("is a policy and its binding, kept as declared and made again", async () => {
    await using world = await World.start(guarded())
    expect(names(world)).toEqual([name, name])
    world.server.edit(kind, name, { spec: { failurePolicy: "Ignore" } })
    world.server.remove(binding, name)
    await world.settle()
    expect(names(world)).toEqual([name, name])
    expect(getPath(world.server.read(kind, name), ["spec", "failurePolicy"])).toBe("Fail")
    world.server.takeWrites()
    await world.advance("1h")
    await world.restart()
    expect(world.server.takeWrites()).toEqual([])
  })

  test("goes when the Katalog has it no more, and policies of others stay", async () => {
    await using world = await World.start(guarded())
    const foreign: KubeObject = {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind,
      metadata: { name: "theirs", labels: { "orkestra.orkspace.io/guards-of": "other" } },
    }
    world.server.put(foreign)
    await world.restart(katalog(box))
    expect(names(world)).toEqual(["theirs"])
  })

  test("stays when ork stops, unless it is asked to go", async () => {
    const world = await World.start(guarded())
    await world.stop()
    expect(names(world)).toHaveLength(2)
    const brief = await World.start(guarded("{ cleanupOnShutdown: true }"))
    expect(names(brief)).toHaveLength(2)
    await brief.stop()
    expect(names(brief)).toEqual([])
  })

  test("that may not be set up holds no operator up, and comes with the permission", async () => {
    const world = await World.start(guarded(), { objects: [website("shop")] })
    await using _world = world
    world.server.remove(kind, name)
    const denied = (call: { readonly verb: string; readonly kind: string }) =>
      call.kind === kind && call.verb === "apply" ? new OrkError("api/forbidden", "may not") : undefined
    world.server.faults.add(denied)
    await world.restart()
    expect(world.condition("Ready")?.status).toBe("True")
    expect(world.lines.filter(({ message }) => message.startsWith("protection is not in place"))).toHaveLength(1)
    world.server.faults.delete(denied)
    await world.advance("6m")
    expect(names(world)).toHaveLength(2)
  })

  test("that nobody wants is looked for once, however often CRDs change", async () => {
    await using world = await World.start(katalog(box))
    const looks = () => world.server.calls.filter((call) => call.verb === "list" && call.kind === kind).length
    expect(looks()).toBe(1)
    for (const note of ["a", "b", "c"]) {
      world.server.edit("CustomResourceDefinition", "websites.demo.example", { metadata: { annotations: { note } } })
      await world.settle()
    }
    expect(looks()).toBe(1)
    await world.want(guarded())
    expect(names(world)).toEqual([name, name])
    await world.want(katalog(box))
    expect(names(world)).toEqual([])
  })

  test("is off with enabled: false", async () => {
    await using world = await World.start(guarded("{ enabled: false }"))
    expect(names(world)).toEqual([])
  })

  test("of security is for every entry that says nothing itself", async () => {
    const text = `security: { deletionProtection: {} }\n${katalog(box)}`
    await using world = await World.start(text)
    expect(names(world)).toEqual([name, name])
  })
})

describe("what is refused", () => {
  const ruleOf = (text: string, more: Parameters<typeof resource>[2] = {}) => {
    const [operator] = planOf(text).operators
    const guards = operator ? guardsOf(operator, resource("demo.example", "Website", more)) : []
    return guards.map(({ objects: [policy] }) => ({
      expression: getPath(policy, ["spec", "validations", 0, "expression"]),
      rules: getPath(policy, ["spec", "matchConstraints", "resourceRules"]),
    }))
  }

  test("deletions of the kind and of its CRD, unless a label releases them", () => {
    const [rule] = ruleOf(guarded())
    expect(rule?.expression).toContain("oldObject != null && has(oldObject.metadata.labels)")
    expect(rule?.rules).toMatchObject([
      { apiGroups: ["demo.example"], resources: ["websites"], operations: ["DELETE"] },
      { resources: ["customresourcedefinitions"], resourceNames: ["websites.demo.example"], operations: ["DELETE"] },
    ])
  })

  test("all of them in strict mode", () => {
    expect(ruleOf(guarded("{ strictMode: true }"))[0]?.expression).toBe("false")
  })

  test("new ones in namespaces that are not worked on", () => {
    const restricted = katalog(`${box}\nnamespaceProtection: { restrictedNamespaces: [kube-system] }`)
    expect(ruleOf(restricted)[0]?.expression).toBe('!(request.namespace in ["kube-system"])')
    const allowed = katalog(`${box}\nnamespaceProtection: true`, "allowedNamespaces: [a, b]")
    expect(ruleOf(allowed)[0]?.expression).toBe('request.namespace in ["a","b"]')
    expect(ruleOf(restricted, { namespaced: false })).toEqual([])
  })

  test("namespaces of the protection are those that the operator works in", () => {
    const [operator] = planOf(katalog(`${box}\nnamespaceProtection: { allowedNamespaces: [a] }`)).operators
    expect(operator?.selection.allowedNamespaces).toEqual(["a"])
  })

  test("nothing is said to be wrong without namespaces but that", () => {
    expect(() => planOf(katalog(`${box}\nnamespaceProtection: true`))).toThrow("ORK0231")
  })
})

test("the HTTP API tells which protection an operator has", async () => {
  await using world = await World.start(guarded())
  expect(world.manager.view.operator("website")?.protection).toEqual({ deletion: true, namespaces: false })
})
