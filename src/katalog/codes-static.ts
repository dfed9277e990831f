import type { CodeText } from "./code-text.ts"

/** Codes of the check against schemas. */
export const staticCodes: Readonly<Record<string, CodeText>> = {
  ORK0501: {
    title: "A field that the schema does not have",
    text: "A template or condition reads a field that the CRD does not define, so it would always yield nothing; or an object sets a field that its kind does not have. Without a crdFile, and below x-kubernetes-preserve-unknown-fields, nothing is judged.",
    example: inBlock("deployments:\n  - image: '{{ .spec.imgae }}'"),
    fix: "Follow the hint, if there is one, or add the field to the CRD's schema.",
  },
  ORK0502: {
    title: "A value that can never fit its place",
    text: "What is written here, or what the template yields, has a type that cannot be made into the one that the place takes. Texts that spell a number fit where a number is asked for, and everything scalar fits where a text is asked for.",
    example: inBlock("deployments:\n  - image: '{{ .spec.image }}'\n    replicas: '{{ .spec.image }}'"),
    fix: "Use a field of the right type, or convert it with a function, for example toInt or join.",
  },
  ORK0503: {
    title: "A status field that is not kept",
    text: "The CRD's schema does not have the field, so the API server drops it each time it is written.",
    example: inBox("status:\n  fields:\n    - { path: adress, value: x }"),
    fix: "Correct the path, or add the field below status in the CRD's schema.",
  },
  ORK0504: {
    title: "Conditions that are not kept",
    text: "The operator writes conditions and observedGeneration to the status of each custom resource. The CRD's schema lacks them, or the CRD has no status subresource, so they are not kept and tools cannot wait for Ready.",
    example: "spec:\n  crds:\n    note: { crdFile: note-crd.yaml } # its schema has no status.conditions\n",
    fix: "Add them to the CRD's schema, or write `status: { conditions: false }`.",
  },
  ORK0505: {
    title: "A child that no entry makes",
    text: "Below .children stand the objects that the entries of this operator make, by kind. No entry makes one of this kind.",
    example: inBlock("configMaps:\n  - name: page\n    when:\n      - { field: children.deploymnt, exists: true }"),
    fix: "Name a kind that an entry makes, such as .children.deployment, or add the entry.",
  },
  ORK0506: {
    title: "An object without a field that it needs",
    text: "The API server refuses objects of this kind without the field.",
    example: inBlock(
      "manifests:\n  - { apiVersion: v1, kind: Pod, metadata: { name: a }, spec: { containers: [{ name: a }] } }",
    ),
    fix: "Add the field. For a part of an object that somebody else makes, set `adoption: force`.",
  },
  ORK0507: {
    title: "A child that could be one of several",
    text: "Several entries make objects of this kind, and .children with the kind in the singular is the first of them by name.",
    example: inBlock(
      "configMaps:\n  - { name: a }\n  - { name: b, data: { a: '{{ .children.configMap.metadata.name }}' } }",
    ),
    fix: "Name the one that is meant: .children.configMaps.<name>.",
  },
  ORK0508: {
    title: "A value that the API server refuses",
    text: "The type is right, but the API server takes only values of a certain form here: a DNS name for an object, a cron expression for a schedule. Only plain values are judged, templates are not.",
    example: inBlock("configMaps:\n  - { name: Shop_Page }"),
    fix: "Write it as the message says: names have lower-case letters, digits, '-' and '.'.",
  },
  ORK0509: {
    title: "One object from two entries",
    text: "Two entries without conditions make an object of the same kind, namespace and name, so each would undo what the other one does.",
    example: inBlock("configMaps:\n  - { name: page, data: { a: x } }\n  - { name: page, data: { b: y } }"),
    fix: "Join them into one entry, give one of them another name, or conditions so that only one of them applies.",
  },
  ORK0510: {
    title: "More mistakes than are shown",
    text: "At most 500 errors and 500 warnings of one Katalog are shown by the check of its form, and as many by the check of templates and schemas.",
    example: inBlock("configMaps: # 501 of them, each with a misspelt field\n  - { data: { a: '{{ .spec.imgae }}' } }"),
    fix: "Repair the mistakes that are shown, then check again.",
  },
}

function inBlock(lists: string): string {
  return inBox(`onReconcile:\n${lists.replace(/^/gm, "  ")}`)
}

function inBox(blocks: string): string {
  const head = "spec:\n  crds:\n    website:\n      crdFile: website-crd.yaml\n      operatorBox:\n"
  return `${head}${blocks.replace(/^/gm, "        ")}\n`
}
