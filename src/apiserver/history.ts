import type { KubeObject } from "../kube/mod.ts"
import type { Change } from "./storage.ts"
import { weightOf } from "./weight.ts"

/** Changes of one kind that are remembered, unless told otherwise. */
export const historyMax = 4096
/** Bytes of the objects in them. */
export const historyBytesMax = 32 * 1024 * 1024
/** Changes that are forgotten and still lie there. */
const forgottenMax = 256

interface Past {
  readonly changes: Change[]
  /** About how much the object of each weighs. */
  readonly weights: number[]
  bytes: number
  /** Where the oldest remembered change stands in `changes`; what is before has been forgotten. */
  start: number
  /** Everything after this revision is remembered. */
  floor: number
}

/**
 * The last changes of each kind, for watches that resume and lists of the past.
 *
 * Guarantees: bounded per kind; what is older than the bound is "expired", never a guess.
 */
export class History {
  readonly #pasts = new Map<string, Past>()
  readonly #limit: number
  readonly #bytesMax: number
  readonly #beginning: number

  /** Remembers nothing before the revision `beginning`. */
  constructor(options: { readonly beginning: number; readonly limit?: number; readonly bytesMax?: number }) {
    this.#beginning = options.beginning
    this.#limit = options.limit ?? historyMax
    this.#bytesMax = options.bytesMax ?? historyBytesMax
  }

  /** Remembers a change; they come in order. */
  add(change: Change, weight = weightOf(change.object)): void {
    let past = this.#pasts.get(change.prefix)
    if (past === undefined) {
      past = { changes: [], weights: [], bytes: 0, start: 0, floor: this.#beginning }
      this.#pasts.set(change.prefix, past)
    }
    past.changes.push(change)
    past.weights.push(weight)
    past.bytes += weight
    while (past.changes.length - past.start > this.#limit || past.bytes > this.#bytesMax) {
      const oldest = past.changes[past.start]
      if (oldest === undefined) break
      past.floor = oldest.revision
      past.bytes -= past.weights[past.start] ?? 0
      past.start++
    }
    // Now and then in one piece: a shift at every change would copy the whole list.
    if (past.start < forgottenMax && past.start < past.changes.length / 2) return
    past.changes.splice(0, past.start)
    past.weights.splice(0, past.start)
    past.start = 0
  }

  /** Everything of a kind after this revision is remembered. */
  floor(prefix: string): number {
    return this.#pasts.get(prefix)?.floor ?? this.#beginning
  }

  /** The changes of a kind after `revision`, or "expired" when some of them are forgotten. */
  since(prefix: string, revision: number): readonly Change[] | "expired" {
    const past = this.#pasts.get(prefix)
    if (revision < this.floor(prefix)) return "expired"
    if (past === undefined) return []
    let first = past.changes.length
    while (first > past.start && (past.changes[first - 1]?.revision ?? 0) > revision) first--
    return past.changes.slice(first)
  }

  /** What a kind had after `revision` under the keys that have changed since, in one namespace or all (""). */
  before(prefix: string, revision: number, namespace: string): ReadonlyMap<string, KubeObject | undefined> | "expired" {
    const changes = this.since(prefix, revision)
    if (changes === "expired") return changes
    const before = new Map<string, KubeObject | undefined>()
    for (const change of changes) {
      if (namespace !== "" && change.namespace !== namespace) continue
      const key = keyOf(change)
      if (!before.has(key)) before.set(key, change.previous)
    }
    return before
  }
}

function keyOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return namespace === "" ? name : `${namespace}/${name}`
}

/** What orders the objects of one kind. */
export function keyOfObject({ metadata }: KubeObject): string {
  return keyOf({ namespace: metadata.namespace ?? "", name: metadata.name ?? "" })
}
