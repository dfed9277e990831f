import { err, ok, type Result } from "../../base/mod.ts"
import { isRecord } from "../object.ts"
import { depthMax } from "../schema/schema.ts"

/**
 * A set of paths into an object, as a tree by step. Steps are spelled as in `fieldsV1`: `f:name` is a member of a map,
 * `k:{"name":"web"}` the item of a list with those keys, `v:"a"` a value of a set, `i:0` a place in a list.
 */
export type FieldSet = ReadonlyMap<string, FieldNode>

/** One step of a set: whether the path that ends here belongs to it, and what belongs to it below. */
export interface FieldNode {
  readonly isMember: boolean
  readonly below: FieldSet
}

/** A path: its steps from the object's root. */
export type FieldPath = readonly string[]

interface Growing {
  isMember: boolean
  readonly below: Map<string, Growing>
}

/** The set without paths. */
export const noFields: FieldSet = new Map()

/** Collects paths into a set. */
export class FieldSetBuilder {
  readonly #root = new Map<string, Growing>()

  /** Adds one path; the empty path, the whole object, is nobody's and ignored. */
  add(path: FieldPath): void {
    let level = this.#root
    let node: Growing | undefined
    for (const step of path) {
      node = level.get(step)
      if (node === undefined) {
        node = { isMember: false, below: new Map() }
        level.set(step, node)
      }
      level = node.below
    }
    if (node !== undefined) node.isMember = true
  }

  /** What was added so far. */
  get set(): FieldSet {
    return this.#root
  }
}

/** The set of these paths. */
export function fieldSet(paths: readonly FieldPath[]): FieldSet {
  const builder = new FieldSetBuilder()
  for (const path of paths) builder.add(path)
  return builder.set
}

/** The path through members of maps only: `fieldPath("metadata", "labels")`. */
export function fieldPath(...names: readonly string[]): FieldPath {
  return names.map((name) => `f:${name}`)
}

/** True when no path belongs to the set. */
export function isEmptySet(set: FieldSet): boolean {
  for (const node of set.values()) if (node.isMember || !isEmptySet(node.below)) return false
  return true
}

/** What belongs to `a` or to `b`. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a.size === 0 || b.size === 0) return a.size === 0 ? b : a
  const result = new Map(a)
  for (const [step, node] of b) {
    const known = a.get(step)
    const both = known && { isMember: known.isMember || node.isMember, below: union(known.below, node.below) }
    result.set(step, both ?? node)
  }
  return result
}

/** What belongs to `a` and to `b`. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  if (a.size === 0 || b.size === 0) return noFields
  return combine(a, (step, node) => {
    const other = b.get(step)
    if (other === undefined) return undefined
    return { isMember: node.isMember && other.isMember, below: intersection(node.below, other.below) }
  })
}

/** What belongs to `a` and not to `b`, path by path: the parent of a removed path stays, and so does its child. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (a.size === 0 || b.size === 0) return a
  return combine(a, (step, node) => {
    const other = b.get(step)
    if (other === undefined) return node
    return { isMember: node.isMember && !other.isMember, below: difference(node.below, other.below) }
  })
}

/** `a` without the paths of `b` and everything below them. */
export function withoutSubtrees(a: FieldSet, b: FieldSet): FieldSet {
  if (a.size === 0 || b.size === 0) return a
  return combine(a, (step, node) => {
    const other = b.get(step)
    if (other === undefined) return node
    return other.isMember ? undefined : { isMember: node.isMember, below: withoutSubtrees(node.below, other.below) }
  })
}

/** The paths of the set that no other path of it continues. */
export function leaves(set: FieldSet): FieldSet {
  return combine(set, (_, node) => ({ isMember: node.isMember && node.below.size === 0, below: leaves(node.below) }))
}

/** Every path of the set, in the order of a server's conflicts: the members of a level before what is below them. */
export function pathsOf(set: FieldSet): readonly FieldPath[] {
  const steps = [...set.keys()].sort(compareSteps)
  const here = steps.filter((step) => set.get(step)?.isMember).map((step) => [step])
  const below = steps.flatMap((step) => pathsOf(set.get(step)?.below ?? noFields).map((path) => [step, ...path]))
  return [...here, ...below]
}

/** The set as `fieldsV1`, its keys in canonical order. */
export function toFieldsV1(set: FieldSet): Readonly<Record<string, unknown>> {
  const known = written.get(set)
  if (known !== undefined) return known
  const fields = write(set)
  written.set(set, fields)
  return fields
}

/** What sets look like that were written before: most owners of an object are the same after its next change. */
const written = new WeakMap<FieldSet, Readonly<Record<string, unknown>>>()

function write(set: FieldSet): Readonly<Record<string, unknown>> {
  const entries: [string, unknown][] = []
  for (const step of set.size > 1 ? [...set.keys()].sort(compareSteps) : set.keys()) {
    const node = set.get(step)
    if (node === undefined || (!node.isMember && isEmptySet(node.below))) continue
    const below = node.below.size === 0 ? {} : write(node.below)
    entries.push([
      step,
      node.isMember && node.below.size > 0 && Object.keys(below).length > 0 ? { ".": {}, ...below } : below,
    ])
  }
  return Object.fromEntries(entries)
}

/** Reads a `fieldsV1`. Steps of unknown kinds are dropped; a step that makes no sense is an error. */
export function fromFieldsV1(fields: unknown, depth = 0): Result<FieldSet, string> {
  if (!isRecord(fields)) return err("fieldsV1 must be an object")
  if (depth > depthMax) return err(`fieldsV1 is nested deeper than ${depthMax} levels`)
  const result = new Map<string, FieldNode>()
  for (const [key, value] of Object.entries(fields)) {
    if (key === ".") continue
    const step = canonicalStep(key)
    if (!step.ok) return step
    if (step.value === undefined) continue
    const below = fromFieldsV1(value, depth + 1)
    if (!below.ok) return below
    const isMember = below.value.size === 0 || (isRecord(value) && Object.hasOwn(value, "."))
    result.set(step.value, { isMember, below: below.value })
  }
  return ok(result)
}

/** The step to the item of a list with these keys. */
export function keyStep(keys: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(keys).sort()
  return `k:{${names.map((name) => `${JSON.stringify(name)}:${encodeJson(keys[name])}`).join(",")}}`
}

/** The step to a value of a set. */
export function valueStep(value: unknown): string {
  return `v:${encodeJson(value)}`
}

/** A path as a server prints it: `.spec.containers[name="web"].image`. */
export function formatFieldPath(path: FieldPath): string {
  return path.map(formatStep).join("")
}

/** One step as a server prints it. */
export function formatStep(step: string): string {
  const rest = step.slice(2)
  switch (step[0]) {
    case "f":
      return `.${rest}`
    case "k":
      return `[${Object.entries(keysOf(step))
        .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
        .join(",")}]`
    case "v":
      return `[=${JSON.stringify(JSON.parse(rest))}]`
    default:
      return `[${rest}]`
  }
}

/** The keys that a `k:` step names; none for other steps. */
export function keysOf(step: string): Readonly<Record<string, unknown>> {
  const keys: unknown = step.startsWith("k:") ? JSON.parse(step.slice(2)) : {}
  return isRecord(keys) ? keys : {}
}

function combine(set: FieldSet, change: (step: string, node: FieldNode) => FieldNode | undefined): FieldSet {
  const result = new Map<string, FieldNode>()
  for (const [step, node] of set) {
    const changed = change(step, node)
    if (changed !== undefined && (changed.isMember || changed.below.size > 0)) result.set(step, changed)
  }
  return result
}

function canonicalStep(key: string): Result<string | undefined, string> {
  if (key.length < 2 || key[1] !== ":") return err(`fieldsV1 has the key ${JSON.stringify(key)}, which is no path step`)
  if (key[0] === "f") return ok(key)
  if (key[0] === "i") return /^i:[+-]?\d+$/.test(key) ? ok(`i:${Number(key.slice(2))}`) : err(`${key} is no index`)
  if (key[0] !== "k" && key[0] !== "v") return ok(undefined)
  try {
    const value: unknown = JSON.parse(key.slice(2))
    if (key[0] === "v") return ok(valueStep(value))
    return isRecord(value) ? ok(keyStep(value)) : err(`${key} must name keys`)
  } catch {
    return err(`${key} is not JSON`)
  }
}

/** JSON as the server's encoder writes it: what HTML would read is escaped. */
export function encodeJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (found) => {
    return `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`
  })
}

const ranks: Readonly<Record<string, number>> = { f: 0, k: 1, v: 2, i: 3 }

function compareSteps(a: string, b: string): number {
  const kind = a[0] ?? ""
  if (kind !== b[0]) return (ranks[kind] ?? 4) - (ranks[b[0] ?? ""] ?? 4)
  if (kind === "f") return a === b ? 0 : a < b ? -1 : 1
  if (kind === "v" || kind === "i") return compareScalars(JSON.parse(a.slice(2)), JSON.parse(b.slice(2)))
  return kind === "k" ? compareKeys(Object.entries(keysOf(a)), Object.entries(keysOf(b))) : compareScalars(a, b)
}

function compareKeys(a: readonly (readonly [string, unknown])[], b: readonly (readonly [string, unknown])[]): number {
  for (const [index, [name, value]] of a.entries()) {
    const [otherName, otherValue] = b[index] ?? []
    if (otherName === undefined) return 1
    const order = compareScalars(name, otherName) || compareScalars(value, otherValue)
    if (order !== 0) return order
  }
  return a.length - b.length
}

// Numbers come before texts, texts before booleans.
const types = ["number", "string", "boolean", "object"]

function compareScalars(a: unknown, b: unknown): number {
  if (typeof a !== typeof b) return types.indexOf(typeof a) - types.indexOf(typeof b)
  if (typeof a === "number" && typeof b === "number") return a - b
  const [left, right] = [String(a), String(b)]
  return left === right ? 0 : left < right ? -1 : 1
}
