import type { KubeObject } from "../kube/mod.ts"

/** Where an object is kept: `prefix` is `apps/deployments`, shared by all versions; namespace "" is cluster-wide. */
export interface StoredRef {
  readonly prefix: string
  readonly namespace: string
  readonly name: string
}

/** One committed change; `object` is what was stored, or for a deletion the last content with the new revision. */
export interface Change extends StoredRef {
  readonly type: "ADDED" | "MODIFIED" | "DELETED"
  readonly revision: number
  readonly object: KubeObject
  readonly previous: KubeObject | undefined
}

/**
 * Objects and their revisions. Synchronous; one revision for the whole store, which grows by one with every commit and
 * never goes back. Objects are given and returned with `metadata.resourceVersion` set to the revision they were
 * committed with, and are never changed afterwards.
 */
export interface Storage {
  /** The revision of the last commit; a new store starts above 0. */
  readonly revision: number
  get(ref: StoredRef): KubeObject | undefined
  /** In order of namespace and name; of one namespace, or of all. */
  list(prefix: string, namespace?: string): readonly KubeObject[]
  /** The keys of a prefix, in order: of one namespace, or of all. To be read before the next write. */
  keys(prefix: string, namespace?: string): readonly string[]
  /** What is stored under a key: `namespace/name`, or the name of what is cluster-wide. */
  at(prefix: string, key: string): KubeObject | undefined
  /** How many objects a prefix has. */
  count(prefix: string): number
  /** Creates or replaces; `expected` is the resourceVersion it was read with, undefined for "must not exist". Answers the stored object, or undefined when the expectation was wrong. */
  put(ref: StoredRef, object: KubeObject, expected: string | undefined): KubeObject | undefined
  /** Removes; answers the last content with the revision of the removal, or undefined when the expectation was wrong. */
  remove(ref: StoredRef, expected: string): KubeObject | undefined
  /** Tells every commit, in order, within the commit; listeners must not throw, and must not commit. */
  onChange(listener: (change: Change) => void): Disposable
  close(): void
}
