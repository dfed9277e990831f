import { conditionOf, controllerOf, type KubeObject, parseApiVersion } from "../kube/mod.ts"
import { podRow } from "./builtin-tables-pods.ts"
import type { RowOf } from "./builtin-tables-text.ts"
import { ageOf, containerCells, labelsText, none, selectorText } from "./builtin-tables-text.ts"
import { type Fields, listAt, mapAt, numberAt, specOf, statusOf, textAt } from "./fields.ts"
import { humanDuration } from "./human-duration.ts"

/** The rows of what runs. */
export const workloadRows: Readonly<Record<string, RowOf>> = {
  Pod: podRow,
  PodTemplate: (object) => {
    const template = mapAt(object, "template")
    return {
      ...containerCells(mapAt(template, "spec")),
      "Pod Labels": labelsText(mapAt(template, "metadata")["labels"]),
    }
  },
  ReplicationController: (object) => ({ ...replicas(object), Selector: labelsText(specOf(object)["selector"]) }),
  ReplicaSet: (object) => ({ ...replicas(object), Selector: selectorText(specOf(object)["selector"]) }),
  Deployment: (object) => {
    const [spec, status] = [specOf(object), statusOf(object)]
    return {
      Ready: `${numberAt(status, "readyReplicas")}/${numberAt(spec, "replicas")}`,
      "Up-to-date": numberAt(status, "updatedReplicas"),
      Available: numberAt(status, "availableReplicas"),
      ...containerCells(podSpec(spec)),
      Selector: selectorText(spec["selector"]),
    }
  },
  StatefulSet: (object) => {
    const [spec, status] = [specOf(object), statusOf(object)]
    const ready = `${numberAt(status, "readyReplicas")}/${numberAt(spec, "replicas")}`
    return { Ready: ready, ...containerCells(podSpec(spec)) }
  },
  DaemonSet: (object) => {
    const [spec, status] = [specOf(object), statusOf(object)]
    return {
      Desired: numberAt(status, "desiredNumberScheduled"),
      Current: numberAt(status, "currentNumberScheduled"),
      Ready: numberAt(status, "numberReady"),
      "Up-to-date": numberAt(status, "updatedNumberScheduled"),
      Available: numberAt(status, "numberAvailable"),
      "Node Selector": labelsText(podSpec(spec)["nodeSelector"]),
      ...containerCells(podSpec(spec)),
      Selector: selectorText(spec["selector"]),
    }
  },
  ControllerRevision: (object) => ({ Controller: controllerText(object), Revision: numberAt(object, "revision") }),
  Job: jobRow,
  CronJob: (object, nowMs) => {
    const [spec, status] = [specOf(object), statusOf(object)]
    const jobSpec = mapAt(spec, "jobTemplate", "spec")
    const last = status["lastScheduleTime"]
    return {
      Schedule: textAt(spec, "schedule"),
      Timezone: textAt(spec, "timeZone") || none,
      Suspend: spec["suspend"] === undefined ? "<unset>" : spec["suspend"] === true ? "True" : "False",
      Active: listAt(status, "active").length,
      "Last Schedule": last === undefined ? none : ageOf(last, nowMs),
      ...containerCells(podSpec(jobSpec)),
      Selector: selectorText(jobSpec["selector"]),
    }
  },
}

function podSpec(spec: Fields): Fields {
  return mapAt(spec, "template", "spec")
}

function replicas(object: KubeObject) {
  const [spec, status] = [specOf(object), statusOf(object)]
  return {
    Desired: numberAt(spec, "replicas"),
    Current: numberAt(status, "replicas"),
    Ready: numberAt(status, "readyReplicas"),
    ...containerCells(podSpec(spec)),
  }
}

function controllerText(object: KubeObject): string {
  const owner = controllerOf(object)
  if (owner === undefined) return none
  const { group } = parseApiVersion(owner.apiVersion)
  return `${owner.kind.toLowerCase()}${group === "" ? "" : `.${group}`}/${owner.name}`
}

function jobRow(object: KubeObject, nowMs: number) {
  const [spec, status] = [specOf(object), statusOf(object)]
  const succeeded = numberAt(status, "succeeded")
  const parallelism = numberAt(spec, "parallelism")
  const open = parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`
  const [start, end] = [status["startTime"], status["completionTime"]]
  const until = typeof end === "string" ? Date.parse(end) : nowMs
  return {
    Status: jobStatus(object, status),
    Completions: typeof spec["completions"] === "number" ? `${succeeded}/${spec["completions"]}` : open,
    Duration: typeof start === "string" ? humanDuration(until - Date.parse(start)) : "",
    ...containerCells(podSpec(spec)),
    Selector: selectorText(spec["selector"]),
  }
}

function jobStatus({ metadata }: KubeObject, status: Fields): string {
  const holds = (type: string) => conditionOf(status, type)?.status === "True"
  if (holds("Complete")) return "Complete"
  if (holds("Failed")) return "Failed"
  if (metadata.deletionTimestamp !== undefined) return "Terminating"
  return ["Suspended", "FailureTarget", "SuccessCriteriaMet"].find(holds) ?? "Running"
}
