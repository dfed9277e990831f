import { type Changes, type Clock, type Logger, type Ms, ms, type Random, type Scope } from "../base/mod.ts"
import { formatGvr, type Gvk, type ObjectKey, type ResourceInfo } from "../kube/mod.ts"
import type { OperatorPlan } from "../plan/mod.ts"
import type { Informer, InformerOptions, InformerSet, Reason, StoreEvent } from "../runtime/mod.ts"
import { type Attached, hasListedChildren, waitUntil } from "./attached.ts"
import { Enrichment } from "./enrich-cache.ts"
import { childAbout, childCache, ownerIndex, ownerUidOf } from "./inventory.ts"
import type { Kinds } from "./kinds.ts"
import type { Leftovers } from "./leftovers.ts"
import { ownerUidLabel } from "./ownership.ts"
import { Sources } from "./sources.ts"
import { Triggers } from "./triggers.ts"
import { uniqueIndexes } from "./uniques.ts"

/** Pods and Events come in flocks: one pass for all that came meanwhile. */
const flockMs = ms("200ms")

/** What the caches of an operator stand on, and whom they tell. */
export interface AttachDeps {
  readonly kinds: Kinds
  readonly informers: InformerSet
  readonly leftovers: Leftovers
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly changes: Changes
  readonly enqueue: (key: ObjectKey, reason: Reason, afterMs?: Ms) => void
  readonly wakeAll: (reason: Reason, afterMs?: Ms) => void
  readonly onCr: (event: StoreEvent) => void
  readonly onChild: (event: StoreEvent) => void
}

/**
 * The caches of an operator, given back when `life` ends. They are silent until `follow` is called, so that what they
 * tell finds them at their place.
 */
export function attach(
  deps: AttachDeps,
  plan: OperatorPlan,
  { resource, life }: { readonly resource: ResourceInfo; readonly life: Scope },
): { readonly attached: Attached; readonly follow: () => void } {
  // With the fingerprint: whoever takes this one's place shares its informers before it gives them back.
  const owner = `operator ${plan.katalog}/${plan.name} ${plan.fingerprint}`
  life.defer(() => deps.informers.release(owner))
  const open = (options: InformerOptions) => deps.informers.acquire(options, owner)
  const crs = open({ resource, indexes: uniqueIndexes(plan.uniques) })
  const children = new Map<string, { gvr: ResourceInfo["gvr"]; informer: Informer }>()
  const { kinds, clock, random, log, enqueue, wakeAll } = deps
  const sources = new Sources({ kinds, acquire: open, wake: (key) => enqueue(key, "dependency") }, plan)
  const enrichment = new Enrichment(
    {
      ...{ kinds, log, acquire: open },
      wake: (key) => enqueue(key, "child", flockMs),
      wakeAll: () => wakeAll("child"),
    },
    plan,
  )
  const cache = childCache(children)
  const triggers = new Triggers(
    {
      ...{ kinds, clock, random, log, acquire: open },
      childrenListed: (signal) => waitUntil(() => hasListedChildren(attached), clock, signal),
      childOf: (about) => childAbout(cache, kinds, about),
      wake: (key) => crs.lister.get(key) && enqueue(key, "watch"),
      wakeAll: () => wakeAll("watch", flockMs),
    },
    plan,
    { namespaced: resource.namespaced },
  )
  const caches = { crs, children, cache, sources, enrichment, triggers }
  const attached: Attached = { resource, ...caches, signal: life.signal, isComplete: false }
  const acquire = (child: ResourceInfo) => {
    if (children.has(formatGvr(child.gvr))) return
    const indexes = { [ownerIndex]: ownerUidOf }
    const informer = open({ resource: child, labelSelector: ownerUidLabel, indexes })
    children.set(formatGvr(child.gvr), { gvr: child.gvr, informer })
    followChild(deps, informer, life)
  }
  return { attached, follow: () => follow(deps, plan, { attached, life, acquire }) }
}

interface Following {
  readonly attached: Attached
  readonly life: Scope
  readonly acquire: (child: ResourceInfo) => void
}

function follow(deps: AttachDeps, plan: OperatorPlan, following: Following): void {
  const { attached, life } = following
  const { crs, sources, triggers, enrichment } = attached
  for (const one of [sources, triggers, enrichment]) one.follow(life)
  const handler = crs.onEvent((event) => deps.onCr(event))
  life.defer(() => handler[Symbol.dispose]())
  life.run("child kinds", (signal) => acquireChildren(deps, plan, { ...following, signal }))
  life.run("leftovers", (signal) => acquireLeftovers(deps, plan, { ...following, signal }))
  life.run("wake when synced", async (signal) => {
    await crs.synced(signal)
    deps.changes.notify()
  })
}

function followChild({ onChild, wakeAll }: AttachDeps, informer: Informer, life: Scope): void {
  const handler = informer.onEvent((event) => onChild(event))
  life.defer(() => handler[Symbol.dispose]())
  // A kind that could not be listed at the start (a missing permission) holds entries back until it can.
  life.run("wake when children are listed", async (signal) => {
    await informer.synced(signal)
    wakeAll("dependency")
  })
}

// Child kinds that the cluster does not serve yet are picked up when they come.
async function acquireChildren(
  { kinds, wakeAll }: AttachDeps,
  plan: OperatorPlan,
  { acquire, signal }: Following & { readonly signal: AbortSignal },
): Promise<void> {
  const wanted = new Set<Gvk>([...plan.resources, ...plan.onDelete].map((resource) => resource.gvk))
  for (;;) {
    let found = 0
    for (const gvk of [...wanted]) {
      const resource = kinds.resourceOf(gvk)
      if (!resource) continue
      acquire(resource)
      wanted.delete(gvk)
      found++
    }
    if (found > 0) wakeAll("dependency")
    if (wanted.size === 0) return
    await kinds.changes.next(signal)
  }
}

// Kinds that only an earlier version of the Katalog made: their children are pruned like all others.
async function acquireLeftovers(
  { leftovers, kinds, changes }: AttachDeps,
  plan: OperatorPlan,
  { attached, acquire, signal }: Following & { readonly signal: AbortSignal },
): Promise<void> {
  for (;;) {
    await leftovers.settled(plan, signal)
    for (const resource of leftovers.of(plan, kinds)) acquire(resource)
    attached.isComplete = true
    changes.notify()
    await leftovers.changes.next(signal)
  }
}
