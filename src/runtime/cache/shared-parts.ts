import { Lru } from "../../base/mod.ts"
import { isRecord, type KubeObject, type ManagedFieldsEntry } from "../../kube/mod.ts"

/** Writers whose last fields are remembered. */
const writersMax = 64
/** Parts below this depth are each object's own. */
const depthMax = 6

/**
 * Makes parts of managed fields one value where they equal those of the object before. They are half of a small object,
 * and say the same in all that one entry makes; only the owner's UID in them is each object's own.
 */
export function sharedParts(): (object: KubeObject) => KubeObject {
  const last = new Lru<string, unknown>(writersMax)
  const slim = (entry: ManagedFieldsEntry): ManagedFieldsEntry => {
    const writer = `${entry.manager} ${entry.operation} ${entry.subresource}`
    const fieldsV1 = shared(last.get(writer), entry.fieldsV1, 0)
    last.set(writer, fieldsV1)
    return { ...entry, fieldsV1 }
  }
  return (object) => {
    const { managedFields } = object.metadata
    if (managedFields === undefined) return object
    return { ...object, metadata: { ...object.metadata, managedFields: managedFields.map(slim) } }
  }
}

/** `fresh`, with what equals a part of `known` at its place taken from there. */
function shared(known: unknown, fresh: unknown, depth: number): unknown {
  if (!isRecord(known) || !isRecord(fresh) || depth > depthMax) return fresh
  const keys = Object.keys(fresh)
  const isAsLong = keys.length === Object.keys(known).length
  if (keys.length === 0) return isAsLong ? known : fresh
  const parts: Record<string, unknown> = {}
  let kept = 0
  for (const key of keys) {
    const part = shared(known[key], fresh[key], depth + 1)
    if (part === known[key]) kept++
    parts[key] = part
  }
  return isAsLong && kept === keys.length ? known : parts
}
