import { expect, test } from "bun:test"
import { load } from "../../../src/katalog/mod.ts"
import { volume } from "../../../src/katalog/volume.ts"
import { regexCost, regexesKept } from "../../../src/kube/mod.ts"
import { memoryFiles } from "../../support/files.ts"

const head = "apiVersion: orkestra.orkspace.io/v1\nkind: Katalog\nmetadata: { name: a }\n"
const entry = (kind: string, more = "") =>
  `{ apiTypes: { group: a.b, version: v1, kind: ${kind}, plural: ${kind.toLowerCase()}s }${more} }`

function codesOf(text: string, files: Readonly<Record<string, string>> = {}): readonly string[] {
  return load(memoryFiles({ "katalog.yaml": head + text, ...files }), ".").diagnostics.map(({ code }) => code)
}

const crds = (count: number) =>
  `spec:\n  crds:\n${Array.from({ length: count }, (_, i) => `    c${i}: ${entry(`K${i}`)}\n`).join("")}`

test("CRD entries: as many as a Katalog may hold are fine, one more is told", () => {
  expect(codesOf(crds(volume.crds))).toEqual([])
  expect(codesOf(crds(volume.crds + 1))).toEqual(["ORK0115"])
})

/** Different expressions of 500 pieces, and one of as many as are asked for. */
function conditions(pieces: number): readonly string[] {
  const of500 = Array.from({ length: Math.floor(pieces / 500) }, (_, i) => `a{497}${String(i).padStart(3, "0")}`)
  const rest = pieces % 500
  return rest === 0 ? of500 : [...of500, "b".repeat(rest)]
}

const when = (patterns: readonly string[]) =>
  `[${patterns.map((pattern) => `{ field: spec.a, regex: "${pattern}" }`).join(", ")}]`
const inKatalog = (patterns: readonly string[]) =>
  `spec:\n  crds:\n    a: ${entry("A", `, operatorBox: { onReconcile: { configMaps: [{ name: a, when: ${when(patterns)} }] } }`)}\n`

test("expressions: as many pieces as a Katalog may hold are fine, one more is told at its place", () => {
  expect(conditions(volume.regexPieces).reduce((sum, pattern) => sum + regexCost(pattern), 0)).toBe(volume.regexPieces)
  expect(codesOf(inKatalog(conditions(volume.regexPieces)))).toEqual([])
  const text = inKatalog([...conditions(volume.regexPieces + 1), "c"])
  const { diagnostics } = load(memoryFiles({ "katalog.yaml": head + text }), ".")
  expect(diagnostics).toMatchObject([{ code: "ORK0115", span: { start: (head + text).indexOf('"b"') } }])
})

test("the long form counts as the short one does", () => {
  const text = inKatalog(conditions(volume.regexPieces + 1)).replaceAll("regex:", "operator: regex, value:")
  expect(codesOf(text)).toEqual(["ORK0115"])
})

test("an expression that is repeated counts once, as long as it is kept", () => {
  const [pattern = ""] = conditions(500)
  expect(codesOf(inKatalog(Array(201).fill(pattern)))).toEqual([])
  const many = Array.from({ length: regexesKept + 1 }, (_, i) => `a{100}${String(i).padStart(3, "0")}`)
  expect(codesOf(inKatalog(many))).toEqual([])
  expect(codesOf(inKatalog([...many, ...many]))).toEqual(["ORK0115"])
})

test("a Motif is bounded as a Katalog is", () => {
  const motif = (pieces: number) =>
    `apiVersion: orkestra.orkspace.io/v1\nkind: Motif\nmetadata: { name: m }\nresources: { configMaps: [{ name: a, when: ${when(conditions(pieces))} }] }\n`
  const text = `spec:\n  crds:\n    a: ${entry("A", ", imports: [{ motif: ./m.yaml }]")}\n`
  expect(codesOf(text, { "m.yaml": motif(volume.regexPieces) })).toEqual([])
  expect(codesOf(text, { "m.yaml": motif(volume.regexPieces + 1) })).toEqual(["ORK0115"])
})

test("classes of many characters cost more than their length", () => {
  expect(regexCost("[^a]".repeat(10))).toBeGreaterThan(400)
  expect(regexCost("[a-z]{3}")).toBe(3)
})
