import type { KubeObject, StatusCause } from "../kube/mod.ts"
import { amountOf } from "./amounts.ts"
import { mapAt, numberAt, statusOf } from "./fields.ts"
import { invalidValue } from "./names.ts"

/** The numbers in the status of a kind. */
interface Counters {
  /** Never below nothing. */
  readonly counted: readonly string[]
  /** Those that `replicas` bounds. */
  readonly within?: readonly string[]
  /** How the bound of `availableReplicas` is called. */
  readonly ready?: string
}

const ofSets = ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"]
const sets: Counters = {
  counted: ["replicas", ...ofSets, "observedGeneration"],
  within: ofSets,
  ready: "readyReplicas",
}
const ofDeployments = ["updatedReplicas", "readyReplicas", "availableReplicas"]
const ofStateful = ["readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"]

const kinds: Readonly<Record<string, Counters>> = {
  Deployment: {
    counted: ["observedGeneration", "replicas", ...ofDeployments, "unavailableReplicas", "collisionCount"],
    within: ofDeployments,
    ready: "readyReplicas",
  },
  HorizontalPodAutoscaler: { counted: ["currentReplicas", "desiredReplicas"] },
  Job: { counted: ["active", "succeeded", "failed", "ready"] },
  PodDisruptionBudget: { counted: ["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"] },
  ReplicaSet: sets,
  ReplicationController: sets,
  StatefulSet: {
    counted: ["replicas", ...ofStateful, "observedGeneration", "collisionCount"],
    within: ofStateful,
    ready: "status.readyReplicas",
  },
}

const tooFew = "must be greater than or equal to 0"

/** What is wrong with a status: numbers that cannot be. */
export function statusCauses(object: KubeObject): readonly StatusCause[] {
  const status = statusOf(object)
  if (object.kind === "ResourceQuota") return ["hard", "used"].flatMap((key) => amountCauses(object, key))
  const kind = Object.hasOwn(kinds, object.kind) ? kinds[object.kind] : undefined
  if (kind === undefined) return []
  const { counted, within = [], ready } = kind
  const wrong = (name: string, why: string) => invalidValue(`status.${name}`, numberAt(status, name), why)
  const [available, most] = [numberAt(status, "availableReplicas"), numberAt(status, "readyReplicas")]
  const isMore = (name: string) => numberAt(status, name) > numberAt(status, "replicas")
  return [
    ...counted.filter((name) => numberAt(status, name) < 0).map((name) => wrong(name, tooFew)),
    ...within.filter(isMore).map((name) => wrong(name, "cannot be greater than status.replicas")),
    ...(object.kind === "Job" && status["ready"] !== undefined && numberAt(status, "ready") > numberAt(status, "active")
      ? [wrong("ready", "cannot set more ready pods than active")]
      : []),
    ...(ready !== undefined && available > most ? [wrong("availableReplicas", `cannot be greater than ${ready}`)] : []),
  ]
}

function amountCauses(quota: KubeObject, key: string): readonly StatusCause[] {
  return Object.entries(mapAt(statusOf(quota), key)).flatMap(([name, amount]) =>
    amountOf(amount).billionths < 0n ? [invalidValue(`status.${key}[${name}]`, String(amount), tooFew)] : [],
  )
}

/** Kinds whose status is written without a change of anything else in their metadata. */
const fixed = new Set(["FlowSchema", "PriorityLevelConfiguration"])

/** The metadata that a write of the status leaves. */
export function statusMetadata({ kind, metadata }: KubeObject, old: KubeObject): KubeObject["metadata"] {
  const { managedFields, resourceVersion } = metadata
  const own = {
    ...(managedFields === undefined ? {} : { managedFields }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  }
  if (fixed.has(kind)) return { ...old.metadata, ...own }
  if (kind !== "Deployment") return metadata
  const { labels: _, ...rest } = metadata
  const { labels } = old.metadata
  return { ...rest, ...(labels === undefined ? {} : { labels }) }
}
