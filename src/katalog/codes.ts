/** What a diagnostic's code stands for, for people who ask. */
export interface CodeText {
  readonly title: string
  readonly text: string
  readonly example?: string
}

const documents: Readonly<Record<string, CodeText>> = {
  ORK0101: {
    title: "The file cannot be read",
    text: "The path does not exist, is a folder without a katalog.yaml or komposer.yaml, or may not be opened.",
    example: "ork validate -f katalogs/shop",
  },
  ORK0102: {
    title: "The text is not YAML",
    text: "Katalogs are YAML 1.2. The marked place breaks its rules: mostly a tab, an indentation or a quote. Nothing else is checked until it is repaired.",
  },
  ORK0103: { title: "A key is set twice", text: "YAML would silently keep one of the two values. Keep one of them." },
  ORK0104: {
    title: "The file is beyond the bounds",
    text: "A file may hold 1 MiB of text (8 MiB for a manifest), 100 levels and 500,000 values after its aliases are opened. Split it.",
  },
  ORK0105: {
    title: "More than one document in a Katalog file",
    text: "A Katalog file holds one document; empty ones do not count. Put each Katalog into a file of its own. Manifests may hold many documents.",
  },
  ORK0106: {
    title: "A value of the wrong kind",
    text: "The place needs another kind of value: a list, a map, true or false, a length of time, one of fixed words. Numbers and texts may stand for each other.",
    example: "resync: 30s",
  },
  ORK0107: {
    title: "An unknown field",
    text: "The format has no such field here. Nothing is ignored silently, since it is mostly a slip. Kubernetes fields that a short form does not have go under overrides.",
    example: "overrides: { spec: { template: { spec: { priorityClassName: high } } } }",
  },
  ORK0108: {
    title: "A field is missing",
    text: "The place cannot do without this field, and there is no default for it.",
  },
  ORK0109: {
    title: "Not a Katalog of this version",
    text: "The file must say apiVersion: orkestra.orkspace.io/v1 and kind: Katalog.",
  },
  ORK0110: {
    title: "Part of the format, not supported yet",
    text: "The published format has this, this version of ork does not. It is refused, because a Katalog that runs without a part of itself would surprise.",
  },
  ORK0111: { title: "The file is empty", text: "There is no document in it, or only comments." },
  ORK0112: {
    title: "A condition without one clear operator",
    text: "A condition compares one field by one operator, in the short form (equals: x) or the long one (operator: equals, value: x). Several comparisons are several conditions: all of when, any of or.",
    example: "when: [{ field: spec.size, equals: large }]",
  },
  ORK0113: {
    title: "A name that cannot be used",
    text: "Names of CRD entries become parts of URLs and labels, names of Katalogs become names of Leases: lower-case letters, digits and '-'.",
  },
  ORK0114: {
    title: "A number out of range",
    text: "The value has the right kind, but lies outside of what makes sense here.",
  },
  ORK0120: {
    title: "Another published spelling",
    text: "The format was published in several layouts. All are read; the message names the canonical place.",
  },
  ORK0121: {
    title: "One setting at two places",
    text: "Two published spellings of one setting are both present, and they could disagree. Keep the canonical one.",
  },
  ORK0122: { title: "A setting without effect", text: "The setting is read and changes nothing. Remove it." },
}

const rules: Readonly<Record<string, CodeText>> = {
  ORK0201: {
    title: "A named file does not exist",
    text: "Paths are relative to the Katalog file. crFiles and setup also take globs, which must match something.",
    example: "setup: [rbac/*.yaml]",
  },
  ORK0202: {
    title: "A manifest does not hold what it should",
    text: "crdFile names a file with exactly one CustomResourceDefinition of apiextensions.k8s.io/v1. Every object of a manifest has apiVersion, kind and metadata.name.",
  },
  ORK0203: {
    title: "The Katalog contradicts the CRD",
    text: "Group, kind, plural and scope are read from the crdFile, so they need not be written. apiTypes.version may choose one of the served versions.",
  },
  ORK0204: {
    title: "A dependency that cannot start",
    text: "dependsOn names entries of the same spec.crds that are not disabled.",
  },
  ORK0205: { title: "Dependencies go round in a circle", text: "Each entry would wait for the other for ever." },
  ORK0206: {
    title: "Something stands twice",
    text: "Ids of entries are unique inside one operator; a dependency is named once.",
  },
  ORK0207: {
    title: "One CRD, two operators",
    text: "Two entries that run the same kind would undo each other's work. Merge them.",
  },
  ORK0208: {
    title: "A sample of another kind",
    text: "crFiles are samples of the entry's own CRD. Other objects are allowed, but belong in setup.",
  },
}

const templates: Readonly<Record<string, CodeText>> = {
  ORK0301: {
    title: "A template cannot be read",
    text: "The text between {{ and }} breaks the rules of Go templates at the marked place.",
    example: '{{ .spec.image | default "nginx" }}',
  },
  ORK0302: { title: "An unknown function", text: "No function of this name exists in templates." },
  ORK0303: { title: "The wrong number of arguments", text: "A piped value counts as the last argument." },
  ORK0304: {
    title: "An undefined variable",
    text: "A variable is defined by := before it is used, in the same block or around it.",
  },
  ORK0305: {
    title: "Capitalised names",
    text: "Fields are written as in YAML: .metadata.name and .spec, not .Name and .Spec.",
  },
  ORK0306: {
    title: "Randomness that would never settle",
    text: "A random function gives another value in each pass. It is allowed where an object is made once: in onCreate.",
  },
  ORK0307: { title: "A template is too large", text: "Templates are bounded in length and depth." },
  ORK0310: {
    title: "A default with its fallback first",
    text: "Both orders are read, but the piped form is clear.",
    example: '{{ .spec.tag | default "latest" }}',
  },
}

const plans: Readonly<Record<string, CodeText>> = {
  ORK0402: {
    title: "A regular expression that cannot be used",
    text: "Expressions are in RE2 syntax and bounded, so that they always end in time.",
  },
  ORK0404: {
    title: "An object without a fixed kind",
    text: "apiVersion and kind of an object are plain texts: they decide what is watched.",
  },
  ORK0405: {
    title: "A service that could mean several workloads",
    text: "A service selects the workload of its custom resource when there is exactly one. Otherwise write a selector.",
  },
  ORK0407: {
    title: "Two operators with one name",
    text: "Katalogs that run in one process share the addresses /katalog/NAME. Rename one of the entries.",
  },
}

/** Every code a Katalog's author can meet: ORK01 document, ORK02 rules and files, ORK03 templates, ORK04 plan. */
export const codes: Readonly<Record<string, CodeText>> = { ...documents, ...rules, ...templates, ...plans }
