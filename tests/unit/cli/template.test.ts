import { describe, expect, test } from "bun:test"
import { runOrk } from "../../support/terminal.ts"
import { websiteCrd } from "../katalog/support.ts"

const katalog = `apiVersion: orkestra.orkspace.io/v1
kind: Katalog
spec:
  crds:
    base:
      apiTypes: { group: demo.example, version: v1, kind: Base }
    website:
      crdFile: crd.yaml
      crFiles: [cr.yaml]
      dependsOn: [base]
      operatorBox:
        onReconcile:
          configMaps:
            - name: "{{ .metadata.name }}"
              data: { size: "{{ .spec.size }}" }
          namespaces:
            - name: "{{ .metadata.name }}-space"
`
const schema = `      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties: { size: { type: string, default: small, enum: [small, large] } }
`
const crd = websiteCrd.replace(
  "    - { name: v1, served: true, storage: true }\n",
  `    - name: v1\n      served: true\n      storage: true\n${schema}`,
)
const cr = (name: string, spec = "{}") =>
  `apiVersion: demo.example/v1\nkind: Website\nmetadata: { name: ${name} }\nspec: ${spec}\n`
const files = { "katalog.yaml": katalog, "crd.yaml": crd, "cr.yaml": cr("a"), "b.yaml": cr("b", "{ size: large }") }

/** A Katalog that copies the ConfigMap `source`, beside an entry of its own. */
const copying = (source: string, keys: string) => `apiVersion: orkestra.orkspace.io/v1
kind: Katalog
spec:
  crds:
    website:
      crdFile: crd.yaml
      crFiles: [cr.yaml]
      ${keys}
      operatorBox:
        onReconcile:
          configMaps:
            - { id: copied, name: copy, fromConfigMap: ${source} }
            - { id: rest, name: rest, data: { a: a } }
`

async function objects(args: readonly string[], texts: Readonly<Record<string, string>> = files) {
  const { code, out, err } = await runOrk(["template", "-o", "json", ...args], texts)
  return { code, err, ...JSON.parse(out || "{}") }
}

describe("ork template", () => {
  test("renders the samples of the Katalog, with the defaults of their CRD", async () => {
    const { code, objects: made } = await objects([])
    expect(code).toBe(0)
    expect(made.map((one: { object: unknown }) => one.object)).toEqual([
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "default" }, data: { size: "small" } },
      { apiVersion: "v1", kind: "Namespace", metadata: { name: "a-space" } },
    ])
  })

  test("renders the custom resources that it is given instead", async () => {
    const { objects: made } = await objects(["--cr", "b.yaml", "--cr", "cr.yaml"])
    expect(made.map((one: { cr: string }) => one.cr)).toEqual([
      "Website/default/b",
      "Website/default/b",
      "Website/default/a",
      "Website/default/a",
    ])
  })

  test("says where each field comes from", async () => {
    const { objects: made } = await objects(["--provenance"])
    expect(made[0].provenance).toMatchObject({ "data.size": "katalog.yaml:15:29" })
    const yaml = await runOrk(["template", "--provenance"], files)
    expect(yaml.out).toContain("  size: small # katalog.yaml:15:29\n")
    expect((await runOrk(["template"], files)).out).toContain("  size: small\n")
  })

  test("prints what waits for what", async () => {
    const { code, out } = await runOrk(["template", "--graph"], files)
    expect(code).toBe(0)
    expect(out.split("\n").slice(1, 5)).toEqual([
      "website  demo.example/v1, Kind=Website",
      "│  makes ConfigMap, Namespace",
      "└─ base (started)  demo.example/v1, Kind=Base",
      "      makes nothing",
    ])
  })

  test("a custom resource that its CRD refuses is reported and exits with 1", async () => {
    const {
      code,
      err,
      objects: made,
      ok,
    } = await objects(["--cr", "x.yaml"], { ...files, "x.yaml": cr("x", "{ size: huge }") })
    expect([code, made, ok]).toEqual([1, [], false])
    expect(err).toContain("x.yaml: Website x: spec.size")
  })

  test("an entry that fails is reported at its line and exits with 1, the others are printed", async () => {
    const broken = katalog.replace("{{ .spec.size }}", '{{ fail \\"no\\" }}')
    const { code, err, objects: made } = await objects([], { ...files, "katalog.yaml": broken })
    expect([code, made.length]).toEqual([1, 1])
    expect(err).toContain("katalog.yaml:15:29")
  })

  test("a wrong Katalog exits with 2", async () => {
    const { code, out } = await runOrk(["template"], { ...files, "katalog.yaml": katalog.replace("data:", "dta:") })
    expect([code, out]).toEqual([2, ""])
  })

  test("a kind that nobody runs exits with 1", async () => {
    const { code, problems } = await objects(["--cr", "o.yaml"], {
      ...files,
      "o.yaml": cr("o").replace("Website", "Other"),
    })
    expect([code, problems.length]).toEqual([1, 1])
  })

  test("a copy takes its source from what the Katalog brings", async () => {
    const source = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: base }\ndata: { a: b }\n"
    const texts = { ...files, "katalog.yaml": copying("base", "setup: [source.yaml]"), "source.yaml": source }
    const { code, err, objects: made, waits } = await objects([], texts)
    expect([code, err, waits]).toEqual([0, "", []])
    expect(made[0].object).toMatchObject({ metadata: { name: "copy" }, data: { a: "b" } })
    const sample = { ...texts, "katalog.yaml": copying("base", ""), "cr.yaml": `${cr("a")}---\n${source}` }
    expect((await objects([], sample)).objects[0].object).toMatchObject({ data: { a: "b" } })
  })

  test("a copy whose source is only in the cluster is named, the rest is printed, and it exits with 0", async () => {
    const { code, err, ok, objects: made, waits } = await objects([], { ...files, "katalog.yaml": copying("far", "") })
    expect([code, ok, made.map((one: { entry: string }) => one.entry), waits.length]).toEqual([0, true, ["rest"], 1])
    expect(err).toContain("ConfigMap/default/far")
  })

  test("prints the graph for programs", async () => {
    const { code, out } = await runOrk(["template", "--graph", "-o", "json"], files)
    expect(code).toBe(0)
    expect(JSON.parse(out)).toEqual({
      operators: [
        { name: "base", gvk: "demo.example/v1, Kind=Base", dependsOn: [], makes: [] },
        {
          name: "website",
          gvk: "demo.example/v1, Kind=Website",
          dependsOn: [{ name: "base", condition: "started" }],
          makes: ["/v1, Kind=ConfigMap", "/v1, Kind=Namespace"],
        },
      ],
    })
  })
})
