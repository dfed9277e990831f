import { isRecord, type KubeObject, parsePath } from "../kube/mod.ts"

/**
 * True when the value of `live` at `path` is what the server made of our own last apply.
 *
 * A field that anybody else changes leaves our entry in managedFields: as long as that still names it, a value that
 * differs from the declared one is its normal form (`1` for `1000m`). `desired` is what that apply declared.
 */
export function isNormalForm(
  live: KubeObject,
  fieldManager: string,
  { path, desired }: { readonly path: string; readonly desired: KubeObject },
): boolean {
  const entry = live.metadata.managedFields?.find((e) => e.manager === fieldManager && e.operation === "Apply")
  let node: unknown = entry?.fieldsV1
  let declared: unknown = desired
  for (const step of parsePath(path)) {
    if (!isRecord(node)) return false
    if (isLeaf(node)) return true // an atomic value is owned as a whole
    const below = typeof step === "number" && Array.isArray(declared) ? declared[step] : undefined
    node = typeof step === "number" ? itemOf(node, below) : node[`f:${step}`]
    declared = typeof step === "number" ? below : isRecord(declared) ? declared[step] : undefined
  }
  return isRecord(node) && isLeaf(node)
}

function isLeaf(node: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(node).length === 0
}

/** What is owned of the item of a list: `k:{"name":"web"}` by its keys, `v:"a"` by its value. */
function itemOf(node: Readonly<Record<string, unknown>>, item: unknown): unknown {
  const found = Object.keys(node).find((step) => {
    if (step.startsWith("v:")) return step === `v:${JSON.stringify(item)}`
    if (!step.startsWith("k:") || !isRecord(item)) return false
    const keys: unknown = JSON.parse(step.slice(2))
    // A key that is not declared has its default.
    return isRecord(keys) && Object.entries(keys).every(([key, value]) => (item[key] ?? value) === value)
  })
  return found === undefined ? undefined : node[found]
}
