import { describe, expect, test } from "bun:test"
import { type Diagnostic, positionOf } from "../../../src/base/mod.ts"
import { compileKatalogs } from "../../../src/cli/katalog.ts"
import { memoryFiles } from "../../support/files.ts"
import { followHelp } from "../../support/follow-help.ts"
import { memoryTerminal } from "../../support/terminal.ts"
import { good, type HelpCase, helpCases } from "./help-cases.ts"

const spec =
  "{ size: { type: string, enum: [small, large] }, title: { type: string }, replicas: { type: integer }, tags: { type: array, items: { type: string } } }"
const crd = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: websites.demo.example }
spec:
  group: demo.example
  scope: Namespaced
  names: { kind: Website, plural: websites }
  versions:
    - name: v1
      served: true
      storage: true
      subresources: { status: {} }
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: { type: object, properties: ${spec} }
            status: { type: object, properties: { phase: { type: string } } }
`
const cr = "apiVersion: demo.example/v1\nkind: Website\nmetadata: { name: a }\n"

function mistakesIn(text: string): readonly Diagnostic[] {
  const files = memoryFiles({ "katalog.yaml": text, "crd.yaml": crd, "cr.yaml": cr })
  const { diagnostics } = compileKatalogs(memoryTerminal(files), ["."])
  return diagnostics.filter(({ severity }) => severity === "error")
}

const frames: Readonly<Record<Exclude<HelpCase["in"], "file">, (text: string) => string>> = {
  top: (text) => `${good}${text}\n`,
  entry: (text) => good.replace("a: { crdFile: crd.yaml }", `a:\n      crdFile: crd.yaml\n      ${text}`),
  box: (text) => frames.entry(`operatorBox:\n        ${text}`),
  block: (text) => frames.box(`onReconcile:\n          ${text}`),
}

function marked(one: HelpCase): { readonly text: string; readonly start: number; readonly end: number } {
  const text = one.in === "file" ? one.text : frames[one.in](one.text)
  const start = text.indexOf("«")
  return { text: text.replace("«", "").replace("»", ""), start, end: text.indexOf("»") - 1 }
}

test("the Katalog that the mistakes are put into is right", () => {
  expect(mistakesIn(good)).toEqual([])
})

describe("one diagnostic, at its place, and the edit that its help proposes ends it", () => {
  test.each(helpCases.map((one) => [one.code, one.text.trim().split("\n").at(-1) ?? "", one] as const))(
    "%s %s",
    (code, _, one) => {
      const { text, start, end } = marked(one)
      const found = mistakesIn(text)
      expect(found.map((each) => each.code)).toEqual([code])
      const [mistake] = found
      const file = { path: "katalog.yaml", text }
      expect(mistake?.span && positionOf(file, mistake.span.start)).toEqual(positionOf(file, start))
      if (end > start) expect(mistake?.span?.end).toBe(end)
      expect(mistake?.help ?? "").not.toBe("")
      const [from, to] = one.edit ?? ["", ""]
      const repaired = one.edit ? text.replace(from, () => to) : mistake && followHelp(text, mistake)
      expect(repaired).toBeDefined()
      expect(mistakesIn(repaired ?? "").map(({ code: left, message }) => `${left} ${message}`)).toEqual([])
    },
  )
})
