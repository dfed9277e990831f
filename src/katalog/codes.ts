import type { CodeText } from "./code-text.ts"
import { compositionCodes } from "./codes-motifs.ts"
import { observeCodes } from "./codes-observe.ts"
import { staticCodes } from "./codes-static.ts"
import { planCodes, templateCodes } from "./codes-templates.ts"

const documents: Readonly<Record<string, CodeText>> = {
  ORK0101: {
    title: "The file cannot be read",
    text: "The path does not exist, is a folder without a katalog.yaml or komposer.yaml, or may not be opened.",
    example: "ork validate -f katalogs/shop/kalatog.yaml",
    fix: "Name a Katalog file, or a folder that holds a katalog.yaml, with -f.",
  },
  ORK0102: {
    title: "The text is not YAML",
    text: "Katalogs are YAML 1.2. The marked place breaks its rules: mostly a tab, an indentation or a quote. Nothing else is checked until it is repaired.",
    example: 'metadata:\n  name: "shop\n',
    fix: "Repair the marked place. Indent with spaces, close quotes and brackets, and put texts that begin with a special character in quotes.",
  },
  ORK0103: {
    title: "A key is set twice",
    text: "YAML would silently keep one of the two values, and nobody could tell which one was meant.",
    example: inEntry("workers: 2\nworkers: 5"),
    fix: "Keep one of the two.",
  },
  ORK0104: {
    title: "The file is beyond the bounds",
    text: "A file may hold 8 MiB of text, 100 levels and 500,000 values after its aliases are opened; 200,000 words and signs where it uses tags, keys with ? or other rare parts of YAML, or where its YAML is wrong. So every file is answered in bounded time.",
    example: `metadata:\n  name: ${"[".repeat(110)}${"]".repeat(110)}\n`,
    fix: "Split the file. Where it is not large, look for aliases that multiply and for brackets that are never closed.",
  },
  ORK0105: {
    title: "More than one document in a Katalog file",
    text: "A Katalog file holds one document; empty ones do not count. Manifests may hold many.",
    example: "metadata:\n  name: shop\nspec:\n  crds: {}\n---\nkind: Katalog\n",
    fix: "Put each Katalog into a file of its own; -f can be repeated.",
  },
  ORK0106: {
    title: "A value of the wrong kind",
    text: "The place needs another kind of value: a list, a map, true or false, a length of time, one of fixed words. Numbers and texts may stand for each other.",
    example: inEntry("resync: often"),
    fix: "Write what the message expects, for example `resync: 30s`.",
  },
  ORK0107: {
    title: "An unknown field",
    text: "The format has no such field here. Nothing is ignored silently, since an unknown field is mostly a slip.",
    example: inEntry("worker: 3"),
    fix: "Follow the hint, if there is one. Kubernetes fields that a short form does not have go under `overrides:` of the entry.",
  },
  ORK0108: {
    title: "A field is missing",
    text: "The place cannot do without this field, and there is no default for it.",
    example: inBlock("deployments:\n  - name: web"),
    fix: "Add the field.",
  },
  ORK0109: {
    title: "Not a Katalog of this version",
    text: "The file says another kind or another apiVersion than those that this version of ork reads.",
    example: "apiVersion: orkestra.orkspace.io/v9\nkind: Katalog\nspec:\n  crds: {}\n",
    fix: "Write `apiVersion: orkestra.orkspace.io/v1` and `kind: Katalog`. A Kubernetes object belongs in a file of its own.",
  },
  ORK0110: {
    title: "Part of the format, not supported yet",
    text: "The published format has this, this version of ork does not. It is refused, because a Katalog that runs without a part of itself would surprise.",
    example: inEntry("serve: { enabled: true }"),
    fix: "Do as the help line says, where there is one; else remove it for now.",
  },
  ORK0111: {
    title: "The file is empty",
    text: "There is no document in it, or only comments.",
    example: "# my first Katalog\n",
    fix: "Begin with `apiVersion: orkestra.orkspace.io/v1` and `kind: Katalog`.",
  },
  ORK0112: {
    title: "A condition without one clear operator",
    text: "A condition compares one field by one operator, in the short form (equals: x) or the long one (operator: equals, value: x), or asks for the time with exactly one of time, dayOfWeek and cron.",
    example: inBlock("when:\n  - { field: spec.size, equals: large, notEquals: small }"),
    fix: "Write several comparisons as several conditions: all of `when`, any of `or`.",
  },
  ORK0113: {
    title: "A name that cannot be used",
    text: "Names of CRD entries become parts of URLs and labels, names of Katalogs become names of Leases: lower-case letters, digits and '-'.",
    example: "metadata:\n  name: My Shop\nspec:\n  crds: {}\n",
    fix: "Choose a name of lower-case letters, digits and '-'.",
  },
  ORK0114: {
    title: "A number out of range",
    text: "The value has the right kind, but lies outside of what makes sense here.",
    example: inEntry("workers: 0"),
    fix: "Choose a value in the range that the message names.",
  },
  ORK0115: {
    title: "More than one Katalog may hold",
    text: "A Katalog may have 2,000 CRD entries, and regular expressions of 100,000 pieces in its conditions; so may each Motif. A piece is a character or a class, and a counted repetition counts as often as it may repeat: [a-z]{30} has 30 pieces. A class of many characters, such as [^a] or \\pL, counts as forty. So every file is answered in bounded time; while there is too much, nothing else is checked.",
    example: inBlock(
      "when:\n  - { field: spec.a, regex: '(a{30}){30}' }\n  - { field: spec.b, regex: '(b{30}){30}' } # and a hundred more",
    ),
    fix: "Move some of the entries to another Katalog, or write shorter expressions.",
  },
  ORK0120: {
    title: "Another published spelling",
    text: "The format was published in several layouts. All of them are read and mean the same; this note names the canonical place.",
    example: inEntry("operatorBox:\n  reconcile:\n    workers: 5"),
    fix: "Nothing has to be done. `ork fmt` rewrites the file into the canonical form and keeps its comments.",
  },
  ORK0121: {
    title: "One setting at two places",
    text: "Two published spellings of one setting are both present, and they could disagree.",
    example: inEntry("workers: 2\noperatorBox:\n  reconciler:\n    workers: 5"),
    fix: "Keep the canonical one, which the message names, and remove the other.",
  },
  ORK0122: {
    title: "A setting without effect",
    text: "The setting is read and changes nothing.",
    example: inEntry("queue:\n  maxDepth: 100"),
    fix: "Remove it.",
  },
  ORK0123: {
    title: "A file that cannot be rewritten",
    text: "`ork fmt` checks that a file means the same before and after. Here it would not: mostly the place is written in an unusual form of YAML, such as a key after a question mark. Nothing is written.",
    example: inEntry("operatorBox:\n  reconcile:\n    ? workers\n    : 5"),
    fix: "Write the place in the usual form, or move it by hand; `ork validate` names every old spelling.",
  },
}

const rules: Readonly<Record<string, CodeText>> = {
  ORK0201: {
    title: "A named file does not exist",
    text: "Paths are relative to the Katalog file. crFiles and setup also take globs, which must match something.",
    example: inEntry("setup: [rbac/*.yaml]"),
    fix: "Correct the path, or write the file.",
  },
  ORK0202: {
    title: "A manifest does not hold what it should",
    text: "crdFile names a file with exactly one CustomResourceDefinition of apiextensions.k8s.io/v1. Every object of a manifest has apiVersion, kind and metadata.name.",
    example: "spec:\n  crds:\n    website:\n      crdFile: website.yaml # a Website, not its CRD\n",
    fix: "Name the file that holds the definition, or repair the manifest.",
  },
  ORK0203: {
    title: "The Katalog contradicts the CRD",
    text: "Group, kind, plural and scope are read from the crdFile, so they need not be written. apiTypes.version may choose one of the served versions.",
    example: inEntry("apiTypes: { kind: Blog }"),
    fix: "Remove what the CRD says already, or correct it.",
  },
  ORK0204: {
    title: "A dependency that cannot start",
    text: "dependsOn names entries of the same spec.crds that are not disabled.",
    example: inEntry("dependsOn: [database]"),
    fix: "Name a key of spec.crds, or enable the entry.",
  },
  ORK0205: {
    title: "Dependencies go round in a circle",
    text: "Each entry would wait for the other for ever.",
    example: inEntry("dependsOn: [website]"),
    fix: "Remove one of the dependencies that the message lists.",
  },
  ORK0206: {
    title: "Something stands twice",
    text: "Ids of entries are unique inside one operator; a dependency is named once.",
    example: inBlock("configMaps:\n  - { id: page, name: a }\n  - { id: page, name: b }"),
    fix: "Choose another id, or remove one of the two.",
  },
  ORK0207: {
    title: "One CRD, two operators",
    text: "Two entries that run the same kind would undo each other's work.",
    example: "spec:\n  crds:\n    website: { crdFile: website-crd.yaml }\n    blog: { crdFile: website-crd.yaml }\n",
    fix: "Merge the two entries, or disable one of them.",
  },
  ORK0208: {
    title: "A sample of another kind",
    text: "crFiles are samples of the entry's own CRD. Other objects are allowed, but the first one is mostly the wrong file.",
    example: inEntry("crFiles: [website-crd.yaml]"),
    fix: "Move other objects to `setup:`.",
  },
  ORK0210: {
    title: "An included file that does not fit",
    text: "`include:` names one file, and the key at its top says what it holds.",
    example: inEntry("operatorBox:\n  reconcile:\n    include: website.yaml"),
    fix: "Name the right file, or begin it with the key that the message names.",
  },
  ORK0211: {
    title: "An include inside of an included file",
    text: "Included files cannot include others, so that a reader sees every file of a place in one line.",
    example: inEntry("operatorBox:\n  reconcile:\n    include: nested.yaml"),
    fix: "Include both files from the Katalog.",
  },
  ORK0216: {
    title: "A built-in kind without a selector",
    text: "An operator works on every object of its kind. For a kind that everybody in the cluster uses, it must say which ones are its own.",
    example:
      "spec:\n  crds:\n    app:\n      apiTypes: { group: apps, version: v1, kind: Deployment, plural: deployments }\n",
    fix: "Add labelSelector with labels that only your objects have.",
  },
  ORK0221: {
    title: "Read, and weaker here",
    text: "The published format has this. Here a part of it is done, or it can be left away: the message says what does not happen.",
    example:
      "security:\n  webhooks: { admission: { enabled: true } }\nspec:\n  crds:\n    website: { crdFile: website-crd.yaml }\n",
    fix: "Follow the help, or leave it: nothing else of the Katalog is touched.",
  },
  ORK0222: {
    title: "A deprecated Katalog",
    text: "Whoever wrote the Katalog says that it should not be used any more. It runs all the same.",
    example:
      'metadata:\n  name: old\n  deprecation: { message: "use the new one", migratedTo: "site:v2" }\nspec:\n  crds:\n    website: { crdFile: website-crd.yaml }\n',
    fix: "Move to what the message names, or accept it: `deprecation: { accept: { beforeEol: true } }`.",
  },
  ORK0220: {
    title: "A kind that Kubernetes has no more",
    text: "The published format has a list for it, but no supported version of Kubernetes serves the kind: no object could be made.",
    example: inBlock("podSecurityPolicies:\n  - name: strict"),
    fix: "Remove the list. Pod Security Standards are set by labels of the namespace: `namespaces: [{ labels: { pod-security.kubernetes.io/enforce: restricted } }]`.",
  },
  ORK0231: {
    title: "A protection that protects nothing",
    text: "namespaceProtection has the API server refuse custom resources in some namespaces. It must be said which: in the protection, or on the CRD entry.",
    example: inEntry("operatorBox:\n  namespaceProtection: { enabled: true }"),
    fix: "Name restrictedNamespaces or allowedNamespaces.",
  },
  ORK0230: {
    title: "An order without steps, or steps without an order",
    text: "An ordered deletion goes through its groups, one after the other. Entries that stand beside the groups have no place in it.",
    example: inEntry("operatorBox:\n  onDelete:\n    ordered: true\n    services: [{ name: web }]"),
    fix: "Write `ordered: true` and put every entry into one of `groups`, or write neither.",
  },
  ORK0215: {
    title: "Everything, and some of it",
    text: "`enrichAll: true` adds all that `enrich` can name, so that a list beside it would say nothing, or something else.",
    example: inEntry("enrich: [pods]\nenrichAll: true"),
    fix: "Keep the list, which watches only what it names, or `enrichAll`.",
  },
}

/** A part of a Katalog with these fields in its one entry. */
function inEntry(fields: string): string {
  const lines = fields.split("\n").map((line) => `      ${line}\n`)
  return `spec:\n  crds:\n    website:\n      crdFile: website-crd.yaml\n${lines.join("")}`
}

function inBlock(lists: string): string {
  return inEntry(`operatorBox:\n  onReconcile:\n${lists.replace(/^/gm, "    ")}`)
}

/** Every code a Katalog's author can meet: ORK01 document, ORK02 rules and files, ORK03 templates, ORK04 plan, ORK05 schemas. */
export const codes: Readonly<Record<string, CodeText>> = {
  ...documents,
  ...rules,
  ...templateCodes,
  ...planCodes,
  ...compositionCodes,
  ...observeCodes,
  ...staticCodes,
}
