import { isRecord, type KubeObject, type ManagedFieldsEntry } from "../../kube/mod.ts"

/** Different parts that are remembered; then it begins anew. */
const partsMax = 1_000
/** A part with more text than this is each object's own. */
const textMax = 1_000

/**
 * Makes equal parts of managed fields one value. They are half of a small object and say the same in all objects that one
 * entry makes; only the owner's UID in them is each object's own.
 */
export function sharedParts(): (object: KubeObject) => KubeObject {
  const parts = new Map<string, unknown>()
  // By their text: at a start thousands of them come before any of this code is compiled.
  const shared = (part: unknown): unknown => {
    const text = JSON.stringify(part)
    const known = parts.get(text)
    if (known !== undefined || text.length > textMax) return known ?? part
    if (parts.size >= partsMax) parts.clear()
    parts.set(text, part)
    return part
  }
  const slim = (entry: ManagedFieldsEntry): ManagedFieldsEntry => {
    const { fieldsV1 } = entry
    if (!isRecord(fieldsV1)) return entry
    const own: Record<string, unknown> = {}
    for (const [name, part] of Object.entries(fieldsV1)) {
      own[name] = name === "f:metadata" ? sharedMetadata(part, shared) : shared(part)
    }
    return { ...entry, fieldsV1: own }
  }
  return (object) => {
    const { managedFields } = object.metadata
    if (managedFields === undefined) return object
    return { ...object, metadata: { ...object.metadata, managedFields: managedFields.map(slim) } }
  }
}

function sharedMetadata(metadata: unknown, shared: (part: unknown) => unknown): unknown {
  if (!isRecord(metadata)) return metadata
  const own: Record<string, unknown> = {}
  for (const [name, part] of Object.entries(metadata)) own[name] = name === "f:ownerReferences" ? part : shared(part)
  return own
}
