import { isTerminating, type KubeObject } from "../../kube/mod.ts"
import type { Action, Pass, ServerController } from "../controllers.ts"
import { type Fields, listAt, mapAt, numberAt, specOf } from "../fields.ts"
import { gvrs } from "../gvrs.ts"
import { nodeName } from "./node.ts"
import { revisionLabel, revisionOf } from "./revisions.ts"
import {
  adoptions,
  availableAtMs,
  controlledBy,
  event,
  isActive,
  isReady,
  makerOf,
  nameBelow,
  nonZero,
  orFailedCreate,
  type PretendDeps,
  podOf,
  statusUpdate,
} from "./workload.ts"

const component = "daemonset-controller"

/** Keeps one Pod of a DaemonSet on the one node. */
export function daemonSetController(deps: PretendDeps): ServerController {
  return makerOf(deps, {
    name: "daemon sets",
    kind: "DaemonSet",
    gvr: gvrs.daemonSets,
    makes: [gvrs.controllerRevisions, gvrs.pods],
    look,
  })
}

function look(deps: PretendDeps, set: KubeObject, nowMs: number): Pass {
  const adopted = adoptions(deps, set, gvrs.pods)
  if (adopted.length > 0) return { actions: adopted }
  const revision = revisionOf(deps, set)
  if (revision.actions.length > 0) return { actions: revision.actions }
  const pods = controlledBy(deps, set, gvrs.pods)
  const isUpdated = (pod: KubeObject) => pod.metadata.labels?.[revisionLabel] === revision.update
  const rolls = mapAt(specOf(set), "updateStrategy")["type"] !== "OnDelete"
  const going = pods.filter((pod) => !isTerminating(pod)).filter((pod) => !isActive(pod) || (rolls && !isUpdated(pod)))
  if (going.length > 0) return { actions: going.flatMap((pod) => removed(set, pod)) }
  if (pods.length === 0) return { actions: created(deps, set, revision.update) }
  return reported(set, { pods: pods.filter(isActive), updated: pods.filter(isUpdated).length, nowMs })
}

function created(deps: PretendDeps, set: KubeObject, revision: string): readonly Action[] {
  const name = nameBelow(deps.random, set)
  const labels = { [revisionLabel]: revision, "pod-template-generation": String(set.metadata.generation ?? 1) }
  const template = mapAt(specOf(set), "template")
  const pod = podOf(set, { ...template, spec: onNode(mapAt(template, "spec")) }, { name, labels })
  return [
    { do: "create", gvr: gvrs.pods, object: pod, orElse: orFailedCreate(set, component) },
    event(set, component, { reason: "SuccessfulCreate", message: `Created pod: ${name}` }),
  ]
}

/** What keeps a Pod on its node, whatever happens to that. */
function onNode(spec: Fields): Fields {
  const matchFields = [{ key: "metadata.name", operator: "In", values: [nodeName] }]
  const required = { nodeSelectorTerms: [{ matchFields }] }
  const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: required }
  const always = [
    ["NoExecute", "not-ready"],
    ["NoExecute", "unreachable"],
    ["NoSchedule", "disk-pressure"],
    ["NoSchedule", "memory-pressure"],
    ["NoSchedule", "pid-pressure"],
    ["NoSchedule", "unschedulable"],
  ].map(([effect, trouble]) => ({ effect, key: `node.kubernetes.io/${trouble}`, operator: "Exists" }))
  const affinity = { ...mapAt(spec, "affinity"), nodeAffinity }
  return { ...spec, affinity, tolerations: [...listAt(spec, "tolerations"), ...always] }
}

function removed(set: KubeObject, pod: KubeObject): readonly Action[] {
  const { namespace = "", name = "", uid = "" } = pod.metadata
  return [
    { do: "delete", gvr: gvrs.pods, ref: { namespace, name }, options: { uid } },
    event(set, component, { reason: "SuccessfulDelete", message: `Deleted pod: ${name}` }),
  ]
}

function reported(
  set: KubeObject,
  { pods, updated, nowMs }: { readonly pods: readonly KubeObject[]; readonly updated: number; readonly nowMs: number },
): Pass {
  const minReadySeconds = numberAt(specOf(set), "minReadySeconds")
  const times = pods.flatMap((pod) => availableAtMs(pod, minReadySeconds) ?? [])
  const available = times.filter((atMs) => atMs <= nowMs).length
  const soonest = Math.min(...times.filter((atMs) => atMs > nowMs))
  const status = {
    currentNumberScheduled: pods.length,
    numberMisscheduled: 0,
    desiredNumberScheduled: 1,
    numberReady: pods.filter(isReady).length,
    ...nonZero({
      observedGeneration: set.metadata.generation ?? 0,
      updatedNumberScheduled: updated,
      numberAvailable: available,
      numberUnavailable: 1 - available,
    }),
  }
  const actions = statusUpdate(gvrs.daemonSets, set, status)
  return soonest === Infinity ? { actions } : { actions, afterMs: soonest - nowMs }
}
