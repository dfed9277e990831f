import type { CodeText } from "./code-text.ts"

/** Codes of templates. */
export const templateCodes: Readonly<Record<string, CodeText>> = {
  ORK0301: {
    title: "A template cannot be read",
    text: "The text between {{ and }} breaks the rules of Go templates at the marked place.",
    example: withImage("{{ .spec.image | default nginx: }}"),
    fix: 'Repair the marked place; a fallback is a text in quotes: {{ .spec.image | default "nginx" }}.',
  },
  ORK0302: {
    title: "An unknown function",
    text: "No function of this name exists in templates.",
    example: withImage("{{ lowercase .spec.image }}"),
    fix: "Follow the hint, if there is one: here it is toLower.",
  },
  ORK0303: {
    title: "The wrong number of arguments",
    text: "The function takes more or fewer arguments than it was given. A piped value counts as the last one.",
    example: withImage("{{ toLower .spec.image .spec.tag }}"),
    fix: "Give the function what its signature in the message asks for.",
  },
  ORK0304: {
    title: "An undefined variable",
    text: "A variable is defined by := before it is used, in the same block or around it.",
    example: withImage("{{ $image }}"),
    fix: "Define it first: {{ $image := .spec.image }}.",
  },
  ORK0305: {
    title: "Capitalised names",
    text: "Fields are written as in YAML: .metadata.name and .spec, not .Name and .Spec.",
    example: withImage("{{ .Spec.Image }}"),
    fix: "Write the field as it stands in the custom resource: {{ .spec.image }}.",
  },
  ORK0306: {
    title: "Randomness that would never settle",
    text: "A random function gives another value in each pass, so the object would be changed for ever. It is allowed where an object is made once.",
    example: withImage("nginx:{{ randomAlphanumeric 8 }}"),
    fix: "Move the entry to `onCreate:`, where it is made one time and never compared.",
  },
  ORK0307: {
    title: "A template is too large",
    text: "Templates are bounded in length and depth, so that every one is answered in time.",
    example: withImage(`{{ ${"(".repeat(300)}1${")".repeat(300)} }}`),
    fix: "Split it into several fields, or move the data to a ConfigMap.",
  },
  ORK0308: {
    title: "A changed map that nobody keeps",
    text: "Values never change: `set` and `unset` give a new map. Helm's charts throw the result away and use the old map, which here would do nothing, silently.",
    example: withImage('{{ $d := dict }}{{ $_ := set $d "image" .spec.image }}{{ $d.image }}'),
    fix: 'Keep the new map: {{ $d = set $d "image" .spec.image }}.',
  },
  ORK0310: {
    title: "A default with its fallback first",
    text: "Both orders are read, but the piped form cannot be misunderstood.",
    example: withImage('{{ default "nginx" .spec.image }}'),
    fix: 'Write the piped form: {{ .spec.image | default "nginx" }}.',
  },
  ORK0311: {
    title: "Arguments in Helm's order",
    text: "The published format puts the subject of some functions first, where Helm puts it last. The arguments look as if they stood in Helm's order.",
    example: withImage('{{ trimPrefix "v" .spec.tag }}'),
    fix: "Put the subject first, as the message shows.",
  },
}

/** Codes of the plan. */
export const planCodes: Readonly<Record<string, CodeText>> = {
  ORK0402: {
    title: "A regular expression that cannot be used",
    text: "Expressions are in RE2 syntax and bounded, so that they always end in time.",
    example: inBlock('when:\n  - { field: spec.host, regex: "(a" }'),
    fix: "Correct the expression. RE2 has no back references and no look-around.",
  },
  ORK0404: {
    title: "An object without a fixed kind",
    text: "apiVersion and kind of an object decide what is watched, so they cannot depend on a custom resource.",
    example: inBlock('custom:\n  - { apiVersion: v1, kind: "{{ .spec.kind }}", metadata: { name: a } }'),
    fix: "Write both as plain texts, one entry for each kind, with `when:`.",
  },
  ORK0405: {
    title: "A service that could mean several workloads",
    text: "A service without a selector selects the workload of its custom resource, when there is exactly one.",
    example: inBlock(
      "deployments:\n  - { name: a, image: nginx }\n  - { name: b, image: nginx }\nservices:\n  - { port: 80 }",
    ),
    fix: "Write a selector: `orkestra.orkspace.io/workload: <name of the workload>`.",
  },
  ORK0406: {
    title: "A template in a key",
    text: "Keys are fixed, so that it is known before the start what an entry declares. Only values may have templates.",
    example: inBlock("configMaps:\n  - { data: { '{{ .spec.key }}': x } }"),
    fix: "Write a fixed key, or one entry for each key with forEach.",
  },
  ORK0407: {
    title: "Two operators with one name",
    text: "Katalogs that run in one process share the addresses /katalog/NAME.",
    example: "ork run -f katalogs/shop -f katalogs/other-shop",
    fix: "Rename one of the entries, or run the two Katalogs in two processes.",
  },
  ORK0420: {
    title: "An unknown profile",
    text: "A profile is one of the built-in ones of its class, or one that the Katalog defines under profiles. A name that is a template is looked up for each custom resource.",
    example: inBlock("deployments:\n  - { image: nginx, resources: { profile: smal } }"),
    fix: "Write the name of a profile of this class, or define it under profiles.",
  },
  ORK0421: {
    title: "A profile beside what it stands for",
    text: "A profile stands for the fields of its block. Beside fields of its own nobody could tell which of the two is meant. Only a resourceQuota uses its explicit limits, with a warning.",
    example: inBlock("deployments:\n  - { image: nginx, resources: { profile: small, limits: { cpu: 1 } } }"),
    fix: "Keep the profile or the fields. Parts of a profile are changed under overrides.",
  },
  ORK0422: {
    title: "Fields that exclude each other",
    text: "Kubernetes, or the short form, takes one of the two fields and not both.",
    example: inBlock("pdb:\n  - { minAvailable: 1, maxUnavailable: 1 }"),
    fix: "Keep one of them.",
  },
  ORK0423: {
    title: "A profile that hides a built-in one",
    text: "The Katalog's own profiles are looked up first, so the built-in profile of the same name cannot be reached any more.",
    example:
      "profiles:\n  resources:\n    small: { limits: { cpu: 2 } }\nspec:\n  crds:\n    website: { crdFile: website-crd.yaml }\n",
    fix: "Choose another name, unless hiding it is what you want.",
  },
  ORK0424: {
    title: "A copy whose source the custom resource chooses",
    text: "The operator reads the source with its own rights. When the name or the namespace of the source comes from the spec, whoever may write custom resources can have any such object of another namespace copied for them.",
    example: inBlock("secrets:\n  - { fromSecret: '{{ .spec.secret }}', fromNamespace: platform }"),
    fix: "Write the source as plain text, or derive it from metadata.",
  },
}

function withImage(image: string): string {
  return inBlock(`deployments:\n  - image: '${image}'`)
}

function inBlock(lists: string): string {
  const head =
    "spec:\n  crds:\n    website:\n      crdFile: website-crd.yaml\n      operatorBox:\n        onReconcile:\n"
  return `${head}${lists.replace(/^/gm, "          ")}\n`
}
