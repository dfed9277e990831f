import { isRecord, type KubeObject } from "../kube/mod.ts"
import { mapOf } from "./metadata.ts"
import type { Resource } from "./resource.ts"

/** What happens to dependents. */
export type Propagation = "Background" | "Foreground" | "Orphan"

/** How objects of a kind go. */
export interface Deletion {
  /** A deletion answers with the object, not with a Status. */
  readonly answersObject?: boolean
  readonly propagation?: Propagation
  /** Seconds that the object may take to end; 0 is at once. */
  readonly graceSeconds?: (object: KubeObject, asked: number | undefined) => number
  /** What an object becomes when it is asked to go. */
  readonly mark?: (object: KubeObject) => KubeObject
  /** Held by something beside its finalizers. */
  readonly isHeld?: (object: KubeObject) => boolean
}

/** Holds a CRD until its objects are gone. */
export const cleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io"

const podGraceSeconds = 30

function podGrace(pod: KubeObject, asked: number | undefined): number {
  const spec = mapOf(pod, "spec")
  const phase = mapOf(pod, "status")["phase"]
  // What never ran or has ended has nothing to clean up.
  if (spec["nodeName"] === undefined || phase === "Failed" || phase === "Succeeded") return 0
  const own = spec["terminationGracePeriodSeconds"]
  const grace = asked ?? (typeof own === "number" ? own : podGraceSeconds)
  return grace < 0 ? 1 : grace
}

const namespaces: Deletion = {
  answersObject: true,
  mark: (object) => {
    const { deletionGracePeriodSeconds: _, ...metadata } = { deletionGracePeriodSeconds: 0, ...object.metadata }
    return { ...object, metadata, status: { ...mapOf(object, "status"), phase: "Terminating" } }
  },
  isHeld: (object) => {
    const spec = object["spec"]
    const finalizers = isRecord(spec) ? spec["finalizers"] : undefined
    return Array.isArray(finalizers) && finalizers.length > 0
  },
}

// A CRD stays until its objects are gone; to be deleted is no change of its specification.
const definitions: Deletion = {
  isHeld: ({ metadata }) => metadata.deletionTimestamp === undefined,
  mark: (crd) => {
    const { deletionGracePeriodSeconds: _, ...metadata } = { deletionGracePeriodSeconds: 0, ...crd.metadata }
    const { finalizers = [], generation = 1 } = metadata
    const status = mapOf(crd, "status")
    const before = Array.isArray(status["conditions"]) ? status["conditions"] : []
    const pending = {
      type: "Terminating",
      status: "True",
      lastTransitionTime: metadata.deletionTimestamp,
      reason: "InstanceDeletionPending",
      message: "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
    }
    return {
      ...crd,
      metadata: { ...metadata, generation: generation - 1, finalizers: [...finalizers, cleanupFinalizer] },
      status: { ...status, conditions: [...before, pending] },
    }
  },
}

const answered: Deletion = { answersObject: true }
const rules: Readonly<Record<string, Deletion>> = {
  "apiextensions.k8s.io/customresourcedefinitions": definitions,
  "batch/jobs": { propagation: "Orphan" },
  namespaces,
  persistentvolumeclaims: answered,
  persistentvolumes: answered,
  pods: { answersObject: true, graceSeconds: podGrace },
  podtemplates: answered,
  resourcequotas: answered,
  replicationcontrollers: { propagation: "Orphan" },
  serviceaccounts: answered,
  services: answered,
  "storage.k8s.io/storageclasses": answered,
  "storage.k8s.io/volumeattachments": answered,
  "storage.k8s.io/csidrivers": answered,
  "storage.k8s.io/csinodes": answered,
  "resource.k8s.io/deviceclasses": answered,
  "resource.k8s.io/resourceclaims": answered,
  "resource.k8s.io/resourceclaimtemplates": answered,
}

/** How objects of this kind go. */
export function deletionOf(resource: Resource): Deletion {
  return rules[resource.prefix] ?? {}
}
