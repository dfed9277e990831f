import { expect, test } from "bun:test"
import { seeded } from "../../../src/base/mod.ts"
import { build, renderEntry } from "../../../src/plan/mod.ts"
import { errorCodes, loadText, websiteKatalog } from "./support.ts"

function note(name: string, expression: string, more = ""): string {
  return `    - { name: ${name}, expression: '${expression}'${more} }\n`
}

function katalogWith(notes: string, value: string, more = ""): string {
  const box = `      operatorBox:\n        onReconcile:\n          configMaps: [{ name: a, data: { v: '${value}' } }]\n`
  return `notes:\n  functions:\n${notes}${websiteKatalog(more + box)}`
}

function built(text: string, files: Readonly<Record<string, string>> = {}) {
  const { spec, spans, diagnostics } = loadText(text, files)
  if (spec === undefined) throw new Error(diagnostics.map(({ message }) => message).join("\n"))
  return build(spec, spans)
}

/** What the template `value` gives for a custom resource. */
function resultOf(text: string, spec: Readonly<Record<string, unknown>> = {}, files = {}): unknown {
  const { plan, diagnostics } = built(text, files)
  const [resource] = plan?.operators[0]?.resources ?? []
  if (resource === undefined) throw new Error(diagnostics.map(({ message }) => message).join("\n"))
  const result = renderEntry(resource, { data: { metadata: { name: "n" }, spec }, nowMs: 0, random: seeded(1) })
  if (result.failures.length > 0) return result.failures.map(({ message }) => message)
  const [made] = result.rendered
  const data = made?.object["data"]
  return typeof data === "object" && data !== null && "v" in data ? data.v : undefined
}

test("notes may call each other in any order, and built-in functions", () => {
  const notes = note("host", "{{ prefix }}.{{ .spec.domain | upper }}") + note("prefix", "{{ .metadata.name }}")
  expect(resultOf(katalogWith(notes, "https://{{ host }}/"), { domain: "a.b" })).toBe("https://n.A.B/")
})

test("a note reads the caller's root, wherever it is called", () => {
  const text = katalogWith(note("name", "{{ .metadata.name }}"), "{{ range .spec.l }}{{ name }}{{ . }}{{ end }}")
  expect(resultOf(text, { l: ["x", "y"] })).toBe("nxny")
})

test("a note that is one action keeps its type, any other is a text", () => {
  expect(resultOf(katalogWith(note("list", "{{ .spec.l }}"), "{{ len list }}"), { l: [1, 2] })).toBe(2)
  expect(resultOf(katalogWith(note("n", "{{ .spec.n }}0"), "{{ n }}"), { n: 1 })).toBe("10")
})

const said = note("prod", "{{ if .spec.p }}true{{ else }}false{{ end }}")
test.each([
  ["{{ if prod }}a{{ else }}b{{ end }}", "b"],
  ["{{ if not prod }}a{{ else }}b{{ end }}", "a"],
  ["{{ if and true prod }}a{{ else }}b{{ end }}", "b"],
  ["{{ if or prod false }}a{{ else }}b{{ end }}", "b"],
  ['{{ if eq prod "false" }}a{{ else }}b{{ end }}', "a"],
  ["{{ prod }}!", "false!"],
  ['{{ if "false" }}a{{ else }}b{{ end }}', "a"],
])("the text that a note says counts as truth: %s", (value, wanted) => {
  expect(resultOf(katalogWith(said, value.replaceAll("'", "''")))).toBe(wanted)
})

test("a note of one action compares with a text, too", () => {
  const notes = note("prod", '{{ eq .spec.tier "prod" }}')
  const value = '{{ if eq prod "true" }}a{{ else }}b{{ end }}'
  expect(resultOf(katalogWith(notes, value), { tier: "prod" })).toBe("a")
})

test("notes that call themselves are an error that shows the circle, once", () => {
  const notes = note("a", "{{ b }}") + note("b", "{{ c }}") + note("c", "{{ a }}{{ a }}")
  const { diagnostics } = built(katalogWith(notes, "{{ a }}"))
  expect(diagnostics.map(({ code }) => code)).toEqual(["ORK0321"])
  expect(diagnostics[0]?.message).toContain("a -> b -> c -> a")
})

test("a mistake in a note is reported once, in the note", () => {
  const { diagnostics } = built(katalogWith(note("a", "{{ nope }}"), "{{ a }}{{ a }}"))
  expect(diagnostics.map(({ code, path }) => [code, path])).toEqual([["ORK0302", "notes.functions[0].expression"]])
})

test("a note that fails names itself", () => {
  const text = katalogWith(note("a", '{{ fail "no" }}'), "{{ a }}")
  expect(resultOf(text)).toEqual([expect.stringContaining("a: no")])
})

test("hiding a built-in function is a warning, unless it is meant", () => {
  const codes = (more: string) =>
    built(katalogWith(note("upper", "x", more), "{{ upper }}")).diagnostics.map((d) => d.code)
  expect(codes("")).toEqual(["ORK0320"])
  expect(codes(", shadow: true")).toEqual([])
  expect(resultOf(katalogWith(note("and", "x", ", shadow: true"), "{{ and }}"))).toBe("x")
})

test("randomness in a note is randomness where it is called", () => {
  const { diagnostics } = built(katalogWith(note("token", "{{ randomHex 4 }}"), "{{ token }}"))
  expect(diagnostics.map(({ code }) => code)).toEqual(["ORK0306"])
})

test("a changed note is another plan", () => {
  const fingerprint = (text: string) => built(katalogWith(note("a", text), "{{ a }}")).plan?.operators[0]?.fingerprint
  expect(fingerprint("x")).not.toBe(fingerprint("y"))
})

test("what a note reads counts as read by its caller", () => {
  const { plan } = built(katalogWith(note("a", "{{ .children.deployment }}"), "{{ a }}"))
  expect(plan?.operators[0]?.readsChildren).toBe(true)
})

test.each([
  ["a name that is no identifier", note("my-note", "x"), ["ORK0113"]],
  ["a name twice", note("a", "x") + note("a", "y"), ["ORK0206"]],
  ["no expression", "    - { name: a }\n", ["ORK0108"]],
])("%s is an error", (_, notes, codes) => {
  expect(errorCodes(katalogWith(notes, "x"))).toEqual(codes)
})

const motif = (expression: string) =>
  `apiVersion: orkestra.orkspace.io/v1\nkind: Motif\nmetadata: { name: m }\nnotes:\n  functions:\n    - { name: shared, expression: '${expression}' }\n`

test("notes of a Motif are visible where it is imported; the Katalog's own win and this is said", () => {
  const imports = "      imports: [{ motif: ./m.yaml }]\n"
  const files = { "m.yaml": motif("of the Motif") }
  expect(resultOf(katalogWith(note("x", "x"), "{{ shared }}", imports), {}, files)).toBe("of the Motif")
  const own = katalogWith(note("shared", "own"), "{{ shared }}", imports)
  expect(resultOf(own, {}, files)).toBe("own")
  expect(loadText(own, files).diagnostics.map(({ code, severity }) => [code, severity])).toEqual([["ORK0408", "note"]])
})

test("notes of spec.imports are visible in the whole Katalog", () => {
  const text = katalogWith(note("x", "{{ shared }}"), "{{ x }}").replace(
    "spec:\n",
    "spec:\n  imports: [{ motif: ./m.yaml }]\n",
  )
  expect(resultOf(text, {}, { "m.yaml": motif("everywhere") })).toBe("everywhere")
})

test("one note in two Motifs is an error, unless they agree", () => {
  const text = katalogWith(note("x", "x"), "x", "      imports: [{ motif: ./m.yaml }, { motif: ./n.yaml }]\n")
  expect(errorCodes(text, { "m.yaml": motif("a"), "n.yaml": motif("b") })).toEqual(["ORK0409"])
  expect(errorCodes(text, { "m.yaml": motif("a"), "n.yaml": motif("a") })).toEqual([])
})

test("500 notes are fine, 501 are not", () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, i) => note(`n${i}`, i === 0 ? "x" : `{{ n${i - 1} }}`)).join("")
  expect(resultOf(katalogWith(many(500), "{{ n499 }}"))).toBe("x")
  expect(built(katalogWith(many(501), "x")).diagnostics.map(({ code }) => code)).toEqual(["ORK0307"])
})
