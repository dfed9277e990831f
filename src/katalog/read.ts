import { ms, parseDuration } from "../base/mod.ts"
import { formatPath, isRecord } from "../kube/mod.ts"
import { readPrepare } from "./admission.ts"
import { readConditions } from "./conditions.ts"
import { defaults } from "./defaults.ts"
import { readDeletion } from "./deletion.ts"
import { readEvents, readRequeue, readSelection } from "./emit.ts"
import { readEnrich } from "./enrich.ts"
import { commonFields, entryShapes } from "./entries.ts"
import { readCalls } from "./external.ts"
import { readGates } from "./gates.ts"
import { readGuards } from "./guards.ts"
import { readCrossAccess, readEndpoints, readMarks } from "./marks.ts"
import { readCrosses, readObservedEvents, readWatches } from "./observe.ts"
import { readOperatorAutoscale } from "./operator-autoscale.ts"
import { readFlag } from "./shape.ts"
import type {
  BlockSpec,
  CrdSpec,
  EntryKind,
  EntrySpec,
  KatalogSpec,
  OperatorBoxSpec,
  ProfileSpec,
  StatusFieldSpec,
  StatusSpec,
} from "./spec.ts"

type Plain = Readonly<Record<string, unknown>>
type Steps = readonly (string | number)[]

/** What stands outside of an entry: in files, and in its Katalog. */
export interface Outside extends FromFiles {
  /** Those of every entry that names none. */
  readonly finalizers: readonly string[]
  readonly profiles: readonly ProfileSpec[]
  /** The hosts that external calls may reach; undefined where the Katalog says none. */
  readonly allowedHosts: readonly string[] | undefined
  /** What the Katalog says for every entry, as written. */
  readonly crossAccess: unknown
}

/** What only the files could tell about an entry. */
export type FromFiles = Pick<CrdSpec, "apiTypes" | "crd" | "crFiles" | "setup" | "motifs" | "notes">

/** One entry of `dependsOn`, in any of its spellings. */
export interface Dependency {
  readonly name: string
  readonly condition: "started" | "healthy"
  readonly at: string
}

/** Reads the profiles of a document, at its top or under `spec`. */
export function readProfiles(document: unknown): readonly ProfileSpec[] {
  const places: readonly Steps[] = [["profiles"], ["spec", "profiles"]]
  return places.flatMap((steps) => {
    const classes = steps.reduce<Plain>((at, step) => recordOf(at[step]), recordOf(document))
    return Object.entries(classes).flatMap(([className, byName]) =>
      Object.entries(recordOf(byName)).map(([name, fields]) => ({
        class: className,
        name,
        fields: recordOf(fields),
        at: formatPath([...steps, className, name]),
      })),
    )
  })
}

/** Reads `metadata` of a document that passed its shape. */
export function readMetadata(document: unknown): Pick<KatalogSpec, "name" | "metadata"> {
  const metadata = recordOf(recordOf(document)["metadata"])
  const version = textOf(metadata["version"])
  const description = textOf(metadata["description"])
  return {
    name: textOf(metadata["name"]) ?? defaults.name,
    metadata: {
      namespace: textOf(metadata["namespace"]) ?? defaults.namespace,
      ...(version !== undefined && { version }),
      ...(description !== undefined && { description }),
      labels: textsOf(metadata["labels"]),
    },
  }
}

/** Reads one CRD entry that passed its shape. */
export function readCrd(name: string, entry: Plain, outside: Outside): CrdSpec {
  const { finalizers, profiles, allowedHosts, crossAccess, ...fromFiles } = outside
  const queue = recordOf(entry["queue"])
  const at: Steps = ["spec", "crds", name]
  const forceConflict = readFlag(entry["forceConflict"]) ?? defaults.forceConflict
  return {
    name,
    enabled: readFlag(entry["enabled"]) ?? true,
    description: textOf(entry["description"]) ?? "",
    ...fromFiles,
    workers: numberOf(entry["workers"]) ?? defaults.workers,
    resync: parseDuration(textOf(entry["resync"]) ?? "") ?? defaults.resync,
    queue: { failureThreshold: numberOf(queue["failureThreshold"]) ?? defaults.failureThreshold },
    dependsOn: readDependencies(entry["dependsOn"], [...at, "dependsOn"]).map(({ name, condition }) => ({
      name,
      condition,
    })),
    forceConflict,
    finalizer: entry["finalizer"] === "always" ? "always" : defaults.finalizer,
    writesStatus: readFlag(entry["ignoreStatusPatch"]) !== true,
    enrich: readEnrich(entry, at),
    marks: readMarks(entry, at, finalizers),
    guards: readGuards(entry),
    autoscale: readOperatorAutoscale(recordOf(entry["operatorBox"])["autoscale"], {
      at: [...at, "operatorBox", "autoscale"],
      workers: numberOf(entry["workers"]) ?? defaults.workers,
      maxDepth: numberOf(queue["maxDepth"]) ?? 0,
      profiles,
    }),
    endpoints: readEndpoints(entry),
    crossAccess: readCrossAccess(entry, crossAccess),
    prepare: readPrepare(entry, at),
    calls: readCalls(entry, at, allowedHosts),
    selection: readSelection(entry),
    operatorBox: readBox(recordOf(entry["operatorBox"]), [...at, "operatorBox"], forceConflict),
  }
}

/** Reads `dependsOn` as far as it is well formed. */
export function readDependencies(value: unknown, at: Steps): readonly Dependency[] {
  if (Array.isArray(value)) {
    return value.flatMap((name: unknown, index) =>
      typeof name === "string" ? [{ name, condition: "started" as const, at: formatPath([...at, index]) }] : [],
    )
  }
  return Object.entries(recordOf(value)).map(([name, written]) => {
    const condition = isRecord(written) ? written["condition"] : written
    return { name, condition: condition === "healthy" ? "healthy" : "started", at: formatPath([...at, name]) }
  })
}

function readBox(box: Plain, at: Steps, forceConflict: boolean): OperatorBoxSpec {
  const block = (name: string) =>
    isRecord(box[name]) ? readBlock(box[name], { at: [...at, name], name, forceConflict }) : undefined
  return {
    onCreate: block("onCreate"),
    onReconcile: block("onReconcile"),
    onDelete: isRecord(box["onDelete"])
      ? readDeletion(box["onDelete"], [...at, "onDelete"], (written, steps, name) =>
          readBlock(written, { at: steps, name, forceConflict }),
        )
      : undefined,
    status: readStatus(recordOf(box["status"]), [...at, "status"]),
    gates: readGates(recordOf(box["gates"]), [...at, "gates"]),
    events: readEvents(box["events"], [...at, "events"]),
    requeue: readRequeue(box["requeue"], [...at, "requeue"]),
    rollBackOnError: readFlag(box["rollBackOnError"]) === true,
    watches: readWatches(box["watch"], [...at, "watch"]),
    cross: readCrosses(box["cross"], [...at, "cross"]),
    observedEvents: readObservedEvents(box["observe"], [...at, "observe"]),
  }
}

/** Where a block stands. */
export interface BlockPlace {
  readonly at: Steps
  readonly name: string
  readonly forceConflict: boolean
}

/** Reads a block that passed its shape. */
export function readBlock(block: Plain, place: BlockPlace): BlockSpec {
  const entries = Object.entries(block).flatMap(([kind, list]) =>
    isEntryKind(kind) && Array.isArray(list)
      ? list.map((item: unknown, index) => readEntry(recordOf(item), kind, index, place))
      : [],
  )
  return {
    when: readConditions(block["when"], [...place.at, "when"]),
    or: readConditions(block["or"], [...place.at, "or"]),
    entries,
  }
}

/** True for the lists of entries that this version builds. */
export function isEntryKind(key: string): key is EntryKind {
  return Object.hasOwn(entryShapes, key)
}

function readEntry(...[item, kind, index, place]: readonly [Plain, EntryKind, number, BlockPlace]): EntrySpec {
  const at = [...place.at, kind, index]
  const forEach = recordOf(item["forEach"])
  const field = textOf(forEach["field"])
  return {
    kind,
    at: formatPath(at),
    id: textOf(item["id"]) ?? `${place.name}.${kind}[${index}]`,
    fields: fieldsOf(item, kind),
    when: readConditions(item["when"], [...at, "when"]),
    or: readConditions(item["or"], [...at, "or"]),
    forEach: field === undefined ? undefined : { field, as: textOf(forEach["as"]) },
    labels: textsOf(item["labels"]),
    sleep: parseDuration(textOf(item["sleep"]) ?? "") ?? ms(0),
    reconcile: readFlag(item["reconcile"]) ?? false,
    forceConflict: readFlag(item["forceConflict"]) ?? place.forceConflict,
    prune: readFlag(item["prune"]) ?? defaults.prune,
    deletionPolicy: item["deletionPolicy"] === "retain" ? "retain" : defaults.deletionPolicy,
    adoption: item["adoption"] === "never" || item["adoption"] === "force" ? item["adoption"] : defaults.adoption,
    onImmutable: item["onImmutable"] === "recreate" ? "recreate" : "report",
    overrides: recordOf(item["overrides"]),
  }
}

function fieldsOf(item: Plain, kind: EntryKind): Plain {
  const own = Object.entries(item).filter(([key, value]) => !Object.hasOwn(commonFields, key) && value !== null)
  const fields = Object.fromEntries(own)
  return kind === "manifests" && !Object.hasOwn(item, "object") ? { object: fields } : fields
}

const statusTypes: Readonly<Record<string, StatusFieldSpec["type"]>> = {
  native: "native",
  string: "string",
  str: "string",
  int: "int",
  integer: "int",
  float: "float",
  bool: "bool",
  boolean: "bool",
  auto: "auto",
}

/** Reads a status that passed its shape. */
export function readStatus(status: Plain, at: Steps): StatusSpec {
  const fields = Array.isArray(status["fields"]) ? status["fields"] : []
  return {
    conditions: readFlag(status["conditions"]) ?? true,
    fields: fields.filter(isRecord).map((field, index) => {
      const here = [...at, "fields", index]
      return {
        path: textOf(field["path"]) ?? "",
        value: field["value"],
        type: statusTypes[textOf(field["type"]) ?? "native"] ?? "native",
        when: readConditions(field["when"], [...here, "when"]),
        or: readConditions(field["or"], [...here, "or"]),
        clearOnFalse: readFlag(field["clearOnFalse"]) ?? false,
        at: formatPath(here),
      }
    }),
  }
}

/** The map itself; an empty one for anything else. */
export function recordOf(value: unknown): Plain {
  return isRecord(value) ? value : {}
}

/** A scalar as text; undefined for an absent or empty value. */
export function textOf(value: unknown): string | undefined {
  return value === null || value === undefined || value === "" || typeof value === "object" ? undefined : String(value)
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(recordOf(value)).map(([key, item]) => [key, textOf(item) ?? ""]))
}

function numberOf(value: unknown): number | undefined {
  const text = textOf(value)
  return text === undefined ? undefined : Number(text)
}
