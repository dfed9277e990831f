import type { Diagnostic } from "../../base/mod.ts"
import { type EntrySpec, isTemplate, type ProfileSpec } from "../../katalog/mod.ts"
import { isRecord } from "../../kube/mod.ts"
import { copyField } from "../copies.ts"
import { isTrue } from "../entry.ts"
import {
  explicitFields,
  isBuiltinProfile,
  type Profiles,
  type SettingsPlace,
  settingsPlaces,
  suggestion,
} from "../profiles.ts"
import { childPath } from "../value.ts"
import type { ShortFormContext } from "./context.ts"

/** Something that is wrong with an entry as it is written. */
export interface Mistake {
  readonly severity: Diagnostic["severity"]
  readonly code: string
  readonly message: string
  readonly help: string
  readonly at: string
  /** What of the place is marked. */
  readonly part: "key" | "value"
}

/** What can be said against an entry before anything is rendered. */
export function mistakesOf(entry: EntrySpec, context: ShortFormContext): readonly Mistake[] {
  const places = settingsPlaces(entry.kind, entry.fields, entry.at)
  return [
    ...places.flatMap((place) => profileMistakes(place, context.profiles)),
    ...pairs(entry).flatMap(pairMistake),
    ...missing(entry),
    ...withoutEffect(entry, context),
    ...openSource(entry),
    ...scaledTwice(entry, context),
  ]
}

function profileMistakes(place: SettingsPlace, profiles: Profiles): readonly Mistake[] {
  const name = isRecord(place.block) ? (place.block["profile"] ?? undefined) : undefined
  if (name === undefined) return []
  const at = childPath(place.at, "profile")
  const known = isTemplate(name) || profiles.find(place.class, String(name)) !== undefined
  const unknown: readonly Mistake[] = known
    ? []
    : [
        {
          severity: "error",
          code: "ORK0420",
          message: `there is no profile "${String(name)}" of class ${place.class}`,
          help: suggestion(place.class, String(name), profiles),
          at,
          part: "value",
        },
      ]
  const explicit = explicitFields(place)
  const [first] = explicit
  if (first === undefined) return unknown
  const wins = place.class === "resourceQuotas"
  const both: Mistake = {
    severity: wins ? "warning" : "error",
    code: "ORK0421",
    message: wins
      ? `the profile "${String(name)}" has no effect beside "${first}"`
      : `a profile stands for ${explicit.map((key) => `"${key}"`).join(" and ")}, which is written too`,
    help: wins ? "remove one of the two" : `remove "profile" or "${first}"; "overrides:" may change parts of a profile`,
    at,
    part: "key",
  }
  return [...unknown, both]
}

interface Pair {
  readonly block: unknown
  readonly at: string
  readonly keys: readonly [string, string]
}

/** Fields that exclude each other. */
function pairs(entry: EntrySpec): readonly Pair[] {
  const own = (...keys: [string, string]) => ({ block: entry.fields, at: entry.at, keys })
  const behavior = { block: entry.fields["behavior"], at: `${entry.at}.behavior` }
  const targets = own("namespace", "toNamespaces")
  switch (entry.kind) {
    case "pdb":
      return [
        own("minAvailable", "maxUnavailable"),
        own("minAvailable", "behavior"),
        own("maxUnavailable", "behavior"),
        { ...behavior, keys: ["minAvailable", "maxUnavailable"] },
      ]
    case "hpa":
      return [own("scaleTargetRef", "deploymentRef")]
    case "services":
      return [own("port", "ports")]
    case "persistentVolumes":
      return [own("hostPath", "csiDriver")]
    case "secrets":
      return [targets, own("tls", "type"), own("tls", "fromSecret"), own("once", "fromSecret")]
    case "networkPolicies":
      return [
        targets,
        ...["podSelector", "ingress", "egress", "policyTypes", "profile"].map((key) => own("fromNetworkPolicy", key)),
      ]
    case "resourceQuotas":
      return [targets, ...["hard", "profile"].map((key) => own("fromResourceQuota", key))]
    case "storageSnapshots":
      return [targets, own("persistentVolumeClaimName", "volumeSnapshotContentName")]
    case "serviceMonitors":
      return [targets, own("port", "endpoints")]
    case "limitRanges":
      return [targets, ...["limits", "profile"].map((key) => own("fromLimitRange", key))]
    default:
      return [targets]
  }
}

function pairMistake({ block, at, keys }: Pair): readonly Mistake[] {
  const [first, second] = keys
  if (!isRecord(block) || isAbsent(block[first]) || isAbsent(block[second])) return []
  const message = `"${first}" and "${second}" exclude each other`
  return [
    { severity: "error", code: "ORK0422", message, help: "keep one of them", at: childPath(at, second), part: "key" },
  ]
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null
}

/** Fields of which one is needed; `overrides` may bring it too. */
const needed: Readonly<Record<string, { readonly fields: readonly string[]; readonly override: string }>> = {
  pdb: { fields: ["minAvailable", "maxUnavailable", "behavior"], override: "spec" },
  resourceQuotas: { fields: ["hard", "profile", "fromResourceQuota"], override: "spec" },
  limitRanges: { fields: ["limits", "profile", "fromLimitRange"], override: "spec" },
  persistentVolumes: { fields: ["hostPath", "csiDriver"], override: "spec" },
  storageSnapshots: { fields: ["persistentVolumeClaimName", "volumeSnapshotContentName"], override: "spec" },
  serviceMonitors: { fields: ["port", "endpoints"], override: "spec" },
}

function missing(entry: EntrySpec): readonly Mistake[] {
  const need = needed[entry.kind]
  const found: Mistake[] = []
  const hasNone = need?.fields.every((key) => isAbsent(entry.fields[key])) ?? false
  if (need && hasNone && !(need.override in entry.overrides)) {
    found.push(lack(entry, need.fields))
  }
  const { rotateAfter, once, tls } = entry.fields
  if (entry.kind === "secrets" && !isAbsent(rotateAfter) && !isTrue(once) && isAbsent(tls))
    found.push(lack(entry, ["once"]))
  const from = copyField(entry.kind)
  if (from && !isAbsent(entry.fields["fromNamespace"]) && isAbsent(entry.fields[from])) found.push(lack(entry, [from]))
  if (entry.kind === "persistentVolumes" && !isAbsent(entry.fields["csiDriver"])) {
    if (isAbsent(entry.fields["csiVolumeHandle"])) found.push(lack(entry, ["csiVolumeHandle"]))
  }
  return found
}

function lack(entry: EntrySpec, keys: readonly string[]): Mistake {
  const message = `${keys.map((key) => `"${key}"`).join(" or ")} is missing`
  return { severity: "error", code: "ORK0108", message, help: `add "${keys[0]}:"`, at: entry.at, part: "value" }
}

function withoutEffect(entry: EntrySpec, context: ShortFormContext): readonly Mistake[] {
  const note = (key: string, why: string): Mistake => ({
    severity: "note",
    code: "ORK0122",
    message: `"${key}" has no effect: ${why}`,
    help: "remove it",
    at: childPath(entry.at, key),
    part: "key",
  })
  const found: Mistake[] = []
  if (entry.kind === "replicaSets" && !isAbsent(entry.fields["rollingUpdate"])) {
    found.push(note("rollingUpdate", "Kubernetes has no place for it on a ReplicaSet"))
  }
  const isScaled = context.isScaled(entry)
  if (!isAbsent(entry.fields["replicas"]) && (isScaled || !isAbsent(entry.fields["autoscale"]))) {
    found.push(note("replicas", isScaled ? "an hpa of this operator sets the number" : "autoscale sets the number"))
  }
  return found
}

function scaledTwice(entry: EntrySpec, context: ShortFormContext): readonly Mistake[] {
  if (isAbsent(entry.fields["autoscale"]) || !context.isScaled(entry)) return []
  const message = '"autoscale" and an hpa would both set the replicas of this workload'
  const at = childPath(entry.at, "autoscale")
  return [{ severity: "error", code: "ORK0422", message, help: "keep one of them", at, part: "key" }]
}

// Whoever may write the CR would read with the rights of the operator.
function openSource(entry: EntrySpec): readonly Mistake[] {
  const from = copyField(entry.kind)
  if (from === undefined || isAbsent(entry.fields[from]) || isAbsent(entry.fields["fromNamespace"])) return []
  const open = [from, "fromNamespace"].filter((key) => /\.(spec|status)\b/.test(String(entry.fields[key])))
  return open.slice(0, 1).map((key) => ({
    severity: "warning",
    code: "ORK0424",
    message: `whoever writes the custom resource chooses what is copied from another namespace, by "${key}"`,
    help: "write it as plain text, or take it from metadata",
    at: childPath(entry.at, key),
    part: "value",
  }))
}

/** What can be said against the profiles of a Katalog. */
export function checkProfiles(own: readonly ProfileSpec[]): readonly Mistake[] {
  const seen = new Set<string>()
  return own.flatMap((profile): readonly Mistake[] => {
    const id = `${profile.class} ${profile.name}`
    const twice = seen.has(id)
    seen.add(id)
    const what = `the profile "${profile.name}" of class ${profile.class}`
    const place = { at: profile.at, part: "key" as const }
    if (twice) {
      const message = `${what} stands twice`
      return [{ severity: "error", code: "ORK0206", message, help: "rename or remove one", ...place }]
    }
    if (!isBuiltinProfile(profile.class, profile.name)) return []
    const message = `${what} hides the built-in one of the same name`
    return [{ severity: "warning", code: "ORK0423", message, help: "choose another name", ...place }]
  })
}
