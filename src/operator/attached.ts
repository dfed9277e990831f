import { type Clock, ms } from "../base/mod.ts"
import type { ResourceInfo } from "../kube/mod.ts"
import type { Informer } from "../runtime/mod.ts"
import type { Enrichment } from "./enrich-cache.ts"
import type { ChildCache } from "./inventory.ts"
import type { Sources } from "./sources.ts"
import type { Triggers } from "./triggers.ts"

/** The caches of an operator while its CRD is served. */
export interface Attached {
  readonly resource: ResourceInfo
  readonly crs: Informer
  readonly children: ReadonlyMap<string, { readonly gvr: ResourceInfo["gvr"]; readonly informer: Informer }>
  readonly cache: ChildCache
  readonly sources: Sources
  readonly enrichment: Enrichment
  readonly triggers: Triggers
  readonly signal: AbortSignal
  /** True once the kinds that entries no longer make have been looked for. */
  isComplete: boolean
}

/** True once every child kind is known, and has been listed or has said why it cannot be: its entries say why they wait. */
export function hasListedChildren({ isComplete, children }: Attached): boolean {
  return isComplete && [...children.values()].every(({ informer }) => informer.hasSynced || informer.lastError)
}

/** True once nothing that a pass reads is still on its way. */
export function isSettled(attached: Attached): boolean {
  const { enrichment, sources, triggers } = attached
  return hasListedChildren(attached) && enrichment.isSettled && sources.isSettled && triggers.isSettled
}

const longestLookMs = 100

/** Returns when `holds` does: caches have no common moment that could be waited for. Looks often at first. */
export async function waitUntil(holds: () => boolean, clock: Clock, signal: AbortSignal): Promise<void> {
  for (let pauseMs = 1; !holds(); pauseMs = Math.min(2 * pauseMs, longestLookMs)) await clock.sleep(ms(pauseMs), signal)
}
