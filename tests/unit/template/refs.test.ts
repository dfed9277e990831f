import { expect, test } from "bun:test"
import { seeded } from "../../../src/base/mod.ts"
import { compile, type Template } from "../../../src/template/mod.ts"

function template(text: string): Template {
  const compiled = compile(text, { allowRandom: true })
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error))
  return compiled.value
}

test.each([
  ["plain", []],
  ["{{ . }}", []],
  ["{{ .spec.image }}", ["spec.image"]],
  ["{{ $.spec.image }}", ["spec.image"]],
  ["{{ (.spec).image }}", ["spec.image"]],
  ["{{ upper .a.b }}{{ .c | default .d }}", ["a.b", "c", "d"]],
  ["{{ (index .spec.rows 0).name }}", ["spec.rows"]],
  ["{{ if .a }}{{ .b }}{{ else if .c }}{{ .d }}{{ else }}{{ .e }}{{ end }}", ["a", "b", "c", "d", "e"]],
  [
    "{{ with .spec.db }}{{ .host }}{{ $.x }}{{ . }}{{ else }}{{ .y }}{{ end }}",
    ["spec.db", "spec.db.host", "x", "spec.db", "y"],
  ],
  ["{{ with upper .a }}{{ .b }}{{ end }}", ["a"]],
  ["{{ range .spec.rows }}{{ .name }}{{ $.z }}{{ else }}{{ .y }}{{ end }}", ["spec.rows", "z", "y"]],
  ["{{ range $i, $r := .rows }}{{ $r.name }}{{ end }}", ["rows"]],
  ["{{ $s := .spec }}{{ $s.image }}", ["spec", "spec.image"]],
  ["{{ $s := .spec }}{{ $s = .status }}{{ $s.x }}", ["spec", "status"]],
  ["{{ and .a (not .b) }}", ["a", "b"]],
] as const)("the paths of %s", (text, paths) => {
  expect(template(text).refs.map((ref) => ref.path.join("."))).toStrictEqual([...paths])
})

test("a path says where it stands", () => {
  const text = "x {{ upper .spec.image }} {{ with .spec.db }}{{ .host }}{{ end }}"
  expect(template(text).refs.map((ref) => text.slice(ref.start, ref.end))).toStrictEqual([
    ".spec.image",
    ".spec.db",
    ".host",
  ])
})

test("purity is that of the least pure function", () => {
  expect(template("{{ upper .x }}").impurity).toBe("pure")
  expect(template("{{ if .x }}{{ uuidv4 }}{{ end }}").impurity).toBe("random")
  expect(template("plain").impurity).toBe("pure")
})

test("a text without an action is static and returned as it is", () => {
  const plain = template("a }} b %> ${x}")
  expect(plain.isStatic).toBe(true)
  expect(plain.render({ data: {}, nowMs: 0, random: seeded(1) })).toStrictEqual({ ok: true, value: "a }} b %> ${x}" })
  expect(template("{{ 1 }}").isStatic).toBe(false)
})

test("the same text is compiled once", () => {
  expect(template("{{ .spec.cached }}")).toBe(template("{{ .spec.cached }}"))
})

test("randomness comes from the scope alone", () => {
  const render = (seed: number) =>
    template("{{ uuidv4 }} {{ randomHex 8 }}").render({ data: {}, nowMs: 0, random: seeded(seed) })
  expect(render(1)).toStrictEqual(render(1))
  expect(render(1)).not.toStrictEqual(render(2))
})
