import { shorten } from "../base/mod.ts"
import { formatPath, isRecord, parseApiVersion } from "../kube/mod.ts"
import { textsOf } from "./emit.ts"
import { nameRead } from "./entry-fields.ts"
import type { Fault } from "./fault.ts"
import {
  anything,
  byForm,
  isTemplate,
  judge,
  judged,
  list,
  notYet,
  oneOf,
  outlookOf,
  type PlaceOptions,
  place,
  type Shape,
  scalar,
  scalarMap,
  seenAs,
  text,
  wrong,
} from "./shape.ts"
import type { CrossSpec, EventField, Happening, KeyFromSpec, ObservedEventSpec, WatchSpec } from "./spec-observe.ts"

type Plain = Readonly<Record<string, unknown>>
type Steps = readonly (string | number)[]

const notFixed = wrong({
  code: "ORK0106",
  message: "expected a fixed text, found a template",
  help: "write one name: what is watched is the same for every custom resource",
})

/** A text that is the same for every custom resource. */
const fixed = seenAs(
  byForm((value) => (isTemplate(value) ? notFixed : text)),
  outlookOf(text),
)

const happenings: readonly Happening[] = ["create", "update", "delete"]
const on = list(oneOf(...happenings))

const keyFromPlace: PlaceOptions = { fields: { label: fixed, annotation: fixed, name: scalar, namespace: scalar } }
const plainKeyFrom = place("keyFrom", keyFromPlace)
const ways = ["label", "annotation", "name"] as const

/** How an object names the custom resource that it concerns: exactly one way. */
const keyFrom: Shape = seenAs(
  byForm((value) => {
    if (!isRecord(value)) return plainKeyFrom
    const given = ways.filter((way) => (value[way] ?? null) !== null)
    if (given.length !== 1) return wrong(oneWay(given))
    if (given[0] === "name" || (value["namespace"] ?? null) === null) return plainKeyFrom
    const message = `expected "namespace" only beside "name", found it beside "${given[0]}"`
    return wrong({ code: "ORK0106", message, help: "remove it: the object itself says the namespace" })
  }),
  { kind: "place", noun: "keyFrom", options: keyFromPlace },
)

function oneWay(given: readonly string[]): Fault {
  const found = given.length === 0 ? "none" : given.map((way) => `"${way}"`).join(" and ")
  const message = `expected one of "label", "annotation" and "name" in keyFrom, found ${found}`
  return { code: "ORK0106", message, help: "say one way in which an object names its custom resource" }
}

/** `watch`: other objects whose changes are looked at. */
export const watch: Shape = list(
  place("a watch", {
    fields: { apiVersion: fixed, kind: fixed, namespace: fixed, name: fixed, on, keyFrom, index: anything },
    required: ["apiVersion", "kind"],
  }),
)

const nameOfCross = nameRead("it as .cross.<as>")

const remoteRead = wrong(
  notYet('"source" in cross', "name the entry with crd, in the same Katalog, or read its address with external"),
)

const crossPlace: PlaceOptions = {
  fields: {
    crd: text,
    labelSelector: scalarMap,
    selector: place("selector", {
      fields: { name: scalar, namespace: scalar, matchLabels: scalarMap, strategy: oneOf("first", "all") },
    }),
    as: nameOfCross,
    source: remoteRead,
  },
  required: ["selector"],
}
const plainCross = place("a cross read", crossPlace)

/** Which entry, and which of its custom resources: each said in one way. */
const crossRead: Shape = seenAs(
  byForm((value) => {
    if (!isRecord(value)) return plainCross
    const given = ["crd", "labelSelector"].filter((key) => (value[key] ?? null) !== null)
    if (given.length !== 1) {
      const found = given.length === 0 ? "neither" : "both"
      const message = `expected either "crd" or "labelSelector" in a cross read, found ${found}`
      return wrong({ code: "ORK0108", message, help: 'add "crd:" with a key of spec.crds' })
    }
    const selector = value["selector"]
    if (!isRecord(selector)) return plainCross
    if (["name", "matchLabels"].some((key) => (selector[key] ?? null) !== null)) return plainCross
    const message = '"name" or "matchLabels" is missing in selector'
    return wrong({ code: "ORK0108", message, help: 'add "name:" or "matchLabels:"' })
  }),
  { kind: "place", noun: "a cross read", options: crossPlace },
)

/** `cross`: custom resources of other entries that templates read. */
export const cross: Shape = list(crossRead)

const eventFields: readonly EventField[] = ["reason", "action", "type", "reportingController", "reportingInstance"]
const referenceFields = ["apiVersion", "kind", "name", "namespace"] as const

const notPerObject = wrong({
  code: "ORK0106",
  message: "expected a fixed text, found a template",
  help: "leave it out, and let keyFrom.name make the name of the custom resource: {{ .regarding.name }}",
})
const fixedPart = seenAs(
  byForm((value) => (isTemplate(value) ? notPerObject : text)),
  outlookOf(text),
)

const reference = (noun: string) =>
  place(noun, { fields: Object.fromEntries(referenceFields.map((key) => [key, fixedPart])) })

const eventPlace: PlaceOptions = {
  fields: {
    ...Object.fromEntries(eventFields.map((key) => [key, fixedPart])),
    type: oneOf("Normal", "Warning"),
    namespace: fixedPart,
    regarding: reference("regarding"),
    related: reference("related"),
    on,
    keyFrom,
  },
  later: ["enqueueGate"],
  laterHelp: { enqueueGate: "put its conditions into gates.enqueueGate, which reads .events" },
}
const plainEvent = place("an observed event", eventPlace)

/** Kubernetes Events: at least one thing must be said of them. */
const observedEvent: Shape = seenAs(
  byForm((value) => {
    if (!isRecord(value) || Object.keys(value).some((key) => key !== "on" && key !== "keyFrom")) return plainEvent
    const message = "an observed event says nothing of the Events that it means"
    return wrong({ code: "ORK0108", message, help: 'add "reason:", "regarding:" or another field of the Event' })
  }),
  { kind: "place", noun: "an observed event", options: eventPlace },
)

const observedEvents: Shape = seenAs(
  judged((record, report) => {
    for (const name of Object.keys(record)) {
      if (!/^[a-z][A-Za-z0-9]*$/.test(name)) {
        const message = `expected a name in camelCase, found "${shorten(name, 80)}"`
        report.key(name, { code: "ORK0113", message, help: "templates read it as .events.<name>" })
      }
      if (record[name] !== null) judge(observedEvent, name, record, report)
    }
  }),
  { kind: "map", value: observedEvent, key: "^[a-z][A-Za-z0-9]*$" },
)

/** `observe`: what is left of the published group: `watch` and `cross` stand beside it. */
export const observe: Shape = place("observe", { fields: { include: text, events: observedEvents } })

/** One line for each field, for editors. */
export const observeTexts: Readonly<Record<string, string>> = {
  watch: "Other objects whose changes wake custom resources.",
  "a watch.apiVersion": "The apiVersion of the watched objects.",
  "a watch.kind": "The kind of the watched objects.",
  "a watch.namespace": "Only objects in this namespace.",
  "a watch.name": "Only the object of this name.",
  "a watch.index": "Without effect: caches have the indexes that they need.",
  observe: "Kubernetes Events that wake custom resources.",
  "observe.include": "A file with watch: and events:, merged below what stands here.",
  "observe.events": "Events by name: what they must say, and whom they wake. Gates read them as .events.<name>.",
  "an observed event.reason": "The reason of the Event.",
  "an observed event.action": "The action of the Event.",
  "an observed event.type": "Normal or Warning.",
  "an observed event.reportingController": "Who reports it.",
  "an observed event.reportingInstance": "Which instance reports it.",
  "an observed event.namespace": "The namespace of the Event.",
  "an observed event.regarding": "The object that it is about.",
  "an observed event.related": "The other object that it names.",
  ...Object.fromEntries(
    ["regarding", "related"].flatMap((noun) =>
      Object.entries({
        apiVersion: "Its apiVersion.",
        kind: "Its kind.",
        name: "Its name.",
        namespace: "Its namespace.",
      }).map(([key, line]) => [`${noun}.${key}`, line]),
    ),
  ),
  cross: "Custom resources of other entries, read as .cross.<as>.",
  "a cross read.crd": "The entry whose custom resources are read: a key of spec.crds.",
  "a cross read.labelSelector": "The entry whose CRD has these labels.",
  "a cross read.selector": "Which custom resource is read.",
  "a cross read.source": "Not built: a read from another process.",
  "a cross read.as": "Its name below .cross; without it that of the entry.",
  "selector.name": "The name of the custom resource.",
  "selector.namespace": "Its namespace; without it that of the reader.",
  "selector.matchLabels": "Labels in place of a name, in all namespaces where none is said.",
  "selector.strategy": "first: the first by namespace and name. all: also every one, under items.",
  on: "What wakes: create, update, delete.",
  keyFrom: "How an object names the custom resource that it wakes. Without it: its owner, else all.",
  "keyFrom.label": "The label that holds the name of the custom resource, in the namespace of the object.",
  "keyFrom.annotation": "The annotation that holds its namespace/name, or its name.",
  "keyFrom.name": "Its name; a template reads the object.",
  "keyFrom.namespace": "Its namespace; without it that of the object.",
}

/** Reads `watch` of an operatorBox that passed its shape. */
export function readWatches(value: unknown, at: Steps): readonly WatchSpec[] {
  return (Array.isArray(value) ? value : []).filter(isRecord).map((item, index) => {
    const here = [...at, index]
    return {
      gvk: { ...parseApiVersion(String(item["apiVersion"] ?? "")), kind: String(item["kind"] ?? "") },
      namespace: textAt(item, "namespace"),
      name: textAt(item, "name"),
      on: readOn(item["on"], happenings),
      keyFrom: readKeyFrom(item["keyFrom"], [...here, "keyFrom"]),
      at: formatPath(here),
    }
  })
}

function textAt(item: Plain, key: string): string | undefined {
  const value = item[key] ?? undefined
  return value === undefined ? undefined : String(value)
}

function readOn(value: unknown, fallback: readonly Happening[]): readonly Happening[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : []
  return list.length === 0 ? fallback : happenings.filter((happening) => list.includes(happening))
}

function readKeyFrom(value: unknown, at: Steps): KeyFromSpec | undefined {
  if (!isRecord(value)) return undefined
  const way = ways.find((key) => (value[key] ?? null) !== null)
  if (way === undefined) return undefined
  if (way !== "name") return { way, key: String(value[way]) }
  return { way, name: value[way], namespace: value["namespace"] ?? undefined, at: formatPath(at) }
}

/** Reads `observe.events` of an operatorBox that passed its shape. */
export function readObservedEvents(value: unknown, at: Steps): readonly ObservedEventSpec[] {
  const events = isRecord(value) && isRecord(value["events"]) ? value["events"] : {}
  return Object.entries(events).flatMap(([name, item]) => {
    if (!isRecord(item)) return []
    const here = [...at, "events", name]
    return [
      {
        name,
        fields: pick(item, eventFields),
        regarding: pick(item["regarding"], referenceFields),
        related: pick(item["related"], referenceFields),
        namespace: textAt(item, "namespace"),
        // Events end by themselves: their end says nothing.
        on: readOn(item["on"], ["create", "update"]),
        keyFrom: readKeyFrom(item["keyFrom"], [...here, "keyFrom"]),
        at: formatPath(here),
      },
    ]
  })
}

function pick<Key extends string>(value: unknown, keys: readonly Key[]): Partial<Record<Key, string>> {
  const record = isRecord(value) ? value : {}
  const found = keys.flatMap((key) => ((record[key] ?? null) === null ? [] : [[key, String(record[key])] as const]))
  return Object.fromEntries(found) as Partial<Record<Key, string>> // fromEntries widens the keys
}

/** Reads `cross` of an operatorBox that passed its shape. */
export function readCrosses(value: unknown, at: Steps): readonly CrossSpec[] {
  return (Array.isArray(value) ? value : []).filter(isRecord).map((item, index) => {
    const { selector: written, labelSelector: labels } = item
    const selector = isRecord(written) ? written : {}
    const crd = textAt(item, "crd")
    return {
      as: textAt(item, "as") ?? crd ?? "crd",
      crd,
      labels: textsOf(labels),
      name: selector["name"] ?? undefined,
      namespace: selector["namespace"] ?? undefined,
      matchLabels: isRecord(selector["matchLabels"]) ? selector["matchLabels"] : undefined,
      all: selector["strategy"] === "all",
      at: formatPath([...at, index]),
    }
  })
}

/** What is found across the fields of an operatorBox, with its place there. */
export interface ObserveMistake {
  readonly fault: Fault
  readonly steps: Steps
  readonly severity: "error" | "note"
  readonly part: "key" | "value"
}

/** What no single value shows: the same objects watched twice, two reads of one name, and what has no effect. */
export function checkObserve(box: Plain): readonly ObserveMistake[] {
  return [...checkWatches(box), ...checkCross(box)]
}

function checkCross(box: Plain): readonly ObserveMistake[] {
  const seen = new Set<unknown>()
  return (Array.isArray(box["cross"]) ? box["cross"] : []).flatMap(
    (item: unknown, index): readonly ObserveMistake[] => {
      if (!isRecord(item)) return []
      const key = (item["as"] ?? null) === null ? "crd" : "as"
      const name = item[key] ?? "crd"
      const message = `"${name}" stands twice in cross`
      const fault = { code: "ORK0206", message, help: 'give one of them another name with "as:"' }
      const steps = (item[key] ?? null) === null ? ["cross", index] : ["cross", index, key]
      const isTwice = seen.has(name)
      seen.add(name)
      return isTwice ? [{ fault, steps, severity: "error", part: "value" }] : []
    },
  )
}

function checkWatches(box: Plain): readonly ObserveMistake[] {
  const seen = new Set<string>()
  const found: ObserveMistake[] = []
  for (const [index, item] of (Array.isArray(box["watch"]) ? box["watch"] : []).entries()) {
    if (!isRecord(item)) continue
    const steps = ["watch", index]
    const id = JSON.stringify(["apiVersion", "kind", "namespace", "name"].map((key) => item[key] ?? null))
    const message = "the same objects are watched twice"
    if (seen.has(id)) {
      const fault = { code: "ORK0206", message, help: "keep one of them" }
      found.push({ fault, steps, severity: "error", part: "value" })
    }
    seen.add(id)
    if ((item["index"] ?? null) === null) continue
    const fault = { code: "ORK0122", message: '"index" has no effect: caches have the indexes that they need' }
    found.push({ fault: { ...fault, help: "remove it" }, steps: [...steps, "index"], severity: "note", part: "key" })
  }
  return found
}
