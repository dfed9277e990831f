import { apiVersionOf, type KubeObject } from "../../kube/mod.ts"
import { servedOne } from "../core.ts"
import { Refusal } from "../refusal.ts"
import type { Resource } from "../resource.ts"
import type { Watching } from "../verbs/watch.ts"
import type { WatchEvent } from "../watchers.ts"
import type { EventLines } from "./event-lines.ts"
import { statusOf } from "./reply.ts"

/** Initial events that are written in one piece. */
const chunkEvents = 256

/** How the events of a watch become lines. */
export interface EventForm {
  /** What encodings are shared by: two watches with the same name write the same bytes. */
  readonly name: string
  readonly resource: Resource
  readonly lines: EventLines
  /** Lets others go first. */
  readonly turn: () => Promise<void>
  /** Whether the first event of a watch looks different. */
  readonly beginsApart: boolean
  /** The object of an event as it is written; `isFirst` for the first event of the watch. */
  readonly show: (object: KubeObject, isFirst: boolean) => unknown
  /** The object of a bookmark. */
  readonly bookmark: (revision: number, endsInitial: boolean) => unknown
}

const utf8 = new TextEncoder()

/** The body of a watch: one line per event, until the watch or the client ends. */
export function eventStream(watching: Watching, form: EventForm): ReadableStream<Uint8Array> {
  const { watcher } = watching
  const chunks = chunksOf(watching, form)
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await chunks.next()
        if (done) controller.close()
        else controller.enqueue(value)
      } catch (error) {
        // A conversion failed: the client is told, and lists again.
        watcher.end()
        if (error instanceof Refusal) controller.enqueue(utf8.encode(eventLine("ERROR", statusOf(error))))
        controller.close()
      }
    },
    cancel() {
      watcher.end()
    },
  })
}

async function* chunksOf(
  { watcher, initial, endsInitial, revision }: Watching,
  form: EventForm,
): AsyncGenerator<Uint8Array, void> {
  let isFirst = true
  for (let sent = 0; sent < initial.length; sent += chunkEvents) {
    if (sent > 0) await form.turn()
    yield await encoded(await readable(initial.slice(sent, sent + chunkEvents), form), form, isFirst)
    isFirst = false
  }
  if (endsInitial) yield utf8.encode(eventLine("BOOKMARK", form.bookmark(revision, true)))
  // The status line goes out with the first byte: a watch that has nothing to tell begins with an empty line.
  else if (initial.length === 0 && !watcher.hasEvents) yield utf8.encode("\n")
  for (;;) {
    const events = await watcher.take()
    if (events === undefined) return
    yield await encoded(events, form, isFirst)
    isFirst = false
  }
}

// What is there and cannot be converted is left out, as in a real server; a list says why.
async function readable(objects: readonly KubeObject[], { resource }: EventForm): Promise<readonly WatchEvent[]> {
  const shown = async (object: KubeObject) => {
    try {
      return [await servedOne(resource, object)]
    } catch (error) {
      if (error instanceof Refusal) return []
      throw error
    }
  }
  const isServed = objects.every(({ apiVersion }) => apiVersion === apiVersionOf(resource.gvr))
  const all = isServed ? objects : (await Promise.all(objects.map(shown))).flat()
  return all.map(addition)
}

function addition(object: KubeObject): WatchEvent {
  return { type: "ADDED", revision: 0, object, change: undefined, bytes: 0 }
}

async function encoded(events: readonly WatchEvent[], form: EventForm, isFirst: boolean): Promise<Uint8Array> {
  const lines: Uint8Array[] = []
  for (const [index, event] of events.entries()) {
    const name = nameOf(event, form, isFirst && index === 0)
    const known = event.change && form.lines.get(event.change, name)
    lines.push(known ?? (await newLine(event, form, { name, isFirst: isFirst && index === 0 })))
  }
  return lines.length === 1 && lines[0] !== undefined ? lines[0] : Buffer.concat(lines)
}

function nameOf({ type }: WatchEvent, { name, beginsApart }: EventForm, isFirst: boolean): string {
  return isFirst && beginsApart ? `${type} first ${name}` : `${type} ${name}`
}

async function newLine(
  { type, object, change, revision }: WatchEvent,
  form: EventForm,
  { name, isFirst }: { readonly name: string; readonly isFirst: boolean },
): Promise<Uint8Array> {
  if (object === undefined) return utf8.encode(eventLine(type, form.bookmark(revision, false)))
  const isServed = object.apiVersion === apiVersionOf(form.resource.gvr)
  const shown = isServed ? object : await servedOne(form.resource, object)
  const line = utf8.encode(eventLine(type, form.show(shown, isFirst)))
  if (change !== undefined) form.lines.set(change, name, line)
  return line
}

/** One line of a watch. */
export function eventLine(type: string, object: unknown): string {
  return `${JSON.stringify({ type, object })}\n`
}
