import type { CrdSpec, EnrichSpec, EnrichTarget, EntrySpec } from "../katalog/mod.ts"
import { formatGroupKind, isRecord } from "../kube/mod.ts"
import { compileGate, type Gate } from "./conditions.ts"
import { gvkOfEntry } from "./resources.ts"
import type { Mistake } from "./short-forms/rules.ts"
import type { CompileContext } from "./value.ts"
import { makingEntries } from "./workloads.ts"

/** One thing that is added to the children while its gate is open. */
export interface EnrichPlan {
  readonly target: EnrichTarget
  readonly gate: Gate
}

const podOwners = ["Deployment.apps", "StatefulSet.apps", "ReplicaSet.apps", "DaemonSet.apps"]

/** The kinds of children that a target adds to; undefined: all. */
export const enrichedKinds: Readonly<Record<EnrichTarget, ReadonlySet<string> | undefined>> = {
  pods: new Set([...podOwners, "Job.batch"]),
  events: undefined,
  owner: new Set(["ReplicaSet.apps"]),
  replicasets: new Set(["Deployment.apps"]),
  pvcs: new Set(["StatefulSet.apps"]),
  pvc: new Set(["PersistentVolume"]),
  pv: new Set(["PersistentVolumeClaim"]),
  storageclass: new Set(["PersistentVolumeClaim"]),
  backingpods: new Set(["Service"]),
  endpoints: new Set(["Service"]),
  node: new Set(["Pod"]),
  hpa: new Set(["HorizontalPodAutoscaler.autoscaling"]),
  cronjob: new Set(["CronJob.batch"]),
  ingress: new Set(["Ingress.networking.k8s.io"]),
}

/** The targets that some child of the operator takes, compiled. */
export function compileEnrich(crd: CrdSpec, compile: CompileContext): readonly EnrichPlan[] {
  return crd.enrich
    .filter(({ target }) => fits(target, crd))
    .map(({ target, when, or }) => ({ target, gate: compileGate(when, or, compile) }))
}

/** What was asked for by name and adds nothing, with the reason. */
export function uselessEnrich(crd: CrdSpec, readsChildren: boolean): readonly Mistake[] {
  const isNamed = ({ at }: EnrichSpec) => !at.endsWith(".enrichAll")
  return crd.enrich.filter(isNamed).flatMap(({ target, at }): readonly Mistake[] => {
    const kinds = [...(enrichedKinds[target] ?? [])].join(", ")
    if (readsChildren && fits(target, crd)) return []
    const why = readsChildren ? `the operator makes nothing of kind ${kinds}` : "no template reads .children"
    const message = `"${target}" adds nothing: ${why}`
    return [{ severity: "note", code: "ORK0122", message, help: "remove it", at, part: "value" }]
  })
}

function fits(target: EnrichTarget, crd: CrdSpec): boolean {
  const kinds = enrichedKinds[target]
  return kinds === undefined || makingEntries(crd).some((entry) => kinds.has(kindOf(entry)))
}

function kindOf(entry: EntrySpec): string {
  const gvk = gvkOfEntry(entry)
  return gvk ? formatGroupKind(gvk) : ""
}

const labelled = new Set(["deployments", "statefulSets", "daemonSets", "replicaSets"])

/** True when the workload label finds every Pod that can be asked for, but those of Jobs. */
export function labelsPods(crd: CrdSpec): boolean {
  const asksService = crd.enrich.some(({ target }) => target === "backingpods")
  return makingEntries(crd).every((entry) => {
    const kind = kindOf(entry)
    if (podOwners.includes(kind)) return labelled.has(entry.kind)
    return kind !== "Service" || !asksService || selectsByLabel(entry)
  })
}

// Without a selector of its own a Service means the only workload, by its label.
function selectsByLabel({ kind, fields, overrides }: EntrySpec): boolean {
  const spec = overrides["spec"]
  return kind === "services" && fields["selector"] === undefined && !(isRecord(spec) && "selector" in spec)
}
