import { formatDuration, rfc3339 } from "../base/mod.ts"
import type { OperatorView, View } from "../manager/view.ts"
import { age } from "./age.ts"
import type { CrdHealth, CrdInfo, CrdRow } from "./contract.ts"

/** What is reported while no webhook is served. */
export const admissionOff: CrdRow["admission"] = { webhooksEnabled: false, validationTotal: 0, validationDenied: 0 }

/** What is reported while no conversion is served. */
export const conversionOff: CrdRow["conversion"] = { enabled: false }

/** The failed share of all reconciles, 0 to 1. */
export function errorRate(operator: OperatorView): number {
  return operator.totalReconciles === 0 ? 0 : round(operator.failedReconciles / operator.totalReconciles)
}

/** How many workers are busy, and how many wait. */
export function workerCounts(operator: OperatorView): { readonly processing: number; readonly idle: number } {
  const count = (state: string) => operator.workerStates.filter((worker) => worker === state).length
  return { processing: count("processing"), idle: count("idle") }
}

/** The state of each worker, by its published name. */
export function workerDetails(operator: OperatorView): CrdRow["workerDetails"] {
  return Object.fromEntries(operator.workerStates.map((state, n) => [`${operator.gvk}-worker-${n}`, state]))
}

/** The body of `GET /katalog/{crd}/health`. Degraded and not started are 503, every other state is 200. */
export function crdHealth(view: View, operator: OperatorView): CrdHealth {
  const { state, startedAtMs, lastReconcileMs } = operator
  return {
    name: operator.name,
    state,
    status: state === "degraded" || state === "not started" ? 503 : 200,
    isKonductor: view.leadership().isLeader,
    healthy: state === "healthy",
    started: startedAtMs !== undefined,
    pending: state === "pending",
    startedAt: startedAtMs === undefined ? "not started" : rfc3339(startedAtMs),
    uptime: startedAtMs === undefined ? "0s" : age(startedAtMs, view.nowMs()),
    queueDepth: operator.queueDepth,
    errorRate: errorRate(operator),
    consecutiveFails: operator.consecutiveFails,
    totalReconciles: operator.totalReconciles,
    resourceCount: operator.resourceCount,
    lastError: operator.lastError,
    lastReconcile: lastReconcileMs === undefined ? "never" : rfc3339(lastReconcileMs),
    hasUnhealthyDependencies: operator.dependencies.some((dependency) => !dependency.satisfied),
    why: operator.why,
    failingResources: operator.failing,
    worstOffender: operator.worstOffender,
  }
}

/** The body of `GET /katalog/{crd}`. */
export function crdInfo(view: View, operator: OperatorView): CrdInfo {
  const { processing, idle } = workerCounts(operator)
  return {
    name: operator.name,
    gvk: operator.gvk,
    isKonductor: view.leadership().isLeader,
    workers: operator.workers,
    workersSource: operator.workersSource,
    workersActive: processing + idle,
    workersIdle: idle,
    workersProcessing: processing,
    workerDetails: workerDetails(operator),
    resync: formatDuration(operator.resyncMs),
    queueDepth: operator.queueDepth,
    maxDepth: 0,
    queue: { depth: operator.queueDepth, failureThreshold: operator.failureThreshold },
    rbac: operator.permissions,
    admission: admissionOff,
    conversion: conversionOff,
    // The API server refuses by itself: how often is not known here.
    deletionProtection: { enabled: operator.protection.deletion, total: 0, blocked: 0 },
    namespaceProtection: { enabled: operator.protection.namespaces },
    dependencies: Object.fromEntries(
      operator.dependencies.map((dependency) => [
        dependency.name,
        { ...dependency, acceptableCondition: dependency.condition },
      ]),
    ),
    metrics: metricsOf(operator),
  }
}

function metricsOf(operator: OperatorView): CrdInfo["metrics"] {
  const { processing, idle } = workerCounts(operator)
  const failed = errorRate(operator)
  const percentOfWorkers = (part: number) => (operator.workers === 0 ? 0 : round((100 * part) / operator.workers))
  return {
    workers: operator.workers,
    queueDepth: operator.queueDepth,
    errorRate: failed,
    successRate: operator.totalReconciles === 0 ? 0 : round(1 - failed),
    workersBusyPercent: percentOfWorkers(processing),
    workersIdlePercent: percentOfWorkers(idle),
    reconcileDurationP95Ms: operator.reconcileDurationP95Ms,
    errorRatePercent: round(100 * failed),
  }
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000
}
