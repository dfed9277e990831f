import type { CrdSpec, EntrySpec } from "../katalog/mod.ts"
import { type Gvk, isRecord } from "../kube/mod.ts"
import { gvkOfEntry, nameOf } from "./resources.ts"
import type { Written } from "./value.ts"

const workloadLists = new Set(["deployments", "statefulSets", "daemonSets", "replicaSets"])

/** Every entry that may make something, in declaration order. */
export function makingEntries(crd: CrdSpec): readonly EntrySpec[] {
  return [...(crd.operatorBox.onCreate?.entries ?? []), ...(crd.operatorBox.onReconcile?.entries ?? [])]
}

/** The entries whose Pods a Service may mean. */
export function workloadsOf(crd: CrdSpec): readonly EntrySpec[] {
  return makingEntries(crd).filter((entry) => workloadLists.has(entry.kind))
}

/** The only workload of an operator; undefined where there is none, or more than one. */
export function onlyWorkload(crd: CrdSpec): { readonly name: Written; readonly gvk: Gvk } | undefined {
  const [only, ...others] = workloadsOf(crd)
  const gvk = only && gvkOfEntry(only)
  return only && gvk && others.length === 0 && only.forEach === undefined ? { name: nameOf(only), gvk } : undefined
}

/** Tells of a workload whether a HorizontalPodAutoscaler of the same operator sets its replicas. */
export function scaledWorkloads(crd: CrdSpec): (entry: EntrySpec) => boolean {
  const only = onlyWorkload(crd)
  const targets = new Set(makingEntries(crd).flatMap((entry) => targetOf(entry, only) ?? []))
  return (entry) => {
    const kind = gvkOfEntry(entry)?.kind
    return kind !== undefined && targets.has(identity(kind, nameOf(entry).value))
  }
}

function targetOf(entry: EntrySpec, only: ReturnType<typeof onlyWorkload>): string | undefined {
  if (gvkOfEntry(entry)?.kind !== "HorizontalPodAutoscaler") return undefined
  const { kind = "Deployment", name } = targetRef(entry)
  if (name !== undefined) return identity(String(kind), name)
  return only && identity(only.gvk.kind, only.name.value)
}

function targetRef(entry: EntrySpec): Readonly<Record<string, unknown>> {
  const { fields } = entry
  const object = entry.kind === "manifests" ? fields["object"] : fields
  const spec = isRecord(object) ? object["spec"] : undefined
  const ref =
    fields["scaleTargetRef"] ?? fields["deploymentRef"] ?? (isRecord(spec) ? spec["scaleTargetRef"] : undefined)
  return isRecord(ref) ? ref : {}
}

// Two spellings of one template name the same object.
function identity(kind: string, name: unknown): string {
  return `${kind} ${String(name).replace(/\s+/g, "")}`
}
