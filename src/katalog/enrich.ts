import { formatPath, isRecord } from "../kube/mod.ts"
import { conditions, readConditions } from "./conditions.ts"
import type { Fault } from "./fault.ts"
import { byForm, list, oneOf, place, readFlag, type Shape } from "./shape.ts"
import type { EnrichSpec, EnrichTarget } from "./spec.ts"

type Plain = Readonly<Record<string, unknown>>
type Steps = readonly (string | number)[]

/** What may be added to children, and what that is, in a line. */
const enrichTargets: Readonly<Record<EnrichTarget, string>> = {
  pods: "The Pods of a workload, as _pods.",
  events: "The warnings about a child and what belongs to it, as _warnings.",
  owner: "What controls a ReplicaSet, as _owner.",
  replicasets: "The ReplicaSets of a Deployment, as _replicaSets.",
  pvcs: "The claims of a StatefulSet, as _pvcs.",
  pvc: "The claim of a PersistentVolume, as _pvc.",
  pv: "The volume of a PersistentVolumeClaim, as _pv.",
  storageclass: "The storage class of a PersistentVolumeClaim, as _storageClass.",
  backingpods: "The Pods behind a Service, as _backingPods.",
  endpoints: "The endpoints of a Service, as _endpoints.",
  node: "The node of a Pod, as _node.",
  hpa: "The metrics and the target of a HorizontalPodAutoscaler, as _currentMetrics and _scaleTarget.",
  cronjob: "The Jobs of a CronJob, as _activeJobs, _lastJob and _lastSuccessfulJob.",
  ingress: "Addresses and TLS secrets of an Ingress, as _loadBalancerIPs and _tlsSecrets.",
}

/** Other published names of targets. */
const aliases: Readonly<Record<string, EnrichTarget>> = {
  warnings: "events",
  event: "events",
  ev: "events",
  ep: "endpoints",
  endpointslice: "endpoints",
  cj: "cronjob",
  ing: "ingress",
}

/** Every name of a target. */
const names: readonly string[] = [...Object.keys(enrichTargets), ...Object.keys(aliases)]

/** The target that a name means. */
function targetOf(name: string): EnrichTarget | undefined {
  if (Object.hasOwn(aliases, name)) return aliases[name]
  return isTarget(name) ? name : undefined
}

function isTarget(name: string): name is EnrichTarget {
  return Object.hasOwn(enrichTargets, name)
}

const word = oneOf(...names)
const conditional = place("a target of enrich", { fields: { when: conditions, or: conditions } })
const withConditions = place("an item of enrich", {
  fields: Object.fromEntries(names.map((name) => [name, conditional])),
})

/** `enrich`: names of targets, or each with its conditions. */
export const enrich: Shape = list(byForm((value) => (isRecord(value) ? withConditions : word)))

/** One line for each name, for editors. */
export const enrichTexts: Readonly<Record<string, string>> = Object.fromEntries(
  names.flatMap((name) => {
    const target = targetOf(name)
    return target === undefined ? [] : [[`an item of enrich.${name}`, enrichTargets[target]]]
  }),
)

/** Reads `enrich` and `enrichAll` of an entry that passed its shape. */
export function readEnrich(entry: Plain, at: Steps): readonly EnrichSpec[] {
  if (readFlag(entry["enrichAll"]) === true) {
    const place = formatPath([...at, "enrichAll"])
    return Object.keys(enrichTargets).flatMap((name) =>
      isTarget(name) ? [{ target: name, when: [], or: [], at: place }] : [],
    )
  }
  return itemsOf(entry).flatMap(({ name, steps, value }) => {
    const target = targetOf(name)
    const here = [...at, "enrich", ...steps]
    const read = (key: "when" | "or") => readConditions(value[key], [...here, key])
    return target === undefined ? [] : [{ target, when: read("when"), or: read("or"), at: formatPath(here) }]
  })
}

interface Item {
  readonly name: string
  /** Where it stands below `enrich`. */
  readonly steps: Steps
  readonly value: Plain
}

function itemsOf(entry: Plain): readonly Item[] {
  const written = entry["enrich"]
  return (Array.isArray(written) ? written : []).flatMap((item: unknown, index): readonly Item[] => {
    if (typeof item === "string") return [{ name: item, steps: [index], value: {} }]
    return Object.entries(isRecord(item) ? item : {}).map(([name, value]) => ({
      name,
      steps: [index, name],
      value: isRecord(value) ? value : {},
    }))
  })
}

/** A mistake and where it stands in the entry. */
export interface EnrichMistake {
  readonly fault: Fault
  readonly steps: Steps
}

/** What no single value shows: both ways of asking, and a target that is named twice. */
export function checkEnrich(entry: Plain): readonly EnrichMistake[] {
  const items = itemsOf(entry)
  const seen = new Set<EnrichTarget>()
  const found: EnrichMistake[] = []
  if (readFlag(entry["enrichAll"]) === true && (entry["enrich"] ?? null) !== null) {
    const message = '"enrichAll" asks for every target, and "enrich" for some'
    found.push({ fault: { code: "ORK0215", message, help: "keep one of them" }, steps: ["enrichAll"] })
  }
  for (const { name, steps } of items) {
    const target = targetOf(name)
    if (target === undefined) continue
    if (seen.has(target)) {
      const same = name === target ? "" : `, which is "${target}",`
      const message = `"${name}"${same} stands twice in enrich`
      found.push({ fault: { code: "ORK0206", message, help: "keep one of them" }, steps: ["enrich", ...steps] })
    }
    seen.add(target)
  }
  return found
}
