import { didYouMean } from "../base/mod.ts"
import { isTemplate, type ProfileClass, type ProfileSpec, profileFields } from "../katalog/mod.ts"
import { isRecord } from "../kube/mod.ts"
import { builtinProfiles } from "./builtin-profiles.ts"
import { memberOf } from "./entry.ts"
import { childPath, derived, isDerived, type Unusable, unusable } from "./value.ts"

type Fields = Readonly<Record<string, unknown>>

/** The profiles that a Katalog may name: its own first, then the built-in ones. */
export interface Profiles {
  /** What a profile stands for, to be compiled; undefined when there is none of this name. */
  find(className: ProfileClass, name: string): Fields | undefined
  names(className: ProfileClass): readonly string[]
}

/** The profiles of a Katalog. */
export function profilesOf(own: readonly ProfileSpec[]): Profiles {
  const namesOf = (className: ProfileClass) => [
    ...own.filter((profile) => profile.class === className).map((profile) => profile.name),
    ...Object.keys(builtinProfiles[className]),
  ]
  return {
    find(className, name) {
      const mine = own.find((profile) => profile.class === className && profile.name === name)
      if (mine) return placed(mine.fields, mine.at)
      return Object.hasOwn(builtinProfiles[className], name) ? builtinProfiles[className][name] : undefined
    },
    names: (className) => [...new Set(namesOf(className))],
  }
}

/** True when a built-in profile has this class and name. */
export function isBuiltinProfile(className: string, name: string): boolean {
  const [, byName] = Object.entries(builtinProfiles).find(([known]) => known === className) ?? []
  return byName !== undefined && Object.hasOwn(byName, name)
}

function placed(fields: Fields, at: string): Fields {
  return Object.fromEntries(Object.keys(fields).map((key) => [key, memberOf(fields, key, at)]))
}

/** A block that settings stand in: the class of the profile that may take their place. */
export interface SettingsPlace {
  readonly block: unknown
  readonly at: string
  readonly class: ProfileClass
}

/** Settings to be compiled: fields by name, or one derived value where a template chooses the profile. */
export type Settings = Fields | undefined

/** The settings of a block: its own fields, or what its profile stands for. */
export function settingsOf(place: SettingsPlace, profiles: Profiles): Settings {
  const { block, at, class: className } = place
  if (!isRecord(block)) return undefined
  const own = Object.fromEntries(profileFields[className].map((key) => [key, memberOf(block, key, at)]))
  const name = memberOf(block, "profile", at)
  if (name === undefined || explicitFields(place).length > 0) return own
  if (!isTemplate(name.value)) return profiles.find(className, String(name.value)) ?? {}
  const table = Object.fromEntries(profiles.names(className).map((known) => [known, profiles.find(className, known)]))
  const chosen = derived({ name, table }, (input) => choose(input, className, profiles))
  return chosen as unknown as Fields // a derived node stands where a map is expected; `setting` reads both
}

/** One of the settings, to be compiled. */
export function setting(settings: Settings, key: string): unknown {
  if (!isDerived(settings)) return settings?.[key]
  return derived({ settings }, (input) => {
    const chosen = isRecord(input) ? input["settings"] : undefined
    return isRecord(chosen) ? chosen[key] : undefined
  })
}

/** The fields of a block that its profile would stand for, as far as they are written. */
export function explicitFields({ block, class: className }: SettingsPlace): readonly string[] {
  return isRecord(block) ? profileFields[className].filter((key) => (block[key] ?? undefined) !== undefined) : []
}

function choose(input: unknown, className: ProfileClass, profiles: Profiles): unknown {
  const { name, table } = isRecord(input) ? input : {}
  if (name === undefined || name === "") return undefined
  const known = isRecord(table) && Object.hasOwn(table, String(name)) ? table[String(name)] : undefined
  return known ?? unknownProfile(className, String(name), profiles)
}

function unknownProfile(className: ProfileClass, name: string, profiles: Profiles): Unusable {
  return unusable(`there is no profile "${name}" of class ${className}; ${suggestion(className, name, profiles)}`)
}

/** What to write in place of a profile that does not exist. */
export function suggestion(className: ProfileClass, name: string, profiles: Profiles): string {
  const near = didYouMean(name, profiles.names(className))
  return near === undefined ? `there are ${profiles.names(className).join(", ")}` : `did you mean "${near}"?`
}

/** Every place of an entry where a profile may stand. */
export function settingsPlaces(kind: string, fields: Fields, at: string): readonly SettingsPlace[] {
  const whole = kind === "resourceQuotas" || kind === "limitRanges" || kind === "networkPolicies"
  if (whole) return [{ block: fields, at, class: kind }]
  const behavior = kind === "hpa" || kind === "pdb" ? [{ key: "behavior", class: kind } as const] : []
  const blocks = [
    { key: "resources", class: "resources" },
    { key: "securityContext", class: "containerSecurity" },
    { key: "podSecurity", class: "podSecurity" },
    { key: "rollingUpdate", class: "rollingUpdate" },
    ...behavior,
  ] as const
  const probes = isRecord(fields["probes"]) ? fields["probes"] : {}
  return [
    ...blocks.map(({ key, class: name }) => ({ block: fields[key], at: childPath(at, key), class: name })),
    ...Object.keys(probes).map((key) => ({
      block: probes[key],
      at: childPath(childPath(at, "probes"), key),
      class: "probes" as const,
    })),
  ].filter(({ block }) => isRecord(block))
}
