import type { KubeObject } from "../../kube/mod.ts"
import type { Core } from "../core.ts"
import { wrongVersion } from "../refusal.ts"
import type { Resource } from "../resource.ts"
import { type Watcher, wholeEvent } from "../watchers.ts"
import { type Selection, selects, selectsAll } from "./list.ts"

/** What a watch asks for. */
export interface WatchOptions {
  readonly resource: Resource
  readonly namespace: string
  readonly selection: Selection
  /** "" and "0" begin with everything that is there. */
  readonly resourceVersion: string
  readonly wantsBookmarks: boolean
  readonly wantsInitialEvents: boolean | undefined
}

/** A watch that has begun: first what is there already, then what comes. */
export interface Watching {
  /** The objects that are told as additions. */
  readonly initial: readonly KubeObject[]
  /** The bookmark that ends the initial events carries a mark. */
  readonly endsInitial: boolean
  readonly revision: number
  readonly watcher: Watcher
}

/** Begins a watch; "expired" when the version is too old to go on from. */
export function watch(core: Core, options: WatchOptions): Watching | "expired" {
  const { resource, namespace, selection, resourceVersion } = options
  const { prefix } = resource
  const newest = core.storage.revision
  const home = resource.namespaced ? namespace : ""
  const select = selectsAll(selection) ? undefined : (object: KubeObject) => selects(selection, object, resource)
  const wanted = resourceVersion === "" ? 0 : watchRevision(resourceVersion)
  const startsOver = options.wantsInitialEvents ?? wanted === 0
  const filter = { prefix, namespace: home, selects: select, wantsBookmarks: options.wantsBookmarks }
  if (startsOver) {
    const watcher = core.watchers.open({ ...filter, since: newest })
    const there = core.storage.list(prefix, home === "" ? undefined : home)
    const initial = select === undefined ? there : there.filter(select)
    return {
      initial,
      endsInitial: options.wantsInitialEvents === true && options.wantsBookmarks,
      revision: newest,
      watcher,
    }
  }
  const since = wanted === 0 ? newest : wanted
  const missed = since >= newest ? [] : core.history.since(prefix, since)
  if (missed === "expired") return "expired"
  const watcher = core.watchers.open({ ...filter, since })
  for (const change of missed) watcher.offer(change, wholeEvent(change))
  return { initial: [], endsInitial: false, revision: since, watcher }
}

function watchRevision(text: string): number {
  if (/^\d{1,20}$/.test(text)) return Number(text)
  throw wrongVersion(text)
}
