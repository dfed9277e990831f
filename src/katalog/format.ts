import { shorten } from "../base/mod.ts"
import { isRecord, nameProblem } from "../kube/mod.ts"
import { mutation, normalize, validation } from "./admission.ts"
import { apiVersion } from "./api-version.ts"
import { conditions } from "./conditions.ts"
import { onDelete } from "./deletion.ts"
import { events, requeue, selectionFields } from "./emit.ts"
import { enrich } from "./enrich.ts"
import { entryShapes } from "./entries.ts"
import { profiles } from "./entry-fields.ts"
import { external } from "./external.ts"
import type { Fault } from "./fault.ts"
import { gates } from "./gates.ts"
import { deletionProtection, namespaceProtection } from "./guards.ts"
import { finalizerNames, markFields } from "./marks.ts"
import { inputTypes } from "./motif-inputs.ts"
import { cross, observe, watch } from "./observe.ts"
import { operatorAutoscale } from "./operator-autoscale.ts"
import { profileName } from "./operator-profiles.ts"
import { goneKinds } from "./platform-kinds.ts"
import {
  anything,
  byForm,
  duration,
  flag,
  judge,
  judged,
  list,
  mapOf,
  notYet,
  oneOf,
  place,
  rawMap,
  readFlag,
  type Shape,
  scalar,
  scalarMap,
  scalars,
  seenAs,
  text,
  whole,
  wrong,
} from "./shape.ts"
import { lifecycle, serve, topBlocks, webhooks, withoutProviders } from "./top-blocks.ts"

function listsOf(shapes: typeof entryShapes): Readonly<Record<string, Shape>> {
  const lists = Object.entries(shapes).map(([kind, shape]) => [kind, list(shape)])
  return { ...Object.fromEntries(lists), ...goneKinds }
}

const block = (noun: string, later: readonly string[]): Shape =>
  place(noun, {
    fields: {
      include: text,
      when: conditions,
      or: conditions,
      ...listsOf(entryShapes),
      external,
    },
    later,
  })

const statusField = place("a status field", {
  fields: {
    path: text,
    value: anything,
    type: oneOf("native", "string", "str", "int", "integer", "float", "bool", "boolean", "auto"),
    when: conditions,
    or: conditions,
    clearOnFalse: flag,
  },
  required: ["path", "value"],
})

/** User functions of templates. */
export const notes: Shape = place("notes", {
  fields: {
    include: text,
    functions: list(
      place("a note", {
        fields: { name: text, expression: scalar, description: scalar, shadow: flag },
        required: ["name", "expression"],
      }),
    ),
  },
})

const byFile = 'save the Motif beside the Katalog and name its file: "./motifs/cache/motif.yaml"'
const registryHelp = { oci: byFile, version: byFile, auth: byFile }

const goCode = "ork runs no Go code: declare under onReconcile what it makes"

const imports = list(
  place("an import", {
    fields: { motif: text, with: rawMap },
    required: ["motif"],
    later: Object.keys(registryHelp),
    laterHelp: registryHelp,
  }),
)

const status = place("status", { fields: { include: text, conditions: flag, fields: list(statusField) } })

const operatorBox = place("operatorBox", {
  fields: {
    onCreate: block("onCreate", []),
    onReconcile: block("onReconcile", []),
    onDelete,
    include: text,
    status,
    gates,
    default: genericOnly(),
    events,
    requeue,
    watch,
    finalizers: finalizerNames,
    rollBackOnError: flag,
    autoscale: operatorAutoscale,
    deletionProtection,
    namespaceProtection,
    cross,
    observe,
    external,
  },
  later: ["constructor", "remote", "providers"],
  laterHelp: { constructor: goCode, providers: withoutProviders },
})

/** `default: true` is the generic reconciler, the only one here; `false` asks for code of one's own. */
function genericOnly(): Shape {
  const custom = wrong(notYet(`"default: false"`, goCode))
  return byForm((value) => (readFlag(value) === false ? custom : flag))
}

/** Types of Go programs: every kind is read dynamically, there is nothing to compile in. */
const goTypes = { location: text, object: text, objectList: text, alias: text }

const dependency = oneOf("started", "healthy")

function dependencyForm(value: unknown): Shape {
  if (value === null) return anything
  return isRecord(value) ? place("dependsOn", { fields: { condition: dependency } }) : dependency
}

const dependsOn = byForm((value) => (isRecord(value) ? mapOf(byForm(dependencyForm)) : list(text)))

const crdEntry = place("a CRD entry", {
  fields: {
    enabled: flag,
    mode: oneOf("dynamic", "typed"),
    description: scalar,
    crdFile: text,
    apiTypes: place("apiTypes", {
      fields: { group: scalar, version: text, kind: text, plural: text, apiPath: scalar, ...goTypes },
    }),
    namespaced: flag,
    crFiles: scalars,
    setup: scalars,
    profile: profileName,
    workers: whole(1, 100),
    resync: duration,
    queue: place("queue", {
      fields: {
        failureThreshold: whole(1, 1_000_000),
        maxDepth: whole(0, Number.MAX_SAFE_INTEGER),
        behaviour: rawMap,
        retryBackoff: anything,
        shared: anything,
      },
    }),
    dependsOn,
    forceConflict: flag,
    finalizer: oneOf("auto", "always"),
    ignoreStatusPatch: flag,
    ignoreObservedGeneration: flag,
    enrich,
    enrichAll: flag,
    ...selectionFields,
    ...markFields,
    normalize,
    mutation,
    validation,
    imports,
    serve,
    webhooks,
    operatorBox,
  },
  later: ["conversion", "hooks"],
  laterHelp: { hooks: goCode, conversion: "serve one version, and read older fields with normalize" },
})

/** `spec.crds`: operators by name. */
export const crds: Shape = seenAs(judged(judgeCrds), {
  kind: "map",
  value: crdEntry,
  key: "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
})

function judgeCrds(...[record, report]: Parameters<Parameters<typeof judged>[0]>): void {
  for (const name of Object.keys(record)) {
    // One part of a URL and of a label: no dots, at most 63 characters.
    const isUsable = name.length <= 63 && !name.includes(".") && nameProblem(name) === undefined
    if (!isUsable) report.key(name, nameFault(name, "lower-case letters, digits and '-', at most 63"))
    if (record[name] !== null) judge(crdEntry, name, record, report)
  }
}

function nameFault(name: string, expected: string): Fault {
  const close = shorten(name.toLowerCase().replace(/[^a-z0-9]+/g, "-"), 63).replace(/^-|[-…]+$/g, "")
  const help = close === "" ? undefined : `write "${close}"`
  return { code: "ORK0113", message: `expected a name of ${expected}, found "${shorten(name, 80)}"`, help }
}

/** `metadata` of every file. */
export const metadata: Shape = place("metadata", {
  fields: {
    name: katalogName(),
    namespace: text,
    version: scalar,
    description: scalar,
    labels: scalarMap,
    annotations: scalarMap,
    author: scalar,
    license: scalar,
    tags: scalars,
    createdBy: scalar,
    // What registries say about a Katalog: data for people, never acted on.
    projects: anything,
    clusterName: anything,
    lifecycle: anything,
    deprecation: anything,
    maturity: anything,
    compatibility: anything,
    policy: anything,
  },
})

function katalogName(): Shape {
  return byForm((value) => {
    if (typeof value !== "string" || nameProblem(value) === undefined) return text
    return wrong(nameFault(value, "lower-case letters, digits, '-' and '.'"))
  })
}

/** A whole Katalog file in canonical form. */
export const katalog: Shape = place("a Katalog", {
  fields: {
    apiVersion: seenAs(text, { kind: "schema", schema: { const: apiVersion } }),
    kind: seenAs(text, { kind: "schema", schema: { const: "Katalog" } }),
    metadata,
    profiles,
    notes,
    ...topBlocks,
    spec: place("spec", {
      fields: { crds, profiles, imports, finalizers: finalizerNames, crossAccess: flag },
      required: ["crds"],
    }),
  },
  required: ["apiVersion", "kind", "spec"],
})

const motifLists = listsOf(entryShapes)

const input = place("an input", {
  fields: {
    name: text,
    description: scalar,
    required: flag,
    default: anything,
    type: oneOf(...Object.keys(inputTypes)),
  },
  required: ["name"],
})

/** A whole Motif file in canonical form. */
export const motif: Shape = place("a Motif", {
  fields: {
    apiVersion: seenAs(text, { kind: "schema", schema: { const: apiVersion } }),
    kind: seenAs(text, { kind: "schema", schema: { const: "Motif" } }),
    metadata,
    inputs: list(input),
    imports,
    notes,
    profiles,
    resources: place("resources", {
      fields: { ...motifLists, onCreate: place("onCreate", { fields: motifLists }) },
      otherwise: "lists of entries stand here, and onCreate",
    }),
    status,
    normalize,
    mutation,
    validation,
    lifecycle,
  },
  required: ["apiVersion", "kind"],
})
