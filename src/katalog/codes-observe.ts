import type { CodeText } from "./code-text.ts"

/** Codes of what an operator reads beside its own objects. */
export const observeCodes: Readonly<Record<string, CodeText>> = {
  ORK0217: {
    title: "A read of an entry that is not there",
    text: "`cross` reads custom resources of another entry of the same Katalog: the one that `crd` names, or the one whose CRD has the labels of `labelSelector`. It must be exactly one.",
    example: inBox("cross:\n  - crd: databse\n    selector: { name: main }"),
    fix: "Name a key of spec.crds with `crd:`.",
  },
}

function inBox(fields: string): string {
  const box = fields.replace(/^/gm, "        ")
  return `spec:\n  crds:\n    website:\n      crdFile: website-crd.yaml\n      operatorBox:\n${box}\n`
}
