import type { KubeObject } from "../../kube/mod.ts"
import { served } from "../core.ts"
import type { Resource } from "../resource.ts"
import type { Change } from "../storage.ts"
import type { Watching } from "../verbs/watch.ts"
import type { WatchEvent } from "../watchers.ts"

/** Initial events that are written in one piece. */
const chunkEvents = 256

/** How the events of a watch become lines. */
export interface EventForm {
  /** What encodings are shared by: two watches with the same name write the same bytes. */
  readonly name: string
  readonly resource: Resource
  /** The object of an event as it is written; `isFirst` for the first event of the watch. */
  readonly show: (object: KubeObject, isFirst: boolean) => unknown
  /** The object of a bookmark. */
  readonly bookmark: (revision: number, endsInitial: boolean) => unknown
}

const utf8 = new TextEncoder()
const encodings = new WeakMap<Change, Map<string, Uint8Array>>()

/** The body of a watch: one line per event, until the watch or the client ends. */
export function eventStream(watching: Watching, form: EventForm): ReadableStream<Uint8Array> {
  const { watcher, endsInitial, revision } = watching
  let [sent, isFirst, isMarked] = [0, true, !endsInitial]
  // The status line goes out with the first byte: a watch that has nothing to tell begins with an empty line.
  let isQuiet = watching.initial.length === 0 && !endsInitial
  const encode = async (events: readonly WatchEvent[]): Promise<Uint8Array> => {
    const lines: Uint8Array[] = []
    for (const event of events) {
      lines.push(await line(event, form, isFirst))
      isFirst = false
    }
    return lines.length === 1 && lines[0] !== undefined ? lines[0] : Buffer.concat(lines)
  }
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        if (sent < watching.initial.length) {
          const events = watching.initial.slice(sent, sent + chunkEvents)
          sent += events.length
          controller.enqueue(await encode(events))
          return
        }
        if (!isMarked) {
          isMarked = true
          controller.enqueue(utf8.encode(eventLine("BOOKMARK", form.bookmark(revision, true))))
          return
        }
        if (isQuiet && !watcher.hasEvents) {
          isQuiet = false
          controller.enqueue(utf8.encode("\n"))
          return
        }
        isQuiet = false
        const events = await watcher.take()
        if (events === undefined) controller.close()
        else controller.enqueue(await encode(events))
      } catch {
        // A conversion failed: the client lists again and is told why there.
        watcher.end()
        controller.close()
      }
    },
    cancel() {
      watcher.end()
    },
  })
}

async function line(event: WatchEvent, form: EventForm, isFirst: boolean): Promise<Uint8Array> {
  const { type, object, change, revision } = event
  if (object === undefined) return utf8.encode(eventLine(type, form.bookmark(revision, false)))
  const key = `${type} ${isFirst ? "first " : ""}${form.name}`
  const known = change && encodings.get(change)?.get(key)
  if (known !== undefined) return known
  const [shown = object] = await served(form.resource, [object])
  const bytes = utf8.encode(eventLine(type, form.show(shown, isFirst)))
  if (change === undefined) return bytes
  const lines = encodings.get(change) ?? new Map<string, Uint8Array>()
  encodings.set(change, lines.set(key, bytes))
  return bytes
}

/** One line of a watch. */
export function eventLine(type: string, object: unknown): string {
  return `${JSON.stringify({ type, object })}\n`
}
