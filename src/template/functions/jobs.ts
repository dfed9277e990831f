import { rfc3339, timeZone, utc } from "../../base/mod.ts"
import { nextCronFire, parseCron } from "../../kube/mod.ts"
import type { Run } from "../run.ts"
import { field } from "../values.ts"
import { Family } from "./define.ts"
import { podsOf } from "./pods.ts"
import { commas, listAt, nameOf, numberAt, textAt } from "./reading.ts"

const family = new Family("job")

for (const [name, word, phase] of [
  ["Succeeded", "succeeded", "Succeeded"],
  ["Failed", "failed", "Failed"],
  ["Active", "active", "Running"],
] as const) {
  const what = word === "active" ? "run" : `have ${word}`
  family.fixed(`job${name}(object) bool`, `whether pods of the Job ${what}`, (_, o) => numberAt(o, "status", word) > 0)
  family.fixed(
    `job${name}PodNames(object) string`,
    `the names of the pods that ${what}, with commas between them; needs enrich: [pods]`,
    (run, o) => {
      const found = podsOf(run, o).filter(
        (pod) => pod.phase === phase || (word === "active" && pod.phase === "Pending"),
      )
      return commas(
        run,
        found.map((pod) => pod.name),
      )
    },
  )
}
family.fixed(
  "jobFirstExitCode(object) number",
  "the exit code of the first container that ended, -1 when none has; needs enrich: [pods]",
  (run, o) =>
    podsOf(run, o)
      .flatMap((pod) => pod.containers)
      .find((container) => container.exitCode !== undefined)?.exitCode ?? -1,
)

/** Functions on Jobs. */
export const jobs = family.defs

const cronJobs = new Family("cronjob")

cronJobs.fixed(
  "cronJobActiveCount(object) number",
  "how many of its Jobs run",
  (_, o) => listAt(o, "status", "active").length || listAt(o, "_activeJobs").length,
)
cronJobs.fixed("cronJobLastScheduleTime(object) string", "when it last made a Job", (run, o) =>
  textAt(run, o, ["status", "lastScheduleTime"]),
)
cronJobs.fixed("cronJobLastSuccessTime(object) string", "when a Job of it last succeeded", (run, o) =>
  textAt(run, o, ["status", "lastSuccessfulTime"]),
)
cronJobs.fixed(
  "cronJobNextScheduleTime(object) string",
  "when it makes its next Job, in RFC 3339, UTC; empty when suspended or without a schedule",
  (run, o) => nextSchedule(run, o),
  { purity: "clock" },
)
cronJobs.fixed("cronJobLastJobName(object) string", "the name of its last Job; needs enrich: [cronjob]", (run, o) =>
  nameOf(run, field(o, "_lastJob")),
)
cronJobs.fixed(
  "cronJobLastJobSucceeded(object) bool",
  "whether its last Job succeeded; needs enrich: [cronjob]",
  (_, o) => {
    const job = field(o, "_lastJob")
    return field(job, "succeeded") === true || numberAt(job, "succeeded") + numberAt(job, "status", "succeeded") > 0
  },
)
cronJobs.fixed(
  "cronJobLastSuccessfulJobName(object) string",
  "the name of its last Job that succeeded; needs enrich: [cronjob]",
  (run, o) => nameOf(run, field(o, "_lastSuccessfulJob")),
)

function nextSchedule(run: Run, object: unknown): string {
  const spec = field(object, "spec")
  const schedule = parseCron(textAt(run, spec, ["schedule"]))
  const zoneName = textAt(run, spec, ["timeZone"])
  const zone = zoneName === "" ? utc : timeZone(zoneName)
  if (schedule === undefined || field(spec, "suspend") === true || zone === undefined) return ""
  run.charge(1_000)
  const next = nextCronFire(schedule, run.nowMs, zone)
  return next === undefined ? "" : rfc3339(next)
}

/** Functions on CronJobs. */
export const cronJob = cronJobs.defs
