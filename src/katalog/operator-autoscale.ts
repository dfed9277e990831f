import { didYouMean, ms, parseDuration } from "../base/mod.ts"
import { formatPath, isRecord } from "../kube/mod.ts"
import { conditions, readConditions } from "./conditions.ts"
import type { Fault } from "./fault.ts"
import { duration, place, type Shape, text, whole } from "./shape.ts"
import type { OperatorAutoscaleSpec, ProfileSpec } from "./spec.ts"

type Plain = Readonly<Record<string, unknown>>
type Steps = readonly (string | number)[]

const workersMax = 100
const explicit = ["interval", "cooldown", "conditions", "do"] as const

/** What an autoscale says beside the name of a profile. */
export const autoscaleFields: Readonly<Record<(typeof explicit)[number], Shape>> = {
  interval: duration,
  cooldown: duration,
  conditions: place("conditions", { fields: { when: conditions, or: conditions } }),
  do: place("what autoscale does", {
    fields: { workers: whole(1, workersMax), queueDepth: whole(0, Number.MAX_SAFE_INTEGER), resync: duration },
  }),
}

/** `operatorBox.autoscale`: more or fewer workers, while conditions on the operator itself hold. */
export const operatorAutoscale: Shape = place("autoscale of an operator", {
  fields: { profile: text, ...autoscaleFields },
})

/** One line for each field, for editors. */
export const autoscaleTexts: Readonly<Record<string, string>> = {
  "operatorBox.autoscale": "More or fewer workers, while conditions on the operator itself hold.",
  "autoscale of an operator.profile": "burst, steady, batch, latency-sensitive, cost-optimized, or one of your own.",
  interval: "How often the conditions are asked. Default 15s.",
  "autoscale of an operator.cooldown": "How long they must not hold before it ends. Default 2m.",
  "autoscale of an operator.conditions": "Conditions on metrics of the operator, and on the time.",
  "what autoscale does.workers": "Workers meanwhile.",
  "what autoscale does.queueDepth": "Without effect: the queue holds each object once.",
  "what autoscale does.resync": "How often every custom resource is reconciled meanwhile.",
}

interface Baseline {
  readonly workers: number
  /** What a full queue is: the declared depth, or ten keys for each worker. */
  readonly depth: number
}

const times = ({ workers }: Baseline, factor: number) => Math.min(workersMax, Math.max(1, Math.ceil(workers * factor)))
const above = (metric: string, value: number): Plain => ({ field: `metrics.${metric}`, operator: "gt", value })
const share = ({ depth }: Baseline, part: number) => Math.floor(depth * part)

/** The published profiles. `cost-optimized` does not ask for a full queue: with one, fewer workers are no help. */
const builtin: Readonly<Record<string, (base: Baseline) => Plain>> = {
  burst: (base) => ({
    interval: "5s",
    cooldown: "30s",
    conditions: { when: [above("queueDepth", share(base, 0.6))] },
    do: { workers: times(base, 4) },
  }),
  steady: (base) => ({
    interval: "30s",
    cooldown: "2m",
    conditions: { when: [above("queueDepth", share(base, 0.4)), above("workersBusyPercent", 70)] },
    do: { workers: times(base, 2) },
  }),
  batch: (base) => ({
    interval: "60s",
    cooldown: "5m",
    conditions: { when: [{ cron: "0 23 * * *", duration: "3h" }] },
    do: { workers: times(base, 3) },
  }),
  "latency-sensitive": (base) => ({
    interval: "15s",
    cooldown: "1m",
    conditions: { when: [above("reconcileDurationP95Ms", 200)] },
    do: { workers: times(base, 2.5) },
  }),
  "cost-optimized": (base) => ({
    interval: "30s",
    cooldown: "10m",
    conditions: { when: [above("workersIdlePercent", 60)] },
    do: { workers: Math.max(1, Math.floor(base.workers * 0.5)) },
  }),
}

/** True for a published profile of class autoscale. */
export function isBuiltinAutoscale(name: string): boolean {
  return Object.hasOwn(builtin, name)
}

function ownProfiles(profiles: readonly ProfileSpec[]): ReadonlyMap<string, Plain> {
  return new Map(
    profiles.flatMap(({ class: of, name, fields }) => (of === "autoscale" ? [[name, fields] as const] : [])),
  )
}

/** Where an autoscale stands, and what it changes. */
export interface AutoscalePlace {
  readonly workers: number
  /** 0: none is declared. */
  readonly maxDepth: number
  readonly at: Steps
  readonly profiles: readonly ProfileSpec[]
}

/** Reads the autoscale of an operatorBox that passed its shape. */
export function readOperatorAutoscale(
  value: unknown,
  { workers: own, maxDepth, at, profiles }: AutoscalePlace,
): OperatorAutoscaleSpec | undefined {
  if (!isRecord(value)) return undefined
  const baseline = { workers: own, depth: maxDepth > 0 ? maxDepth : own * 10 }
  const name = String(value["profile"] ?? "")
  const settings = ownProfiles(profiles).get(name) ?? builtin[name]?.(baseline) ?? value
  const asked = isRecord(settings["conditions"]) ? settings["conditions"] : {}
  const done = isRecord(settings["do"]) ? settings["do"] : {}
  const workers = Number(done["workers"] ?? own)
  return {
    interval: parseDuration(String(settings["interval"] ?? "")) ?? ms("15s"),
    cooldown: parseDuration(String(settings["cooldown"] ?? "")) ?? ms("2m"),
    when: readConditions(asked["when"], [...at, "conditions", "when"]),
    or: readConditions(asked["or"], [...at, "conditions", "or"]),
    workers,
    resync: parseDuration(String(done["resync"] ?? "")),
    at: formatPath(at),
  }
}

/** What an autoscale says that cannot be meant, or has no effect, with its place in it. */
export function autoscaleFaults(
  value: unknown,
  profiles: readonly ProfileSpec[],
): readonly { readonly fault: Fault; readonly steps: readonly string[]; readonly severity: "error" | "note" }[] {
  if (!isRecord(value)) return []
  const profile = value["profile"] ?? undefined
  const error = (code: string, message: string, help: string, steps: readonly string[]) => [
    { fault: { code, message, help }, steps, severity: "error" as const },
  ]
  if (profile === undefined) {
    const { conditions: asked, do: done } = value
    const isAsked =
      isRecord(asked) && [asked["when"], asked["or"]].some((list) => Array.isArray(list) && list.length > 0)
    if (!isAsked) return error("ORK0108", '"conditions" are missing in autoscale', "add conditions, or a profile", [])
    const effects = isRecord(done) ? ["workers", "resync"].filter((key) => (done[key] ?? null) !== null) : []
    if (effects.length === 0) return error("ORK0108", '"do" is missing in autoscale', 'add "do: { workers: 10 }"', [])
    if (!isRecord(done) || (done["queueDepth"] ?? null) === null) return []
    const message = '"queueDepth" has no effect: the queue holds each object once, so nothing is ever dropped'
    return [{ fault: { code: "ORK0122", message, help: "remove it" }, steps: ["do", "queueDepth"], severity: "note" }]
  }
  const names = [...Object.keys(builtin), ...ownProfiles(profiles).keys()]
  if (!names.includes(String(profile))) {
    const near = didYouMean(String(profile), names)
    const help = near === undefined ? `there are ${names.join(", ")}` : `did you mean "${near}"?`
    return error("ORK0420", `there is no profile "${String(profile)}" of class autoscale`, help, ["profile"])
  }
  return explicit
    .filter((key) => (value[key] ?? null) !== null)
    .flatMap((key) =>
      error(
        "ORK0421",
        `the profile "${String(profile)}" stands for "${key}", which is written too`,
        `remove "profile" or "${key}"`,
        [key],
      ),
    )
}
