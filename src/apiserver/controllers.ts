import {
  type Clock,
  Heap,
  type Logger,
  Lru,
  messageOf,
  ms,
  onAbort,
  type Random,
  rfc3339,
  type Scope,
  suffix,
  Turns,
} from "../base/mod.ts"
import type { Gvr, KubeObject } from "../kube/mod.ts"
import type { Api, ApiObjectRef, DeleteOptions } from "./api.ts"
import type { OwnedIndex } from "./owned.ts"
import { Refusal } from "./refusal.ts"
import type { Change } from "./storage.ts"

/** One write that a controller wants. */
export type Action =
  | { readonly do: "create"; readonly gvr: Gvr; readonly object: KubeObject; readonly orElse?: OrElse }
  | { readonly do: "update"; readonly gvr: Gvr; readonly object: KubeObject; readonly subresource?: string }
  | { readonly do: "delete"; readonly gvr: Gvr; readonly ref: ApiObjectRef; readonly options?: DeleteOptions }
  | { readonly do: "event"; readonly event: EventText }

/** What to write when something may not be made, and why; `isNews` is false while it goes on being so. */
export type OrElse = (why: string, isNews: boolean) => readonly Action[]

/** What is told about an object. */
export interface EventText {
  readonly about: KubeObject
  readonly type: "Normal" | "Warning"
  readonly reason: string
  readonly message: string
  readonly component: string
}

/** What one look at a key came to: writes in order, and when to look again if nothing changes before. */
export interface Pass {
  readonly actions: readonly Action[]
  readonly afterMs?: number | undefined
}

/** One of the server's own controllers. It reads and says what to write; it never writes itself. */
export interface ServerController {
  readonly name: string
  /** The field manager of its writes. */
  readonly manager: string
  /** The prefixes whose changes it wants; undefined: all. */
  readonly prefixes: readonly string[] | undefined
  /** Whom a change concerns. */
  keys(change: Change): readonly string[]
  /** Compares what is with what should be. Level-based: why it was asked does not matter. */
  look(key: string, nowMs: number): Pass
}

/** What the loops stand on. */
export interface ControllerDeps {
  readonly api: Api
  readonly owned: OwnedIndex
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
}

const retryFirstMs = 10
const retryMaxMs = 5_000

/**
 * Runs controllers until the scope stops: one loop each, one key at a time, so that a slow webhook holds up only one of
 * them. Everything that is stored already is told to each as an addition.
 */
export function runControllers(
  deps: ControllerDeps,
  controllers: readonly ServerController[],
  scope: Pick<Scope, "run" | "defer">,
): void {
  const { api, owned } = deps
  const own = { events: new EventWriter(deps), turns: new Turns(deps) }
  const loops = controllers.map((controller) => new Loop(controller, { ...deps, ...own }))
  const tell = (change: Change) => {
    owned.note(change)
    for (const loop of loops) loop.tell(change)
  }
  for (const change of storedNow(api)) tell(change)
  const listening = api.onChange(tell)
  scope.defer(() => listening[Symbol.dispose]())
  for (const loop of loops) scope.run(loop.name, (signal) => loop.run(signal))
}

function storedNow(api: Api): readonly Change[] {
  const own = api.resources().filter(({ gvr, storageVersion }) => gvr.version === storageVersion)
  const byPrefix = new Map(own.map((resource) => [resource.prefix, resource]))
  return [...byPrefix.values()].flatMap(({ gvr, prefix }) =>
    api.list(gvr).map((object): Change => {
      const { namespace = "", name = "", resourceVersion } = object.metadata
      const revision = Number(resourceVersion)
      return { type: "ADDED", prefix, namespace, name, revision, object, previous: undefined }
    }),
  )
}

interface LoopDeps extends ControllerDeps {
  readonly events: EventWriter
  /** Requests are answered between the writes of a controller that has many. */
  readonly turns: Turns
}

/** The queue and the worker of one controller. */
class Loop {
  readonly name: string
  readonly #controller: ServerController
  readonly #deps: LoopDeps
  readonly #prefixes: ReadonlySet<string> | undefined
  readonly #ready = new Set<string>()
  readonly #due = new Map<string, number>()
  /** The same, the soonest first, and times that hold no more. */
  readonly #times = new Heap<Due>((a, b) => a.atMs < b.atMs || (a.atMs === b.atMs && a.turn < b.turn))
  readonly #failures = new Map<string, number>()
  #asked = 0
  #wake: (() => void) | undefined

  constructor(controller: ServerController, deps: LoopDeps) {
    this.name = controller.name
    this.#controller = controller
    this.#deps = deps
    this.#prefixes = controller.prefixes && new Set(controller.prefixes)
  }

  tell(change: Change): void {
    if (this.#prefixes !== undefined && !this.#prefixes.has(change.prefix)) return
    for (const key of this.#controller.keys(change)) this.#ready.add(key)
    if (this.#ready.size > 0) this.#wake?.()
  }

  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted()
      const key = this.#take()
      if (key === undefined) await this.#idle(signal)
      else await this.#work(key, signal)
    }
  }

  #take(): string | undefined {
    const nowMs = this.#deps.clock.nowMs()
    for (let due = this.#soonest(); due !== undefined && due.atMs <= nowMs; due = this.#soonest()) {
      this.#times.pop()
      this.#ready.add(due.key)
    }
    const [key] = this.#ready
    if (key === undefined) return undefined
    this.#ready.delete(key)
    this.#due.delete(key)
    return key
  }

  #soonest(): Due | undefined {
    for (let due = this.#times.peek(); due !== undefined; due = this.#times.peek()) {
      if (this.#due.get(due.key) === due.atMs) return due
      this.#times.pop()
    }
    return undefined
  }

  #again(key: string, afterMs: number): void {
    const atMs = this.#deps.clock.nowMs() + afterMs
    this.#due.set(key, atMs)
    this.#times.push({ key, atMs, turn: this.#asked++ })
  }

  async #idle(signal: AbortSignal): Promise<void> {
    const waking = new AbortController()
    using _ = onAbort(signal, (reason) => waking.abort(reason))
    this.#wake = () => waking.abort(woken)
    const { clock } = this.#deps
    const soonest = this.#soonest()
    const waitMs = soonest === undefined ? dayMs : Math.max(0, soonest.atMs - clock.nowMs())
    try {
      await clock.sleep(ms(waitMs), waking.signal)
    } catch (error) {
      if (error !== woken) throw error
    } finally {
      this.#wake = undefined
    }
  }

  async #work(key: string, signal: AbortSignal): Promise<void> {
    const { clock, log, turns } = this.#deps
    const failures = this.#failures.get(key) ?? 0
    let isSaid = false
    try {
      const { actions, afterMs } = this.#controller.look(key, clock.nowMs())
      for (const action of actions) {
        await turns.next(this.name)
        if (signal.aborted) return
        try {
          await this.#act(action)
        } catch (error) {
          if (action.do !== "create" || action.orElse === undefined || !isRefused(error)) throw error
          isSaid = true
          for (const instead of action.orElse(error.message, failures === 0)) await this.#act(instead)
          throw error
        }
      }
      this.#failures.delete(key)
      if (afterMs !== undefined) this.#again(key, afterMs)
    } catch (error) {
      this.#failures.set(key, failures + 1)
      this.#again(key, Math.min(retryFirstMs * 2 ** failures, retryMaxMs))
      // Somebody else was faster: look again. Everything else is said once per streak.
      const isRace = error instanceof Refusal && (error.code === 409 || error.code === 404)
      if (!isRace && !isSaid && failures === 0)
        log.warn("a controller of the server could not write", said(this.name, key, error))
    }
  }

  async #act(action: Action): Promise<void> {
    const { api, events } = this.#deps
    const { manager } = this.#controller
    switch (action.do) {
      case "create":
        await api.create(action.gvr, action.object, { manager })
        return
      case "update": {
        const { subresource } = action
        await api.update(action.gvr, action.object, subresource === undefined ? { manager } : { manager, subresource })
        return
      }
      case "delete":
        await api.delete(action.gvr, action.ref, action.options)
        return
      case "event":
        await events.write(action.event)
    }
  }
}

function isRefused(error: unknown): error is Refusal {
  return error instanceof Refusal && (error.code === 403 || error.code === 422)
}

interface Due {
  readonly key: string
  readonly atMs: number
  /** Of those of one moment the first that asked is the first. */
  readonly turn: number
}

const dayMs = 86_400_000
const woken = new Error("there is work")

function said(controller: string, key: string, error: unknown): Readonly<Record<string, unknown>> {
  return { controller, key, error: messageOf(error) }
}

const eventsGvr: Gvr = { group: "", version: "v1", resource: "events" }
const eventsRemembered = 1_000

/** Writes core Events; the same news about the same object again counts up. */
class EventWriter {
  readonly #deps: ControllerDeps
  readonly #written = new Lru<string, ApiObjectRef>(eventsRemembered)

  constructor(deps: ControllerDeps) {
    this.#deps = deps
  }

  /** Best effort: an Event that is refused (its namespace is going) is no failure. */
  async write(text: EventText): Promise<void> {
    const { api } = this.#deps
    const { metadata } = text.about
    const key = `${metadata.uid} ${text.type} ${text.reason} ${text.message}`
    const known = this.#written.get(key)
    const before = known && api.get(eventsGvr, known)
    const options = { manager: text.component }
    try {
      if (before) await api.update(eventsGvr, this.#again(before), options)
      else {
        const made = await api.create(eventsGvr, this.#first(text), options)
        this.#written.set(key, { namespace: made.metadata.namespace ?? "", name: made.metadata.name ?? "" })
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
    }
  }

  #first({ about, type, reason, message, component }: EventText): KubeObject {
    const { apiVersion, kind, metadata } = about
    const { name = "", namespace, uid, resourceVersion } = metadata
    const now = rfc3339(this.#deps.clock.nowMs())
    return {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: `${name}.${suffix(this.#deps.random, 16)}`, namespace: namespace ?? "default" },
      involvedObject: { apiVersion, kind, name, ...(namespace ? { namespace } : {}), uid, resourceVersion },
      ...{ type, reason, message, count: 1, firstTimestamp: now, lastTimestamp: now, eventTime: null },
      ...{ source: { component }, reportingComponent: component, reportingInstance: "" },
    }
  }

  #again(before: KubeObject): KubeObject {
    const count = typeof before["count"] === "number" ? before["count"] : 1
    return { ...before, count: count + 1, lastTimestamp: rfc3339(this.#deps.clock.nowMs()) }
  }
}
