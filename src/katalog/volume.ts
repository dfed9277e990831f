import { type Diagnostic, Lru } from "../base/mod.ts"
import { formatPath, isRecord, regexCost, regexesKept } from "../kube/mod.ts"
import { diagnose } from "./fault.ts"
import { recordOf } from "./read.ts"
import { isTemplate } from "./shape.ts"
import { markOf } from "./spans.ts"
import type { Spans } from "./spec.ts"

/** What one Katalog may hold; an honest one stays far below. */
export const volume = {
  /** CRD entries: each is an operator with loops of its own. */
  crds: 2_000,
  /** Pieces of regular expressions, counted repetitions written out. */
  regexPieces: 100_000,
} as const

/** More than a Katalog or Motif may hold. Asked before anything is compiled, so that no file takes long to refuse. */
export function beyondVolume(data: unknown, spans: Spans): readonly Diagnostic[] {
  return [...tooManyCrds(data, spans), ...tooManyRegexes(data, spans)]
}

function tooManyCrds(data: unknown, spans: Spans): readonly Diagnostic[] {
  const names = Object.keys(recordOf(recordOf(recordOf(data)["spec"])["crds"]))
  const first = names[volume.crds]
  if (first === undefined) return []
  const path = formatPath(["spec", "crds", first])
  const message = `expected at most ${volume.crds} CRD entries, found ${names.length}`
  const fault = { code: "ORK0115", message, help: "move entries from here on to a Katalog of their own" }
  return [diagnose(fault, { span: markOf(spans, path, "key"), path })]
}

interface Place {
  readonly value: unknown
  readonly step: string | number
  readonly parent: Place | undefined
}

function tooManyRegexes(data: unknown, spans: Spans): readonly Diagnostic[] {
  // What the cache of compiled expressions still holds costs nothing.
  const known = new Lru<string, true>(regexesKept)
  const todo: Place[] = [{ value: data, step: "", parent: undefined }]
  let pieces = 0
  for (let place = todo.pop(); place !== undefined; place = todo.pop()) {
    const { value } = place
    if (typeof value !== "object" || value === null) continue
    const key = isRecord(value) ? regexKey(value) : undefined
    const regex = key === undefined ? undefined : recordOf(value)[key]
    if (key !== undefined && typeof regex === "string" && !isTemplate(regex)) {
      if (!known.get(regex)) pieces += regexCost(regex)
      known.set(regex, true)
      if (pieces > volume.regexPieces) return [regexFault(formatPath([...stepsTo(place), key]), spans)]
    }
    const children = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
    // From behind: the stack gives them back in the order of the file.
    for (const [step, child] of children.reverse()) todo.push({ value: child, step, parent: place })
  }
  return []
}

function regexKey(record: Readonly<Record<string, unknown>>): string | undefined {
  if (record["operator"] === "regex") return "value"
  return Object.hasOwn(record, "regex") ? "regex" : undefined
}

function stepsTo(place: Place): readonly (string | number)[] {
  const steps: (string | number)[] = []
  for (let at = place; at.parent !== undefined; at = at.parent) steps.push(at.step)
  return steps.reverse()
}

function regexFault(path: string, spans: Spans): Diagnostic {
  const message = `the regular expressions have more than ${volume.regexPieces} pieces up to here, counted repetitions written out`
  const help = "write shorter expressions with smaller repetitions, or use the operators in and contains"
  return diagnose({ code: "ORK0115", message, help }, { span: markOf(spans, path, "value"), path })
}
