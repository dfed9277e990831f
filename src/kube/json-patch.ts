import { err, ok, type Result } from "../base/mod.ts"
import { semanticEqual } from "./equality.ts"
import { isRecord } from "./object.ts"

/** Operations beyond this are refused, as an API server does. */
export const patchOperationsMax = 10_000

/** Steps of one pointer beyond this are refused. */
const pointerStepsMax = 1_000

/** Why a JSON patch did not work: it is no JSON patch, or it does not fit the document. */
export interface JsonPatchError {
  readonly kind: "malformed" | "failed"
  readonly message: string
}

interface Operation {
  readonly op: string
  readonly path: readonly string[]
  readonly from: readonly string[]
  readonly value: unknown
}

type Outcome = Result<unknown, string>

/** `target` after a JSON patch (RFC 6902): all of its operations, or none and the reason. */
export function jsonPatch(target: unknown, patch: unknown): Result<unknown, JsonPatchError> {
  if (!Array.isArray(patch)) return malformed("a JSON patch is a list of operations")
  if (patch.length > patchOperationsMax) {
    return malformed(`The allowed maximum operations in a JSON patch is ${patchOperationsMax}, got ${patch.length}`)
  }
  let document = target
  for (const [index, entry] of patch.entries()) {
    const operation = parseOperation(entry)
    if (!operation.ok) return malformed(`operation ${index}: ${operation.error}`)
    const next = run(document, operation.value)
    if (!next.ok) return err({ kind: "failed", message: `operation ${index}: ${next.error}` })
    document = next.value
  }
  return ok(document)
}

function malformed(message: string): Result<never, JsonPatchError> {
  return err({ kind: "malformed", message })
}

const needsFrom = new Set(["copy", "move"])
const needsValue = new Set(["add", "replace", "test"])

function parseOperation(entry: unknown): Result<Operation, string> {
  if (!isRecord(entry)) return err("is no object")
  const { op, path, from } = entry
  if (typeof op !== "string" || !(needsFrom.has(op) || needsValue.has(op) || op === "remove")) {
    return err(`unknown op ${JSON.stringify(op)}`)
  }
  const to = parsePointer(path)
  if (to === undefined) return err(`${JSON.stringify(path)} is no JSON pointer`)
  const source = needsFrom.has(op) ? parsePointer(from) : []
  if (source === undefined) return err(`${op} needs "from", a JSON pointer`)
  if (needsValue.has(op) && !Object.hasOwn(entry, "value")) return err(`${op} needs "value"`)
  return ok({ op, path: to, from: source, value: entry["value"] })
}

function parsePointer(text: unknown): readonly string[] | undefined {
  if (text === "") return []
  if (typeof text !== "string" || !text.startsWith("/")) return undefined
  const steps = text.slice(1).split("/")
  if (steps.length > pointerStepsMax) return undefined
  return steps.map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))
}

function run(document: unknown, { op, path, from, value }: Operation): Outcome {
  switch (op) {
    case "add":
      return edit(document, path, { name: "add", value })
    case "remove":
      return edit(document, path, { name: "remove" })
    case "replace":
      return edit(document, path, { name: "replace", value })
    case "test": {
      const found = read(document, path)
      // A member that is absent is as good as null.
      const actual = found.ok ? found.value : null
      return semanticEqual(actual, value) ? ok(document) : err(`test of ${pointer(path)} failed`)
    }
    case "copy": {
      // A member that is absent is copied as null.
      const isAbsent = isRecord(resultOf(read(document, from.slice(0, -1))))
      const found = isAbsent ? ok(resultOf(read(document, from)) ?? null) : read(document, from)
      return found.ok ? edit(document, path, { name: "add", value: found.value }) : found
    }
    default: {
      const found = read(document, from)
      if (!found.ok) return found
      const isInside = path.length > from.length && from.every((step, i) => step === path[i])
      if (isInside) return err(`${pointer(from)} cannot move into itself`)
      const without = edit(document, from, { name: "remove" })
      return without.ok ? edit(without.value, path, { name: "add", value: found.value }) : without
    }
  }
}

function resultOf(outcome: Outcome): unknown {
  return outcome.ok ? outcome.value : undefined
}

function read(document: unknown, path: readonly string[]): Outcome {
  let at = document
  for (const step of path) {
    const place = Array.isArray(at) ? indexOf(step, at.length - 1) : undefined
    if (Array.isArray(at) && place !== undefined) at = at[place]
    else if (isRecord(at) && Object.hasOwn(at, step)) at = at[step]
    else return err(`${pointer(path)} does not exist`)
  }
  return ok(at)
}

type Edit = { readonly name: "add" | "replace"; readonly value: unknown } | { readonly name: "remove" }

function edit(document: unknown, path: readonly string[], change: Edit): Outcome {
  const [step, ...rest] = path
  // The server's own library can only replace a whole document.
  if (step === undefined) return change.name === "replace" ? ok(change.value) : err("a document has no container")
  if (Array.isArray(document)) return editList(document, path, change)
  if (!isRecord(document)) return err(`${pointer(path)}: its parent is no map and no list`)
  const exists = Object.hasOwn(document, step)
  // The server's own library lets a replace add a member.
  if (!exists && (rest.length > 0 || change.name === "remove")) return err(`${pointer(path)} does not exist`)
  // A Map and fromEntries, so that a key "__proto__" stays a key.
  const members = new Map(Object.entries(document))
  if (rest.length > 0) {
    const child = edit(members.get(step), rest, change)
    if (!child.ok) return child
    members.set(step, child.value)
  } else if (change.name === "remove") members.delete(step)
  else members.set(step, change.value)
  return ok(Object.fromEntries(members))
}

function editList(list: readonly unknown[], path: readonly string[], change: Edit): Outcome {
  const [step = "", ...rest] = path
  const isInsert = rest.length === 0 && change.name === "add"
  const place = isInsert && step === "-" ? list.length : indexOf(step, isInsert ? list.length : list.length - 1)
  if (place === undefined) return err(`${pointer(path)} is outside of its list`)
  if (rest.length > 0) {
    const child = edit(list[place], rest, change)
    return child.ok ? ok(list.with(place, child.value)) : child
  }
  if (change.name === "remove") return ok(list.toSpliced(place, 1))
  return ok(list.toSpliced(place, isInsert ? 0 : 1, change.value))
}

function indexOf(step: string, last: number): number | undefined {
  const index = /^(0|[1-9]\d*)$/.test(step) ? Number(step) : -1
  return index >= 0 && index <= last ? index : undefined
}

function pointer(path: readonly string[]): string {
  return JSON.stringify(path.map((step) => `/${step.replaceAll("~", "~0").replaceAll("/", "~1")}`).join(""))
}
