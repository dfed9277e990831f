import { describe, expect, test } from "bun:test"
import { seeded } from "../../../src/base/mod.ts"
import { builtinSchemas, type Schema } from "../../../src/kube/mod.ts"
import { compile, misfitOf, type Target, type TypeWorld, typesOf } from "../../../src/template/mod.ts"

const text: Schema = { type: "string" }
const root: Schema = {
  type: "object",
  properties: {
    spec: {
      type: "object",
      properties: {
        title: text,
        size: { type: "string", enum: ["1", "2"] },
        level: { type: "string", enum: ["low", "high"] },
        digits: { type: "string", pattern: "^[0-9]+$" },
        fallback: { type: "string", default: "3" },
        minReplicas: text,
        count: { type: "integer" },
        ratio: { type: "number" },
        on: { type: "boolean" },
        port: { "x-kubernetes-int-or-string": true },
        names: { type: "array", items: text },
        counts: { type: "array", items: { type: "integer" } },
        rows: { type: "array", items: { type: "object", properties: { name: text, size: { type: "integer" } } } },
        labels: { type: "object", additionalProperties: text },
        nested: { type: "object", properties: { deep: { type: "object", properties: { leaf: text } } } },
        open: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        empty: { type: "object" },
      },
    },
    children: { type: "object", properties: { service: text } },
  },
  "x-kubernetes-preserve-unknown-fields": true,
}
const world: TypeWorld = {
  set: builtinSchemas(),
  root,
  kinds: new Map([[root, "Website"]]),
  ambiguous: new Map([["service", "services"]]),
}

function types(template: string) {
  const compiled = compile(template)
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error))
  return typesOf(compiled.value, world)
}

/** What each problem marks, with its code. */
function marked(template: string): readonly string[] {
  return types(template).problems.map(({ code, start, end }) => `${code} ${template.slice(start, end)}`)
}

describe("a path that the schema does not have is marked at the wrong step", () => {
  test.each([
    ["{{ .spec.titel }}", ["ORK0501 titel"]],
    ["{{ .spec.nested.deep.laef }}", ["ORK0501 laef"]],
    ["{{ .spec.nested.dep.leaf.more }}", ["ORK0501 dep"]],
    ["{{ $.spec.titel }}", ["ORK0501 titel"]],
    ["{{ (.spec).titel }}", ["ORK0501 titel"]],
    ["{{ (.spec.nested).deep.laef }}", ["ORK0501 laef"]],
    ["{{ with .spec.nested }}{{ .deap }}{{ end }}", ["ORK0501 deap"]],
    ["{{ with $n := .spec.nested }}{{ $n.deap }}{{ .deep.leaf }}{{ end }}", ["ORK0501 deap"]],
    ["{{ with .spec.nested }}a{{ else }}{{ .spec.titel }}{{ end }}", ["ORK0501 titel"]],
    ["{{ range .spec.rows }}{{ .naem }}{{ $.spec.titel }}{{ end }}", ["ORK0501 naem", "ORK0501 titel"]],
    ["{{ range $i, $row := .spec.rows }}{{ $i }}{{ $row.naem }}{{ end }}", ["ORK0501 naem"]],
    ["{{ range $row := .spec.rows }}{{ $row.naem }}{{ end }}", ["ORK0501 naem"]],
    ["{{ $s := .spec }}{{ $s.titel }}", ["ORK0501 titel"]],
    ["{{ (index .spec.rows 0).naem }}", ["ORK0501 naem"]],
    ["{{ (first .spec.rows).naem }}", ["ORK0501 naem"]],
    ['{{ .spec.titel | default "a" | upper }}', ["ORK0501 titel"]],
    ["{{ if and .spec.on (eq .spec.cuont 3) }}a{{ end }}", ["ORK0501 cuont"]],
    ["{{ .spec.title.length }}", ["ORK0501 length"]],
    ["{{ .spec.names.first }}", ["ORK0501 first"]],
    ["{{ .spec.empty.any }}", ["ORK0501 any"]],
    ["{{ .sepc.title }}", ["ORK0501 sepc"]],
    ["{{ .item.name }}", ["ORK0501 item"]],
    ["{{ .external.call.status }}", ["ORK0501 external"]],
    ["{{ .status.url }}", ["ORK0501 status"]],
    ["{{ .children.job }}", ["ORK0505 job"]],
    ["{{ .children.service }}", ["ORK0507 service"]],
    ["a {{ .spec.titel }} b {{ .spec.titles }}", ["ORK0501 titel", "ORK0501 titles"]],
  ])("%s", (template, expected) => {
    expect(marked(template)).toEqual(expected)
  })
})

describe("what may be right is not judged", () => {
  test.each([
    "{{ .spec.open.any.thing }}",
    "{{ .spec.labels.any }}",
    "{{ .ork.namespace }}",
    "{{ .inputs.spec.titel }}",
    '{{ (fromJson .spec.title).any }}{{ (dict "a" 1).b }}',
    '{{ index .spec "titel" }}{{ index .spec.labels "a.b/c" }}',
    "{{ range .spec.open.list }}{{ .any }}{{ end }}",
    "{{ $x := .spec.nested }}{{ range .spec.rows }}{{ $x.name }}{{ $x = . }}{{ end }}",
    "{{ (default .spec.nested .spec.open).any }}",
    "{{ range $k, $v := .spec.labels }}{{ $k }}{{ $v }}{{ end }}",
    "{{ .spec }}{{ . }}{{ $ }}",
  ])("%s", (template) => {
    expect(marked(template)).toEqual([])
  })
})

const targets: Readonly<Record<string, Schema>> = {
  string: text,
  integer: { type: "integer" },
  number: { type: "number" },
  boolean: { type: "boolean" },
  list: { type: "array", items: text },
  map: { type: "object", additionalProperties: text },
  quantity: { type: "string", format: "quantity" },
  either: { "x-kubernetes-int-or-string": true },
  any: { "x-kubernetes-preserve-unknown-fields": true },
}

/** The places that a template can never fill. */
function neverFills(template: string): string {
  const found = types(template)
  const target = (schema: Schema): Target => ({ schema, name: "replicas" })
  return Object.keys(targets)
    .filter((name) => misfitOf(found, target(targets[name] ?? {}), world) !== undefined)
    .join(" ")
}

const maybeNumber = "list map"
const scalar = "list map"

describe("a result that can never fit its place is found, and nothing else", () => {
  test.each([
    ["{{ .spec.title }}", `integer number boolean ${scalar}`],
    ["{{ .spec.digits }}", maybeNumber],
    ["{{ .spec.fallback }}", `boolean ${scalar}`],
    ["{{ .spec.minReplicas }}", maybeNumber],
    ["{{ .spec.size }}", `boolean ${scalar}`],
    ["{{ .spec.level }}", `integer number boolean ${scalar}`],
    ["{{ .spec.labels.a }}", maybeNumber],
    ["{{ .spec.count }}", `boolean ${scalar}`],
    ["{{ .spec.ratio }}", `boolean ${scalar}`],
    ["{{ .spec.on }}", `integer number ${scalar} quantity either`],
    ["{{ .spec.port }}", scalar],
    ["{{ .spec.names }}", "string integer number boolean map quantity either"],
    ["{{ .spec.counts }}", "string integer number boolean map quantity either"],
    ["{{ .spec.rows }}", "string integer number boolean list map quantity either"],
    ["{{ .spec.labels }}", "string integer number boolean list quantity either"],
    ["{{ .spec.open.x }}", ""],
    ["{{ .spec.title | toInt }}", `boolean ${scalar}`],
    ["{{ toYaml .spec.labels }}", scalar],
    ["{{ .spec.title | upper }}", scalar],
    ["{{ len .spec.names }}", `boolean ${scalar}`],
    ["{{ empty .spec.title }}", `integer number ${scalar} quantity either`],
    ["{{ list 1 2 }}", "string integer number boolean map quantity either"],
    ['{{ dict "a" 1 }}', "string integer number boolean list quantity either"],
    ['{{ "three" }}', `integer number boolean ${scalar} quantity`],
    ['{{ "3" }}', `boolean ${scalar}`],
    ["{{ 3 }}", `boolean ${scalar}`],
    ['{{ .spec.count | default "many" }}', `boolean ${scalar}`],
    ['{{ .spec.title | default "many" }}', `integer number boolean ${scalar}`],
    ['{{ ternary .spec.on "two" 1 }}', `boolean ${scalar}`],
    ['{{ required "no title" .spec.names }}', "string integer number boolean map quantity either"],
    ["{{ first .spec.counts }}", `boolean ${scalar}`],
    ["{{ fromJson .spec.title }}", ""],
    ["{{ .spec.titel }}", ""],
    ["x{{ .spec.count }}", `integer number boolean ${scalar}`],
    ["1{{ .spec.count }}", `boolean ${scalar}`],
    ["{{ .spec.count }}{{ .spec.count }}", scalar],
    ["{{ .spec.count }}Mi", `integer number boolean ${scalar}`],
    ["{{ .spec.rows }}\n", scalar],
    ["{{ if .spec.on }}3{{ else }}1{{ end }}", `boolean ${scalar}`],
    ["{{ if .spec.on }}three{{ else }}one{{ end }}", `integer number boolean ${scalar}`],
    ["{{ if .spec.on }}three{{ end }}", scalar],
    ["{{ if .spec.on }}three{{ else }}1{{ end }}", `boolean ${scalar}`],
    ["{{ $x := 1 }}", ""],
  ])("%s", (template, expected) => {
    expect(neverFills(template)).toBe(expected)
  })
})

test("an error of a type marks the expression, and names both sides", () => {
  const template = "{{  .spec.names  }}"
  const found = misfitOf(types(template), { schema: text, name: "image" }, world)
  expect(template.slice(found?.start, found?.end)).toBe(".spec.names")
  expect(found).toMatchObject({ code: "ORK0502", severity: "error" })
  for (const part of ["image", ".spec.names", "a list"]) expect(found?.message).toContain(part)
})

test("a check before and after the first render is the same", () => {
  const compiled = compile("{{ .spec.titel }}{{ .ork.other }}")
  if (!compiled.ok) throw new Error("it compiles")
  const before = typesOf(compiled.value, world).problems
  compiled.value.render({ data: {}, nowMs: 0, random: seeded(1) })
  expect(before).toHaveLength(1)
  expect(typesOf(compiled.value, { ...world }).problems).toEqual(before)
})
