import type { Diagnostic } from "../base/mod.ts"
import { formatPath, getPath, isRecord, parsePath } from "../kube/mod.ts"
import { diagnose, type Place } from "./fault.ts"
import { type Move, rewrites, type ValueRewrite } from "./legacy.ts"

type Step = string | number
type Steps = readonly Step[]
type Mutable = Record<string, unknown>

/** One difference from the canonical form, in places as written: what `ork fmt` does to the text. */
export type Edit =
  | { readonly kind: "move"; readonly from: Steps; readonly to: Steps }
  | { readonly kind: "value"; readonly at: Steps; readonly value: unknown }
  | { readonly kind: "remove"; readonly at: Steps }

/** A document in canonical form, and how it differs from what was written. */
export interface Canonical {
  readonly data: unknown
  /** Canonical path to written path, where they differ. */
  readonly moved: ReadonlyMap<string, string>
  /** Canonical path of a key to the written path of the value that it was. */
  readonly keys: ReadonlyMap<string, string>
  readonly edits: readonly Edit[]
  /** A note for each difference, an error for each setting at two places. */
  readonly diagnostics: readonly Diagnostic[]
}

type Locate = (written: string) => Place

/** Rewrites published spellings into the canonical form. `locate` answers for paths as written. */
export function canonical(data: unknown, locate: Locate): Canonical {
  const rewriter = new Rewriter(structuredClone(data), locate)
  for (const row of rewrites) rewriter.apply(row)
  rewriter.markBareObjects()
  return rewriter
}

/** The author's path for a canonical one. */
export function writtenPath(steps: Steps, moved: ReadonlyMap<string, string>): string {
  const ways = [""]
  for (const step of steps) ways.push(joinedPath(ways.at(-1) ?? "", formatPath([step])))
  const whole = ways.at(-1) ?? ""
  for (let count = steps.length; count > 0; count--) {
    const way = ways[count] ?? ""
    const written = moved.get(way)
    if (written !== undefined) return written + whole.slice(way.length)
  }
  return whole
}

function joinedPath(way: string, rest: string): string {
  return way === "" || rest === "" || rest.startsWith("[") ? way + rest : `${way}.${rest}`
}

/** What a pattern matched: the way, and what stood for each wildcard. */
interface Match {
  readonly steps: Steps
  readonly wild: Steps
}

/** All places of `data` that fit an address: `*` any key, `on*` keys that begin so, `[]` each item of a list. */
export function matches(data: unknown, pattern: string): readonly Match[] {
  const parts = partsOf(pattern)
  const found: Match[] = []
  const walk = (value: unknown, { steps, wild }: Match): void => {
    const part = parts[steps.length]
    if (part === undefined) found.push({ steps, wild })
    else {
      for (const [step, next] of below(value, part)) {
        walk(next, { steps: [...steps, step], wild: isWild(part) ? [...wild, step] : wild })
      }
    }
  }
  walk(data, { steps: [], wild: [] })
  return found
}

// The patterns are those of our own table: there are few, and each is asked for again.
const knownParts = new Map<string, readonly string[]>()

function partsOf(pattern: string): readonly string[] {
  const known = knownParts.get(pattern)
  if (known !== undefined) return known
  const parts = pattern.replaceAll("[]", ".[]").split(".")
  knownParts.set(pattern, parts)
  return parts
}

function isWild(part: string): boolean {
  return part === "[]" || part.endsWith("*")
}

function below(value: unknown, part: string): readonly (readonly [Step, unknown])[] {
  if (part === "[]") return Array.isArray(value) ? [...value.entries()] : []
  if (!isRecord(value)) return []
  if (!part.endsWith("*")) return Object.hasOwn(value, part) ? [[part, value[part]]] : []
  return Object.entries(value).filter(([key]) => key.startsWith(part.slice(0, -1)))
}

/** Groups of the layouts: one inside of another was never published, and would be taken apart half. */
const groupNames: ReadonlySet<unknown> = new Set([
  "reconcile",
  "reconciler",
  "runtime",
  "emit",
  "observe",
  "preReconcile",
  "admission",
  "operatorBox",
])

/** Works on a copy of its own; collects what it did. */
class Rewriter implements Canonical {
  readonly data: unknown
  readonly moved = new Map<string, string>()
  readonly keys = new Map<string, string>()
  readonly edits: Edit[] = []
  readonly diagnostics: Diagnostic[] = []
  readonly #locate: Locate

  /** Every key of the document: most rows are about keys that it does not have. */
  readonly #names = new Set<string>()

  constructor(data: unknown, locate: Locate) {
    this.data = data
    this.#locate = locate
    addNames(data, this.#names)
  }

  #mayMatch(pattern: string): boolean {
    return partsOf(pattern).every((part) => isWild(part) || this.#names.has(part))
  }

  apply(row: Move | ValueRewrite): void {
    if (!this.#mayMatch("at" in row ? row.at : row.from.replace(/\.\*$/, ""))) return
    if ("at" in row) for (const { steps } of matches(this.data, row.at)) this.#value(steps, row)
    else {
      for (const { steps, wild } of matches(this.data, row.from)) {
        if (!row.from.endsWith(".*") || !groupNames.has(steps.at(-1))) this.#move(steps, filled(row.to, wild))
      }
      if (row.from.endsWith(".*")) for (const { steps } of matches(this.data, row.from.slice(0, -2))) this.#empty(steps)
    }
  }

  /** The object of a bare manifest is the entry itself. */
  markBareObjects(): void {
    for (const { steps } of matches(this.data, "spec.crds.*.operatorBox.on*.manifests[]")) {
      const item = getPath(this.data, steps)
      if (isRecord(item) && !Object.hasOwn(item, "object"))
        this.moved.set(formatPath([...steps, "object"]), this.#written(steps))
    }
  }

  #move(from: Steps, to: Steps): void {
    const [parent, key] = this.#parent(from)
    if (parent === undefined) return
    const [target, name] = this.#parent(to)
    if (target !== undefined && Object.hasOwn(target, name)) this.#both(to, from)
    else {
      this.#say({ code: "ORK0120", message: `"${short(from)}" is read as "${short(to)}"` }, from)
      this.edits.push({ kind: "move", from: this.#steps(from), to })
      this.moved.set(formatPath(to), this.#written(from))
      for (const step of to) this.#names.add(String(step))
      if (target === parent) rename(parent, key, name)
      else write(this.data, to, parent[key])
    }
    delete parent[key]
    this.#prune(from.slice(0, -1), to)
  }

  #value(at: Steps, row: ValueRewrite): void {
    const [parent, key] = this.#parent(at)
    const found = parent && row.read(parent[key])
    if (parent === undefined || found === undefined) return
    const written = this.#written(at)
    const place = (steps: Steps) => [...at, ...steps]
    for (const { at: where, fault } of found.faults ?? []) {
      this.diagnostics.push(diagnose(fault, this.#locate(this.#written(place(where)))))
    }
    this.#say({ code: "ORK0120", message: `this form of "${short(at)}" ${row.says}` }, at)
    this.edits.push({ kind: "value", at: this.#steps(at), value: found.value })
    parent[key] = found.value
    addNames(found.value, this.#names)
    const below = (steps: Steps) => joinedPath(written, formatPath(steps))
    for (const [to, from] of found.moved ?? []) this.moved.set(formatPath(place(to)), below(from))
    for (const [to, from] of found.keys ?? []) this.keys.set(formatPath(place(to)), below(from))
  }

  /** A group of an older layout with nothing in it. */
  #empty(at: Steps): void {
    const [parent, key] = this.#parent(at)
    const value = parent?.[key]
    if (parent === undefined || !(value === null || isEmpty(value))) return
    this.#say({ code: "ORK0120", message: `"${short(at)}" is empty and means nothing` }, at)
    this.edits.push({ kind: "remove", at: this.#steps(at) })
    delete parent[key]
  }

  /** Takes away the maps that a move has left empty, below the map that both addresses share. */
  #prune(way: Steps, to: Steps): void {
    for (let steps = way; !steps.every((step, index) => step === to[index]); steps = steps.slice(0, -1)) {
      const [parent, key] = this.#parent(steps)
      if (parent === undefined || !isEmpty(parent[key])) return
      delete parent[key]
    }
  }

  #parent(steps: Steps): readonly [Mutable | undefined, string] {
    const parent = getPath(this.data, steps.slice(0, -1))
    if (!isRecord(parent)) return [undefined, ""]
    // The copy is the rewriter's own: nobody else sees it before it is done.
    return [parent as Mutable, String(steps.at(-1))]
  }

  #both(to: Steps, from: Steps): void {
    const message = `"${short(from)}" and "${short(to)}" mean the same and are both set`
    const fault = { code: "ORK0121", message, help: `keep "${short(to)}"` }
    this.diagnostics.push(diagnose(fault, this.#locate(this.#written(from))))
  }

  #say(fault: { readonly code: string; readonly message: string }, at: Steps): void {
    this.diagnostics.push(diagnose(fault, this.#locate(this.#written(at)), "note"))
  }

  /** The path at which the author wrote what now stands at `steps`. */
  #written(steps: Steps): string {
    return writtenPath(steps, this.moved)
  }

  #steps(steps: Steps): Steps {
    return parsePath(this.#written(steps))
  }
}

function addNames(value: unknown, names: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) addNames(item, names)
  else if (isRecord(value)) {
    for (const [key, child] of Object.entries(value)) {
      names.add(key)
      if (typeof child === "object") addNames(child, names)
    }
  }
}

function filled(pattern: string, wild: Steps): Steps {
  const rest = [...wild]
  return partsOf(pattern).map((part) => (isWild(part) ? (rest.shift() ?? part) : part))
}

/** The part of a path inside its CRD entry. */
function short(steps: Steps): string {
  return formatPath(steps[0] === "spec" && steps[1] === "crds" && steps.length > 3 ? steps.slice(3) : steps)
}

function isEmpty(value: unknown): boolean {
  return isRecord(value) && Object.keys(value).length === 0
}

function write(root: unknown, steps: Steps, leaf: unknown): void {
  let at = root
  for (const [index, step] of steps.entries()) {
    // The copy is the rewriter's own, see Rewriter.
    const record = at as Mutable
    if (index === steps.length - 1) record[step] = leaf
    else if (!isRecord(record[step]) && !Array.isArray(record[step])) record[step] = {}
    at = record[step]
  }
}

/** Gives a key another name at its place. */
function rename(record: Mutable, from: string, to: string): void {
  for (const [key, value] of Object.entries(record)) {
    delete record[key]
    record[key === from ? to : key] = value
  }
}
