import { type KubeObject, keyOf } from "../kube/mod.ts"
import { createdAnnotation } from "./ownership.ts"
import type { Pass } from "./pass.ts"

/** The `once` objects that have been created for a CR: `Secret/shop/login`, one per line of the annotation. */
export function createdEntries(cr: KubeObject): ReadonlySet<string> {
  const text = cr.metadata.annotations?.[createdAnnotation] ?? ""
  return new Set(text.split("\n").filter((line) => line !== ""))
}

/** Writes the record to the CR. Fails with "api/conflict" when the CR changed meanwhile; the next pass tries again. */
export async function recordCreated(pass: Pass, entries: readonly string[]): Promise<void> {
  pass.signal.throwIfAborted()
  const { resourceVersion } = pass.cr.metadata
  const annotations = { [createdAnnotation]: entries.join("\n") }
  const body = { metadata: { resourceVersion, annotations } }
  const options = { fieldManager: pass.plan.fieldManager, signal: pass.signal }
  const cr = await pass.ports.client.patch(pass.resource, keyOf(pass.cr), { type: "merge", body }, options)
  pass.cr = cr
  pass.ports.observeCr(cr)
}
