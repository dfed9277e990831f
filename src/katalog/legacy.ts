import {
  apiVersionOf,
  conditionsByName,
  crdsByName,
  envList,
  envSources,
  functionsOf,
  mapOfPairs,
  type Reading,
} from "./legacy-values.ts"

/** One published spelling and its canonical one; earlier rows win. Addresses are patterns, see `matches`. */
export type Rewrite = Move | ValueRewrite

/** An address that has another name. The wildcards of `to` stand for what those of `from` matched, in order. */
export interface Move {
  readonly from: string
  readonly to: string
}

/** A place whose value may have another form. */
export interface ValueRewrite {
  readonly at: string
  readonly says: string
  readonly read: Reading
}

const crd = "spec.crds.*"
const box = `${crd}.operatorBox`
const items = [`${box}.on*.*[]`, `${box}.on*.groups[].*[]`]

/** Addresses of a CRD entry: relative to the entry. */
function entry(from: string, to: string): Move {
  return { from: `${crd}.${from}`, to: to === "" ? crd : `${crd}.${to}` }
}

/** Keys that a layout put under `reconcile` and that belong to the entry, not to the operatorBox. */
const ofTheEntry = [
  "profile",
  "workers",
  "resync",
  "queue",
  "imports",
  "normalize",
  "forceConflict",
  "hooks",
  "enrich",
  "enrichAll",
]

const groups: readonly Move[] = [
  ...["reconcile", "reconciler"].flatMap((group) => [
    ...ofTheEntry.map((key) => entry(`operatorBox.${group}.${key}`, key)),
    entry(`operatorBox.${group}.*`, "operatorBox.*"),
  ]),
  ...["restrictedNamespaces", "allowedNamespaces"].map((key) => entry(`operatorBox.runtime.${key}`, key)),
  entry("operatorBox.runtime.*", "operatorBox.*"),
  // `observe.events` stays: the operatorBox's own `events` are those that it sends.
  ...["watch", "cross"].map((key) => entry(`operatorBox.observe.${key}`, `operatorBox.${key}`)),
  ...["enrich", "enrichAll"].map((key) => entry(`operatorBox.observe.${key}`, key)),
  entry("operatorBox.emit.*", "operatorBox.*"),
  entry("operatorBox.preReconcile", "operatorBox.gates"),
  ...ofTheEntry.map((key) => entry(`operatorBox.${key}`, key)),
  entry("admission.*", "*"),
  entry("webhooks.admission.*", "webhooks.*"),
  { from: "security.admission.webhooks", to: "security.webhooks" },
  { from: "security.operatorBox.runtime.*", to: "security.*" },
  { from: "profiles.reconciler", to: "profiles.reconcile" },
]

/** Lists that were published under a second name, inside a block. */
const listAliases: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      "configMaps",
      "serviceAccounts",
      "statefulSets",
      "replicaSets",
      "daemonSets",
      "cronJobs",
      "networkPolicies",
      "persistentVolumeClaims",
      "persistentVolumes",
      "roleBindings",
      "clusterRoles",
      "clusterRoleBindings",
      "resourceQuotas",
      "limitRanges",
      "podTemplates",
      "storageClasses",
      "serviceMonitors",
      "priorityClasses",
      "runtimeClasses",
    ].map((name) => [name.toLowerCase(), name]),
  ),
  pvcs: "persistentVolumeClaims",
  pvs: "persistentVolumes",
  pdbs: "pdb",
  hpas: "hpa",
}

const lists: readonly Move[] = [`${box}.on*`, `${box}.on*.groups[]`].flatMap((block) =>
  Object.entries(listAliases).map(([from, to]) => ({ from: `${block}.${from}`, to: `${block}.${to}` })),
)

/** Every place that takes `when` and `or`. */
const conditional: readonly string[] = [
  `${box}.on*`,
  `${box}.on*.groups[]`,
  ...items,
  `${box}.status.fields[]`,
  `${box}.events.*`,
  `${box}.requeue`,
  `${box}.autoscale.conditions`,
  `${box}.gates.*`,
  `${box}.gates.external[]`,
  `${box}.gates.*.external[]`,
  `${crd}.queue.behaviour.*`,
  `${crd}.enrich[].*`,
  ...["validation", "mutation"].flatMap((key) => [`${crd}.${key}.rules[]`, `${crd}.${key}.external[]`]),
]

const names: readonly Move[] = [
  ...conditional.map((place) => ({ from: `${place}.anyOf`, to: `${place}.or` })),
  entry("operatorBox.cross[].labels", "operatorBox.cross[].labelSelector"),
  entry("operatorBox.cross[].source.type", "operatorBox.cross[].source.protocol"),
  entry("hooks.resources", "hooks.managedResources"),
  ...["constructor", "remote"].map((key) =>
    entry(`operatorBox.${key}.resources`, `operatorBox.${key}.managedResources`),
  ),
]

const pairs = [
  `${crd}.labels`,
  ...[...items, `${box}.on*.custom[].metadata`].flatMap((place) => [`${place}.labels`, `${place}.annotations`]),
]

const values: readonly ValueRewrite[] = [
  { at: `${crd}.dependsOn`, says: "is read as a map of names to conditions", read: conditionsByName },
  { at: "notes", says: "is read as its functions", read: functionsOf },
  ...pairs.map((at) => ({ at, says: "is read as a map", read: mapOfPairs })),
  ...items.flatMap((place) => [
    { at: `${place}.env`, says: "is read as a list of variables", read: envList },
    { at: `${place}.envFrom`, says: "is read as a map of lists", read: envSources },
  ]),
]

/** Every published spelling that differs from the canonical one: the only place that knows them. */
export const rewrites: readonly Rewrite[] = [
  { at: "apiVersion", says: "is read as this version", read: apiVersionOf },
  { at: "spec.crds", says: "is read as a map by name", read: crdsByName },
  ...groups,
  ...lists,
  ...names,
  ...values,
]
