import { plural } from "../base/mod.ts"
import { type Condition, conditionOf } from "./condition.ts"
import { isRecord, isTerminating, type KubeObject } from "./object.ts"

/** Whether an object has reached what it declares; `failed` means it will not without help. */
export type Readiness =
  | { readonly ready: true }
  | { readonly ready: false; readonly why: string; readonly failed: boolean }

type Fields = Readonly<Record<string, unknown>>
type Rule = (spec: Fields, status: Fields) => Readiness

const ready: Readiness = { ready: true }
const waiting = (why: string): Readiness => ({ ready: false, why, failed: false })
const failed = (why: string): Readiness => ({ ready: false, why, failed: true })

/**
 * Judges an object by the kstatus rules: built-in workloads by their own numbers, everything else by its conditions
 * (`Stalled`, `Reconciling`, `Ready`) and `observedGeneration`; an object that has none of them is ready.
 * Stricter than kstatus where a user waits: a Job must be complete, a LoadBalancer must have an address.
 */
export function readinessOf(object: KubeObject): Readiness {
  if (isTerminating(object)) return waiting("is being deleted")
  const spec = isRecord(object["spec"]) ? object["spec"] : {}
  const status = isRecord(object["status"]) ? object["status"] : {}
  const observed = status["observedGeneration"]
  const generation = object.metadata.generation
  if (typeof observed === "number" && generation !== undefined && observed < generation) {
    return waiting(`its controller has not seen generation ${generation} yet`)
  }
  const group = object.apiVersion.includes("/") ? object.apiVersion.slice(0, object.apiVersion.indexOf("/")) : ""
  const rule = rules.get(`${group}/${object.kind}`)
  if (rule === undefined) return byConditions(status, generation)
  if (controlled.has(object.kind) && generation !== undefined && observed === undefined) {
    return waiting("its controller has not seen it yet")
  }
  return rule(spec, status)
}

/** Kinds whose controllers always report `observedGeneration`: without it nobody has looked yet. */
const controlled: ReadonlySet<string> = new Set(["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"])

const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ["apps/Deployment", deployment],
  ["apps/StatefulSet", statefulSet],
  ["apps/DaemonSet", daemonSet],
  ["apps/ReplicaSet", replicaSet],
  ["batch/Job", job],
  ["/Pod", pod],
  ["/PersistentVolumeClaim", claim],
  ["/Service", service],
  ["/Namespace", namespace],
  ["apiextensions.k8s.io/CustomResourceDefinition", customResourceDefinition],
])

function deployment(spec: Fields, status: Fields): Readiness {
  const wanted = count(spec, "replicas", 1)
  const progressing = conditionOf(status, "Progressing")
  if (progressing?.status === "False" && progressing.reason === "ProgressDeadlineExceeded") {
    return failed(explain(progressing))
  }
  const updated = count(status, "updatedReplicas")
  if (updated < wanted) return waiting(`${updated} of ${plural(wanted, "replica")} updated`)
  const old = count(status, "replicas") - updated
  if (old > 0) return waiting(`${plural(old, "old replica")} still running`)
  const available = count(status, "availableReplicas")
  if (available < wanted) return waiting(`${available} of ${plural(wanted, "replica")} available`)
  const availability = conditionOf(status, "Available")
  return availability?.status === "False" ? waiting(explain(availability)) : ready
}

function statefulSet(spec: Fields, status: Fields): Readiness {
  const wanted = count(spec, "replicas", 1)
  const running = count(status, "readyReplicas")
  if (running < wanted) return waiting(`${running} of ${plural(wanted, "replica")} ready`)
  const extra = count(status, "replicas") - wanted
  if (extra > 0) return waiting(`${plural(extra, "extra replica")} still running`)
  const strategy = isRecord(spec["updateStrategy"]) ? spec["updateStrategy"] : {}
  if (strategy["type"] === "OnDelete") return ready
  const rolling = isRecord(strategy["rollingUpdate"]) ? strategy["rollingUpdate"] : {}
  const toUpdate = Math.max(0, wanted - count(rolling, "partition"))
  const updated = status["currentRevision"] === status["updateRevision"] ? wanted : count(status, "updatedReplicas")
  return updated < toUpdate ? waiting(`${updated} of ${plural(toUpdate, "replica")} updated`) : ready
}

function daemonSet(spec: Fields, status: Fields): Readiness {
  if (status["desiredNumberScheduled"] === undefined) return waiting("not scheduled yet")
  const wanted = count(status, "desiredNumberScheduled")
  const strategy = isRecord(spec["updateStrategy"]) ? spec["updateStrategy"] : {}
  const updated = count(status, "updatedNumberScheduled")
  if (strategy["type"] !== "OnDelete" && updated < wanted)
    return waiting(`${updated} of ${plural(wanted, "pod")} updated`)
  const available = Math.min(count(status, "numberAvailable"), count(status, "numberReady"))
  return available < wanted ? waiting(`${available} of ${plural(wanted, "pod")} available`) : ready
}

function replicaSet(spec: Fields, status: Fields): Readiness {
  const wanted = count(spec, "replicas", 1)
  const failure = conditionOf(status, "ReplicaFailure")
  if (failure?.status === "True") return waiting(explain(failure))
  const available = count(status, "availableReplicas")
  if (available < wanted) return waiting(`${available} of ${plural(wanted, "replica")} available`)
  const extra = count(status, "replicas") - wanted
  return extra > 0 ? waiting(`${plural(extra, "extra replica")} still running`) : ready
}

function job(spec: Fields, status: Fields): Readiness {
  const failure = conditionOf(status, "Failed")
  if (failure?.status === "True") return failed(explain(failure))
  if (conditionOf(status, "Complete")?.status === "True") return ready
  if (spec["suspend"] === true) return waiting("is suspended")
  return waiting(`${count(status, "succeeded")} of ${plural(count(spec, "completions", 1), "completion")}`)
}

function pod(_spec: Fields, status: Fields): Readiness {
  const phase = status["phase"]
  if (phase === "Succeeded") return ready
  if (phase === "Failed") return failed(typeof status["reason"] === "string" ? status["reason"] : "the pod failed")
  const condition = conditionOf(status, "Ready")
  if (condition?.status === "True") return ready
  const reasons = containerProblems(status)
  const problem = reasons.find((reason) => reason.endsWith("CrashLoopBackOff")) ?? reasons[0]
  if (problem !== undefined) return problem.endsWith("CrashLoopBackOff") ? failed(problem) : waiting(problem)
  const scheduled = conditionOf(status, "PodScheduled")
  if (scheduled?.status === "False") return waiting(explain(scheduled))
  return waiting(condition ? explain(condition) : `phase is ${typeof phase === "string" ? phase : "not known yet"}`)
}

function containerProblems(status: Fields): readonly string[] {
  const lists = [status["initContainerStatuses"], status["containerStatuses"]]
  return lists
    .flatMap((list): readonly unknown[] => (Array.isArray(list) ? list : []))
    .flatMap((entry) => {
      const state = isRecord(entry) && isRecord(entry["state"]) ? entry["state"]["waiting"] : undefined
      const reason = isRecord(state) ? state["reason"] : undefined
      const ordinary = reason === "ContainerCreating" || reason === "PodInitializing"
      return isRecord(entry) && typeof reason === "string" && !ordinary ? [`container ${entry["name"]}: ${reason}`] : []
    })
}

function claim(_spec: Fields, status: Fields): Readiness {
  if (status["phase"] === "Bound") return ready
  if (status["phase"] === "Lost") return failed("its volume is lost")
  return waiting("not bound to a volume yet")
}

function service(spec: Fields, status: Fields): Readiness {
  if (spec["type"] !== "LoadBalancer") return ready
  const balancer = isRecord(status["loadBalancer"]) ? status["loadBalancer"]["ingress"] : undefined
  return Array.isArray(balancer) && balancer.length > 0 ? ready : waiting("has no load balancer address yet")
}

function namespace(_spec: Fields, status: Fields): Readiness {
  return status["phase"] === "Terminating" ? waiting("is being deleted") : ready
}

function customResourceDefinition(_spec: Fields, status: Fields): Readiness {
  const names = conditionOf(status, "NamesAccepted")
  if (names?.status === "False") return failed(explain(names))
  const established = conditionOf(status, "Established")
  return established?.status === "True" ? ready : waiting(established ? explain(established) : "not established yet")
}

function byConditions(status: Fields, generation: number | undefined): Readiness {
  const stalled = conditionOf(status, "Stalled")
  if (stalled?.status === "True") return failed(explain(stalled))
  const reconciling = conditionOf(status, "Reconciling")
  if (reconciling?.status === "True") return waiting(explain(reconciling))
  const condition = conditionOf(status, "Ready")
  if (condition === undefined) return ready
  const observed = condition.observedGeneration
  if (typeof observed === "number" && generation !== undefined && observed < generation) {
    return waiting(`its Ready condition is older than generation ${generation}`)
  }
  return condition.status === "True" ? ready : waiting(explain(condition))
}

function explain(condition: Condition): string {
  return [condition.reason, condition.message].filter(Boolean).join(": ") || `${condition.type} is ${condition.status}`
}

function count(fields: Fields, name: string, absent = 0): number {
  const value = fields[name]
  return typeof value === "number" ? value : absent
}
