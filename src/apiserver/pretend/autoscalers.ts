import { conditionsOf, type Gvr, isTerminating, type KubeObject } from "../../kube/mod.ts"
import type { Action, Pass, ServerController } from "../controllers.ts"
import { mapAt, numberAt, specOf, statusOf, textAt } from "../fields.ts"
import { gvrs, prefixOf } from "../gvrs.ts"
import { conditionsWith, event, getByKey, type PretendDeps, statusUpdate } from "./workload.ts"

const targets: Readonly<Record<string, Gvr>> = {
  Deployment: gvrs.deployments,
  ReplicaSet: gvrs.replicaSets,
  StatefulSet: gvrs.statefulSets,
}

/** Keeps what autoscalers aim at within their bounds. There are no metrics: within them nothing is scaled. */
export function autoscalerController(deps: PretendDeps): ServerController {
  const own = prefixOf(gvrs.autoscalers)
  return {
    name: "autoscalers",
    manager: "kube-controller-manager",
    prefixes: [own, ...Object.values(targets).map(prefixOf)],
    keys: ({ prefix, namespace, name }) => {
      if (prefix === own) return [`${namespace}/${name}`]
      return deps.api
        .list(gvrs.autoscalers, namespace)
        .filter((autoscaler) => {
          const target = mapAt(specOf(autoscaler), "scaleTargetRef")
          const gvr = targets[textAt(target, "kind")]
          return target["name"] === name && gvr !== undefined && prefixOf(gvr) === prefix
        })
        .map(({ metadata }) => `${namespace}/${metadata.name}`)
    },
    look: (key, nowMs) => {
      const autoscaler = getByKey(deps.api, gvrs.autoscalers, key)
      return autoscaler && !isTerminating(autoscaler) ? look(deps, autoscaler, nowMs) : { actions: [] }
    },
  }
}

function look({ api }: PretendDeps, autoscaler: KubeObject, nowMs: number): Pass {
  const { namespace = "", generation } = autoscaler.metadata
  const aim = mapAt(specOf(autoscaler), "scaleTargetRef")
  const gvr = targets[textAt(aim, "kind")]
  const target = gvr && api.get(gvr, { namespace, name: textAt(aim, "name") })
  const current = target ? numberAt(specOf(target), "replicas", 1) : 0
  const least = numberAt(specOf(autoscaler), "minReplicas", 1)
  const most = Math.max(least, numberAt(specOf(autoscaler), "maxReplicas", 1))
  // No replicas at all is how scaling is switched off.
  const desired = current === 0 ? 0 : Math.min(most, Math.max(least, current))
  const conditions = conditionsWith(conditionsOf(statusOf(autoscaler)), said(target !== undefined, current), nowMs)
  const status = {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...{ currentReplicas: current, desiredReplicas: desired, currentMetrics: null, conditions },
  }
  const actions = statusUpdate(gvrs.autoscalers, autoscaler, withoutNull(status))
  if (!gvr || !target || desired === current) return { actions }
  const message = `New size: ${desired}; reason: Current number of replicas ${desired > current ? "below Spec.MinReplicas" : "above Spec.MaxReplicas"}`
  const scaled: Action = { do: "update", gvr, object: { ...target, spec: { ...specOf(target), replicas: desired } } }
  return { actions: [scaled, event(autoscaler, "horizontal-pod-autoscaler", { reason: "SuccessfulRescale", message })] }
}

function withoutNull(status: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(status).filter(([, value]) => value !== null))
}

function said(hasTarget: boolean, current: number) {
  if (!hasTarget) {
    const message = "the HPA controller was unable to get the target's current scale"
    return [{ type: "AbleToScale", status: "False", reason: "FailedGetScale", message }] as const
  }
  const able = "recommended size matches current size"
  const message =
    current === 0
      ? "scaling is disabled since the replica count of the target is zero"
      : "ork pretends: there are no metrics"
  return [
    { type: "AbleToScale", status: "True", reason: "ReadyForNewScale", message: able },
    {
      type: "ScalingActive",
      status: "False",
      reason: current === 0 ? "ScalingDisabled" : "FailedGetResourceMetric",
      message,
    },
  ] as const
}
