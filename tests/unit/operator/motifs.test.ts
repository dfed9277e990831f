import { expect, test } from "bun:test"
import { load } from "../../../src/katalog/mod.ts"
import { build, type Plan } from "../../../src/plan/mod.ts"
import { memoryFiles } from "../../support/files.ts"
import { katalog, website } from "../../support/makers.ts"
import { World } from "../../support/world.ts"

const motif = `apiVersion: orkestra.orkspace.io/v1
kind: Motif
metadata: { name: m }
inputs: [{ name: n }]
resources: { configMaps: [{ name: "{{ .inputs.n }}", data: { by: motif } }] }
`

function planOf(box: string, imports: string): Plan {
  const text = katalog(box).replace("      operatorBox:", `      imports: [${imports}]\n      operatorBox:`)
  const { spec, spans } = load(memoryFiles({ "katalog.yaml": text, "m.yaml": motif }), ".")
  const plan = spec && build(spec, spans).plan
  if (plan === undefined) throw new Error("the Katalog is wrong")
  return plan
}

const named = (path: string) => `{ motif: ./m.yaml, with: { n: "{{ ${path} }}" } }`
const cr = website("shop", { title: "shop" })

test("the Katalog's own object wins over a Motif's that turns out to be the same", async () => {
  const box = 'onReconcile: { configMaps: [{ name: "{{ .metadata.name }}", data: { by: katalog } }] }'
  await using world = await World.start(planOf(box, named(".spec.title")), { objects: [cr] })
  expect(world.server.all("ConfigMap").map((map) => map["data"])).toEqual([{ by: "katalog" }])
})

test("objects of two Motifs that turn out to be the same are not applied", async () => {
  const plan = planOf("onReconcile: {}", `${named(".spec.title")}, ${named(".metadata.name")}`)
  await using world = await World.start(plan, { objects: [cr] })
  expect(world.server.all("ConfigMap")).toEqual([])
})
