import { plural } from "../base/mod.ts"
import type { OperatorView, View } from "../manager/view.ts"
import type { CrdRow, KatalogSummary } from "./contract.ts"
import { admissionOff, conversionOff, errorRate, workerCounts, workerDetails } from "./crd-body.ts"

/** The body of `GET /katalog`. */
export function katalogSummary(view: View): KatalogSummary {
  const operators = view.operators()
  const enabled = operators.filter((operator) => operator.enabled)
  const degraded = enabled.filter((operator) => operator.state === "degraded")
  const { isLeader, holder } = view.leadership()
  const probes = view.probes()
  const runs = enabled.every(({ state }) => state === "healthy" || state === "started")
  const { name, version, namespace } = view.katalog
  return {
    name,
    version,
    total: operators.length,
    totalEnabled: enabled.length,
    totalDegraded: degraded.length,
    OrkReady: probes.started && probes.alive,
    isKonductor: isLeader,
    leader: holder,
    healthy: isLeader && runs,
    status: degraded.length > 0 ? 503 : 200,
    degradedReason: reasonOf(enabled, isLeader, holder),
    statusCounts: countStates(enabled),
    namespaces: { [namespace]: operators.map((operator) => operator.name) },
    dependencyGraph: operators.map((operator) => ({ name: operator.name, dependsOn: dependencyNames(operator) })),
    crds: operators.map(rowOf),
  }
}

function rowOf(operator: OperatorView): CrdRow {
  const { processing, idle } = workerCounts(operator)
  return {
    name: operator.name,
    state: operator.state,
    healthy: operator.state === "healthy",
    workers: operator.workers,
    workersProcessing: processing,
    workersIdle: idle,
    workerDetails: workerDetails(operator),
    queueDepth: operator.queueDepth,
    maxQueueDepth: 0,
    errorRate: errorRate(operator),
    resourceCount: operator.resourceCount,
    totalReconciles: operator.totalReconciles,
    rbacCount: operator.permissions.length,
    dependencies: dependencyNames(operator),
    conversion: conversionOff,
    admission: admissionOff,
  }
}

function dependencyNames(operator: OperatorView): readonly string[] {
  return operator.dependencies.map((dependency) => dependency.name)
}

function countStates(operators: readonly OperatorView[]): KatalogSummary["statusCounts"] {
  const count = (state: string) => operators.filter((operator) => operator.state === state).length
  const [healthy, degraded, started] = [count("healthy"), count("degraded"), count("started")]
  return { healthy, degraded, started, pending: operators.length - healthy - degraded - started }
}

function reasonOf(operators: readonly OperatorView[], isLeader: boolean, holder: string | undefined): string {
  if (!isLeader) return `this process follows ${holder ?? "until a leader is elected"}`
  const parts = (["degraded", "pending"] as const).flatMap((state) => {
    const those = operators.filter((operator) => operator.state === state)
    if (those.length === 0) return []
    const whys = those.map(({ name, why }) => (why === "" ? name : `${name} (${why})`))
    return [`${those.length} of ${plural(operators.length, "CRD")} ${state}: ${whys.join(", ")}`]
  })
  return parts.join("; ")
}
