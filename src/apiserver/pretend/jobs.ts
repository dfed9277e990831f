import { rfc3339 } from "../../base/mod.ts"
import { type Condition, conditionOf, conditionsOf, type KubeObject } from "../../kube/mod.ts"
import type { Action, Pass, ServerController } from "../controllers.ts"
import { type Fields, mapAt, numberAt, specOf, statusOf, textAt } from "../fields.ts"
import { gvrs } from "../gvrs.ts"
import {
  adoptions,
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

const component = "job-controller"
const indexAnnotation = "batch.kubernetes.io/job-completion-index"

/** Runs the Pods of Jobs until they are complete or have failed too often. */
export function jobController(deps: PretendDeps): ServerController {
  return makerOf(deps, { name: "jobs", kind: "Job", gvr: gvrs.jobs, makes: [gvrs.pods], look })
}

interface Seen {
  readonly job: KubeObject
  readonly active: readonly KubeObject[]
  readonly succeeded: readonly KubeObject[]
  readonly failed: readonly KubeObject[]
  readonly nowMs: number
}

function look(deps: PretendDeps, job: KubeObject, nowMs: number): Pass {
  const finished = ended(job)
  if (finished) return cleaned(job, finished, nowMs)
  const adopted = adoptions(deps, job, gvrs.pods)
  if (adopted.length > 0) return { actions: adopted }
  const pods = controlledBy(deps, job, gvrs.pods)
  const inPhase = (phase: string) => pods.filter((pod) => textAt(statusOf(pod), "phase") === phase)
  const seen: Seen = {
    ...{ job, nowMs, active: pods.filter(isActive) },
    ...{ succeeded: inPhase("Succeeded"), failed: inPhase("Failed") },
  }
  if (specOf(job)["suspend"] === true) return suspended(seen)
  const end = verdict(seen)
  if (end) return concluded(seen, end)
  const missing = missingOf(seen)
  if (missing.length > 0) return { actions: missing.flatMap((index) => created(deps, seen, index)) }
  return { actions: statusUpdate(gvrs.jobs, job, running(seen)), afterMs: deadlineLeftMs(seen) }
}

function ended(job: KubeObject): Condition | undefined {
  return ["Complete", "Failed"]
    .map((type) => conditionOf(statusOf(job), type))
    .find((condition) => condition?.status === "True")
}

/** A finished Job goes when its time is over. */
function cleaned(job: KubeObject, end: Condition, nowMs: number): Pass {
  const ttl = specOf(job)["ttlSecondsAfterFinished"]
  if (typeof ttl !== "number") return { actions: [] }
  const leftMs = Date.parse(end.lastTransitionTime) + ttl * 1_000 - nowMs
  if (leftMs > 0) return { actions: [], afterMs: leftMs }
  const { namespace = "", name = "", uid = "" } = job.metadata
  const options = { propagation: "Foreground", uid } as const
  return { actions: [{ do: "delete", gvr: gvrs.jobs, ref: { namespace, name }, options }] }
}

interface End {
  readonly isComplete: boolean
  readonly reason: string
  readonly message: string
}

function verdict(seen: Seen): End | undefined {
  const { job, succeeded, failed } = seen
  const spec = specOf(job)
  const { completions } = spec
  const wanted = typeof completions === "number" ? completions : Math.min(1, numberAt(spec, "parallelism", 1))
  const message = "Reached expected number of succeeded pods"
  if (succeededCount(job, succeeded) >= wanted) return { isComplete: true, reason: "CompletionsReached", message }
  if (failed.length > numberAt(spec, "backoffLimit", 6)) {
    const why = "Job has reached the specified backoff limit"
    return { isComplete: false, reason: "BackoffLimitExceeded", message: why }
  }
  const leftMs = deadlineLeftMs(seen)
  if (leftMs === undefined || leftMs > 0) return undefined
  const why = "Job was active longer than specified deadline"
  return { isComplete: false, reason: "DeadlineExceeded", message: why }
}

function succeededCount(job: KubeObject, succeeded: readonly KubeObject[]): number {
  return isIndexed(job) ? new Set(succeeded.map(indexOf)).size : succeeded.length
}

function isIndexed(job: KubeObject): boolean {
  return specOf(job)["completionMode"] === "Indexed"
}

function indexOf(pod: KubeObject): number {
  return Number(pod.metadata.annotations?.[indexAnnotation] ?? -1)
}

function deadlineLeftMs({ job, nowMs }: Seen): number | undefined {
  const seconds = specOf(job)["activeDeadlineSeconds"]
  const startTime = textAt(statusOf(job), "startTime")
  if (typeof seconds !== "number" || startTime === "") return undefined
  return Date.parse(startTime) + seconds * 1_000 - nowMs
}

/** One entry per Pod to make: its index, or -1 where the Job has none. */
function missingOf({ job, active, succeeded }: Seen): readonly number[] {
  const spec = specOf(job)
  const parallelism = numberAt(spec, "parallelism", 1)
  const completions = numberAt(spec, "completions", parallelism)
  const left = completions - succeededCount(job, succeeded)
  const count = Math.max(0, Math.min(parallelism, left) - active.length)
  if (!isIndexed(job)) return Array.from({ length: count }, () => -1)
  const busy = new Set([...active, ...succeeded].map(indexOf))
  return Array.from({ length: completions }, (_, i) => i)
    .filter((i) => !busy.has(i))
    .slice(0, count)
}

function created(deps: PretendDeps, { job }: Seen, index: number): readonly Action[] {
  const name = nameBelow(deps.random, job)
  const pod = podOf(job, mapAt(specOf(job), "template"), { name })
  const annotations = { ...pod.metadata.annotations, [indexAnnotation]: String(index) }
  const labels = { ...pod.metadata.labels, [indexAnnotation]: String(index) }
  const object = index < 0 ? pod : { ...pod, metadata: { ...pod.metadata, annotations, labels } }
  return [
    { do: "create", gvr: gvrs.pods, object, orElse: orFailedCreate(job, component) },
    event(job, component, { reason: "SuccessfulCreate", message: `Created pod: ${name}` }),
  ]
}

function running(seen: Seen): Fields {
  const { job, active, succeeded, failed, nowMs } = seen
  const { startTime = rfc3339(nowMs), conditions } = statusOf(job)
  const resumed = conditionOf(statusOf(job), "Suspended")?.status === "True"
  const said = { type: "Suspended", status: "False", reason: "JobResumed", message: "Job resumed" } as const
  return {
    startTime,
    ...(resumed ? { conditions: [stamped(said, nowMs)] } : conditions === undefined ? {} : { conditions }),
    ...nonZero({ active: active.length, succeeded: succeededCount(job, succeeded), failed: failed.length }),
    ...{ ready: active.filter(isReady).length, terminating: 0, uncountedTerminatedPods: {} },
    ...completedIndexes(job, succeeded),
  }
}

function completedIndexes(job: KubeObject, succeeded: readonly KubeObject[]): Fields {
  if (!isIndexed(job) || succeeded.length === 0) return {}
  const numbers = [...new Set(succeeded.map(indexOf))].sort((a, b) => a - b)
  const ranges: [number, number][] = []
  for (const n of numbers) {
    const last = ranges.at(-1)
    if (last && last[1] === n - 1) last[1] = n
    else ranges.push([n, n])
  }
  const text = ranges.map(([from, to]) => (from === to ? `${from}` : `${from}${to === from + 1 ? "," : "-"}${to}`))
  return { completedIndexes: text.join(",") }
}

function stamped(said: Omit<Condition, "lastTransitionTime">, nowMs: number): Fields {
  const now = rfc3339(nowMs)
  return { ...said, lastProbeTime: now, lastTransitionTime: now }
}

function concluded(seen: Seen, { isComplete, reason, message }: End): Pass {
  const { job, active, nowMs } = seen
  const { active: _, ready: __, ...status } = running(seen)
  const types = isComplete ? ["SuccessCriteriaMet", "Complete"] : ["FailureTarget", "Failed"]
  const conditions = [
    ...conditionsOf(status).filter(({ type }) => !types.includes(type)),
    ...types.map((type) => stamped({ type, status: "True", reason, message }, nowMs)),
  ]
  const completion = isComplete ? { completionTime: rfc3339(nowMs) } : {}
  const said = isComplete
    ? event(job, component, { reason: "Completed", message: "Job completed" })
    : event(job, component, { type: "Warning", reason, message })
  const stops = active.map((pod): Action => {
    const { namespace = "", name = "", uid = "" } = pod.metadata
    return { do: "delete", gvr: gvrs.pods, ref: { namespace, name }, options: { uid } }
  })
  return {
    actions: [...stops, ...statusUpdate(gvrs.jobs, job, { ...status, ready: 0, conditions, ...completion }), said],
  }
}

function suspended(seen: Seen): Pass {
  const { job, active, nowMs } = seen
  const stops = active.map((pod): Action => {
    const { namespace = "", name = "", uid = "" } = pod.metadata
    return { do: "delete", gvr: gvrs.pods, ref: { namespace, name }, options: { uid } }
  })
  if (conditionOf(statusOf(job), "Suspended")?.status === "True") return { actions: stops }
  const said = { type: "Suspended", status: "True", reason: "JobSuspended", message: "Job suspended" } as const
  const { startTime: _, active: __, ...status } = running(seen)
  const actions = statusUpdate(gvrs.jobs, job, { ...status, conditions: [stamped(said, nowMs)] })
  return { actions: [...stops, ...actions, event(job, component, { reason: "Suspended", message: "Job suspended" })] }
}
