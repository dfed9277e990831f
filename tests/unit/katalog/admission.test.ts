import { describe, expect, test } from "bun:test"
import { build } from "../../../src/plan/mod.ts"
import { errorCodes, loadEntry, loadText, websiteCrd, websiteKatalog } from "./support.ts"

const indent = (text: string) => text.replace(/^/gm, "      ")
const entry = (text: string, others: Readonly<Record<string, string>> = {}) => loadEntry(`${indent(text)}\n`, others)
const codesOf = (text: string) => errorCodes(websiteKatalog(`${indent(text)}\n`))

const rules = `validation:
  rules: [{ field: spec.size, max: 5, message: big }]
mutation:
  rules: [{ field: spec.size, default: 3 }]`

describe("rules for custom resources", () => {
  test("stand on the entry or under admission, and mean the same", () => {
    const under = `admission:\n${rules.replace(/^/gm, "  ")}`
    const plain = entry(rules).prepare
    expect(plain.validations).toMatchObject([
      { must: { field: "spec.size", operator: "lte", value: 5 }, action: "deny" },
    ])
    expect(plain.mutations).toMatchObject([{ field: "spec.size", mode: "default", value: 3, valueType: "native" }])
    expect(entry(under).prepare).toEqual(plain)
  })

  test("may come from a file, whose rules are first", () => {
    const text = `validation: { include: rules.yaml, rules: [{ field: spec.b, exists: true, message: own }] }`
    const { validations } = entry(text, {
      "rules.yaml": "rules: [{ field: spec.a, exists: true, message: first }]\n",
    }).prepare
    expect(validations.map(({ message }) => message)).toEqual(["first", "own"])
  })

  test.each([
    ["{ field: spec.a, operator: gte, value: 2, action: warn }", { operator: "gte", value: 2 }],
    ["{ field: spec.a, regex: '^a', negate: true }", { operator: "regex", negate: true }],
    ["{ field: spec.a, unique: true }", { operator: "unique" }],
    ["{ field: '{{ len .spec.a }}', lessThan: 3, valueType: int }", { operator: "lt", valueType: "int" }],
  ])("take every form of a condition: %s", (rule, must) => {
    expect(entry(`validation: { rules: [${rule}] }`).prepare.validations[0]).toMatchObject({ must })
  })

  test.each([
    ["validation: { rules: [{ field: spec.a, message: a }] }", "ORK0112"],
    ["validation: { rules: [{ exists: true, message: a }] }", "ORK0108"],
    ["validation: { rules: [{ field: spec.a, exists: true, action: drop }] }", "ORK0106"],
    ["validation: { rules: [{ field: spec.a, exists: true, mesage: a }] }", "ORK0107"],
    ["validation: { external: [{ name: a }] }", "ORK0108"],
    ["mutation: { external: [{ name: a, url: 'grpc://a/b' }] }", "ORK0110"],
    ["mutation: { rules: [{ field: spec.a }] }", "ORK0108"],
    ["mutation: { rules: [{ field: spec.a, default: 1, override: 2 }] }", "ORK0106"],
    ["mutation: { rules: [{ field: status.a, default: 1 }] }", "ORK0106"],
    ["mutation: { rules: [{ field: metadata.name, default: a }] }", "ORK0106"],
    ["mutation: { rules: [{ field: 'spec.a[0]', default: a }] }", "ORK0106"],
    ["normalize: { spec: { 'a[0]': x } }", "ORK0106"],
    ["normalize: { status: {} }", "ORK0107"],
    ["operatorBox: { events: { a: { type: Info, reason: A, message: a } } }", "ORK0106"],
    ["operatorBox: { events: { a: { type: Normal, reason: '{{ .spec.a }}', message: a } } }", "ORK0106"],
    ["operatorBox: { events: { a: { type: Normal, message: a } } }", "ORK0108"],
    ["operatorBox: { requeue: { after: soon } }", "ORK0106"],
    ["operatorBox: { requeue: { when: [] } }", "ORK0108"],
  ])("%s is %s", (text, code) => expect(codesOf(text)).toEqual([code]))

  test("say what has no effect", () => {
    const text = "mutation: { mutateFirst: false, persist: false }\nqueue: { retryBackoff: { initial: 1s } }"
    const { diagnostics } = loadText(websiteKatalog(`${indent(text)}\n`))
    expect(diagnostics.map(({ severity, code, path }) => [severity, code, path?.replace(/^.*website\./, "")])).toEqual([
      ["note", "ORK0122", "mutation.mutateFirst"],
      ["note", "ORK0122", "queue.retryBackoff"],
    ])
  })
})

test("every part of the rules, the events and the selection is part of a plan's fingerprint", () => {
  const texts = [
    "",
    rules,
    rules.replace("max: 5", "max: 6"),
    rules.replace("message: big", "message: large"),
    rules.replace("default: 3", "override: 3"),
    "normalize: { spec: { a: b } }",
    "normalize: { spec: { a: c } }",
    "operatorBox: { events: { a: { type: Normal, reason: A, message: a } } }",
    "operatorBox: { events: { a: { type: Normal, reason: A, message: b } } }",
    "operatorBox: { requeue: { after: 10s } }",
    "operatorBox: { requeue: { after: 20s } }",
    "allowedNamespaces: [a]",
    "labelSelector: { a: b }",
  ]
  const prints = texts.map((text) => {
    const { spec, spans } = loadText(websiteKatalog(text === "" ? "" : `${indent(text)}\n`))
    return spec && build(spec, spans).plan?.operators[0]?.fingerprint
  })
  expect(prints).not.toContain(undefined)
  expect(new Set(prints).size).toBe(texts.length)
})

test("events stand under emit as well", () => {
  const event = "events: { a: { type: Normal, reason: A, message: a } }"
  const plain = entry(`operatorBox: { ${event} }`).operatorBox.events
  expect(plain).toMatchObject([{ name: "a", type: "Normal", reason: "A", message: "a" }])
  expect(entry(`operatorBox: { emit: { ${event} } }`).operatorBox.events).toEqual(plain)
})

describe("the static check", () => {
  const schema =
    "openAPIV3Schema: { type: object, properties: { spec: { type: object, properties: { size: { type: integer } } } } }"
  const crd = websiteCrd.replace(
    "{ name: v1, served: true, storage: true }",
    `{ name: v1, served: true, storage: true, schema: { ${schema} } }`,
  )
  const check = (text: string) => {
    const katalog = `apiVersion: orkestra.orkspace.io/v1\nkind: Katalog\nspec:\n  crds:\n    website:\n      crdFile: crd.yaml\n${indent(text)}\n`
    const { spec, spans, diagnostics } = loadText(katalog, { "crd.yaml": crd })
    if (!spec) throw new Error(diagnostics.map(({ message }) => message).join("\n"))
    return build(spec, spans)
      .diagnostics.filter(({ severity }) => severity === "error")
      .map(({ code }) => code)
  }
  const reads = (path: string) =>
    `operatorBox: { onReconcile: { configMaps: [{ name: a, data: { a: "{{ ${path} }}" } }] } }`

  test("knows the fields that normalize and mutation add", () => {
    expect(check(reads(".spec.extra"))).toEqual(["ORK0501"])
    expect(check(`normalize: { spec: { extra: a } }\n${reads(".spec.extra")}`)).toEqual([])
    expect(check(`mutation: { rules: [{ field: spec.extra, default: a }] }\n${reads(".spec.extra")}`)).toEqual([])
    expect(
      check(`mutation: { rules: [{ field: spec.extra.deep, override: a }] }\n${reads(".spec.extra.deep")}`),
    ).toEqual([])
  })

  test.each([
    'normalize: { spec: { size: "{{ .spec.sise }}" } }',
    'mutation: { rules: [{ field: spec.size, default: "{{ .spec.sise }}" }] }',
    "mutation: { rules: [{ field: spec.size, default: 1, when: [{ field: spec.sise, exists: true }] }] }",
    "validation: { rules: [{ field: spec.sise, exists: true }] }",
    'validation: { rules: [{ field: spec.size, exists: true, message: "{{ .spec.sise }}" }] }',
    'operatorBox: { events: { a: { type: Normal, reason: A, message: "{{ .spec.sise }}" } } }',
    'operatorBox: { requeue: { after: "{{ .spec.sise }}" } }',
  ])("finds a wrong path in %s", (text) => expect(check(text)).toEqual(["ORK0501"]))
})
