import type { KubeObject } from "../kube/mod.ts"
import type { Change, StoredRef } from "./storage.ts"

/** Which objects name which owner, by the owner's UID; grows with owner references, not with objects. */
export class OwnedIndex {
  readonly #byOwner = new Map<string, Map<string, StoredRef>>()

  /** Takes a change into account; a new store is told as additions. */
  note({ type, prefix, namespace, name, object, previous }: Change): void {
    const key = `${prefix} ${namespace} ${name}`
    const now = type === "DELETED" ? [] : ownersOf(object)
    for (const uid of ownersOf(previous ?? object)) if (!now.includes(uid)) this.#forget(uid, key)
    for (const uid of now) {
      const owned = this.#byOwner.get(uid) ?? new Map<string, StoredRef>()
      this.#byOwner.set(uid, owned.set(key, { prefix, namespace, name }))
    }
  }

  /** What names `uid` as an owner; of one resource's prefix, or of all. */
  of(uid: string, prefix?: string): readonly StoredRef[] {
    const all = [...(this.#byOwner.get(uid)?.values() ?? [])]
    return prefix === undefined ? all : all.filter((ref) => ref.prefix === prefix)
  }

  #forget(uid: string, key: string): void {
    const owned = this.#byOwner.get(uid)
    owned?.delete(key)
    if (owned?.size === 0) this.#byOwner.delete(uid)
  }
}

function ownersOf({ metadata }: KubeObject): readonly string[] {
  return metadata.ownerReferences?.map(({ uid }) => uid) ?? []
}
