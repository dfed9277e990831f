import { Lru } from "../base/mod.ts"
import type { KubeObject, ManagedFieldsEntry } from "../kube/mod.ts"

/** Different values that are remembered. */
const valuesMax = 4096
/** Values with more text than this are each object's own. */
const textMax = 4096

/**
 * Makes equal managed fields one value: objects that were written alike, perhaps within the same second, have them in
 * common, and they are most of the parts of a small object.
 */
export function sharedFields(): (object: KubeObject) => KubeObject {
  const lists = new Lru<string, readonly ManagedFieldsEntry[]>(valuesMax)
  const sets = new Lru<string, unknown>(valuesMax)
  const share = (entry: ManagedFieldsEntry): ManagedFieldsEntry => {
    const fieldsV1 = known(sets, JSON.stringify(entry.fieldsV1), () => entry.fieldsV1)
    return { ...entry, fieldsV1 }
  }
  return (object) => {
    const { managedFields } = object.metadata
    if (managedFields === undefined) return object
    const text = JSON.stringify(managedFields)
    if (text.length > textMax) return object
    const shared = known(lists, text, () => managedFields.map(share))
    return { ...object, metadata: { ...object.metadata, managedFields: shared } }
  }
}

/** Makes equal short texts of many objects one: each object that was read has its own. */
export function sharedTexts(): (object: KubeObject) => KubeObject {
  const texts = new Lru<string, string>(valuesMax)
  const share = (text: string) => known(texts, text, () => text)
  return (object) => {
    const { namespace, creationTimestamp } = object.metadata
    const home = namespace === undefined ? {} : { namespace: share(namespace) }
    const time = creationTimestamp === undefined ? {} : { creationTimestamp: share(creationTimestamp) }
    const metadata = { ...object.metadata, ...home, ...time }
    return { ...object, apiVersion: share(object.apiVersion), kind: share(object.kind), metadata }
  }
}

function known<T>(values: Lru<string, T>, text: string, make: () => T): T {
  const found = values.get(text)
  if (found !== undefined) return found
  const made = make()
  values.set(text, made)
  return made
}
