import { isRecord } from "../kube/mod.ts"
import { conditions } from "./conditions.ts"
import { type Kind, rawFields } from "./entry-fields.ts"
import { kinds } from "./entry-kinds.ts"
import { byForm, flag, judge, judged, oneOf, pause, place, rawMap, type Shape, scalarMap, text } from "./shape.ts"
import type { EntryKind } from "./spec.ts"

/** Keys that every entry may have; the rest are the fields of its own kind. */
export const commonFields: Readonly<Record<string, Shape>> = {
  when: conditions,
  or: conditions,
  forEach: place("forEach", { fields: { field: text, as: text }, required: ["field"] }),
  reconcile: flag,
  sleep: pause,
  forceConflict: flag,
  labels: scalarMap,
  prune: flag,
  deletionPolicy: oneOf("delete", "retain"),
  adoption: oneOf("never", "ifUnowned", "force"),
  onImmutable: oneOf("report", "recreate"),
  id: text,
  overrides: rawMap,
}

const bareObject = judged((record, report) => {
  for (const [key, shape] of Object.entries(commonFields)) {
    if ((record[key] ?? null) !== null) judge(shape, key, record, report)
  }
  judgeObject(record, report)
})

const completeObject = judged(judgeObject)

function judgeObject(...[record, report]: Parameters<Parameters<typeof judged>[0]>): void {
  for (const key of ["apiVersion", "kind"]) {
    if ((record[key] ?? null) !== null) judge(text, key, record, report)
    else report.here({ code: "ORK0108", message: `"${key}" is missing in a manifest`, help: `add "${key}:"` })
  }
  const metadata = record["metadata"]
  if (isRecord(metadata) && (metadata["name"] ?? null) !== null) return
  report.here({
    code: "ORK0108",
    message: `"metadata.name" is missing in a manifest`,
    help: `add "metadata: { name: ... }"`,
  })
}

const wrappedObject = place("a manifest entry", {
  fields: { ...commonFields, object: completeObject },
  otherwise: 'put the fields of the object under "object:"',
})

/** Shapes of one entry, by the list it stands in. */
export const entryShapes: Readonly<Record<EntryKind, Shape>> = {
  ...ofKinds(),
  manifests: byForm((value) => (isRecord(value) && Object.hasOwn(value, "object") ? wrappedObject : bareObject)),
}

/** The fields of its own that each list of entries has. */
export const entryFields: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(Object.entries(kinds).map(([name, kind]) => [name, Object.keys(kind.fields)])),
  manifests: [],
}

/** Shapes of entries that only name objects: those of `onDelete`, where what is required to make one is not. */
export const namedShapes: Readonly<Record<EntryKind, Shape>> = { ...ofKinds([]), manifests: entryShapes.manifests }

function ofKinds(required?: readonly string[]): Readonly<Record<keyof typeof kinds, Shape>> {
  const shapes = Object.entries(kinds).map(([name, kind]) => [name, entry({ ...kind, ...(required && { required }) })])
  return Object.fromEntries(shapes) as Record<keyof typeof kinds, Shape> // fromEntries widens the keys
}

function entry(kind: Kind): Shape {
  return place(kind.noun, {
    fields: { ...commonFields, ...kind.fields },
    required: kind.required ?? [],
    later: kind.later ?? [],
    otherwise: kind.otherwise ?? rawFields,
  })
}
