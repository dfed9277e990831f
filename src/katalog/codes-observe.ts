import type { CodeText } from "./code-text.ts"

/** Codes of what an operator reads beside its own objects. */
export const observeCodes: Readonly<Record<string, CodeText>> = {
  ORK0217: {
    title: "A read of an entry that is not there",
    text: "`cross` reads custom resources of another entry of the same Katalog: the one that `crd` names, or the one whose CRD has the labels of `labelSelector`. It must be exactly one.",
    example: inBox("cross:\n  - crd: databse\n    selector: { name: main }"),
    fix: "Name a key of spec.crds with `crd:`.",
  },
  ORK0218: {
    title: "A call to a host that is not allowed",
    text: "An external call goes to the host that its address says. Where a template makes the host, whoever writes a custom resource could choose it, and would get what is sent there: so the Katalog says which hosts may be reached. Where it says them, no call goes anywhere else.",
    example: inBox("external:\n  - name: quota\n    url: '{{ .spec.endpoint }}/quota'"),
    fix: "Write the host as plain text, or name it at the top of the Katalog: `security: { external: { allowedHosts: [api.example.com] } }`.",
  },
  ORK0219: {
    title: "A gate with calls that does not say what a failure means",
    text: "A call can fail. Then the enqueueGate is open and the reconcileGate is closed, unless `failPolicy` says otherwise. That is worth a decision.",
    example: inBox(
      "gates:\n  reconcileGate:\n    external:\n      - name: freeze\n        url: https://ops.example.com/freeze",
    ),
    fix: "Add `failPolicy: open` or `failPolicy: closed` to the gate.",
  },
}

function inBox(fields: string): string {
  const box = fields.replace(/^/gm, "        ")
  return `spec:\n  crds:\n    website:\n      crdFile: website-crd.yaml\n      operatorBox:\n${box}\n`
}
