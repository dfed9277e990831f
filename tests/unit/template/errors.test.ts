import { expect, test } from "bun:test"
import { seeded } from "../../../src/base/mod.ts"
import { compile, type TemplateError } from "../../../src/template/mod.ts"
import { errorsOf, outcome } from "./support.ts"

/** A template, the code of its one error, and the text that the error marks. */
const marked: readonly (readonly [template: string, code: string, marked: string])[] = [
  ["a {{ .spec", "ORK0301", "{{"],
  ["{{ }}", "ORK0301", "}}"],
  ["{{ if .x }}a", "ORK0301", "if"],
  ["{{ range .x }}a{{ else }}b", "ORK0301", "range"],
  ["a{{ end }}", "ORK0301", "end"],
  ["{{ else }}", "ORK0301", "else"],
  ["{{ if .x }}{{ else }}{{ else }}{{ end }}", "ORK0301", "else"],
  ["{{ (.x }}", "ORK0301", "("],
  ["{{ .x) }}", "ORK0301", ")"],
  ['{{ "abc }}', "ORK0301", '"'],
  ["{{ `abc }}", "ORK0301", "`"],
  ['{{ "a\\z" }}', "ORK0301", "\\z"],
  ["{{ 'ab' }}", "ORK0301", "'ab'"],
  ["{{/* abc }}", "ORK0301", "{{/*"],
  ["{{ 12x }}", "ORK0301", "12x"],
  ["{{ 9007199254740993 }}", "ORK0301", "9007199254740993"],
  ["{{ .a & .b }}", "ORK0301", "&"],
  ["{{ .metadata.labels.my-label }}", "ORK0301", ".my-label"],
  ["{{ .x | .y }}", "ORK0301", ".y"],
  ["{{ .x | }}", "ORK0301", "}}"],
  ["{{ | upper }}", "ORK0301", "|"],
  ["{{ .x .y }}", "ORK0301", ".y"],
  ["{{ $ := 1 }}", "ORK0301", "$"],
  ["{{ $a, $b := .x }}", "ORK0301", ","],
  ["{{ break }}", "ORK0301", "break"],
  ["{{ range .x }}{{ end }}{{ break }}", "ORK0301", "break"],
  ["{{ if .x }}{{ continue }}{{ end }}", "ORK0301", "continue"],
  ['{{ define "x" }}{{ end }}', "ORK0301", "define"],
  ['{{ template "x" }}', "ORK0301", "template"],
  ['{{ block "x" . }}{{ end }}', "ORK0301", "block"],
  ["{{ if }}a{{ end }}", "ORK0301", "}}"],
  ["{{ if .x }}a{{ end x }}", "ORK0301", "x"],
  ['{{ "a".b }}', "ORK0301", '"a".b'],
  ["{{ uper .spec.x }}", "ORK0302", "uper"],
  ["{{ (nope .x).y }}", "ORK0302", "nope"],
  ["{{ .x | upper | nope 1 }}", "ORK0302", "nope"],
  ["{{ upper 1 2 }}", "ORK0303", "upper 1 2"],
  ["{{ .x | ternary 1 }}", "ORK0303", "ternary 1"],
  ["{{ default .x }}", "ORK0303", "default .x"],
  ["{{ $nope }}", "ORK0304", "$nope"],
  ["{{ $nope = 1 }}", "ORK0304", "$nope"],
  ["{{ if .x }}{{ $a := 1 }}{{ end }}{{ $a }}", "ORK0304", "$a"],
  ["{{ .Spec.Image }}", "ORK0305", ".Spec.Image"],
  ["{{ $.Name }}", "ORK0305", "$.Name"],
  ["{{ uuidv4 }}", "ORK0306", "uuidv4"],
]

test.each(marked.map(([template, code, part], i) => [i + 1, template, code, part] as const))(
  "error %i: %s is %s",
  (_, template, code, part) => {
    const errors = errorsOf(template)
    expect(errors.map((e) => [e.code, template.slice(e.start, e.end)])).toStrictEqual([[code, part]])
  },
)

test("all errors of a template are reported, in the order of the text", () => {
  const errors = errorsOf("{{ $x }}{{ nope }}{{ upper }}{{ uuidv4 }}{{ .Name }}")
  expect(errors.map((e) => e.code)).toStrictEqual(["ORK0304", "ORK0302", "ORK0303", "ORK0306", "ORK0305"])
})

test("a misspelt name comes with what was meant", () => {
  expect(errorsOf("{{ uper .x }}")[0]?.help).toContain('"upper"')
  expect(errorsOf("{{ $image := 1 }}{{ $imgae }}")[0]?.help).toContain("$image")
  expect(errorsOf("{{ .Status.Phase }}")[0]?.help).toContain(".status.phase")
  expect(errorsOf("{{ .a.0 }}")[0]?.help).toContain("index <list> 0")
  expect(errorsOf("{{ .a.b-c }}")[0]?.help).toContain('"b-c"')
})

test("capitalised names are fine where the dot is not the root", () => {
  expect(
    errorsOf("{{ with .spec }}{{ .Name }}{{ end }}{{ range .x }}{{ .Spec }}{{ end }}{{ .spec.Name }}"),
  ).toHaveLength(0)
})

test("random functions are an error only where they are not allowed, though texts are cached", () => {
  const text = "{{ randomHex 2 }}"
  expect(compile(text, { allowRandom: true }).ok).toBe(true)
  expect(compile(text).ok).toBe(false)
  expect(compile(text, { allowRandom: true }).ok).toBe(true)
})

function warningsOf(text: string): readonly string[] {
  const found: TemplateError[] = []
  compile(text, { warnings: (warning) => found.push(warning) })
  return found.map((w) => `${w.code} ${text.slice(w.start, w.end)}`)
}

test("a fallback in front and an order as in Helm are warned about, each time", () => {
  const text = '{{ default "y" .spec.x }}{{ contains "a" .spec.x }}'
  const expected = ['ORK0310 default "y" .spec.x', 'ORK0311 contains "a" .spec.x']
  expect(warningsOf(text)).toStrictEqual(expected)
  expect(warningsOf(text)).toStrictEqual(expected)
  expect(
    warningsOf('{{ .x | default "y" }}{{ default .x "y" }}{{ .x | contains "a" }}{{ contains .x "a" }}'),
  ).toHaveLength(0)
})

test("a failure marks the call that failed, not one of its arguments", () => {
  const text = 'x {{ upper (list (lower "A")) }}'
  const compiled = compile(text)
  if (!compiled.ok) throw new Error("it compiles")
  const result = compiled.value.render({ data: {}, nowMs: 0, random: seeded(1) })
  expect(result.ok).toBe(false)
  if (!result.ok) expect(text.slice(result.error.start, result.error.end)).toBe('upper (list (lower "A"))')
})

test("a failure in one branch is none while the branch is not taken", () => {
  expect(outcome('{{ if .x }}{{ fail "no" }}{{ end }}', { x: false })).toStrictEqual({ value: "" })
  expect(outcome('{{ if .x }}{{ fail "no" }}{{ end }}', { x: true })).toStrictEqual({ failure: "template/function" })
})
