import { hasFinalizer, keyOf, withFinalizer, withoutFinalizer } from "../../kube/mod.ts"
import { cleanupFinalizer, collectable, managedByAnnotation, managedLabel } from "../ownership.ts"
import type { Pass } from "../pass.ts"

/**
 * Keeps the finalizer present exactly while deletion has work that the garbage collector cannot do.
 *
 * Runs before the first such child is made. With `finalizer: always` it also writes the published label and annotation.
 */
export async function maintain(pass: Pass): Promise<"next"> {
  const always = pass.plan.finalizer === "always"
  const present = hasFinalizer(pass.cr, cleanupFinalizer)
  const unsure = present && pass.ports.cache.unlisted().length > 0
  const needed = always || unsure || needsCleanup(pass)
  const { labels, annotations } = pass.cr.metadata
  const marked = labels?.[managedLabel] === "true" && annotations?.[managedByAnnotation] === pass.plan.katalog
  if (needed === present && (!always || marked)) return "next"
  if (!needed && !pass.complete) return "next" // an entry that failed to render may be the one that needs it
  const next = needed ? withFinalizer(pass.cr, cleanupFinalizer) : withoutFinalizer(pass.cr, cleanupFinalizer)
  pass.signal.throwIfAborted()
  const body = {
    metadata: {
      resourceVersion: pass.cr.metadata.resourceVersion,
      finalizers: next.metadata.finalizers ?? [],
      ...(always
        ? { labels: { [managedLabel]: "true" }, annotations: { [managedByAnnotation]: pass.plan.katalog } }
        : {}),
    },
  }
  const options = { fieldManager: pass.plan.fieldManager, signal: pass.signal }
  pass.cr = await pass.ports.client.patch(pass.resource, keyOf(pass.cr), { type: "merge", body }, options)
  pass.ports.observeCr(pass.cr)
  return "next"
}

function needsCleanup(pass: Pass): boolean {
  if (pass.plan.onDelete.length > 0) return true
  if (pass.desired.some((item) => !item.rendered.resource.retain && !collectable(pass.cr, item.object))) return true
  const owned = pass.ports.cache.ownedBy(pass.cr.metadata.uid ?? "")
  return owned.some(({ object }) => !collectable(pass.cr, object))
}
