import { describe, expect, test } from "bun:test"
import { load } from "../../../src/katalog/mod.ts"
import { build } from "../../../src/plan/mod.ts"
import { memoryFiles } from "../../support/files.ts"
import { katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const rules = `apiVersion: orkestra.orkspace.io/v1
kind: Motif
metadata: { name: rules }
inputs: [{ name: max, type: int, default: 5 }]
lifecycle: { maturity: stable }
normalize: { spec: { title: "{{ trimSpace .spec.title }}" } }
admission:
  mutation:
    mutateFirst: true
    rules: [{ field: spec.size, default: "{{ .inputs.max }}" }, { field: spec.tier, default: bronze }]
  validation:
    include: more.yaml
    rules: [{ field: spec.size, max: "{{ .inputs.max }}", message: "at most {{ .inputs.max }}" }]
`
const more =
  'rules: [{ field: spec.title, notEquals: bad, message: "no {{ .spec.title }}", anyOf: [{ field: inputs.max, exists: true }] }]'

function loaded(keys: string, files: Readonly<Record<string, string>> = {}) {
  const box =
    'onReconcile: { configMaps: [{ name: page, data: { title: "{{ .spec.title }}", size: "{{ .spec.size }}", tier: "{{ .spec.tier }}" } }] }'
  const text = katalog(box, keys)
  return load(memoryFiles({ "katalog.yaml": text, "m.yaml": rules, "more.yaml": more, ...files }), ".")
}

function built(keys: string, files: Readonly<Record<string, string>> = {}) {
  const { spec, spans, diagnostics } = loaded(keys, files)
  if (!spec) throw new Error(JSON.stringify(diagnostics))
  return build(spec, spans)
}

async function run(keys: string, spec: Readonly<Record<string, unknown>>) {
  const { plan } = built(keys)
  if (!plan) throw new Error("the Katalog is wrong")
  return World.start(plan, { objects: [website("shop", spec)] })
}
const page = (world: World): unknown => world.server.read("ConfigMap", "default/page")?.["data"]

describe("rules of a Motif", () => {
  test("hold for the custom resources of its importer, with its inputs", async () => {
    await using world = await run("imports: [{ motif: ./m.yaml }]", { title: " hi " })
    expect(page(world)).toEqual({ title: "hi", size: "5", tier: "bronze" })
    await using denied = await run('imports: [{ motif: ./m.yaml, with: { max: "{{ .spec.most }}" } }]', {
      size: 4,
      most: 3,
    })
    expect(page(denied)).toBeUndefined()
    expect(denied.condition("Stalled")).toMatchObject({ reason: "ValidationFailed", message: "at most 3" })
  })

  test("add up with the entry's own, and with files that the Motif includes", async () => {
    const own =
      "imports: [{ motif: ./m.yaml }]\nvalidation: { rules: [{ field: spec.owner, exists: true, message: no owner }] }"
    await using world = await run(own, { title: "bad", size: 9 })
    expect(world.condition("Stalled")?.message).toBe("no bad; at most 5; no owner")
  })

  test("give way to the entry's own for the same field, and that is said", () => {
    const { plan, diagnostics } = built(
      'imports: [{ motif: ./m.yaml }]\nmutation: { rules: [{ field: spec.tier, default: gold }] }\nnormalize: { spec: { title: "{{ .spec.title }}!" } }',
    )
    expect(diagnostics.map(({ code }) => code)).toEqual(["ORK0408", "ORK0408"])
    expect(plan?.operators[0]?.prepare.mutations).toHaveLength(2)
    expect(plan?.operators[0]?.prepare.normalize).toHaveLength(1)
  })

  test("of two Motifs for one field are an error", () => {
    const other = rules.replace("name: rules", "name: others")
    const { diagnostics } = built("imports: [{ motif: ./m.yaml }, { motif: ./o.yaml }]", { "o.yaml": other })
    expect(diagnostics.map(({ code }) => code)).toEqual(["ORK0409", "ORK0409", "ORK0409"])
  })

  test("belong to one CRD, not to the whole Katalog", () => {
    const text = katalog("").replace("spec:", "spec:\n  imports: [{ motif: ./m.yaml }]")
    const { diagnostics } = load(memoryFiles({ "katalog.yaml": text, "m.yaml": rules, "more.yaml": more }), ".")
    expect(diagnostics.filter(({ severity }) => severity === "error").map(({ code }) => code)).toEqual(["ORK0214"])
  })
})
