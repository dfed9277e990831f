/** A mistake: where the text stands, the text with « » around what is marked, its code, and what the help does not say. */
export interface HelpCase {
  readonly in: "file" | "top" | "entry" | "box" | "block"
  readonly text: string
  readonly code: string
  /** The edit of a person, where the help leaves something to choose: a text and what stands in its place. */
  readonly edit?: readonly [from: string, to: string]
}

const inBlock = (code: string, text: string, edit?: readonly [string, string]): HelpCase => ({
  in: "block",
  code,
  text,
  ...(edit && { edit }),
})
const inBox = (code: string, text: string, edit?: readonly [string, string]): HelpCase => ({
  ...inBlock(code, text, edit),
  in: "box",
})
const inEntry = (code: string, text: string, edit?: readonly [string, string]): HelpCase => ({
  ...inBlock(code, text, edit),
  in: "entry",
})
const top = (code: string, text: string, edit?: readonly [string, string]): HelpCase => ({
  ...inBlock(code, text, edit),
  in: "top",
})
const file = (code: string, text: string, edit?: readonly [string, string]): HelpCase => ({
  ...inBlock(code, text, edit),
  in: "file",
})

const when = (code: string, condition: string, edit?: readonly [string, string]) =>
  inBlock(code, `when: [${condition}]`, edit)

/** A Katalog with nothing wrong in it. */
export const good =
  "apiVersion: orkestra.orkspace.io/v1\nkind: Katalog\nmetadata: { name: a }\nspec:\n  crds:\n    a: { crdFile: crd.yaml }\n"

const files: readonly HelpCase[] = [
  file("ORK0109", good.replace("Katalog", "«Katalogg»")),
  file("ORK0109", good.replace("orkestra.orkspace.io/v1", "«v1»")),
  file("ORK0107", good.replace("spec:", "«spc»:")),
  file("ORK0107", good.replace("metadata:", "«metadat»:")),
  file("ORK0107", good.replace("crds:", "«crd»:")),
  file("ORK0107", good.replace("crdFile", "«crdfile»")),
  file("ORK0108", good.replace("a: { crdFile: crd.yaml }", "«a»: {}")),
  file("ORK0102", good.replace("a: { crdFile: crd.yaml }", "«\t»a: 1"), ["\ta: 1", "    a: { crdFile: crd.yaml }"]),
  file("ORK0103", `${good}«spec»: {}\n`, ["\nspec: {}", ""]),
  file("ORK0102", good.replace("{ crdFile: crd.yaml }", "«{» crdFile: crd.yaml"), ["crd.yaml", "crd.yaml }"]),
  file("ORK0102", good.replace("crd.yaml", "«*crd»"), ["*crd", "crd.yaml"]),
  file("ORK0102", good.replace("crd.yaml", "«!path» crd.yaml"), ["!path ", ""]),
  file("ORK0102", good.replace("crd.yaml", '«"»crd.yaml'), ['"crd', "crd"]),
  file("ORK0106", good.replace("crd.yaml", "crd.yaml, description: «99999999999999999999»"), [
    "99999999999999999999",
    '"99999999999999999999"',
  ]),
  file("ORK0111", "«»# nothing\n", ["# nothing\n", good]),
  file("ORK0105", `${good}---\n«k»ind: Katalog\n`, ["---\nkind: Katalog\n", ""]),
  file("ORK0201", good.replace("crd.yaml", "«crds.yaml»"), ["crds.yaml", "crd.yaml"]),
  file("ORK0202", good.replace("crd.yaml", "«cr.yaml»"), ["cr.yaml", "crd.yaml"]),
]

const tops: readonly HelpCase[] = [
  top("ORK0107", "«note»: {}"),
  top("ORK0107", "notes: { «function»: [] }"),
  top("ORK0108", "notes: { functions: [«{ name: loud }»] }", ["{ name: loud }", "{ name: loud, expression: a }"]),
  top("ORK0107", "profiles: { «resource»: {} }"),
]

const entries: readonly HelpCase[] = [
  inEntry("ORK0107", "«worker»: 3"),
  inEntry("ORK0107", "«nothingLikeIt»: 3"),
  inEntry("ORK0114", "workers: «0»"),
  inEntry("ORK0114", "workers: «101»"),
  inEntry("ORK0106", "workers: «many»"),
  inEntry("ORK0106", "resync: «3»"),
  inEntry("ORK0106", "resync: «soon»"),
  inEntry("ORK0114", "resync: «500ms»"),
  inEntry("ORK0106", "enabled: «perhaps»"),
  inEntry("ORK0106", "description: «[a]»", ["[a]", "a"]),
  inEntry("ORK0107", "queue: { «failureTreshold»: 2 }"),
  inEntry("ORK0114", "queue: { failureThreshold: «0» }"),
  inEntry("ORK0203", "namespaced: «false»"),
  inEntry("ORK0204", "dependsOn: [«c»]", ["dependsOn: [c]", "workers: 2"]),
  inEntry("ORK0205", "dependsOn: [«a»]", ["dependsOn: [a]", "workers: 2"]),
  inEntry("ORK0201", "crFiles: [«crs.yaml»]", ["crs.yaml", "cr.yaml"]),
  inEntry("ORK0201", "setup: [«'*.json'»]", ["*.json", "cr.yaml"]),
  inEntry("ORK0106", "enrich: «pods»", ["pods", "[pods]"]),
  inEntry("ORK0107", "mutation: { «rule»: [] }"),
  inEntry("ORK0107", "validation: { rules: [{ «feild»: spec.size, exists: true }] }"),
  inEntry("ORK0107", "endpoints: { «healthy»: false }"),
]

const boxes: readonly HelpCase[] = [
  inBox("ORK0107", "«onReconsile»: {}"),
  inBox("ORK0107", "«status2»: {}"),
  inBox("ORK0107", "gates: { «enqueGate»: {} }"),
  inBox("ORK0107", "status: { fields: [{ «paht»: phase, value: a }] }"),
  inBox("ORK0106", "status: { fields: «phase» }", ["phase", "[{ path: phase, value: a }]"]),
  inBox("ORK0501", 'status: { fields: [{ path: phase, value: "{{ .spec.«titel» }}" }] }'),
  inBox("ORK0230", "onDelete: { «groups»: [{ services: [{ name: web }] }] }", ["groups", "ordered: true, groups"]),
  inBox("ORK0106", "onDelete: { ordered: true, timeout: «3», groups: [{ services: [{ name: web }] }] }"),
]

const conditions: readonly HelpCase[] = [
  when("ORK0112", "«{ field: spec.size }»", ["spec.size }", "spec.size, equals: small }"]),
  when("ORK0112", "{ field: spec.size, equals: small, «contains»: a }", [", contains: a", ""]),
  when("ORK0112", "«{ field: spec.size, operator: equals }»", ["equals }", "equals, value: small }"]),
  when("ORK0106", "{ field: spec.size, operator: «equls», value: small }"),
  when("ORK0112", "{ field: spec.size, equals: small, «value»: a }", [", value: a", ""]),
  when("ORK0106", "{ field: spec.size, equals: «[x]» }", ["[x]", "small"]),
  when("ORK0106", "{ field: spec.size, exists: «perhaps» }"),
  when("ORK0106", "{ field: spec.title, in: «{ a: b }» }"),
  when("ORK0106", "{ field: spec.size, equals: small, valueType: «integer» }"),
  when("ORK0107", "{ «feild»: spec.size, equals: small }"),
  when("ORK0108", "«{ equals: small }»", ["{ equals", "{ field: spec.size, equals"]),
  when("ORK0106", "{ field: spec.replicas, gt: «few» }"),
  when("ORK0106", "{ field: spec.replicas, between: «[1]» }"),
  when("ORK0114", "{ field: spec.replicas, between: «[9, 2]» }"),
  when("ORK0402", '{ field: spec.title, regex: «"(a"» }', ['"(a"', '"(a)"']),
  when("ORK0502", "{ field: spec.size, equals: «smal» }"),
  when("ORK0501", "{ field: spec.«sise», equals: small }"),
  when("ORK0106", "«size»", ["[size]", "[{ field: spec.size, equals: small }]"]),
]

const blocks: readonly HelpCase[] = [
  inBlock("ORK0107", "«configMap»: [{ name: a }]"),
  inBlock("ORK0106", "configMaps: «a»", ["configMaps: a", "configMaps: [{ name: a }]"]),
  inBlock("ORK0107", "configMaps: [{ «nam»: a }]"),
  inBlock("ORK0107", "deployments: [{ image: a, «replica»: 2 }]"),
  inBlock("ORK0108", "deployments: [«{ name: a }»]"),
  inBlock("ORK0106", "configMaps: [{ data: «[a]» }]", ["[a]", "{ a: b }"]),
  inBlock("ORK0106", "configMaps: [{ data: { a: «[b]» } }]", ["[b]", "b"]),
  inBlock("ORK0508", "configMaps: [{ name: «Bad_Name» }]"),
  inBlock("ORK0509", "configMaps: [{ name: b }, { name: «b» }]", ["{ name: b }]", "{ name: c }]"]),
  inBlock("ORK0114", "services: [{ port: «0», selector: { a: b } }]"),
  inBlock("ORK0114", "services: [{ port: «70000», selector: { a: b } }]"),
  inBlock("ORK0508", "cronJobs: [{ image: a, schedule: «every night» }]", ["every night", '"0 2 * * *"']),
  inBlock("ORK0114", "deployments: [{ image: a, autoscale: { min: «5», max: 2 } }]", ["min: 5", "min: 1"]),
  inBlock("ORK0502", "persistentVolumeClaims: [{ name: b, storage: «1GB» }]", ["1GB", "1Gi"]),
  inBlock("ORK0420", "deployments: [{ image: a, resources: { profile: «smal» } }]"),
  inBlock("ORK0422", "pdb: [{ selector: { a: b }, minAvailable: 1, «maxUnavailable»: 1 }]", [
    ", maxUnavailable: 1",
    "",
  ]),
  inBlock("ORK0404", 'custom: [{ apiVersion: v1, kind: «"{{ .spec.size }}"», metadata: { name: a } }]', [
    '"{{ .spec.size }}"',
    "ConfigMap",
  ]),
  inBlock("ORK0301", 'configMaps: [{ data: { a: "«{{» .spec.title" } }]', ["title", "title }}"]),
  inBlock("ORK0302", 'configMaps: [{ data: { a: "{{ .spec.title | «uper» }}" } }]'),
  inBlock("ORK0303", 'configMaps: [{ data: { a: "{{ «upper» }}" } }]', ["upper", "upper .spec.title"]),
  inBlock("ORK0304", 'configMaps: [{ data: { a: "{{ «$x» }}" } }]', ["$x", ".spec.title"]),
  inBlock("ORK0501", 'configMaps: [{ data: { a: "{{ .spec.«titel» }}" } }]'),
  inBlock("ORK0502", 'deployments: [{ image: a, replicas: "{{ «.spec.title» }}" }]', ["title", "replicas"]),
  inBlock("ORK0502", "configMaps: [{ name: a, forEach: { field: «spec.title» } }]", ["spec.title", "spec.tags"]),
  inBlock("ORK0406", 'configMaps: [{ data: { «"{{ .spec.title }}"»: a } }]', ['"{{ .spec.title }}"', "title"]),
  inBlock("ORK0106", "configMaps: [{ data: { a: {«{ .spec.title }»} } }]", [
    "{{ .spec.title }}",
    '"{{ .spec.title }}"',
  ]),
  inBlock(
    "ORK0405",
    "deployments: [{ name: b, image: a }, { name: c, image: a }]\n          services: [«{ name: a, port: 80 }»]",
    ["port: 80", "port: 80, selector: { a: b }"],
  ),
  inBlock("ORK0505", 'configMaps: [{ data: { a: "{{ .children.«deploymnt».status }}" } }]', [
    "deploymnt.status",
    "configMap.data.a",
  ]),
  inBlock("ORK0106", "configMaps: [{ prune: «no» }]"),
  inBlock("ORK0106", "configMaps: [{ adoption: «always» }]"),
  inBlock("ORK0106", "configMaps: [{ deletionPolicy: «retian» }]"),
  inBlock("ORK0107", "deployments: [{ image: a, probes: { «readines»: {} } }]"),
  inBlock("ORK0501", "manifests: [{ apiVersion: v1, kind: ConfigMap, metadata: { name: a }, «wen»: [] }]", [
    ", wen: []",
    "",
  ]),
  inBlock("ORK0306", 'secrets: [{ data: { a: "{{ «randomAlphanumeric» 8 }}" } }]', ["{ data", "{ once: true, data"]),
]

/** One for each mistake that authors make. */
export const helpCases: readonly HelpCase[] = [...files, ...tops, ...entries, ...boxes, ...conditions, ...blocks]
