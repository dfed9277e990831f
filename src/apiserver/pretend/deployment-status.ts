import { rfc3339 } from "../../base/mod.ts"
import type { KubeObject } from "../../kube/mod.ts"
import { type Fields, listAt, numberAt, specOf, statusOf, textAt } from "../fields.ts"
import { unavailableOf } from "./rollout.ts"
import { nonZero } from "./workload.ts"

interface Seen {
  readonly deployment: KubeObject
  /** The ReplicaSet of the Deployment's template. */
  readonly current: KubeObject | undefined
  readonly sets: readonly KubeObject[]
  readonly nowMs: number
}

interface Numbers {
  readonly wanted: number
  readonly replicas: number
  readonly updated: number
  readonly ready: number
  readonly available: number
}

/** The status of a Deployment, and when it would say that it takes too long. */
export function deploymentStatus(seen: Seen): { readonly status: Fields; readonly againMs: number | undefined } {
  const { deployment, current, sets, nowMs } = seen
  const sum = (name: string) => sets.reduce((total, set) => total + numberAt(statusOf(set), name), 0)
  const wanted = numberAt(specOf(deployment), "replicas", 1)
  const available = sum("availableReplicas")
  const asked = sets.reduce((total, set) => total + numberAt(specOf(set), "replicas"), 0)
  const numbers: Numbers = {
    wanted,
    replicas: sum("replicas"),
    updated: current ? numberAt(statusOf(current), "replicas") : 0,
    ready: sum("readyReplicas"),
    available,
  }
  const progress = progressing(seen, numbers)
  const counts = nonZero({
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: numbers.replicas,
    updatedReplicas: numbers.updated,
    readyReplicas: numbers.ready,
    availableReplicas: available,
    unavailableReplicas: Math.max(0, asked - available),
  })
  const going = { terminatingReplicas: sum("terminatingReplicas") }
  const least = wanted - unavailableOf(deployment)
  const isAvailable = available >= least
  const availability = stamped(seen, {
    type: "Available",
    status: isAvailable ? "True" : "False",
    reason: isAvailable ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
    message: `Deployment ${isAvailable ? "has" : "does not have"} minimum availability.`,
  })
  const conditions = inOrder(seen, [availability, ...(progress ? [progress] : []), ...failures(seen)])
  const deadlineAtMs = progress && deadlineOf(deployment, progress)
  const isWaiting = deadlineAtMs !== undefined && textAt(progress ?? {}, "status") === "True" && deadlineAtMs > nowMs
  return { status: { ...counts, ...going, conditions }, againMs: isWaiting ? deadlineAtMs - nowMs + 1 : undefined }
}

interface Said {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
}

/** A condition with its times: the update when its words change, the transition when its status does. */
function stamped({ deployment, nowMs }: Seen, said: Said, isNews = false): Fields {
  const before = listAt(statusOf(deployment), "conditions").find((c) => c["type"] === said.type) ?? {}
  const now = rfc3339(nowMs)
  const isSame =
    before["status"] === said.status && before["reason"] === said.reason && before["message"] === said.message
  if (isSame && !isNews) return before
  const since = before["status"] === said.status ? (before["lastTransitionTime"] ?? now) : now
  return { ...said, lastUpdateTime: now, lastTransitionTime: since }
}

/** That Pods are refused, as the ReplicaSet says it. */
function failures(seen: Seen): readonly Fields[] {
  const said = seen.sets
    .flatMap((set) => listAt(statusOf(set), "conditions"))
    .filter(({ type }) => type === "ReplicaFailure")
  return said.slice(0, 1).map((one) => {
    const [status, reason, message] = ["status", "reason", "message"].map((key) => textAt(one, key))
    return stamped(seen, { type: "ReplicaFailure", status: status ?? "", reason: reason ?? "", message: message ?? "" })
  })
}

/** What has changed goes to the end, as the real controller does it. */
function inOrder({ deployment }: Seen, conditions: readonly Fields[]): readonly Fields[] {
  const before = listAt(statusOf(deployment), "conditions")
  const kept = before.filter((condition) => conditions.includes(condition))
  return [...kept, ...conditions.filter((condition) => !before.includes(condition))]
}

function progressing(seen: Seen, numbers: Numbers): Fields | undefined {
  const { deployment, current, nowMs } = seen
  const before = listAt(statusOf(deployment), "conditions").find((c) => c["type"] === "Progressing")
  const say = (reason: string, message: string, isNews = false) =>
    stamped(
      seen,
      { type: "Progressing", status: reason.endsWith("Exceeded") ? "False" : "True", reason, message },
      isNews,
    )
  const unknown = (reason: string, message: string) =>
    stamped(seen, { type: "Progressing", status: "Unknown", reason, message })
  if (specOf(deployment)["paused"] === true) {
    return before?.["reason"] === "ProgressDeadlineExceeded"
      ? before
      : unknown("DeploymentPaused", "Deployment is paused")
  }
  if (before?.["reason"] === "DeploymentPaused") return unknown("DeploymentResumed", "Deployment is resumed")
  if (current === undefined) return before
  const name = `"${current.metadata.name}"`
  const isNew = !textAt(before ?? {}, "message").includes(name)
  const isThrough = numbers.updated === numbers.wanted && numbers.replicas === numbers.wanted
  if (isThrough && numbers.available >= numbers.wanted) {
    return say("NewReplicaSetAvailable", `ReplicaSet ${name} has successfully progressed.`)
  }
  if (before?.["reason"] === "NewReplicaSetAvailable" && !isNew) return before
  if (isNew && numbers.updated === 0) return say("NewReplicaSetCreated", `Created new replica set ${name}`)
  if (isNew || hasMoved(statusOf(deployment), numbers)) {
    return say("ReplicaSetUpdated", `ReplicaSet ${name} is progressing.`, true)
  }
  const deadlineAtMs = before && deadlineOf(deployment, before)
  if (deadlineAtMs === undefined || deadlineAtMs > nowMs) return before
  return say("ProgressDeadlineExceeded", `ReplicaSet ${name} has timed out progressing.`)
}

function hasMoved(before: Fields, { replicas, updated, ready, available }: Numbers): boolean {
  const old = (name: string) => numberAt(before, name)
  const fewerOld = replicas - updated < old("replicas") - old("updatedReplicas")
  const more = updated > old("updatedReplicas") || ready > old("readyReplicas") || available > old("availableReplicas")
  return more || fewerOld
}

function deadlineOf(deployment: KubeObject, condition: Fields): number | undefined {
  const seconds = numberAt(specOf(deployment), "progressDeadlineSeconds", 600)
  const isDone = condition["reason"] === "NewReplicaSetAvailable"
  return isDone ? undefined : Date.parse(textAt(condition, "lastUpdateTime")) + seconds * 1_000
}
