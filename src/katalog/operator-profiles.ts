import { type Diagnostic, didYouMean } from "../base/mod.ts"
import { formatPath, getPath, isRecord } from "../kube/mod.ts"
import { diagnose, type Fault } from "./fault.ts"
import { autoscaleFaults, autoscaleFields, isBuiltinAutoscale } from "./operator-autoscale.ts"
import { byForm, duration, isTemplate, mapOf, place, type Shape, text, whole, wrong } from "./shape.ts"
import { markOf } from "./spans.ts"
import type { ProfileSpec, Spans } from "./spec.ts"

type Plain = Readonly<Record<string, unknown>>

const depth = whole(0, Number.MAX_SAFE_INTEGER)
const workers = whole(1, 100)

const reconcileProfile = place("a profile of class reconcile", {
  fields: { workers, resync: duration, queue: place("queue of a profile", { fields: { maxDepth: depth } }) },
})

const autoscaleProfile = place("a profile of class autoscale", { fields: autoscaleFields })

/** User-defined profiles of operators, by class and name. */
export const operatorProfiles: Readonly<Record<string, Shape>> = {
  reconcile: mapOf(reconcileProfile),
  autoscale: mapOf(autoscaleProfile),
}

const fixed = wrong({
  code: "ORK0106",
  message: "expected the name of a profile, found a template",
  help: "an operator has the same workers for all of its custom resources: write a name",
})

/** `profile` of a CRD entry: workers and resync under a name. */
export const profileName: Shape = byForm((value) => (isTemplate(value) ? fixed : text))

/** The published profiles of operators. */
const builtin: Readonly<Record<string, Plain>> = {
  "high-throughput": { workers: 10, resync: "5m" },
  conservative: { workers: 1, resync: "30m" },
  development: { workers: 1, resync: "30s" },
}

function ofReconcile(profiles: readonly ProfileSpec[]): ReadonlyMap<string, Plain> {
  const own = profiles.filter((profile) => profile.class === "reconcile").map(({ name, fields }) => [name, fields])
  return new Map([...Object.entries(builtin), ...(own as [string, Plain][])]) // pairs, as mapped one line above
}

/** An entry with what its profile stands for in place of the name. */
export function withProfile(entry: Plain, profiles: readonly ProfileSpec[]): Plain {
  const found = ofReconcile(profiles).get(String(entry["profile"] ?? ""))
  return found ? { ...entry, workers: found["workers"], resync: found["resync"] } : entry
}

const standsFor: readonly (readonly string[])[] = [["workers"], ["resync"], ["queue", "maxDepth"]]

/** What can be said against the profiles of operators, and the entries that name them. */
export function checkOperatorProfiles(
  crds: Plain,
  profiles: readonly ProfileSpec[],
  spans: Spans,
): readonly Diagnostic[] {
  const known = ofReconcile(profiles)
  const hiding = profiles.filter(
    ({ class: className, name }) =>
      (className === "reconcile" && Object.hasOwn(builtin, name)) ||
      (className === "autoscale" && isBuiltinAutoscale(name)),
  )
  const named = Object.entries(crds).flatMap(([name, entry]) => {
    const profile = isRecord(entry) ? entry["profile"] : undefined
    if (!isRecord(entry) || typeof profile !== "string" || isTemplate(profile) || profile === "") return []
    const at = (steps: readonly string[]) => formatPath(["spec", "crds", name, ...steps])
    const unknown = known.has(profile)
      ? []
      : [{ fault: unknownProfile(profile, [...known.keys()]), path: at(["profile"]) }]
    const both = standsFor
      .filter((steps) => (getPath(entry, steps) ?? null) !== null)
      .map((steps) => ({ fault: bothFault(profile, steps.join(".")), path: at(steps), part: "key" as const }))
    return [...unknown, ...both]
  })
  const scaled = Object.entries(crds).flatMap(([name, entry]) =>
    autoscaleFaults(getPath(entry, ["operatorBox", "autoscale"]), profiles).map(({ fault, steps, severity }) => {
      const path = formatPath(["spec", "crds", name, "operatorBox", "autoscale", ...steps])
      return diagnose(fault, { span: markOf(spans, path, steps[0] === "profile" ? "value" : "key"), path }, severity)
    }),
  )
  return [
    ...scaled,
    ...named.map(({ fault, path, ...more }) =>
      diagnose(fault, { span: markOf(spans, path, "part" in more ? "key" : "value"), path }),
    ),
    ...hiding.map(({ class: className, name, at: path }) => {
      const message = `the profile "${name}" of class ${className} hides the built-in one of the same name`
      const fault = { code: "ORK0423", message, help: "choose another name" }
      return diagnose(fault, { span: markOf(spans, path, "key"), path }, "warning")
    }),
  ]
}

function unknownProfile(name: string, names: readonly string[]): Fault {
  const near = didYouMean(name, names)
  const help = near === undefined ? `there are ${names.join(", ")}` : `did you mean "${near}"?`
  return { code: "ORK0420", message: `there is no profile "${name}" of class reconcile`, help }
}

function bothFault(profile: string, key: string): Fault {
  const message = `the profile "${profile}" stands for "${key}", which is written too`
  return { code: "ORK0421", message, help: `remove "profile" or "${key}"` }
}
