import { parseDuration } from "../base/mod.ts"
import { formatPath, isRecord } from "../kube/mod.ts"
import { conditions, readConditions } from "./conditions.ts"
import {
  anything,
  byForm,
  duration,
  isTemplate,
  mapOf,
  oneOf,
  place,
  type Shape,
  scalar,
  scalarMap,
  scalars,
  text,
  wrong,
} from "./shape.ts"
import type { EmittedEventSpec, RequeueSpec, SelectionSpec } from "./spec.ts"

type Plain = Readonly<Record<string, unknown>>
type Steps = readonly (string | number)[]

const notFixed = wrong({ code: "ORK0106", message: "expected a fixed text, found a template", help: "write one word" })

const event = place("an event", {
  fields: {
    type: oneOf("Normal", "Warning"),
    reason: byForm((value) => (isTemplate(value) ? notFixed : text)),
    message: scalar,
    when: conditions,
    or: conditions,
  },
  required: ["type", "reason", "message"],
})

/** `events`: what is told about the custom resource, by name. */
export const events: Shape = mapOf(event)

// An empty text and 0s mean: not again.
const after = byForm((value) => (isTemplate(value) || isNever(value) ? anything : duration))

function isNever(value: unknown): boolean {
  return value === "" || (typeof value === "string" && parseDuration(value) === 0)
}

/** `requeue`: when a custom resource is looked at again after a success. */
export const requeue: Shape = place("requeue", {
  fields: { after, when: conditions, or: conditions },
  required: ["after"],
})

/** Keys of an entry that say which custom resources it works on. */
export const selectionFields: Readonly<Record<string, Shape>> = {
  namespace: text,
  labelSelector: scalarMap,
  fieldSelector: scalarMap,
  allowedNamespaces: scalars,
  restrictedNamespaces: scalars,
}

/** Reads `events` of an operatorBox that passed its shape. */
export function readEvents(value: unknown, at: Steps): readonly EmittedEventSpec[] {
  return Object.entries(isRecord(value) ? value : {}).flatMap(([name, written]) => {
    if (!isRecord(written)) return []
    const here = [...at, name]
    return [
      {
        name,
        type: written["type"] === "Warning" ? "Warning" : "Normal",
        reason: String(written["reason"] ?? ""),
        message: written["message"],
        ...conditionsOf(written, here),
        at: formatPath(here),
      },
    ]
  })
}

/** Reads `requeue` of an operatorBox that passed its shape. */
export function readRequeue(value: unknown, at: Steps): RequeueSpec | undefined {
  if (!isRecord(value)) return undefined
  return { after: value["after"], ...conditionsOf(value, at), at: formatPath(at) }
}

function conditionsOf(value: Plain, at: Steps): Pick<RequeueSpec, "when" | "or"> {
  return { when: readConditions(value["when"], [...at, "when"]), or: readConditions(value["or"], [...at, "or"]) }
}

/** Reads which custom resources an entry that passed its shape works on. */
export function readSelection(entry: Plain): SelectionSpec {
  const namespace = entry["namespace"] ?? undefined
  return {
    labels: textsOf(entry["labelSelector"]),
    fields: textsOf(entry["fieldSelector"]),
    namespace: namespace === undefined ? undefined : String(namespace),
    allowedNamespaces: listOf(entry["allowedNamespaces"]),
    restrictedNamespaces: listOf(entry["restrictedNamespaces"]),
  }
}

/** A map of scalars as texts. */
export function textsOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(isRecord(value) ? value : {}).map(([key, item]) => [key, String(item ?? "")]),
  )
}

function listOf(value: unknown): readonly string[] {
  return [value ?? []].flat().map(String)
}
