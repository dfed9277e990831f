import { assert } from "../../base/mod.ts"
import type { KubeObject, ObjectKey } from "../../kube/mod.ts"

/** The values under which an object is found. */
export type IndexFunction = (object: KubeObject) => readonly string[]

/** Named indexes over a set of objects, kept in step by `change`. */
export class Indexer {
  readonly #functions = new Map<string, IndexFunction>()
  readonly #entries = new Map<string, Map<string, Map<ObjectKey, KubeObject>>>()

  /** Adds an index over `objects` and all later ones. The same name means the same index: it is added once. */
  add(name: string, values: IndexFunction, objects: Iterable<readonly [ObjectKey, KubeObject]>): void {
    if (this.#functions.has(name)) return
    this.#functions.set(name, values)
    this.#entries.set(name, new Map())
    for (const [key, object] of objects)
      for (const value of new Set(values(object))) this.#put(name, value, key, object)
  }

  /** Moves `key` from the places of `before` to those of `after`. */
  change(key: ObjectKey, before: KubeObject | undefined, after: KubeObject | undefined): void {
    for (const [name, values] of this.#functions) {
      if (before !== undefined) for (const value of values(before)) this.#drop(name, value, key)
      if (after !== undefined) for (const value of values(after)) this.#put(name, value, key, after)
    }
  }

  find(name: string, value: string): readonly KubeObject[] {
    const index = this.#entries.get(name)
    assert(index !== undefined, `no index is called ${name}`)
    return [...(index.get(value)?.values() ?? [])]
  }

  #put(name: string, value: string, key: ObjectKey, object: KubeObject): void {
    const index = this.#entries.get(name)
    const place = index?.get(value)
    if (place === undefined) index?.set(value, new Map([[key, object]]))
    else place.set(key, object)
  }

  #drop(name: string, value: string, key: ObjectKey): void {
    const index = this.#entries.get(name)
    const place = index?.get(value)
    place?.delete(key)
    if (place?.size === 0) index?.delete(value)
  }
}
