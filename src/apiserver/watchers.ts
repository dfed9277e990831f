import { Changes, type Clock, ms, type Scope } from "../base/mod.ts"
import type { KubeObject } from "../kube/mod.ts"
import type { Change } from "./storage.ts"
import { weightOf } from "./weight.ts"

/** Changes that wait for a slow watcher; beyond this its watch is closed. */
export const watchBufferMax = 8192
/** Bytes of the objects in them; beyond this its watch is closed. */
export const watchBytesMax = 64 * 1024 * 1024
/** Events that are taken at once, and their bytes, unless one alone has more. */
const takenMax = 256
const takenBytesMax = 1024 * 1024
/** Watches that are told within one turn of the event loop; the others follow, and other requests go between. */
const toldPerTurn = 32
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
  /** About how much its object weighs. */
  readonly bytes: number
}

/** How much may wait for one watch. */
export interface WatchBounds {
  readonly bufferMax: number
  readonly bytesMax: number
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
  readonly #bounds: WatchBounds
  readonly #ready: (watcher: Watcher) => void
  /** Changes up to this revision are known to the client. */
  readonly #since: number
  #events: WatchEvent[] = []
  #bytes = 0
  #wake: (() => void) | undefined
  #isEnded = false

  /** `ready` is called when its reader waits and there is something to read; then, or later, it calls `wake`. */
  constructor(
    options: WatchFilter & { readonly wantsBookmarks: boolean; readonly since: number },
    bounds: WatchBounds,
    ready: (watcher: Watcher) => void,
  ) {
    const { prefix, namespace, selects } = options
    this.filter = { prefix, namespace, selects }
    this.wantsBookmarks = options.wantsBookmarks
    this.#since = options.since
    this.#bounds = bounds
    this.#ready = ready
  }

  get isEnded(): boolean {
    return this.#isEnded
  }

  /** Whether something waits to be taken, or never will. */
  get hasEvents(): boolean {
    return this.#events.length > 0 || this.#isEnded
  }

  /** Takes a change, if it concerns it; `whole` is the event of a watch that selects everything. */
  offer(change: Change, whole: WatchEvent): void {
    if (this.#isEnded || change.revision <= this.#since) return
    const { namespace, selects } = this.filter
    if (namespace !== "" && change.namespace !== namespace) return
    const event = selects === undefined ? whole : selectedEvent(change, selects, whole)
    if (event === undefined) return
    const { bufferMax, bytesMax } = this.#bounds
    // A single large object always fits.
    const isFull = this.#events.length >= bufferMax || (this.#bytes > 0 && this.#bytes + event.bytes > bytesMax)
    if (!isFull) {
      this.#push(event)
      return
    }
    this.#events = []
    this.end()
  }

  /** Tells how far the watch has come. */
  bookmark(revision: number): void {
    if (this.#isEnded || this.#events.length > 0 || revision < this.#since) return
    this.#push({ type: "BOOKMARK", revision, object: undefined, change: undefined, bytes: 0 })
  }

  /** What waits, as much of it as is sent at once, at least one event; undefined when it has ended and all is taken. */
  async take(): Promise<readonly WatchEvent[] | undefined> {
    if (this.#events.length === 0 && !this.#isEnded) await new Promise<void>((resolve) => (this.#wake = resolve))
    if (this.#events.length === 0) return undefined
    let [count, bytes] = [0, 0]
    for (const event of this.#events) {
      if (count > 0 && (count >= takenMax || bytes + event.bytes > takenBytesMax)) break
      bytes += event.bytes
      count++
    }
    const taken = this.#events
    this.#events = taken.splice(count)
    this.#bytes -= bytes
    return taken
  }

  /** Lets the reader that waits go on. */
  wake(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
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
    this.wake()
  }

  [Symbol.dispose](): void {
    this.end()
  }

  #push(event: WatchEvent): void {
    this.#events.push(event)
    this.#bytes += event.bytes
    // The reader is told of the first; the others it finds.
    if (this.#wake !== undefined && this.#events.length === 1) this.#ready(this)
  }
}

/** A change as the event of a watch that selects everything. */
export function wholeEvent(change: Change, bytes = weightOf(change.object)): WatchEvent {
  const { type, revision, object } = change
  return { type, revision, object, change, bytes }
}

/** What a change is for a watch with a selector; undefined when it does not concern it. */
function selectedEvent(
  change: Change,
  selects: (object: KubeObject) => boolean,
  whole: WatchEvent,
): WatchEvent | undefined {
  const { type, revision, object, previous } = change
  const was = previous !== undefined && selects(previous)
  const is = type !== "DELETED" && selects(object)
  if (is) return { ...whole, type: was ? "MODIFIED" : "ADDED" }
  if (!was || previous === undefined) return undefined
  if (type === "DELETED") return whole
  // It left the selection: the old content, with the version that it left at.
  const last = { ...previous, metadata: { ...previous.metadata, resourceVersion: String(revision) } }
  return { ...whole, type: "DELETED", object: last, change: undefined }
}

/** All watches; changes go to those of their kind. */
export class Watchers {
  readonly #byPrefix = new Map<string, Set<Watcher>>()
  readonly #opened = new Changes()
  readonly #bounds: WatchBounds
  /** Those whose readers wait for a later turn. */
  readonly #late = new Set<Watcher>()
  readonly #told = new Changes()
  #toldNow = 0

  constructor(bounds: Partial<WatchBounds> = {}) {
    this.#bounds = { bufferMax: watchBufferMax, bytesMax: watchBytesMax, ...bounds }
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
    const watcher = new Watcher(options, this.#bounds, (ready) => this.#tellNowOrLater(ready))
    watcher.onEnd(() => watchers.delete(watcher))
    watchers.add(watcher)
    this.#opened.notify()
    return watcher
  }

  /** Offers a change to the watches of its kind. */
  tell(change: Change, weight?: number): void {
    const watchers = this.#byPrefix.get(change.prefix)
    if (watchers === undefined || watchers.size === 0) return
    const whole = wholeEvent(change, weight)
    for (const watcher of watchers) watcher.offer(change, whole)
  }

  #tellNowOrLater(watcher: Watcher): void {
    if (this.#toldNow >= toldPerTurn) {
      this.#late.add(watcher)
      return
    }
    if (this.#toldNow === 0) this.#told.notify()
    this.#toldNow++
    watcher.wake()
  }

  /**
   * Tells the watches that are many a few in each turn, as long as the scope lives: other requests are answered
   * between, and what is committed meanwhile goes out together.
   */
  takeTurns(scope: Scope, clock: Clock): void {
    scope.run("turns of watches", async (signal) => {
      for (;;) {
        while (this.#toldNow === 0) await this.#told.next(signal)
        await clock.turn()
        this.#toldNow = 0
        for (const watcher of this.#late) {
          if (this.#toldNow >= toldPerTurn) break
          this.#late.delete(watcher)
          this.#tellNowOrLater(watcher)
        }
      }
    })
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
