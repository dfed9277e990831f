import { type KubeObject, ownerReferenceTo, semanticEqual } from "../../kube/mod.ts"
import type { Action } from "../controllers.ts"
import { mapAt, numberAt, specOf, textsAt } from "../fields.ts"
import { gvrs } from "../gvrs.ts"
import { controlledBy, namespaceOf, type PretendDeps, templateHash } from "./workload.ts"

/** Names the revision on the Pods of StatefulSets and DaemonSets. */
export const revisionLabel = "controller-revision-hash"

/** The revision of a workload's template. */
export interface Revision {
  /** What the label of its Pods says. */
  readonly update: string
  /** What must be written first: the record of a new revision. */
  readonly actions: readonly Action[]
}

/**
 * The ControllerRevision that holds the workload's template; a new one gets the next number, an old one that is wanted
 * again too.
 */
export function revisionOf(deps: PretendDeps, workload: KubeObject): Revision {
  const data = { spec: { template: { ...mapAt(specOf(workload), "template"), $patch: "replace" } } }
  const known = controlledBy(deps, workload, gvrs.controllerRevisions)
  const newest = Math.max(0, ...known.map((revision) => numberAt(revision, "revision")))
  const found = known.find((revision) => semanticEqual(revision["data"], data))
  const hash = templateHash(mapAt(specOf(workload), "template"))
  const name = `${workload.metadata.name}-${hash}`
  // Pods of a StatefulSet name the whole revision, those of a DaemonSet its hash.
  const label = workload.kind === "DaemonSet" ? hash : name
  if (found === undefined) {
    const own = workload.kind === "DaemonSet" ? revisionLabel : "controller.kubernetes.io/hash"
    const labels = { ...textsAt(mapAt(specOf(workload), "template", "metadata"), "labels"), [own]: hash }
    const { annotations } = workload.metadata
    const object: KubeObject = {
      apiVersion: "apps/v1",
      kind: "ControllerRevision",
      metadata: {
        name,
        ...namespaceOf(workload),
        labels,
        ...(annotations ? { annotations } : {}),
        ownerReferences: [ownerReferenceTo(workload)],
      },
      data,
      revision: newest + 1,
    }
    return { update: label, actions: [{ do: "create", gvr: gvrs.controllerRevisions, object }] }
  }
  const isNewest = numberAt(found, "revision") === newest
  const raised = { ...found, revision: newest + 1 }
  return { update: label, actions: isNewest ? [] : [{ do: "update", gvr: gvrs.controllerRevisions, object: raised }] }
}
