import { conditionOf, type KubeObject } from "../kube/mod.ts"
import type { Row } from "./builtin-tables-text.ts"
import { ageOf, none } from "./builtin-tables-text.ts"
import { type Fields, listAt, mapAt, numberAt, specOf, statusOf, textAt } from "./fields.ts"

interface Counted {
  reason: string
  restarts: number
  ready: number
  lastRestart: string
}

/** A Pod's row: how many containers are ready, and the one word for its state that kubectl shows. */
export function podRow(pod: KubeObject, nowMs: number): Row {
  const [spec, status] = [specOf(pod), statusOf(pod)]
  const scheduled = conditionOf(status, "PodScheduled")
  const gated = scheduled?.reason === "SchedulingGated" ? "SchedulingGated" : undefined
  const first = gated ?? (textAt(status, "reason") || textAt(status, "phase"))
  const counted: Counted = { reason: first, restarts: 0, ready: 0, lastRestart: "" }
  const sidecars = new Set(
    listAt(spec, "initContainers")
      .filter(({ restartPolicy }) => restartPolicy === "Always")
      .map(({ name }) => name),
  )
  const sidecarRestarts = { restarts: 0 }
  const isInitializing = countInit(status, { counted, sidecars, sidecarRestarts, spec })
  if (!isInitializing || conditionOf(status, "Initialized")?.status === "True") {
    counted.restarts = sidecarRestarts.restarts
    countContainers(status, counted)
  }
  const total = listAt(spec, "containers").length + sidecars.size
  const { restarts, lastRestart } = counted
  return {
    Ready: `${counted.ready}/${total}`,
    Status: ending(pod, status) ?? counted.reason,
    Restarts: restarts > 0 && lastRestart !== "" ? `${restarts} (${ageOf(lastRestart, nowMs)} ago)` : String(restarts),
    IP: textAt(status, "podIP") || none,
    Node: textAt(spec, "nodeName") || none,
    "Nominated Node": textAt(status, "nominatedNodeName") || none,
    "Readiness Gates": gates(spec, status),
  }
}

function ending({ metadata }: KubeObject, status: Fields): string | undefined {
  if (metadata.deletionTimestamp === undefined) return undefined
  if (status["reason"] === "NodeLost") return "Unknown"
  return ["Failed", "Succeeded"].includes(textAt(status, "phase")) ? undefined : "Terminating"
}

function gates(spec: Fields, status: Fields): string {
  const wanted = listAt(spec, "readinessGates")
  if (wanted.length === 0) return none
  const held = wanted.filter((gate) => conditionOf(status, textAt(gate, "conditionType"))?.status === "True")
  return `${held.length}/${wanted.length}`
}

function noteRestarts(container: Fields, counted: Counted): number {
  const ended = textAt(mapAt(container, "lastState", "terminated"), "finishedAt")
  if (ended > counted.lastRestart) counted.lastRestart = ended
  return numberAt(container, "restartCount")
}

function endedText(terminated: Fields): string {
  const signal = numberAt(terminated, "signal")
  return (
    textAt(terminated, "reason") || (signal === 0 ? `ExitCode:${numberAt(terminated, "exitCode")}` : `Signal:${signal}`)
  )
}

interface InitCount {
  readonly counted: Counted
  readonly sidecars: ReadonlySet<unknown>
  readonly sidecarRestarts: { restarts: number }
  readonly spec: Fields
}

/** Whether an init container is still to be waited for. */
function countInit(status: Fields, { counted, sidecars, sidecarRestarts, spec }: InitCount): boolean {
  for (const [index, container] of listAt(status, "initContainerStatuses").entries()) {
    const restarts = noteRestarts(container, counted)
    counted.restarts += restarts
    const isSidecar = sidecars.has(container["name"])
    if (isSidecar) sidecarRestarts.restarts += restarts
    const { terminated, waiting } = mapAt(container, "state")
    const isDone = terminated !== undefined && numberAt(mapAt(container, "state", "terminated"), "exitCode") === 0
    if (isDone) continue
    if (isSidecar && container["started"] === true) {
      if (container["ready"] === true) counted.ready++
      continue
    }
    const why = textAt(mapAt(container, "state", "waiting"), "reason")
    if (terminated !== undefined) counted.reason = `Init:${endedText(mapAt(container, "state", "terminated"))}`
    else if (waiting !== undefined && why !== "" && why !== "PodInitializing") counted.reason = `Init:${why}`
    else counted.reason = `Init:${index}/${listAt(spec, "initContainers").length}`
    return true
  }
  return false
}

function countContainers(status: Fields, counted: Counted): void {
  let hasRunning = false
  for (const container of listAt(status, "containerStatuses").toReversed()) {
    counted.restarts += noteRestarts(container, counted)
    const { terminated, running } = mapAt(container, "state")
    const why = textAt(mapAt(container, "state", "waiting"), "reason")
    if (why !== "") counted.reason = why
    else if (terminated !== undefined) counted.reason = endedText(mapAt(container, "state", "terminated"))
    else if (container["ready"] === true && running !== undefined) {
      hasRunning = true
      counted.ready++
    }
  }
  if (counted.reason !== "Completed" || !hasRunning) return
  counted.reason = conditionOf(status, "Ready")?.status === "True" ? "Running" : "NotReady"
}
