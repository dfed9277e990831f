import { type Diagnostic, positionOf, seeded } from "../../../src/base/mod.ts"
import { type ConditionSpec, load, type Spans } from "../../../src/katalog/mod.ts"
import { builtinSchemas, coerce, type FieldError, type KubeObject, validate } from "../../../src/kube/mod.ts"
import { build, type EntryResult, type OperatorPlan, type RenderScope, renderEntry } from "../../../src/plan/mod.ts"
import { memoryFiles } from "../../support/files.ts"
import { katalog } from "../../support/makers.ts"
import { planOf } from "../../support/world.ts"

/** The custom resource that the tables read. */
export const shop = {
  apiVersion: "demo.example/v1",
  kind: "Website",
  metadata: { name: "shop", namespace: "web", labels: { team: "blue" } },
  spec: {
    image: "nginx:1",
    replicas: 3,
    port: 8080,
    ratio: "0.5",
    on: true,
    text: "many",
    blank: "",
    zero: 0,
    list: ["a", "b"],
    none: [],
    rows: [{ name: "x", size: 1 }, { name: "y" }],
    env: { B: "two", A: "one" },
  },
  status: {},
}

/** A scope over `data`, at a fixed time, with a seeded random. */
export function scopeOf(data: Readonly<Record<string, unknown>> = shop): RenderScope {
  return { data, nowMs: Date.UTC(2026, 0, 2), random: seeded(1) }
}

/** The plan of one operator with this operatorBox. */
export function operatorOf(box: string, keys = ""): OperatorPlan {
  const [operator] = planOf(katalog(box, keys)).operators
  if (!operator) throw new Error("no operator")
  return operator
}

/** Renders the entries of `onReconcile` (its lists in YAML). */
export function resultsOf(lists: string, data = shop as Readonly<Record<string, unknown>>): readonly EntryResult[] {
  return operatorOf(`onReconcile:\n${lists}`).resources.map((resource) => renderEntry(resource, scopeOf(data)))
}

/** The first object that `lists` render to, coerced by the built-in schema. */
export function objectOf(lists: string, data = shop as Readonly<Record<string, unknown>>): KubeObject {
  const [result] = resultsOf(lists, data)
  const rendered = result?.rendered[0]
  if (!result || !rendered) throw new Error(JSON.stringify(result?.failures))
  const schemas = builtinSchemas()
  const typed = coerce(rendered.object, schemas.root(result.resource.gvk), schemas)
  if (!typed.ok) throw new Error(JSON.stringify(typed.error))
  return typed.value as KubeObject // coercion keeps the shape
}

/** What the built-in schema has against the first object of `lists`. */
export function problemsOf(lists: string): readonly FieldError[] {
  const object = objectOf(lists)
  const [result] = resultsOf(lists)
  const schemas = builtinSchemas()
  return validate(object, result && schemas.root(result.resource.gvk), schemas)
}

/** The diagnostics of loading and building a text, as `CODE line`. */
export function diagnosticsOf(text: string): readonly string[] {
  const { spec, spans, diagnostics } = load(memoryFiles({ "katalog.yaml": text }), "katalog.yaml")
  const all = [...diagnostics, ...(spec ? build(spec, spans).diagnostics : [])]
  return all.map(lineOf)
}

function lineOf({ code, span }: Diagnostic): string {
  return span ? `${code} ${positionOf(span.file, span.start).line}` : code
}

/** Spans that know nothing. */
export const noSpans: Spans = { locate: () => undefined, locateIn: () => undefined }

/** A condition in its long form. */
export function condition(field: string, operator: ConditionSpec["operator"], value?: unknown): ConditionSpec {
  return { field, operator, value, valueType: "auto", negate: false, at: "when[0]", valueAt: "when[0].value" }
}
