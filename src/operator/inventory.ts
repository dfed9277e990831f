import type { OrkError } from "../base/mod.ts"
import {
  formatGvr,
  type Gvk,
  type Gvr,
  type KubeObject,
  keyOf,
  type ObjectKey,
  objectKey,
  parseApiVersion,
  type ResourceInfo,
} from "../kube/mod.ts"
import type { Informer } from "../runtime/mod.ts"
import { ownerUidLabel } from "./ownership.ts"

/** Name of the index over the owner's UID, in every child informer. */
export const ownerIndex = "owner-uid"

/** The index function: a child's owner UID. */
export function ownerUidOf(object: KubeObject): readonly string[] {
  const uid = object.metadata.labels?.[ownerUidLabel]
  return uid ? [uid] : []
}

/** The caches of the kinds that an operator makes: what of ours exists, without asking the server. */
export interface ChildCache {
  get(gvr: Gvr, key: ObjectKey): KubeObject | undefined
  /** Every cached object whose label names the owner. */
  ownedBy(uid: string): readonly { readonly gvr: Gvr; readonly object: KubeObject }[]
  /** Why the cache of a resource cannot be trusted yet: an error, or that its first list is under way. */
  problem(gvr: Gvr): OrkError | "syncing" | undefined
  /** The resources whose caches have no complete list yet: what they do not show may exist all the same. */
  unlisted(): readonly Gvr[]
  observe(gvr: Gvr, object: KubeObject): void
  observeGone(gvr: Gvr, object: KubeObject): void
}

/** A cache over the informers of the child kinds, by resource. */
export function childCache(
  informers: ReadonlyMap<string, { readonly gvr: Gvr; readonly informer: Informer }>,
): ChildCache {
  const of = (gvr: Gvr) => informers.get(formatGvr(gvr))?.informer
  return {
    get: (gvr, key) => of(gvr)?.lister.get(key),
    ownedBy: (uid) =>
      [...informers.values()].flatMap(({ gvr, informer }) =>
        informer.lister.byIndex(ownerIndex, uid).map((object) => ({ gvr, object })),
      ),
    problem(gvr) {
      const informer = of(gvr)
      if (!informer) return "syncing"
      return informer.hasSynced ? undefined : (informer.lastError ?? "syncing")
    },
    unlisted: () => [...informers.values()].flatMap(({ gvr, informer }) => (informer.hasSynced ? [] : [gvr])),
    observe: (gvr, object) => of(gvr)?.observe(object),
    observeGone: (gvr, object) => of(gvr)?.observeGone(object),
  }
}

/** The child that a reference of an Event is about; undefined where it is none. */
export function childAbout(
  cache: ChildCache,
  kinds: { resourceOf(gvk: Gvk): ResourceInfo | undefined },
  about: Readonly<Record<string, unknown>>,
): KubeObject | undefined {
  const text = (key: string) => String(about[key] ?? "")
  const resource = kinds.resourceOf({ ...parseApiVersion(text("apiVersion")), kind: text("kind") })
  const child = resource && cache.get(resource.gvr, objectKey(text("namespace"), text("name")))
  return about["uid"] === undefined || child?.metadata.uid === about["uid"] ? child : undefined
}

/** The identity of a child across kinds. */
export function childId(gvr: Gvr, object: KubeObject | ObjectKey): string {
  return `${formatGvr(gvr)} ${typeof object === "string" ? object : keyOf(object)}`
}
