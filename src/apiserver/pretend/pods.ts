import { isTerminating, type KubeObject } from "../../kube/mod.ts"
import type { Action, Pass, ServerController } from "../controllers.ts"
import { type Fields, listAt, mapAt, numberAt, specOf, statusOf, textAt } from "../fields.ts"
import { gvrs } from "../gvrs.ts"
import { nodeName } from "./node.ts"
import {
  creatingStatus,
  endedStatus,
  runningStatus,
  stuckStatus,
  type Troubles,
  troubleOf,
  unscheduledStatus,
} from "./pod-status.ts"
import { event, getByKey, type PretendDeps, podPrefix, statusUpdate } from "./workload.ts"

/** How long a container takes to be pulled and started, to do its work where it has an end, and to stop. */
const startMs = 250
const workMs = 500
const stopMs = 100

/** Where Pods get their addresses: a /16 as a cluster has. */
const addressesMax = 65_000

/** Schedules every Pod onto the one node and lets its containers start, end and stop, or fail as its annotation asks. */
export function podController(deps: PretendDeps): ServerController {
  const kubelet = new Kubelet(deps)
  return {
    name: "pods",
    manager: "kubelet",
    prefixes: [podPrefix],
    keys: ({ namespace, name, type, object }) => {
      if (type === "DELETED") kubelet.forget(object)
      return type === "DELETED" ? [] : [`${namespace}/${name}`]
    },
    look: (key, nowMs) => {
      const pod = getByKey(deps.api, gvrs.pods, key)
      return pod ? kubelet.look(pod, nowMs) : { actions: [] }
    },
  }
}

/** What the pretend node remembers of its Pods: since when each is in its phase, and its address. */
class Kubelet {
  readonly #deps: PretendDeps
  readonly #since = new Map<string, { readonly phase: string; readonly atMs: number }>()
  readonly #addresses = new Map<string, string>()
  readonly #taken = new Set<string>()
  #next = 1

  constructor(deps: PretendDeps) {
    this.#deps = deps
  }

  forget({ metadata }: KubeObject): void {
    const { uid = "" } = metadata
    this.#since.delete(uid)
    this.#taken.delete(this.#addresses.get(uid) ?? "")
    this.#addresses.delete(uid)
  }

  look(pod: KubeObject, nowMs: number): Pass {
    if (isTerminating(pod)) return this.#stop(pod, nowMs)
    const phase = textAt(statusOf(pod), "phase")
    if (phase === "Succeeded" || phase === "Failed") return { actions: [] }
    const trouble = troubleOf(pod)
    if (textAt(specOf(pod), "nodeName") === "") return schedule(pod, trouble, nowMs)
    if (phase === "Running") return this.#work(pod, trouble, nowMs)
    if (listAt(statusOf(pod), "containerStatuses").length === 0) return create(pod, nowMs)
    if (trouble === "ImagePullBackOff" || trouble === "ErrImagePull") return stuck(pod, trouble, nowMs)
    const leftMs = this.#leftMs(pod, "creating", { afterMs: startMs, nowMs })
    return leftMs > 0 ? { actions: [], afterMs: leftMs } : this.#start(pod, trouble, nowMs)
  }

  #start(pod: KubeObject, trouble: Troubles, nowMs: number): Pass {
    const status = runningStatus(pod, { trouble, ip: this.#addressOf(pod), nowMs })
    const events = listAt(specOf(pod), "containers").flatMap((container) => started(pod, container, trouble))
    return { actions: [...statusUpdate(gvrs.pods, pod, status), ...events] }
  }

  /** Pods that have an end reach it; all others stay as they are. */
  #work(pod: KubeObject, trouble: Troubles, nowMs: number): Pass {
    const hasEnd = textAt(specOf(pod), "restartPolicy") !== "Always" && textAt(specOf(pod), "restartPolicy") !== ""
    if (!hasEnd || trouble === "CrashLoopBackOff" || trouble === "NotReady") return { actions: [] }
    const leftMs = this.#leftMs(pod, "working", { afterMs: workMs, nowMs })
    if (leftMs > 0) return { actions: [], afterMs: leftMs }
    return { actions: statusUpdate(gvrs.pods, pod, endedStatus(pod, { isFailed: trouble === "Error", nowMs })) }
  }

  #stop(pod: KubeObject, nowMs: number): Pass {
    const { namespace = "", name = "", uid = "" } = pod.metadata
    const grace = numberAt({ ...pod.metadata }, "deletionGracePeriodSeconds")
    // Without a time to stop, only finalizers hold it, and those are others'.
    if (grace === 0) return { actions: [] }
    const isFirst = this.#since.get(uid)?.phase !== "stopping"
    const leftMs = this.#leftMs(pod, "stopping", { afterMs: stopMs, nowMs })
    const killing = (container: Fields) =>
      event(pod, "kubelet", { reason: "Killing", message: `Stopping container ${textAt(container, "name")}` })
    if (leftMs > 0) {
      return { actions: isFirst ? listAt(specOf(pod), "containers").map(killing) : [], afterMs: leftMs }
    }
    const options = { uid, graceSeconds: 0 }
    return { actions: [{ do: "delete", gvr: gvrs.pods, ref: { namespace, name }, options }] }
  }

  /** How much of `afterMs` is left since the Pod was first seen in `phase`. */
  #leftMs(
    pod: KubeObject,
    phase: string,
    { afterMs, nowMs }: { readonly afterMs: number; readonly nowMs: number },
  ): number {
    const { uid = "" } = pod.metadata
    const known = this.#since.get(uid)
    const since = known?.phase === phase ? known.atMs : nowMs
    if (known?.phase !== phase) this.#since.set(uid, { phase, atMs: nowMs })
    return since + afterMs - nowMs
  }

  #addressOf(pod: KubeObject): string {
    const { uid = "" } = pod.metadata
    if (this.#addresses.size === 0) this.#learn()
    for (let tries = 0; tries < addressesMax; tries++) {
      this.#next = (this.#next % addressesMax) + 1
      const address = `10.244.${this.#next >> 8}.${this.#next & 255}`
      if (this.#taken.has(address) || this.#next < 2) continue
      this.#hold(uid, address)
      return address
    }
    return ""
  }

  /** After a restart: what has an address keeps it. */
  #learn(): void {
    for (const pod of this.#deps.api.list(gvrs.pods)) {
      const address = textAt(statusOf(pod), "podIP")
      if (address !== "") this.#hold(pod.metadata.uid ?? "", address)
    }
  }

  #hold(uid: string, address: string): void {
    this.#addresses.set(uid, address)
    this.#taken.add(address)
  }
}

function schedule(pod: KubeObject, trouble: Troubles, nowMs: number): Pass {
  if (trouble === "Unschedulable") {
    const actions = statusUpdate(gvrs.pods, pod, unscheduledStatus(pod, nowMs))
    const message = "0/1 nodes are available: 1 node(s) didn't match the Pod's pretend annotation."
    const told = event(pod, "default-scheduler", { type: "Warning", reason: "FailedScheduling", message })
    return { actions: actions.length > 0 ? [...actions, told] : [] }
  }
  const { namespace = "", name = "" } = pod.metadata
  const message = `Successfully assigned ${namespace}/${name} to ${nodeName}`
  const object = { ...pod, spec: { ...specOf(pod), nodeName } }
  const bound: Action = { do: "update", gvr: gvrs.pods, object, subresource: "binding" }
  return { actions: [bound, event(pod, "default-scheduler", { reason: "Scheduled", message })] }
}

function create(pod: KubeObject, nowMs: number): Pass {
  return { actions: statusUpdate(gvrs.pods, pod, creatingStatus(pod, nowMs)) }
}

function started(pod: KubeObject, container: Fields, trouble: Troubles): readonly Action[] {
  const [image, name] = [textAt(container, "image"), textAt(container, "name")]
  const said = (reason: string, message: string) => event(pod, "kubelet", { reason, message })
  const started = [
    said("Pulled", `Container image "${image}" already present on machine`),
    said("Created", `Container created`),
    said("Started", `Container started`),
  ]
  if (trouble !== "CrashLoopBackOff") return started
  const text = `Back-off restarting failed container ${name} in pod ${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`
  return [...started, event(pod, "kubelet", { type: "Warning", reason: "BackOff", message: text })]
}

function stuck(pod: KubeObject, trouble: "ImagePullBackOff" | "ErrImagePull", nowMs: number): Pass {
  const actions = statusUpdate(gvrs.pods, pod, stuckStatus(pod, trouble, nowMs))
  if (actions.length === 0) return { actions }
  const image = textAt(mapAt({ first: listAt(specOf(pod), "containers")[0] }, "first"), "image")
  const said = (reason: string, message: string) => event(pod, "kubelet", { type: "Warning", reason, message })
  return {
    actions: [
      ...actions,
      event(pod, "kubelet", { reason: "Pulling", message: `Pulling image "${image}"` }),
      said("Failed", `Failed to pull image "${image}": not found (a pretend failure, asked for by annotation)`),
      said("Failed", `Error: ${trouble}`),
      event(pod, "kubelet", { reason: "BackOff", message: `Back-off pulling image "${image}"` }),
    ],
  }
}
