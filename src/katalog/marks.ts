import { formatPath, isRecord } from "../kube/mod.ts"
import type { Fault } from "./fault.ts"
import { byForm, flag, judge, judged, list, place, readFlag, type Shape, scalar, seenAs, text, wrong } from "./shape.ts"
import type { EndpointsSpec, MarksSpec } from "./spec.ts"

type Plain = Readonly<Record<string, unknown>>
type Steps = readonly (string | number)[]

/** A name with an optional domain before it: keys of labels, finalizers. */
function isQualified(name: string): boolean {
  const [, domain, own = name] = /^([^/]*)\/(.*)$/s.exec(name) ?? []
  if (domain !== undefined && (domain.length > 253 || !/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(domain))) return false
  return /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(own)
}

/** Labels that are written on custom resources: fixed keys, values that may be templates. */
const labels: Shape = seenAs(judged(judgeLabels), { kind: "map", value: scalar })

function judgeLabels(...[record, report]: Parameters<Parameters<typeof judged>[0]>): void {
  for (const key of Object.keys(record)) {
    if (!isQualified(key)) report.key(key, nameFault(key, "the key of a label", "team, or example.com/team"))
    judge(scalar, key, record, report)
  }
}

function nameFault(found: string, what: string, example: string): Fault {
  return { code: "ORK0113", message: `"${found}" cannot be ${what}`, help: `write, for example, ${example}` }
}

/** Names under which custom resources are held until their deletion is done. */
export const finalizerNames: Shape = list(
  byForm((value) => {
    const isWrong = typeof value === "string" && value !== "" && !isQualified(value)
    return isWrong ? wrong(nameFault(value, "a finalizer", "example.com/cleanup")) : text
  }),
)

const endpoints = place("endpoints", { fields: { enabled: flag, health: flag, info: flag } })

/** What stands on the custom resources, and what is told about them: keys of a CRD entry. */
export const markFields: Readonly<Record<string, Shape>> = {
  labels,
  removeFinalizers: flag,
  endpoints,
  crossAccess: flag,
}

/** Reads what an entry that passed its shape writes on its custom resources; `finalizers` are those of the Katalog. */
export function readMarks(entry: Plain, at: Steps, finalizers: readonly string[]): MarksSpec {
  const box = isRecord(entry["operatorBox"]) ? entry["operatorBox"] : {}
  const own = box["finalizers"] ?? undefined
  return {
    labels: isRecord(entry["labels"]) ? entry["labels"] : {},
    finalizers: own === undefined ? finalizers : readFinalizers(own),
    removesFinalizers: readFlag(entry["removeFinalizers"]) === true,
    at: formatPath([...at, "labels"]),
  }
}

/** The names in a list of finalizers, each once. */
export function readFinalizers(value: unknown): readonly string[] {
  return Array.isArray(value) ? [...new Set(value.map(String))] : []
}

/** Whether other entries may read the custom resources of an entry; the entry wins over its Katalog. */
export function readCrossAccess(entry: Plain, katalog: unknown): boolean {
  return readFlag(entry["crossAccess"]) ?? readFlag(katalog) ?? true
}

/** Reads which endpoints an entry that passed its shape has. */
export function readEndpoints(entry: Plain): EndpointsSpec {
  const written = isRecord(entry["endpoints"]) ? entry["endpoints"] : {}
  const isOn = (key: string) => readFlag(written[key]) ?? true
  return { enabled: isOn("enabled"), info: isOn("info"), health: isOn("health") }
}
