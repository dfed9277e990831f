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

const encodings = new WeakMap<Change, Map<string, string>>()

/** The body of a watch: one line per event, until the watch or the client ends. */
export function eventStream(watching: Watching, form: EventForm): ReadableStream<Uint8Array> {
  const { watcher, endsInitial, revision } = watching
  const utf8 = new TextEncoder()
  let [sent, isFirst, isMarked] = [0, true, !endsInitial]
  const encode = async (events: readonly WatchEvent[]): Promise<string> => {
    let lines = ""
    for (const event of events) {
      lines += await line(event, form, isFirst)
      isFirst = false
    }
    return lines
  }
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        if (sent < watching.initial.length) {
          const events = watching.initial.slice(sent, sent + chunkEvents)
          sent += events.length
          controller.enqueue(utf8.encode(await encode(events)))
          return
        }
        if (!isMarked) {
          isMarked = true
          controller.enqueue(utf8.encode(eventLine("BOOKMARK", form.bookmark(revision, true))))
          return
        }
        const events = await watcher.take()
        if (events === undefined) controller.close()
        else controller.enqueue(utf8.encode(await encode(events)))
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

async function line(event: WatchEvent, form: EventForm, isFirst: boolean): Promise<string> {
  const { type, object, change, revision } = event
  if (object === undefined) return eventLine(type, form.bookmark(revision, false))
  const key = `${type} ${isFirst ? "first " : ""}${form.name}`
  const known = change && encodings.get(change)?.get(key)
  if (known !== undefined) return known
  const [shown = object] = await served(form.resource, [object])
  const text = eventLine(type, form.show(shown, isFirst))
  if (change === undefined) return text
  const lines = encodings.get(change) ?? new Map<string, string>()
  encodings.set(change, lines.set(key, text))
  return text
}

/** One line of a watch. */
export function eventLine(type: string, object: unknown): string {
  return `${JSON.stringify({ type, object })}\n`
}
