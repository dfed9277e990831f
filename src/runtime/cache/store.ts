import { Lru } from "../../base/mod.ts"
import { isNewer, type KubeObject, keyOf, type ObjectKey } from "../../kube/mod.ts"
import { Indexer, type IndexFunction } from "./indexer.ts"
import type { Lister } from "./lister.ts"
import { sharedParts } from "./shared-parts.ts"

/** One change of a store. */
export interface Change {
  readonly type: "added" | "updated" | "deleted"
  readonly key: ObjectKey
  /** The object now; its last known state when it was deleted. */
  readonly object: KubeObject
  readonly before: KubeObject | undefined
}

/** Decides what is kept of an object; undefined: nothing. Name, namespace, uid and resourceVersion must stay. */
export type Project = (object: KubeObject) => KubeObject | undefined

/** What the server reported of an object, already cut down to what is kept (undefined: nothing). */
export interface Report {
  readonly key: ObjectKey
  readonly uid: string | undefined
  readonly resourceVersion: string | undefined
  readonly kept: KubeObject | undefined
}

interface Version {
  readonly uid?: string | undefined
  readonly resourceVersion?: string | undefined
}

const tombstonesMax = 10_000

/**
 * The newest known state of each object of one resource.
 *
 * Guarantees: an object never goes back to an older version, and one that is gone does not come back through an answer
 * or event from before its end (as long as its tombstone is among the newest 10,000).
 */
export class Store implements Lister {
  readonly #objects = new Map<ObjectKey, KubeObject>()
  readonly #indexer = new Indexer()
  readonly #project: Project
  /** uid → the last version of an object that is gone. */
  readonly #tombstones = new Lru<string, string>(tombstonesMax)

  constructor(options: { readonly project?: Project | undefined } = {}) {
    const { project } = options
    const share = sharedParts()
    this.#project = (object) => {
      const kept = project === undefined ? object : project(object)
      return kept && share(kept)
    }
    this.addIndex("namespace", (object) => [object.metadata.namespace ?? ""])
  }

  get size(): number {
    return this.#objects.size
  }

  get(key: ObjectKey): KubeObject | undefined {
    return this.#objects.get(key)
  }

  list(namespace?: string): readonly KubeObject[] {
    return namespace === undefined ? [...this.#objects.values()] : this.byIndex("namespace", namespace)
  }

  byIndex(index: string, value: string): readonly KubeObject[] {
    return this.#indexer.find(index, value)
  }

  /** Adds an index over what is here and what will come; a name that exists is left as it is. */
  addIndex(name: string, values: IndexFunction): void {
    this.#indexer.add(name, values, this.#objects)
  }

  /** Everything in the store, as if it had just been added. */
  snapshot(): readonly Change[] {
    return [...this.#objects].map(([key, object]) => ({ type: "added", key, object, before: undefined }))
  }

  /** Cuts a reported object down to what is kept of it, so that the rest can be let go early. */
  report(object: KubeObject): Report {
    const { uid, resourceVersion } = object.metadata
    return { key: keyOf(object), uid, resourceVersion, kept: this.#project(object) }
  }

  /** Takes in a state that the server reported. Stale and repeated ones change nothing. */
  upsert({ key, uid, resourceVersion, kept }: Report): readonly Change[] {
    const before = this.#objects.get(key)
    if (this.#isStale({ uid, resourceVersion }, before)) return []
    if (before !== undefined && before.metadata.uid === uid && kept !== undefined) {
      this.#set(key, before, kept)
      return [{ type: "updated", key, object: kept, before }]
    }
    const changes: Change[] = []
    if (before !== undefined) {
      changes.push(this.#remove(key, before))
      if (before.metadata.uid !== uid) this.#bury(before.metadata)
    }
    if (kept !== undefined) {
      this.#set(key, undefined, kept)
      changes.push({ type: "added", key, object: kept, before: undefined })
    }
    return changes
  }

  /** Takes in the end of an object. `gone` may be an older incarnation of what is here: then nothing changes. */
  delete(gone: KubeObject): readonly Change[] {
    this.#bury(gone.metadata)
    const key = keyOf(gone)
    const before = this.#objects.get(key)
    if (before === undefined || isNewer(before.metadata.resourceVersion, gone.metadata.resourceVersion)) return []
    const change = this.#remove(key, before)
    return [{ ...change, object: this.#project(gone) ?? before }]
  }

  /** Makes the store equal to a complete list; what a newer answer has put here in the meantime stays. */
  replace(listed: readonly Report[], resourceVersion: string): readonly Change[] {
    const changes = listed.flatMap((report) => this.upsert(report))
    const keys = new Set(listed.map((report) => report.key))
    for (const [key, object] of this.#objects) {
      if (keys.has(key) || isNewer(object.metadata.resourceVersion, resourceVersion)) continue
      this.#bury(object.metadata)
      changes.push(this.#remove(key, object))
    }
    return changes
  }

  #isStale({ uid, resourceVersion }: Version, before: KubeObject | undefined): boolean {
    const buried = this.#tombstones.get(uid ?? "")
    if (buried !== undefined && !isNewer(resourceVersion, buried)) return true
    if (before === undefined) return false
    // Equal versions of one incarnation are repeats. A version that cannot be compared is believed: the stream decides.
    const same = before.metadata.uid === uid && before.metadata.resourceVersion === resourceVersion
    return same || isNewer(before.metadata.resourceVersion, resourceVersion)
  }

  #bury({ uid, resourceVersion }: Version): void {
    if (uid === undefined || resourceVersion === undefined) return
    if (!isNewer(this.#tombstones.get(uid), resourceVersion)) this.#tombstones.set(uid, resourceVersion)
  }

  #set(key: ObjectKey, before: KubeObject | undefined, object: KubeObject): void {
    this.#objects.set(key, object)
    this.#indexer.change(key, before, object)
  }

  #remove(key: ObjectKey, before: KubeObject): Change {
    this.#objects.delete(key)
    this.#indexer.change(key, before, undefined)
    return { type: "deleted", key, object: before, before }
  }
}
