import { rfc3339 } from "../../base/mod.ts"
import { conditionOf, type KubeObject } from "../../kube/mod.ts"
import { type Fields, listAt, mapAt, specOf, statusOf, textAt } from "../fields.ts"
import { nodeAddress } from "./node.ts"
import { hexOf } from "./workload.ts"

/** The annotation of a Pod (or of a workload's Pod template) that asks for trouble. */
const pretendAnnotation = "orkestra.orkspace.io/pretend"

const troubles = ["ImagePullBackOff", "ErrImagePull", "CrashLoopBackOff", "NotReady", "Unschedulable", "Error"] as const

/** What may be asked for; "" is none. */
export type Troubles = (typeof troubles)[number] | ""

/** The trouble that a Pod's annotation asks for. */
export function troubleOf({ metadata }: KubeObject): Troubles {
  const asked = metadata.annotations?.[pretendAnnotation]
  return troubles.find((known) => known === asked) ?? ""
}

interface Running {
  readonly trouble: Troubles
  readonly ip: string
  readonly nowMs: number
}

const notReady = { reason: "ContainersNotReady", message: "" }

/** Pending: scheduled, and its images are on their way. */
export function creatingStatus(pod: KubeObject, nowMs: number): Fields {
  const hasInit = listAt(specOf(pod), "initContainers").length > 0
  return waitingStatus(pod, nowMs, { reason: hasInit ? "PodInitializing" : "ContainerCreating" })
}

/** Pending: an image cannot be had. */
export function stuckStatus(pod: KubeObject, trouble: "ImagePullBackOff" | "ErrImagePull", nowMs: number): Fields {
  const image = textAt(listAt(specOf(pod), "containers")[0] ?? {}, "image")
  return waitingStatus(pod, nowMs, { reason: trouble, message: `Back-off pulling image "${image}"` })
}

/** Pending: no node takes it. */
export function unscheduledStatus(pod: KubeObject, nowMs: number): Fields {
  const message = "0/1 nodes are available: 1 node(s) didn't match the Pod's pretend annotation."
  const conditions = [condition(pod, { type: "PodScheduled", isTrue: false, reason: "Unschedulable", message }, nowMs)]
  return { ...kept(pod), phase: "Pending", conditions }
}

/** Running, and ready unless trouble was asked for. */
export function runningStatus(pod: KubeObject, { trouble, ip, nowMs }: Running): Fields {
  const isReady = trouble !== "CrashLoopBackOff" && trouble !== "NotReady"
  const names = namesOf(pod)
  const unready = isReady ? {} : { ...notReady, message: `containers with unready status: [${names.join(" ")}]` }
  const conditions = [
    { type: "PodReadyToStartContainers", isTrue: true },
    { type: "Initialized", isTrue: true },
    { type: "Ready", isTrue: isReady, ...unready },
    { type: "ContainersReady", isTrue: isReady, ...unready },
    { type: "PodScheduled", isTrue: true },
  ].map((said) => condition(pod, said, nowMs))
  const now = rfc3339(nowMs)
  const state = trouble === "CrashLoopBackOff" ? crashed(pod, now) : { state: { running: { startedAt: now } } }
  return {
    ...kept(pod),
    phase: "Running",
    conditions,
    ...addresses(ip),
    ...initStatuses(pod, now),
    containerStatuses: listAt(specOf(pod), "containers").map((container) => ({
      ...containerStatus(pod, container),
      ...{ lastState: {}, ...state },
      ...{ ready: isReady, started: trouble !== "CrashLoopBackOff" },
      restartCount: trouble === "CrashLoopBackOff" ? 1 : 0,
    })),
  }
}

/** Ended, well or not. */
export function endedStatus(pod: KubeObject, end: { readonly isFailed: boolean; readonly nowMs: number }): Fields {
  const { isFailed, nowMs } = end
  const reason = isFailed ? "PodFailed" : "PodCompleted"
  const conditions = [
    { type: "PodReadyToStartContainers", isTrue: false },
    { type: "Initialized", isTrue: true, ...(isFailed ? {} : { reason }) },
    { type: "Ready", isTrue: false, reason },
    { type: "ContainersReady", isTrue: false, reason },
    { type: "PodScheduled", isTrue: true },
  ].map((said) => condition(pod, said, nowMs))
  const containerStatuses = listAt(statusOf(pod), "containerStatuses").map((container) => ({
    ...container,
    state: { terminated: terminated(container, isFailed, rfc3339(nowMs)) },
    ...{ ready: false, started: false },
  }))
  return { ...statusOf(pod), phase: isFailed ? "Failed" : "Succeeded", conditions, containerStatuses }
}

function terminated(container: Fields, isFailed: boolean, now: string): Fields {
  return {
    exitCode: isFailed ? 1 : 0,
    reason: isFailed ? "Error" : "Completed",
    startedAt: mapAt(container, "state", "running")["startedAt"] ?? now,
    finishedAt: now,
    containerID: container["containerID"],
  }
}

function crashed(pod: KubeObject, now: string): Fields {
  const message = `back-off 10s restarting failed container=${namesOf(pod)[0]} pod=${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`
  return {
    state: { waiting: { reason: "CrashLoopBackOff", message } },
    lastState: { terminated: { exitCode: 1, reason: "Error", startedAt: now, finishedAt: now } },
  }
}

function waitingStatus(pod: KubeObject, nowMs: number, waiting: Fields): Fields {
  const message = `containers with unready status: [${namesOf(pod).join(" ")}]`
  const conditions = [
    { type: "PodReadyToStartContainers", isTrue: false },
    { type: "Initialized", isTrue: true },
    { type: "Ready", isTrue: false, ...notReady, message },
    { type: "ContainersReady", isTrue: false, ...notReady, message },
    { type: "PodScheduled", isTrue: true },
  ].map((said) => condition(pod, said, nowMs))
  return {
    ...kept(pod),
    ...{ phase: "Pending", conditions },
    ...{ hostIP: nodeAddress, hostIPs: [{ ip: nodeAddress }] },
    startTime: statusOf(pod)["startTime"] ?? rfc3339(nowMs),
    containerStatuses: listAt(specOf(pod), "containers").map((container) => ({
      ...{ name: container["name"], image: container["image"], imageID: "" },
      ...{ state: { waiting }, lastState: {}, ready: false, started: false, restartCount: 0 },
    })),
  }
}

function initStatuses(pod: KubeObject, now: string): Fields {
  const containers = listAt(specOf(pod), "initContainers")
  if (containers.length === 0) return {}
  return {
    initContainerStatuses: containers.map((container) => ({
      ...containerStatus(pod, container),
      // A sidecar goes on running.
      state:
        container["restartPolicy"] === "Always"
          ? { running: { startedAt: now } }
          : { terminated: { exitCode: 0, reason: "Completed", startedAt: now, finishedAt: now } },
      ...{ lastState: {}, ready: true, started: container["restartPolicy"] === "Always", restartCount: 0 },
    })),
  }
}

function containerStatus(pod: KubeObject, container: Fields): Fields {
  const [name, image] = [textAt(container, "name"), textAt(container, "image")]
  return {
    name,
    image,
    imageID: `${image.replace(/[:@].*$/, "")}@sha256:${hexOf(image, 64)}`,
    containerID: `containerd://${hexOf(`${pod.metadata.uid}/${name}`, 64)}`,
  }
}

function addresses(ip: string): Fields {
  return { hostIP: nodeAddress, hostIPs: [{ ip: nodeAddress }], podIP: ip, podIPs: [{ ip }] }
}

function namesOf(pod: KubeObject): readonly string[] {
  return listAt(specOf(pod), "containers").map((container) => textAt(container, "name"))
}

/** What a status always has, and what it had from its creation on. */
function kept(pod: KubeObject): Fields {
  const { qosClass, startTime } = statusOf(pod)
  const { generation } = pod.metadata
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...(qosClass === undefined ? {} : { qosClass }),
    ...(startTime === undefined ? {} : { startTime }),
  }
}

interface Said {
  readonly type: string
  readonly isTrue: boolean
  readonly reason?: string
  readonly message?: string
}

function condition(pod: KubeObject, { type, isTrue, reason, message }: Said, nowMs: number): Fields {
  const status = isTrue ? "True" : "False"
  const before = conditionOf(statusOf(pod), type)
  const since = before?.status === status ? before.lastTransitionTime : rfc3339(nowMs)
  const { generation } = pod.metadata
  return {
    type,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...{ status, lastProbeTime: null, lastTransitionTime: since },
    ...(reason ? { reason } : {}),
    ...(message ? { message } : {}),
  }
}
