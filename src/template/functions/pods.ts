import type { Run } from "../run.ts"
import { field, kindOf } from "../values.ts"
import { int, str } from "./convert.ts"
import { Family } from "./define.ts"
import { at, commas, listAt, mapAt, nameOf, numberAt, textAt } from "./reading.ts"

const family = new Family("pods")
const first = { piped: "first" } as const

/** A Pod as the functions see it. */
interface Pod {
  readonly name: string
  readonly ip: string
  readonly phase: string
  readonly ready: boolean
  readonly node: string
  readonly restartCount: number
  readonly ordinal: number
  readonly containers: readonly Container[]
}

interface Container {
  readonly name: string
  readonly state: string
  readonly reason: string
  readonly exitCode: number | undefined
}

/** Pods of a workload that is enriched with them, in order of their names; of a Pod, itself. */
export function podsOf(run: Run, object: unknown): readonly Pod[] {
  const raw = field(object, "kind") === "Pod" ? [object] : listAt(object, "_pods")
  run.charge(raw.length)
  return raw.map((pod) => podOf(run, pod)).sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Reads the short form that `enrich` makes, and a whole Pod. */
function podOf(run: Run, raw: unknown): Pod {
  const isWhole = kindOf(field(raw, "metadata")) === "map"
  const name = nameOf(run, raw)
  const statuses = isWhole ? listAt(raw, "status", "containerStatuses") : listAt(raw, "containers")
  const status = (key: string, short: string) => textAt(run, raw, isWhole ? ["status", key] : [short])
  const conditions = listAt(raw, "status", "conditions")
  const isReady = conditions.some((one) => field(one, "type") === "Ready" && field(one, "status") === "True")
  const restarts = statuses.reduce((sum: number, one) => sum + numberAt(one, "restartCount"), 0)
  return {
    name,
    ip: status("podIP", "ip"),
    phase: status("phase", "phase"),
    ready: isWhole ? isReady : field(raw, "ready") === true,
    node: textAt(run, raw, isWhole ? ["spec", "nodeName"] : ["node"]),
    restartCount: isWhole ? restarts : numberAt(raw, "restartCount"),
    ordinal: Number(/-(\d{1,9})$/.exec(name)?.[1] ?? -1),
    containers: statuses.map((one) => containerOf(run, one)),
  }
}

/** `state` is a word, or as in a Pod's status a map of one word. */
function containerOf(run: Run, raw: unknown): Container {
  const state = field(raw, "state")
  const word = typeof state === "string" ? state : (Object.keys(mapAt(raw, "state"))[0] ?? "")
  const detail = typeof state === "string" ? raw : field(state, word)
  const last = at(raw, "lastState", "terminated")
  const exitCode = field(detail, "exitCode") ?? field(last, "exitCode")
  return {
    name: textAt(run, raw, ["name"]),
    state: word,
    reason: textAt(run, detail, ["reason"]) || textAt(run, last, ["reason"]),
    exitCode: typeof exitCode === "number" ? exitCode : undefined,
  }
}

function reasons(run: Run, object: unknown): readonly string[] {
  return [...new Set(podsOf(run, object).flatMap((pod) => pod.containers.map((container) => container.reason)))]
}

family.fixed("podCount(object) number", "how many pods there are", (run, o) => podsOf(run, o).length)
family.fixed(
  "readyPodCount(object) number",
  "how many pods are ready",
  (run, o) => podsOf(run, o).filter((pod) => pod.ready).length,
)
for (const [name, what, read] of [
  ["podNames", "names", (pod: Pod) => pod.name],
  ["podIPs", "addresses", (pod: Pod) => pod.ip],
  ["podPhases", "phases", (pod: Pod) => pod.phase],
  ["podNodes", "nodes", (pod: Pod) => pod.node],
] as const) {
  family.fixed(`${name}(object) string`, `the ${what} of the pods, with commas between them`, (run, o) =>
    commas(run, podsOf(run, o).map(read)),
  )
}
family.fixed("podMaxRestarts(object) number", "the most restarts of one pod", (run, o) =>
  podsOf(run, o).reduce((most, pod) => Math.max(most, pod.restartCount), 0),
)
family.fixed("hasCrashingPod(object) bool", "whether a pod was restarted more than twice", (run, o) =>
  podsOf(run, o).some((pod) => pod.restartCount > 2),
)
family.fixed(
  "podContainerReasons(object) string",
  "why containers wait or ended, each reason once, with commas between them",
  (run, o) => commas(run, reasons(run, o)),
)
for (const [name, reason] of [
  ["podCrashLoopDetected", "CrashLoopBackOff"],
  ["podImagePullBackOffDetected", "ImagePullBackOff"],
  ["podErrImagePullDetected", "ErrImagePull"],
  ["podOOMKilledDetected", "OOMKilled"],
  ["podErrorDetected", "Error"],
  ["podInvalidImageNameDetected", "InvalidImageName"],
  ["podCreateContainerErrorDetected", "CreateContainerError"],
  ["podRunContainerErrorDetected", "RunContainerError"],
  ["podPostStartHookErrorDetected", "PostStartHookError"],
  ["podPreStartHookErrorDetected", "PreStartHookError"],
] as const) {
  family.fixed(`${name}(object) bool`, `whether a container waits or ended with reason ${reason}`, (run, o) =>
    reasons(run, o).includes(reason),
  )
}
family.fixed(
  "podByOrdinal(object, ordinal) map",
  "name, ip, phase, ready, node, restartCount and ordinal of the pod that ends with this number; an empty map when there is none",
  (run, o, ordinal) => {
    const found = podsOf(run, o).find((pod) => pod.ordinal === int(ordinal))
    if (found === undefined) return {}
    const { containers: _, ...pod } = found
    return pod
  },
  first,
)
family.fixed(
  "podContainerState(object, ordinal, container) string",
  "running, waiting or terminated: the state of a container of the pod that ends with this number",
  (run, o, ordinal, container) => {
    const pod = podsOf(run, o).find((one) => one.ordinal === int(ordinal))
    return pod?.containers.find((one) => one.name === str(run, container))?.state ?? ""
  },
  first,
)

/** Functions on the pods of a workload, as `enrich: [pods]` gives them. */
export const pods = family.defs
