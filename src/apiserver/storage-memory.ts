import type { KubeObject } from "../kube/mod.ts"
import { sharedFields, sharedTexts } from "./shared-fields.ts"
import { SortedNames } from "./sorted-names.ts"
import type { Change, Storage, StoredRef } from "./storage.ts"

interface Shelf {
  readonly objects: Map<string, KubeObject>
  readonly names: SortedNames
}

/** What a store begins with. */
export interface InitialState {
  readonly revision: number
  readonly objects: Iterable<readonly [StoredRef, KubeObject]>
}

/** A store in memory; it begins at revision 1 unless told otherwise, and is gone with the process. */
export class MemoryStorage implements Storage {
  readonly #shelves = new Map<string, Shelf>()
  readonly #listeners = new Set<(change: Change) => void>()
  readonly #share = sharedFields()
  #revision: number

  constructor(initial: InitialState = { revision: 1, objects: [] }) {
    this.#revision = initial.revision
    const shareTexts = sharedTexts()
    for (const [ref, object] of initial.objects) {
      const shelf = this.#shelfOf(ref.prefix)
      shelf.objects.set(shelfKey(ref), shareTexts(this.#share(object)))
      shelf.names.add(shelfKey(ref))
    }
  }

  get revision(): number {
    return this.#revision
  }

  get(ref: StoredRef): KubeObject | undefined {
    return this.#shelves.get(ref.prefix)?.objects.get(shelfKey(ref))
  }

  list(prefix: string, namespace?: string): readonly KubeObject[] {
    const shelf = this.#shelves.get(prefix)
    if (shelf === undefined) return []
    const found: KubeObject[] = []
    for (const key of this.keys(prefix, namespace)) {
      const object = shelf.objects.get(key)
      if (object !== undefined) found.push(object)
    }
    return found
  }

  keys(prefix: string, namespace?: string): readonly string[] {
    return this.#shelves.get(prefix)?.names.below(namespace === undefined ? "" : `${namespace}/`) ?? []
  }

  at(prefix: string, key: string): KubeObject | undefined {
    return this.#shelves.get(prefix)?.objects.get(key)
  }

  count(prefix: string): number {
    return this.#shelves.get(prefix)?.objects.size ?? 0
  }

  put(ref: StoredRef, object: KubeObject, expected: string | undefined): KubeObject | undefined {
    const shelf = this.#shelfOf(ref.prefix)
    const key = shelfKey(ref)
    const previous = shelf.objects.get(key)
    if (previous?.metadata.resourceVersion !== expected) return undefined
    const revision = ++this.#revision
    const stored = withRevision(this.#share(object), revision)
    shelf.objects.set(key, stored)
    if (previous === undefined) shelf.names.add(key)
    this.#tell({ ...ref, type: previous === undefined ? "ADDED" : "MODIFIED", revision, object: stored, previous })
    return stored
  }

  remove(ref: StoredRef, expected: string): KubeObject | undefined {
    const shelf = this.#shelfOf(ref.prefix)
    const key = shelfKey(ref)
    const previous = shelf.objects.get(key)
    if (previous === undefined || previous.metadata.resourceVersion !== expected) return undefined
    const revision = ++this.#revision
    shelf.objects.delete(key)
    shelf.names.remove(key)
    const last = withRevision(previous, revision)
    this.#tell({ ...ref, type: "DELETED", revision, object: last, previous })
    return last
  }

  onChange(listener: (change: Change) => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  close(): void {
    this.#listeners.clear()
    this.#shelves.clear()
  }

  #shelfOf(prefix: string): Shelf {
    const known = this.#shelves.get(prefix)
    if (known !== undefined) return known
    const shelf = { objects: new Map<string, KubeObject>(), names: new SortedNames() }
    this.#shelves.set(prefix, shelf)
    return shelf
  }

  #tell(change: Change): void {
    for (const listener of this.#listeners) listener(change)
  }
}

function shelfKey({ namespace, name }: StoredRef): string {
  return namespace === "" ? name : `${namespace}/${name}`
}

/** `object` as committed with `revision`. */
export function withRevision(object: KubeObject, revision: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } }
}
