import { rfc3339 } from "../../base/mod.ts"
import { isTerminating, type KubeObject } from "../../kube/mod.ts"
import type { Action, OrElse, Pass, ServerController } from "../controllers.ts"
import { type Fields, listAt, mapAt, numberAt, specOf, statusOf, textsAt } from "../fields.ts"
import { gvrs } from "../gvrs.ts"
import {
  adoptions,
  availableAtMs,
  controlledBy,
  event,
  failedCreate,
  isActive,
  isReady,
  makerOf,
  nameBelow,
  nonZero,
  type PretendDeps,
  podOf,
  selects,
  statusUpdate,
} from "./workload.ts"

const component = "replicaset-controller"

/** Keeps as many Pods as a ReplicaSet asks for. */
export function replicaSetController(deps: PretendDeps): ServerController {
  return makerOf(deps, { name: "replica sets", kind: "ReplicaSet", gvr: gvrs.replicaSets, makes: [gvrs.pods], look })
}

function look(deps: PretendDeps, set: KubeObject, nowMs: number): Pass {
  const adopted = adoptions(deps, set, gvrs.pods)
  if (adopted.length > 0) return { actions: adopted }
  const pods = controlledBy(deps, set, gvrs.pods)
  const active = pods.filter(isActive)
  const wanted = numberAt(specOf(set), "replicas", 1)
  // What has failed is in nobody's way: it is replaced and left to be read.
  const orElse: OrElse = (why, isNews) => [
    ...(isNews ? [failedCreate(set, component, `Error creating: ${why}`)] : []),
    ...reported(set, pods, { nowMs, why }).actions,
  ]
  const missing = wanted - active.length
  const changes = missing > 0 ? created(deps, set, { count: missing, orElse }) : removed(set, active, wanted)
  return changes.length > 0 ? { actions: changes } : reported(set, pods, { nowMs })
}

function created(
  deps: PretendDeps,
  set: KubeObject,
  { count, orElse }: { readonly count: number; readonly orElse: OrElse },
): readonly Action[] {
  return Array.from({ length: count }, () => nameBelow(deps.random, set)).flatMap((name) => [
    { do: "create", gvr: gvrs.pods, object: podOf(set, mapAt(specOf(set), "template"), { name }), orElse },
    event(set, component, { reason: "SuccessfulCreate", message: `Created pod: ${name}` }),
  ])
}

/** The condition of a ReplicaSet whose Pods are refused: it says why they were at first. */
function failure(set: KubeObject, message: string, nowMs: number): Fields {
  const known = listAt(statusOf(set), "conditions").find(({ type }) => type === "ReplicaFailure")
  const lastTransitionTime = rfc3339(nowMs)
  return known ?? { type: "ReplicaFailure", status: "True", lastTransitionTime, reason: "FailedCreate", message }
}

/** Those that are not ready go first, then the youngest. */
function removed(set: KubeObject, active: readonly KubeObject[], wanted: number): readonly Action[] {
  const inOrder = [...active].reverse().sort((a, b) => Number(isReady(a)) - Number(isReady(b)))
  return inOrder.slice(0, Math.max(0, active.length - wanted)).flatMap(({ metadata }) => {
    const { namespace = "", name = "", uid = "" } = metadata
    return [
      { do: "delete", gvr: gvrs.pods, ref: { namespace, name }, options: { uid } },
      event(set, component, { reason: "SuccessfulDelete", message: `Deleted pod: ${name}` }),
    ]
  })
}

function reported(
  set: KubeObject,
  pods: readonly KubeObject[],
  { nowMs, why }: { readonly nowMs: number; readonly why?: string },
): Pass {
  const active = pods.filter(isActive)
  const minReadySeconds = numberAt(specOf(set), "minReadySeconds")
  const times = active.flatMap((pod) => availableAtMs(pod, minReadySeconds) ?? [])
  const soonest = Math.min(...times.filter((atMs) => atMs > nowMs))
  const labels = { matchLabels: textsAt(mapAt(specOf(set), "template", "metadata"), "labels") }
  const status = {
    replicas: active.length,
    ...nonZero({
      fullyLabeledReplicas: active.filter(({ metadata }) => selects(labels, metadata.labels ?? {})).length,
      readyReplicas: active.filter(isReady).length,
      availableReplicas: times.filter((atMs) => atMs <= nowMs).length,
      observedGeneration: set.metadata.generation ?? 0,
    }),
    terminatingReplicas: pods.filter(isTerminating).length,
    ...(why === undefined ? {} : { conditions: [failure(set, why, nowMs)] }),
  }
  const actions = statusUpdate(gvrs.replicaSets, set, status)
  return soonest === Infinity ? { actions } : { actions, afterMs: soonest - nowMs }
}
