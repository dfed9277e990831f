import { describe, expect, test } from "bun:test"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { apiVersionOf, builtinKinds, isRecord } from "../../../src/kube/mod.ts"
import { type AccessRule, accessOf, clusterRoleOf, pluralsOf, processAccess } from "../../../src/plan/access.ts"
import type { OperatorPlan } from "../../../src/plan/mod.ts"
import { katalog } from "../../support/makers.ts"
import { planOf } from "../../support/world.ts"

const place = { namespace: "platform", leaseName: "ork-demo" }

function rulesOf(box: string): readonly AccessRule[] {
  const { operators } = planOf(katalog(box))
  const [operator] = operators
  if (!operator) throw new Error("no operator")
  return accessOf(operator, pluralsOf(operators))
}

/** `apps/deployments: get list`, in the order of the rules. */
function short(rules: readonly AccessRule[]): readonly string[] {
  return rules.map(({ group, resource, namespace, verbs }) => {
    const where = namespace === undefined ? "" : ` in ${namespace}`
    return `${group && `${group}/`}${resource}${where}: ${verbs.join(" ")}`
  })
}

const making = "get list watch create patch delete"

describe("an operator must be allowed", () => {
  test("to follow its custom resources, keep its children and write the status", () => {
    expect(short(rulesOf("onReconcile: { deployments: [{ name: a, image: b }, { name: c, image: d }] }"))).toEqual([
      "demo.example/websites: list watch patch",
      "demo.example/websites/finalizers: update",
      "demo.example/websites/status: patch",
      `apps/deployments: ${making}`,
    ])
  })

  test("only to read where it makes nothing and writes nothing", () => {
    expect(short(rulesOf("status: { conditions: false, fields: [] }"))).toEqual(["demo.example/websites: list watch"])
  })

  test("only to remove what is named for deletion alone", () => {
    const rules = rulesOf("onDelete: { configMaps: [{ name: a }] }")
    expect(short(rules).at(-1)).toBe("configmaps: list watch delete")
  })

  test("to note what was made once", () => {
    const [own] = rulesOf("onCreate: { configMaps: [{ name: a, data: { a: b } }] }")
    expect(own?.reason).toContain("made once")
  })

  test("to follow the sources of copies, in one namespace where that is fixed", () => {
    const copy = (from: string) =>
      short(rulesOf(`onReconcile: { secrets: [{ name: a, fromSecret: b, fromNamespace: "${from}" }] }`))
    expect(copy("platform")).toContain("secrets in platform: list watch")
    expect(copy("{{ .spec.from }}")).toContain(`secrets: ${making}`)
    expect(copy("{{ .spec.from }}").filter((rule) => rule.startsWith("secrets"))).toHaveLength(1)
  })

  test("to give rights away where it makes roles and bindings", () => {
    const rules = (list: string) => short(rulesOf(`onReconcile: { ${list} }`)).filter((rule) => rule.includes("rbac"))
    const group = "rbac.authorization.k8s.io"
    const role = "{ name: a, rules: [{ apiGroups: [''], resources: [pods], verbs: [get] }] }"
    expect(rules(`roles: [${role}]`)).toEqual([`${group}/roles: ${making} escalate`])
    const binding = (kind: string) =>
      `roleBindings: [{ name: a, roleRef: { kind: "${kind}", name: b }, subjects: [{ kind: User, name: c }] }]`
    expect(rules(binding("ClusterRole"))).toEqual([`${group}/rolebindings: ${making}`, `${group}/clusterroles: bind`])
  })

  test("to read what enriches its children, only for kinds that it makes", () => {
    const text = katalog(`onReconcile: { services: [{ name: a, port: 80, selector: { a: b } }] }`)
    const [operator] = planOf(text).operators
    if (!operator) throw new Error("no operator")
    const { gate } = operator.resources[0] ?? { gate: undefined }
    if (!gate) throw new Error("no gate")
    const targets = ["endpoints", "pods", "events", "node"] as const
    const enriched: OperatorPlan = { ...operator, enrich: targets.map((target) => ({ target, gate })) }
    const rules = short(accessOf(enriched, pluralsOf([enriched])))
    expect(rules.slice(-2)).toEqual(["discovery.k8s.io/endpointslices: list watch", "events.k8s.io/events: list watch"])
  })
})

test("every rule has a reason", () => {
  const rules = [...rulesOf("onReconcile: { deployments: [{ name: a, image: b }] }"), ...processAccess(place)]
  expect(rules.filter(({ reason }) => reason === "")).toEqual([])
})

test("a kind whose plural nobody knows is shown in the usual form", () => {
  const rules = rulesOf(
    "onReconcile: { manifests: [{ apiVersion: a.example/v1, kind: Gadget, metadata: { name: a } }] }",
  )
  expect(short(rules)).toContain(`a.example/gadgets: ${making}`)
})

describe("the process needs", () => {
  test("the CRDs, events, and a Lease in its own namespace", () => {
    expect(short(processAccess(place).filter(({ required }) => required))).toEqual([
      "apiextensions.k8s.io/customresourcedefinitions: list watch",
      "events.k8s.io/events: create patch",
      "coordination.k8s.io/leases in platform: get list create update delete",
    ])
  })

  test("to list each kind that entries can make, which is optional", () => {
    const optional = processAccess(place).filter(({ required }) => !required)
    expect(short(optional)).toContain("secrets: list")
    expect(optional.every(({ verbs }) => verbs.join() === "list")).toBe(true)
    expect(short(optional)).not.toContain("coordination.k8s.io/leases: list")
  })
})

test("a ClusterRole has one rule per resource, and the optional ones only when asked", () => {
  const plan = planOf(katalog("onReconcile: { configMaps: [{ name: a, data: { a: b } }] }"))
  const rules = (optional: boolean) => {
    const { rules: list } = clusterRoleOf(plan, place, { name: "ork", optional })
    return (Array.isArray(list) ? list : [])
      .filter(isRecord)
      .map(({ apiGroups, resources }) => `${apiGroups}/${resources}`)
  }
  expect(rules(false)).toContain("/configmaps")
  expect(rules(false)).not.toContain("/secrets")
  expect(rules(true)).toContain("/secrets")
  expect(new Set(rules(true)).size).toBe(rules(true).length)
})

test("every kind whose schema is shipped has its plural", () => {
  const shipped: { readonly kinds: object } = JSON.parse(
    readFileSync(join(import.meta.dir, "../../../src/kube/data/schemas.json"), "utf8"),
  )
  const known = new Set(builtinKinds.map(({ gvk }) => `${apiVersionOf(gvk)}/${gvk.kind}`))
  expect(Object.keys(shipped.kinds).filter((kind) => !known.has(kind))).toEqual([])
})
