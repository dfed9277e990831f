import { isRecord } from "../kube/mod.ts"

/**
 * About how many bytes a value has as JSON: never less than a sixth of them, since a character may need six. Much
 * quicker than to write it.
 */
export function weightOf(value: unknown): number {
  if (typeof value === "string") return value.length + 3
  if (Array.isArray(value)) {
    let weight = 3
    for (const item of value) weight += weightOf(item)
    return weight
  }
  if (!isRecord(value)) return 25
  let weight = 3
  for (const key in value) weight += weightOf(value[key]) + key.length + 4
  return weight
}
