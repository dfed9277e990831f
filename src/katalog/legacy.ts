import type { Diagnostic } from "../base/mod.ts"
import { formatPath, isRecord } from "../kube/mod.ts"
import { diagnose, type Place } from "./fault.ts"

type Steps = readonly (string | number)[]
type Plain = Readonly<Record<string, unknown>>

/** One published address and the canonical one, both inside a CRD entry. `*` stands for each key below. */
export interface Move {
  readonly from: string
  readonly to: string
}

/** Every address of an older or newer published layout that this version reads. Earlier rows win. */
export const moves: readonly Move[] = [
  ...["reconcile", "reconciler"].flatMap((group) => [
    ...["workers", "resync", "queue", "imports", "normalize", "forceConflict", "hooks"].map((key) => ({
      from: `operatorBox.${group}.${key}`,
      to: key,
    })),
    { from: `operatorBox.${group}.*`, to: "operatorBox.*" },
  ]),
  { from: "operatorBox.runtime.restrictedNamespaces", to: "restrictedNamespaces" },
  { from: "operatorBox.runtime.allowedNamespaces", to: "allowedNamespaces" },
  { from: "operatorBox.runtime.*", to: "operatorBox.*" },
  { from: "operatorBox.observe.watch", to: "operatorBox.watch" },
  { from: "operatorBox.observe.cross", to: "operatorBox.cross" },
  { from: "operatorBox.emit.*", to: "operatorBox.*" },
  { from: "operatorBox.preReconcile", to: "operatorBox.gates" },
  { from: "operatorBox.workers", to: "workers" },
  { from: "operatorBox.resync", to: "resync" },
  { from: "operatorBox.queue", to: "queue" },
  { from: "operatorBox.imports", to: "imports" },
  { from: "operatorBox.hooks", to: "hooks" },
  { from: "admission.*", to: "*" },
]

/** Lists that were published under a second name, inside a block. */
export const listAliases: Readonly<Record<string, string>> = {
  configmaps: "configMaps",
  serviceaccounts: "serviceAccounts",
  statefulsets: "statefulSets",
  replicasets: "replicaSets",
  pvcs: "persistentVolumeClaims",
  pdbs: "pdb",
  hpas: "hpa",
}

/** A document in canonical form, what was moved (canonical path to written path), and a note for each move. */
export interface Canonical {
  readonly data: unknown
  readonly moved: ReadonlyMap<string, string>
  readonly diagnostics: readonly Diagnostic[]
}

type Locate = (written: string) => Place

/** Rewrites published spellings into the canonical form. `locate` answers for paths as written. */
export function canonical(data: unknown, locate: Locate): Canonical {
  const rewriter = new Rewriter(locate)
  return { data: rewriter.document(data), moved: rewriter.moved, diagnostics: rewriter.diagnostics }
}

/** Collects moves and notes while it builds the new tree. */
class Rewriter {
  readonly moved = new Map<string, string>()
  readonly diagnostics: Diagnostic[] = []
  readonly #locate: Locate

  constructor(locate: Locate) {
    this.#locate = locate
  }

  document(data: unknown): unknown {
    if (!isRecord(data) || !isRecord(data["spec"]) || !isRecord(data["spec"]["crds"])) return data
    const crds = mapValues(data["spec"]["crds"], (entry, name) => this.#entry(entry, ["spec", "crds", name]))
    return { ...data, spec: { ...data["spec"], crds } }
  }

  #entry(entry: unknown, at: Steps): unknown {
    if (!isRecord(entry)) return entry
    let moved = entry
    for (const move of moves) moved = this.#move(moved, move, at)
    const box = moved["operatorBox"]
    return isRecord(box) ? { ...moved, operatorBox: this.#box(box, [...at, "operatorBox"]) } : moved
  }

  #move(entry: Plain, move: Move, at: Steps): Plain {
    const from = move.from.split(".")
    const key = from.at(-1) ?? ""
    const parentSteps = from.slice(0, -1)
    const parent = read(entry, parentSteps)
    if (!isRecord(parent)) return entry
    let result = entry
    for (const name of key === "*" ? Object.keys(parent) : [key]) {
      if (!Object.hasOwn(parent, name)) continue
      const target = move.to.split(".").map((step) => (step === "*" ? name : step))
      if (read(result, target) !== undefined) {
        this.#both([...at, ...target], [...at, ...parentSteps, name])
      } else {
        result = write(result, target, parent[name])
        this.#note([...at, ...target], [...at, ...parentSteps, name])
      }
      result = remove(result, [...parentSteps, name])
    }
    return parentSteps.length > 0 && isEmpty(read(result, parentSteps)) ? remove(result, parentSteps) : result
  }

  #box(box: Plain, at: Steps): Plain {
    return mapValues(box, (value, name) => {
      if (!isRecord(value)) return value
      if (name === "status") return this.#status(value, [...at, name])
      return name.startsWith("on") ? this.#block(value, [...at, name]) : value
    })
  }

  #block(block: Plain, at: Steps): Plain {
    let result = this.#rename(block, { from: "anyOf", to: "or" }, at)
    for (const [from, to] of Object.entries(listAliases)) result = this.#rename(result, { from, to }, at)
    return mapValues(result, (value, name) => {
      if (name === "manifests") this.#bareObjects(value, [...at, name])
      return this.#items(value, [...at, name])
    })
  }

  /** The object of a bare manifest is the entry itself. */
  #bareObjects(value: unknown, at: Steps): void {
    if (!Array.isArray(value)) return
    for (const [index, item] of value.entries()) {
      if (!isRecord(item) || Object.hasOwn(item, "object")) continue
      this.moved.set(formatPath([...at, index, "object"]), this.#written([...at, index]))
    }
  }

  #status(status: Plain, at: Steps): Plain {
    return mapValues(status, (value, name) => (name === "fields" ? this.#items(value, [...at, name]) : value))
  }

  #items(value: unknown, at: Steps): unknown {
    if (!Array.isArray(value)) return value
    return value.map((item: unknown, index) =>
      isRecord(item) ? this.#rename(item, { from: "anyOf", to: "or" }, [...at, index]) : item,
    )
  }

  #rename(record: Plain, move: Move, at: Steps): Plain {
    if (!Object.hasOwn(record, move.from)) return record
    if (Object.hasOwn(record, move.to)) {
      this.#both([...at, move.to], [...at, move.from])
      return remove(record, [move.from])
    }
    this.#note([...at, move.to], [...at, move.from])
    return Object.fromEntries(Object.entries(record).map(([key, value]) => [key === move.from ? move.to : key, value]))
  }

  #note(to: Steps, from: Steps): void {
    const written = this.#written(from)
    this.moved.set(formatPath(to), written)
    const message = `"${short(from)}" is read as "${short(to)}"`
    const place = this.#locate(written)
    this.diagnostics.push(diagnose({ code: "ORK0120", message }, place, "note"))
  }

  #both(to: Steps, from: Steps): void {
    const message = `"${short(from)}" and "${short(to)}" mean the same and are both set`
    const fault = { code: "ORK0121", message, help: `keep "${short(to)}"` }
    this.diagnostics.push(diagnose(fault, this.#locate(this.#written(from))))
  }

  /** The path at which the author wrote what now stands at `steps`. */
  #written(steps: Steps): string {
    return writtenPath(steps, this.moved)
  }
}

/** The author's path for a canonical one. */
export function writtenPath(steps: Steps, moved: ReadonlyMap<string, string>): string {
  for (let count = steps.length; count > 0; count--) {
    const written = moved.get(formatPath(steps.slice(0, count)))
    if (written === undefined) continue
    const rest = formatPath(steps.slice(count))
    return rest === "" ? written : `${written}${rest.startsWith("[") ? "" : "."}${rest}`
  }
  return formatPath(steps)
}

/** The part of a path inside its CRD entry. */
function short(steps: Steps): string {
  return formatPath(steps.slice(3))
}

function isEmpty(value: unknown): boolean {
  return isRecord(value) && Object.keys(value).length === 0
}

function read(value: unknown, steps: readonly string[]): unknown {
  let at = value
  for (const step of steps) {
    if (!isRecord(at) || !Object.hasOwn(at, step)) return undefined
    at = at[step]
  }
  return at
}

function write(record: Plain, steps: readonly string[], leaf: unknown): Plain {
  const [first, ...rest] = steps
  if (first === undefined) return record
  if (rest.length === 0) return { ...record, [first]: leaf }
  const below = record[first]
  return { ...record, [first]: write(isRecord(below) ? below : {}, rest, leaf) }
}

function remove(record: Plain, steps: readonly string[]): Plain {
  const [first, ...rest] = steps
  if (first === undefined) return record
  if (rest.length === 0) return Object.fromEntries(Object.entries(record).filter(([key]) => key !== first))
  const below = record[first]
  return isRecord(below) ? { ...record, [first]: remove(below, rest) } : record
}

function mapValues(record: Plain, change: (value: unknown, key: string) => unknown): Plain {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]))
}
