import { isRecord, type KubeObject, type ManagedFieldsEntry } from "../object.ts"

/** The entries of managedFields that own the field at `path`, or the atomic value that it is part of. */
export function entriesAt(object: KubeObject, path: readonly (string | number)[]): readonly ManagedFieldsEntry[] {
  return (object.metadata.managedFields ?? []).filter(({ fieldsV1 }) => owns(fieldsV1, object, path))
}

function owns(fields: unknown, object: unknown, path: readonly (string | number)[]): boolean {
  let node = fields
  let value = object
  for (const step of path) {
    if (!isRecord(node)) return false
    // A node without members owns its value whole; the root never does.
    if (node !== fields && Object.keys(node).length === 0) return true
    const key = Object.keys(node).find((candidate) => isStep(candidate, step, value))
    if (key === undefined) return false
    node = node[key]
    value = memberOf(value, step)
  }
  return node !== fields
}

function memberOf(value: unknown, step: string | number): unknown {
  if (Array.isArray(value)) return value[Number(step)]
  return isRecord(value) ? value[step] : undefined
}

/** True when a key of fieldsV1 (`f:name`, `k:{"name":"web"}`, `v:"x"`, `i:0`) stands for `step` into `value`. */
function isStep(key: string, step: string | number, value: unknown): boolean {
  if (!Array.isArray(value)) return key === `f:${step}`
  const item: unknown = value[Number(step)]
  if (key.startsWith("i:")) return key === `i:${step}`
  const wanted = parsed(key.slice(2))
  if (key.startsWith("v:")) return wanted === item
  if (!key.startsWith("k:") || !isRecord(wanted) || !isRecord(item)) return false
  return Object.entries(wanted).every(([name, part]) => item[name] === part)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // another server's spelling: nobody's step
  }
}
