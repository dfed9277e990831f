import { getPath, isRecord } from "../kube/mod.ts"
import type { Fault } from "./fault.ts"
import { byForm, flag, oneOf, place, readFlag, type Shape, scalars, wrong } from "./shape.ts"
import type { GuardsSpec } from "./spec.ts"

type Plain = Readonly<Record<string, unknown>>

const policy = { enabled: flag, failurePolicy: oneOf("Fail", "Ignore"), cleanupOnShutdown: flag }
const deletion = place("deletionProtection", { fields: { ...policy, strictMode: flag } })
const lists = ["allowedNamespaces", "restrictedNamespaces"] as const
const namespaces = place("namespaceProtection", {
  fields: { ...policy, restrictedNamespaces: scalars, allowedNamespaces: scalars },
})
const oneList = wrong({
  code: "ORK0106",
  message: `expected "allowedNamespaces" or "restrictedNamespaces" in namespaceProtection, found both`,
  help: "keep one of them",
})

/** `deletionProtection`: the API server is asked to refuse deletions. */
export const deletionProtection: Shape = byForm((value) => (isRecord(value) ? deletion : flag))

/** `namespaceProtection`: the API server is asked to refuse custom resources in other namespaces. */
export const namespaceProtection: Shape = byForm((value) => {
  if (!isRecord(value)) return flag
  return value["allowedNamespaces"] && value["restrictedNamespaces"] ? oneList : namespaces
})

/** One line for each field, for editors. */
export const guardTexts: Readonly<Record<string, string>> = {
  deletionProtection: "The API server refuses to delete custom resources that are not released by a label.",
  namespaceProtection: "The API server refuses new custom resources in namespaces that are not worked on.",
  rollBackOnError: "True: what cannot be applied as a whole is not applied, or undone. Default false.",
  strictMode: "True: no label releases a custom resource; only the Katalog does.",
  failurePolicy: "What happens when the API server cannot judge: Fail refuses, Ignore allows. Default Fail.",
  cleanupOnShutdown: "True: the protection ends when ork stops. Default false.",
}

// As a flag, or a map that is on unless it says otherwise.
function settingsOf(value: unknown): Plain | undefined {
  if (readFlag(value) === true) return {}
  return isRecord(value) && readFlag(value["enabled"]) !== false ? value : undefined
}

function hasLists(value: unknown): boolean {
  return isRecord(value) && lists.some((key) => (value[key] ?? null) !== null)
}

/**
 * An entry with what `security` says of entries that say nothing themselves, and with the namespaces of its protection
 * as those that it works in.
 */
export function withSecurity(entry: Plain, document: unknown): Plain {
  const box = isRecord(entry["operatorBox"]) ? entry["operatorBox"] : {}
  const all = getPath(document, ["security"])
  const security = isRecord(all) ? all : {}
  const protections = Object.fromEntries(
    ["deletionProtection", "namespaceProtection"].flatMap((key) => {
      const said = box[key] ?? security[key] ?? null
      return said === null ? [] : [[key, said]]
    }),
  )
  const guard = settingsOf(protections["namespaceProtection"])
  const named = guard && hasLists(guard) && !hasLists(entry) ? guard : {}
  return {
    ...entry,
    ...Object.fromEntries(lists.flatMap((key) => (named[key] === undefined ? [] : [[key, named[key]]]))),
    ...(Object.keys(protections).length > 0 && { operatorBox: { ...box, ...protections } }),
  }
}

/** Reads what the API server is asked to refuse, of an entry that went through `withSecurity`. */
export function readGuards(entry: Plain): GuardsSpec {
  const box = isRecord(entry["operatorBox"]) ? entry["operatorBox"] : {}
  const common = (settings: Plain) => ({
    failurePolicy: settings["failurePolicy"] === "Ignore" ? ("Ignore" as const) : ("Fail" as const),
    cleanupOnShutdown: readFlag(settings["cleanupOnShutdown"]) === true,
  })
  const deletions = settingsOf(box["deletionProtection"])
  const places = settingsOf(box["namespaceProtection"])
  return {
    deletion: deletions && { ...common(deletions), strict: readFlag(deletions["strictMode"]) === true },
    namespaces: places && hasLists(entry) ? common(places) : undefined,
  }
}

/** A protection that protects nothing, with its place in the operatorBox. */
export function guardFaults(entry: Plain): readonly { readonly fault: Fault; readonly place: string }[] {
  const said = getPath(entry, ["operatorBox", "namespaceProtection"])
  if (!settingsOf(said) || hasLists(said) || hasLists(entry)) return []
  const message = "namespaceProtection names no namespaces"
  const help = 'add "restrictedNamespaces: [kube-system]", or allowedNamespaces'
  return [{ fault: { code: "ORK0231", message, help }, place: "namespaceProtection" }]
}
