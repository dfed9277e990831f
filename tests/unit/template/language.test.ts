import { expect, test } from "bun:test"
import { fails, outcome, type Row, refuses, rendered, table, website } from "./support.ts"

const texts: readonly Row[] = [
  ["plain", "plain"],
  ["", ""],
  ["a } b }} c", "a } b }} c"],
  ["a {{ .spec.image }} b", "a nginx b"],
  ["a {{- .spec.image -}} b", "anginxb"],
  ["a \n {{- 1 }}", "a1"],
  ["{{ 1 -}} \n b", "1b"],
  ["{{/* note */}}x", "x"],
  ["a {{- /* note */ -}} b", "ab"],
  ["{{/* }} */}}x", "x"],
  ["{{/* note */}}{{ .spec.replicas }}", 3],
  ["{{ .spec.image\n}}", "nginx"],
  ["{{ `raw \\n {{ }}` }}!", "raw \\n {{ }}!"],
  ['{{ "a\\tb\\"\\u00e9\\x41\\101" }}', 'a\tb"éAA'],
  ["{{ 'a' }}", 97],
]

const typed: readonly Row[] = [
  ["{{ .spec.replicas }}", 3],
  ["{{ .spec.ratio }}", 0.5],
  ["{{ .spec.on }}", true],
  ["{{ .spec.ports }}", [80, 443]],
  ["{{ .spec.env }}", { A: "one", B: "two" }],
  ["{{ .spec.image }}", "nginx"],
  ["{{ .spec.missing }}", undefined],
  ["{{ .spec.nothing }}", undefined],
  ["{{ nil }}", undefined],
  ["{{ true }}", true],
  ["{{ -4 }}", -4],
  ["{{ 0x1F }}", 31],
  ["{{ 1_000 }}", 1000],
  ["{{ 1e3 }}", 1000],
  ["{{ .5 }}", 0.5],
  ["{{- .spec.replicas -}}", 3],
  ["{{ add .spec.replicas 1 }}", 4],
  ["{{ .spec.replicas }} ", "3 "],
  ["{{ .spec.replicas }}{{ .spec.ratio }}", "30.5"],
  ["{{ $x := 1 }}", ""],
  ["{{ $x := 1 }}{{ $x }}", "1"],
]

const printed: readonly Row[] = [
  ["<{{ .spec.missing }}>", "<>"],
  ["<{{ .spec.nothing }}>", "<>"],
  ["<{{ .spec.on }}{{ .spec.off }}>", "<truefalse>"],
  ["<{{ .spec.ports }}>", "<[80 443]>"],
  ["<{{ .spec.env }}>", "<map[A:one B:two]>"],
  ["<{{ list 1 nil }}>", "<[1 <nil>]>"],
  ["<{{ 1.0 }}>", "<1>"],
  ["<{{ 1e21 }}>", "<1e+21>"],
  ["<{{ 0.00001 }}>", "<1e-05>"],
  ["<{{ -0.5 }}>", "<-0.5>"],
  ["<{{ 1000000 }}>", "<1000000>"],
]

const navigation: readonly Row[] = [
  ["{{ .spec.a.b.c }}", undefined],
  ["{{ .spec.image.x }}", undefined],
  ["{{ .spec.ports.length }}", undefined],
  ["{{ .spec.image.length }}", undefined],
  ["{{ .spec.on.x.y }}", undefined],
  ["{{ $.spec.image }}", "nginx"],
  ["{{ (.spec).image }}", "nginx"],
  ["{{ (index .spec.rows 1).name }}", "b"],
  ["{{ (index .spec.rows 9).name }}", undefined],
  ['{{ (dict "a" (dict "b" 5)).a.b }}', 5],
  ['{{ index .metadata.labels "my-label" }}', "dashed"],
  ['{{ index .spec "env" "A" }}', "one"],
  ["{{ index .spec.ports 1 }}", 443],
  ["{{ index .spec.ports -1 }}", undefined],
  ["{{ index .spec.image 0 }}", undefined],
  ["{{ len . }}", 5],
]

const branches: readonly Row[] = [
  ["{{ if .spec.on }}a{{ end }}", "a"],
  ["{{ if .spec.off }}a{{ end }}", ""],
  ["{{ if .spec.off }}a{{ else }}b{{ end }}", "b"],
  ["{{ if .spec.off }}a{{ else if .spec.on }}b{{ else }}c{{ end }}", "b"],
  ["{{ if .spec.off }}a{{ else if .x }}b{{ else if .y }}c{{ else }}d{{ end }}", "d"],
  ["{{ if .spec.zero }}a{{ else }}b{{ end }}", "b"],
  ["{{ if .spec.blank }}a{{ else }}b{{ end }}", "b"],
  ["{{ if .spec.empty }}a{{ else }}b{{ end }}", "b"],
  ["{{ if .spec.none }}a{{ else }}b{{ end }}", "b"],
  ["{{ if .spec.env }}a{{ else }}b{{ end }}", "a"],
  ["{{ if .spec.missing.deep }}a{{ else }}b{{ end }}", "b"],
  ['{{ if "false" }}a{{ end }}', "a"],
  ["{{ if $x := .spec.image }}{{ $x }}{{ end }}", "nginx"],
  ["{{ if $x := .spec.off }}{{ else }}{{ $x }}{{ end }}", "false"],
  ["{{ with .spec.env }}{{ .A }}{{ end }}", "one"],
  ["{{ with .spec.env }}{{ $.spec.image }}{{ end }}", "nginx"],
  ["{{ with .spec.none }}a{{ else }}{{ .spec.image }}{{ end }}", "nginx"],
  ["{{ with .x }}a{{ else with .spec.env }}{{ .B }}{{ end }}", "two"],
  ["{{ with $e := .spec.env }}{{ $e.A }}{{ .B }}{{ end }}", "onetwo"],
]

const loops: readonly Row[] = [
  ["{{ range .spec.ports }}{{ . }},{{ end }}", "80,443,"],
  ["{{ range $p := .spec.ports }}{{ $p }},{{ end }}", "80,443,"],
  ["{{ range $i, $p := .spec.ports }}{{ $i }}:{{ $p }},{{ end }}", "0:80,1:443,"],
  ["{{ range $k, $v := .spec.env }}{{ $k }}={{ $v }};{{ end }}", "A=one;B=two;"],
  ["{{ range .spec.env }}{{ . }};{{ end }}", "one;two;"],
  ["{{ range .spec.empty }}a{{ else }}none{{ end }}", "none"],
  ["{{ range .spec.missing }}a{{ else }}none{{ end }}", "none"],
  ["{{ range .spec.missing }}a{{ end }}", ""],
  ["{{ range .spec.ports }}{{ . }}{{ break }}{{ end }}", "80"],
  ["{{ range .spec.ports }}{{ if eq . 80 }}{{ continue }}{{ end }}{{ . }}{{ end }}", "443"],
  ["{{ range .spec.rows }}{{ range $.spec.ports }}{{ . }}{{ break }}{{ end }}{{ .name }}{{ end }}", "80a80b"],
  ["{{ range 3 }}{{ . }}{{ end }}", "012"],
  ["{{ range .spec.image }}{{ end }}", fails("template/type")],
  ["{{ $n := 0 }}{{ range .spec.ports }}{{ $n = add $n . }}{{ end }}{{ $n }}", "523"],
  ["{{ $n := 0 }}{{ range .spec.ports }}{{ $n := add $n . }}{{ end }}{{ $n }}", "0"],
  ["{{ range .spec.ports }}{{ $x := . }}{{ end }}{{ $x }}", refuses("ORK0304")],
]

const logic: readonly Row[] = [
  ['{{ and .spec.on "x" }}', "x"],
  ["{{ and .spec.zero (fail `never`) }}", 0],
  ["{{ or .spec.blank .spec.image }}", "nginx"],
  ["{{ or .spec.image (fail `never`) }}", "nginx"],
  ["{{ or .a .b .spec.zero }}", 0],
  ["{{ and 1 2 3 }}", 3],
  ["{{ not .spec.on }}", false],
  ["{{ not .spec.missing }}", true],
  ["{{ .spec.on | and true }}", true],
  ['{{ eq .spec.image "nginx" }}', true],
  ['{{ eq .spec.image "a" "b" "nginx" }}', true],
  ["{{ eq 1 1.0 }}", true],
  ['{{ eq .spec.missing "x" }}', false],
  ["{{ eq .spec.missing .spec.other }}", true],
  ['{{ eq 1 "1" }}', fails("template/type")],
  ["{{ eq .spec.ports .spec.ports }}", fails("template/type")],
  ['{{ ne .spec.image "x" }}', true],
  ["{{ lt 1 2 }}", true],
  ["{{ le 2 2 }}", true],
  ["{{ gt 1.5 1 }}", true],
  ['{{ ge "b" "a" }}', true],
  ['{{ lt 1 "2" }}', fails("template/type")],
  ["{{ lt .spec.missing 2 }}", fails("template/missing")],
]

table("text", texts)
table("one action keeps its type", typed)
table("printing", printed)
table("navigation", navigation)
table("if and with", branches)
table("range", loops)
table("logic", logic)

test("a field with the name of an object's own machinery is found only when the data has it", () => {
  for (const name of ["constructor", "toString", "hasOwnProperty", "__proto__", "valueOf"]) {
    expect(outcome(`{{ .spec.${name} }}`)).toStrictEqual({ value: undefined })
    const data: Record<string, unknown> = JSON.parse(`{"spec": {"${name}": "own"}}`)
    expect(outcome(`{{ .spec.${name} }}`, data)).toStrictEqual({ value: "own" })
  }
})

test("rendering leaves the data as it was", () => {
  const before = structuredClone(website)
  rendered('{{ merge (dict "a" 1) .spec.env }}{{ reverse .spec.ports }}{{ sortAlpha .spec.ports }}')
  expect(website).toStrictEqual(before)
})

test("a value that is no JSON counts as missing", () => {
  const data = { f: () => 1, s: Symbol("x"), n: 10n }
  expect(rendered("<{{ .f }}{{ .s }}>", data)).toBe("<>")
  expect(rendered("{{ .f }}", data)).toBeUndefined()
  expect(rendered("{{ if .f }}a{{ else }}b{{ end }}", data)).toBe("b")
})

test("maps small and large are gone through in key order", () => {
  for (const count of [1, 2, 16, 17, 40]) {
    const keys = Array.from({ length: count }, (_, i) => `k${(i * 7919) % 1009}`)
    const data = { m: Object.fromEntries(keys.map((key) => [key, 1])) }
    expect(rendered("{{ range $k, $v := .m }}{{ $k }},{{ end }}", data)).toBe(
      keys
        .toSorted()
        .map((k) => `${k},`)
        .join(""),
    )
  }
})
