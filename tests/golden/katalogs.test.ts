import { describe, expect, test } from "bun:test"
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Diagnostic, hasErrors, renderDiagnostic, seeded } from "../../src/base/mod.ts"
import { type KatalogSpec, load, readManifests } from "../../src/katalog/mod.ts"
import {
  builtinSchemas,
  coerce,
  isRecord,
  type KubeObject,
  type SchemaSet,
  validate,
  withCrds,
} from "../../src/kube/mod.ts"
import { stamp } from "../../src/operator/ownership.ts"
import { build, type OperatorPlan, type Plan, renderEntry } from "../../src/plan/mod.ts"
import { memoryFiles } from "../support/files.ts"

const examples = join(import.meta.dir, "..", "..", "katalogs")
const goldens = join(import.meta.dir, "katalogs")
const rewrite = Bun.env["UPDATE_GOLDEN"] === "1"
const nowMs = Date.UTC(2026, 0, 2, 3, 4, 5)

function filesOf(name: string): Readonly<Record<string, string>> {
  const folder = join(examples, name)
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    files.map((file) => {
      const path = join(file.parentPath, file.name)
      return [path.slice(folder.length + 1), readFileSync(path, "utf8")]
    }),
  )
}

interface Example {
  readonly spec: KatalogSpec
  readonly plan: Plan
  readonly schemas: SchemaSet
  readonly diagnostics: readonly Diagnostic[]
  /** The sample objects of an operator, as stored. */
  samples(operator: OperatorPlan): readonly KubeObject[]
}

function exampleOf(name: string): Example {
  const files = memoryFiles(filesOf(name))
  const { spec, spans, diagnostics } = load(files, ".")
  const built = spec && build(spec, spans)
  const all = [...diagnostics, ...(built?.diagnostics ?? [])]
  if (!spec || !built?.plan) throw new Error(all.map(renderDiagnostic).join("\n"))
  const crds = spec.crds.flatMap(({ crd }) => (crd ? [crd.object] : []))
  const schemas = withCrds(builtinSchemas(), crds)
  const samples = (operator: OperatorPlan) =>
    (spec.crds.find((crd) => crd.name === operator.name)?.crFiles ?? []).flatMap((ref) => {
      const read = readManifests(files, ref)
      if (!read.ok) throw new Error(read.error.map(renderDiagnostic).join("\n"))
      return read.value.map((cr) => stored(cr, schemas.root(operator.gvk), schemas))
    })
  return { spec, plan: built.plan, schemas, diagnostics: all, samples }
}

/** What the server makes of a file: defaults of the CRD, a UID, a generation. */
function stored(cr: KubeObject, schema: unknown, schemas: SchemaSet): KubeObject {
  const properties = isRecord(schema) && isRecord(schema["properties"]) ? schema["properties"] : {}
  const spec =
    isRecord(properties["spec"]) && isRecord(properties["spec"]["properties"]) ? properties["spec"]["properties"] : {}
  const defaults = Object.entries(spec).flatMap(([key, value]) =>
    isRecord(value) && value["default"] !== undefined ? [[key, value["default"]] as const] : [],
  )
  const own = isRecord(cr["spec"]) ? cr["spec"] : {}
  const complete = { ...cr, spec: { ...Object.fromEntries(defaults), ...own } }
  const typed = coerce(complete, isRecord(schema) ? schema : undefined, schemas)
  if (!typed.ok) throw new Error(JSON.stringify(typed.error))
  return { ...complete, metadata: { ...cr.metadata, uid: `uid-${cr.metadata.name}`, generation: 1 } }
}

/** Every object that an operator makes of one sample: rendered, coerced, stamped. */
function objectsOf(operator: OperatorPlan, cr: KubeObject, schemas: SchemaSet): readonly KubeObject[] {
  const data = { ...cr, children: {}, ork: { inCluster: false, namespace: "default", version: "0.0.0" } }
  return operator.resources.flatMap((resource) => {
    const result = renderEntry(resource, { data, nowMs, random: seeded(1) })
    expect(result.failures).toEqual([])
    return result.rendered.map((rendered) => {
      const schema = schemas.root(resource.gvk)
      const typed = coerce(rendered.object, schema, schemas)
      if (!typed.ok) throw new Error(JSON.stringify(typed.error))
      const object = stamp(cr, rendered, typed.value as KubeObject) // coercion keeps the shape
      expect(validate(object, schema, schemas)).toEqual([])
      return object
    })
  })
}

/** JSON with sorted keys, so that a golden changes only where the meaning does. */
function stableJson(value: unknown): string {
  const sorted = (_key: string, at: unknown) =>
    isRecord(at) ? Object.fromEntries(Object.entries(at).sort(([a], [b]) => (a < b ? -1 : 1))) : at
  return `${JSON.stringify(value, sorted, 2)}\n`
}

function goldenOf(name: string): string {
  const { plan, schemas, samples } = exampleOf(name)
  return stableJson(
    Object.fromEntries(
      plan.operators.map((operator) => [
        operator.name,
        Object.fromEntries(
          samples(operator).map((cr) => [cr.metadata.name, objectsOf(operator, cr, schemas)] as const),
        ),
      ]),
    ),
  )
}

const names = readdirSync(examples, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort()

describe.each(names)("the example %s", (name) => {
  test("has nothing to complain about", () => {
    const { diagnostics } = exampleOf(name)
    expect(hasErrors(diagnostics)).toBe(false)
    expect(diagnostics.filter(({ severity }) => severity !== "note").map(renderDiagnostic)).toEqual([])
  })

  test("ships sample objects that its CRDs accept", () => {
    const { plan, schemas, samples } = exampleOf(name)
    for (const operator of plan.operators) {
      expect(samples(operator).length).toBeGreaterThan(0)
      for (const cr of samples(operator)) expect(validate(cr, schemas.root(operator.gvk), schemas)).toEqual([])
    }
  })

  test("makes of them what it should", () => {
    const path = join(goldens, `${name}.objects.json`)
    const made = goldenOf(name)
    if (rewrite) writeFileSync(path, made)
    else expect(made).toBe(readFileSync(path, "utf8"))
  })
})

test("every golden belongs to an example", () => {
  const kept = readdirSync(goldens).map((file) => file.replace(".objects.json", ""))
  expect(kept.sort()).toEqual(names)
})
