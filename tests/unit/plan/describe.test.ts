import { describe, expect, test } from "bun:test"
import { load } from "../../../src/katalog/mod.ts"
import { build, describePlan, describeText, type PlanDescription } from "../../../src/plan/mod.ts"
import { memoryFiles } from "../../support/files.ts"
import { katalog } from "../../support/makers.ts"

const place = { namespace: "platform", leaseName: "ork-demo" }

function descriptionOf(text: string): PlanDescription {
  const { spec, spans, diagnostics } = load(memoryFiles({ "katalog.yaml": text }), "katalog.yaml")
  const built = spec && build(spec, spans)
  if (!spec || !built?.plan) throw new Error(JSON.stringify([...diagnostics, ...(built?.diagnostics ?? [])]))
  return describePlan(built.plan, [spec], place)
}

function operatorOf(box: string): PlanDescription["operators"][number] {
  const [operator] = descriptionOf(katalog(box)).operators
  if (!operator) throw new Error("no operator")
  return operator
}

describe("a plan is described", () => {
  test("with the defaults that hold", () => {
    expect(operatorOf("{}").settings).toMatchObject({ workers: "3 (default)", resync: "10m", finalizer: "auto" })
  })

  test("block by block, each entry with what is special about it", () => {
    const { blocks } = operatorOf(`
onCreate: { configMaps: [{ name: once, data: { a: b } }] }
onReconcile:
  configMaps:
    - name: "{{ .metadata.name }}-{{ .item }}"
      forEach: { field: spec.list }
      when: [{ field: spec.on, equals: true }]
      or: [{ field: spec.a, exists: true }, { field: spec.b, exists: true }]
      data: { a: b }
      deletionPolicy: retain
onDelete: { configMaps: [{ name: last }] }`)
    expect(blocks.map(({ name, entries }) => [name, entries.map((entry) => entry.name)])).toEqual([
      ["made once", ["once"]],
      ["kept", ["{{ .metadata.name }}-{{ .item }}"]],
      ["removed first on deletion", ["last"]],
    ])
    expect(blocks[1]?.entries[0]?.notes).toEqual([
      "for each of spec.list",
      "when spec.on equals true and (spec.a exists or spec.b exists)",
      "stays when its owner is deleted",
    ])
  })

  test("with the profiles that it names, expanded", () => {
    const { profiles } = operatorOf(
      'onReconcile: { deployments: [{ name: a, image: b, resources: { profile: small }, podSecurity: { profile: "{{ .spec.p }}" } }] }',
    )
    expect(profiles).toMatchObject([
      {
        class: "resources",
        name: "small",
        usedBy: ["onReconcile.deployments[0]"],
        fields: { requests: { cpu: "100m" } },
      },
      { class: "podSecurity", name: "{{ .spec.p }}" },
    ])
    expect(profiles[1]?.fields).toBeUndefined()
  })

  test("as plain data", () => {
    const description = descriptionOf(
      katalog("onReconcile: { deployments: [{ name: a, image: b, resources: { profile: small } }] }"),
    )
    expect(JSON.parse(JSON.stringify(description))).toMatchObject({ katalog: description.katalog })
  })
})

test("as text, operators stand as a tree below what they depend on", () => {
  const crd = (name: string, needs: string) =>
    `    ${name}:\n      apiTypes: { group: demo.example, version: v1, kind: ${name.toUpperCase()} }\n      dependsOn: ${needs}\n      operatorBox: { status: { fields: [] } }\n`
  const head = "apiVersion: orkestra.orkspace.io/v1\nkind: Katalog\nmetadata: { name: t }\nspec:\n  crds:\n"
  const text = describeText(
    descriptionOf(head + crd("a", "[]") + crd("b", "[a]") + crd("c", "{ a: healthy }") + crd("d", "[b]")),
  )
  expect(text.split("\n").slice(2, 6)).toEqual([
    "  a",
    "  ├─ b (needs it started)",
    "  │  └─ d (needs it started)",
    "  └─ c (needs it healthy)",
  ])
})
