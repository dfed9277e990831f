import type { KubeObject } from "../../kube/mod.ts"
import type { Call, Core } from "../core.ts"
import { Refusal } from "../refusal.ts"
import { type DeleteRequest, deleteObject } from "./delete.ts"

/** Deletions between which others are not answered. */
const turnEvery = 50

/**
 * Deletes objects one by one; what is gone already is passed over. Answers them as they were. Stops where it is when
 * nobody waits for the answer any more.
 */
export async function deleteCollection(
  core: Core,
  call: Call,
  {
    items,
    request,
    signal,
  }: { readonly items: readonly KubeObject[]; readonly request: DeleteRequest; readonly signal: AbortSignal },
): Promise<readonly KubeObject[]> {
  const deleted: KubeObject[] = []
  for (const [index, item] of items.entries()) {
    if (index % turnEvery === turnEvery - 1) {
      await core.clock.turn()
      if (signal.aborted) break
    }
    const { name = "", namespace = "" } = item.metadata
    try {
      await deleteObject(core, { ...call, namespace, name }, request)
      deleted.push(item)
    } catch (error) {
      if (!(error instanceof Refusal && error.code === 404)) throw error
    }
  }
  return deleted
}
