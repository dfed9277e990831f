import { shorten } from "../base/mod.ts"
import { isRecord, nameProblem } from "../kube/mod.ts"
import { conditions } from "./conditions.ts"
import { entryShapes, laterKinds } from "./entries.ts"
import type { Fault } from "./fault.ts"
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
  text,
  whole,
  wrong,
} from "./shape.ts"

const block = (noun: string, later: readonly string[]): Shape =>
  place(noun, {
    fields: {
      when: conditions,
      or: conditions,
      ...Object.fromEntries(Object.entries(entryShapes).map(([kind, shape]) => [kind, list(shape)])),
    },
    later: ["external", ...later, ...laterKinds],
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

const status = place("status", { fields: { conditions: flag, fields: list(statusField) }, later: ["include"] })

const operatorBox = place("operatorBox", {
  fields: {
    onCreate: block("onCreate", []),
    onReconcile: block("onReconcile", []),
    onDelete: block("onDelete", ["ordered", "timeout", "groups"]),
    status,
    default: genericOnly(),
  },
  later: [
    "events",
    "watch",
    "observe",
    "cross",
    "external",
    "gates",
    "preReconcile",
    "requeue",
    "finalizers",
    "autoscale",
    "rollBackOnError",
    "deletionProtection",
    "namespaceProtection",
    "include",
    "profile",
    "constructor",
    "remote",
    "providers",
  ],
})

/** `default: true` is the generic reconciler, the only one here; `false` asks for code of one's own. */
function genericOnly(): Shape {
  const custom = wrong(notYet(`"default: false"`))
  return byForm((value) => (readFlag(value) === false ? custom : flag))
}

const dependency = oneOf("started", "healthy")

function dependencyForm(value: unknown): Shape {
  if (value === null) return anything
  return isRecord(value) ? place("dependsOn", { fields: { condition: dependency } }) : dependency
}

const dependsOn = byForm((value) => (isRecord(value) ? mapOf(byForm(dependencyForm)) : list(text)))

const crdEntry = place("a CRD entry", {
  fields: {
    enabled: flag,
    description: scalar,
    crdFile: text,
    apiTypes: place("apiTypes", {
      fields: { group: text, version: text, kind: text, plural: text },
      later: ["apiPath", "location", "object", "objectList", "alias"],
    }),
    namespaced: flag,
    crFiles: scalars,
    setup: scalars,
    workers: whole(1, 100),
    resync: duration,
    queue: place("queue", {
      fields: { failureThreshold: whole(1, 1_000_000), maxDepth: whole(0, Number.MAX_SAFE_INTEGER), behaviour: rawMap },
      later: ["shared", "retryBackoff"],
    }),
    dependsOn,
    forceConflict: flag,
    finalizer: oneOf("auto", "always"),
    operatorBox,
  },
  later: [
    "mode",
    "namespace",
    "enrich",
    "enrichAll",
    "labels",
    "labelSelector",
    "fieldSelector",
    "validation",
    "mutation",
    "conversion",
    "webhooks",
    "restrictedNamespaces",
    "allowedNamespaces",
    "endpoints",
    "imports",
    "normalize",
    "hooks",
    "serve",
    "ignoreStatusPatch",
    "ignoreObservedGeneration",
    "removeFinalizers",
  ],
})

const crds = judged((record, report) => {
  for (const name of Object.keys(record)) {
    // One part of a URL and of a label: no dots, at most 63 characters.
    const isUsable = name.length <= 63 && !name.includes(".") && nameProblem(name) === undefined
    if (!isUsable) report.key(name, nameFault(name, "lower-case letters, digits and '-', at most 63"))
    if (record[name] !== null) judge(crdEntry, name, record, report)
  }
})

function nameFault(name: string, expected: string): Fault {
  const close = shorten(name.toLowerCase().replace(/[^a-z0-9]+/g, "-"), 63).replace(/^-|[-…]+$/g, "")
  const help = close === "" ? undefined : `write "${close}"`
  return { code: "ORK0113", message: `expected a name of ${expected}, found "${shorten(name, 80)}"`, help }
}

const metadata = place("metadata", {
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
    projects: anything,
  },
  later: ["clusterName", "deprecation", "lifecycle", "maturity", "compatibility", "policy"],
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
    apiVersion: text,
    kind: text,
    metadata,
    spec: place("spec", { fields: { crds }, required: ["crds"], later: ["finalizers", "imports"] }),
  },
  required: ["apiVersion", "kind", "spec"],
  later: [
    "profiles",
    "notes",
    "security",
    "notification",
    "providers",
    "gateway",
    "publish",
    "imports",
    "lifecycle",
    "inputs",
    "resources",
  ],
})
