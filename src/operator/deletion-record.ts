import { rfc3339 } from "../base/mod.ts"
import { type KubeObject, keyOf } from "../kube/mod.ts"
import { deletionAnnotation } from "./ownership.ts"
import type { Pass } from "./pass.ts"

/** How far the deletion of a CR has come, beside what its children say. Kept on the CR, so that a restart goes on. */
export interface DeletionRecord {
  /** When this operator saw it first; undefined before that is written. */
  readonly sinceMs: number | undefined
  /** Jobs that have run: `Job/shop/drain`. */
  readonly done: ReadonlySet<string>
}

/** Reads the record: the first line is a time, each other one a Job. */
export function deletionRecord(cr: KubeObject): DeletionRecord {
  const [since = "", ...done] = (cr.metadata.annotations?.[deletionAnnotation] ?? "").split("\n")
  const sinceMs = Date.parse(since)
  return { sinceMs: Number.isNaN(sinceMs) ? undefined : sinceMs, done: new Set(done.filter((line) => line !== "")) }
}

/** Writes the record. Fails with "api/conflict" when the CR changed meanwhile; the next pass tries again. */
export async function writeDeletionRecord(pass: Pass, sinceMs: number, done: ReadonlySet<string>): Promise<void> {
  pass.signal.throwIfAborted()
  const { resourceVersion } = pass.cr.metadata
  const annotations = { [deletionAnnotation]: [rfc3339(sinceMs), ...[...done].sort()].join("\n") }
  const body = { metadata: { resourceVersion, annotations } }
  const options = { fieldManager: pass.plan.fieldManager, signal: pass.signal }
  pass.cr = await pass.ports.client.patch(pass.resource, keyOf(pass.cr), { type: "merge", body }, options)
  pass.ports.observeCr(pass.cr)
}
