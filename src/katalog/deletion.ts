import { parseDuration } from "../base/mod.ts"
import { formatPath, isRecord } from "../kube/mod.ts"
import { conditions, readConditions } from "./conditions.ts"
import { defaults } from "./defaults.ts"
import { entryShapes, namedShapes } from "./entries.ts"
import type { Fault } from "./fault.ts"
import { goneKinds } from "./platform-kinds.ts"
import { duration, flag, list, oneOf, place, readFlag, type Shape, text } from "./shape.ts"
import type { BlockSpec, DeletionSpec } from "./spec.ts"

type Plain = Readonly<Record<string, unknown>>
type Steps = readonly (string | number)[]

// Jobs are made, so they are whole; everything else only names what goes.
const shapes = Object.entries({ ...namedShapes, jobs: entryShapes.jobs }).map(([kind, shape]) => [kind, list(shape)])
const lists: Readonly<Record<string, Shape>> = { ...Object.fromEntries(shapes), ...goneKinds }
const later = ["external"]
const laterHelp = { external: "make the call from a Job: those of onDelete run before the custom resource goes" }

const group = place("a group", { fields: { name: text, when: conditions, or: conditions, ...lists }, later, laterHelp })

/** `onDelete`: what happens before a custom resource goes. */
export const onDelete: Shape = place("onDelete", {
  fields: {
    include: text,
    when: conditions,
    or: conditions,
    ordered: flag,
    timeout: duration,
    onFailure: oneOf("block", "continue"),
    groups: list(group),
    ...lists,
  },
  later,
  laterHelp,
})

/** One line for each field, for editors. */
export const deletionTexts: Readonly<Record<string, string>> = {
  onDelete: "What happens before a custom resource goes: children that go first, Jobs that run to their end.",
  ordered: "True: one group after the other, each when all of the one before is gone and has run.",
  "onDelete.timeout": "How long the whole of it may take. Default 5m.",
  onFailure:
    "block: a Job that fails, or what is not gone in time, holds the deletion. continue: the deletion goes on without it.",
  groups: "The steps of an ordered deletion.",
  "a group.name": "The name of the step, for messages.",
}

/** How the blocks of entries are read. */
export type ReadBlock = (block: Plain, at: Steps, name: string) => BlockSpec

/** Reads an `onDelete` that passed its shape. */
export function readDeletion(block: Plain, at: Steps, read: ReadBlock): DeletionSpec {
  const groups = groupsOf(block).map((written, index) => {
    const name = written["name"] ?? undefined
    const steps = [...at, "groups", index]
    return { name: String(name ?? index + 1), ...read(written, steps, `onDelete.groups[${index}]`) }
  })
  const { entries } = read(block, at, "onDelete")
  const all = groups.length > 0 ? groups : entries.length > 0 ? [{ name: "", when: [], or: [], entries }] : []
  return {
    when: readConditions(block["when"], [...at, "when"]),
    or: readConditions(block["or"], [...at, "or"]),
    entries: all.flatMap((one) => one.entries),
    ordered: readFlag(block["ordered"]) === true,
    timeout: parseDuration(String(block["timeout"] ?? "")) ?? defaults.deletionTimeout,
    onFailure: block["onFailure"] === "continue" ? "continue" : "block",
    groups: all,
  }
}

function groupsOf(block: Plain): readonly Plain[] {
  const groups = block["groups"]
  return Array.isArray(groups) ? groups.map((written: unknown) => (isRecord(written) ? written : {})) : []
}

/** The parts of an operatorBox that hold lists of entries, by their place. */
export function blocksOf(box: Plain): readonly { readonly place: string; readonly block: Plain }[] {
  return Object.entries(box).flatMap(([place, block]) => {
    if (!isRecord(block)) return []
    const groups = place === "onDelete" ? groupsOf(block) : []
    return [{ place, block }, ...groups.map((one, index) => ({ place: `${place}.groups[${index}]`, block: one }))]
  })
}

/** What an `onDelete` says that cannot be meant, with its place in the operatorBox. */
export function deletionFaults(box: Plain): readonly { readonly fault: Fault; readonly place: string }[] {
  const block = box["onDelete"]
  if (!isRecord(block)) return []
  const groups = groupsOf(block)
  const fault = (message: string, help: string, code = "ORK0230"): Fault => ({ code, message, help })
  if (readFlag(block["ordered"]) !== true) {
    if (groups.length === 0) return []
    const help = 'add "ordered: true"'
    return [{ fault: fault('"groups" have an order only with "ordered: true"', help), place: "onDelete.groups" }]
  }
  if (groups.length === 0) {
    const help = 'write "groups:", one item for each step, or remove "ordered"'
    return [{ fault: fault('"ordered" needs groups, which say what comes first', help), place: "onDelete.ordered" }]
  }
  const beside = Object.keys(lists).filter((kind) => (block[kind] ?? null) !== null)
  const taken = new Set<string>()
  return [
    ...beside.map((kind) => ({
      fault: fault(`"${kind}" stands beside the groups, so it has no place in the order`, "move it into a group"),
      place: formatPath(["onDelete", kind]),
    })),
    ...groups.flatMap(({ name: written }, index) => {
      const name = String(written ?? "")
      if (name === "" || !taken.has(name)) {
        taken.add(name)
        return []
      }
      const help = "choose another name"
      return [
        { fault: fault(`two groups are called "${name}"`, help, "ORK0206"), place: `onDelete.groups[${index}].name` },
      ]
    }),
  ]
}
