import { expect, test } from "bun:test"
import { formatKatalog } from "../../../src/katalog/mod.ts"
import { memoryFiles } from "../../support/files.ts"

function formatted(text: string): string {
  const result = formatKatalog(memoryFiles({ "a.yaml": text }), "a.yaml")
  if (!result.ok) throw new Error(result.error.map((d) => `${d.code} ${d.message}`).join("\n"))
  return result.value.after
}

const motif = "apiVersion: orkestra.orkspace.io/v1\nkind: Motif # of pages\nmetadata: { name: m }\n"

const cases: readonly (readonly [name: string, before: string, after: string])[] = [
  [
    "a Motif",
    `${motif}notes:\n  - { name: a, expression: b } # note\nresources:\n  # maps\n  configmaps: # here\n    - name: a\n      labels: [{ key: app, value: web }]\n      anyOf: [] # why\n  onCreate:\n    pvcs: []\nstatus:\n  fields: [{ path: a, value: b, anyOf: [] }]\n`,
    `${motif}notes:\n  functions:\n    - { name: a, expression: b } # note\nresources:\n  # maps\n  configMaps: # here\n    - name: a\n      labels: { app: web }\n      or: [] # why\n  onCreate:\n    persistentVolumeClaims: []\nstatus:\n  fields: [{ path: a, value: b, or: [] }]\n`,
  ],
  [
    "an included operatorBox keeps its key, and what has its place outside of the file",
    "# top\nreconcile: # all\n  workers: 3\n  onReconcile:\n    configmaps: [] # c\n  emit:\n    # st\n    status: { fields: [] }\n",
    "# top\nreconcile: # all\n  workers: 3\n  onReconcile:\n    configMaps: [] # c\n  # st\n  status: { fields: [] }\n",
  ],
  ["an included block", "onDelete:\n  pvcs: [] # p\n", "onDelete:\n  persistentVolumeClaims: [] # p\n"],
  ["included status fields", "fields:\n  - { path: a, anyOf: [] }\n", "fields:\n  - { path: a, or: [] }\n"],
  ["included rules", "rules:\n  - { field: a, anyOf: [] }\n", "rules:\n  - { field: a, or: [] }\n"],
  ["included events", "watch: []\nevents:\n  up: { anyOf: [] }\n", "watch: []\nevents:\n  up: { or: [] }\n"],
  ["included profiles", "profiles:\n  reconciler: {} # r\n", "profiles:\n  reconcile: {} # r\n"],
]

test.each(cases)("%s becomes canonical with its comments, and stays so", (_, before, after) => {
  expect(formatted(before)).toBe(after)
  expect(formatted(after)).toBe(after)
})

test("a Motif in which one thing is set twice, or that is broken, is refused", () => {
  const codes = (text: string) => {
    const result = formatKatalog(memoryFiles({ "a.yaml": text }), "a.yaml")
    return result.ok ? [] : result.error.filter((d) => d.severity === "error").map((d) => d.code)
  }
  expect(codes(`${motif}resources:\n  configmaps: []\n  configMaps: []\n`)).toEqual(["ORK0121"])
  expect(codes(`${motif}---\n${motif}`)).toEqual(["ORK0105"])
  expect(codes("kind: Deployment\n")).toEqual(["ORK0109"])
})
