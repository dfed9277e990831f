import { load } from "../../../src/katalog/mod.ts"
import { memoryFiles } from "../../support/files.ts"

/** A CRD manifest for Website.demo.example. */
export const websiteCrd = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: websites.demo.example }
spec:
  group: demo.example
  scope: Namespaced
  names: { kind: Website, plural: websites }
  versions:
    - { name: v1alpha1, served: true, storage: false }
    - { name: v1, served: true, storage: true }
    - { name: v0, served: false, storage: false }
`

/** A Katalog with one entry, `website`, whose keys are `body` (indented by six spaces). */
export function websiteKatalog(body = ""): string {
  const types = "      apiTypes: { group: demo.example, version: v1, kind: Website }\n"
  return `apiVersion: orkestra.orkspace.io/v1\nkind: Katalog\nspec:\n  crds:\n    website:\n${types}${body}`
}

/** Loads one text as katalog.yaml, with other files beside it. */
export function loadText(text: string, others: Readonly<Record<string, string>> = {}) {
  return load(memoryFiles({ "katalog.yaml": text, ...others }), "katalog.yaml")
}

/** Loads a Katalog of one entry and returns the entry; fails when there are errors. */
export function loadEntry(body: string, others: Readonly<Record<string, string>> = {}) {
  const { spec, diagnostics } = loadText(websiteKatalog(body), others)
  const entry = spec?.crds[0]
  if (entry === undefined) throw new Error(diagnostics.map((d) => `${d.code} ${d.message}`).join("\n"))
  return entry
}

/** Codes of the errors. */
export function errorCodes(text: string, others: Readonly<Record<string, string>> = {}): readonly string[] {
  return loadText(text, others)
    .diagnostics.filter((d) => d.severity === "error")
    .map((d) => d.code)
}
