import { expect, test } from "bun:test"
import { positionOf } from "../../../src/base/mod.ts"
import { errorCodes, loadEntry, loadText, websiteKatalog } from "./support.ts"

function placeOf(loaded: ReturnType<typeof loadText>, path: string): string | undefined {
  const span = loaded.spans.locate(path, "value")
  return span && `${span.file.path}:${positionOf(span.file, span.start).line}`
}

test("included status fields come first, and each is found in its own file", () => {
  const body =
    "      operatorBox:\n        status:\n          include: s.yaml\n          fields:\n            - { path: own, value: 1 }\n"
  const loaded = loadText(websiteKatalog(body), { "s.yaml": "fields:\n  - path: ready\n    value: 2\n" })
  const fields = loaded.spec?.crds[0]?.operatorBox.status.fields ?? []
  expect(fields.map((field) => [field.path, placeOf(loaded, `${field.at}.value`)])).toEqual([
    ["ready", "s.yaml:3"],
    ["own", "katalog.yaml:11"],
  ])
})

test("a reconcile block in a file is merged under the inline one, in any published layout", () => {
  const reconcile = "reconciler:\n  workers: 7\n  resync: 1h\n  onReconcile:\n    configmaps: [{ name: a }]\n"
  for (const key of ["reconcile", "reconciler"]) {
    const body = `      operatorBox:\n        ${key}: { include: parts/r.yaml, resync: 20s, onReconcile: { configMaps: [{ name: b }] } }\n`
    const entry = loadEntry(body, { "parts/r.yaml": reconcile })
    expect([entry.workers, Number(entry.resync)]).toEqual([7, 20_000])
    expect(entry.operatorBox.onReconcile?.entries.map(({ id, fields }) => [id, fields["name"]])).toEqual([
      ["onReconcile.configMaps[0]", "a"],
      ["onReconcile.configMaps[1]", "b"],
    ])
  }
})

test("a block includes a file that begins with its own name", () => {
  const body = "      operatorBox:\n        onCreate: { include: c.yaml }\n"
  const entry = loadEntry(body, { "c.yaml": "onCreate:\n  configMaps: [{ name: a }]\n" })
  expect(entry.operatorBox.onCreate?.entries).toHaveLength(1)
})

test("an included note gives way to an inline one of the same name", () => {
  const text = `notes:\n  include: n.yaml\n  functions:\n    - { name: a, expression: inline }\n${websiteKatalog()}`
  const { spec } = loadText(text, {
    "n.yaml": "functions:\n  - { name: a, expression: included }\n  - { name: b, expression: included }\n",
  })
  expect(spec?.notes.map(({ name, expression }) => [name, expression])).toEqual([
    ["b", "included"],
    ["a", "inline"],
  ])
})

test("a mistake in an included file is reported in that file", () => {
  const body = "      operatorBox:\n        status: { include: s.yaml }\n"
  const { diagnostics } = loadText(websiteKatalog(body), { "s.yaml": "fields:\n  - { path: a, valu: 1 }\n" })
  const [wrong] = diagnostics.filter(({ code }) => code === "ORK0107")
  expect([wrong?.span?.file.path, wrong?.path]).toEqual([
    "s.yaml",
    "spec.crds.website.operatorBox.status.fields[0].valu",
  ])
})

test.each([
  ["does not exist", {}, "ORK0201"],
  ["is no YAML", { "s.yaml": "fields: [" }, "ORK0102"],
  ["is empty", { "s.yaml": "" }, "ORK0210"],
  ["is a list", { "s.yaml": "- path: a\n" }, "ORK0210"],
  ["has another root key", { "s.yaml": "rules: []\n" }, "ORK0210"],
  ["has two root keys", { "s.yaml": "fields: []\nrules: []\n" }, "ORK0210"],
  ["has two documents", { "s.yaml": "fields: []\n---\nfields: []\n" }, "ORK0210"],
  ["is the Katalog itself", { "s.yaml": websiteKatalog() }, "ORK0210"],
])("an included file that %s is an error", (_, files, code) => {
  expect(errorCodes(websiteKatalog("      operatorBox:\n        status: { include: s.yaml }\n"), files)).toEqual([code])
})

test("an included file cannot include", () => {
  const body = "      operatorBox:\n        reconcile: { include: r.yaml }\n"
  const files = { "r.yaml": "reconcile:\n  onReconcile: { include: x.yaml }\n" }
  expect(errorCodes(websiteKatalog(body), files)).toEqual(["ORK0211"])
})

test.each(["", "spec."])("%sprofiles include a file that begins with profiles", (prefix) => {
  const include = "profiles: { include: p.yaml, resources: { own: { limits: { cpu: 1 } } } }"
  const text =
    prefix === "" ? `${include}\n${websiteKatalog()}` : websiteKatalog().replace("spec:\n", `spec:\n  ${include}\n`)
  const { spec, diagnostics } = loadText(text, {
    "p.yaml": "profiles:\n  resources:\n    shared: { limits: { cpu: 2 } }\n",
  })
  expect(diagnostics).toEqual([])
  expect(spec?.profiles.map(({ name }) => name).sort()).toEqual(["own", "shared"])
})

test("profiles of a Motif come after the Katalog's own, and give way to them", () => {
  const motif = (cpu: number) =>
    `apiVersion: orkestra.orkspace.io/v1\nkind: Motif\nmetadata: { name: m }\nprofiles: { resources: { a: { limits: { cpu: ${cpu} } } } }\n`
  const text = `profiles: { resources: { b: { limits: { cpu: 1 } } } }\n${websiteKatalog("      imports: [{ motif: ./m.yaml }]\n")}`
  const { spec } = loadText(text, { "m.yaml": motif(2) })
  expect(spec?.profiles.map(({ name }) => name)).toEqual(["b", "a"])
})
