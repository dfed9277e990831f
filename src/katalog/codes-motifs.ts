import type { CodeText } from "./code-text.ts"

/** Codes of what a Katalog is made of besides its own file: addresses, includes, Motifs, notes. */
export const compositionCodes: Readonly<Record<string, CodeText>> = {
  ORK0209: {
    title: "An address that gives no file",
    text: "crdFile, crFiles, setup and -f take https addresses, and http on this machine. A file has 10 seconds and at most 5 MiB; a redirect stays on its host.",
    example: "spec:\n  crds:\n    website:\n      crdFile: https://example.invalid/website-crd.yaml\n",
    fix: "Look at the address in a browser, or save the file beside the Katalog and name it.",
  },
  ORK0212: {
    title: "Motifs import each other",
    text: "A Motif that imports itself, over however many steps, would never end.",
    example: "imports:\n  - motif: ./a.yaml # a.yaml imports b.yaml, and b.yaml imports a.yaml\n",
    fix: "Remove one of the imports that the message names.",
  },
  ORK0213: {
    title: "Too many Motifs",
    text: "A Katalog imports at most 500 Motifs, counted with all that they import, and at most 10 within each other.",
    example: "imports:\n  - motif: ./a.yaml # eleven Motifs, each in the next\n",
    fix: "Import fewer, or put what belongs together into one Motif.",
  },
  ORK0214: {
    title: "A Motif with resources for the whole Katalog",
    text: "spec.imports brings notes and profiles. Resources and status fields belong to one CRD.",
    example: "spec:\n  imports:\n    - motif: ./cache.yaml # has resources\n",
    fix: "Import the Motif on the CRD entry that is to have its resources.",
  },
  ORK0320: {
    title: "A note with the name of a built-in function",
    text: "The note is called in place of the built-in function, wherever this note is visible.",
    example: withNote("{ name: upper, expression: '{{ .spec.host }}' }"),
    fix: "Rename it, or write `shadow: true` where that is meant.",
  },
  ORK0321: {
    title: "A note that calls itself",
    text: "Notes may call each other, but not in a circle.",
    example: withNote("{ name: a, expression: '{{ b }}' }\n    - { name: b, expression: '{{ a }}' }"),
    fix: "Take one of the calls out that the message names.",
  },
  ORK0322: {
    title: "An input that the Motif does not declare",
    text: "The content of a Motif reads what stands under its inputs; any other name would always be empty.",
    example: "resources:\n  configMaps:\n    - data: { size: '{{ .inputs.sise }}' }\n",
    fix: "Write the name of a declared input, or declare it under `inputs:`.",
  },
  ORK0408: {
    title: "A declaration of a Motif that gives way",
    text: "The Katalog and a Motif declare the same object, status path or note. The Katalog's own one is used.",
    example:
      "notes:\n  functions:\n    - { name: host, expression: '{{ .spec.host }}' }\nspec:\n  imports:\n    - motif: ./motif.yaml # declares host too\n",
    fix: "Nothing has to be done. Rename yours to use both.",
  },
  ORK0409: {
    title: "One declaration in two Motifs",
    text: "Two Motifs declare the same object, status path or note, and neither of them wins.",
    example: "imports:\n  - motif: ./a.yaml # both declare the status path ready\n  - motif: ./b.yaml\n",
    fix: "Declare it in the Katalog, which wins over both, or give one another name through an input.",
  },
}

function withNote(note: string): string {
  return `notes:\n  functions:\n    - ${note}\nspec:\n  crds:\n    website:\n      crdFile: website-crd.yaml\n`
}
