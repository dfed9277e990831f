import { describe, expect, test } from "bun:test"
import { type Diagnostic, seeded } from "../../../src/base/mod.ts"
import { build, judgeGate } from "../../../src/plan/mod.ts"
import { loadEntry, loadText, websiteCrd, websiteKatalog } from "./support.ts"

const inBox = (text: string) => `      operatorBox:\n        ${text.replaceAll("\n", "\n        ")}\n`
const read = (gates: string) => loadEntry(inBox(`gates:\n  ${gates.replaceAll("\n", "\n  ")}`)).operatorBox.gates

/** What loading and compiling say. */
function judged(box: string, head = ""): readonly Diagnostic[] {
  const { spec, spans, diagnostics } = loadText(head + websiteKatalog(inBox(box)))
  return [...diagnostics, ...(spec ? build(spec, spans).diagnostics : [])]
}

const codes = (box: string) => judged(box).map(({ severity, code }) => `${severity} ${code}`)
const ask = (template: string) => `when: [{ field: "{{ ${template} }}", equals: "true" }]`

test("both gates are read, with their conditions and what they do when they fail", () => {
  const gates = read(`sentinels: [generationChanged, labelsChanged, labelsChanged]
enqueueGate: { when: [{ field: spec.a, equals: x }], failPolicy: closed }
reconcileGate: { or: [{ field: spec.b, exists: true }], failPolicy: open }`)
  expect(gates.sentinels).toEqual(["generationChanged", "labelsChanged"])
  expect(gates.enqueue).toMatchObject({ failPolicy: "closed", when: [{ field: "spec.a" }], or: [] })
  expect(gates.reconcile).toMatchObject({ failPolicy: "open", when: [], or: [{ field: "spec.b" }] })
  expect(gates.enqueue?.at).toBe("spec.crds.website.operatorBox.gates.enqueueGate")
})

test("without failPolicy the enqueueGate fails open and the reconcileGate closed", () => {
  const gates = read("enqueueGate: { when: [] }\nreconcileGate: { when: [] }")
  expect([gates.enqueue?.failPolicy, gates.reconcile?.failPolicy]).toEqual(["open", "closed"])
  expect(loadEntry("").operatorBox.gates).toEqual({ sentinels: [], enqueue: undefined, reconcile: undefined })
})

test("the published spellings mean the same and are noted", () => {
  const canonical = read("sentinels: [uidChanged]\nreconcileGate: { or: [{ field: spec.a, exists: true }] }")
  const box = "preReconcile: { sentinels: [uidChanged], reconcileGate: { anyOf: [{ field: spec.a, exists: true }] } }"
  expect(loadEntry(inBox(box)).operatorBox.gates).toEqual(canonical)
  expect(new Set(codes(box))).toEqual(new Set(["note ORK0120"]))
})

describe("what is wrong is said", () => {
  test.each([
    ["an unknown sentinel", "gates: { sentinels: [generationChange] }", "error ORK0106", "generationChanged"],
    ["a misspelt gate", "gates: { enqueGate: {} }", "error ORK0107", "enqueueGate"],
    ["another failPolicy", "gates: { reconcileGate: { failPolicy: close } }", "error ORK0106", "closed"],
    ["a call without an address", "gates: { external: [{ name: a }] }", "error ORK0108", "url"],
    [
      "a call of a gate that does not say what its failure means",
      'gates: { enqueueGate: { external: [{ name: a, url: "https://a.example.com" }] } }',
      "warning ORK0219",
      "failPolicy",
    ],
    ["eventAware", "gates: { reconcileGate: { eventAware: true } }", "note ORK0122", "remove"],
    ["eventAware elsewhere", "gates: { enqueueGate: { eventAware: true } }", "error ORK0107", ""],
    [
      "a sentinel that is not declared",
      `gates: { sentinels: [uidChanged], enqueueGate: { ${ask("labelsChanged")} } }`,
      "error ORK0302",
      "sentinels: [labelsChanged]",
    ],
    [
      "a misspelt call",
      `gates: { sentinels: [uidChanged], enqueueGate: { ${ask("uidChangd")} } }`,
      "error ORK0302",
      "uidChanged",
    ],
  ])("%s", (_, box, expected, help) => {
    expect(codes(box)).toEqual([expected])
    expect(judged(box)[0]?.help ?? "").toContain(help)
    expect(judged(box)[0]?.span).toBeDefined()
  })

  test("a sentinel outside of the gates", () => {
    const box = `gates: { sentinels: [uidChanged] }\nonReconcile:\n  ${ask("uidChanged")}`
    expect(codes(box)).toEqual(["error ORK0302"])
  })
})

test.each([
  ["uidChanged", true],
  ["not uidChanged", false],
  ["eq uidChanged true", true],
  ["and uidChanged .spec.on", true],
  ["print uidChanged", true],
  ["if uidChanged }}true{{ end", true],
])("a sentinel is a boolean with a text: {{ %s }}", (template, expected) => {
  const box = `gates: { sentinels: [uidChanged], enqueueGate: { ${ask(template)} } }`
  expect(codes(box)).toEqual([])
  const { spec, spans } = loadText(websiteKatalog(inBox(box)))
  const gate = spec && build(spec, spans).plan?.operators[0]?.gates.enqueue
  const says = (uidChanged: boolean) =>
    gate && judgeGate(gate, { data: { spec: { on: true }, sentinels: { uidChanged } }, nowMs: 0, random: seeded(1) })
  expect([says(true)?.open, says(false)?.open]).toEqual([expected, !expected])
})

test("what gates read is checked against the schema of the CRD, and the operator's numbers are known", () => {
  const spec = "{ type: object, properties: { paused: { type: boolean } } }"
  const schema = `schema: { openAPIV3Schema: { type: object, properties: { spec: ${spec} } } }`
  const crd = websiteCrd.replace(
    "{ name: v1, served: true, storage: true }",
    `{ name: v1, served: true, storage: true, ${schema} }`,
  )
  const faults = (field: string) => {
    const gates = `gates: { sentinels: [uidChanged], enqueueGate: { when: [{ field: '${field}', equals: true }] } }`
    const { spec, spans } = loadText(websiteKatalog(`      crdFile: crd.yaml\n${inBox(gates)}`), { "crd.yaml": crd })
    const found = spec ? build(spec, spans).diagnostics : []
    return found.filter(({ severity }) => severity === "error").map(({ code }) => code)
  }
  expect(faults("spec.pausd")).toEqual(["ORK0501"])
  expect(faults("{{ and uidChanged .spec.pausd }}")).toEqual(["ORK0501"])
  expect(faults("health.stats")).toEqual(["ORK0501"])
  for (const field of ["spec.paused", "{{ uidChanged }}", "health.status", "metrics.queueDepth"]) {
    expect([field, faults(field)]).toEqual([field, []])
  }
})

test("the fingerprint is that of the gates: what they ask, and what they do when they fail", () => {
  const prints = [
    "",
    "gates: { enqueueGate: { when: [{ field: spec.a, equals: x }] } }",
    "gates: { enqueueGate: { when: [{ field: spec.a, equals: y }] } }",
    "gates: { enqueueGate: { when: [{ field: spec.a, equals: x }], failPolicy: closed } }",
    "gates: { reconcileGate: { when: [{ field: spec.a, equals: x }] } }",
  ].map((box) => {
    const { spec, spans } = loadText(websiteKatalog(box === "" ? "" : inBox(box)))
    return spec && build(spec, spans).plan?.operators[0]?.fingerprint
  })
  expect(new Set(prints).size).toBe(prints.length)
})
