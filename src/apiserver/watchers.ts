import { Changes, type Clock, ms, type Scope } from "../base/mod.ts"
import type { KubeObject } from "../kube/mod.ts"
import type { Change } from "./storage.ts"

/** Changes that wait for a slow watcher; beyond this its watch is closed. */
export const watchBufferMax = 8192
const bookmarkEveryMs = ms("1m")

/** What a watch selects; the namespace "" is all of them. */
export interface WatchFilter {
  readonly prefix: string
  readonly namespace: string
  /** Undefined selects everything. */
  readonly selects: ((object: KubeObject) => boolean) | undefined
}

/** One thing that a watch tells. `object` of a bookmark is absent: only the revision counts. */
export interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK"
  readonly revision: number
  readonly object: KubeObject | undefined
  /** The change behind it, the same value for all watchers; their encodings of it are shared. */
  readonly change: Change | undefined
}

/**
 * One watch's queue.
 *
 * Guarantees: events in the order of their commits; none is lost: a watch whose queue is full ends instead.
 */
export class Watcher implements Disposable {
  readonly filter: WatchFilter
  readonly wantsBookmarks: boolean
  readonly #ended: (() => void)[] = []
  readonly #limit: number
  /** Changes up to this revision are known to the client. */
  readonly #since: number
  #events: WatchEvent[] = []
  #wake: (() => void) | undefined
  #isEnded = false

  constructor(options: WatchFilter & { readonly wantsBookmarks: boolean; readonly since: number }, limit: number) {
    const { prefix, namespace, selects } = options
    this.filter = { prefix, namespace, selects }
    this.wantsBookmarks = options.wantsBookmarks
    this.#since = options.since
    this.#limit = limit
  }

  get isEnded(): boolean {
    return this.#isEnded
  }

  /** Whether something waits to be taken, or never will. */
  get hasEvents(): boolean {
    return this.#events.length > 0 || this.#isEnded
  }

  /** Takes a change that concerns it. */
  offer(change: Change): void {
    if (this.#isEnded || change.revision <= this.#since) return
    const { namespace } = this.filter
    if (namespace !== "" && change.namespace !== namespace) return
    const event = eventOf(change, this.filter.selects)
    if (event === undefined) return
    if (this.#events.length >= this.#limit) {
      this.#events = []
      this.end()
      return
    }
    this.#push(event)
  }

  /** Tells how far the watch has come. */
  bookmark(revision: number): void {
    if (this.#isEnded || this.#events.length > 0 || revision < this.#since) return
    this.#push({ type: "BOOKMARK", revision, object: undefined, change: undefined })
  }

  /** All that waits, at least one event; undefined when the watch has ended and everything was taken. */
  async take(): Promise<readonly WatchEvent[] | undefined> {
    if (this.#events.length === 0 && !this.#isEnded) await new Promise<void>((resolve) => (this.#wake = resolve))
    if (this.#events.length === 0) return undefined
    const events = this.#events
    this.#events = []
    return events
  }

  /** Calls `ended` when the watch ends; at once when it has. */
  onEnd(ended: () => void): void {
    if (this.#isEnded) ended()
    else this.#ended.push(ended)
  }

  /** Ends the watch; what waits can still be taken. */
  end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    for (const ended of this.#ended) ended()
    this.#wake?.()
  }

  [Symbol.dispose](): void {
    this.end()
  }

  #push(event: WatchEvent): void {
    this.#events.push(event)
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }
}

/** What a change is for a watch with a selector; undefined when it does not concern it. */
function eventOf(change: Change, selects: WatchFilter["selects"]): WatchEvent | undefined {
  const { type, revision, object, previous } = change
  if (selects === undefined) return { type, revision, object, change }
  const was = previous !== undefined && selects(previous)
  const is = type !== "DELETED" && selects(object)
  if (is && was) return { type: "MODIFIED", revision, object, change }
  if (is) return { type: "ADDED", revision, object, change }
  if (!was || previous === undefined) return undefined
  if (type === "DELETED") return { type, revision, object, change }
  // It left the selection: the old content, with the version that it left at.
  const last = { ...previous, metadata: { ...previous.metadata, resourceVersion: String(revision) } }
  return { type: "DELETED", revision, object: last, change: undefined }
}

/** All watches; changes go to those of their kind. */
export class Watchers {
  readonly #byPrefix = new Map<string, Set<Watcher>>()
  readonly #opened = new Changes()
  readonly #limit: number

  constructor(options: { readonly bufferMax?: number } = {}) {
    this.#limit = options.bufferMax ?? watchBufferMax
  }

  /** How many watches are open. */
  get size(): number {
    let count = 0
    for (const watchers of this.#byPrefix.values()) count += watchers.size
    return count
  }

  /** A watch for the changes after `since`; what has happened by now is offered by the caller, in the same turn. */
  open(options: WatchFilter & { readonly wantsBookmarks: boolean; readonly since: number }): Watcher {
    const watchers = this.#byPrefix.get(options.prefix) ?? new Set<Watcher>()
    this.#byPrefix.set(options.prefix, watchers)
    const watcher = new Watcher(options, this.#limit)
    watcher.onEnd(() => watchers.delete(watcher))
    watchers.add(watcher)
    this.#opened.notify()
    return watcher
  }

  /** Offers a change to the watches of its kind. */
  tell(change: Change): void {
    for (const watcher of this.#byPrefix.get(change.prefix) ?? []) watcher.offer(change)
  }

  /** Ends all watches of a kind, or all. */
  end(prefix?: string): void {
    for (const [key, watchers] of this.#byPrefix) {
      if (prefix !== undefined && key !== prefix) continue
      for (const watcher of [...watchers]) watcher.end()
    }
  }

  /** Sends bookmarks once a minute while there are watches, as long as the scope lives. */
  sendBookmarks(scope: Scope, clock: Clock, revision: () => number): void {
    scope.run("bookmarks", async (signal) => {
      for (;;) {
        while (this.size === 0) await this.#opened.next(signal)
        await clock.sleep(bookmarkEveryMs, signal)
        for (const watchers of this.#byPrefix.values()) {
          for (const watcher of watchers) if (watcher.wantsBookmarks) watcher.bookmark(revision())
        }
      }
    })
  }
}
