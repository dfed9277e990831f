import { describe, expect, test } from "bun:test"
import { seeded } from "../../../src/base/mod.ts"
import { type Loaded, type MotifSpec, typedInput } from "../../../src/katalog/mod.ts"
import { type Built, build, type Plan, renderEntry, renderStatusField } from "../../../src/plan/mod.ts"
import { errorCodes, loadText, websiteKatalog } from "./support.ts"

const head = (name: string) => `apiVersion: orkestra.orkspace.io/v1\nkind: Motif\nmetadata: { name: ${name} }\n`

const cache = `${head("cache")}inputs:
  - { name: size, type: int, default: 1 }
  - { name: host, required: true }
resources:
  configMaps:
    - name: "{{ .metadata.name }}-cache"
      data: { size: "{{ .inputs.size }}", host: "{{ .inputs.host }}" }
      when: [{ field: inputs.size, gt: 0 }]
  onCreate:
    secrets:
      - { id: login, name: login }
status:
  fields:
    - { path: cache, value: "{{ .inputs.host }}" }
`

function imports(lines: string, box = ""): string {
  return websiteKatalog(`      imports:\n${lines.replace(/^/gm, "        ")}\n${box}`)
}

function built(loaded: Loaded): Built {
  if (loaded.spec === undefined) throw new Error(loaded.diagnostics.map(({ message }) => message).join("\n"))
  return build(loaded.spec, loaded.spans)
}

function planOf(text: string, files: Readonly<Record<string, string>>): Plan {
  const { plan, diagnostics } = built(loadText(text, files))
  if (plan === undefined) throw new Error(diagnostics.map(({ message }) => message).join("\n"))
  return plan
}

function rendered(plan: Plan, spec: Readonly<Record<string, unknown>>) {
  const scope = { data: { metadata: { name: "shop" }, spec }, nowMs: 0, random: seeded(1) }
  const [operator] = plan.operators
  const results = operator?.resources.map((resource) => renderEntry(resource, scope)) ?? []
  return {
    data: results.flatMap((result) => result.rendered.map(({ id, object }) => [id, object["data"]] as const)),
    failures: results.flatMap((result) => result.failures.map(({ code }) => code)),
    status: operator?.status.fields.map((field) => renderStatusField(field, scope)) ?? [],
  }
}

const motif = { "m/cache.yaml": cache }
const bound = '- motif: ./m/cache.yaml\n  with: { host: "{{ .spec.host }}", size: "{{ .spec.size }}" }'

test("inputs are evaluated for each custom resource, typed, with defaults", () => {
  const plan = planOf(imports(bound), motif)
  expect(rendered(plan, { host: "a", size: "7" }).data.at(-1)).toEqual([
    "cache.onReconcile.configMaps[0]",
    { size: 7, host: "a" },
  ])
  expect(rendered(plan, { host: "a" }).data.at(-1)?.[1]).toEqual({ size: 1, host: "a" })
  expect(rendered(plan, { host: "a" }).status).toMatchObject([{ kind: "set", value: "a" }])
})

test("inputs are evaluated once for all content of a Motif", () => {
  const plan = planOf(imports(bound), motif)
  let reads = 0
  const spec = Object.defineProperty({}, "host", { enumerable: true, get: () => `a${++reads}` })
  const { data, status } = rendered(plan, spec)
  expect(data.at(-1)?.[1]).toEqual({ size: 1, host: "a1" })
  expect(status).toMatchObject([{ value: "a1" }])
})

test("imports under operatorBox.reconcile, and a folder with a motif.yaml, mean the same", () => {
  const box = '      operatorBox: { reconcile: { imports: [{ motif: ./m, with: { host: "{{ .spec.host }}" } }] } }\n'
  const plan = planOf(websiteKatalog(box), { "m/motif.yaml": cache })
  expect(rendered(plan, { host: "a" }).data.at(-1)?.[1]).toEqual({ size: 1, host: "a" })
})

test("older spellings in a Motif are read as in a Katalog", () => {
  const old = `${head("old")}resources:\n  configmaps: [{ name: a, labels: [{ key: x, value: y }], anyOf: [{ field: spec.a, exists: true }] }]\n`
  const [resource] = planOf(imports("- motif: ./m/old.yaml"), { "m/old.yaml": old }).operators[0]?.resources ?? []
  expect([resource?.gvk.kind, resource?.gate.conditional]).toEqual(["ConfigMap", true])
})

test("an id stands once in a Motif", () => {
  const twice = `${head("twice")}resources: { configMaps: [{ id: a, name: x }, { id: a, name: y }] }\n`
  expect(errorCodes(imports("- motif: ./m/twice.yaml"), { "m/twice.yaml": twice })).toEqual(["ORK0206"])
})

test("files that a Motif includes are beside the Motif", () => {
  const parts = `${head("parts")}status: { include: status.yaml }\n`
  const files = { "m/parts.yaml": parts, "m/status.yaml": "fields: [{ path: a, value: 1 }]\n" }
  expect(planOf(imports("- motif: ./m/parts.yaml"), files).operators[0]?.status.fields[0]?.where).toBe(
    "m/status.yaml:1:10",
  )
})

test("a required input that yields nothing, or of another type, fails the entries of its Motif", () => {
  const plan = planOf(imports(bound), motif)
  expect(new Set(rendered(plan, {}).failures)).toEqual(new Set(["template/missing"]))
  expect(new Set(rendered(plan, { host: "a", size: "many" }).failures)).toEqual(new Set(["template/type"]))
})

test("onCreate is made once, lists are managed, and ids begin with the Motif", () => {
  const [operator] = planOf(imports(bound), motif).operators
  expect(operator?.resources.map(({ id, lifecycle, where }) => [id, lifecycle, where])).toEqual([
    ["cache.login", "once", "m/cache.yaml:14:9"],
    ["cache.onReconcile.configMaps[0]", "managed", "m/cache.yaml:9:7"],
  ])
})

test("a nested Motif gets inputs of the one that imports it, and stands before it", () => {
  const outer = `${head("platform")}inputs: [{ name: name }]\nimports:\n  - motif: ./cache.yaml\n    with: { host: "{{ .inputs.name }}.local" }\nresources: { configMaps: [{ name: own }] }\n`
  const plan = planOf(imports('- motif: ./m/platform.yaml\n  with: { name: "{{ .spec.n }}" }'), {
    ...motif,
    "m/platform.yaml": outer,
  })
  const { data } = rendered(plan, { n: "x" })
  expect(data.map(([id]) => id)).toEqual([
    "platform/cache.login",
    "platform/cache.onReconcile.configMaps[0]",
    "platform.onReconcile.configMaps[0]",
  ])
  expect(data[1]?.[1]).toEqual({ size: 1, host: "x.local" })
})

test("the operatorBox wins over a Motif and says so", () => {
  const box = `      operatorBox:
        onReconcile: { configMaps: [{ name: "{{.metadata.name}}-cache", data: { own: "1" } }] }
        status: { fields: [{ path: cache, value: own }] }
`
  const loaded = loadText(imports(bound, box), motif)
  const { plan, diagnostics } = built(loaded)
  expect(diagnostics.map(({ code, severity }) => [code, severity])).toEqual([
    ["ORK0408", "note"],
    ["ORK0408", "note"],
  ])
  expect(plan?.operators[0]?.resources.map(({ id }) => id)).toEqual(["cache.login", "onReconcile.configMaps[0]"])
  expect(plan?.operators[0]?.status.fields).toHaveLength(1)
})

test("two Motifs that declare the same object are an error, unless an input tells them apart", () => {
  const one = `${head("one")}inputs: [{ name: n, default: a }]\nresources: { configMaps: [{ name: "{{ .inputs.n }}" }] }\n`
  const files = { "m/one.yaml": one }
  const twice = (name: string) => imports(`- motif: ./m/one.yaml\n- motif: ./m/one.yaml\n  with: { n: ${name} }`)
  expect(built(loadText(twice("a"), files)).diagnostics.map(({ code }) => code)).toEqual(["ORK0409"])
  const [operator] = planOf(twice("b"), files).operators
  expect(operator?.resources.map(({ id }) => id)).toEqual([
    "one.onReconcile.configMaps[0]",
    "one#2.onReconcile.configMaps[0]",
  ])
})

test("a mistake in a Motif names the way on which it came in, once", () => {
  const wrong = cache.replace("{{ .inputs.size }}", "{{ .inputs.sise }}")
  const { diagnostics } = built(loadText(imports(bound), { "m/cache.yaml": wrong }))
  expect(diagnostics.map(({ code, span }) => [code, span?.file.path])).toEqual([["ORK0322", "m/cache.yaml"]])
  expect(diagnostics[0]?.message).toContain("imported at katalog.yaml:8:18")
})

test("conditions and loops may not name an unknown input either", () => {
  const wrong = cache.replace("field: inputs.size", "field: inputs.sise")
  expect(built(loadText(imports(bound), { "m/cache.yaml": wrong })).diagnostics.map(({ code }) => code)).toEqual([
    "ORK0322",
  ])
})

test("a changed binding is another plan, a moved line is not", () => {
  const fingerprint = (text: string) => planOf(text, motif).operators[0]?.fingerprint
  const first = fingerprint(imports("- { motif: ./m/cache.yaml, with: { host: a } }"))
  expect(fingerprint(imports("- { motif: ./m/cache.yaml, with: { host: b } }"))).not.toBe(first)
  expect(fingerprint(`# moved\n${imports("- { motif: ./m/cache.yaml, with: { host: a } }")}`)).toBe(first)
})

test("a service of a Motif means the only workload of that Motif", () => {
  const web = (name: string) =>
    `${head(name)}resources:\n  deployments: [{ name: ${name}, image: x, port: 80 }]\n  services: [{ name: ${name}, port: 80 }]\n`
  const files = { "m/a.yaml": web("a"), "m/b.yaml": web("b") }
  expect(built(loadText(imports("- motif: ./m/a.yaml\n- motif: ./m/b.yaml"), files)).diagnostics).toEqual([])
})

test.each([
  ["a required input is not bound", "- motif: ./m/cache.yaml", "ORK0108"],
  ["with names no input", "- { motif: ./m/cache.yaml, with: { host: a, more: 1 } }", "ORK0107"],
  ["a literal has another type", "- { motif: ./m/cache.yaml, with: { host: a, size: big } }", "ORK0106"],
  ["the file is missing", "- motif: ./m/none.yaml", "ORK0201"],
  ["the source is a registry", "- motif: oci://example.com/cache:v1", "ORK0110"],
  ["the file is a Katalog", "- motif: ./other.yaml", "ORK0109"],
])("it is an error when %s", (_, lines, code) => {
  expect(errorCodes(imports(lines), { ...motif, "other.yaml": websiteKatalog() })).toEqual([code])
})

test("Motifs that import each other are an error that shows the circle", () => {
  const files = {
    "a.yaml": `${head("a")}imports: [{ motif: ./b.yaml }]\n`,
    "b.yaml": `${head("b")}imports: [{ motif: ./a.yaml }]\n`,
  }
  const { diagnostics } = loadText(imports("- motif: ./a.yaml"), files)
  expect(diagnostics.map(({ code, span }) => [code, span?.file.path])).toEqual([["ORK0212", "b.yaml"]])
  expect(diagnostics[0]?.message).toContain("a.yaml -> b.yaml -> a.yaml")
})

describe("bounds", () => {
  const chain = (length: number) =>
    Object.fromEntries(
      Array.from({ length }, (_, i) => [
        `m${i}.yaml`,
        `${head(`m${i}`)}${i + 1 < length ? `imports: [{ motif: ./m${i + 1}.yaml }]\n` : ""}`,
      ]),
    )

  test("ten Motifs within each other are fine, eleven are not", () => {
    expect(errorCodes(imports("- motif: ./m0.yaml"), chain(10))).toEqual([])
    expect(errorCodes(imports("- motif: ./m0.yaml"), chain(11))).toEqual(["ORK0213"])
  })

  test("500 imports are fine, 501 are not", () => {
    const many = (count: number) => imports(Array.from({ length: count }, () => "- motif: ./m0.yaml").join("\n"))
    expect(errorCodes(many(500), chain(1))).toEqual([])
    expect(errorCodes(many(501), chain(1))).toEqual(["ORK0213"])
  })
})

test.each<[unknown, MotifSpec["inputs"][number]["type"], unknown]>([
  ["7", "int", 7],
  ["7.5", "int", undefined],
  ["7.5", "float", 7.5],
  ["true", "bool", true],
  ["yes", "bool", undefined],
  [7, "string", "7"],
  [[1], "list", [1]],
  ["a", "list", undefined],
  [{ a: 1 }, "map", { a: 1 }],
  [[1], "map", undefined],
  [{ a: 1 }, "string", undefined],
  [{ a: 1 }, "any", { a: 1 }],
])("%p as %s", (value, type, wanted) => {
  const typed = typedInput(value, type)
  expect(typed.ok ? typed.value : undefined).toEqual(wanted)
})
