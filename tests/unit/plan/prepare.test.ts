import { expect, test } from "bun:test"
import { runOrk } from "../../support/terminal.ts"
import { websiteKatalog } from "../katalog/support.ts"

const katalog = websiteKatalog(`      normalize: { spec: { title: "{{ upper .spec.title }}" } }
      validation: { rules: [{ field: spec.title, notEquals: BAD, message: "{{ .spec.title }} is bad" }] }
      operatorBox: { onReconcile: { configMaps: [{ name: page, data: { title: "{{ .spec.title }}" } }] } }
`)

const template = (title: string) => {
  const cr = `apiVersion: demo.example/v1\nkind: Website\nmetadata: { name: shop }\nspec: { title: ${title} }\n`
  return runOrk(["template", "--cr", "cr.yaml"], { "katalog.yaml": katalog, "cr.yaml": cr })
}

test("ork template shows what is made of the prepared custom resource, and nothing of a denied one", async () => {
  const good = await template("good")
  expect([good.code, good.out]).toEqual([0, expect.stringContaining("title: GOOD")])
  const bad = await template("bad")
  expect([bad.code, bad.out]).toEqual([1, ""])
  expect(bad.err).toContain("BAD is bad")
})
