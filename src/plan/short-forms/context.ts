import type { EntrySpec, ProfileClass } from "../../katalog/mod.ts"
import type { Gvk } from "../../kube/mod.ts"
import { type Profiles, type Settings, settingsOf } from "../profiles.ts"
import { childPath, type Written } from "../value.ts"

/** What a short form needs to know about the operator around it. */
export interface ShortFormContext {
  /** The operator's only workload, where it has exactly one: what Services and their like mean without saying so. */
  readonly onlyWorkload: { readonly name: Written; readonly gvk: Gvk } | undefined
  /** True when something else sets the number of replicas of this workload. */
  readonly isScaled: (entry: EntrySpec) => boolean
  readonly profiles: Profiles
}

/** One entry with the operator around it. */
export interface Form {
  readonly entry: EntrySpec
  readonly name: Written
  readonly context: ShortFormContext
}

/** The settings of one block of an entry. */
export function blockSettings({ entry, context }: Form, key: string, className: ProfileClass): Settings {
  const place = { block: entry.fields[key], at: childPath(entry.at, key), class: className }
  return settingsOf(place, context.profiles)
}

/** The settings that stand in the entry itself. */
export function entrySettings({ entry, context }: Form, className: ProfileClass): Settings {
  return settingsOf({ block: entry.fields, at: entry.at, class: className }, context.profiles)
}
