import { conditionsOf, isTerminating, type KubeObject } from "../../kube/mod.ts"
import type { Pass, ServerController } from "../controllers.ts"
import { mapAt, specOf, statusOf } from "../fields.ts"
import { gvrs, prefixOf } from "../gvrs.ts"
import {
  conditionsWith,
  getByKey,
  isActive,
  isReady,
  type PretendDeps,
  podPrefix,
  selects,
  shareOf,
  statusUpdate,
} from "./workload.ts"

/** Counts what PodDisruptionBudgets allow. */
export function disruptionController(deps: PretendDeps): ServerController {
  return {
    name: "disruption budgets",
    manager: "kube-controller-manager",
    prefixes: [prefixOf(gvrs.disruptionBudgets), podPrefix],
    keys: ({ prefix, namespace, name, object }) => {
      if (prefix !== podPrefix) return [`${namespace}/${name}`]
      return deps.api
        .list(gvrs.disruptionBudgets, namespace)
        .filter((budget) => selects(mapAt(specOf(budget), "selector"), object.metadata.labels ?? {}))
        .map(({ metadata }) => `${namespace}/${metadata.name}`)
    },
    look: (key, nowMs) => {
      const budget = getByKey(deps.api, gvrs.disruptionBudgets, key)
      return budget && !isTerminating(budget) ? look(deps, budget, nowMs) : { actions: [] }
    },
  }
}

function look({ api }: PretendDeps, budget: KubeObject, nowMs: number): Pass {
  const { namespace, generation } = budget.metadata
  const selector = mapAt(specOf(budget), "selector")
  const pods = api
    .list(gvrs.pods, namespace)
    .filter(isActive)
    .filter(({ metadata }) => selects(selector, metadata.labels ?? {}))
  const { minAvailable, maxUnavailable } = specOf(budget)
  const healthy = pods.filter(isReady).length
  const expected = pods.length
  const least =
    maxUnavailable === undefined
      ? shareOf(minAvailable ?? 1, expected, "up")
      : expected - shareOf(maxUnavailable, expected, "up")
  const desired = Math.max(0, least)
  const allowed = Math.max(0, healthy - desired)
  const isAllowed = allowed > 0
  const said = {
    type: "DisruptionAllowed",
    status: isAllowed ? "True" : "False",
    reason: isAllowed ? "SufficientPods" : "InsufficientPods",
    message: "",
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  } as const
  const status = {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...{ currentHealthy: healthy, desiredHealthy: desired, expectedPods: expected, disruptionsAllowed: allowed },
    conditions: conditionsWith(conditionsOf(statusOf(budget)), [said], nowMs),
  }
  return { actions: statusUpdate(gvrs.disruptionBudgets, budget, status) }
}
