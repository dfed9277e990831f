import { describe, expect, test } from "bun:test"
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Diagnostic, hasErrors, renderDiagnostic } from "../../src/base/mod.ts"
import { type KatalogSpec, load, readManifests } from "../../src/katalog/mod.ts"
import {
  builtinSchemas,
  coerce,
  describeObject,
  gvkOf,
  isKubeObject,
  isRecord,
  type KubeObject,
  type SchemaSet,
  validate,
  withCrds,
} from "../../src/kube/mod.ts"
import { ownerAnnotation, ownerText } from "../../src/operator/ownership.ts"
import { build, describePlan, describeText, type OperatorPlan, type Plan } from "../../src/plan/mod.ts"
import { memoryFiles } from "../support/files.ts"
import { World } from "../support/world.ts"

const examples = join(import.meta.dir, "..", "..", "katalogs")
const goldens = join(import.meta.dir, "katalogs")
const rewrite = Bun.env["UPDATE_GOLDEN"] === "1"

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

const established = { conditions: [{ type: "Established", status: "True", reason: "Accepted", message: "" }] }

/** What is sent for the samples, by operator and sample: rendered, typed, stamped, in a world of its own. */
async function sentFor({ spec, plan, schemas, samples }: Example) {
  const crds = spec.crds.flatMap(({ crd }) => (crd ? [{ ...crd.object, status: established }] : []))
  const objects = plan.operators.flatMap(samples)
  await using world = await World.start(plan, { crds, objects })
  const sent = world.server.calls
    .flatMap(({ verb, body }) => (verb === "apply" && isKubeObject(body) ? [plain(body)] : []))
    .sort((a, b) => (describeObject(a) < describeObject(b) ? -1 : 1))
  return plan.operators.map((operator) => {
    const of = (cr: KubeObject) =>
      sent.filter(({ metadata }) => metadata.annotations?.[ownerAnnotation] === ownerText(cr))
    for (const object of sent) expect(validate(object, schemas.root(gvkOf(object)), schemas)).toEqual([])
    return [operator.name, Object.fromEntries(samples(operator).map((cr) => [cr.metadata.name, of(cr)]))] as const
  })
}

/** JSON with sorted keys, so that a golden changes only where the meaning does. */
function stableJson(value: unknown): string {
  const sorted = (_key: string, at: unknown) =>
    isRecord(at) ? Object.fromEntries(Object.entries(at).sort(([a], [b]) => (a < b ? -1 : 1))) : at
  return `${JSON.stringify(value, sorted, 2)}\n`
}

/** A sent object without the version that makes a server refuse what exists: it is the same on each. */
function plain(object: KubeObject): KubeObject {
  const { resourceVersion: _same, ...metadata } = object.metadata
  return { ...object, metadata }
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

  test("makes of them what it should", async () => {
    const path = join(goldens, `${name}.objects.json`)
    const made = stableJson(Object.fromEntries(await sentFor(exampleOf(name))))
    if (rewrite) writeFileSync(path, made)
    else expect(made).toBe(readFileSync(path, "utf8"))
  })

  test("is planned as agreed", () => {
    const path = join(goldens, `${name}.plan.txt`)
    const { plan, spec } = exampleOf(name)
    const text = describeText(describePlan(plan, [spec], { namespace: "orkestra", leaseName: `ork-${plan.katalog}` }))
    if (rewrite) writeFileSync(path, text)
    else expect(text).toBe(readFileSync(path, "utf8"))
  })
})

test("every golden belongs to an example", () => {
  const wanted = names.flatMap((name) => [`${name}.objects.json`, `${name}.plan.txt`])
  expect(readdirSync(goldens).sort()).toEqual(wanted.sort())
})
