import { expect, test } from "bun:test"
import { seeded } from "../../../src/base/mod.ts"
import { yamlWithComments } from "../../../src/katalog/mod.ts"
import { build, placesOf, renderEntry } from "../../../src/plan/mod.ts"
import { loadText, websiteKatalog } from "./support.ts"

/** The places of the first object that the first entry renders to. */
function places(box: string, spec: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, string>> {
  const { spec: katalog, spans } = loadText(websiteKatalog(`      operatorBox:\n        onReconcile:\n${box}`))
  const plan = katalog && build(katalog, spans).plan
  const [resource] = plan?.operators[0]?.resources ?? []
  if (resource === undefined) throw new Error("the Katalog is wrong")
  const scope = { data: { metadata: { name: "n" }, spec }, nowMs: 0, random: seeded(1) }
  const [rendered] = renderEntry(resource, scope).rendered
  return rendered === undefined ? {} : Object.fromEntries(placesOf(rendered, scope))
}

const lines = (...texts: readonly string[]) => texts.map((text) => `          ${text}\n`).join("")

test("each field points to where it was written, what nobody wrote to its entry", () => {
  const box = lines("configMaps:", "  - name: a", "    data:", '      x: "{{ .spec.x }}"', "      y: z")
  expect(places(box, { x: 1 })).toEqual({
    apiVersion: "katalog.yaml:10:15",
    kind: "katalog.yaml:10:15",
    "metadata.name": "katalog.yaml:10:21",
    "data.x": "katalog.yaml:12:20",
    "data.y": "katalog.yaml:13:20",
  })
})

test("all of a map that one template yields was written there", () => {
  const box = lines("configMaps:", "  - name: a", '    data: "{{ .spec.map }}"')
  expect(places(box, { map: { b: "1", c: "2" } })).toMatchObject({
    "data.b": "katalog.yaml:11:21",
    "data.c": "katalog.yaml:11:21",
  })
})

test("merged values point to the one that won", () => {
  const box = lines(
    "deployments:",
    "  - image: x",
    "    labels: { team: a }",
    "    overrides:",
    "      spec:",
    "        replicas: 4",
    "        template: { spec: { containers: [{ name: n-deployment, image: y }] } }",
  )
  expect(places(box)).toMatchObject({
    "spec.replicas": "katalog.yaml:14:29",
    "spec.template.spec.containers[0].image": "katalog.yaml:15:81",
    "metadata.labels.team": "katalog.yaml:11:31",
  })
})

test("a secret's data points to the plain text that was encoded", () => {
  const box = lines("secrets:", "  - name: a", "    data: { user: root }")
  expect(places(box)).toMatchObject({ "data.user": "katalog.yaml:11:29" })
})

test("elements of forEach have the places of their entry", () => {
  const box = lines(
    "configMaps:",
    '  - name: "{{ .item }}"',
    "    forEach: { field: spec.l }",
    '    data: { v: "{{ .item }}" }',
  )
  expect(places(box, { l: ["a", "b"] })).toMatchObject({ "data.v": "katalog.yaml:12:26" })
})

test("what a list leaves out closes up", () => {
  const box = lines(
    "manifests:",
    "  - apiVersion: x.example/v1",
    "    kind: Thing",
    "    metadata: { name: a }",
    "    list:",
    '      - "{{ .spec.none }}"',
    "      - b",
  )
  expect(places(box)).toMatchObject({ "list[0]": "katalog.yaml:15:19" })
})

test("comments stand behind scalars, and above empty collections and block texts", () => {
  const text = yamlWithComments({ a: 1, b: { c: "no" }, d: [], e: "x\ny\n" }, (path) => `at ${path}`)
  expect(text).toBe('a: 1 # at a\nb:\n  c: "no" # at b.c\n# at d\nd: []\n# at e\ne: |\n  x\n  y\n')
})
