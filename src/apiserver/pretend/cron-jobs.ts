import { rfc3339, timeZone } from "../../base/mod.ts"
import {
  conditionOf,
  isTerminating,
  type KubeObject,
  nextCronFire,
  ownerReferenceTo,
  parseCron,
} from "../../kube/mod.ts"
import type { Action, Pass, ServerController } from "../controllers.ts"
import { type Fields, mapAt, numberAt, specOf, statusOf, textAt, textsAt } from "../fields.ts"
import { gvrs } from "../gvrs.ts"
import { controlledBy, event, makerOf, namespaceOf, type PretendDeps, statusUpdate } from "./workload.ts"

const component = "cronjob-controller"
const missedMax = 100

/** Makes the Jobs of CronJobs when they are due, and keeps as many old ones as is asked. */
export function cronJobController(deps: PretendDeps): ServerController {
  return makerOf(deps, { name: "cron jobs", kind: "CronJob", gvr: gvrs.cronJobs, makes: [gvrs.jobs], look })
}

interface Seen {
  readonly cron: KubeObject
  readonly active: readonly KubeObject[]
  readonly succeeded: readonly KubeObject[]
  readonly failed: readonly KubeObject[]
}

function look(deps: PretendDeps, cron: KubeObject, nowMs: number): Pass {
  const jobs = controlledBy(deps, cron, gvrs.jobs)
  const has = (type: string) => (job: KubeObject) => conditionOf(statusOf(job), type)?.status === "True"
  const [succeeded, failed] = [jobs.filter(has("Complete")), jobs.filter(has("Failed"))]
  const active = jobs.filter((job) => !succeeded.includes(job) && !failed.includes(job))
  const seen: Seen = { cron, active, succeeded, failed }
  const old = history(seen)
  const time = due(cron, nowMs)
  const afterMs = time.nextMs === undefined ? undefined : time.nextMs - nowMs
  const made = time.lastMs === undefined ? [] : begin(seen, time.lastMs)
  const isMade = made.some((action) => action.do === "create")
  const status = statusOfCron(seen, isMade ? time.lastMs : undefined)
  return { actions: [...old, ...made, ...statusUpdate(gvrs.cronJobs, cron, status)], afterMs }
}

/** The last time that has come since the last Job, and the next one. */
function due(
  cron: KubeObject,
  nowMs: number,
): { readonly lastMs: number | undefined; readonly nextMs: number | undefined } {
  const spec = specOf(cron)
  const schedule = parseCron(textAt(spec, "schedule"))
  const zone = timeZone(textAt(spec, "timeZone") || "UTC")
  if (schedule === undefined || zone === undefined || spec["suspend"] === true) {
    return { lastMs: undefined, nextMs: undefined }
  }
  const since = textAt(statusOf(cron), "lastScheduleTime") || (cron.metadata.creationTimestamp ?? rfc3339(nowMs))
  const deadline = spec["startingDeadlineSeconds"]
  const earliest = typeof deadline === "number" ? nowMs - deadline * 1_000 : 0
  let lastMs: number | undefined
  let nextMs = nextCronFire(schedule, Math.max(Date.parse(since), earliest), zone)
  for (let missed = 0; nextMs !== undefined && nextMs <= nowMs; missed++) {
    lastMs = nextMs
    nextMs = nextCronFire(schedule, missed < missedMax ? nextMs : nowMs, zone)
  }
  return { lastMs, nextMs }
}

function begin({ cron, active }: Seen, atMs: number): readonly Action[] {
  const spec = specOf(cron)
  const policy = textAt(spec, "concurrencyPolicy") || "Allow"
  if (policy === "Forbid" && active.length > 0) {
    const message = "Not starting job because prior execution is running and concurrency policy is Forbid"
    return [event(cron, component, { reason: "JobAlreadyActive", message })]
  }
  const template = mapAt(spec, "jobTemplate")
  const labels = textsAt(mapAt(template, "metadata"), "labels")
  const name = `${cron.metadata.name}-${Math.floor(atMs / 60_000)}`
  const stamp = { "batch.kubernetes.io/cronjob-scheduled-timestamp": rfc3339(atMs) }
  const object: KubeObject = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name,
      ...namespaceOf(cron),
      ...(Object.keys(labels).length > 0 ? { labels } : {}),
      annotations: { ...textsAt(mapAt(template, "metadata"), "annotations"), ...stamp },
      ownerReferences: [ownerReferenceTo(cron)],
    },
    spec: mapAt(template, "spec"),
  }
  return [
    ...(policy === "Replace" ? active.map(deletion) : []),
    { do: "create", gvr: gvrs.jobs, object },
    event(cron, component, { reason: "SuccessfulCreate", message: `Created job ${name}` }),
  ]
}

function history({ cron, succeeded, failed }: Seen): readonly Action[] {
  const spec = specOf(cron)
  const beyond = (jobs: readonly KubeObject[], limit: number) => jobs.slice(0, Math.max(0, jobs.length - limit))
  return [
    ...beyond(succeeded, numberAt(spec, "successfulJobsHistoryLimit", 3)),
    ...beyond(failed, numberAt(spec, "failedJobsHistoryLimit", 1)),
  ]
    .filter((job) => !isTerminating(job))
    .map(deletion)
}

function deletion({ metadata }: KubeObject): Action {
  const { namespace = "", name = "", uid = "" } = metadata
  return { do: "delete", gvr: gvrs.jobs, ref: { namespace, name }, options: { propagation: "Background", uid } }
}

function statusOfCron({ cron, active, succeeded }: Seen, scheduledMs: number | undefined): Fields {
  const before = statusOf(cron)
  const ends = succeeded.map((job) => textAt(statusOf(job), "completionTime")).sort()
  const lastSuccess = ends.at(-1) ?? before["lastSuccessfulTime"]
  const lastSchedule = scheduledMs === undefined ? before["lastScheduleTime"] : rfc3339(scheduledMs)
  const references = active.map(({ apiVersion, kind, metadata: { namespace, name, uid, resourceVersion } }) => {
    return { apiVersion, kind, namespace, name, uid, resourceVersion }
  })
  // The version in a reference is that of its first mention: else each change of a Job would be one here.
  const known = new Map(
    Array.isArray(before["active"]) ? before["active"].map((r) => [String(mapAt(r)["uid"]), r]) : [],
  )
  const kept = references.map((reference) => known.get(String(reference.uid)) ?? reference)
  return {
    ...(kept.length > 0 ? { active: kept } : {}),
    ...(lastSchedule === undefined ? {} : { lastScheduleTime: lastSchedule }),
    ...(lastSuccess === undefined ? {} : { lastSuccessfulTime: lastSuccess }),
  }
}
