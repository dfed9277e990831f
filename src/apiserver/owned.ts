import { controllerOf, type KubeObject } from "../kube/mod.ts"
import type { Change, StoredRef } from "./storage.ts"

/** The prefixes of what controllers take over when it belongs to nobody. */
const adoptable = new Set(["apps/replicasets", "pods"])

/** Which objects name which owner, by the owner's UID; grows with owner references, not with objects. */
export class OwnedIndex {
  readonly #byOwner = new Map<string, Map<string, StoredRef>>()
  /** What could be taken over, by prefix and namespace. */
  readonly #alone = new Map<string, Map<string, StoredRef>>()

  /** Takes a change into account; a new store is told as additions. */
  note({ type, prefix, namespace, name, object, previous }: Change): void {
    const ref = { prefix, namespace, name }
    const now = type === "DELETED" ? [] : ownersOf(object)
    for (const uid of ownersOf(previous ?? object)) if (!now.includes(uid)) forget(this.#byOwner, uid, ref)
    for (const uid of now) remember(this.#byOwner, uid, ref)
    if (!adoptable.has(prefix)) return
    const home = `${prefix} ${namespace}`
    if (type === "DELETED" || controllerOf(object) !== undefined) forget(this.#alone, home, ref)
    else remember(this.#alone, home, ref)
  }

  /** What names `uid` as an owner; of one resource's prefix, or of all. */
  of(uid: string, prefix?: string): readonly StoredRef[] {
    const all = [...(this.#byOwner.get(uid)?.values() ?? [])]
    return prefix === undefined ? all : all.filter((ref) => ref.prefix === prefix)
  }

  /** What has no controller in a namespace, by name: Pods and ReplicaSets. */
  alone(prefix: string, namespace: string): readonly StoredRef[] {
    const all = [...(this.#alone.get(`${prefix} ${namespace}`)?.values() ?? [])]
    return all.sort((a, b) => (a.name < b.name ? -1 : 1))
  }
}

function remember(index: Map<string, Map<string, StoredRef>>, at: string, ref: StoredRef): void {
  const refs = index.get(at) ?? new Map<string, StoredRef>()
  index.set(at, refs.set(keyOf(ref), ref))
}

function forget(index: Map<string, Map<string, StoredRef>>, at: string, ref: StoredRef): void {
  const refs = index.get(at)
  refs?.delete(keyOf(ref))
  if (refs?.size === 0) index.delete(at)
}

function keyOf({ prefix, namespace, name }: StoredRef): string {
  return `${prefix} ${namespace} ${name}`
}

const nobody: readonly string[] = []

function ownersOf({ metadata }: KubeObject): readonly string[] {
  return metadata.ownerReferences?.map(({ uid }) => uid) ?? nobody
}
